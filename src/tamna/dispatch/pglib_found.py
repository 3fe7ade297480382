"""The schedules that a search finds, priced in the whole problem: the cheapest, and the cheapest that keeps MODEL.pdf, too."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.pglib_strict import held
from tamna.errors import Infeasible
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]

DECISIONS = ("on", "start", "stop")


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """A schedule with its cost, (columns,) [money]; None: nothing was found."""

    objective: float = np.inf
    x: Floats | None = None

    def within(self, gap: float, bound: float) -> bool:
        """Whether the schedule lies within a gap of a bound."""
        return self.x is not None and self.objective - bound <= gap * abs(self.objective)


@dataclass(frozen=True, slots=True, eq=False)
class Stricter:
    """The same problem by MODEL.pdf: rows of the same columns, and what they were written of.

    Attributes
    ----------
    required : (hours,)
        Reserve. [MW]
    """

    arrays: Arrays
    system: System
    hours: Hours
    state: State
    required: Floats


class Found:
    """What was found: `best` by the rules of the bound, and `kept` by MODEL.pdf (the same, where only one rule is asked for)."""

    def __init__(self, arrays: Arrays, strict: Stricter | None = None) -> None:
        self.arrays, self.strict = arrays, strict
        self.best = self.kept = Priced()

    def take(self, on: Floats, *, strictly: bool = False) -> bool:
        """Price a schedule with all decisions held, and keep it where it is the best; tells whether it is.

        Raises
        ------
        Infeasible
            It keeps not even the rules of the bound, or not MODEL.pdf though found `strictly`.
        """
        one, before = _priced(self.arrays, on), (self.best, self.kept)
        if one.objective < self.best.objective:
            self.best = one
        if one.objective < self.kept.objective:
            with suppress(*(() if strictly else (Infeasible,))):
                self._keep(one, on)
        return before != (self.best, self.kept)

    def _keep(self, one: Priced, on: Floats) -> None:
        if self.strict is not None and not self._keeps(self.strict, one.x):
            one = _priced(self.strict.arrays, on)
        if one.objective < self.kept.objective:
            self.kept = one

    def _keeps(self, strict: Stricter, x: Floats | None) -> bool:
        """Whether MODEL.pdf lets units hold the reserve that is required at these outputs."""
        columns = {} if x is None else {g.name: x[g.place] for g in self.arrays.columns}
        return held(strict.system, strict.state, columns, strict.required).keeps


def _priced(arrays: Arrays, on: Floats) -> Priced:
    lower, upper = arrays.column_lower.copy(), arrays.column_upper.copy()
    groups = [g for g in arrays.columns if g.name.rpartition("/")[2] in DECISIONS]
    at = np.concatenate([np.arange(g.first, g.first + g.size) for g in groups])
    lower[at] = upper[at] = on
    part = shrunk(arrays, lower, upper)
    found = Model(replace(part.arrays, integer=np.zeros_like(part.arrays.integer))).solve()
    return Priced(found.objective, part.whole(found.x))
