"""On and off to a stated gap, with the bound that proves it: two searches beside each other, each helping the other.

One looks for schedules: of all decisions it leaves free those that the prices of the relaxed problem leave in doubt, few at
first, more in each round; when it finds nothing better for a while, it polishes what it has, some hours at a time. The
other proves: it cuts the relaxed problem tighter, then searches for a schedule cheaper than what is wanted, with
everything settled that such a schedule cannot have. An empty tree there is the bound.

Each hands the other what makes its problem small: near the answer of the cut problem lie schedules that are several times
closer, so the first leaves all else for it; and a better schedule asks for less of a bound, so the second begins again
with less room. Both stop as soon as schedule and bound lie within the gap.

Where stricter rules are given beside those of the bound, a schedule that keeps them is looked for once the gap is met by the
others: the best one is mended in the hours in which it breaks them, polished, and at last all is searched that costs no
more than the gap allows, which may also show that nothing keeps them. That has its own time (`pglib_known`).

A relaxation leaves reserve out of the hours in which it seems plentiful; each schedule is priced in the whole problem, and
where one falls short of reserve, the search begins again with reserve in those hours, too.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.fast import WANTED, on_of
from tamna.dispatch.pglib_known import Committed, Known
from tamna.dispatch.pglib_polish import around, cheaper, decided, windows
from tamna.dispatch.pglib_relaxed import Relaxed, in_busy_hours, relaxed, reserve_mw, tightened
from tamna.dispatch.pglib_strict import SEEN_MW, by_model_pdf, held
from tamna.errors import Infeasible, TamnaError
from tamna.lang import _
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import How, Model, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.pglib_found import Stricter
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
STRAIGHT = 0.5
"""Where no more of a gap than this is missing, a proof asks for all of it: steps on the way would be proven twice."""
QUIET_SHARE, WINDOW_SHARE = 0.05, 0.1
"""A schedule that stood for so much of the time is polished; a window is searched for so much of what is left at most."""
MEND_GAPS = 2.0
"""A schedule that breaks the stricter rules is mended where that costs no more than so many gaps."""
QUICK_S = 2.0
"""A proof that took less is followed by one of a longer step, any other by one of a shorter step. [s]"""
_ALL_SHARE = 1e5
"""Room of so many gaps holds everything."""
_HALF = 0.5
_WHOLE = 1e-6
_PAUSE_S = 0.2


def commit(
    arrays: Arrays,
    system: System,
    hours: Hours,
    state: State,
    *,
    gap: float,
    time_limit_s: float,
    strict: Stricter | None = None,
) -> Committed:
    """Find a schedule to `gap`, or the best within the time.

    Parameters
    ----------
    arrays
        The whole problem, as `tamna.dispatch.build.build` wrote it of the other three.
    strict
        Stricter rules, which the schedule keeps where one that does is found within `gap` of the bound. The bound is by
        `arrays`.

    Raises
    ------
    Infeasible
        No answer.
    TamnaError
        No answer within the time.
    """
    search = Search(arrays, reserve_mw(system, hours), gap, time.monotonic() + time_limit_s, strict)
    tight, paired = tightened(arrays, system, hours, state)
    narrow = system if strict is None else strict.system  # reserve counts where either rule is near
    search.begin(relaxed(tight, paired, narrow, hours, state, limit_s=max(search.left_s, 1.0)))
    search.run()
    while search.short is not None and not search.done and search.left_s > 0.0:
        busy = search.relaxed.busy | search.short
        search.begin(in_busy_hours(tight, narrow, state, paired, busy, limit_s=search.left_s))
        search.run()
    return search.answer()


class Search(Known):
    """The two searches, and what they know."""

    first: Relaxed
    _polished = np.inf
    """What costs as much or more needs no polish. [money]"""

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
            while not all(t.done() for t in tasks) or self.waiting:
                with self.news:
                    if not self.waiting:
                        self.news.wait(_PAUSE_S)
                    given, self.waiting = self.waiting, []
                for one in given[-1:]:
                    self.price(*one)
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
                self.take(np.concatenate(whole).astype(np.float64))
            if self.done:
                return

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
        """Tell whether to stop, to begin again with tighter rows than `given`, or to keep the stricter rules."""
        return self.stopped or self.keeping or self.relaxed is not given

    def _find_near(self, given: Relaxed) -> None:
        cut = given is not self.first
        steps, room = (NEAR_CUTS_STEPS, NEAR_CUTS_ROOM * self._step(given)) if cut else (NEAR_STEPS, np.inf)
        self._near(given, steps, room, partial(self._moved, given))

    def _near(
        self, given: Relaxed, steps: int, room: float, stop: Callable[[], bool], *, strictly: bool = False
    ) -> None:
        """Hold what the relaxed answer has whole, away from its changes and from half decisions; search the rest."""
        lower, upper = given.settled(room)
        for group in given.arrays.columns:
            if group.name.endswith("/on"):
                value = given.x[group.place]
                held = group.first + np.flatnonzero(~_loose(value, steps))
                lower[held] = upper[held] = given.x[held].round()
        part = shrunk(given.arrays, lower, upper)
        how = How(gap=self.gap / 4.0, time_limit_s=NEAR_SHARE * self.left_s)
        watch = Watch(
            stop=lambda _bound: stop(),
            better=lambda x, _objective: self.met(given, part.whole(x), strictly=strictly),
        )
        with suppress(TamnaError):  # what is held may clash, or the time be too short: less is held next
            Model(part.arrays, how).solve(watch)

    def _step(self, given: Relaxed) -> float:
        """Give the gap that is asked for, or the least that rooms are sized by. [money]"""
        return max(self.gap, LEAST_GAP) * max(abs(given.bound), 1.0)

    def _dull(self, given: Relaxed) -> bool:
        """Tell whether to stop, to begin again with tighter rows, or to polish what is there."""
        quiet = time.monotonic() - self.met_at > QUIET_SHARE * self.limit_s
        return self._moved(given) or (quiet and self.found.best.objective < self._polished)

    def _polish(self) -> None:
        """Make the best schedule cheaper, until nothing does or rows are tighter."""
        best, before = self.found.best, self.relaxed

        def rows(below: float) -> Relaxed:
            return self.relaxed if below <= self.relaxed.below else self.first

        if best.x is not None and best.objective < self._polished:
            cost = self._windows(best.objective, self._on(best.x), rows, lambda: self._moved(before))
            self._polished = self._polished if self._moved(before) else cost

    def _windows(
        self,
        cost: float,
        on: Mapping[str, Floats],
        rows: Callable[[float], Relaxed],
        stop: Callable[[], bool],
        *,
        strictly: bool = False,
    ) -> float:
        """Make a schedule cheaper window by window until a whole round finds nothing; gives what it then costs."""
        idle, all_hours = 0, windows(len(self.reserve_mw))
        while idle < len(all_hours) and not stop():
            free, idle = all_hours[0], idle + 1
            all_hours = [*all_hours[1:], free]
            given, limit_s = rows(cost), WINDOW_SHARE * max(self.left_s, 0.0)
            found = cheaper(given, on, free, cost, limit_s=limit_s, stop=stop)
            if found is not None:
                (cost, x), idle = found, 0
                on = decided(given, x)
                self.met(given, x, strictly=strictly)
        return cost

    def _find(self) -> None:
        """Look for schedules, near the relaxed answer first, then in more and more room; then for such as keep more rules."""
        share, near = FIRST_ROOM, None
        while not self.stopped:
            given = self.relaxed
            if self.keeping:
                self._find_kept(given)
                continue
            if given is not near:
                near = given
                self._find_near(given)
                if given is not self.first:
                    self._polish()
                continue
            room = share * self._step(given)
            how = How(gap=self.gap / 4.0, time_limit_s=self.left_s, cutoff=self.found.best.objective)
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
                best = self.found.best
                if given.bound + room >= min(best.objective, given.below) and best.x is not None:
                    if self.keeping:
                        continue
                    return
                if share > _ALL_SHARE and not np.isfinite(how.cutoff) and not np.isfinite(bound):
                    raise Infeasible(_("no answer satisfies all constraints"))
                share *= WIDER

    def _find_kept(self, before: Relaxed) -> None:
        """Look for a schedule by the stricter rules within the gap of the bound, or for the proof that there is none."""
        assert self.strict is not None
        try:
            given = by_model_pdf(before, self.strict.hours, max(self.left_s, 1.0))
        except TamnaError:
            self.none_keeps = True
            return

        def stop() -> bool:
            return self.stopped or self.relaxed is not before

        if given.bound < self.most:
            if before is self.first:
                self._near(given, NEAR_STEPS, np.inf, stop, strictly=True)
            self._polish_kept(given, self._mend(given, stop), stop)
            if before is not self.first:
                self._near(given, NEAR_CUTS_STEPS, NEAR_CUTS_ROOM * self._step(given), stop, strictly=True)
                self._polish_kept(given, None, stop)
        while not stop():
            most = self.most
            if given.bound >= most or self._empty(given, most, stop):
                self.none_keeps = not self.found.kept.within(self.gap, self.bound)

    def _polish_kept(
        self, given: Relaxed, found: tuple[float, Floats] | None, stop: Callable[[], bool]
    ) -> None:
        """Make what was just found by the stricter rules cheaper, or else the best that is known."""
        kept = self.found.kept
        if found is not None:
            self._windows(found[0], decided(given, found[1]), lambda _cost: given, stop, strictly=True)
        elif kept.x is not None:
            self._windows(kept.objective, self._on(kept.x), lambda _cost: given, stop, strictly=True)

    def _mend(self, given: Relaxed, stop: Callable[[], bool]) -> tuple[float, Floats] | None:
        """Search the hours around those in which the best schedule breaks the stricter rules."""
        best, strict = self.found.best, self.strict
        if best.x is None or strict is None:
            return None
        columns = {g.name: best.x[g.place] for g in self.arrays.columns}
        beyond = held(strict.system, strict.state, columns, strict.required).beyond
        free = around(np.any([mw > SEEN_MW for mw in beyond.values()], axis=0))
        below = min(self.found.kept.objective, best.objective + MEND_GAPS * self._step(given))
        how = {"limit_s": WINDOW_SHARE * max(self.left_s, 0.0), "gap": self.gap / 4.0}
        found = cheaper(given, self._on(best.x), free, below, stop=stop, **how)
        if found is not None:
            self.met(given, found[1], strictly=True)
        return found

    def _on(self, x: Floats) -> dict[str, Floats]:
        """Give what is on in a schedule of the whole problem, by the name of its columns."""
        return {g.name: x[g.place].round() for g in self.arrays.columns if g.name.endswith("/on")}

    def _empty(self, given: Relaxed, most: float, stop: Callable[[], bool]) -> bool:
        """Search all that keeps the stricter rules and costs no more than `most`; tells whether nothing does."""
        part = given.part(most - given.bound)
        how = How(gap=self.gap / 4.0, time_limit_s=self.left_s, cutoff=most, target=most)
        watch = Watch(
            stop=lambda _bound: stop(),
            better=lambda x, _objective: self.met(given, part.whole(x), strictly=True),
        )
        try:
            found = Model(part.arrays, how).solve(watch)
        except Infeasible:
            return True
        except TamnaError:
            return False
        return found.bound >= most

    def _asks_less(self, less: float) -> bool:
        """Tell whether to stop, or to begin again with what a better schedule asks for."""
        return self.stopped or self.enough < less

    def _cutting(self, bound: float) -> bool:
        """Take the bound of cuts in the making; tells whether to stop."""
        self.proven(min(self.first.bound + CUT_GAPS * self._step(self.first), self.first.below, bound))
        return self.stopped

    def _prove(self) -> None:
        """Cut, then show step by step that nothing cheaper than what is wanted exists."""
        step = self._step(self.first)
        try:
            self.relaxed = self.first.cut(CUT_GAPS * step, CUT_SHARE * self.left_s, self._cutting)
            self.proven(min(self.relaxed.bound, self.relaxed.below))
            step *= STEP_AFTER_CUTS
        except Infeasible:
            self.proven(self.first.bound + CUT_GAPS * step)
        except TamnaError:  # cuts without prices are of no use
            pass
        while not self.stopped:
            straight = STRAIGHT * self._step(self.first)
            wanted = min(self.enough, self.bound + step)
            wanted = self.enough if self.enough <= self.bound + straight else wanted
            if wanted <= self.bound:
                with self.news:
                    self.news.wait(_PAUSE_S)
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
                if self.stopped or (not self.near and self.enough >= less):
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
