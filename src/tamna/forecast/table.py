"""Features by name: a table that grows column by column, and the tools that features of any target share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.forecast.history import Rows

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Features of rows.

    Attributes
    ----------
    names : (features,)
    values : (rows, features)
        NaN where a feature is missing.
    base : (rows,)
        What the learner's answer is a multiple of (a recent level), or ones. [unit of the target]
    """

    names: tuple[str, ...]
    values: Floats
    base: Floats

    def __len__(self) -> int:
        return len(self.values)

    def pick(self, which: NDArray[np.bool_] | Ints | slice) -> Table:
        """Give some of the rows."""
        return Table(self.names, self.values[which], self.base[which])

    def column(self, name: str) -> Floats:
        """Give one feature."""
        return self.values[:, self.names.index(name)]


def table_of(columns: Mapping[str, Floats], base: Floats) -> Table:
    """Put columns side by side."""
    return Table(tuple(columns), np.stack([np.asarray(c, np.float64) for c in columns.values()], 1), base)


def stacked(tables: list[Table]) -> Table:
    """Put tables of the same features one below the other."""
    return Table(
        tables[0].names,
        np.concatenate([t.values for t in tables]),
        np.concatenate([t.base for t in tables]),
    )


def mean_known(parts: list[Floats]) -> Floats:
    """Average what is known, row by row; NaN where nothing is."""
    stack = np.stack(parts)
    there = ~np.isnan(stack)
    count = there.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, np.where(there, stack, 0.0).sum(axis=0) / count, np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Once:
    """What many rows share, asked once: unique pairs of two columns and the way back."""

    first: NDArray[np.datetime64]
    second: NDArray[np.datetime64]
    back: Ints

    @classmethod
    def of(cls, first: NDArray[np.datetime64], second: NDArray[np.datetime64]) -> Once:
        """Find the unique pairs."""
        pairs = np.stack([first.astype("datetime64[s]"), second.astype("datetime64[s]")], axis=1).view(
            np.int64
        )
        unique, back = np.unique(pairs, axis=0, return_inverse=True)
        return cls(
            unique[:, 0].astype("datetime64[s]"), unique[:, 1].astype("datetime64[s]"), back.reshape(-1)
        )

    def __len__(self) -> int:
        return len(self.first)


def issue_hours(rows: Rows, count: int, delay_h: int) -> list[NDArray[np.datetime64]]:
    """Give the last `count` hours that a source of `delay_h` hours' delay has published at each issue."""
    last: NDArray[np.datetime64] = rows.issued_at.astype("datetime64[h]").astype("datetime64[s]")
    return [
        np.asarray(last - np.timedelta64(3600 * (delay_h + 1 + k), "s"), "datetime64[s]")
        for k in range(count)
    ]
