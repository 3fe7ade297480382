"""What should run: an island's file and its hours out of the store become a commitment, its cost and its reasons."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tamna.dispatch.account import Account, account
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.daily import begun, capped
from tamna.dispatch.interchange.case import Case
from tamna.dispatch.island import PV, STEADY, WIND, Stand, stand
from tamna.dispatch.rolling import Rolled, roll
from tamna.dispatch.story import told
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.whatif import WhatIf, changed
from tamna.dispatch.whatif_added import assumed_with
from tamna.dispatch.worth import Worth, explained
from tamna.errors import GridError, InputError, Mistake, Place, TamnaError, UsageError, gather
from tamna.grid import load_island
from tamna.grid.clock import HOUR, Period, parse_period, to_local
from tamna.grid.load import bare_island
from tamna.lang import _
from tamna.optimise.lptext import lp_text
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How
from tamna.runs.beyond import gone_on
from tamna.runs.dispatch_beside import beside_of
from tamna.runs.dispatch_floor import BY_OUTPUT
from tamna.runs.dispatch_hours import Came, came
from tamna.runs.opening import open_store
from tamna.runs.worth import ON_PATHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.check.rule import Broken
    from tamna.dispatch.loop import Foresight
    from tamna.dispatch.published import Beside, Telling
    from tamna.dispatch.why import Reasons
    from tamna.grid import Island
    from tamna.runs.dispatch_hours import Potential
    from tamna.runs.many_paths import OnPaths
    from tamna.runs.worth import Worth as Compared
    from tamna.series import Store

T = TypeVar("T")
WINDOW_H, STEP_H = 48.0, 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How to dispatch.

    Attributes
    ----------
    floor
        Who tells what must-run units and links carry at least in each hour. The default may be asked of hours to come; the
        command looks back at hours that are over.
    reserve
        Hold reserve for the largest in-feed; without it a year takes a fifth of the time.
    exact
        Search each window to `gap`; else commit quickly, each window telling how far off it may be.
    gap
        Of the search, over the cost. [-]
    time_limit_s
        Of each window. [s]
    """

    what_if: WhatIf = field(default_factory=WhatIf)
    potential: Potential = "published"
    floor: Telling = "other-years"
    reserve: bool = True
    exact: bool = False
    gap: float = 1e-3
    time_limit_s: float = 60.0
    why: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """One run: the assets, the hours they faced, what they did, what that comes to, and why.

    Attributes
    ----------
    ahead
        The hours with those after them that the last plans looked at.
    """

    system: System
    hours: Hours
    ahead: Hours
    before: State
    rolled: Rolled
    account: Account
    reasons: Reasons | None
    broken: tuple[Broken, ...]
    worths: tuple[Worth, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """Every hour in sentences, in the language of the moment; empty where reasons were not asked for."""
        if self.reasons is None:
            return ()
        return told(self.system, self.hours, self.rolled.done, self.reasons, self.worths)

    @property
    def gap(self) -> float:
        """The largest proven distance of a window from its best, over its cost. [-]"""
        return max(w.found.gap for w in self.rolled.windows)

    @property
    def cut_short(self) -> int:
        """How many windows stopped at the time limit, with their best answer so far."""
        return sum(w.found.status == "time_limit" for w in self.rolled.windows)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dispatched:
    """What was asked and found.

    Attributes
    ----------
    beside
        The island as it stands, where something was changed.
    published
        The island as it stands beside what was published as held back of wind; None where nothing was.
    """

    island: Island
    period: Period
    asked: Asked
    stand: Stand
    came: Came
    answer: Answer
    beside: Answer | None
    published: Beside | None = None
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
    worth_before
        The same on the island as it stands, where something was changed.
    on_paths
        What was decided on many paths comes to on them; None where it was decided on the forecast's middle.
    """

    forecast: str
    foresight: Foresight
    planned: Schedule
    worth: Compared | None
    worth_before: Compared | None = None
    on_paths: OnPaths | None = None

    @property
    def kind(self) -> str:
        """What it is called among the forecasts that are compared."""
        return self.forecast if self.on_paths is None else ON_PATHS


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
    stands, seen, ahead = prepared(store, island, period, asked, fits, beyond=beyond_windows)
    count = len(seen.stamps)
    changes = changed_case(island, stands, seen, ahead, asked)
    stands = replace(stands, assumed=(*stands.assumed, *assumed_with(asked.what_if.added)))
    answer = _answered(changes, stands, asked, count)
    unchanged = (
        _answered((stands.system, ahead, stands.state), stands, asked, count) if asked.what_if else None
    )
    return Dispatched(
        island=island, period=period, asked=asked, stand=stands, came=seen, answer=answer, beside=unchanged,
        published=beside_of(island, seen, unchanged or answer, seen.published_mwh, asked.floor),
    )  # fmt: skip


def lp_of(store: Store, island: Island, period: Period, asked: Asked, *, fits: Path | None = None) -> str:
    """Write the whole period as one problem, as LP text."""
    case = case_of(store, island, period, asked, fits=fits)
    problem, _shares = build(case.system, case.hours, case.state)
    return lp_text(problem)


def case_of(store: Store, island: Island, period: Period, asked: Asked, *, fits: Path | None = None) -> Case:
    """Give the whole period as it would be dispatched: assets, hours, what was before."""
    stands, seen, hours = prepared(store, island, period, asked, fits)
    system, hours, state = changed_case(island, stands, seen, hours, asked)
    return Case(system=system, hours=hours, state=state)


def changed_case(
    island: Island, stands: Stand, seen: Came, ahead: Hours, asked: Asked
) -> tuple[System, Hours, State]:
    """Apply what is asked to the assets and all hours that are looked at.

    Raises
    ------
    UsageError
        As `tamna.dispatch.whatif.changed` does.
    """
    local = to_local(seen.stamps[0] + HOUR * np.arange(ahead.steps.count), island.timezone)
    return changed(
        asked.what_if, stands.system, ahead, stands.state, local,
        capacity_mw=capacity_mw(island, stands.day), count=len(seen.stamps),
    )  # fmt: skip


def beyond_windows(count: int) -> int:
    """Say how far the window of the last day looks beyond so many hours [h]."""
    return int(-(-count // STEP_H) * STEP_H + WINDOW_H - STEP_H) - count


def capacity_mw(island: Island, day: date) -> dict[str, float]:
    """Give what the metered fleets of a day add up to, by the fleets of a dispatch: more of them gives as they do [MW]."""
    kinds = {"wind": WIND, "pv": PV}
    total = dict.fromkeys(kinds.values(), 0.0)
    for fleet in island.fleets:
        stands = fleet.capacity_at(day) if fleet.metering == "market" else None
        if fleet.kind in kinds and stands is not None:
            total[kinds[fleet.kind]] += float(stands)
    return total


def prepared(
    store: Store,
    island: Island,
    period: Period,
    asked: Asked,
    fits: Path | None,
    *,
    read: Callable[[Period], Came | None] | None = None,
    beyond: Callable[[int], int] = lambda _count: 0,
) -> tuple[Stand, Came, Hours]:
    """Make the assets and read the hours that they face.

    Parameters
    ----------
    read
        Gives other hours than those of `came`; None where they are not known.
    beyond
        How many hours after so many are looked at as well. A cap on CO2 is of the period: with one it is all there is.

    Returns
    -------
    Assets; what came in the period; the hours that assets face, those beyond it among them.

    Raises
    ------
    UsageError
        Assets change within the period, or it does not begin and end with an hour.
    GridError, InputError
        What is missing of assets or hours.
    """
    gather(_within_hours(period, island.timezone), UsageError)
    first, last = island.day(period.start), island.day(period.end - HOUR)
    wrong: list[Mistake] = []
    stands = _or_mistakes(lambda: stand(island, first), wrong)
    later = None if stands is None else stand(island, last)
    if (
        stands is not None
        and later is not None
        and (later.system, later.daily) != (stands.system, stands.daily)
    ):
        raise UsageError(
            _("assets come into service or change within the period"),
            seen=f"{first}..{last}",
            todo=_("Ask for the time before and after it apart; `tamna grid show {name}` has the days.", name=island.name),
        )  # fmt: skip
    read = read or partial(_came, store, island, potential=asked.potential, fits=fits)
    seen = _or_mistakes(partial(read, period), wrong)
    if stands is None or seen is None:
        raise InputError(wrong)
    if not asked.reserve:
        stands = replace(stands, system=replace(stands.system, reserves=()))
    if seen.floor is not None and asked.floor != "other-years":
        seen = replace(seen, notes=(*seen.notes, BY_OUTPUT[asked.floor]))
    if not stands.system.electrolysers and (
        island.hydrogen_stores or island.fuel_cells or island.hydrogen_users
    ):
        dry = _(
            "no electrolyser stands on this day: the file's hydrogen stores, fuel cells and users are left out"
        )
        seen = replace(seen, notes=(*seen.notes, dry))
    more = 0 if stands.system.co2 is not None else beyond(len(seen.stamps))
    hours = hours_of(stands, gone_on(seen, more, read, asked.floor), island)
    state = begun(stands.system, stands.state, stands.daily, to_local(seen.stamps, island.timezone))
    stands = replace(stands, system=capped(stands.system, hours), state=state)
    return stands, seen, hours


def _came(store: Store, island: Island, period: Period, *, potential: Potential, fits: Path | None) -> Came:
    return came(store, island, period, potential=potential, fits=fits)


def _within_hours(period: Period, timezone: str) -> Iterator[Mistake]:
    for option, moment in (("--from", period.start), ("--to", period.end)):
        local = to_local(np.array([moment]), timezone)[0]
        if local != local.astype("datetime64[h]"):
            yield Mistake(
                what=_("lies within an hour, and the hours are what is known"),
                where=Place(path=option),
                seen=str(local)[:16].replace("T", " "),
                todo=_("Begin and end with a whole hour."),
            )


def _or_mistakes(verb: Callable[[], T], wrong: list[Mistake]) -> T | None:
    """Do it, or note what is wrong, so that all of an input comes at once."""
    try:
        return verb()
    except InputError as refused:
        wrong += refused.mistakes
        return None


def island_of(name: str, store_at: str, start: str, end: str) -> Island:
    """Read the island of a dispatch.

    Raises
    ------
    GridError
        Every mistake of its file, and with them what is wrong with the hours of the period, as far as the rest of the
        file says where to look.
    """
    try:
        return load_island(name)
    except GridError as refused:
        wrong = list(refused.mistakes)
    bare = bare_island(name)
    if bare is not None:
        with contextlib.suppress(TamnaError):
            period, store = parse_period(start, end, bare.timezone), open_store(store_at, bare)
            _or_mistakes(lambda: came(store, bare, period), wrong)
    raise GridError(wrong)


def hours_of(stands: Stand, seen: Came, island: Island) -> Hours:
    """Put what came into the form that the assets face."""
    local = to_local(seen.stamps, island.timezone)
    labels = tuple(str(t)[:16].replace("T", " ") for t in local)
    links = [link.name for link in stands.system.links]
    count, must = len(labels), {STEADY: seen.steady_mw}
    if seen.floor is not None:
        must[WIND] = np.minimum(seen.wind_mw, seen.floor.rest_mw)
    hours = Hours(
        steps=Steps(count=count, labels=labels),
        demand_mw=seen.demand_mw,
        hydrogen_mw=np.full(count, stands.hydrogen_mw) if stands.system.electrolysers else None,
        floor_mw=None if seen.floor is None else seen.floor.mw,
        potential_mw={WIND: seen.wind_mw, PV: seen.pv_mw, STEADY: seen.steady_mw},
        must_take_mw=must,
        import_price=dict.fromkeys(links, seen.import_price),
        export_price=dict.fromkeys(links, np.zeros(count)),
    )
    return stands.daily.into(hours, local)


def _answered(on: tuple[System, Hours, State], stands: Stand, asked: Asked, count: int) -> Answer:
    system, ahead, state = on
    rolled = rolled_on(on, asked, count)
    why, worth = explained(system, ahead, rolled, WINDOW_H) if asked.why else (None, ())
    hours = ahead.part(0, count)
    return Answer(
        system=system,
        hours=hours,
        ahead=ahead,
        before=state,
        rolled=rolled,
        account=account(system, hours, rolled.done, stands.burns, state),
        reasons=why,
        broken=broken(system, hours, rolled.done, state),
        worths=worth,
    )


def rolled_on(on: tuple[System, Hours, State], asked: Asked, count: int) -> Rolled:
    """Commit window by window, so many steps; the last windows look beyond them as far as there are hours."""
    system, ahead, state = on
    how = How(gap=asked.gap, time_limit_s=asked.time_limit_s)
    return roll(
        system, ahead, state, window_h=WINDOW_H, step_h=STEP_H, carry_out_h=count * ahead.steps.hours, how=how,
        fast=not asked.exact,
    )  # fmt: skip
