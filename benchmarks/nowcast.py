"""``python -m benchmarks.nowcast [demand wind pv] [--store DIR] [--json]``: the next six hours of Jeju, hour by hour.

Readings are KPX's real-time hourly instants of 2024-03 to 2024-08 (oibc2024): the only real-time record there is,
so five-minute steps are tested on a served day (tests/story/test_nowcasting.py), not here. PV is estimated, as the
targets derive it from the total of renewables. The day-ahead is issued at 11:00 the day before by tamna's own targets
(demand, wind_delivered, pv_delivered), fitted every 28 days. How misses fade is learned anew every seven days from
the days before. Scored per lead, on the same hours: the nowcast, persistence (PV: of the clear-sky index) and the
day-ahead alone. Demand of 2024-04-16..30 (160 MW above the system series) is left out.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time

import numpy as np

from benchmarks.jeju import data_folder
from tamna.errors import TamnaError
from tamna.forecast.backtest import Plan, backtest
from tamna.forecast.decay import LEADS_H, band, carried, fit_decay
from tamna.forecast.jeju import island_history
from tamna.forecast.nowcast import LOW_SUN, Ahead, Readings, clear_shape
from tamna.forecast.scores import by_days, pinball
from tamna.forecast.targets import TARGETS as NAMED
from tamna.forecast.targets import target_named
from tamna.grid.clock import HOUR, KOREA, parse_period, to_local
from tamna.grid.sun import JEJU
from tamna.runs.nowcasting import TARGET_OF
from tamna.series.store import Store
from tamna.sources.reading import read_paths

FOLDERS = ("kpx", "kma", "oibc2024")
PERIOD = parse_period("2024-03-01", "2024-08-31", KOREA)
TARGETS = ("demand", "wind", "pv")
SCORED_FROM = np.datetime64("2024-03-18")
LEARN_EVERY_DAYS = 7
BOUNDS = {"demand": (0.0, np.inf), "wind": (0.0, 350.0), "pv": (0.0, 600.0)}
PLAN = Plan(
    first=np.datetime64("2024-03-02"), last=np.datetime64("2024-08-31"), since=np.datetime64("2022-02-01")
)
DOUBTED = (np.datetime64("2024-04-15T15:00"), np.datetime64("2024-04-30T15:00"))


def readings_of(store: Store, name: str) -> Readings:
    """What KPX's control room saw at each full hour; PV as the targets derive it, in the middle of the hour [MW]."""
    if name == "pv":
        return Readings.of_hours(island_history(store, PERIOD).tracks["pv_delivered"])
    found = Readings.of(store.read(f"jeju/{name}@kpx_realtime", PERIOD))
    good = np.ones(len(found.at), dtype=bool)
    if name == "demand":
        good = (found.at < DOUBTED[0]) | (found.at >= DOUBTED[1])
    return Readings(found.at[good], found.value[good], found.known_at[good], found.step_s)


def day_ahead(store: Store, name: str) -> tuple[Ahead, str]:
    """Forecast every day of the record as it would have been at 11:00 of the day before."""
    target = next(target_named(t) for t in TARGET_OF[name] if t in NAMED)
    history = island_history(store, parse_period("2021-12-01", "2024-09-01", KOREA))
    answers = backtest(target, history, PLAN)
    return Ahead(answers.rows.valid_at, answers.levels, answers.quantiles), target.name


def run(store: Store, name: str) -> dict:
    began = time.process_time()
    readings = readings_of(store, name)
    ahead, target = day_ahead(store, name)
    shape = clear_shape(*JEJU) if name == "pv" else None
    grid = np.arange(ahead.stamps[0], ahead.stamps[-1] + HOUR, HOUR).astype("datetime64[s]") + readings.phase
    lit = np.ones(len(grid)) if shape is None else shape(grid)
    seen = readings.near(grid)
    index = np.where(lit >= LOW_SUN, seen / np.maximum(lit, LOW_SUN), np.nan) if shape else seen
    foreseen = ahead.index(grid, shape)
    local = to_local(grid, KOREA).astype("datetime64[D]")
    rows = [
        one(
            seen,
            index,
            foreseen,
            lit=lit,
            local=local,
            day=day,
            levels=ahead.levels,
            bounds=BOUNDS[name],
            sun=shape is not None,
        )
        for day in np.arange(SCORED_FROM, local[-1] + 1, LEARN_EVERY_DAYS)
    ]
    found = {}
    for k, lead in enumerate(LEADS_H):
        parts = {key: np.concatenate([r[k][key] for r in rows]) for key in rows[0][k]}
        found[f"{lead:.0f}"] = lead_scores(parts)
    better = [lead for lead, s in found.items() if s["mae_mw"]["nowcast"] < min(s["mae_mw"]["persistence"], s["mae_mw"]["day_ahead"])]  # fmt: skip
    return {
        "day_ahead": target,
        "by_lead_h": found,
        "better_than_both_at": better,
        "seconds_cpu": round(time.process_time() - began, 1),
    }


