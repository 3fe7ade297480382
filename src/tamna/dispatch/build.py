"""From assets and hours to a problem: every block adds itself, one balance sums the shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.floor import add_floor
from tamna.dispatch.missing import missing
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.battery import add_battery
from tamna.optimise.blocks.co2 import add_co2
from tamna.optimise.blocks.curtailable import add_curtailable
from tamna.optimise.blocks.demand import add_demand
from tamna.optimise.blocks.electrolyser import add_electrolyser
from tamna.optimise.blocks.hydrogen import add_fuel_cell, add_hydrogen_store
from tamna.optimise.blocks.link import add_link
from tamna.optimise.blocks.reserve import add_reserve
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.problem import Problem
from tamna.optimise.share import HYDROGEN, Share, add_balance

if TYPE_CHECKING:
    from collections.abc import Iterator

NONE, ALL = np.float64(0.0), np.float64(1.0)


def build(system: System, hours: Hours, state: State | None = None) -> tuple[Problem, tuple[Share, ...]]:
    """Write the problem of some hours; give it with the shares, whose costs and injections explain an answer."""
    problem = Problem(hours.steps)
    problem.note(missing(system, hours))
    shares = tuple(_shares(problem, system, hours, state or State()))
    shares += tuple(
        add_reserve(problem, product, shares, requirement_mw=hours.reserve_mw.get(product.name, NONE))
        for product in system.reserves
    )
    if hours.floor_mw is not None:
        carrying = {u.name for u in system.thermal} | {k.name for k in system.links}
        carried = tuple(s for s in shares if s.name in carrying)
        shares += (add_floor(problem, carried, hours.floor_mw, gives_per_mwh=system.floor_gives_per_mwh),)
    if system.co2 is not None:
        shares += (add_co2(problem, system.co2, shares),)
    add_balance(problem, shares)
    return problem, shares


def _shares(problem: Problem, system: System, hours: Hours, state: State) -> Iterator[Share]:
    yield add_demand(problem, "demand", demand_mw=hours.demand_mw, classes=system.load_classes)
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
    for battery in system.batteries:
        yield add_battery(
            problem, battery, start_mwh=state.level_mwh.get(battery.name), exclusive=system.exclusive
        )
    for plant in system.electrolysers:
        yield add_electrolyser(problem, plant, state.electrolysers.get(plant.name))
    for store in system.hydrogen_stores:
        yield add_hydrogen_store(problem, store, start_mwh=state.level_mwh.get(store.name))
    for cell in system.fuel_cells:
        yield add_fuel_cell(problem, cell)
    if hours.hydrogen_mw is not None:
        yield add_demand(
            problem,
            "hydrogen_demand",
            demand_mw=hours.hydrogen_mw,
            classes=system.hydrogen_classes,
            bus=HYDROGEN,
        )
