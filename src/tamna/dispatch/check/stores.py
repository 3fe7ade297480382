"""Rules of what holds energy or makes hydrogen: batteries, hydrogen stores, electrolysers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.day import daily_rule
from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.optimise.blocks.battery import Battery
    from tamna.optimise.blocks.day import Clock
    from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

TOLERANCE_MWH = 1e-3


def level_rules(
    name: str, inflow_mw: Floats, told: Floats, *, start_mwh: float | None, capacity_mwh: float, step_h: float
) -> Iterator[Broken]:
    """Follow the level through the steps: it stays between empty and full and is the one that was told."""
    start = float(told[-1]) if start_mwh is None else start_mwh
    level = start + np.cumsum(inflow_mw) * step_h
    # the sum of many rows, each kept to the solver's tolerance
    slack = TOLERANCE_MWH * max(1.0, len(level) / 1000.0)
    yield from apart(name, _("holds other than told"), level, told, slack)
    yield from above(name, _("holds more than it can"), level, capacity_mwh, slack)
    yield from above(name, _("holds less than nothing"), -level, 0.0, slack)


def battery_rules(battery: Battery, charge: Floats, discharge: Floats) -> Iterator[Broken]:
    """Check a battery's flows at the meter, (steps,) [MW]."""
    name = battery.name
    yield from above(name, _("charges faster than it can"), charge, battery.charge_mw)
    yield from above(name, _("gives more than it can"), discharge, battery.discharge_mw)
    yield from above(name, _("charges and discharges at once"), np.minimum(charge, discharge), 0.0)
    for flow in (charge, discharge):
        yield from above(name, _("carries less than nothing"), -flow, 0.0)


def cycle_rules(battery: Battery, discharge: Floats, clock: Clock, step_h: float) -> Iterator[Broken]:
    """Check a battery's cycles of each day."""
    if np.isfinite(battery.cycles_per_day):
        limit, most = f"{battery.name}/cycles", battery.cycles_per_day * battery.energy_mwh
        rule = _("makes more cycles a day than allowed")
        given = np.maximum(discharge, 0.0) * step_h
        yield from daily_rule(battery.name, rule, given, most, clock=clock, limit=limit, step_h=step_h)


def plant_rules(
    plant: Electrolyser, load: Floats, hydrogen: Floats, state: ElectrolyserState | None, step_h: float
) -> Iterator[Broken]:
    """Check an electrolyser's load (without standby use) and what it makes, (steps,) [MW]."""
    name, rating = plant.name, plant.power_mw
    yield from above(name, _("takes more than its power"), load, rating)
    running = load > 1e-4
    yield from above(name, _("runs below its minimum"), np.where(running, plant.min_load * rating, 0.0), load)
    rise, edge = plant.ramp_mw_per_h * step_h, plant.min_load * rating
    was = np.concatenate([[0.0 if state is None else state.mw], load[:-1]])
    both = (was > 1e-4) & running  # the first step on and the last one may reach the lowest load
    change = np.abs(load - was)
    yield from above(name, _("changes faster than its ramp"), change, np.where(both, rise, max(rise, edge)))
    best, below = np.zeros(len(load)), 0.0
    for piece in plant.pieces:
        width = piece.share * rating
        best += piece.efficiency * np.clip(load - below, 0.0, width)
        below += width
    yield from above(name, _("makes more hydrogen than its power gives"), hydrogen, best)
    yield from above(
        name, _("makes more hydrogen than can be dried and compressed"), hydrogen, plant.hydrogen_mw
    )


def warm_rules(
    plant: Electrolyser,
    load: Floats,
    warm: Bools,
    told: Floats,
    state: ElectrolyserState | None,
    *,
    step_h: float,
) -> Iterator[Broken]:
    """Check a plant that starts: no hydrogen while it warms up, and the cost of wear and cold starts, (steps,)."""
    since = 0.0 if state is None or not state.warm else state.hours
    was, cost = state is not None and state.warm, step_h * plant.wear_per_mwh * load
    for step, now in enumerate(warm):
        if now and not was:
            since = 0.0
            cost[step] += plant.start_cost
        if load[step] > 1e-4 and not now:
            yield Broken(
                asset=plant.name, rule=_("makes hydrogen while cold"), step=step, by=float(load[step])
            )
        if load[step] > 1e-4 and since < plant.start_h - 1e-6:
            rule = _("makes hydrogen before it is warm")
            yield Broken(asset=plant.name, rule=rule, step=step, by=plant.start_h - since)
        was, since = bool(now), since + step_h
    yield from above(plant.name, _("costs other than told"), cost, told, 1e-2)
