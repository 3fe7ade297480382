"""Small helpers on arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["distinct", "grouping", "runs"]


def distinct(values: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Give each value once, rising.

    ``np.unique`` hashes whole numbers since numpy 2.3; on long arrays made of rising runs, which is what the ledger
    has, a merging sort takes a tenth of the time.

    Examples
    --------
    >>> distinct(np.array([1, 5, 9, 1, 4])).tolist()
    [1, 4, 5, 9]
    """
    rising = np.sort(values, kind="stable")
    first = np.ones(len(rising), dtype=bool)
    first[1:] = rising[1:] != rising[:-1]
    return rising[first]


def grouping(numbers: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
    """Give the order that brings equal `numbers`, >= 0, together and keeps the rest as it was.

    Below 2^16 it counts instead of comparing (radix sort), which is several times faster.

    Examples
    --------
    >>> grouping(np.array([1, 0, 1, 0])).tolist()
    [1, 3, 0, 2]
    """
    few = numbers.astype(np.uint16) if len(numbers) and numbers.max() < 2**16 else numbers
    return np.argsort(few, kind="stable")


def runs(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Give each value once, rising, and which of them each entry is; fast where `values` rise already.

    Examples
    --------
    >>> [part.tolist() for part in runs(np.array([3, 3, 7]))]
    [[3, 7], [0, 0, 1]]
    """
    if (values[1:] < values[:-1]).any():
        return np.unique(values, return_inverse=True)
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return values[first], np.cumsum(first) - 1
