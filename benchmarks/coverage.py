"""``python -m benchmarks.coverage [--json]``: planted breaks found, and nothing found where none is.

Cases, dealt by a seed: made-up years (`tamna.sources.synthetic`, wind and PV, each with its own weather and
with its curtailment left in) and, where the shared data are there, the settled hours of Jeju of 2022 and 2023.
Planted: 30, 60 or 90 % of the fleet leave, or half of a fleet joins, from a random day on (30 days from an
edge at least), at once or over 10 days. Left alone or made hard: nothing; a calm month (its hours, weather
and output alike, stand in for those of a windy one); 30 % of the fleet out of service for 10 days.
The real months to 2024-08 stand beside them, with KPX's real-time wind and renewables as witness.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.jeju import data_folder
from tamna.physics.breaks import Coverage, find_breaks
from tamna.physics.shape import pv_basis, wind_basis
from tamna.physics.weather import Place
from tamna.sources.synthetic import typical_year

LOSSES = (0.3, 0.6, 0.9, -0.5)
MADE_SEEDS, REAL_ROUNDS = 2, 2
MARGIN_DAYS = 30
NEAR_DAYS = 15


@dataclass(frozen=True)
class Case:
    name: str
    basis: np.ndarray
    stamps: np.ndarray
    measured: np.ndarray
    use: np.ndarray

    def found(self) -> Coverage:
        return find_breaks(self.basis, self.stamps, self.measured, self.use)

    @property
    def days(self) -> int:
        return len(self.stamps) // 24


def made(seed: int) -> list[Case]:
    blocks = {b.series: b for b in typical_year(seed=seed, year=2023).blocks}
    stamps = blocks["jeju/wind"].valid_at
    none = np.full(len(stamps), np.nan)
    place = Place(
        latitude=33.4, longitude=126.53, speed=blocks["synthetic/jeju/wind_speed"].value, direction=none,
        temperature=blocks["synthetic/jeju/temperature"].value, humidity=none, pressure=none, cloud=none,
        radiation=blocks["synthetic/jeju/radiation"].value,
    )  # fmt: skip
    sunny, up = pv_basis({"made": place}, stamps)
    return [
        Case("made wind", wind_basis({"made": place}), stamps, blocks["jeju/wind"].value, ~up),
        Case("made pv", sunny, stamps, blocks["jeju/pv"].value, up),
    ]


def plant(case: Case, day: int, loss: float, ramp: int) -> Case:
    """Let `loss` of the fleet leave from `day` on; a negative loss joins: the fleet before is the smaller one."""
    rise = np.clip((np.arange(len(case.stamps)) // 24 - day + 1) / (ramp + 1), 0, 1)
    seen = 1 - loss * rise if loss > 0 else (1 - loss * rise) / (1 - loss)
    return replace(case, measured=case.measured * seen)


def calm_month(case: Case, rng: np.random.Generator) -> Case:
    """Give a month the weather and the output of the calmest (or darkest) days within 45 days of it."""
    first = int(rng.integers(45, case.days - 75))
    near = np.arange(first - 45, first + 75)
    calm = near[np.argsort([np.nansum(case.measured[24 * d : 24 * d + 24]) for d in near])[:10]]
    hours = np.concatenate([24 * d + np.arange(24) for d in rng.choice(calm, 30)])
    at = slice(24 * first, 24 * (first + 30))
    basis, measured = case.basis.copy(), case.measured.copy()
    basis[at], measured[at] = case.basis[hours], case.measured[hours]
    return replace(case, basis=basis, measured=measured)


def outage(case: Case, rng: np.random.Generator) -> Case:
    first = int(rng.integers(30, case.days - 40))
    measured = case.measured.copy()
    measured[24 * first : 24 * (first + 10)] *= 0.7
    return replace(case, measured=measured)


def score(cases: list[Case], rng: np.random.Generator) -> dict:
    hits, alarms = [], []
    for case in cases:
        for loss in LOSSES:
            day, ramp = int(rng.integers(MARGIN_DAYS, case.days - MARGIN_DAYS)), int(rng.choice([0, 10]))
            hits.append((case.name, loss, *_matched(plant(case, day, loss, ramp), day, ramp, loss)))
        for kind, spoiled in (("nothing", case), ("calm", calm_month(case, rng)), ("outage", outage(case, rng))):
            found = spoiled.found()
            alarms.append((case.name, kind, 0 if found is None else len(found.breaks)))
    return {"planted": _planted(hits), "false_alarms": _alarms(hits, alarms)}


def _matched(case: Case, day: int, ramp: int, loss: float) -> tuple[bool, float, float, bool, int]:
    """Found or not, day error (of the middle), size error over size, whether the interval holds it, others."""
    breaks = case.found().breaks
    middle = case.stamps[24 * day] + np.timedelta64(12 * ramp * 3600, "s")
    off = [float((b.middle - middle) / np.timedelta64(1, "D")) for b in breaks]
    near = [i for i, o in enumerate(off) if abs(o) <= NEAR_DAYS]
    if not near:
        return False, np.nan, np.nan, False, len(breaks)
    i = min(near, key=lambda i: abs(off[i]))
    b = breaks[i]
    return True, off[i], (b.share - loss) / abs(loss), b.low <= loss <= b.high, len(breaks) - 1


def _planted(hits: list) -> dict:
    out = {}
    for name in sorted({h[0] for h in hits}):
        for loss in LOSSES:
            rows = [h for h in hits if h[:2] == (name, loss)]
            seen = [r for r in rows if r[2]]
            off, size = np.abs([r[3] for r in seen]), np.abs([r[4] for r in seen])
            out[f"{name}, {'joins' if loss < 0 else 'leaves'} {abs(loss):.0%}"] = {
                "cases": len(rows),
                "found": len(seen),
                "days_off_median": round(float(np.median(off)), 1) if seen else None,
                "days_off_worst": round(float(off.max()), 1) if seen else None,
                "size_error_median": round(float(np.median(size)), 3) if seen else None,
                "inside_90": sum(r[5] for r in seen),
            }
    return out


def _alarms(hits: list, alarms: list) -> dict:
    out = {}
    for name in sorted({a[0] for a in alarms}):
        for kind in ("nothing", "calm", "outage"):
            rows = [a[2] for a in alarms if a[:2] == (name, kind)]
            out[f"{name}, {kind}"] = {"cases": len(rows), "alarms": sum(rows)}
        beside = [h[6] for h in hits if h[0] == name]
        out[f"{name}, beside a planted break"] = {"cases": len(beside), "alarms": sum(beside)}
    return out


def real_cases() -> tuple[list[Case], dict]:
    from tamna.physics.coverage import fleets_of
    from tamna.sources.reading import read_paths
    ...


def main() -> None:
    start = time.perf_counter()
    rng = np.random.default_rng(20240601)
    cases = [case for seed in range(MADE_SEEDS) for case in made(seed)]
    result = score(cases, rng)
    result["seconds"] = round(time.perf_counter() - start, 1)
    if "--json" in sys.argv:
        print(json.dumps(result, indent=1))
        return
    for part in ("planted", "false_alarms"):
        for name, scores in result[part].items():
            print(f"{part}: {name:28}", scores)
    print(f"{result['seconds']} s")


if __name__ == "__main__":
    main()
