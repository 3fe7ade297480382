"""On and off to a stated gap, with the bound that proves it: relax, cut, settle, search.

One linear answer gives a first schedule (what it has whole is held, the rest searched) and often the bound already.
Where it does not, the solver's own cuts at the root of the tree become rows of the problem. With an answer wanted below
``bound / (1 - gap)``, a decision whose reduced cost alone exceeds the distance is settled: no answer that good has it
otherwise. What is left is a smaller problem; its tree, cut off at what is wanted, is searched branch by branch. An empty
tree proves that no answer costs less than what was wanted: that becomes the bound, and the search goes on above it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Infeasible, TamnaError
from tamna.lang import _
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import Cuts, How, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

_WHOLE = 1e-6
NEAR_STEPS = 3
"""Around each change and each half decision of the linear answer, so many steps are searched."""
FIRST_GAPS = 3.0
"""A first schedule may cost so many gaps more than the bound; what alone costs more than that is settled."""
ROOT_SHARE = 0.4
"""Of the time left, for the first schedule and for the cuts each."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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


def commit(arrays: Arrays, *, gap: float, time_limit_s: float) -> Committed:
    """Find an answer to `gap`, or the best within the time.

    Raises
    ------
    Infeasible
        No answer.
    TamnaError
        No answer within the time.
    """
    search = _Search(arrays, gap, time.monotonic() + time_limit_s)
    relaxed = Model(_linear(arrays)).solve()
    search.proven(relaxed.objective)
    search.around(relaxed)
    if not search.done:
        tight, relaxed = search.tightened(relaxed)
        while not search.done and search.left_s > 1.0:
            if not search.below(tight, relaxed):
                break
    return search.answer()


class _Search:
    """The best answer and bound so far, and the verbs that better them."""

    def __init__(self, arrays: Arrays, gap: float, end: float) -> None:
        self.arrays, self.gap, self.end = arrays, gap, end
        self.bound, self.objective = -np.inf, np.inf
        self.x: Floats | None = None

    @property
    def left_s(self) -> float:
        return self.end - time.monotonic()

    @property
    def done(self) -> bool:
        return self.objective - self.bound <= self.gap * abs(self.objective) and self.x is not None

    def answer(self) -> Committed:
        if self.x is None:
            raise TamnaError(_("no schedule was found within the time"), todo=_("Allow more time."))
        return Committed(objective=self.objective, bound=min(self.bound, self.objective), x=self.x)

    def proven(self, bound: float) -> None:
        self.bound = max(self.bound, bound)

    def met(self, objective: float, x: Floats | None) -> None:
        if x is not None and objective < self.objective:
            self.objective, self.x = objective, x

    def around(self, relaxed: Solution) -> None:
        """Find a first schedule: hold what the linear answer has whole, then only what is dear to turn, then nothing."""
        near = self.arrays.column_lower.copy(), self.arrays.column_upper.copy()
        held = settled_near(self.arrays, relaxed.x)
        for side in near:
            side[held] = relaxed.x[held].round()
        dear = _settled(
            self.arrays, relaxed, relaxed.objective + FIRST_GAPS * self.gap * abs(relaxed.objective)
        )
        for lower, upper in (near, dear, (self.arrays.column_lower, self.arrays.column_upper)):
            if self.x is not None or self.left_s < 1.0:
                return
            part = shrunk(self.arrays, lower, upper)
            try:
                found = Model(
                    part.arrays, How(gap=self.gap / 4.0, time_limit_s=ROOT_SHARE * self.left_s)
                ).solve()
            except TamnaError:  # what is held may clash, or the time be too short: less is held next
                continue
            self.met(found.objective, part.whole(found.x))

    def tightened(self, relaxed: Solution) -> tuple[Arrays, Solution]:
        """Add the rows that the solver cuts with; give the problem with them and its linear answer."""
        how = How(
            gap=self.gap, time_limit_s=ROOT_SHARE * self.left_s, presolve=False, heuristics=(), effort=0.0
        )
        cuts = Model(self.arrays, how).cuts()
        self.met(cuts.objective, cuts.x)
        tight = _with_cuts(self.arrays, cuts)
        if len(cuts.lower):
            relaxed = Model(_linear(tight)).solve()
        self.proven(max(relaxed.objective, cuts.bound))
        return tight, relaxed

    def below(self, tight: Arrays, relaxed: Solution) -> bool:
        """Search for an answer as good as wanted; tells whether it makes sense to go on."""
        wanted = min(self.bound / (1.0 - self.gap) if self.bound > 0 else np.inf, self.objective)
        lower, upper = _settled(tight, relaxed, wanted)
        part = shrunk(tight, lower, upper)
        how = How(
            gap=self.gap / 2.0, time_limit_s=self.left_s, cutoff=wanted, effort=0.0, heuristics=(), strong=2,
            symmetry=False,
        )  # fmt: skip
        try:
            found = Model(part.arrays, how).solve()
        except Infeasible:
            self.proven(wanted)
            return wanted < self.objective
        except TamnaError:
            return False
        self.met(found.objective, part.whole(found.x))
        self.proven(min(wanted, found.bound))
        return found.status == "optimal"


def _linear(arrays: Arrays) -> Arrays:
    return replace(arrays, integer=np.zeros_like(arrays.integer))


def _with_cuts(arrays: Arrays, cuts: Cuts) -> Arrays:
    return replace(
        arrays,
        row=np.concatenate([arrays.row, cuts.row + len(arrays.row_lower)]),
        column=np.concatenate([arrays.column, cuts.column]),
        factor=np.concatenate([arrays.factor, cuts.factor]),
        row_lower=np.concatenate([arrays.row_lower, cuts.lower]),
        row_upper=np.concatenate([arrays.row_upper, cuts.upper]),
    )


def reduced_costs(arrays: Arrays, found: Solution) -> Floats:
    """Give what one more unit of each column would add to a linear answer's cost, (columns,)."""
    priced = np.bincount(
        arrays.column, weights=arrays.factor * found.row_dual[arrays.row], minlength=len(arrays.cost)
    )
    return np.asarray(arrays.cost - priced)


def _settled(arrays: Arrays, relaxed: Solution, wanted: float) -> tuple[Floats, Floats]:
    """Give bounds in which decisions stay where they are if turning one alone costs more than is wanted."""
    lower, upper = arrays.column_lower.copy(), arrays.column_upper.copy()
    reduced = reduced_costs(arrays, relaxed)
    room = wanted - relaxed.objective
    low = arrays.integer & (reduced > room + _WHOLE)
    high = arrays.integer & (reduced < -room - _WHOLE)
    upper[low] = lower[low]
    lower[high] = upper[high]
    return lower, upper


def settled_near(arrays: Arrays, x: Floats) -> Ints:
    """Give the decisions of ``.../on`` that an answer has whole, away from its changes and from half decisions."""
    held: list[Ints] = []
    for group in arrays.columns:
        if not group.name.endswith("/on"):
            continue
        value = x[group.place]
        loose = np.abs(value - value.round()) > _WHOLE
        turned = np.abs(np.diff(value)) > _WHOLE
        loose[1:] |= turned
        loose[:-1] |= turned
        held.append(group.first + np.flatnonzero(~_wider(loose, NEAR_STEPS)))
    return np.concatenate(held) if held else np.empty(0, dtype=np.int64)


def _wider(mask: Bools, steps: int) -> Bools:
    out = mask.copy()
    for k in range(1, steps + 1):
        out[k:] |= mask[:-k]
        out[:-k] |= mask[k:]
    return out
