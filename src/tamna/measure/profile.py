"""Shapes of a period: duration curves, residual load, ramps and their extremes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import HOUR, iso
from tamna.grid.rules import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.measure.island import Energy
    from tamna.measure.shares import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A duration curve: `value` was reached or exceeded in `part` of the measured hours.

    Attributes
    ----------
    part : (points,)
        Rising, in (0, 1] [-].
    value : (points,)
        Falling, in the unit of the input.
    hours, missing
        Measured hours behind the curve, and hours without a value.
    """

    part: NDArray[np.float64]
    value: NDArray[np.float64]
    hours: int
    missing: int

    def reached(self, value: float) -> float:
        """Tell in which part of the measured hours `value` was reached [-]."""
        return float(np.mean(self.value >= value)) if len(self.value) else float("nan")

    def thin(self, points: int = 200) -> Duration:
        """Give the curve by at most `points` points, its two ends among them, for drawing."""
        if len(self.value) <= points:
            return self
        at = np.unique(np.linspace(0, len(self.value) - 1, points).round().astype(int))
        return Duration(part=self.part[at], value=self.value[at], hours=self.hours, missing=self.missing)


def duration(values: NDArray[np.float64]) -> Duration:
    """Sort the measured hours from the highest to the lowest."""
    known = values[np.isfinite(values)]
    ordered = np.sort(known)[::-1]
    part = np.arange(1, len(ordered) + 1) / max(len(ordered), 1)
    return Duration(part=part, value=ordered, hours=len(ordered), missing=len(values) - len(ordered))


def residual_load(m: Measurement, boundary: str) -> Energy:
    """Give load minus counted renewables of each hour, (hours,) [MWh]; below 0 in a surplus.

    A class that the demand is net of is in both and cancels: the residual is what the grid sees.
    """
    track = m.tracks[boundary, Rule.COVERAGE]
    return track.share.denominator - track.share.numerator


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """The largest change over some hours, from the hour starting `start` to the one starting `end` (UTC)."""

    mwh_per_h: float
    start: np.datetime64
    end: np.datetime64

    def as_dict(self) -> dict[str, Any]:
        """Give the ramp as JSON carries it: ``mwh_per_h, from, to``."""
        return {"mwh_per_h": self.mwh_per_h, "from": iso(self.start), "to": iso(self.end)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramps:
    """Changes over `span_h` hours: the extremes with their times, and how they spread.

    Attributes
    ----------
    up, down
        Largest rise and fall; None where nothing was measured, or it never rose (fell).
    p01, p99
        Percentiles of the change [MWh/h]; NaN where nothing was measured.
    pairs
        Pairs of hours that are both measured.
    """

    span_h: int
    up: Ramp | None
    down: Ramp | None
    p01: float
    p99: float
    pairs: int

    def as_dict(self) -> dict[str, Any]:
        """Give the ramps as JSON carries them."""
        return {
            "span_h": self.span_h,
            "up": self.up.as_dict() if self.up else None,
            "down": self.down.as_dict() if self.down else None,
            "p01": None if np.isnan(self.p01) else self.p01,
            "p99": None if np.isnan(self.p99) else self.p99,
            "pairs": self.pairs,
        }


def ramps(values: Energy, valid_at: Stamps, span_h: int = 1) -> Ramps:
    """Find how fast hourly energies change: ``x[t + span] - x[t]``, where both hours are measured.

    Parameters
    ----------
    values : (hours,) [MWh]
        NaN where not measured.
    valid_at : (hours,)
        Consecutive UTC hours.
    span_h
        1 for hour to hour, 3 for a three-hour ramp.
    """
    change = values[span_h:] - values[:-span_h]
    known = change[np.isfinite(change)]
    if not len(known):
        return Ramps(span_h=span_h, up=None, down=None, p01=np.nan, p99=np.nan, pairs=0)
    highest, lowest = int(np.nanargmax(change)), int(np.nanargmin(change))

    def ramp(at: int) -> Ramp:
        start = valid_at[at]
        return Ramp(mwh_per_h=float(change[at]), start=start, end=start + span_h * HOUR)

    p01, p99 = np.percentile(known, [1, 99])
    return Ramps(
        span_h=span_h,
        up=ramp(highest) if change[highest] > 0 else None,
        down=ramp(lowest) if change[lowest] < 0 else None,
        p01=float(p01),
        p99=float(p99),
        pairs=len(known),
    )


def all_ramps(m: Measurement, boundary: str = "settled") -> dict[str, tuple[Ramps, ...]]:
    """Find the 1- and 3-hour ramps of demand, counted renewables and residual load."""
    track = m.tracks[boundary, Rule.COVERAGE]
    columns = {
        "demand": m.hours.demand_mwh,
        "renewable": track.renewable_mwh,
        "residual": residual_load(m, boundary),
    }
    return {
        name: tuple(ramps(values, m.hours.valid_at, span) for span in (1, 3))
        for name, values in columns.items()
    }
