"""The whole schedule against all rules: balance, fleets and demand here, the rest asset by asset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.co2 import co2_rules
from tamna.dispatch.check.ev import ev_cost, ev_rules
from tamna.dispatch.check.links import link_rules
from tamna.dispatch.check.loads import interruptible_rules, shiftable_cost, shiftable_rules
from tamna.dispatch.check.matching import matching_rules
from tamna.dispatch.check.reserve import reserve_rules, together_rules
from tamna.dispatch.check.rule import Broken, above, apart
from tamna.dispatch.check.stores import battery_rules, cycle_rules, level_rules, plant_rules, warm_rules
from tamna.dispatch.check.synchronous import condenser_rules, synchronous_rules
from tamna.dispatch.check.thermal import cost_rule, unit_cost, unit_rules
from tamna.dispatch.floor import BELOW, NAME
from tamna.dispatch.resort import SURPLUS
from tamna.dispatch.system import State
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY, HYDROGEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, System
    from tamna.optimise.blocks.demand import LoadClass

    Floats = NDArray[np.float64]


def broken(system: System, hours: Hours, done: Schedule, state: State | None = None) -> tuple[Broken, ...]:
    """Find every rule that a schedule breaks, from what stands in the schedule alone.

    Parameters
    ----------
    hours
        The hours that `done` covers.
    state
        What everything was before; a store that is not named closes the period on itself.
    """
    state = state or State()
    return (
        *_balance(done),
        *_loads(system, hours, done),
        *_units(system, hours, done, state),
        *_fleets(system, hours, done),
        *_links(system, hours, done, state),
        *_stores(system, hours, done, state),
        *_plants(system, hours, done, state),
        *_flexible(system, hours, done, state),
        *condenser_rules(system, hours, done, state),
        *synchronous_rules(system, hours, done),
        *matching_rules(system, hours, done),
        *_floor(system, hours, done),
        *_surplus(system, hours, done),
        *co2_rules(system, done, hours.steps.hours),
        *(b for product in system.reserves for b in reserve_rules(system, hours, done, product, state)),
        *together_rules(system, hours, done, state),
    )


def _surplus(system: System, hours: Hours, done: Schedule) -> Iterator[Broken]:
    """Energy that nobody takes is no source, and is paid."""
    if system.resort is not None:
        left = -done.injection_mw[ELECTRICITY][SURPLUS]
        yield from above(SURPLUS, _("takes less than nothing"), -left, 0.0)
        cost = hours.steps.hours * system.resort.surplus_per_mwh * left
        yield from apart(SURPLUS, _("costs other than told"), done.cost[SURPLUS], cost, 1e-2)


def _balance(done: Schedule) -> Iterator[Broken]:
    for bus, of in done.injection_mw.items():
        total = np.sum(list(of.values()), axis=0)
        yield from apart(bus, _("supply and demand differ"), total, 0.0)


def _loads(system: System, hours: Hours, done: Schedule) -> Iterator[Broken]:
    asked = [("demand", ELECTRICITY, hours.demand_mw, system.load_classes)]
    if hours.hydrogen_mw is not None:
        asked.append(("hydrogen_demand", HYDROGEN, hours.hydrogen_mw, system.hydrogen_classes))
    for name, bus, demand, classes in asked:
        yield from _shed(name, demand, classes, done, bus=bus, step_h=hours.steps.hours)
    for load in system.loads:
        demand, step_h = hours.load_mw[load.name], hours.steps.hours
        yield from _shed(load.name, demand, load.classes, done, bus=load.bus, step_h=step_h)


def _shed(
    name: str, demand: Floats, classes: tuple[LoadClass, ...], done: Schedule, *, bus: str, step_h: float
) -> Iterator[Broken]:
    served, cost = -done.injection_mw[bus][name], np.zeros(len(demand))
    for c in classes:
        lost = done.columns[f"{name}/{c.name}_unserved"]
        yield from above(name, _("sheds more than is asked for"), lost, demand * c.share)
        yield from above(name, _("sheds less than nothing"), -lost, 0.0)
        served = served + lost
        cost += step_h * c.lost_per_mwh * lost
    yield from apart(name, _("serves other than what is asked for"), served, demand)
    yield from apart(name, _("costs other than told"), done.cost[name], cost, 1e-3)


def _units(system: System, hours: Hours, done: Schedule, state: State) -> Iterator[Broken]:
    for unit in system.thermal:
        power = done.injection_mw[ELECTRICITY][unit.name]
        on = done.columns[f"{unit.name}/on"] > 0.5 if unit.commits else np.ones(len(power), dtype=bool)
        available = np.broadcast_to(hours.available.get(unit.name, np.float64(1.0)), power.shape)
        before, step_h = state.thermal.get(unit.name), hours.steps.hours
        yield from unit_rules(unit, power, on, before, available=available, step_h=step_h)
        yield from cost_rule(unit, done.cost[unit.name], unit_cost(unit, power, on, before, step_h))


def _fleets(system: System, hours: Hours, done: Schedule) -> Iterator[Broken]:
    for fleet in system.fleets:
        power, potential = done.injection_mw[ELECTRICITY][fleet.name], hours.potential_mw[fleet.name]
        yield from above(fleet.name, _("gives more than the weather allows"), power, potential)
        least = hours.must_take_mw.get(fleet.name, np.float64(0.0))
        yield from above(fleet.name, _("gives less than what cannot be held back"), least, power)
        lost = fleet.curtailment_cost_per_mwh * (potential - power)
        cost = hours.steps.hours * (fleet.cost_per_mwh * power + lost)
        yield from apart(fleet.name, _("costs other than told"), done.cost[fleet.name], cost, 1e-2)


def _floor(system: System, hours: Hours, done: Schedule) -> Iterator[Broken]:
    if hours.floor_mw is not None and (system.thermal or system.links):
        of = done.injection_mw[ELECTRICITY]
        given = np.sum([*(of[u.name] for u in system.thermal), *(of[k.name] for k in system.links)], axis=0)
        if np.isfinite(system.floor_gives_per_mwh):
            below = done.columns[BELOW]
            yield from above(NAME, _("gives way by less than nothing"), -below, 0.0)
            cost = hours.steps.hours * system.floor_gives_per_mwh * below
            yield from apart(NAME, _("costs other than told"), done.cost[NAME], cost, 1e-2)
            given = given + below
        yield from above(NAME, _("thermal units and links give less than they must"), hours.floor_mw, given)


def _links(system: System, hours: Hours, done: Schedule, state: State) -> Iterator[Broken]:
    for link in system.links:
        arriving, leaving = (done.columns[f"{link.name}/{way}"] for way in ("import", "export"))
        available = np.broadcast_to(hours.available.get(link.name, np.float64(1.0)), arriving.shape)
        step_h = hours.steps.hours
        yield from link_rules(
            link, arriving, leaving, state.links.get(link.name), available=available, step_h=step_h
        )
        kept = 1.0 - link.loss
        net = arriving * kept - leaving
        yield from apart(
            link.name, _("brings other than what arrives"), done.injection_mw[ELECTRICITY][link.name], net
        )
        paid = hours.import_price[link.name] * arriving - hours.export_price[link.name] * kept * leaving
        yield from apart(link.name, _("costs other than told"), done.cost[link.name], step_h * paid, 1e-2)


def _stores(system: System, hours: Hours, done: Schedule, state: State) -> Iterator[Broken]:
    step_h = hours.steps.hours
    for b in system.batteries:
        charge, discharge, level = (done.columns[f"{b.name}/{k}"] for k in ("charge", "discharge", "level"))
        yield from battery_rules(b, charge, discharge)
        yield from cycle_rules(b, discharge, state.clock, step_h)
        inflow = charge * b.charging - discharge / b.discharging
        yield from level_rules(
            b.name,
            inflow,
            level,
            start_mwh=state.level_mwh.get(b.name),
            capacity_mwh=b.energy_mwh,
            step_h=step_h,
        )
        net = done.injection_mw[ELECTRICITY][b.name]
        yield from apart(b.name, _("brings other than what arrives"), net, discharge - charge)
        wear = step_h * b.wear_per_mwh * discharge
        yield from apart(b.name, _("costs other than told"), done.cost[b.name], wear, 1e-2)
    for s in system.hydrogen_stores:
        out = done.injection_mw[HYDROGEN][s.name]
        yield from above(s.name, _("fills or empties faster than it can"), np.abs(out), s.flow_mw)
        level = done.columns[f"{s.name}/level"]
        start = state.level_mwh.get(s.name)
        yield from level_rules(s.name, -out, level, start_mwh=start, capacity_mwh=s.energy_mwh, step_h=step_h)


def _flexible(system: System, hours: Hours, done: Schedule, state: State) -> Iterator[Broken]:
    step_h, at = hours.steps.hours, done.injection_mw[ELECTRICITY]
    for e in system.ev_fleets:
        told = {
            k: done.columns[f"{e.name}/{k}"] for k in ("charge", "discharge", "level", "leaving", "missing")
        }
        who = {k: getattr(hours, k)[e.name] for k in ("plugged", "arriving", "leaving")}
        yield from ev_rules(e, told, who, start_mwh=state.level_mwh.get(e.name), step_h=step_h)
        yield from apart(
            e.name, _("brings other than what arrives"), at[e.name], told["discharge"] - told["charge"]
        )
        yield from apart(
            e.name, _("costs other than told"), done.cost[e.name], ev_cost(e, told, step_h), 1e-2
        )
    for m in system.shiftable:
        usual = hours.load_mw[m.name]
        yield from shiftable_rules(m, usual, -at[m.name], done.columns, state, step_h=step_h)
        moved, lost = shiftable_cost(m, usual, done.columns, step_h)
        yield from above(m.name, _("costs other than told"), moved + lost, done.cost[m.name], 1e-2)
    for c in system.interruptible:
        usual = hours.load_mw[c.name]
        yield from interruptible_rules(c, usual, -at[c.name], done.columns, state, step_h=step_h)
        paid = step_h * c.cut_per_mwh * done.columns[f"{c.name}/cut"]
        if np.isfinite(c.lost_per_mwh):
            paid = paid + step_h * c.lost_per_mwh * done.columns[f"{c.name}/unserved"]
        yield from apart(c.name, _("costs other than told"), done.cost[c.name], paid, 1e-2)


def _plants(system: System, hours: Hours, done: Schedule, state: State) -> Iterator[Broken]:
    for p in system.electrolysers:
        load = np.sum([done.columns[f"{p.name}/power_{k}"] for k in range(1, len(p.pieces) + 1)], axis=0)
        made = done.injection_mw[HYDROGEN][p.name]
        yield from plant_rules(p, load, made, state.electrolysers.get(p.name), hours.steps.hours)
        if p.commits:
            warm = done.columns[f"{p.name}/on"] + done.columns[f"{p.name}/standby"] > 0.5
            before, told = state.electrolysers.get(p.name), done.cost[p.name]
            yield from warm_rules(p, load, warm, told, before, step_h=hours.steps.hours)
        else:
            wear = hours.steps.hours * p.wear_per_mwh * load
            yield from apart(p.name, _("costs other than told"), done.cost[p.name], wear, 1e-2)
        waiting = p.standby * p.power_mw * done.columns[f"{p.name}/standby"] if p.commits else 0.0
        taken = -done.injection_mw[ELECTRICITY][p.name]
        yield from apart(p.name, _("takes other than its load"), taken, load + waiting)
    for c in system.fuel_cells:
        power, used = done.injection_mw[ELECTRICITY][c.name], -done.injection_mw[HYDROGEN][c.name]
        yield from above(c.name, _("gives more than it can"), power, c.power_mw)
        yield from apart(c.name, _("takes other than its load"), used * c.efficiency, power)
