"""``python -m benchmarks.wind_potential [--json]``: what the fits know of a year that they did not see.

Wind: hours with little sun (dark, or settled PV under 10 MW), each year predicted by a fit on the others,
its fleet size held at the nearest known day. PV: daylight hours, days with published PV curtailment and
hours without room left out; once with the size held, once followed through the year itself.
Intervals over all trusted hours. Speed is wall time on this machine.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

from benchmarks.jeju import Jeju, coverage, load, without_year
from tamna.physics.fit import QUANTILES, SEASONS, fit_fleet, follow_level, trusted_hours
from tamna.physics.weather import Features

LOW, HIGH = QUANTILES[1], QUANTILES[-2]


def score_wind(jeju: Jeju) -> dict:
    n = len(jeju.stamps)
    power, low, high = (np.full(n, np.nan) for _ in range(3))
    seconds = []
    for year in (2022, 2023, 2024):
        pick = jeju.year == year
        start = time.perf_counter()
        fit = without_year(jeju, year).fit
        seconds.append(time.perf_counter() - start)
        found = fit.potential(jeju.wind_table, jeju.stamps)
        power[pick], low[pick], high[pick] = (
            found.power_mw[pick],
            found.bands[LOW][pick],
            found.bands[HIGH][pick],
        )
    one = Features(jeju.wind_table.names, jeju.wind_table.rows[:8760], jeju.wind_table.estimated[:8760])
    start = time.perf_counter()
    fit.potential(one, jeju.stamps[:8760])
    year_s = time.perf_counter() - start
    known = ~np.isnan(power + jeju.wind_mw)
    quiet = known & jeju.little_sun
    trusted = known & trusted_hours(jeju.demand_mw, jeju.pv_mw, power, jeju.dark)
    inside = (jeju.wind_mw >= low) & (jeju.wind_mw <= high)
    days = jeju.local.astype("datetime64[D]")
    out = {"little_sun": {"all": _errors(power, jeju.wind_mw, quiet)}, "interval_80": {}}
    for year in (2022, 2023, 2024):
        out["little_sun"][str(year)] = _errors(power, jeju.wind_mw, quiet & (jeju.year == year))
    groups = {"all": trusted} | {s: trusted & (jeju.season == i) for i, s in enumerate(SEASONS)}
    for name, pick in groups.items():
        out["interval_80"][name] = coverage(inside[pick], days[pick]) | {
            "width_mw": round(float((high - low)[pick].mean()), 1)
        }
    return out | {"fit_s": round(float(np.median(seconds)), 2), "potential_year_s": round(year_s, 3)}


def score_pv(jeju: Jeju) -> dict:
    room = trusted_hours(jeju.demand_mw, jeju.pv_mw, jeju.wind_mw, jeju.dark, room_mw=260.0)
    use = room & ~jeju.pv_events
    out = {}
    for year in (2022, 2023, 2024):
        pick = jeju.year == year
        seen = np.where(pick, np.nan, jeju.pv_mw)
        fit = fit_fleet(jeju.pv_table, jeju.stamps, seen, use, fleet="jeju/pv", dark_is_zero=True).fit
        own = follow_level(fit, jeju.pv_table, jeju.stamps, jeju.pv_mw, use & pick)
        day = pick & use & ~jeju.dark
        capacity = float(np.nanmax(jeju.pv_mw[pick]))
        for name, which in (("held", fit), ("followed", own)):
            power = which.potential(jeju.pv_table, jeju.stamps).power_mw
            scores = _errors(power, jeju.pv_mw, day & ~np.isnan(power))
            out[f"{year} size {name}"] = scores | {"nmae": round(scores["mae_mw"] / capacity, 4)}
    return out


def _errors(power: np.ndarray, measured: np.ndarray, pick: np.ndarray) -> dict:
    miss = (power - measured)[pick]
    return {
        "hours": int(pick.sum()),
        "mae_mw": round(float(np.abs(miss).mean()), 2),
        "bias_mw": round(float(miss.mean()), 2),
        "correlation": round(float(np.corrcoef(power[pick], measured[pick])[0, 1]), 4),
    }


def main() -> None:
    jeju = load()
    result = {"wind": score_wind(jeju), "pv": score_pv(jeju)}
    if "--json" in sys.argv:
        print(json.dumps(result, indent=1))
        return
    for name, scores in result["wind"]["little_sun"].items():
        print(f"wind, little sun, year left out, {name:5}", scores)
    for name, scores in result["wind"]["interval_80"].items():
        print(f"wind, 80 % interval, {name:4}", scores)
    print(
        f"wind, fit {result['wind']['fit_s']} s, potential of a year {result['wind']['potential_year_s']} s"
    )
    for name, scores in result["pv"].items():
        print(f"pv, daylight, {name}", scores)


if __name__ == "__main__":
    main()
