"""A run's last day from forecast to settlement: planned on what was foreseen the day before, lived as it came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.island import PV, WIND
from tamna.dispatch.loop import Foresight
from tamna.errors import GridError, InputError, UsageError
from tamna.grid.clock import HOUR, Period, to_local
from tamna.lang import _
from tamna.runs.dispatching import Asked, Loop, prepared
from tamna.runs.lived import lived_hours
from tamna.runs.looping import beyond_day, live, scene_of, told_of
from tamna.runs.worth import PERFECT, Daily

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.dispatch.account import Account
    from tamna.dispatch.system import Hours
    from tamna.grid import Island
    from tamna.lang import Message
    from tamna.measure.lost import Lost
    from tamna.runs.dispatch_hours import Came
    from tamna.runs.dispatching import Dispatched
    from tamna.runs.foreseen import Foreseen
    from tamna.series import Store

NEEDED = ("demand", "wind", "pv")
_NAMED = {"demand": _("demand"), "wind": _("wind"), "pv": _("PV")}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SettledDay:
    """A day planned on a forecast and lived, and the same day planned with all known."""

    day: Dispatched
    known: Daily

    @property
    def cost_of_not_knowing_krw(self) -> float:
        """What the forecast's plan cost more than one with all known. [KRW]"""
        return float(Daily.of([self.day.answer.account]).cost_krw[0] - self.known.cost_krw[0])


def settled_day(
    store: Store,
    island: Island,
    found: Foreseen | None,
    *,
    lost: Lost | None = None,
    fits: Path | None = None,
) -> SettledDay | None:
    """Settle the last day of a run as it was foreseen; None where too little is known of assets, hours or forecast.

    Parameters
    ----------
    lost
        What is known of wind held back, where that was worked out already. What comes after its last hour is not
        worked out for this: the day is repeated beyond.
    """
    if found is None or not island.thermal or not set(NEEDED) <= set(found.forecast.targets):
        return None
    day = island.day(found.forecast.stamps[-1])
    mine = to_local(found.forecast.stamps, island.timezone).astype("datetime64[D]") == np.datetime64(day)
    stamps = found.forecast.stamps[mine]
    period = Period(stamps[0], stamps[-1] + HOUR)
    asked = Asked()

    def read(of: Period) -> Came | None:
        mine = _cut(lost, of)
        known = lost is None or mine is not None
        return lived_hours(store, island, of, fits=fits, lost=mine).came if known else None

    try:
        stands, seen, ahead = prepared(store, island, period, asked, fits, read=read, beyond=beyond_day)
    except (GridError, InputError, UsageError):
        return None
    said = {name: np.maximum(found.forecast.at(name, 0.5)[mine], 0.0) for name in NEEDED}
    if not all(np.isfinite(v).all() for v in said.values()):
        return None
    foresight = Foresight(demand_mw=said["demand"], potential_mw={WIND: said["wind"], PV: said["pv"]})
    scene = scene_of((stands.system, ahead, stands.state), stands, to_local(seen.stamps, island.timezone))
    lived = live(scene, foresight, why=True)
    known = live(scene, _all_known(ahead))
    note = _(
        "the plan rests on the forecast of this report; prices beyond the links are taken as known the day before"
    )
    told = told_of(
        island, period, asked, came=replace(seen, notes=(*seen.notes, note)), scene=scene, mine=lived,
        loop=Loop(forecast="tamna", foresight=foresight, planned=lived.planned, worth=None),
    )  # fmt: skip
    best = told_of(
        island, period, asked, came=seen, scene=scene, mine=known,
        loop=Loop(forecast=PERFECT, foresight=foresight, planned=known.planned, worth=None),
    )  # fmt: skip
    accounts: list[Account] = [best.answer.account]
    return SettledDay(day=told, known=Daily.of(accounts))


def not_settled(found: Foreseen | None, island: Island) -> Message:
    """Say why a run's last day was not taken from forecast to settlement."""
    if found is None:
        return _("the last day is not settled: nothing could be forecast of it")
    lacking = [str(_NAMED[name]) for name in NEEDED if name not in found.forecast.targets]
    if lacking:
        return _(
            "the last day is not settled: no forecast of {what} could be made for it", what=", ".join(lacking)
        )
    if not island.thermal:
        return _("the last day is not settled: the island's file has no thermal unit to run")
    return _(
        "the last day is not settled: its hours or its plant are not all known (`tamna dispatch` says which)"
    )


def _cut(lost: Lost | None, period: Period) -> Lost | None:
    """Keep what could have been given in the hours of a period; None where `lost` is not of them all."""
    if lost is None:
        return None
    at = (lost.valid_at >= period.start) & (lost.valid_at < period.end)
    if at.sum() < len(period.stamps()):
        return None
    return replace(lost, valid_at=lost.valid_at[at], potential_mw=lost.potential_mw[at])


def _all_known(ahead: Hours) -> Foresight:
    known = {name: ahead.potential_mw[name] for name in (WIND, PV)}
    return Foresight(demand_mw=ahead.demand_mw, potential_mw=known, knows_on=True)
