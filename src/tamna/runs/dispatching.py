"""What should run: an island's file and its hours out of the store become a commitment, its cost and its reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.account import Account, account
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.island import PV, STEADY, WIND, Stand, stand
from tamna.dispatch.rolling import Rolled, roll
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.whatif import WhatIf, changed
from tamna.dispatch.why import Reasons, reasons
from tamna.errors import UsageError
from tamna.grid.clock import HOUR, Period, to_local
from tamna.lang import _
from tamna.optimise.lptext import lp_text
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How
from tamna.runs.dispatch_hours import Came, came

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.check.rule import Broken
    from tamna.dispatch.loop import Foresight
    from tamna.grid import Island
    from tamna.runs.dispatch_hours import Potential
    from tamna.runs.worth import Worth
    from tamna.series import Store

WINDOW_H, STEP_H = 48.0, 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How to dispatch.

    Attributes
    ----------
    reserve
        Hold reserve for the largest in-feed; without it a year takes a fifth of the time.
    exact
        Search each window to `gap`; else commit quickly, each window telling how far off it may be.
    gap
        Of the search, over the cost. [-]
    time_limit_s
        Of each window. [s]
    """

    what_if: WhatIf = WhatIf()
    potential: Potential = "published"
    reserve: bool = True
    exact: bool = False
    gap: float = 1e-3
    time_limit_s: float = 60.0
    why: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """One run: the assets, the hours they faced, what they did, what that comes to, and why."""

    system: System
    hours: Hours
    before: State
    rolled: Rolled
    account: Account
    reasons: Reasons | None
    broken: tuple[Broken, ...]

    @property
    def gap(self) -> float:
        """The largest proven distance of a window from its best, over its cost. [-]"""
        return max(w.found.gap for w in self.rolled.windows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dispatched:
    """What was asked and found; `beside` is the island as it stands where something was changed."""

    island: Island
    period: Period
    asked: Asked
    stand: Stand
    came: Came
    answer: Answer
    beside: Answer | None
    loop: Loop | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loop:
    """What the dispatch was planned on, where that was a forecast (`tamna.runs.looping`).

    Attributes
    ----------
    planned
        What the plans meant each hour to be.
    worth
        The same days after other forecasts' plans; None where not asked for.
    """

    forecast: str
    foresight: Foresight
    planned: Schedule
    worth: Worth | None


def dispatched(
    store: Store, island: Island, period: Period, asked: Asked, *, fits: Path | None = None
) -> Dispatched:
    """Commit and dispatch an island over a period whose demand, wind and sun are known.

    Raises
    ------
    InputError
        Everything that is wrong with the island's figures, the hours or the words of the question, at once.
    Infeasible
        The clashing rules in words, and what would have to give way.
    """
    stands, seen, hours = prepared(store, island, period, asked, fits)
    local = to_local(seen.stamps, island.timezone)
    changes = changed(asked.what_if, stands.system, hours, stands.state, local)
    answer = _answered(changes, stands, asked)
    beside = _answered((stands.system, hours, stands.state), stands, asked) if asked.what_if else None
    return Dispatched(
        island=island, period=period, asked=asked, stand=stands, came=seen, answer=answer, beside=beside
    )


def lp_of(store: Store, island: Island, period: Period, asked: Asked, *, fits: Path | None = None) -> str:
    """Write the whole period as one problem, as LP text."""
    stands, seen, hours = prepared(store, island, period, asked, fits)
    local = to_local(seen.stamps, island.timezone)
    problem, _shares = build(*changed(asked.what_if, stands.system, hours, stands.state, local))
    return lp_text(problem)


def prepared(
    store: Store,
    island: Island,
    period: Period,
    asked: Asked,
    fits: Path | None,
    *,
    read: Callable[[], Came] | None = None,
) -> tuple[Stand, Came, Hours]:
    """Make the assets and read the hours that they face; `read` gives other hours than those of `came`.

    Raises
    ------
    UsageError
        Assets change within the period.
    GridError, InputError
        What is missing of assets or hours.
    """
    first, last = island.day(period.start), island.day(period.end - HOUR)
    stands = stand(island, first)
    if stand(island, last).system != stands.system:
        raise UsageError(
            _("assets come into service or change within the period"),
            seen=f"{first}..{last}",
            todo=_("Ask for the time before and after it apart; `tamna grid show {name}` has the days.", name=island.name),
        )  # fmt: skip
    if not asked.reserve:
        stands = replace(stands, system=replace(stands.system, reserves=()))
    seen = came(store, island, period, potential=asked.potential, fits=fits) if read is None else read()
    return stands, seen, hours_of(stands, seen, island)


def hours_of(stands: Stand, seen: Came, island: Island) -> Hours:
    """Put what came into the form that the assets face."""
    local = to_local(seen.stamps, island.timezone)
    labels = tuple(str(t)[:16].replace("T", " ") for t in local)
    links = [link.name for link in stands.system.links]
    count = len(labels)
    return Hours(
        steps=Steps(count=count, labels=labels),
        demand_mw=seen.demand_mw,
        hydrogen_mw=np.full(count, stands.hydrogen_mw) if stands.system.electrolysers else None,
        floor_mw=seen.floor_mw,
        potential_mw={WIND: seen.wind_mw, PV: seen.pv_mw, STEADY: seen.steady_mw},
        must_take_mw={STEADY: seen.steady_mw},
        import_price=dict.fromkeys(links, seen.import_price),
        export_price=dict.fromkeys(links, np.zeros(count)),
    )


def _answered(on: tuple[System, Hours, State], stands: Stand, asked: Asked) -> Answer:
    system, hours, state = on
    how = How(gap=asked.gap, time_limit_s=asked.time_limit_s)
    rolled = roll(system, hours, state, window_h=WINDOW_H, step_h=STEP_H, how=how, fast=not asked.exact)
    return Answer(
        system=system,
        hours=hours,
        before=state,
        rolled=rolled,
        account=account(system, hours, rolled.done, stands.burns, state),
        reasons=reasons(system, hours, rolled, WINDOW_H) if asked.why else None,
        broken=broken(system, hours, rolled.done, state),
    )
