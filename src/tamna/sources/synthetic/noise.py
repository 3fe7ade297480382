"""Seeded persistent noise, and smooth surfaces over the year and the day."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import KOREA, to_local
from tamna.grid.sun import sine_of_elevation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Hourly = NDArray[np.float64]

_WARM_UP = 24 * 20  # hours thrown away, so that no series remembers that it started from nothing


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of the made year as the island's calendar sees them.

    Attributes
    ----------
    stamps
        UTC starts of the hours.
    year
        Angle of the day in the year, in [0, 2 pi). [rad]
    hour
        Middle of the hour on the clock, 0.5 to 23.5. [h]
    weekday
        0 Monday to 6 Sunday.
    month
        0 January to 11 December.
    """

    stamps: Stamps
    year: Hourly
    hour: Hourly
    weekday: NDArray[np.int64]
    month: NDArray[np.int64]

    @classmethod
    def of(cls, stamps: Stamps) -> Calendar:
        """Read the calendar off the stamps."""
        local = to_local(stamps, KOREA)
        since = (local - local.astype("datetime64[Y]")).astype("timedelta64[s]").astype(np.float64)
        return cls(
            stamps=stamps,
            year=2 * np.pi * since / 86400 / 365.25,
            hour=(local.astype(np.int64) // 3600 % 24).astype(np.float64) + 0.5,
            weekday=(local.astype("datetime64[D]").astype(np.int64) + 3) % 7,
            month=local.astype("datetime64[M]").astype(np.int64) % 12,
        )

    def sun(self, tilt_deg: float = 0.0) -> Hourly:
        """Sine of the sun over a plane tilted to the south, 0 while it is under the horizon. [-]"""
        middle = self.stamps + np.timedelta64(1800, "s")
        up = sine_of_elevation(middle) > 0
        return np.where(up, np.maximum(sine_of_elevation(middle, 33.4 - tilt_deg), 0.0), 0.0)


@dataclass(frozen=True, slots=True)
class Dice:
    """One stream of random numbers for each purpose, so that a new purpose disturbs no other."""

    seed: int
    year: int
    hours: int

    def white(self, purpose: int) -> Hourly:
        """Independent standard normal numbers. [-]"""
        bits = np.random.PCG64(np.random.SeedSequence([self.seed, self.year, purpose]))
        return np.random.Generator(bits).standard_normal(self.hours + _WARM_UP)

    def persistent(self, purpose: int, *memory_h: float) -> Hourly:
        """Standard normal numbers that fade with each `memory_h` in turn.

        One memory gives :math:`x_t = a x_{t-1} + e_t`, :math:`a = e^{-1/memory}`; a second one
        smooths the first, which takes the jitter out of the fastest changes.
        """
        series = self.white(purpose)
        for memory in memory_h:
            series = _fade(series, memory)
        return series[_WARM_UP:] / _spread(memory_h)


def _fade(series: Hourly, memory_h: float) -> Hourly:
    keep = float(np.exp(-1 / memory_h))
    steps = accumulate(series.tolist(), lambda before, fresh: keep * before + fresh)
    return np.fromiter(steps, dtype=np.float64, count=len(series))


def _spread(memory_h: tuple[float, ...]) -> float:
    """Standard deviation of the faded noise, from its impulse response."""
    impulse = np.zeros(int(max(memory_h) * 25) + 50)
    impulse[0] = 1.0
    for memory in memory_h:
        impulse = _fade(impulse, memory)
    return float(np.sqrt(np.sum(impulse**2)))


def surface(coefficients: tuple[tuple[float, ...], ...], calendar: Calendar) -> Hourly:
    """Sum of waves over the year, each with its own waves over the day.

    Row 0 stands for the mean of the year, rows 1 and 2 for the cosine and sine of once a year, and
    so on; in a row, the first number is the mean of the day, then cosine and sine of once a day...
    """
    total = np.zeros(len(calendar.hour))
    day = 2 * np.pi * calendar.hour / 24
    for row, inner in enumerate(coefficients):
        across = np.full_like(total, inner[0])
        for column, value in enumerate(inner[1:], 1):
            across += value * _wave(column, day)
        total += across * _wave(row, calendar.year)
    return total


def _wave(index: int, angle: Hourly) -> Hourly:
    if index == 0:
        return np.ones_like(angle)
    times = (index + 1) // 2
    return np.cos(times * angle) if index % 2 else np.sin(times * angle)


def by_month(values: tuple[float, ...], calendar: Calendar) -> Hourly:
    """Read a value a month, joined by straight lines from mid-month to mid-month."""
    middles = (np.arange(-1, 13) + 0.5) * 2 * np.pi / 12
    read: Hourly = np.interp(calendar.year, middles, np.asarray([values[-1], *values, values[0]]))
    return read
