"""What everything is after some steps of a schedule: the state that the next window starts from.

Levels, outputs, time on and off, and a link's direction come from the carried-out hours alone; time in a state reaches
back over the window's edge through the state before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.system import State
from tamna.optimise.blocks.electrolyser import ElectrolyserState
from tamna.optimise.blocks.link import LinkState
from tamna.optimise.blocks.thermal_unit import FOREVER_H, ThermalState
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import System
    from tamna.optimise.blocks.electrolyser import Electrolyser
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]

FLOWS_MW = 1e-6
"""Less than this is no flow [MW]."""


def after(system: System, done: Schedule, before: State, hours_per_step: float) -> State:
    """Give the state after the last step of `done`, which began in the state `before`."""
    holds = {b.name: b.energy_mwh for b in system.batteries} | {
        s.name: s.energy_mwh for s in system.hydrogen_stores
    }
    return State(
        thermal={
            u.name: _unit(u, done, before.thermal.get(u.name, ThermalState()), hours_per_step)
            for u in system.thermal
        },
        links={
            k.name: _link(k, done, before.links.get(k.name, LinkState()), hours_per_step)
            for k in system.links
            if k.technology == "lcc"
        },
        electrolysers={p.name: _plant(p, done) for p in system.electrolysers},
        level_mwh={  # a solver's answer may lie 1e-7 beyond its bounds
            name: float(np.clip(done.columns[f"{name}/level"][-1], 0.0, most))
            for name, most in holds.items()
            if name in before.level_mwh
        },
    )


def _unit(unit: Thermal, done: Schedule, before: ThermalState, hours_per_step: float) -> ThermalState:
    power = float(done.injection_mw[ELECTRICITY][unit.name][-1])
    if not unit.commits:
        return ThermalState(on=True, hours=FOREVER_H, mw=power)
    on = done.columns[f"{unit.name}/on"] > 0.5
    changes = np.flatnonzero(on[1:] != on[:-1])
    steps = len(on) - 1 - int(changes[-1]) if len(changes) else len(on)
    hours = steps * hours_per_step
    if not len(changes) and bool(on[-1]) == before.on:
        hours += before.hours
    return ThermalState(on=bool(on[-1]), hours=min(hours, FOREVER_H), mw=max(0.0, power))


def _link(link: Link, done: Schedule, before: LinkState, hours_per_step: float) -> LinkState:
    flow = done.columns[f"{link.name}/import"] - done.columns[f"{link.name}/export"]
    moving = np.flatnonzero(np.abs(flow) > FLOWS_MW)
    if not len(moving):
        return LinkState(way=before.way, idle_h=before.idle_h + len(flow) * hours_per_step)
    last = int(moving[-1])
    way = "import" if flow[last] > 0 else "export"
    return LinkState(way=way, idle_h=(len(flow) - 1 - last) * hours_per_step)  # type: ignore[arg-type]


def _plant(plant: Electrolyser, done: Schedule) -> ElectrolyserState:
    load = sum(float(done.columns[f"{plant.name}/power_{k}"][-1]) for k in range(1, len(plant.pieces) + 1))
    warm = plant.commits and bool(
        done.columns[f"{plant.name}/on"][-1] + done.columns[f"{plant.name}/standby"][-1] > 0.5
    )
    return ElectrolyserState(warm=warm, mw=max(0.0, load))
