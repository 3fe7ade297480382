"""``python -m benchmarks.dispatch_pglib [NAME ...] [--gap 1e-3] [--seconds 600] [--model NAME] [--json]``: PGLib-UC.

Instances are named as in the folder of the library (``rts_gmlc/2020-01-27``) or by their file (``.json``); without names all
five shared ones run, one after the other. Passed is an instance whose cost lies at most 0.1 % above the best known one, whose own
bound does not exceed that cost, whose own gap is at most 1e-3, and whose schedule an evaluator of the JSON alone prices
the same and finds without fault. ``keeps`` names the rules that it is evaluated by: MODEL.pdf's where a schedule that keeps
them is found within the gap of a bound that holds for both, else those of the program that the best known costs are of;
``--model`` forces one (docs/decisions/0008).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from benchmarks.dispatch import data_folder, option
from tamna.errors import TamnaError
from tamna.runs.pglib import pglib

if TYPE_CHECKING:
    from tamna.dispatch.pglib import Model

SHARED = (
    "rts_gmlc/2020-01-27", "rts_gmlc/2020-02-09", "rts_gmlc/2020-06-09",
    "ca/2014-09-01_reserves_0", "ca/2014-09-01_reserves_3",
)  # fmt: skip
BEST_KNOWN = {
    "rts_gmlc/2020-01-27": 1_227_311.9,
    "rts_gmlc/2020-02-09": 2_167_254.4,
    "rts_gmlc/2020-03-05": 2_506_280.3,
    "rts_gmlc/2020-04-03": 2_039_568.2,
    "rts_gmlc/2020-05-05": 2_431_155.8,
    "rts_gmlc/2020-06-09": 3_723_137.6,
    "rts_gmlc/2020-07-06": 3_729_149.5,
    "rts_gmlc/2020-08-12": 5_059_960.1,
    "rts_gmlc/2020-09-20": 2_957_904.5,
    "rts_gmlc/2020-10-27": 1_789_100.6,
    "rts_gmlc/2020-11-25": 960_781.6,
    "rts_gmlc/2020-12-23": 2_706_941.4,
    "ca/2014-09-01_reserves_0": 48_245.0,
    "ca/2014-09-01_reserves_3": 48_408.9,
}
"""Lowest costs that UnitCommitment.jl found at gap 0.1 % (its benchmark/tables/reference.csv, commit 88621cd)."""
WITHIN = 1.001


def judged(name: str, gap: float, seconds: float, model: Model) -> dict:
    path = Path(name) if name.endswith(".json") else data_folder() / "pglib_uc" / f"{name}.json"
    name = f"{path.parent.name}/{path.stem}"
    try:
        told = pglib(path, gap=gap, time_limit_s=seconds, model=model)
    except TamnaError as error:
        return {"instance": name, "passed": False, "error": str(error)}
    known = BEST_KNOWN.get(name)
    passed = None
    if known is not None:
        passed = bool(told["objective"] <= known * WITHIN and told["bound"] <= known and told["gap"] <= 1e-3)
    over = None if known is None else told["objective"] / known - 1
    return {**told, "instance": name, "best_known": known, "over_best_known": over, "passed": passed}


def main() -> None:
    names = [a for a in sys.argv[1:] if "/" in a] or list(SHARED)
    gap, seconds = float(option("--gap", "1e-3")), float(option("--seconds", "600"))
    model = cast("Model", option("--model", "either"))
    done = [judged(n, gap, seconds, model) for n in names]
    if "--json" in sys.argv:
        print(json.dumps(done, indent=1))
        return
    for one in done:
        print({k: round(v, 6) if isinstance(v, float) else v for k, v in one.items()})


if __name__ == "__main__":
    main()
