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
    """Bounds of all columns, (columns,) each."""

    lower: Floats
    upper: Floats

    def held(self, numbers: Ints, value: Floats | float) -> Bounds:
        """Hold some columns at values, as far as their bounds allow."""
        return self.moved(numbers, np.clip(value, self.lower[numbers], self.upper[numbers]))

    def moved(self, numbers: Ints, value: Floats) -> Bounds:
        """Hold some columns at other values, whatever their bounds are."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[numbers] = upper[numbers] = value
        return Bounds(lower, upper)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """What is held, and the linear answer within it."""

    bounds: Bounds
    found: Solution


class Linear:
    """A window's linear problem in the solver, moved from bounds to bounds.

    Attributes
    ----------
    carried
        Steps that are carried out; whole numbers are asked of these alone.
    own
        The problem's own bounds.
    """

    def __init__(self, arrays: Arrays, carried: int) -> None:
        self.arrays, self.carried = arrays, carried
        self.own = self._at = Bounds(arrays.column_lower, arrays.column_upper)
        linear = replace(arrays, integer=np.zeros_like(arrays.integer))
        self._model = Model(linear, How(presolve=False, pricing="devex"))
        self._first = {g.name: g.first for g in arrays.columns}
        shape = (len(arrays.row_lower), len(arrays.cost))
        self._matrix = csc_array(coo_array((arrays.factor, (arrays.row, arrays.column)), shape=shape))
        whole = [g for g in arrays.columns if g.size and arrays.integer[g.first]]
        parts = [np.arange(g.first, g.first + min(carried, g.size)) for g in whole]
        self._whole = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def numbers(self, names: list[str]) -> Ints:
        """Give the numbers of some columns in the steps that are carried out, (names, steps)."""
        first = np.array([self._first[n] for n in names], dtype=np.int64)
        return np.asarray(first[:, None] + np.arange(self.carried))

    def at(self, bounds: Bounds, below: float = np.inf) -> Node | None:
        """Solve within `bounds`; None where there is no answer that costs less than `below`."""
        old, self._at = self._at, bounds
        changed = np.flatnonzero((old.lower != bounds.lower) | (old.upper != bounds.upper))
        self._model.hold(changed, bounds.lower[changed], bounds.upper[changed])
        found = self._model.below(below)
        return None if found is None else Node(bounds, found)

    def reduced(self, found: Solution) -> Floats:
        """Give what one more of each column would add to the cost of an answer at first, (columns,) [money]."""
        return np.asarray(self.arrays.cost - self._matrix.T @ found.row_dual)

    def is_whole(self, found: Solution) -> bool:
        """Whether nothing is half decided in the steps that are carried out."""
        value = found.x[self._whole]
        return bool((np.abs(value - value.round()) <= WHOLE).all())

    def left(self, bounds: Bounds) -> Arrays:
        """Give what is still to be decided: whole numbers of the steps that are carried out, within `bounds`."""
        integer = np.zeros_like(self.arrays.integer)
        integer[self._whole] = True
        return replace(self.arrays, integer=integer, column_lower=bounds.lower, column_upper=bounds.upper)
