"""``python -m benchmarks.dispatch_pglib [NAME ...] [--gap 1e-3] [--seconds 600] [--json]``: PGLib-UC against the best known.

Instances are named as in the folder of the library (``rts_gmlc/2020-01-27``); without names all five shared ones run, one
after the other, each on one thread. Passed is an instance whose cost lies at most 0.1 % above the best known one, whose own
bound does not exceed that cost, whose own gap is at most 1e-3, and whose schedule an evaluator of the JSON alone prices
the same and finds without fault.
"""

from __future__ import annotations

import json
import sys

from benchmarks.dispatch import data_folder, option
from tamna.errors import TamnaError
from tamna.runs.pglib import pglib

BEST_KNOWN = {
    "rts_gmlc/2020-01-27": 1_227_311.9,
    "rts_gmlc/2020-02-09": 2_167_254.4,
    "rts_gmlc/2020-06-09": 3_723_137.6,
    "ca/2014-09-01_reserves_0": 48_245.0,
    "ca/2014-09-01_reserves_3": 48_408.9,
}
"""Costs found by UnitCommitment.jl at gap 0.1 %."""
WITHIN = 1.001


def judged(name: str, gap: float, seconds: float) -> dict:
    path = data_folder() / "pglib_uc" / f"{name}.json"
    try:
        told = pglib(path, gap=gap, time_limit_s=seconds)
    except TamnaError as error:
        return {"instance": name, "passed": False, "error": str(error)}
    known = BEST_KNOWN.get(name)
    passed = None
    if known is not None:
        passed = bool(told["objective"] <= known * WITHIN and told["bound"] <= known and told["gap"] <= 1e-3)
    over = None if known is None else told["objective"] / known - 1
    return {**told, "instance": name, "best_known": known, "over_best_known": over, "passed": passed}


def main() -> None:
    names = [a for a in sys.argv[1:] if "/" in a] or list(BEST_KNOWN)
    done = [judged(n, float(option("--gap", "1e-3")), float(option("--seconds", "600"))) for n in names]
    if "--json" in sys.argv:
        print(json.dumps(done, indent=1))
        return
    for one in done:
        print({k: round(v, 6) if isinstance(v, float) else v for k, v in one.items()})


if __name__ == "__main__":
    main()
