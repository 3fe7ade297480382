"""A site that has readings: the same learners on physics' features, calibrated, and held against physics alone.

The last quarter of the readings is forecast by a fit that has not seen it. Its first half calibrates, its second
half is scored: the learned answer is given only where it was better there than physics alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.blend import LEAST_ROWS, Member, fit_blend
from tamna.forecast.calibration import Conformal, calibrated
from tamna.forecast.levels import NINE
from tamna.forecast.network import Network
from tamna.forecast.scores import pinball
from tamna.forecast.site import AROUND, PvSite, moved, site_hours
from tamna.forecast.table import mean_known, table_of
from tamna.forecast.trees import Trees
from tamna.grid.clock import DAY, iso
from tamna.physics import wind as wind_physics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.place import Site
    from tamna.forecast.table import Table
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

MEMBERS = (
    Member(learner=Trees(rounds=120, rate=0.06, leaves=16, least=30), weight=2.0),
    Member(learner=Network(width=48, epochs=20, decay=0.03), weight=1.0),
)
TEST_PART = 0.25
MOST_TEST_DAYS = 120
CONFORMAL = Conformal(window_days=60, reach_h=3, least=40, rate=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class SiteTable:
    """Features of consecutive hours, and in which anything can be made at all."""

    table: Table
    possible: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What learning gave.

    Attributes
    ----------
    quantiles : (hours asked, levels)
        Per capacity.
    scores
        Pinball and MAE per capacity, learned and physics alone, on hours that no fit had seen; how many; since when.
    better
        Whether the learned answer was better there.
    """

    quantiles: Floats
    scores: Mapping[str, Any]
    better: bool


def site_table(site: Site, target: str, weather: Mapping[str, Floats], stamps: Stamps) -> SiteTable:
    """Make the features of ``pv`` or ``wind`` for consecutive hours."""
    if target == "pv":
        plant = PvSite(
            name="site",
            latitude=site.latitude,
            longitude=site.longitude,
            altitude_m=site.altitude_m,
            tilt_deg=site.tilt_deg,
            azimuth_deg=site.azimuth_deg,
        )
        found = site_hours((plant,), {"site": weather}, stamps)["site"]
        return SiteTable(found.table, found.light)
    return SiteTable(wind_table(site, weather, stamps), np.ones(len(stamps), dtype=bool))


def wind_table(site: Site, weather: Mapping[str, Floats], stamps: Stamps) -> Table:
    """Make features of a wind plant: the wind carried to the hub, what a fleet makes of it, hours around, the season."""
    blank = np.full(len(stamps), np.nan)
    fleet = wind_physics.WindFleet(hub_m=site.hub_m)
    masts = {"wind_speed": 10.0, "wind_speed_80m": 80.0, "wind_speed_100m": 100.0}
    hub = {
        name: wind_physics.hub_speed(weather[name], mast, site.hub_m, fleet.shear)
        for name, mast in masts.items()
        if name in weather
    }
    columns: dict[str, Floats] = dict(hub)
    best = mean_known(list(hub.values())) if hub else blank
    dense = wind_physics.air_density(weather.get("temperature", blank), weather.get("pressure", blank))
    dense = np.where(np.isfinite(dense), dense, wind_physics.STANDARD_DENSITY)
    columns |= {
        "hub": best,
        "power": wind_physics.fleet_curve(fleet, wind_physics.at_standard_density(best, dense)),
    }
    for name in ("hub", "power"):
        columns |= {f"{name}_{k:+d}": moved(columns[name], k) for k in AROUND}
    for name in ("wind_u", "wind_v", "wind_direction", "temperature", "pressure", "radiation"):
        if name in weather:
            columns[name] = weather[name]
    if "wind_direction" in columns:
        turn = np.deg2rad(columns.pop("wind_direction"))
        columns |= {"from_east": np.sin(turn), "from_north": np.cos(turn)}
    seconds = stamps.astype("datetime64[s]").astype(np.int64)
    solar = (seconds / 3600 + site.longitude / 15) % 24 / 24 * 2 * np.pi
    year = seconds / (365.2425 * 86400) * 2 * np.pi
    columns |= {"hour_sin": np.sin(solar), "hour_cos": np.cos(solar)}
    columns |= {"season_sin": np.sin(year), "season_cos": np.cos(year)}
    return table_of(columns, np.ones(len(stamps)))


