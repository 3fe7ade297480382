"""The linear problem of a window, with bounds that move: what is decided so far stands in them.

Each answer starts from the one before it, which lies a few columns away: a tenth of the steps of a fresh one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csc_array

from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

WHOLE = 1e-6
"""Less than this from a whole number is whole. [-]"""


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Bounds of all columns."""

    lower: Floats
    upper: Floats

    def held(self, numbers: Ints, value: Floats | float) -> Bounds:
        """Hold some columns at values, as far as their bounds allow."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[numbers] = upper[numbers] = np.clip(value, lower[numbers], upper[numbers])
        return Bounds(lower, upper)

    def free(self, numbers: Ints) -> Bools:
        """Say which columns may still take more than one value."""
        return self.upper[numbers] > self.lower[numbers]


class Linear:
    """A window's linear problem in the solver, moved from bounds to bounds.

    Attributes
    ----------
    carried
        Steps that are carried out.
    solved
        Answers so far.
    """

    def __init__(self, arrays: Arrays, carried: int) -> None:
        self.arrays, self.carried, self.solved = arrays, carried, 0
        self.own = Bounds(arrays.column_lower, arrays.column_upper)
        self.first = {g.name: g.first for g in arrays.columns}
        self._model = Model(
            replace(arrays, integer=np.zeros_like(arrays.integer)), How(presolve=False, pricing="devex")
        )
        self._at = self.own
        shape = (len(arrays.row_lower), len(arrays.cost))
        self._matrix = csc_array(coo_array((arrays.factor, (arrays.row, arrays.column)), shape=shape))
        at = [
            np.arange(g.first, g.first + min(carried, g.size))
            for g in arrays.columns
            if g.size and arrays.integer[g.first]
        ]
        self.whole = np.concatenate(at) if at else np.empty(0, dtype=np.int64)

    def at(self, bounds: Bounds, below: float = np.inf) -> Solution | None:
        """Solve within `bounds`; None where there is no answer that costs less than `below`."""
        old = self._at
        changed = np.flatnonzero((old.lower != bounds.lower) | (old.upper != bounds.upper))
        self._model.hold(changed, bounds.lower[changed], bounds.upper[changed])
        self._at, self.solved = bounds, self.solved + 1
        return self._model.below(below)

    def reduced(self, found: Solution) -> Floats:
        """Give what one more of each column would add to the cost of an answer at first, (columns,) [money]."""
        return np.asarray(self.arrays.cost - self._matrix.T @ found.row_dual)

    def doubtful(self, x: Floats) -> Ints:
        """Give the columns that are to be whole in the steps carried out, and are not."""
        value = x[self.whole]
        return self.whole[np.abs(value - value.round()) > WHOLE]

    def left(self, bounds: Bounds) -> Arrays:
        """Give what is still to be decided: whole numbers of the steps that are carried out, within `bounds`."""
        integer = np.zeros_like(self.arrays.integer)
        integer[self.whole] = True
        return replace(
            self.arrays, integer=integer, column_lower=bounds.lower.copy(), column_upper=bounds.upper.copy()
        )
