"""Demand that gives way or follows, among the reasons of an hour: EVs, loads that move or are cut, hydrogen and its users.

Who could give one more MW, and at what price: a load that is cut at its own; a class of load that goes unserved at its
value; an electrolyser at what its hydrogen is worth, and with it the users who would lack that hydrogen; a fuel cell at
the hydrogen that it burns. EVs and loads that move give it up now for another hour: only that hour tells what it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.optimise.share import ELECTRICITY, HYDROGEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, System
    from tamna.optimise.blocks.demand import LoadClass
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Of = Callable[[str], float]

NEAR_MW, NEAR_KRW = 1e-3, 1.0
"""Less than this is nothing, of power and of a price."""


def between(system: System, hours: Hours, found: Solution, step: int) -> Iterator[tuple[str, float]]:
    """Give demand that could give or take one more MW, and what that costs; NaN where only other hours tell [KRW/MWh]."""
    yield from _moved(system, hours, found, step)
    for cut in system.interruptible:
        usual = _at(hours.load_mw.get(cut.name), step)
        if NEAR_MW < _of(found, f"{cut.name}/cut", step) < usual - NEAR_MW:
            yield cut.name, cut.cut_per_mwh
    for name, cls, asked in _classes(system, hours, ELECTRICITY, step):
        if NEAR_MW < _of(found, f"{name}_unserved", step) < asked * cls.share - NEAR_MW:
            yield name, cls.lost_per_mwh
    yield from _hydrogen(system, hours, found, step)


def _moved(system: System, hours: Hours, found: Solution, step: int) -> Iterator[tuple[str, float]]:
    for ev in system.ev_fleets:
        there = _at(hours.plugged.get(ev.name), step)
        flows = ((f"{ev.name}/charge", ev.charge_mw), (f"{ev.name}/discharge", ev.discharge_mw))
        if any(NEAR_MW < _of(found, name, step) < most * there - NEAR_MW for name, most in flows):
            yield ev.name, np.nan
    for moved in system.shiftable:
        if moved.least_mw + NEAR_MW < _of(found, f"{moved.name}/power", step) < moved.most_mw - NEAR_MW:
            yield moved.name, np.nan


def _hydrogen(system: System, hours: Hours, found: Solution, step: int) -> Iterator[tuple[str, float]]:
    row = f"balance/{HYDROGEN}"
    if row not in found.rows:
        return
    worth = float(found.dual(row)[step]) / hours.steps.hours
    costs = []
    for plant in system.electrolysers:
        power = [_of(found, f"{plant.name}/power_{k}", step) for k in range(1, len(plant.pieces) + 1)]
        least = plant.min_load * plant.power_mw * _of(found, f"{plant.name}/on", step)
        if sum(power) <= least + NEAR_MW:
            continue
        for mw, piece in zip(power, plant.pieces, strict=True):
            if NEAR_MW < mw < piece.share * plant.power_mw - NEAR_MW:
                costs.append(piece.efficiency * worth - plant.wear_per_mwh)
                yield plant.name, costs[-1]
    for cell in system.fuel_cells:
        if NEAR_MW < _of(found, f"{cell.name}/power", step) < cell.power_mw - NEAR_MW:
            costs.append(worth / cell.efficiency)
            yield cell.name, costs[-1]
    for name, cls, asked in _classes(system, hours, HYDROGEN, step):
        lacks = _of(found, f"{name}_unserved", step)
        if NEAR_MW < lacks < asked * cls.share - NEAR_MW and abs(cls.lost_per_mwh - worth) <= NEAR_KRW:
            yield from ((name, cost) for cost in costs)


def _classes(system: System, hours: Hours, bus: str, step: int) -> Iterator[tuple[str, LoadClass, float]]:
    """Give the classes of load on a bus by the name of their column, and all that is asked for [MW]."""
    whole = {
        ELECTRICITY: ("demand", system.load_classes, hours.demand_mw),
        HYDROGEN: ("hydrogen_demand", system.hydrogen_classes, hours.hydrogen_mw),
    }
    name, classes, asked = whole[bus]
    yield from ((f"{name}/{c.name}", c, _at(asked, step)) for c in classes)
    for load in system.loads:
        if load.bus == bus:
            asked = hours.load_mw.get(load.name)
            yield from ((f"{load.name}/{c.name}", c, _at(asked, step)) for c in load.classes)


def full(system: System, hours: Hours, done: Schedule, step: int) -> tuple[str, ...]:
    """Name what takes power when there is plenty, and can take no more in this step: full, or at its most.

    Parameters
    ----------
    hours
        Those that `done` covers.
    """

    def of(column: str) -> float:
        values = done.columns.get(column)
        return 0.0 if values is None else float(values[step])

    return tuple(name for name, room in _rooms(system, hours, of, step) if room <= NEAR_MW)


def _rooms(system: System, hours: Hours, of: Of, step: int) -> Iterator[tuple[str, float]]:
    """Give how much more each could take [MW, MWh]."""
    for b in system.batteries:
        yield b.name, min(b.charge_mw - of(f"{b.name}/charge"), b.energy_mwh - of(f"{b.name}/level"))
    for plant in system.electrolysers:
        power = sum(of(f"{plant.name}/power_{k}") for k in range(1, len(plant.pieces) + 1))
        yield plant.name, plant.power_mw - power
    for ev in system.ev_fleets:
        there = _at(hours.plugged.get(ev.name), step)
        power, energy = (
            ev.charge_mw * there - of(f"{ev.name}/charge"),
            ev.energy_mwh * there - of(f"{ev.name}/level"),
        )
        yield ev.name, min(power, energy)
    for moved in system.shiftable:
        yield (
            moved.name,
            min(moved.most_mw - of(f"{moved.name}/power"), moved.most_ahead_mwh - of(f"{moved.name}/ahead")),
        )


def gave_way(system: System, hours: Hours, done: Schedule, step: int) -> Iterator[tuple[str, str, float]]:
    """Give loads that are cut, not served or lack energy: the kind, the name, and how much [MW; of trips MWh].

    Kinds are ``cut``, ``unserved``, ``hydrogen`` and ``trips``.
    """

    def much(column: str) -> float:
        values = done.columns.get(column)
        return 0.0 if values is None else float(values[step])

    found = [("cut", c.name, much(f"{c.name}/cut")) for c in system.interruptible]
    for kind, bus in (("unserved", ELECTRICITY), ("hydrogen", HYDROGEN)):
        found += [
            (kind, name, much(f"{name}_unserved")) for name, _c, _asked in _classes(system, hours, bus, step)
        ]
    found += [("unserved", m.name, much(f"{m.name}/unserved")) for m in system.shiftable]
    found += [("trips", e.name, much(f"{e.name}/missing")) for e in system.ev_fleets]
    yield from (one for one in found if one[2] > NEAR_MW)


def _of(found: Solution, column: str, step: int) -> float:
    return float(found[column][step]) if column in found else 0.0


def _at(values: Floats | None, step: int) -> float:
    if values is None:
        return 0.0
    return float(np.broadcast_to(values, (step + 1,) if np.ndim(values) == 0 else np.shape(values))[step])
