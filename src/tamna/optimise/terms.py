r"""Labelled algebra on ranges of columns: every name is a vector over the steps, every sum is done in numpy.

A `Columns` is a range of variables, one a step; a `Terms` is one linear expression a row,

.. math:: y_r = \sum_j a_{rj} x_j + c_r ,

held as triplets (row, column, factor) and the constants :math:`c`. ``+ - *`` and the verbs below make new ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_NO_ROWS: Ints = np.empty(0, dtype=np.int64)
_NO_FACTORS: Floats = np.empty(0)


class Algebra(ABC):
    """What columns and terms can do alike: add, subtract, and be scaled by a number or a number a row."""

    __slots__ = ()
    __array_ufunc__ = None  # an array on the left leaves the work to us

    @abstractmethod
    def expanded(self) -> Terms:
        """Give the expression as terms."""

    def __add__(self, other: Algebra | ArrayLike) -> Terms:
        a = self.expanded()
        if not isinstance(other, Algebra):
            return Terms(a.row, a.column, a.factor, a.constant + np.asarray(other, dtype=np.float64))
        b = other.expanded()
        _same_size(a, b)
        return Terms(
            np.concatenate([a.row, b.row]),
            np.concatenate([a.column, b.column]),
            np.concatenate([a.factor, b.factor]),
            a.constant + b.constant,
        )

    def __radd__(self, other: ArrayLike) -> Terms:
        return self + other

    def __neg__(self) -> Terms:
        return self * -1.0

    def __sub__(self, other: Algebra | ArrayLike) -> Terms:
        return self + (-other if isinstance(other, Algebra) else -np.asarray(other, dtype=np.float64))

    def __rsub__(self, other: ArrayLike) -> Terms:
        return -self + other

    def __mul__(self, by: ArrayLike) -> Terms:
        a, scale = self.expanded(), np.asarray(by, dtype=np.float64)
        return Terms(
            a.row, a.column, a.factor * (scale if scale.ndim == 0 else scale[a.row]), a.constant * scale
        )

    def __rmul__(self, by: ArrayLike) -> Terms:
        return self * by

    def __truediv__(self, by: ArrayLike) -> Terms:
        return self * (1.0 / np.asarray(by, dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class Terms(Algebra):
    """One linear expression a row.

    Attributes
    ----------
    row, column, factor : (m,)
        The entries; an entry may occur twice, then both count.
    constant : (rows,)
        What is added to each row.

    Examples
    --------
    >>> x = Columns("x", first=0, size=3)
    >>> two = 2 * x - lag(x) + 1
    >>> two.value(np.array([1.0, 5.0, 10.0])).tolist()
    [3.0, 10.0, 16.0]
    """

    row: Ints
    column: Ints
    factor: Floats
    constant: Floats

    def expanded(self) -> Terms:
        """Give the terms themselves."""
        return self

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.constant)

    def value(self, x: Floats) -> Floats:
        """Give each row's value where the columns have the values `x`, (rows,)."""
        at = np.bincount(self.row, weights=self.factor * x[self.column], minlength=self.size)
        return np.asarray(at + self.constant)


@dataclass(frozen=True, slots=True, eq=False)
class Columns(Algebra):
    """A named range of variables, one a step, from number `first` on."""

    name: str
    first: int
    size: int

    def expanded(self) -> Terms:
        """Give one row a column."""
        rows = np.arange(self.size)
        return Terms(rows, rows + self.first, np.ones(self.size), np.zeros(self.size))

    @property
    def numbers(self) -> Ints:
        """The numbers of the variables, (size,)."""
        return np.arange(self.first, self.first + self.size)


def constant(value: ArrayLike, size: int) -> Terms:
    """Give an expression without variables: `value` in each of `size` rows."""
    filled = np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)))
    return Terms(_NO_ROWS, _NO_ROWS, _NO_FACTORS, filled)


def total_of(parts: Iterable[Algebra], size: int) -> Terms:
    """Add many expressions of `size` rows at once."""
    all_parts = [constant(0.0, size), *(p.expanded() for p in parts)]
    for part in all_parts[1:]:
        _same_size(all_parts[0], part)
    return Terms(
        np.concatenate([p.row for p in all_parts]),
        np.concatenate([p.column for p in all_parts]),
        np.concatenate([p.factor for p in all_parts]),
        np.sum([p.constant for p in all_parts], axis=0),
    )


def lag(x: Algebra, by: int = 1, *, cyclic: bool = False) -> Terms:
    """Give in row t what `x` was in row ``t - by`` (`by` < 0: will be); outside it is nothing, or wraps."""
    a = x.expanded()
    moved = a.row + by
    if cyclic:
        return Terms(moved % a.size, a.column, a.factor, np.roll(a.constant, by))
    kept = (moved >= 0) & (moved < a.size)
    before = np.zeros(a.size)
    if abs(by) < a.size:
        before[max(by, 0) : a.size + min(by, 0)] = a.constant[max(-by, 0) : a.size - max(by, 0)]
    return Terms(moved[kept], a.column[kept], a.factor[kept], before)


def window(x: Columns, first: int, last: int) -> Terms:
    """Give in row t the sum of `x` over rows ``t - last`` to ``t - first``, as far as they exist."""
    n = x.size
    back = np.arange(first, min(last, n - 1) + 1)
    row = np.repeat(np.arange(n), len(back))
    source = row - np.tile(back, n)
    kept = (source >= 0) & (source < n)
    row, source = row[kept], source[kept]
    return Terms(row, source + x.first, np.ones(len(row)), np.zeros(n))


def rows_of(x: Algebra, chosen: ArrayLike) -> Terms:
    """Keep the `chosen` rows only, in their order: a mask (rows,) or increasing numbers."""
    a = x.expanded()
    at = np.arange(a.size)[np.asarray(chosen)]
    place = np.full(a.size, -1)
    place[at] = np.arange(len(at))
    kept = place[a.row] >= 0
    return Terms(place[a.row[kept]], a.column[kept], a.factor[kept], a.constant[at])


def total(x: Algebra) -> Terms:
    """Add all rows into one."""
    a = x.expanded()
    return Terms(np.zeros_like(a.row), a.column, a.factor, a.constant.sum(keepdims=True))


def grouped(x: Algebra, group: ArrayLike, count: int) -> Terms:
    """Add the rows of each group into one: row r goes into row ``group[r]`` of `count`."""
    a, of = x.expanded(), np.asarray(group, dtype=np.int64)
    summed = np.bincount(of, weights=a.constant, minlength=count)
    return Terms(of[a.row], a.column, a.factor, summed.astype(np.float64))


def first(value: float, size: int) -> Floats:
    """Give `value` in the first of `size` rows and 0 in the others: where the state before the start comes in."""
    out = np.zeros(size)
    out[0] = value
    return out


def _same_size(a: Terms, b: Terms) -> None:
    if a.size != b.size:
        raise UsageError(
            _("expressions over {a} and {b} rows cannot be added", a=a.size, b=b.size),
            todo=_("Make both over the same steps, or add up the rows of one with `total`."),
        )
