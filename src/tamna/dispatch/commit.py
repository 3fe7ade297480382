"""On and off to a stated gap, with the bound that proves it: two searches beside each other, each helping the other.

One looks for schedules: of all decisions it leaves free those that the prices of the relaxed problem leave in doubt, few at
first, more in each round; when it finds nothing better for a while, it polishes what it has, some hours at a time. The
other proves: it cuts the relaxed problem tighter, then searches for a schedule cheaper than what is wanted, with
everything settled that such a schedule cannot have. An empty tree there is the bound.

Each hands the other what makes its problem small: near the answer of the cut problem lie schedules that are several times
closer, so the first leaves all else for it; and a better schedule asks for less of a bound, so the second begins again
with less room. Both stop as soon as schedule and bound lie within the gap.

A relaxation leaves reserve out of the hours in which it seems plentiful; each schedule is priced in the whole problem, and
where one falls short of reserve, the search begins again with reserve in those hours, too.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from threading import Condition
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.fast import WANTED, on_of
from tamna.dispatch.pglib_polish import cheaper, decided, windows
from tamna.dispatch.pglib_relaxed import Relaxed, in_busy_hours, relaxed, reserve_mw, spare_mw, tightened
from tamna.errors import Infeasible, TamnaError
from tamna.lang import _
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import How, Model, Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

LEAST_GAP = 1e-4
"""Rooms are sized by the gap that is asked for, or by this where it is smaller. [-]"""
NEAR_STEPS, NEAR_SHARE = 3, 0.4
"""First searched are so many hours around each change of the relaxed answer, for so much of the time at most."""
NEAR_CUTS_STEPS, NEAR_CUTS_ROOM = 1, 1.5
"""Near the answer of the cut problem fewer hours, and only what alone costs less than so many gaps."""
FIRST_ROOM, WIDER = 0.45, 2.5
"""In the first round, what alone costs more than so many gaps is settled; in each further round so many times more."""
CUT_GAPS = 4.0
"""Cuts hold for schedules up to so many gaps above the first bound."""
CUT_SHARE = 0.6
"""Of the time, for cuts at most: the solver keeps none where it is stopped before their end."""
STEP_AFTER_CUTS, NEARER = 0.25, 0.7
"""The first proof after cuts asks for so much of a gap; one is begun again where so much of its room would do."""
QUIET_SHARE, WINDOW_SHARE = 0.05, 0.1
"""A schedule that stood for so much of the time is polished; a window is searched for so much of what is left at most."""
QUICK_S = 2.0
"""A proof that took less is followed by one of a longer step, any other by one of a shorter step. [s]"""
_ALL_SHARE = 1e5
"""Room of so many gaps holds everything."""
_HAIR, _HALF = 1e-6, 0.5
_WHOLE = 1e-6
_SHORT_MW = 1e-6
_DECISIONS = ("on", "start", "stop")
_PAUSE_S = 0.2
_END_S = 0.5
"""So much time is left for the last pricing. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """An answer with what is proven of it.

    Attributes
    ----------
    objective, bound
        What it costs, and what no answer can cost less than. [money]
    x : (columns,)
        Values of the columns.
    """

    objective: float
    bound: float
    x: Floats

    @property
    def gap(self) -> float:
        """Proven distance from the best, over the objective. [-]"""
        return max(0.0, self.objective - self.bound) / abs(self.objective) if self.objective else 0.0


def commit(
    arrays: Arrays, system: System, hours: Hours, state: State, *, gap: float, time_limit_s: float
) -> Committed:
    """Find a schedule to `gap`, or the best within the time.

    Parameters
    ----------
    arrays
        The whole problem, as `tamna.dispatch.build.build` wrote it of the other three.

    Raises
    ------
    Infeasible
        No answer.
    TamnaError
        No answer within the time.
    """
    search = Search(arrays, reserve_mw(system, hours), gap, time.monotonic() + time_limit_s)
    tight, paired = tightened(arrays, system, hours, state)
    search.begin(relaxed(tight, paired, system, hours, state, limit_s=max(search.left_s, 1.0)))
    search.run()
    while search.short is not None and not search.done and search.left_s > 0.0:
        busy = search.relaxed.busy | search.short
        search.begin(in_busy_hours(tight, system, state, paired, busy, limit_s=search.left_s))
        search.run()
    return search.answer()


