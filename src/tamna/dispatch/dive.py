"""A window with links that turn: relax, settle the units, place each turn by linear answers, search the rest.

A linear answer takes a hundredth of a second here and a tree of all decisions seconds, most of it for cuts. So units are
rounded (`fast`), the runs of each link one way and the other are read off the relaxed flows and their turns moved, step
by step, as long as a linear answer gets cheaper. Which poles are on, and what plants do, is left to a small search. The
relaxed cost proves how far off its answer is. Beyond the steps that are carried out, links, plants and stores stay half
decided: the next window decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.fast import on_of
from tamna.errors import Infeasible, TamnaError
from tamna.lang import _
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import State, System
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WANTED = (0.5, 0.1)
"""A unit is on where the relaxed answer has it on by more than this: the cheaper of the two. [-]"""
MOVES = (-1, 1, -3, 3)
"""Steps by which a turn is moved to see whether that is cheaper."""
SHORT = 5
"""A run of so few steps may be given up altogether."""
WELL_ABOVE = 2.0
"""All poles stay on where the flow is so many times their minimum."""
POOR, SEARCH_S = 0.02, 20.0
"""An answer that may lie further off than this [-] is followed by a search of so long [s]."""
_SOME = 1e-6


@dataclass(frozen=True, slots=True)
class _Run:
    """One way (1 in, -1 out) up to the step `last`; the next one begins after the waiting time."""

    way: int
    last: int


Runs = tuple[_Run, ...]


def dived(
    arrays: Arrays, system: System, state: State, how: How, lengths: tuple[int, float]
) -> Solution | None:
    """Dive where links turn; None where none does, or where what was held on the way clashes.

    Parameters
    ----------
    lengths
        Steps that are carried out, and the length of one [h].
    """
    if not any(k.technology == "lcc" for k in system.links):
        return None
    try:
        found = dive(arrays, system, state, how, lengths)
    except TamnaError:
        return None
    return found if found.gap <= POOR else _searched(arrays, how, found)


def _searched(arrays: Arrays, how: How, poor: Solution) -> Solution:
    """Search the whole for some seconds where the dive may be far off; keep the better answer, each with its own bound.

    The dive leaves later steps half decided, so its bound is the lower one.
    """
    longer = replace(how, presolve=True, heuristics=None, time_limit_s=min(how.time_limit_s, SEARCH_S))
    try:
        found = Model(arrays, longer).solve()
    except TamnaError:
        return poor
    return found if found.objective < poor.objective else poor


def dive(arrays: Arrays, system: System, state: State, how: How, lengths: tuple[int, float]) -> Solution:
    """Solve a window of which the first steps are carried out, with the relaxed cost as its bound.

    Parameters
    ----------
    lengths
        Steps that are carried out, and the length of one [h].

    Raises
    ------
    Infeasible, TamnaError
        No answer was met on the way; there may be one.
    """
    carried, step_h = lengths
    search = _Dive(arrays, carried)
    relaxed = search.model.solve()
    found = search.units(system, state, relaxed, step_h)
    for link in system.links:
        if link.technology == "lcc":
            found = search.turns(link, found, 1 + int(np.ceil(link.reversal_h / step_h - 1e-9)))
    for link in system.links:
        if link.technology == "lcc":
            search.poles(link, found)
    search.plants(system, found)
    search.ways(found)
    rest = Model(search.left(), replace(how, presolve=True, heuristics=())).solve()
    return replace(rest, bound=relaxed.objective)


class _Dive:
    """The linear problem with what is held in it so far."""

    def __init__(self, arrays: Arrays, carried: int) -> None:
        linear = replace(arrays, integer=np.zeros_like(arrays.integer))
        self.model, self.arrays, self.carried = Model(linear, How(presolve=False)), arrays, carried
        self.first = {g.name: g.first for g in arrays.columns}
        self.lower, self.upper = arrays.column_lower.copy(), arrays.column_upper.copy()

    def _fix(self, numbers: Ints, value: Floats) -> None:
        self.lower[numbers] = self.upper[numbers] = value
        self.model.fix(numbers, value)

    def _release(self, numbers: Ints) -> None:
        self.lower[numbers] = self.arrays.column_lower[numbers]
        self.upper[numbers] = self.arrays.column_upper[numbers]
        self.model.release(numbers)

    def left(self) -> Arrays:
        """Give what is still to be decided: whole numbers of the steps that are carried out, within what is held."""
        integer = np.zeros_like(self.arrays.integer)
        for group in self.arrays.columns:
            if group.size and self.arrays.integer[group.first]:
                integer[group.first : group.first + min(self.carried, group.size)] = True
        return replace(self.arrays, integer=integer, column_lower=self.lower, column_upper=self.upper)

    def units(self, system: System, state: State, relaxed: Solution, step_h: float) -> Solution:
        """Hold what is on, the cheaper of two roundings."""
        units = [u for u in system.thermal if u.commits]
        if not units:
            return relaxed
        groups = [relaxed.columns[f"{u.name}/on"] for u in units]
        numbers = np.concatenate([np.arange(g.first, g.first + g.size) for g in groups])
        tried: list[tuple[float, Floats]] = []
        for wanted in WANTED:
            held = [
                on_of(u, relaxed.x[g.place], self._bounds(g.place), state.thermal.get(u.name), wanted=wanted, step_h=step_h)
                for u, g in zip(units, groups, strict=True)
            ]  # fmt: skip
            values = np.concatenate(held).astype(np.float64)
            if tried and np.array_equal(values, tried[0][1]):
                continue
            found = self._with(numbers, values)
            if found is not None:
                tried.append((found.objective, values))
        if not tried:
            raise Infeasible(_("no answer satisfies all constraints"))
        self._fix(numbers, min(tried, key=lambda t: t[0])[1])
        return self.model.solve()

    def _with(self, numbers: Ints, values: Floats) -> Solution | None:
        self._fix(numbers, values)
        try:
            return self.model.solve()
        except Infeasible:
            return None

    def _bounds(self, place: slice) -> tuple[Bools, Bools]:
        return self.arrays.column_lower[place] > 0.5, self.arrays.column_upper[place] > 0.5

    def turns(self, link: Link, found: Solution, apart: int) -> Solution:
        """Hold the ways of a link: those of the flows, its turns moved while that is cheaper."""
        flow = (found[f"{link.name}/import"] - found[f"{link.name}/export"])[: self.carried]
        best, cost = _runs(flow), np.inf
        answer = self._only(link, best, apart)
        if answer is not None:
            found, cost = answer, answer.objective
        better, seen = True, {best}
        while better:
            better = False
            for other in [o for o in _neighbours(best, self.carried) if o not in seen]:
                seen.add(other)
                answer = self._only(link, other, apart)
                if answer is not None and answer.objective < cost - 1e-3 - 1e-7 * abs(cost):
                    best, cost, found, better = other, answer.objective, answer, True
                    break
        self._only(link, best, apart)
        return found

    def _only(self, link: Link, runs: Runs, apart: int) -> Solution | None:
        """Open only the way of each run, and none while it turns."""
        for way, sign in (("import", 1), ("export", -1)):
            closed = ~_open(runs, sign, self.carried, apart)
            for k in range(1, link.poles + 1):
                at = self.first[f"{link.name}/{way}_{k}"]
                self._release(at + np.flatnonzero(~closed))
                self._fix(at + np.flatnonzero(closed), np.zeros(int(closed.sum())))
        try:
            return self.model.solve()
        except Infeasible:
            return None

    def poles(self, link: Link, found: Solution) -> None:
        """Hold all poles on where the flow is well above their minimum."""
        for way, rated in (("import", link.import_mw), ("export", link.export_mw)):
            well = found[f"{link.name}/{way}"][: self.carried] > WELL_ABOVE * link.min_transfer * rated
            at = self.first[f"{link.name}/{way}_{link.poles}"] + np.flatnonzero(well)
            at = at[self.upper[at] > 0.5]
            self._fix(at, np.ones(len(at)))
            self._off([f"{link.name}/{way}_{k}" for k in range(1, link.poles + 1)], found)

    def plants(self, system: System, found: Solution) -> None:
        """Hold electrolysers off where they are and stay so."""
        for plant in system.electrolysers:
            if plant.commits:
                self._off([f"{plant.name}/{what}" for what in ("on", "standby")], found)

    def _off(self, names: list[str], found: Solution) -> None:
        """Hold decisions at no where all of them are no in the linear answer, in the steps before and after too."""
        used = np.sum([found[name][: self.carried] for name in names], axis=0) > _SOME
        near = used.copy()
        near[1:] |= used[:-1]
        near[:-1] |= used[1:]
        for name in names:
            at = self.first[name] + np.flatnonzero(~near)
            at = at[self.lower[at] < 0.5]
            self._fix(at, np.zeros(len(at)))

    def ways(self, found: Solution) -> None:
        """Hold stores and links that pass through zero to the way that they go."""
        for what, one, other in (("charging", "charge", "discharge"), ("importing", "import", "export")):
            for group in self.arrays.columns:
                asset = group.name.rsplit("/", 1)[0]
                if group.name.endswith(f"/{what}") and self.arrays.integer[group.first]:
                    first = (
                        found[f"{asset}/{one}"][: self.carried] > found[f"{asset}/{other}"][: self.carried]
                    )
                    self._fix(group.first + np.arange(self.carried), first.astype(np.float64))


def _runs(flow: Floats) -> Runs:
    """Read the runs of one way and the other off the flows; a step without flow belongs to the run before it."""
    sign = np.where(np.abs(flow) > _SOME, np.sign(flow), 0).astype(np.int64)
    moving = np.flatnonzero(sign)
    if not len(moving):
        return ()
    out: list[_Run] = []
    way = int(sign[moving[0]])
    for step in moving:
        if sign[step] != way:
            out.append(_Run(way, int(step) - 1))
            way = int(sign[step])
    return (*out, _Run(way, len(flow) - 1))


def _open(runs: Runs, way: int, count: int, apart: int) -> Bools:
    """Give the steps in which a way is open: in its runs, less the waiting time at their beginning."""
    if not runs:
        return np.ones(count, dtype=bool)
    out, begins = np.zeros(count, dtype=bool), 0
    for run in runs:
        if run.way == way:
            out[begins : run.last + 1] = True
        begins = max(begins, run.last + apart)
    return out


def _neighbours(runs: Runs, count: int) -> Iterator[Runs]:
    """Give what differs by one turn moved, or one short run given up."""
    for k in range(len(runs) - 1):
        for by in MOVES:
            last = runs[k].last + by
            low = runs[k - 1].last if k else -1
            if low < last < min(runs[k + 1].last, count):
                yield (*runs[:k], replace(runs[k], last=last), *runs[k + 1 :])
    begins = 0
    for k, run in enumerate(runs):
        if len(runs) > 1 and run.last - begins < SHORT:
            yield _joined(runs[:k], runs[k + 1 :], count)
        begins = run.last + 1


def _joined(before: Runs, after: Runs, count: int) -> Runs:
    """Put runs together where one between them was given up."""
    if before and after and before[-1].way == after[0].way:
        before = before[:-1]
    if before and not after:
        return (*before[:-1], replace(before[-1], last=count - 1))
    return (*before, *after)
