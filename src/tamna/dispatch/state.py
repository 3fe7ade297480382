"""What everything is after some steps of a schedule: the state that the next window starts from.

Levels, outputs, time on and off, and a link's direction come from the carried-out hours alone; time in a state reaches
back over the window's edge through the state before it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.system import State
from tamna.optimise.blocks.electrolyser import ElectrolyserState
from tamna.optimise.blocks.link import LinkState
from tamna.optimise.blocks.thermal_unit import FOREVER_H, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import System
    from tamna.optimise.blocks.day import Clock
    from tamna.optimise.blocks.electrolyser import Electrolyser
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]

FLOWS_MW = 1e-6
"""Less than this is no flow [MW]."""


def after(system: System, done: Schedule, before: State, hours_per_step: float) -> State:
    """Give the state after the last step of `done`, which began in the state `before`."""
    holds = {b.name: b.energy_mwh for b in system.batteries}
    holds |= {s.name: s.energy_mwh for s in system.hydrogen_stores}
    holds |= {e.name: e.energy_mwh for e in system.ev_fleets}
    last = {name: float(column[-1]) for name, column in done.columns.items()}
    emitted = 0.0 if system.co2 is None else float(_emitted_t(system, done, hours_per_step).sum())
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
        electrolysers={
            p.name: _plant(p, done, before.electrolysers.get(p.name, ElectrolyserState()), hours_per_step)
            for p in system.electrolysers
        },
        level_mwh={  # a solver's answer may lie 1e-7 beyond its bounds
            name: float(np.clip(done.columns[f"{name}/level"][-1], 0.0, most))
            for name, most in holds.items()
            if name in before.level_mwh
        },
        ahead_mwh={m.name: last[f"{m.name}/ahead"] for m in system.shiftable},
        cutting=frozenset(c.name for c in system.interruptible if last.get(f"{c.name}/cutting", 0.0) > 0.5),
        turning=frozenset(c.name for c in system.condensers if last[f"{c.name}/on"] > 0.5),
        clock=_clock(system, done, before.clock, hours_per_step),
        emitted_t=before.emitted_t + emitted,
    )


def _emitted_t(system: System, done: Schedule, hours_per_step: float) -> Floats:
    out = np.zeros(done.count)
    for unit in system.thermal:
        rate = unit.tco2_per_mwh * done.injection_mw[ELECTRICITY][unit.name]
        for k, segment in enumerate(unit.segments, 1):
            rate = rate + segment.tco2_per_mwh * done.columns[f"{unit.name}/segment_{k}"]
        if unit.on_tco2_per_h:
            rate = rate + unit.on_tco2_per_h * done.columns[f"{unit.name}/on"]
        out += hours_per_step * rate
    for link in system.links:
        out += hours_per_step * link.import_tco2_per_mwh * done.columns[f"{link.name}/import"]
    return out


def _clock(system: System, done: Schedule, before: Clock, hours_per_step: float) -> Clock:
    """Give the clock after the last step, with what that step's day has used up."""
    count = done.count
    steps = Steps(
        count=count + 1, hours=hours_per_step
    )  # the step after the last tells whether the day goes on
    day = before.spans(steps)
    today = day[:-1] == day[-1]
    used = {} if day[-1] else dict(before.used)
    for name, amount in _daily(system, done, hours_per_step):
        used[name] = used.get(name, 0.0) + float(amount[today].sum())
    return replace(before, elapsed_h=before.elapsed_h + count * hours_per_step, used=used)


def _daily(system: System, done: Schedule, hours_per_step: float) -> Iterator[tuple[str, Floats]]:
    """Give what counts towards the limits of a day, by their rows' names."""
    for b in system.batteries:
        if np.isfinite(b.cycles_per_day):
            yield f"{b.name}/cycles", np.maximum(done.columns[f"{b.name}/discharge"], 0.0) * hours_per_step
    for c in system.interruptible:
        if c.commits:
            yield f"{c.name}/hours", done.columns[f"{c.name}/cutting"].round() * hours_per_step
            yield f"{c.name}/times", done.columns[f"{c.name}/begins"].round()


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


def _plant(
    plant: Electrolyser, done: Schedule, before: ElectrolyserState, hours_per_step: float
) -> ElectrolyserState:
    load = sum(float(done.columns[f"{plant.name}/power_{k}"][-1]) for k in range(1, len(plant.pieces) + 1))
    if not plant.commits:
        return ElectrolyserState(mw=max(0.0, load))
    warm = done.columns[f"{plant.name}/on"] + done.columns[f"{plant.name}/standby"] > 0.5
    cold = np.flatnonzero(~warm)
    hours = (len(warm) - 1 - int(cold[-1]) if len(cold) else len(warm)) * hours_per_step
    if not len(cold) and before.warm:
        hours += before.hours
    return ElectrolyserState(warm=bool(warm[-1]), mw=max(0.0, load), hours=min(hours, FOREVER_H))