def one(seen, index, foreseen, *, lit, local, day, levels, bounds, sun):
    """Answer the hours of a week after learning from everything before it."""
    cut = int(np.searchsorted(local, day))
    past = np.where(np.arange(len(index)) < cut, index, np.nan)
    decay = fit_decay(past, foreseen, levels)
    middle = int(np.argmin(np.abs(levels - 0.5)))
    miss = index - foreseen[:, middle]
    growth = np.concatenate([[np.nan], np.diff(miss)])
    week = np.flatnonzero((local >= day) & (local < day + LEARN_EVERY_DAYS))
    out = []
    for lead in LEADS_H:
        i = week[week + int(lead) < len(index)]
        j = i + int(lead)
        now = decay.at(np.full(len(i), lead))
        moved = carried(
            now, last=miss[i], growth=growth[i], now=foreseen[i, middle], then=foreseen[j, middle]
        )
        answer = (foreseen[j, middle] + moved)[:, None] + band(now, foreseen[j])
        answer = np.clip(np.sort(answer * lit[j, None], axis=1), *bounds)
        alone = np.clip(foreseen[j] * lit[j, None], *bounds)
        persisted = index[i] * lit[j]
        use = np.isfinite(seen[j]) & np.isfinite(persisted) & np.isfinite(answer).all(axis=1)
        if sun:
            use &= lit[j] > 0
        out.append(
            {
                "actual": seen[j][use], "nowcast": answer[use, middle], "persistence": persisted[use],
                "day_ahead": alone[use, middle], "day": local[j][use].astype(int),
                "pinball": pinball(seen[j][use], answer[use], levels).mean(axis=1),
                "pinball_day_ahead": pinball(seen[j][use], alone[use], levels).mean(axis=1),
                "held": (seen[j][use] >= answer[use, 2]) & (seen[j][use] <= answer[use, 6]),
                "width": answer[use, 6] - answer[use, 2], "width_day_ahead": alone[use, 6] - alone[use, 2],
            }
        )  # fmt: skip
    return out


def lead_scores(parts) -> dict:
    missed = {n: np.abs(parts[n] - parts["actual"]) for n in ("nowcast", "persistence", "day_ahead")}
    gains = {n: by_days(missed[n] - missed["nowcast"], parts["day"]) for n in ("persistence", "day_ahead")}
    return {
        "hours": len(parts["actual"]),
        "mae_mw": {n: round(float(m.mean()), 2) for n, m in missed.items()},
        "gain_mw": {n: [round(g.low, 2), round(g.high, 2)] for n, g in gains.items()},
        "pinball": round(float(parts["pinball"].mean()), 3),
        "pinball_day_ahead": round(float(parts["pinball_day_ahead"].mean()), 3),
        "coverage_80": round(float(parts["held"].mean()), 3),
        "width_80_mw": round(float(parts["width"].mean()), 1),
        "width_80_day_ahead_mw": round(float(parts["width_day_ahead"].mean()), 1),
    }


def main() -> None:
    arguments = sys.argv[1:]
    wanted = [a for a in arguments if a in TARGETS] or list(TARGETS)
    if "--store" in arguments:
        result = {n: run(Store.open(arguments[arguments.index("--store") + 1]), n) for n in wanted}
    else:
        with tempfile.TemporaryDirectory() as scratch:
            store = Store.open(scratch)
            found = read_paths([data_folder() / f for f in FOLDERS])
            store.ingest(r for _path, r in found if not isinstance(r, TamnaError))
            result = {n: run(store, n) for n in wanted}
    if "--json" in arguments:
        print(json.dumps(result, indent=1))
        return
    for name, found in result.items():
        print(
            name,
            found["day_ahead"],
            f"({found['seconds_cpu']} s CPU); better than both at leads {', '.join(found['better_than_both_at'])} h",
        )
        for lead, scores in found["by_lead_h"].items():
            print(f"  {lead} h", scores)


if __name__ == "__main__":
    main()
