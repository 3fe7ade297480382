"""``python -m benchmarks.nowcast [demand wind pv] [--store DIR] [--json]``: the next six hours of Jeju, hour by hour.

Readings are KPX's real-time hourly instants of 2024-03 to 2024-08 (oibc2024): the only real-time record there is,
so five-minute steps are tested on a made-up day (tests/forecast/test_nowcast.py), not here. PV is estimated: total
renewables less wind less what they are at night. The day-ahead is issued at 11:00 the day before; demand is
tamna's own target, wind and PV are plain trees on the weather runs of the time (`plain`), learned on what came before.
How misses fade is learned anew every seven days from issues before. Scored per lead, on the same hours: the nowcast,
persistence (PV: of the clear-sky index) and the day-ahead alone. Demand of 2024-04-16..30 (160 MW above the system
series) is left out.
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
from tamna.forecast.blend import Member
from tamna.forecast.decay import LEADS_H, band, carried, fit_decay
from tamna.forecast.history import Track, read_history
from tamna.forecast.jeju import demand_target, island_history
from tamna.forecast.nowcast import LOW_SUN, Ahead, Readings, clear_shape
from tamna.forecast.scores import by_days, pinball
from tamna.forecast.simple import Line
from tamna.forecast.table import mean_known, table_of
from tamna.forecast.target import Target
from tamna.forecast.trees import Trees
from tamna.grid.clock import DAY, HOUR, KOREA, parse_period, to_local
from tamna.grid.sun import JEJU
from tamna.physics.wind import WindFleet, fleet_curve
from tamna.series.store import Store
from tamna.sources.reading import read_paths

FOLDERS = ("kpx/demand", "kpx/supply", "kpx/day_ahead_demand_forecast", "kma", "oibc2024")
PERIOD = parse_period("2024-03-01", "2024-08-31", KOREA)
TARGETS = ("demand", "wind", "pv")
SCORED_FROM = np.datetime64("2024-04-08")
LEARN_EVERY_DAYS = 7
PLACES = ("cheju-do", "gaigeturi", "jeju")
DOUBTED = (np.datetime64("2024-04-15T15:00"), np.datetime64("2024-04-30T15:00"))
RENEWABLES_LATE = np.timedelta64(1800, "s")  # the column of the total reads half an hour late (stop 7)


def readings_of(store: Store, name: str) -> Readings:
    """What KPX's control room saw at each full hour [MW]."""
    if name != "pv":
        found = Readings.of(store.read(f"jeju/{name}@kpx_realtime", PERIOD))
        good = (
            (found.at < DOUBTED[0]) | (found.at >= DOUBTED[1]) if name == "demand" else found.at == found.at
        )
        return Readings(found.at[good], found.value[good], found.known_at[good], found.step_s)
    total, wind = (Readings.of(store.read(f"jeju/{n}@kpx_realtime", PERIOD)) for n in ("renewables", "wind"))
    _both, i, j = np.intersect1d(total.at, wind.at, return_indices=True)
    rest = total.value[i] - wind.value[j]
    at = total.at[i]
    dark = clear_shape(*JEJU)(at) <= 0
    firm = firm_part(at, rest, dark)
    return Readings(at, np.maximum(rest - firm, 0.0), total.known_at[i], 3600)


def firm_part(at, rest, dark) -> np.ndarray:
    """What other renewables give, from the nights of the three days before each moment [MW]."""
    firm = np.empty(len(at))
    for day in np.unique(at.astype("datetime64[D]")):
        mine = at.astype("datetime64[D]") == day
        night = dark & (at < day) & (at >= day - np.timedelta64(3, "D"))
        firm[mine] = np.median(rest[night]) if night.any() else 12.0
    return firm


