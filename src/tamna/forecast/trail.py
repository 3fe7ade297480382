"""The trail of a backtest: how each past issue missed, hour by hour, and when that became known.

Paths are drawn from it (`tamna.forecast.paths`); whoever stands at an issue sees only what was known then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.forecast.history import Rows
    from tamna.grid.clock import Stamps

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trail:
    """Misses of issues, one after the other.

    Attributes
    ----------
    issued_at : (issues,)
    misses : (issues, hours)
        What came less the middle, in widths of the band before calibration; NaN where it never became known. [-]
    known_at : (issues, hours)
        When what came became known.
    """

    issued_at: Stamps
    misses: Floats
    known_at: NDArray[np.datetime64]

    def seen(self, issue: np.datetime64, hours: int) -> Floats:
        """Give the misses of issues before `issue`, as far as they were known at it, (issues, hours) [-].

        Leads that no past issue had are NaN.
        """
        before = self.issued_at < issue
        known = np.where(self.known_at[before] <= issue, self.misses[before], np.nan)
        out = np.full((len(known), hours), np.nan)
        most = min(hours, known.shape[1])
        out[:, :most] = known[:, :most]
        return out


def trail_of(rows: Rows, raw: Floats, levels: Floats, actual: Floats, known_at: Stamps) -> Trail:
    """Sort a backtest's hours by issue and lead.

    Parameters
    ----------
    raw : (rows, levels)
        As the learners gave them.
    actual, known_at : (rows,)
    """
    issues, which = np.unique(rows.issued_at, return_inverse=True)
    order = np.lexsort((rows.valid_at, which))
    first = np.searchsorted(which[order], np.arange(len(issues)))
    lead = np.empty(len(order), dtype=np.int64)
    lead[order] = np.arange(len(order)) - first[which[order]]
    shape = (len(issues), int(lead.max(initial=-1)) + 1)
    misses, known = np.full(shape, np.nan), np.full(shape, np.datetime64("NaT"), dtype="datetime64[s]")
    width = np.maximum(raw[:, -1] - raw[:, 0], 1e-9)
    middle = raw[:, int(np.argmin(np.abs(levels - 0.5)))]
    misses[which, lead] = np.where(width > 1e-6, (actual - middle) / width, 0.0)
    known[which, lead] = known_at
    return Trail(issued_at=issues, misses=misses, known_at=known)
