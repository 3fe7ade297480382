"""Rules of what holds energy or makes hydrogen: batteries, hydrogen stores, electrolysers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.optimise.blocks.battery import Battery
    from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState

    Floats = NDArray[np.float64]

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


def battery_rules(battery: Battery, charge: Floats, discharge: Floats, step_h: float) -> Iterator[Broken]:
    """Check a battery's flows at the meter, (steps,) [MW]."""
    name = battery.name
    yield from above(name, _("charges faster than it can"), charge, battery.charge_mw)
    yield from above(name, _("gives more than it can"), discharge, battery.discharge_mw)
    yield from above(name, _("charges and discharges at once"), np.minimum(charge, discharge), 0.0)
    for flow in (charge, discharge):
        yield from above(name, _("carries less than nothing"), -flow, 0.0)
    days = len(charge) * step_h / 24.0
    cycles = discharge.sum() * step_h / battery.energy_mwh / days if battery.energy_mwh else 0.0
    yield from above(name, _("makes more cycles a day than allowed"), cycles, battery.cycles_per_day)


def plant_rules(
    plant: Electrolyser, load: Floats, hydrogen: Floats, state: ElectrolyserState | None, step_h: float
) -> Iterator[Broken]:
    """Check an electrolyser's load (without standby use) and what it makes, (steps,) [MW]."""
    name, rating = plant.name, plant.power_mw
    yield from above(name, _("takes more than its power"), load, rating)
    running = load > 1e-4
    yield from above(name, _("runs below its minimum"), np.where(running, plant.min_load * rating, 0.0), load)
    step = max(plant.ramp_mw_per_h * step_h, plant.min_load * rating)
    before = 0.0 if state is None else state.mw
    change = np.abs(np.diff(np.concatenate([[before], load])))
    yield from above(name, _("changes faster than its ramp"), change, step)
    best, below = np.zeros(len(load)), 0.0
    for piece in plant.pieces:
        width = piece.share * rating
        best += piece.efficiency * np.clip(load - below, 0.0, width)
        below += width
    yield from above(name, _("makes more hydrogen than its power gives"), hydrogen, best)
