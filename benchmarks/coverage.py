"""``python -m benchmarks.coverage [--json] [--seed N]``: planted breaks found, and nothing found where none is.

Cases, dealt by a seed: made-up years (`tamna.sources.synthetic`, wind and PV, each with its own weather and
with its curtailment left in) and, where the shared data are there, the settled hours of Jeju of 2022 and 2023.
Planted: 30, 60 or 90 % of the fleet leave, or half of a fleet joins, from a random day on (30 days from an
edge at least), at once or over 10 days. Left alone or made hard: nothing; a calm month (its hours, weather
and output alike, stand in for those of a windy one); 30 % of the fleet out of service for 10 days.
Of each planted break three things are told apart: an alarm of its direction is raised (`told`); its middle lies
within 15 days (`dated`); the stated 90 % interval of its start holds the planted day (`day_inside_90`), as that of its
size holds the planted size. The real months to 2024-08 stand beside them, with KPX's real-time wind and renewables as witness.
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
from tamna.grid.clock import DAY, KOREA, parse_period
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


@dataclass(frozen=True)
class Hit:
    """What became of one planted break: the nearest alarm of its direction, if any; `others` beside it."""

    name: str
    loss: float
    day: int
    ramp: int
    others: int
    told: bool = False
    days_off: float = np.nan  # of the middle
    held: bool = False  # the 90 % interval of its start holds the planted day
    days_wide: float = np.nan
    size_error: float = np.nan  # over the size
    size_held: bool = False
    beyond: float = np.nan

    @property
    def dated(self) -> bool:
        return self.told and abs(self.days_off) <= NEAR_DAYS


def score(cases: list[Case], rng: np.random.Generator) -> dict:
    hits, alarms = [], []
    for case in cases:
        planted = []
        for loss in LOSSES:
            day, ramp = int(rng.integers(MARGIN_DAYS, case.days - MARGIN_DAYS)), int(rng.choice([0, 10]))
            planted.append(_matched(case, day, ramp, loss))
        for kind, spoiled in (
            ("nothing", case),
            ("calm", calm_month(case, rng)),
            ("outage", outage(case, rng)),
        ):
            found = spoiled.found()
            alarms.append((case.name, kind, 0 if found is None else len(found.breaks)))
        hits += planted
    return {"planted": _planted(hits), "all planted": _summed(hits), "false_alarms": _alarms(hits, alarms)}


def _matched(case: Case, day: int, ramp: int, loss: float) -> Hit:
    """Plant one break; an alarm is of it by its direction alone, for without it these cases raise none."""
    breaks = plant(case, day, loss, ramp).found().breaks
    at = case.stamps[24 * day]
    off = [float((b.middle - at) / DAY) - ramp / 2 for b in breaks]
    same = [i for i, b in enumerate(breaks) if b.share * loss > 0]
    if not same:
        return Hit(case.name, loss, day, ramp, len(breaks))
    i = min(same, key=lambda i: abs(off[i]))
    b = breaks[i]
    return Hit(
        case.name, loss, day, ramp, len(breaks) - 1, told=True, days_off=off[i],
        held=bool(b.earliest <= at <= b.latest), days_wide=float((b.latest - b.earliest) / DAY),
        size_error=(b.share - loss) / abs(loss), size_held=b.low <= loss <= b.high, beyond=_beyond(b),
    )  # fmt: skip


def _beyond(b: Break) -> float:
    """Give what `breaks.SCORE` is held against: standard errors by which a break is larger than a tenth."""
    size = abs(np.log1p(-min(b.share, 0.999)))
    return float((size + np.log1p(-LEAST_SHARE)) / np.hypot(size / b.score, YARDSTICK))


def _planted(hits: list[Hit]) -> dict:
    out = {}
    for name in sorted({h.name for h in hits}):
        for loss in LOSSES:
            rows = [h for h in hits if (h.name, h.loss) == (name, loss)]
            out[f"{name}, {'joins' if loss < 0 else 'leaves'} {abs(loss):.0%}"] = _counted(rows)
    return out


def _counted(rows: list[Hit]) -> dict:
    told = [h for h in rows if h.told]
    out = {
        "cases": len(rows),
        "told": len(told),
        "dated": sum(h.dated for h in rows),
        "day_inside_90": sum(h.held for h in rows),
        "size_inside_90": sum(h.size_held for h in rows),
    }
    if not told:
        return out
    off, size = np.abs([h.days_off for h in told]), np.abs([h.size_error for h in told])
    return out | {
        "days_off_median": round(float(np.median(off)), 1),
        "days_off_worst": round(float(off.max()), 1),
        "days_wide_median": round(float(np.median([h.days_wide for h in told])), 1),
        "size_error_median": round(float(np.median(size)), 3),
        "score_least": round(min(h.beyond for h in told), 1),
    }


def _summed(hits: list[Hit]) -> dict:
    """Add up, and name each that is not told within 15 days."""
    far = [h for h in hits if not h.dated]
    return {"all": _counted(hits)} | {
        f"not within {NEAR_DAYS} days: {h.name}, {h.loss:+.0%} over {h.ramp} days from day {h.day}": {
            "told": h.told,
            "days_off": h.days_off,
            "day_inside_90": h.held,
            "size_error": round(h.size_error, 2),
            "size_inside_90": h.size_held,
        }
        for h in far
    }


def _alarms(hits: list, alarms: list) -> dict:
    out = {}
    for name in sorted({a[0] for a in alarms}):
        for kind in ("nothing", "calm", "outage"):
            rows = [a[2] for a in alarms if a[:2] == (name, kind)]
            out[f"{name}, {kind}"] = {"cases": len(rows), "alarms": sum(rows)}
        beside = [h.others for h in hits if h.name == name]
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
    for part in ("planted", "all planted", "false_alarms"):
        for name, scores in result[part].items():
            print(f"{part}: {name:28}", scores)
    for name, scores in jeju.items():
        for what, value in scores.items():
            print(f"jeju {name}, {what}:", value)
    print(f"{result['seconds']} s, {result['cpu_seconds']} s of it on the processor")


if __name__ == "__main__":
    main()