def daily_issue(stamps: Stamps, issue: np.datetime64) -> Stamps:
    """Give for each hour the issue of the day's same moment that it would have been forecast at, never a later one.

    Examples
    --------
    >>> hours = np.array(["2024-03-01T05:00"], "datetime64[s]")
    >>> [str(s) for s in daily_issue(hours, np.datetime64("2024-03-09T02:00", "s"))]
    ['2024-03-01T02:00:00']
    """
    days = np.minimum((stamps - issue) // DAY, 0)
    return np.asarray(issue + days * DAY, dtype="datetime64[s]")


def learn_site(
    made: SiteTable,
    stamps: Stamps,
    actual: Floats,
    known_at: Stamps,
    physics: Floats,
    *,
    issue: np.datetime64,
    asked: Bools,
    seed: int = 0,
) -> Learned | None:
    """Learn a site and score it; None where there is too little to learn from.

    Parameters
    ----------
    actual : (hours,)
        Power per capacity, NaN where there is no reading.
    known_at : (hours,)
        When each became known: later than `issue` counts as unknown.
    physics : (hours, levels)
        What physics alone says of the same hours.
    asked : (hours,)
        The hours to answer.
    """
    known = np.isfinite(actual) & (known_at <= issue) & ~asked
    learnable = np.flatnonzero(known & made.possible)
    if len(learnable) < 2 * LEAST_ROWS:
        return None
    cut = max(int(len(learnable) * (1 - TEST_PART)), 0)
    split = max(stamps[learnable[cut]], stamps[learnable[-1]] - MOST_TEST_DAYS * DAY)
    issued = daily_issue(stamps, issue)
    early = learnable[known_at[learnable] <= split]
    test = known & (stamps >= split) & (issued >= split)
    raw = np.full((len(stamps), len(NINE)), np.nan)
    raw[test] = _answer(made, _fit(made, early, actual, seed), test)
    raw[asked] = _answer(made, _fit(made, learnable, actual, seed), asked)
    middle = stamps[test][test.sum() // 2]
    scored = test & (stamps >= middle)
    say = scored | asked
    use = (test | asked) & made.possible  # dark hours have no band that could be moved
    found = calibrated(
        raw[use],
        NINE,
        np.where(test, actual, np.nan)[use],
        known_at=known_at[use],
        issued_at=issued[use],
        hour=(stamps[use].astype("datetime64[h]").astype(np.int64) % 24),
        test=say[use],
        how=CONFORMAL,
        bounds=(0.0, 1.0),
    )
    answer = np.full_like(raw, np.nan)
    answer[~made.possible] = 0.0
    answer[use] = found
    scores = _scores(actual, answer, physics, scored)
    about = {"since": iso(middle), "hours": int(scored.sum()), "learned_from": len(learnable)}
    better = scores["pinball_learned"] < scores["pinball_physics"]
    return Learned(answer[asked], {**scores, **about}, better)


def _fit(made: SiteTable, rows: NDArray[np.int64], actual: Floats, seed: int) -> Any:
    return fit_blend(MEMBERS, made.table.names, made.table.values[rows], actual[rows], NINE, seed=seed)


def _answer(made: SiteTable, model: Any, which: Bools) -> Floats:
    """Give quantiles per capacity; hours in which nothing can be made are exactly zero."""
    out = np.zeros((int(which.sum()), len(NINE)))
    lit = made.possible[which]
    rows = np.flatnonzero(which)[lit]
    if len(rows):
        out[lit] = np.clip(model.predict(made.table.names, made.table.values[rows]), 0.0, 1.0)
    return out


def _scores(actual: Floats, learned: Floats, physics: Floats, scored: Bools) -> dict[str, float]:
    middle = int(np.argmin(np.abs(NINE - 0.5)))
    found = {}
    for name, said in (("learned", learned), ("physics", physics)):
        found[f"pinball_{name}"] = round(float(pinball(actual[scored], said[scored], NINE).mean()), 6)
        found[f"mae_{name}"] = round(float(np.abs(actual[scored] - said[scored, middle]).mean()), 6)
    return found