class Plain:
    """Features of a day-ahead that anyone could make: the runs' weather around the hour, and what was known."""

    def __init__(self, name):
        self.name, self.shape = name, clear_shape(*JEJU)

    def facts(self, rows, history):
        local = to_local(rows.valid_at, KOREA)
        hour = (local - local.astype("datetime64[D]")) / HOUR
        known = [history.at(self.name, rows.valid_at - k * DAY, rows.issued_at) for k in range(1, 8)]
        columns = {"hour": np.asarray(hour, dtype=float), "week": mean_known(known), "yesterday": known[0]}
        if self.name == "pv":
            columns["clear"] = self.shape(rows.valid_at + HOUR // 2)
            columns["level"] = mean_known([k / np.maximum(columns["clear"], 0.1) for k in known])
        return table_of(columns, np.ones(len(rows)))

    def sky(self, rows, history, weather):
        del weather
        columns = {}
        for quantity in ("wind_speed", "cloud_cover", "temperature", "humidity", "pressure"):
            for place in PLACES:
                columns[f"{quantity}_{place}"] = history.at(
                    f"{quantity}/{place}", rows.valid_at, rows.issued_at
                )
            if quantity in ("wind_speed", "cloud_cover"):
                for k in (-2, 2):
                    around = [
                        history.at(f"{quantity}/{p}", rows.valid_at + k * HOUR, rows.issued_at)
                        for p in PLACES
                    ]
                    columns[f"{quantity}_{k:+d}"] = mean_known(around)
        wind = mean_known([columns[f"wind_speed_{p}"] for p in PLACES])
        columns["fleet"] = fleet_curve(WindFleet(), 1.6 * wind)
        cloud = mean_known([columns[f"cloud_cover_{p}"] for p in PLACES])
        columns["bright"] = self.shape(rows.valid_at + HOUR // 2) * (1 - 0.75 * (cloud / 100) ** 3.4)
        return table_of(columns, np.ones(len(rows)))


def plain(store: Store, name: str, readings: Readings):
    """Forecast wind or PV day-ahead from the runs of the time."""
    runs = {
        f"{q}/{p}": [f"forecast/{p}/{q}"]
        for q in ("wind_speed", "cloud_cover", "temperature", "humidity", "pressure")
        for p in PLACES
    }
    history = read_history(store, PERIOD, tracks={}, runs=runs)
    stamps = PERIOD.stamps()
    value = np.full(len(stamps) + 1, np.nan)
    at = (readings.at - stamps[0]) // HOUR
    value[at[at <= len(stamps)]] = readings.value[at <= len(stamps)]
    mean = (value[:-1] + value[1:]) / 2  # the hour lies between two instants
    history = type(history)(
        {name: Track(stamps[0], mean, stamps + HOUR + np.timedelta64(300, "s"))}, history.runs
    )
    made = Plain(name)
    bounds = (0.0, 350.0 if name == "wind" else 600.0)
    members = (
        Member(learner=Trees(rounds=60, rate=0.08, leaves=8, least=20), weight=2.0),
        Member(learner=Line(), weight=1.0, whole=False),
    )
    target = Target(
        name=name,
        track=name,
        unit="MW",
        facts=made.facts,
        sky=made.sky,
        members=members,
        bounds=bounds,
        copies=1,
    )
    plan = Plan(
        first=SCORED_FROM - 7, last=np.datetime64("2024-08-31"), since=np.datetime64("2024-03-02"),
        train_every_days=14, warm_days=14,
    )  # fmt: skip
    return backtest(target, history, plan)


def day_ahead(store: Store, name: str, readings: Readings) -> tuple[Ahead, tuple[float, float]]:
    if name != "demand":
        answers = plain(store, name, readings)
        return Ahead(answers.rows.valid_at, answers.levels, answers.quantiles), (0.0, 600.0)
    history = island_history(store, parse_period("2022-12-01", "2024-09-01", KOREA))
    plan = Plan(
        first=np.datetime64("2024-03-02"), last=np.datetime64("2024-08-31"), since=np.datetime64("2023-02-01")
    )
    answers = backtest(demand_target(), history, plan)
    return Ahead(answers.rows.valid_at, answers.levels, answers.quantiles), (0.0, np.inf)


def run(store: Store, name: str) -> dict:
    began = time.process_time()
    readings = readings_of(store, name)
    ahead, bounds = day_ahead(store, name, readings)
    shape = clear_shape(*JEJU) if name == "pv" else None
    grid = np.arange(ahead.stamps[0], ahead.stamps[-1] + HOUR, HOUR).astype("datetime64[s]")
    lit = np.ones(len(grid)) if shape is None else shape(grid)
    seen = np.full(len(grid), np.nan)
    at = (readings.at - grid[0]) // HOUR
    inside = (at >= 0) & (at < len(grid))
    seen[at[inside]] = readings.value[inside]
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
            bounds=bounds,
            sun=shape is not None,
        )
        for day in np.arange(SCORED_FROM, local[-1] + 1, LEARN_EVERY_DAYS)
    ]
    found = {}
    for k, lead in enumerate(LEADS_H):
        parts = {key: np.concatenate([r[k][key] for r in rows]) for key in rows[0][k]}
        found[f"{lead:.0f}"] = lead_scores(parts)
    better = [lead for lead, s in found.items() if s["mae_mw"]["nowcast"] < min(s["mae_mw"]["persistence"], s["mae_mw"]["day_ahead"])]  # fmt: skip
    return {"by_lead_h": found, "better_than_both_at": better, "seconds_cpu": round(time.process_time() - began, 1)}  # fmt: skip


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
            f"({found['seconds_cpu']} s CPU); better than both at leads {', '.join(found['better_than_both_at'])} h",
        )
        for lead, scores in found["by_lead_h"].items():
            print(f"  {lead} h", scores)


if __name__ == "__main__":
    main()
