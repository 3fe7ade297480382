"""Days drawn again: how sure a mean over hours is, when the hours of a day err together.

One set of draws serves every score, so that the interval of a difference or a ratio is that of paired scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DRAWS = 1000
SHARE = 0.9
"""What share of the draws an interval holds. [-]"""


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """How often each day is drawn.

    Attributes
    ----------
    code : (hours,)
        Which day each hour belongs to, 0..days-1.
    times : (draws, days)
        How often a draw holds each day; a row sums to the number of days.
    """

    code: Ints
    times: Floats

    @classmethod
    def of(cls, days: Ints, *, draws: int = DRAWS, seed: int = 0) -> Draws:
        """Draw as many days as there are, with replacement, `draws` times."""
        _names, code = np.unique(days, return_inverse=True)
        count = int(code.max()) + 1 if len(code) else 0
        if not count:
            return cls(code.astype(np.int64), np.zeros((draws, 0)))
        times = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
        return cls(code.astype(np.int64), times.astype(np.float64))

    def means(self, values: Floats) -> Floats:
        """Give the mean of `values`, (hours,), in every draw, (draws,); NaN hours count for nothing."""
        there = np.isfinite(values)
        days = self.times.shape[1]
        total = np.bincount(self.code[there], values[there], days)
        count = np.bincount(self.code[there], minlength=days)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((self.times @ total) / (self.times @ count))


def ends(drawn: Floats, share: float = SHARE) -> tuple[float, float] | None:
    """Give the ends of the central interval of the draws; None where no draw has a value.

    Examples
    --------
    >>> ends(np.arange(101.0), share=0.5)
    (25.0, 75.0)
    """
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return None
    low, high = np.quantile(drawn, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
