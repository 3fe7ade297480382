"""A problem without what is settled: columns held at one value are put in, rows that can no longer bind go.

The searches around a schedule hold most of its decisions; what is left is a small problem of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_HUGE = 1e12
_SLACK = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Shrunk:
    """What is left of a problem.

    Attributes
    ----------
    arrays
        The smaller problem; its groups are empty, as names no longer fit.
    free
        Numbers, in the whole problem, of the columns that are left.
    rows
        Numbers, in the whole problem, of the rows that are left.
    settled : (columns of the whole,)
        Values of the columns that are held, 0 elsewhere.
    """

    arrays: Arrays
    free: Ints
    rows: Ints
    settled: Floats

    def whole(self, x: Floats) -> Floats:
        """Give an answer of the smaller problem as one of the whole."""
        out = self.settled.copy()
        out[self.free] = x
        return out


def shrunk(arrays: Arrays, lower: Floats, upper: Floats) -> Shrunk:
    """Put in what `lower` and `upper` hold at one value, and leave out rows that no values left can break.

    Parameters
    ----------
    lower, upper : (columns,)
        Bounds instead of the problem's own.
    """
    free = np.flatnonzero(upper > lower)
    settled = np.where(upper > lower, 0.0, lower)
    matrix = csr_array(
        (arrays.factor, (arrays.row, arrays.column)), shape=(len(arrays.row_lower), len(arrays.cost))
    )
    done = matrix @ settled
    low, high = arrays.row_lower - done, arrays.row_upper - done
    left = matrix[:, free]
    least, most = _reach(left, lower[free], upper[free])
    kept = (most > high + _SLACK) | (least < low - _SLACK)
    entries = left[kept].tocoo()
    return Shrunk(
        arrays=replace(
            arrays,
            column_lower=lower[free],
            column_upper=upper[free],
            integer=arrays.integer[free],
            cost=arrays.cost[free],
            offset=arrays.offset + float(arrays.cost @ settled),
            row_lower=low[kept],
            row_upper=high[kept],
            row=entries.row.astype(np.int64),
            column=entries.col.astype(np.int64),
            factor=entries.data,
            columns=(),
            rows=(),
        ),
        free=free,
        rows=np.flatnonzero(kept),
        settled=settled,
    )


def _reach(matrix: csr_array, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Give the least and the most that each row can be, (rows,)."""
    gain, loss = matrix.copy(), matrix.copy()
    gain.data, loss.data = np.maximum(matrix.data, 0.0), np.minimum(matrix.data, 0.0)
    low, high = np.maximum(lower, -_HUGE), np.minimum(upper, _HUGE)
    return gain @ low + loss @ high, gain @ high + loss @ low
