"""Everything that is wrong with a system, its hours and its state, found before anything is solved, all at once.

The blocks know what a figure can mean: they are asked over one blank step. Profiles are looked at over all hours, not
over the first window only; names that lead nowhere are found by holding the hours beside the assets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.build import build
from tamna.dispatch.missing import missing
from tamna.errors import InputError, Mistake, Place, gather
from tamna.lang import Message, _
from tamna.optimise.blocks import curtailable, demand, link, thermal_unit
from tamna.optimise.problem import Problem, Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System

    Floats = NDArray[np.float64]


def refuse(system: System, hours: Hours, state: State) -> None:
    """Refuse what cannot be meant.

    Raises
    ------
    InputError
        Every mistake of figures, profiles, names and state, each with its place and a fix.
    """
    gather(mistakes(system, hours, state), InputError)


def mistakes(system: System, hours: Hours, state: State) -> tuple[Mistake, ...]:
    """Give all of them."""
    figures, _shares = build(system, _blank(system, hours), state)
    profiles = Problem(hours.steps)
    _look_at(profiles, system, hours)
    return (*figures.mistakes, *profiles.mistakes, *_leading_nowhere(system, hours, state))


def _blank(system: System, hours: Hours) -> Hours:
    """One step in which nothing is asked for, so that figures alone can be wrong."""
    none = np.zeros(1)
    needed = {
        "potential_mw": [fleet.name for fleet in system.fleets],
        "import_price": [k.name for k in system.links],
        "export_price": [k.name for k in system.links],
    }
    blank: dict[str, Any] = {}
    for f in fields(hours):
        given = getattr(hours, f.name)
        if isinstance(given, np.ndarray):
            blank[f.name] = none
        elif isinstance(given, Mapping):
            blank[f.name] = dict.fromkeys((*given, *needed.get(f.name, ())), none)
    return replace(hours, steps=Steps(count=1, hours=hours.steps.hours), **blank)


def _look_at(problem: Problem, system: System, hours: Hours) -> None:
    """Note profiles that have another length, or hours without a number."""
    asked = [("demand", hours.demand_mw), ("hydrogen_demand", hours.hydrogen_mw)]
    for name, given in asked:
        if given is not None:
            problem.profile(f"{demand.KIND} '{name}'", _("the demand"), given)
    if hours.floor_mw is not None:
        problem.profile("floor/left", _("the floor"), hours.floor_mw)
    for fleet in system.fleets:
        called = f"{curtailable.KIND} '{fleet.name}'"
        could = hours.potential_mw.get(fleet.name, np.float64(0.0))
        could = problem.profile(f"{called}, potential_mw", _("the potential"), could)
        curtailable.refuse_negative(problem, fleet.name, could)
        tied = hours.must_take_mw.get(fleet.name, np.float64(0.0))
        problem.profile(f"{called}, must_take_mw", _("the part that cannot be held back"), tied)
    for one in system.links:
        prices = {"import_price": hours.import_price, "export_price": hours.export_price}
        for figure, by_link in prices.items():
            price = by_link.get(one.name, np.float64(0.0))
            problem.profile(f"{link.KIND} '{one.name}', {figure}", _("the price"), price)
    in_service = [(thermal_unit.KIND, u.name) for u in system.thermal] + [
        (link.KIND, k.name) for k in system.links
    ]
    for kind, name in in_service:
        problem.profile(f"{kind} '{name}'", _("availability"), hours.available.get(name, np.float64(1.0)))
    for name, required in hours.reserve_mw.items():
        problem.profile(f"reserve_mw '{name}'", _("the requirement"), required)  # fmt: skip


def _leading_nowhere(system: System, hours: Hours, state: State) -> Iterator[Mistake]:
    links = {k.name for k in system.links}
    fleets = {f.name for f in system.fleets}
    yield from missing(system, hours)
    parts = [f.name for f in fields(system) if not f.name.endswith("_classes")]
    assets = {a.name for part in parts if isinstance(of := getattr(system, part), tuple) for a in of}
    kinds = {"State.thermal": {u.name for u in system.thermal}, "State.links": links, "Hours.import_price": links, "Hours.export_price": links,
             "Hours.potential_mw": fleets,
             "Hours.must_take_mw": fleets, "Hours.available": assets - fleets}  # fmt: skip
    for where, given in (
        ("Hours.import_price", hours.import_price),
        ("Hours.export_price", hours.export_price),
        ("Hours.potential_mw", hours.potential_mw),
        ("Hours.must_take_mw", hours.must_take_mw),
        ("Hours.available", hours.available),
        ("Hours.reserve_mw", hours.reserve_mw),
        ("State.thermal", state.thermal),
        ("State.links", state.links),
        ("State.level_mwh", state.level_mwh),
        ("State.electrolysers", state.electrolysers),
    ):
        yield from _strangers(where, given, kinds.get(where, assets))


def _strangers(where: str, given: Mapping[str, object], known: Iterable[str]) -> Iterator[Mistake]:
    """Find names that no asset has: a typing error would otherwise go unseen."""
    names = sorted(known)
    for name in sorted(given.keys() - set(names)):
        todo: Message = _("Known: {names}.", names=", ".join(names)) if names else _("Leave it out.")
        yield Mistake(what=_("no asset has this name"), where=Place(path=where), seen=name, todo=todo)
