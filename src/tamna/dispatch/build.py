"""From assets and hours to a problem: every block adds itself, one balance sums the shares."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.floor import add_floor
from tamna.dispatch.missing import missing
from tamna.dispatch.resort import add_resort
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.battery import add_battery
from tamna.optimise.blocks.co2 import add_co2
from tamna.optimise.blocks.curtailable import add_curtailable
from tamna.optimise.blocks.demand import add_demand
from tamna.optimise.blocks.electrolyser import add_electrolyser
from tamna.optimise.blocks.ev import add_ev_fleet
from tamna.optimise.blocks.hydrogen import add_fuel_cell, add_hydrogen_store
from tamna.optimise.blocks.interruptible import add_interruptible
from tamna.optimise.blocks.link import add_link
from tamna.optimise.blocks.matching import add_matching, contracted_twice
from tamna.optimise.blocks.reserve import add_reserves
from tamna.optimise.blocks.shiftable import add_shiftable
from tamna.optimise.blocks.synchronous import add_condenser, add_synchronous
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.problem import Problem
from tamna.optimise.share import HYDROGEN, Share, add_balance

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE, ALL = np.float64(0.0), np.float64(1.0)


def build(system: System, hours: Hours, state: State | None = None) -> tuple[Problem, tuple[Share, ...]]:
    """Write the problem of some hours; give it with the shares, whose costs and injections explain an answer."""
    problem, state = Problem(hours.steps), state or State()
    problem.note(missing(system, hours))
    shares = tuple(_shares(problem, system, hours, state))
    shares += tuple(_condensers(problem, system, hours, state, shares))
    shares += add_reserves(problem, system.reserves, shares, hours.reserve_mw)
    shares += tuple(_promised(problem, system, hours, shares))
    if system.resort is not None:
        shares += (add_resort(problem, system.resort),)
    if hours.floor_mw is not None:
        carrying = {u.name for u in system.thermal} | {k.name for k in system.links}
        carried = tuple(s for s in shares if s.name in carrying)
        shares += (add_floor(problem, carried, hours.floor_mw, gives_per_mwh=system.floor_gives_per_mwh),)
    if system.co2 is not None:
        most = system.co2.cap_t if state.co2_most_t is None else state.co2_most_t
        shares += (add_co2(problem, replace(system.co2, cap_t=most), shares),)
    add_balance(problem, shares)
    return problem, shares


def _shares(problem: Problem, system: System, hours: Hours, state: State) -> Iterator[Share]:
    yield add_demand(problem, "demand", demand_mw=hours.demand_mw, classes=system.load_classes)
    yield from _supply(problem, system, hours, state)
    for battery in system.batteries:
        yield add_battery(
            problem,
            battery,
            start_mwh=state.level_mwh.get(battery.name),
            exclusive=system.exclusive,
            clock=state.clock,
        )
    yield from _hydrogen(problem, system, hours, state)
    yield from _flexible(problem, system, hours, state)


def _supply(problem: Problem, system: System, hours: Hours, state: State) -> Iterator[Share]:
    for unit in system.thermal:
        yield add_thermal(
            problem,
            unit,
            state.thermal.get(unit.name),
            available=hours.available.get(unit.name, ALL),
        )
    for fleet in system.fleets:
        yield add_curtailable(
            problem,
            fleet,
            potential_mw=hours.potential_mw.get(fleet.name, NONE),
            must_take_mw=hours.must_take_mw.get(fleet.name, NONE),
        )
    for link in system.links:
        yield add_link(
            problem,
            link,
            state.links.get(link.name),
            import_price=hours.import_price.get(link.name, NONE),
            export_price=hours.export_price.get(link.name, NONE),
            available=hours.available.get(link.name, ALL),
            exclusive=system.exclusive,
        )


def _hydrogen(problem: Problem, system: System, hours: Hours, state: State) -> Iterator[Share]:
    for plant in system.electrolysers:
        yield add_electrolyser(problem, plant, state.electrolysers.get(plant.name))
    for store in system.hydrogen_stores:
        yield add_hydrogen_store(problem, store, start_mwh=state.level_mwh.get(store.name))
    for cell in system.fuel_cells:
        yield add_fuel_cell(problem, cell)
    if hours.hydrogen_mw is not None:
        classes = system.hydrogen_classes
        yield add_demand(
            problem, "hydrogen_demand", demand_mw=hours.hydrogen_mw, classes=classes, bus=HYDROGEN
        )


def _flexible(problem: Problem, system: System, hours: Hours, state: State) -> Iterator[Share]:
    for ev in system.ev_fleets:
        yield add_ev_fleet(
            problem,
            ev,
            plugged=hours.plugged.get(ev.name, NONE),
            arriving=hours.arriving.get(ev.name, NONE),
            leaving=hours.leaving.get(ev.name, NONE),
            start_mwh=state.level_mwh.get(ev.name),
            exclusive=system.exclusive,
        )
    for moved in system.shiftable:
        ahead, usual = (
            state.ahead_mwh.get(moved.name, 0.0),
            hours.load_mw.get(moved.name, np.float64(moved.least_mw)),
        )
        yield add_shiftable(problem, moved, load_mw=usual, ahead_mwh=ahead, clock=state.clock)
    for cut in system.interruptible:
        before, usual = cut.name in state.cutting, hours.load_mw.get(cut.name, NONE)
        yield add_interruptible(problem, cut, load_mw=usual, cutting=before, clock=state.clock)
    for load in system.loads:
        usual = hours.load_mw.get(load.name, NONE)
        yield add_demand(
            problem, load.name, demand_mw=usual, classes=load.classes, bus=load.bus, one_place=True
        )


def _condensers(
    problem: Problem, system: System, hours: Hours, state: State, shares: tuple[Share, ...]
) -> Iterator[Share]:
    on = {s.name: s.on for s in shares}
    for c in system.condensers:
        in_service = hours.available.get(c.name if c.of is None else c.of, ALL)
        turning, unit_on = c.name in state.turning, None if c.of is None else on.get(c.of)
        yield add_condenser(problem, c, turning=turning, unit_on=unit_on, available=in_service)


def _promised(problem: Problem, system: System, hours: Hours, shares: tuple[Share, ...]) -> Iterator[Share]:
    """Add what is asked of several assets together: support of the grid, matching by contract."""
    if system.synchronous is not None:
        strength = NONE if hours.strength_mva is None else hours.strength_mva
        inertia = NONE if hours.inertia_mws is None else hours.inertia_mws
        yield add_synchronous(problem, system.synchronous, shares, strength_mva=strength, inertia_mws=inertia)
    problem.note(contracted_twice(system.matchings))
    for contract in system.matchings:
        fleets, beside = (f.name for f in system.fleets), hours.load_mw.get(contract.name, NONE)
        yield add_matching(problem, contract, shares, fleets, load_mw=beside)
