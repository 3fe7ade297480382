r"""The next hours from the latest readings: the day-ahead forecast, less what it is seen to miss right now.

Demand and wind: the last miss, faded by `tamna.forecast.decay`. PV: the same on the clear-sky index, power over
what a cloudless sky would give, so night is exactly zero and dawn is not a change of weather. A step whose last
reading is too old, or that lies beyond the leads that were learned, is the day-ahead's, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.forecast.decay import FADE_H, band, carried
from tamna.grid.clock import HOUR
from tamna.lang import _
from tamna.physics.pv import PvFleet, capacity_factor
from tamna.physics.sun import sky_under, sun_over
from tamna.series.units import kept
from tamna.sources.block import Flag, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tamna.forecast.decay import Decay
    from tamna.forecast.history import Track
    from tamna.grid.clock import Stamps
    from tamna.lang import Message
    from tamna.series.model import Series

    Floats = NDArray[np.float64]

    Shape = Callable[[Stamps], Floats]
    """Moments -> what a cloudless sky would give, per capacity, (moments,)."""

NOWCAST, DAY_AHEAD = "nowcast", "day_ahead"
LATEST = np.timedelta64(15 * 60, "s")
"""Readings of so long before the last one are averaged with it. [s]"""
STALE = np.timedelta64(3 * 3600, "s")
"""When the last reading is older than this at the issue, it says nothing of the next hours. [s]"""
LOW_SUN = 0.06
"""Below this part of its capacity under a cloudless sky, PV says nothing of the clouds. [-]"""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What meters said: moments (UTC), values and when each became known, in the order of the moments."""

    at: Stamps
    value: Floats
    known_at: Stamps
    step_s: int

    @classmethod
    def of(cls, series: Series) -> Readings:
        """Take up a series of power: instants stand where they are, means and sums in their middle [MW].

        Missing and suspect readings are left out: nothing is learned from a meter that somebody doubts.
        """
        unit, divide = kept(series.unit)
        times = (3600 / series.resolution_s if unit == "MWh" else 1.0) / divide
        half = 0 if series.kind is Kind.INSTANT else series.resolution_s // 2
        good = np.isfinite(series.value) & ((series.flag & np.uint16(Flag.SUSPECT)) == 0)
        at = series.valid_at[good] + np.timedelta64(half, "s")
        return cls(at, series.value[good] * times, series.known_at[good], series.resolution_s)

    @classmethod
    def of_hours(cls, track: Track) -> Readings:
        """Take up hours of a history: the mean of each stands in its middle [MW]."""
        good = np.isfinite(track.value)
        stamps = track.start + np.arange(len(track.value)) * HOUR
        return cls((stamps + HOUR // 2)[good], track.value[good], track.known_at[good], 3600)

    @property
    def phase(self) -> np.timedelta64:
        """How far after the hour an hourly meter reads; nothing for a finer one."""
        if not len(self.at) or self.step_s < 3600:
            return np.timedelta64(0, "s")
        return np.timedelta64(self.at[-1] - self.at[-1].astype("datetime64[h]"), "s")

    @classmethod
    def none(cls) -> Readings:
        """Give no reading at all."""
        moments = np.empty(0, "datetime64[s]")
        return cls(moments, np.empty(0), moments, 3600)

    def near(self, moments: Stamps) -> Floats:
        """Give the reading nearest to each moment, (moments,), NaN where none is within half a step."""
        if not len(self.at):
            return np.full(len(moments), np.nan)
        after = np.clip(np.searchsorted(self.at, moments), 1, max(len(self.at) - 1, 1))
        before = after - 1
        after = np.minimum(after, len(self.at) - 1)
        nearer = np.where(
            np.abs(self.at[before] - moments) <= np.abs(self.at[after] - moments), before, after
        )
        close = np.abs(self.at[nearer] - moments) <= np.timedelta64(self.step_s // 2, "s")
        return np.where(close, self.value[nearer], np.nan)

    def known(self, issued_at: np.datetime64) -> Readings:
        """Keep what was known at an issue."""
        keep = (self.known_at <= issued_at) & (self.at <= issued_at)
        return Readings(self.at[keep], self.value[keep], self.known_at[keep], self.step_s)

    def absent(self, since: np.datetime64) -> int:
        """Count the stamps of the meter's own step that are absent between `since` and the last reading."""
        recent = np.unique(self.at[self.at >= since])
        if len(recent) < 2:
            return 0
        return round(float((recent[-1] - recent[0]) / np.timedelta64(self.step_s, "s"))) + 1 - len(recent)


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """The day-ahead forecast of one target: hours, levels, quantiles (hours, levels) as means of the hours."""

    stamps: Stamps
    levels: Floats
    quantiles: Floats

    def index(self, moments: Stamps, shape: Shape | None) -> Floats:
        """Give its quantiles at moments, (moments, levels): straight lines between the hours' middles.

        With a `shape` they are parts of it; hours of too low a sun take the nearest hours'. NaN outside the hours.
        """
        middle = self.stamps + HOUR // 2
        value = self.quantiles
        use = np.isfinite(value).all(axis=1)
        if shape is not None:
            clear = hourly(shape, self.stamps)
            use &= clear >= LOW_SUN
            value = value / np.maximum(clear, LOW_SUN)[:, None]
        if not use.any():
            return np.full((len(moments), len(self.levels)), np.nan)
        x, known = _seconds(moments), _seconds(middle[use])
        found = np.stack([np.interp(x, known, column) for column in value[use].T], axis=1)
        inside = (moments >= self.stamps[0]) & (moments <= self.stamps[-1] + HOUR)
        return np.where(inside[:, None], found, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nowcasted:
    """One target's answer.

    Attributes
    ----------
    quantiles : (steps, levels)
        Mean of each step. [MW]
    model, reason : (steps,)
        Which model answered each step, and why it was not the nowcast.
    last_at
        Moment of the last reading that was used or could have been; None without any.
    age_s
        How old it was at the issue. [s]
    absent
        Stamps missing within the last hour of readings.
    """

    quantiles: Floats
    model: tuple[str, ...]
    reason: tuple[Message | None, ...]
    last_at: np.datetime64 | None
    age_s: int | None
    absent: int


def clear_shape(latitude: float, longitude: float, altitude_m: float = 0.0) -> Shape:
    """Give what a cloudless sky would give a PV fleet at a place, per capacity; zero at night."""

    def shape(moments: Stamps) -> Floats:
        sun = sun_over(moments - HOUR // 2, latitude, longitude, altitude_m)
        blank = np.full(len(moments), np.nan)
        return capacity_factor(PvFleet(), sun, sky_under(sun, sun.clear_ghi), blank, blank)

    return shape


def hourly(shape: Shape, stamps: Stamps) -> Floats:
    """Average a shape over each hour that starts at `stamps`."""
    parts = np.timedelta64(600, "s") * np.arange(6) + np.timedelta64(300, "s")
    moments = (stamps[:, None] + parts).reshape(-1)
    return np.asarray(shape(moments).reshape(-1, 6).mean(axis=1))


def nowcast_target(
    ahead: Ahead,
    readings: Readings,
    decay: Decay,
    *,
    issued_at: np.datetime64,
    stamps: Stamps,
    step_s: int,
    shape: Shape | None = None,
    bounds: tuple[float, float] = (0.0, np.inf),
    stale: np.timedelta64 = STALE,
) -> Nowcasted:
    """Forecast the steps that start at `stamps`, each `step_s` long.

    Parameters
    ----------
    ahead
        The day-ahead; it must reach an hour before the issue for its latest miss to be seen.
    readings
        Whatever there is; only what was known at `issued_at` is used.
    shape
        For PV, what a cloudless sky would give; None for demand and wind.
    """
    moments = stamps + np.timedelta64(step_s // 2, "s")
    lit = None if shape is None else shape(moments)
    plain = ahead.index(moments, shape)
    known = readings.known(issued_at)
    last_at = known.at[-1] if len(known.at) else None
    absent = 0 if last_at is None else known.absent(last_at - HOUR)
    age = None if last_at is None else int((issued_at - last_at) / np.timedelta64(1, "s"))
    miss = _misses(ahead, known, shape)
    reason = _why_not(miss, known, issued_at, stale, shape)
    answer, used = plain, np.zeros(len(stamps), dtype=bool)
    if reason is None:
        answer, used = _moved(ahead, plain, miss, decay=decay, moments=moments, shape=shape)
    if lit is not None:
        answer = np.where(lit[:, None] > 0, np.maximum(answer, 0.0) * lit[:, None], 0.0)
    beyond = _("beyond the hours that the latest reading speaks of")
    return Nowcasted(
        quantiles=np.clip(np.sort(answer, axis=1), *bounds),
        model=tuple(NOWCAST if u else DAY_AHEAD for u in used),
        reason=tuple(None if u else reason or beyond for u in used),
        last_at=last_at,
        age_s=age,
        absent=absent,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Misses:
    """The day-ahead's misses at readings: moments and (n,) in units of the index."""

    at: Stamps
    value: Floats


def _misses(ahead: Ahead, known: Readings, shape: Shape | None) -> _Misses:
    recent = known.at >= (known.at[-1] - STALE - HOUR if len(known.at) else np.datetime64("NaT", "s"))
    at, value = known.at[recent], known.value[recent]
    if not len(at):
        return _Misses(at, value)
    if shape is not None:
        clear = shape(at)
        value = np.where(clear >= LOW_SUN, value / np.maximum(clear, LOW_SUN), np.nan)
    middle = int(np.argmin(np.abs(ahead.levels - 0.5)))
    miss = value - ahead.index(at, shape)[:, middle]
    good = np.isfinite(miss)
    return _Misses(at[good], miss[good])


def _why_not(
    miss: _Misses, known: Readings, issued_at: np.datetime64, stale: np.timedelta64, shape: Shape | None
) -> Message | None:
    if not len(known.at):
        return _("there is no reading")
    if issued_at - known.at[-1] > stale:
        return _("the last reading is {minutes} minutes old", minutes=_minutes(issued_at - known.at[-1]))
    if len(miss.at) and issued_at - miss.at[-1] <= stale:
        return None
    if shape is not None:
        return _("the sun was too low for the latest readings to speak of the clouds")
    return _("the day-ahead forecast does not reach back to the latest reading")


def _moved(
    ahead: Ahead,
    plain: Floats,
    miss: _Misses,
    *,
    decay: Decay,
    moments: Stamps,
    shape: Shape | None,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the quantiles moved by what is left of the last miss, and which steps they hold for."""
    last_at = miss.at[-1]
    last = float(miss.value[miss.at > last_at - LATEST].mean())
    before = np.abs(miss.at - (last_at - HOUR)) < LATEST
    growth = last - float(miss.value[before].mean()) if before.any() else np.nan
    lead = np.asarray((moments - last_at) / HOUR, dtype=np.float64)
    reach = decay.leads_h[-1] + FADE_H
    used = (lead >= 0) & (lead < reach)
    then = decay.at(np.clip(lead, 0.0, reach))
    middle = int(np.argmin(np.abs(ahead.levels - 0.5)))
    now = ahead.index(last_at[None], shape)[0, middle]
    n = len(moments)
    shift = carried(
        then,
        last=np.full(n, last),
        growth=np.full(n, growth),
        now=np.full(n, now),
        then=plain[:, middle],
    )
    moved = (plain[:, middle] + shift)[:, None] + band(then, plain)
    used &= np.isfinite(moved).all(axis=1)
    return np.where(used[:, None], moved, plain), used


def _seconds(moments: Stamps) -> Floats:
    return np.asarray(moments.astype("datetime64[s]").astype(np.int64), dtype=np.float64)


def _minutes(span: np.timedelta64) -> int:
    return int(span / np.timedelta64(60, "s"))
