"""Arrays with rows and columns left out, or added: what tightens a problem after its blocks have written it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.optimise.problem import Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Entries:
    """Rows to be added, in the making.

    Attributes
    ----------
    row, column, factor
        Their entries; rows count from 0.
    lower, upper
        Their sides.
    """

    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    factor: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def open(self, *, lower: float = -np.inf, upper: float = np.inf) -> int:
        """Begin a row; gives its number."""
        self.lower.append(lower)
        self.upper.append(upper)
        return len(self.lower) - 1

    def put(self, row: int, column: int, factor: float) -> None:
        """Add an entry."""
        self.row.append(row)
        self.column.append(int(column))
        self.factor.append(float(factor))


def without(arrays: Arrays, rows: Bools, columns: Bools) -> tuple[Arrays, Ints]:
    """Leave out rows and columns; gives what is left, and the numbers that its columns had before.

    Groups shrink with what they lose, and go where nothing is left of them.

    Parameters
    ----------
    rows, columns : (rows,), (columns,)
        What to leave out.
    """
    kept_rows, kept_columns = ~rows, ~columns
    entries = kept_rows[arrays.row] & kept_columns[arrays.column]
    new_row, new_column = np.cumsum(kept_rows) - 1, np.cumsum(kept_columns) - 1
    left = replace(
        arrays,
        column_lower=arrays.column_lower[kept_columns],
        column_upper=arrays.column_upper[kept_columns],
        integer=arrays.integer[kept_columns],
        cost=arrays.cost[kept_columns],
        row_lower=arrays.row_lower[kept_rows],
        row_upper=arrays.row_upper[kept_rows],
        row=new_row[arrays.row[entries]],
        column=new_column[arrays.column[entries]],
        factor=arrays.factor[entries],
        columns=_regrouped(arrays.columns, kept_columns),
        rows=_regrouped(arrays.rows, kept_rows),
    )
    return left, np.flatnonzero(kept_columns)


def _regrouped(groups: Iterable[Group], kept: Bools) -> tuple[Group, ...]:
    before = np.concatenate([[0], np.cumsum(kept)])
    sizes = [(g, int(before[g.first + g.size] - before[g.first])) for g in groups]
    return tuple(Group(g.name, int(before[g.first]), size, g.says) for g, size in sizes if size)


def with_rows(arrays: Arrays, name: str, new: Entries, says: Message) -> Arrays:
    """Add rows as one group."""
    first = len(arrays.row_lower)
    return replace(
        arrays,
        row=np.concatenate([arrays.row, np.array(new.row, dtype=np.int64) + first]),
        column=np.concatenate([arrays.column, np.array(new.column, dtype=np.int64)]),
        factor=np.concatenate([arrays.factor, np.array(new.factor, dtype=np.float64)]),
        row_lower=np.concatenate([arrays.row_lower, np.array(new.lower, dtype=np.float64)]),
        row_upper=np.concatenate([arrays.row_upper, np.array(new.upper, dtype=np.float64)]),
        rows=(*arrays.rows, Group(name, first, len(new.lower), says)),
    )


def with_columns(arrays: Arrays, name: str, cost: Floats, says: Message) -> Arrays:
    """Add columns between 0 and 1 as one group, not held to whole numbers."""
    first, size = len(arrays.cost), len(cost)
    return replace(
        arrays,
        column_lower=np.concatenate([arrays.column_lower, np.zeros(size)]),
        column_upper=np.concatenate([arrays.column_upper, np.ones(size)]),
        integer=np.concatenate([arrays.integer, np.zeros(size, dtype=bool)]),
        cost=np.concatenate([arrays.cost, cost]),
        columns=(*arrays.columns, Group(name, first, size, says)),
    )
