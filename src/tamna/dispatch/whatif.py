"""What if: one more battery, one link less, a unit out for some hours, written in one word each.

``battery:100MW/400MWh`` adds (`tamna.dispatch.whatif_added`), ``link:hvdc1`` takes away, and
``thermal:jeju-cc 2024-01-25 06:00..18:00`` is out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.whatif_added import added
from tamna.errors import Mistake, Place, UsageError, gather
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System

    Stamps = NDArray[np.datetime64]

_OUTAGE = re.compile(r"(\S+) (\d{4}-\d{2}-\d{2}) (\d{2}):00\.\.(?:(\d{4}-\d{2}-\d{2}) )?(\d{2}):00")
_PARTS = (
    "thermal", "links", "batteries", "electrolysers", "hydrogen_stores", "fuel_cells", "ev_fleets", "shiftable",
    "interruptible", "loads", "condensers",
)  # fmt: skip
_PROFILES = ("import_price", "export_price", "load_mw", "plugged", "arriving", "leaving")
_FAILING = ("thermal", "links", "condensers")
"""What can be taken out for some hours; the others can be left out for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What differs from the island as it stands: words as they were typed."""

    added: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    outages: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.without or self.outages)


def changed(
    asked: WhatIf,
    system: System,
    hours: Hours,
    state: State,
    local: Stamps,
    *,
    capacity_mw: Mapping[str, float] | None = None,
    count: int | None = None,
) -> tuple[System, Hours, State]:
    """Apply what is asked.

    Parameters
    ----------
    local : (steps,)
        Start of each step on the island's clock.
    capacity_mw
        By fleet, what its potential is the output of; more wind follows it. [MW]
    count
        So many of the steps are asked for, the others only looked at; None: all.

    Raises
    ------
    UsageError
        Every word that cannot be read, and every name that the island does not have, at once.
    """
    mistakes: list[Mistake] = []
    gone = {_known(word, system, _PARTS, "--without", mistakes) for word in asked.without}
    count = len(local) if count is None else count
    out = [o for word in asked.outages if (o := _outage(word, system, local, count, mistakes)) is not None]
    mistakes += [
        Mistake(
            what=_("what is left out cannot fail as well"),
            where=Place(path="--outage"),
            seen=name,
            todo=_("Give either --without or --outage for it."),
        )
        for name, _inside in out
        if name in gone
    ]
    more = added(
        asked.added, system, hours, state, local=local, capacity_mw=capacity_mw or {}, mistakes=mistakes
    )
    gather(mistakes, UsageError)
    system, hours, state = more
    available = dict(hours.available)
    for name, inside in out:
        available[name] = np.where(inside, 0.0, available.get(name, np.ones(len(local))))
    gone |= {c.name for c in system.condensers if c.of in gone}
    parts: dict[str, Any] = {part: _kept(getattr(system, part), gone) for part in _PARTS}
    profiles: dict[str, Any] = {name: _left(getattr(hours, name), gone) for name in _PROFILES}
    return (
        _promised(replace(system, **parts), gone),
        replace(hours, available=_left(available, gone), **profiles),
        replace(
            state,
            level_mwh=_left(state.level_mwh, gone),
            thermal=_left(state.thermal, gone),
            links=_left(state.links, gone),
            electrolysers=_left(state.electrolysers, gone),
            ahead_mwh=_left(state.ahead_mwh, gone),
        ),
    )


def _promised(system: System, gone: set[str]) -> System:
    """Leave what is gone out of what several assets promise together: support of the grid, contracts."""
    need = system.synchronous
    if need is not None:
        need = replace(need, machines=_kept(need.machines, gone))
    contracts = tuple(
        replace(c, loads=tuple(name for name in c.loads if name not in gone)) for c in system.matchings
    )
    return replace(system, synchronous=need, matchings=contracts)


def _kept(assets: Iterable[Any], gone: set[str]) -> tuple[Any, ...]:
    return tuple(a for a in assets if a.name not in gone)


def _left(of: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    return {name: value for name, value in of.items() if name not in gone}


def _known(word: str, system: System, parts: tuple[str, ...], option: str, mistakes: list[Mistake]) -> str:
    """Give the asset that a word names; ``_`` may stand for ``-``."""
    names = [a.name for part in parts for a in getattr(system, part)]
    name = word.strip()
    if name not in names:
        name = name.replace("_", "-")
    if name not in names:
        mistakes.append(
            Mistake(
                what=_("the island has no such asset in these hours"),
                where=Place(path=option),
                seen=word,
                todo=_("Known: {names}.", names=", ".join(names)),
            )
        )
    return name


def _outage(
    word: str, system: System, local: Stamps, count: int, mistakes: list[Mistake]
) -> tuple[str, NDArray[np.bool_]] | None:
    found = _OUTAGE.fullmatch(word.strip())
    if found is None or not _clock(found):
        mistakes.append(_unread("--outage", word, "thermal:jeju-cc 2024-01-25 06:00..18:00"))
        return None
    name = _known(found[1], system, _FAILING, "--outage", mistakes)
    start = np.datetime64(found[2], "h") + int(found[3])
    end = np.datetime64(found[4] or found[2], "h") + int(found[5])
    inside = (local >= start) & (local < end)
    if not inside[:count].any():
        mistakes.append(
            Mistake(
                what=_("the outage lies outside the hours asked, or ends before it starts"),
                where=Place(path="--outage"),
                seen=word,
                todo=_("Give hours between {first} and {last}.", first=str(local[0])[:16], last=str(local[count - 1])[:16]),
            )
        )  # fmt: skip
    return name, inside


def _clock(found: re.Match[str]) -> bool:
    try:
        _days = [np.datetime64(d, "D") for d in (found[2], found[4]) if d]
    except ValueError:
        return False
    return all(int(hour) <= 24 for hour in (found[3], found[5]))


def _unread(option: str, word: str, right: str) -> Mistake:
    return Mistake(
        what=_("{option} is not understood", option=option),
        where=Place(path=option),
        seen=word,
        todo=_("Write such as {right}.", right=right),
    )
