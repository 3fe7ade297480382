"""``python -m benchmarks.coverage [--json] [--seed N]``: planted breaks found, and nothing found where none is.

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
import tempfile
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.jeju import data_folder
from tamna.errors import TamnaError
from tamna.grid.clock import KOREA, parse_period
from tamna.physics.breaks import LEAST_SHARE, Break, Coverage, find_breaks
from tamna.physics.coverage import estimate_missing
from tamna.physics.places import families, places_in
from tamna.physics.shape import judging_hours, pv_basis, sun_at, wind_basis
from tamna.physics.steps import YARDSTICK
from tamna.physics.weather import Place
from tamna.series.quality.track import day_text
from tamna.series.store import Store
from tamna.sources.reading import read_paths
from tamna.sources.synthetic import typical_year

if TYPE_CHECKING:
    from pathlib import Path

LOSSES = (0.3, 0.6, 0.9, -0.5)
MADE_SEEDS, REAL_ROUNDS = 5, 2
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
    sun = sun_at({"made": place}, stamps)
    tables = {"wind": wind_basis({"made": place}), "pv": pv_basis({"made": place}, sun)}
    return [
        Case(f"made {k}", table, stamps, blocks[f"jeju/{k}"].value, judging_hours(k, sun))
        for k, table in tables.items()
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
        for kind, spoiled in (
            ("nothing", case),
            ("calm", calm_month(case, rng)),
            ("outage", outage(case, rng)),
        ):
            found = spoiled.found()
            alarms.append((case.name, kind, 0 if found is None else len(found.breaks)))
    return {"planted": _planted(hits), "false_alarms": _alarms(hits, alarms)}


def _matched(case: Case, day: int, ramp: int, loss: float) -> tuple[bool, float, float, bool, int, float]:
    """Found or not, day error (of the middle), size error over size, whether the interval holds it, others, score."""
    breaks = case.found().breaks
    middle = case.stamps[24 * day] + np.timedelta64(12 * ramp * 3600, "s")
    off = [float((b.middle - middle) / np.timedelta64(1, "D")) for b in breaks]
    near = [i for i, o in enumerate(off) if abs(o) <= NEAR_DAYS]
    if not near:
        return False, np.nan, np.nan, False, len(breaks), np.nan
    i = min(near, key=lambda i: abs(off[i]))
    b = breaks[i]
    return True, off[i], (b.share - loss) / abs(loss), b.low <= loss <= b.high, len(breaks) - 1, _beyond(b)


def _beyond(b: Break) -> float:
    """Give what `breaks.SCORE` is held against: standard errors by which a break is larger than a tenth."""
    size = abs(np.log1p(-min(b.share, 0.999)))
    return float((size + np.log1p(-LEAST_SHARE)) / np.hypot(size / b.score, YARDSTICK))


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
                "score_least": round(min(r[7] for r in seen), 1) if seen else None,
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


def real(folder: Path) -> tuple[list[Case], dict]:
    """Give the settled hours of 2022 and 2023, and what is found in all of them beside KPX's real-time."""
    with tempfile.TemporaryDirectory() as scratch:
        store = Store.open(scratch)
        files = read_paths([folder / f for f in ("kpx/generation", "kma", "oibc2024")])
        store.ingest(r for _p, r in files if not isinstance(r, TamnaError))
        period = parse_period("2022-01-01", "2024-08-31", KOREA)
        stamps = period.stamps()
        places = places_in(store, families(store, "jeju")["asos"], period)
        sun = sun_at(places, stamps)
        tables = {"wind": wind_basis(places), "pv": pv_basis(places, sun)}
        settled = {k: store.hours(f"jeju/{k}@kpx_settled", period).value for k in tables}
        wind, both = (store.hours(f"jeju/{k}@kpx_realtime", period).value for k in ("wind", "renewables"))
    cases, found = [], {}
    two_years, calm_past = stamps < np.datetime64("2023-12-31T15"), stamps < np.datetime64("2024-05-31T15")
    for kind, seen in (("wind", wind), ("pv", both - wind)):
        whole = Case(f"real {kind}", tables[kind], stamps, settled[kind], judging_hours(kind, sun))
        cases.append(_until(whole, two_years))
        after = ~calm_past & ~np.isnan(seen)
        before = calm_past & ~np.isnan(seen + whole.measured)
        missing = estimate_missing(whole.found())
        gone = np.polyval(np.polyfit(seen[before], whole.measured[before], 1), seen) - whole.measured
        slopes = [np.polyfit(seen[p], whole.measured[p], 1)[0] for p in (before, after)]
        found[kind] = {
            "breaks": [_plain(b) for b in whole.found().breaks],
            "to 2024-05-31": [_plain(b) for b in _until(whole, calm_past).found().breaks],
            "largest score to 2024-05-31": _largest(_until(whole, calm_past)),
            "witness_share": round(1 - slopes[1] / slopes[0], 3),
            "witness_missing_gwh": round(float(gone[after].sum()) / 1e3, 1),
            "missing_gwh": [round(e / 1e3, 1) for e in missing.energy_mwh()],
        }
    return cases, found


def _until(case: Case, pick: np.ndarray) -> Case:
    return Case(case.name, case.basis[pick], case.stamps[pick], case.measured[pick], case.use[pick])


def _largest(case: Case) -> float | None:
    found = find_breaks(case.basis, case.stamps, case.measured, case.use, score=0.0)
    return max((round(_beyond(b), 1) for b in found.breaks), default=None)


def _plain(b: Break) -> dict:
    return {
        "day": day_text(b.start),
        "between": [day_text(b.earliest), day_text(b.latest)],
        "share": [round(v, 3) for v in (b.low, b.share, b.high)],
        "mw": [round(v) for v in (b.mw_low, b.mw, b.mw_high)],
        "score": round(b.score, 1),
    }


def main() -> None:
    start = time.perf_counter()
    first = int(sys.argv[sys.argv.index("--seed") + 1]) if "--seed" in sys.argv else 0
    rng = np.random.default_rng(20240601 + first)
    cases = [case for seed in range(first, first + MADE_SEEDS) for case in made(seed)]
    folder = data_folder()
    jeju = {}
    if (folder / "README.md").exists():
        known, jeju = real(folder)
        cases += known * REAL_ROUNDS
    result = score(cases, rng) | {"jeju": jeju}
    result["seconds"] = round(time.perf_counter() - start, 1)
    result["cpu_seconds"] = round(time.process_time(), 1)
    if "--json" in sys.argv:
        print(json.dumps(result, indent=1))
        return
    for part in ("planted", "false_alarms"):
        for name, scores in result[part].items():
            print(f"{part}: {name:28}", scores)
    for name, scores in jeju.items():
        for what, value in scores.items():
            print(f"jeju {name}, {what}:", value)
    print(f"{result['seconds']} s, {result['cpu_seconds']} s of it on the processor")


if __name__ == "__main__":
    main()
