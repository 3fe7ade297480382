"""Periods of an answer on the island's calendar, and sums over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid import clock
from tamna.grid.clock import HOUR, Period, Resolution, parse_period

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Sums = NDArray[np.float64]  # (rows, periods)

LEAST_COUNTED = 0.99
"""Part of a year's hours that a yearly comparison must have: a season less is another quantity."""


@dataclass(frozen=True)
class Bins:
    """Consecutive hours cut into periods.

    Attributes
    ----------
    valid_at : (hours,)
        UTC start of each hour.
    by
        The length of the periods, on the calendar of `timezone`.
    starts : (periods,)
        Index of the first hour of each period.
    """

    valid_at: Stamps
    by: Resolution
    timezone: str
    starts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", self._cut())

    def _cut(self) -> NDArray[np.int64]:
        if self.by is Resolution.HOUR:
            return np.arange(len(self.valid_at))
        codes, _names = clock.bins(self.valid_at, self.by, self.timezone)
        return np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1]).astype(np.int64)

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def names(self) -> list[str]:
        """Name every period: ``2023``, ``2023-DJF``, ``2023-01``, ``2023-01-01``, an hour with its offset."""
        return clock.bins(self.valid_at[self.starts], self.by, self.timezone)[1]

    @property
    def hours(self) -> NDArray[np.int64]:
        """How many hours of the data each period has, (periods,)."""
        return np.diff(np.append(self.starts, len(self.valid_at)))

    def slice(self, i: int) -> slice:
        """Give the hours of period `i`."""
        end = self.starts[i + 1] if i + 1 < len(self) else len(self.valid_at)
        return slice(int(self.starts[i]), int(end))

    def period(self, i: int) -> Period:
        """Give period `i` in UTC, as far as the data reach."""
        hours = self.slice(i)
        return Period(self.valid_at[hours.start], self.valid_at[hours.stop - 1] + HOUR)

    def add_up(self, rows: NDArray[np.float64]) -> Sums:
        """Sum rows (rows, hours) over each period."""
        return rows if self.by is Resolution.HOUR else np.add.reduceat(rows, self.starts, axis=1)

    def add_up_days(self, daily: Sums, days: Bins) -> Sums:
        """Sum rows that are daily sums already (rows, days) over each period, for periods of whole days."""
        return np.add.reduceat(daily, np.searchsorted(days.starts, self.starts), axis=1)


def hours_of_year(year: int, timezone: str) -> int:
    """Count the hours of a calendar year of the island: 8760 or 8784."""
    return parse_period(f"{year:04d}-01-01", f"{year:04d}-12-31", timezone).seconds // 3600
