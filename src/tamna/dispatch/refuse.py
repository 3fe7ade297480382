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
from tamna.dispatch.refuse_hours import look_at, state_mistakes, step_mistakes
from tamna.errors import InputError, Mistake, Place, gather
from tamna.lang import Message, _
from tamna.optimise.blocks import reserve
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
    if none := tuple(step_mistakes(hours.steps)):
        return none
    wrong = tuple(state_mistakes(state))
    before = replace(state, thermal={}, links={}, electrolysers={}) if wrong else state
    once, twice = _once(system)
    figures, _shares = build(once, _blank(once, hours), before)
    profiles = Problem(hours.steps)
    look_at(profiles, system, hours)
    return (*twice, *figures.mistakes, *profiles.mistakes, *wrong, *_leading_nowhere(system, hours, state))


def _once(system: System) -> tuple[System, list[Mistake]]:
    """Give the system with the first asset of each name, and the names that occur more than once."""
    seen: set[str] = set()
    twice: dict[str, Mistake] = {}
    kept: dict[str, Any] = {}
    for f in fields(system):
        part = getattr(system, f.name)
        if not isinstance(part, tuple) or f.name.endswith("_classes"):
            continue
        kept[f.name] = []
        for asset in part:
            if asset.name not in seen:
                seen.add(asset.name)
                kept[f.name].append(asset)
                continue
            place = Place(path=f"System.{f.name}")
            todo = _("Name each asset once.")
            twice[asset.name] = Mistake(what=_("this name is taken"), where=place, seen=asset.name, todo=todo)
    once: dict[str, Any] = {name: tuple(part) for name, part in kept.items()}
    return replace(system, **once), list(twice.values())


def _blank(system: System, hours: Hours) -> Hours:
    """One step in which nothing is asked for, so that figures alone can be wrong."""
    none = np.zeros(1)
    needed = {
        "potential_mw": [fleet.name for fleet in system.fleets],
        "import_price": [k.name for k in system.links],
        "export_price": [k.name for k in system.links],
        "plugged": (evs := [e.name for e in system.ev_fleets]),
        "arriving": evs,
        "leaving": evs,
        "load_mw": [*(c.name for c in system.interruptible), *(load.name for load in system.loads)],
    }
    blank: dict[str, Any] = {}
    for f in fields(hours):
        given = getattr(hours, f.name)
        if isinstance(given, np.ndarray):
            blank[f.name] = none
        elif isinstance(given, Mapping):
            blank[f.name] = dict.fromkeys((*given, *needed.get(f.name, ())), none)
    blank["load_mw"] |= {m.name: np.array([m.least_mw]) for m in system.shiftable}
    return replace(hours, steps=Steps(count=1, hours=hours.steps.hours), **blank)


def _leading_nowhere(system: System, hours: Hours, state: State) -> Iterator[Mistake]:
    links = {k.name for k in system.links}
    fleets = {f.name for f in system.fleets}
    yield from missing(system, hours)
    known = {a.name for a in _assets(system)}
    for product in system.reserves:
        yield from _strangers(
            f"{reserve.KIND} '{product.name}', providers", dict.fromkeys(product.providers or ()), known
        )
    assets = {a.name for a in _assets(system)}
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
        ("Hours.load_mw", hours.load_mw),
        ("Hours.plugged", hours.plugged),
        ("State.ahead_mwh", state.ahead_mwh),
        ("State.thermal", state.thermal),
        ("State.links", state.links),
        ("State.level_mwh", state.level_mwh),
        ("State.electrolysers", state.electrolysers),
    ):
        yield from _strangers(where, given, kinds.get(where, assets))


def _assets(system: System) -> list[Any]:
    """Give everything with a name of its own."""
    parts = [f.name for f in fields(system) if not f.name.endswith("_classes")]
    return [a for part in parts if isinstance(of := getattr(system, part), tuple) for a in of]


def _strangers(where: str, given: Mapping[str, object], known: Iterable[str]) -> Iterator[Mistake]:
    """Find names that no asset has: a typing error would otherwise go unseen."""
    names = sorted(known)
    for name in sorted(given.keys() - set(names)):
        todo: Message = _("Known: {names}.", names=", ".join(names)) if names else _("Leave it out.")
        yield Mistake(what=_("no asset has this name"), where=Place(path=where), seen=name, todo=todo)