class Search:
    """The best schedule and bound so far, and the two searches that better them."""

    def __init__(self, arrays: Arrays, reserve_mw: Floats, gap: float, end: float) -> None:
        self.arrays, self.reserve_mw, self.gap, self.end = arrays, reserve_mw, gap, end
        self.bound, self.objective = -np.inf, np.inf
        self.x: Floats | None = None
        self.over = False
        self.short: Bools | None = None
        self._news = Condition()
        self._waiting: list[tuple[Floats, Bools]] = []
        self._polished = np.inf  # what costs as much or more needs no polish
        self._met_at = time.monotonic()
        self._quiet_s = QUIET_SHARE * max(end - self._met_at, 0.0)

    @property
    def left_s(self) -> float:
        """What is left of the time. [s]"""
        return self.end - _END_S - time.monotonic()

    @property
    def done(self) -> bool:
        """Whether schedule and bound lie within the gap."""
        return self.x is not None and self.objective - self.bound <= self.gap * abs(self.objective)

    @property
    def stopped(self) -> bool:
        """Whether there is nothing more to do, or no time to do it in."""
        return self.done or self.short is not None or self.over or self.left_s <= 0.0

    @property
    def _enough(self) -> float:
        """A bound that would do: a hair more than the gap asks for. [money]"""
        return (
            self.objective - (1.0 - _HAIR) * self.gap * abs(self.objective) if self.x is not None else np.inf
        )

    def answer(self) -> Committed:
        """Give what was found."""
        if self.x is None:
            raise TamnaError(_("no schedule was found within the time"), todo=_("Allow more time."))
        return Committed(objective=self.objective, bound=min(self.bound, self.objective), x=self.x)

    def begin(self, first: Relaxed) -> None:
        """Take a relaxation to search in."""
        self.first = self.relaxed = first
        self.over, self.short = False, None
        self.proven(first.bound)

    def run(self) -> None:
        """Search until done: two threads that search, and this one, which prices what they find.

        What the rounded answer settles is not searched: presolve of a thousand units takes a minute that nothing ends.
        """
        self._round()
        if self.done:
            return
        with ThreadPoolExecutor(max_workers=2) as pool:
            tasks = [pool.submit(self._ended(work)) for work in (self._find, self._prove)]
            while not all(t.done() for t in tasks) or self._waiting:
                with self._news:
                    if not self._waiting:
                        self._news.wait(_PAUSE_S)
                    given, self._waiting = self._waiting, []
                for on, short in given[-1:]:
                    self._price(on, short)
        for task in tasks:
            task.result()

    def _ended(self, work: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                work()
            except BaseException:
                self.over = True  # so that the other one stops, too
                raise

        return guarded

    def proven(self, bound: float) -> None:
        """Take a bound."""
        with self._news:
            self.bound = max(self.bound, bound)
            self._news.notify_all()

    def met(self, given: Relaxed, x: Floats) -> None:
        """Take an answer of a relaxation, to be priced."""
        groups = [g for g in given.arrays.columns if g.name.rpartition("/")[2] in _DECISIONS]
        on = np.concatenate([x[g.place].round() for g in groups])
        short = spare_mw(replace(given, x=x), self.reserve_mw) < -_SHORT_MW
        with self._news:
            self._waiting.append((on, short))
            self._news.notify_all()

    def _round(self) -> None:
        """Price the relaxed answer, rounded: where that keeps all rules, a schedule at once."""
        first = self.first
        at = {g.name: g.place for g in first.arrays.columns}
        for wanted in WANTED:
            does: dict[str, Bools] = {}
            for unit in first.system.thermal:
                if unit.commits:
                    place, state = at[f"{unit.name}/on"], first.state.thermal[unit.name]
                    bounds = (
                        first.arrays.column_lower[place] > _HALF,
                        first.arrays.column_upper[place] > _HALF,
                    )
                    on = on_of(unit, first.x[place], bounds, state, wanted=wanted, step_h=1.0)
                    before = np.concatenate([[state.on], on[:-1]])
                    moves = {"on": on, "start": on & ~before, "stop": before & ~on}
                    does |= {f"{unit.name}/{what}": value for what, value in moves.items()}
            whole = [does[g.name] for g in self.arrays.columns if g.name in does]
            if not whole:
                return
            with suppress(TamnaError):
                self._cost(np.concatenate(whole).astype(np.float64))

    def _price(self, on: Floats, short: Bools) -> None:
        """Price a schedule; where its hours lack reserve, the search must begin again."""
        try:
            self._cost(on)
        except Infeasible:
            if not self.relaxed.busy.all():
                self.short = short if (short & ~self.relaxed.busy).any() else np.ones_like(short)

    def _cost(self, on: Floats) -> None:
        """Solve the whole problem with all decisions held, and keep the schedule where it is the best."""
        lower, upper = self.arrays.column_lower.copy(), self.arrays.column_upper.copy()
        whole = [g for g in self.arrays.columns if g.name.rpartition("/")[2] in _DECISIONS]
        at = np.concatenate([np.arange(g.first, g.first + g.size) for g in whole])
        lower[at] = upper[at] = on
        part = shrunk(self.arrays, lower, upper)
        found = Model(replace(part.arrays, integer=np.zeros_like(part.arrays.integer))).solve()
        with self._news:
            if found.objective < self.objective:
                self.objective, self.x = found.objective, part.whole(found.x)
                self._met_at = time.monotonic()
            self._news.notify_all()

    def _tree(self, given: Relaxed, room: float, how: How, stop: Callable[[], bool]) -> Solution:
        """Search what lies within `room`, and tell of every schedule and bound on the way."""
        part = given.part(room)

        def better(x: Floats, _objective: float) -> None:
            self.met(given, part.whole(x))

        def asked(bound: float) -> bool:
            self.proven(min(given.bound + room, given.below, how.cutoff, bound))
            return stop()

        return Model(part.arrays, how).solve(Watch(stop=asked, better=better))

    def _moved(self, given: Relaxed) -> bool:
        """Tell whether to stop, or to begin again with tighter rows than `given`."""
        return self.stopped or self.relaxed is not given

    def _find_near(self, given: Relaxed) -> None:
        """Hold what the relaxed answer has whole, away from its changes and from half decisions; search the rest."""
        cut = given is not self.first
        steps = NEAR_CUTS_STEPS if cut else NEAR_STEPS
        lower, upper = given.settled(NEAR_CUTS_ROOM * self._step(given) if cut else np.inf)
        for group in given.arrays.columns:
            if group.name.endswith("/on"):
                value = given.x[group.place]
                held = group.first + np.flatnonzero(~_loose(value, steps))
                lower[held] = upper[held] = given.x[held].round()
        part = shrunk(given.arrays, lower, upper)
        how = How(gap=self.gap / 4.0, time_limit_s=NEAR_SHARE * self.left_s)
        watch = Watch(
            stop=lambda _bound: self._moved(given),
            better=lambda x, _objective: self.met(given, part.whole(x)),
        )
        with suppress(TamnaError):  # what is held may clash, or the time be too short: less is held next
            Model(part.arrays, how).solve(watch)

    def _step(self, given: Relaxed) -> float:
        """Give the gap that is asked for, or the least that rooms are sized by. [money]"""
        return max(self.gap, LEAST_GAP) * max(abs(given.bound), 1.0)

    def _dull(self, given: Relaxed) -> bool:
        """Tell whether to stop, to begin again with tighter rows, or to polish what is there."""
        unpolished = self.objective < self._polished and time.monotonic() - self._met_at > self._quiet_s
        return self._moved(given) or unpolished

    def _polish(self) -> None:
        """Make the best schedule cheaper window by window, until a whole round finds nothing or rows are tighter."""
        with self._news:
            best, x, before = self.objective, self.x, self.relaxed
        if x is None or best >= self._polished:
            return
        on = {g.name: x[g.place].round() for g in self.arrays.columns if g.name.endswith("/on")}
        idle, first_hours = 0, list(windows(len(self.reserve_mw)))
        while idle < len(first_hours) and not self._moved(before):
            first, idle = first_hours[0], idle + 1
            first_hours = [*first_hours[1:], first]
            given = self.relaxed if best <= self.relaxed.below else self.first
            limit_s = WINDOW_SHARE * max(self.left_s, 0.0)
            found = cheaper(given, on, first, best, limit_s=limit_s, stop=lambda: self._moved(before))
            if found is not None:
                (best, x), idle = found, 0
                on = decided(given, x)
                self.met(given, x)
        if not self._moved(before):
            self._polished = best

    def _find(self) -> None:
        """Look for schedules, near the relaxed answer first, then in more and more room."""
        share, near = FIRST_ROOM, None
        while not self.stopped:
            given = self.relaxed
            if given is not near:
                near = given
                self._find_near(given)
                if given is not self.first:
                    self._polish()
                continue
            room = share * self._step(given)
            how = How(gap=self.gap / 4.0, time_limit_s=self.left_s, cutoff=self.objective)
            try:
                found = self._tree(given, room, how, partial(self._dull, given))
                ended, bound = found.status == "optimal", found.bound
            except Infeasible:
                ended, bound = True, how.cutoff
            except TamnaError:
                ended, bound = False, -np.inf
            self._polish()
            if ended:
                self.proven(min(given.bound + room, given.below, how.cutoff, bound))
                if given.bound + room >= min(self.objective, given.below) and self.x is not None:
                    return
                if share > _ALL_SHARE and not np.isfinite(how.cutoff) and not np.isfinite(bound):
                    raise Infeasible(_("no answer satisfies all constraints"))
                share *= WIDER

    def _asks_less(self, less: float) -> bool:
        """Tell whether to stop, or to begin again with what a better schedule asks for."""
        return self.stopped or self._enough < less

    def _prove(self) -> None:
        """Cut, then show step by step that nothing cheaper than what is wanted exists."""
        step = self._step(self.first)
        try:
            self.relaxed = self.first.cut(CUT_GAPS * step, CUT_SHARE * self.left_s, lambda: self.stopped)
            self.proven(min(self.relaxed.bound, self.relaxed.below))
            step *= STEP_AFTER_CUTS
        except Infeasible:
            self.proven(self.first.bound + CUT_GAPS * step)
        except TamnaError:  # cuts without prices are of no use
            pass
        while not self.stopped:
            wanted = min(self._enough, self.bound + step)
            if wanted <= self.bound:
                with self._news:
                    self._news.wait(_PAUSE_S)
                continue
            given = self.relaxed if wanted <= self.relaxed.below else self.first
            how = How(gap=self.gap / 4.0, time_limit_s=self.left_s, cutoff=wanted, effort=0.0, heuristics=())
            began = time.monotonic()
            less = given.bound + NEARER * (wanted - given.bound)
            try:
                found = self._tree(given, wanted - given.bound, how, partial(self._asks_less, less))
            except Infeasible:
                self.proven(wanted)
            except TamnaError:
                if self._enough >= less:
                    return
            else:
                if found.status == "optimal":
                    self.proven(min(wanted, found.bound))
            step *= 2.0 if time.monotonic() - began < QUICK_S else 0.5


def _loose(value: Floats, steps: int) -> Bools:
    """Mark what lies within so many steps of a change or of a half decision."""
    loose = np.abs(value - value.round()) > _WHOLE
    turned = np.abs(np.diff(value)) > _WHOLE
    loose[1:] |= turned
    loose[:-1] |= turned
    wide = loose.copy()
    for k in range(1, steps + 1):
        wide[k:] |= loose[:-k]
        wide[:-k] |= loose[k:]
    return np.asarray(wide)


def reduced_costs(arrays: Arrays, found: Solution) -> Floats:
    """Give what one more unit of each column would add to a linear answer's cost, (columns,)."""
    priced = np.bincount(
        arrays.column, weights=arrays.factor * found.row_dual[arrays.row], minlength=len(arrays.cost)
    )
    return np.asarray(arrays.cost - priced)
