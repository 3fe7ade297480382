"""Profiles of all hours, and the state before them: what cannot be meant, beside what the blocks find in figures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, Place
from tamna.lang import _
from tamna.optimise.blocks import (
    curtailable,
    demand,
    electrolyser,
    ev,
    interruptible,
    link,
    shiftable,
    synchronous,
    thermal_unit,
)
from tamna.optimise.blocks.checks import at_least, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.problem import Problem, Steps

    Floats = NDArray[np.float64]

NONE, ALL = np.float64(0.0), np.float64(1.0)


def step_mistakes(steps: Steps) -> Iterator[Mistake]:
    """Find steps that are none: nothing else can be looked at then."""
    if steps.count < 1:
        yield Mistake(
            what=_("there are no steps"), where=Place(path="Steps.count"), seen=str(steps.count),
            todo=_("Give at least one."),
        )  # fmt: skip
    if not 0.0 < steps.hours < math.inf:
        yield Mistake(
            what=_("a step must last longer than nothing"), where=Place(path="Steps.hours"), seen=f"{steps.hours:g}",
            todo=_("Give its length in hours: 1, or 0.0833 for five minutes."),
        )  # fmt: skip


def look_at(problem: Problem, system: System, hours: Hours) -> None:
    """Note profiles that have another length, hours without a number, and values that cannot be meant."""
    _demand(problem, hours)
    _fleets(problem, system, hours)
    for one in system.links:
        for figure, by_link in (("import_price", hours.import_price), ("export_price", hours.export_price)):
            price = by_link.get(one.name, NONE)
            problem.profile(f"{link.KIND} '{one.name}', {figure}", _("the price"), price)
    _in_service(problem, system, hours)
    _loads(problem, system, hours)
    _vehicles(problem, system, hours)
    for name, required in hours.reserve_mw.items():
        given = problem.profile(f"reserve_mw '{name}'", _("the requirement"), required)
        within(problem, f"reserve_mw '{name}'", given, (0.0, np.inf), _("the requirement is below zero"))


def _demand(problem: Problem, hours: Hours) -> None:
    for name, asked in (("demand", hours.demand_mw), ("hydrogen_demand", hours.hydrogen_mw)):
        if asked is not None:
            given = problem.profile(f"{demand.KIND} '{name}'", _("the demand"), asked)
            if name == "hydrogen_demand":  # that of electricity may lie below zero: roofs give back
                within(
                    problem, f"{demand.KIND} '{name}'", given, (0.0, np.inf), _("the demand is below zero")
                )
    if hours.floor_mw is not None:
        problem.profile("floor/left", _("the floor"), hours.floor_mw)
    for figure, required in (("strength_mva", hours.strength_mva), ("inertia_mws", hours.inertia_mws)):
        if required is not None:
            problem.profile(f"{synchronous.KIND}, {figure}", _("the requirement"), required)


def _fleets(problem: Problem, system: System, hours: Hours) -> None:
    for fleet in system.fleets:
        called = f"{curtailable.KIND} '{fleet.name}'"
        could = problem.profile(
            f"{called}, potential_mw", _("the potential"), hours.potential_mw.get(fleet.name, NONE)
        )
        if curtailable.refuse_negative(problem, fleet.name, could):
            could = np.maximum(could, 0.0)
        tied = hours.must_take_mw.get(fleet.name, NONE)
        tied = problem.profile(f"{called}, must_take_mw", _("the part that cannot be held back"), tied)
        if fleet.name in hours.potential_mw:
            curtailable.refuse_tied(problem, fleet.name, tied, could)


def _in_service(problem: Problem, system: System, hours: Hours) -> None:
    kinds = [(thermal_unit.KIND, u.name) for u in system.thermal] + [
        (link.KIND, k.name) for k in system.links
    ]
    for kind, name in kinds:
        called = f"{kind} '{name}'"
        share = problem.profile(called, _("availability"), hours.available.get(name, ALL))
        within(problem, f"{called}, available", share, (0.0, 1.0), _("must lie in [0, 1]"))


def _loads(problem: Problem, system: System, hours: Hours) -> None:
    usual = {
        name: problem.profile(f"load_mw '{name}'", _("the load"), of) for name, of in hours.load_mw.items()
    }
    for moved in system.shiftable:
        if moved.name in usual and not [*moved.mistakes()]:
            problem.note(shiftable.load_mistakes(problem, moved, usual[moved.name]))
    for cut in system.interruptible:
        if cut.name in usual and not [*cut.mistakes()]:
            problem.note(interruptible.load_mistakes(problem, cut, usual[cut.name]))
    for name in (*(n.name for n in system.loads), *(m.name for m in system.matchings)):
        if name in usual:
            within(problem, f"load_mw '{name}'", usual[name], (0.0, np.inf), _("the load is below zero"))


def _vehicles(problem: Problem, system: System, hours: Hours) -> None:
    parts = {"plugged": hours.plugged, "arriving": hours.arriving, "leaving": hours.leaving}
    for fleet in system.ev_fleets:
        shares = {
            what: problem.profile(
                f"{ev.KIND} '{fleet.name}', {what}", _("a share of the fleet"), of[fleet.name]
            )
            for what, of in parts.items()
            if fleet.name in of
        }
        if len(shares) == len(parts):
            problem.note(ev.share_mistakes(problem, fleet.name, shares))


def state_mistakes(state: State) -> Iterator[Mistake]:
    """Find times and outputs before the first step that cannot be; an output that is not known is NaN."""
    for name, was in state.thermal.items():
        yield from at_least(thermal_unit.KIND, name, {"State.thermal, hours": was.hours})
        if was.mw < 0.0:
            yield from at_least(thermal_unit.KIND, name, {"State.thermal, mw": was.mw})
    for name, at in state.links.items():
        yield from at_least(link.KIND, name, {"State.links, idle_h": at.idle_h})
    for name, plant in state.electrolysers.items():
        figures = {"State.electrolysers, hours": plant.hours, "State.electrolysers, mw": plant.mw}
        yield from at_least(electrolyser.KIND, name, figures)
