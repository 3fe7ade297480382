"""To whole hours, in one place: means, sums and instants of any step.

Rules
-----
- A mean or a sum counts in each hour by the seconds it covers there: a 15-minute price a quarter,
  an interval that straddles two hours in both (such hours are flagged ``ESTIMATED``).
- Instants are joined by straight lines; the hour is the mean of the line. Two consecutive readings
  are joined when they lie at most 1.5 steps apart. So hourly power instants become the mean of the
  two at the hour's ends, and readings at irregular seconds need no grid. Directions (``deg``) are
  averaged as unit vectors.
- An hour of which less than `min_coverage` is covered (default: all of it) is NaN and ``MISSING``.
  An hour covered in part but enough is scaled up from what is there and flagged ``ESTIMATED``.
- An hour carries every flag of what went into it, and is known when the last part of it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import HOUR, Period
from tamna.lang import _
from tamna.series.model import NEVER, Column, Series
from tamna.series.units import factor, kept
from tamna.sources.block import Flag, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_JOINED = 1.5
_ROUND = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """Parts of hours: which hour, how many seconds, what mean value over them, from which one or two rows."""

    hour: Ints
    seconds: Floats
    mean: Floats
    rows: tuple[Ints, ...]
    split: NDArray[np.bool_]


def needed(period: Period, series_step_s: int = 3600) -> Period:
    """Give the span to read so that every hour of `period` can be made: one and a half steps on each side."""
    pad = np.timedelta64(max(3600, int(_JOINED * series_step_s)), "s")
    return Period(period.start - pad, period.end + pad + np.timedelta64(1, "s"))


def hourly_energy(series: Series, period: Period, *, min_coverage: float = 1.0) -> Column:
    """Give the energy of every hour [MWh], from power (means or instants) or energy of any step.

    Energy made from power instants is flagged ``ESTIMATED``: nobody metered it. Read the series over
    `needed(period)` so that the last hour has the reading at its end.

    Raises
    ------
    UsageError
        The series is neither power nor energy, or its step is longer than an hour.
    """
    hours = _hours(series, period, min_coverage)
    kind = Kind.MEAN if series.kind is Kind.INSTANT else series.kind
    times = factor(hours.unit, kind, 3600, "MWh", Kind.SUM, 3600)
    if times is None:
        raise _unfit(series, _("is neither power nor energy"))
    flag = hours.flag
    if series.kind is Kind.INSTANT:
        flag = np.where(np.isnan(hours.value), flag, flag | np.uint16(Flag.ESTIMATED))
    return Column(
        unit="MWh", valid_at=hours.valid_at, value=hours.value * times, flag=flag, known_at=hours.known_at
    )


def hourly_mean(series: Series, period: Period, *, min_coverage: float = 1.0) -> Column:
    """Give the mean of every hour, in the series' unit; energy answers as mean power [MW].

    Raises
    ------
    UsageError
        The series is a sum other than energy, or its step is longer than an hour.
    """
    hours = _hours(series, period, min_coverage)
    if series.kind is not Kind.SUM:
        return hours
    times = factor(hours.unit, Kind.SUM, 3600, "MW", Kind.MEAN, 3600)
    if times is None:
        raise _unfit(series, _("is a sum and has no mean: ask for its hourly sum"))
    return Column(
        unit="MW",
        valid_at=hours.valid_at,
        value=hours.value * times,
        flag=hours.flag,
        known_at=hours.known_at,
    )


def hourly_sum(series: Series, period: Period, *, min_coverage: float = 1.0) -> Column:
    """Give the sum of every hour, in the series' unit (mm of rain, hours of sunshine, MWh).

    Raises
    ------
    UsageError
        The series is not a sum, or its step is longer than an hour.
    """
    if series.kind is not Kind.SUM:
        raise _unfit(series, _("is not a sum: ask for its hourly mean or energy"))
    return _hours(series, period, min_coverage)


def _hours(series: Series, period: Period, min_coverage: float) -> Column:
    if not 0 < min_coverage <= 1:
        raise UsageError(_("min_coverage must lie in (0, 1]"), seen=min_coverage)
    if series.resolution_s > 3600 and series.kind is not Kind.INSTANT:
        raise _unfit(series, _("has a step longer than an hour"))
    start = period.start.astype("datetime64[h]").astype("datetime64[s]")
    stamps = np.arange(start, period.end, HOUR).astype("datetime64[s]")
    if _is_hourly(series):
        return _placed(series, stamps)
    if series.unit == "deg":
        return _directions(series, stamps, min_coverage)
    return _summed(series, stamps, _pieces(series, start), min_coverage)


def _is_hourly(series: Series) -> bool:
    return (
        series.resolution_s == 3600
        and series.kind is not Kind.INSTANT
        and not (series.valid_at.astype(np.int64) % 3600).any()
    )


def _placed(series: Series, stamps: NDArray[np.datetime64]) -> Column:
    """Put hours on the grid as they are."""
    n = len(stamps)
    value, flag = np.full(n, np.nan), np.full(n, int(Flag.MISSING), dtype=np.uint16)
    known = np.full(n, NEVER)
    at = (series.valid_at - stamps[0]) // HOUR if n else np.empty(0, np.int64)
    inside = (at >= 0) & (at < n)
    at = at[inside]
    value[at], flag[at], known[at] = series.value[inside], series.flag[inside], series.known_at[inside]
    blank = np.isnan(value)
    flag[blank] |= np.uint16(Flag.MISSING)
    known[blank] = NEVER
    unit, divide = kept(series.unit)
    return Column(unit=unit, valid_at=stamps, value=value / divide, flag=flag, known_at=known)


def _pieces(series: Series, start: np.datetime64) -> _Pieces:
    """Cut the series into parts of hours."""
    rows = np.flatnonzero(~np.isnan(series.value))
    at = (series.valid_at[rows] - start).astype("timedelta64[s]").astype(np.int64)
    if series.kind is Kind.INSTANT:
        return _line_pieces(at, series.value[rows], rows, _JOINED * series.resolution_s)
    value = series.value[rows]
    if series.kind is Kind.SUM:
        value = value * (3600 / series.resolution_s)  # as a rate per hour, so that both kinds average alike
    end = at + series.resolution_s
    border = (at // 3600 + 1) * 3600
    over = end > border
    return _Pieces(
        hour=np.concatenate([at // 3600, border[over] // 3600]),
        seconds=np.concatenate([np.minimum(end, border) - at, (end - border)[over]]).astype(np.float64),
        mean=np.concatenate([value, value[over]]),
        rows=(np.concatenate([rows, rows[over]]),),
        split=np.concatenate([over, over[over]]),
    )


def _line_pieces(at: Ints, value: Floats, rows: Ints, longest: float) -> _Pieces:
    """Cut the line through instants at the hours' borders."""
    if len(at) < 2:
        none = np.empty(0, np.int64)
        return _Pieces(
            hour=none, seconds=np.empty(0), mean=np.empty(0), rows=(none,), split=none.astype(bool)
        )
    borders = np.arange((at[0] // 3600 + 1) * 3600, at[-1], 3600)
    cuts = np.union1d(at, borders)
    height = np.interp(cuts, at, value)
    left, right = cuts[:-1], cuts[1:]
    segment = np.searchsorted(at, left, side="right") - 1
    joined = (at[segment + 1] - at[segment]) <= longest
    return _Pieces(
        hour=(left // 3600)[joined],
        seconds=(right - left)[joined].astype(np.float64),
        mean=((height[:-1] + height[1:]) / 2)[joined],
        rows=(rows[segment][joined], rows[segment + 1][joined]),
        split=np.zeros(int(joined.sum()), dtype=bool),
    )


def _summed(series: Series, stamps: NDArray[np.datetime64], pieces: _Pieces, min_coverage: float) -> Column:
    n = len(stamps)
    inside = (pieces.hour >= 0) & (pieces.hour < n)
    hour, seconds = pieces.hour[inside], pieces.seconds[inside]
    covered = np.bincount(hour, weights=seconds, minlength=n)
    area = np.bincount(hour, weights=seconds * pieces.mean[inside], minlength=n)
    enough = (covered / 3600 >= min_coverage - _ROUND) & (covered > 0)
    unit, divide = kept(series.unit)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(enough, area / covered / divide, np.nan)
    flag = np.zeros(n, dtype=np.uint16)
    known = np.full(n, np.iinfo(np.int64).min, dtype=np.int64)
    for rows in pieces.rows:
        np.bitwise_or.at(flag, hour, series.flag[rows[inside]])
        np.maximum.at(known, hour, series.known_at[rows[inside]].astype("datetime64[s]").astype(np.int64))
    _carry_blanks(series, stamps, flag)
    split = np.bincount(hour, weights=pieces.split[inside], minlength=n) > 0
    flag &= ~np.uint16(Flag.MISSING)
    flag[enough & (split | (covered < 3600 * (1 - _ROUND)))] |= np.uint16(Flag.ESTIMATED)
    flag[covered > 3600 * (1 + _ROUND)] |= np.uint16(Flag.SUSPECT)
    flag[~enough] |= np.uint16(Flag.MISSING)
    known_at = known.astype("datetime64[s]")
    known_at[~enough] = NEVER
    return Column(unit=unit, valid_at=stamps, value=value, flag=flag, known_at=known_at)


def _carry_blanks(series: Series, stamps: NDArray[np.datetime64], flag: NDArray[np.uint16]) -> None:
    """Let a blank's flags reach its hour too: who left it blank matters to the hour."""
    blank = np.isnan(series.value)
    at = (series.valid_at[blank] - stamps[0]) // HOUR if len(stamps) else np.empty(0, np.int64)
    inside = (at >= 0) & (at < len(stamps))
    np.bitwise_or.at(flag, at[inside], series.flag[blank][inside])


def _directions(series: Series, stamps: NDArray[np.datetime64], min_coverage: float) -> Column:
    """Average directions as unit vectors: 350 and 10 degrees make 0, not 180."""
    angle = np.deg2rad(series.value)
    east, north = (
        _summed(
            _with_value(series, part), stamps, _pieces(_with_value(series, part), stamps[0]), min_coverage
        )
        for part in (np.sin(angle), np.cos(angle))
    )
    value = np.rad2deg(np.arctan2(east.value, north.value)) % 360
    return Column(unit="deg", valid_at=stamps, value=value, flag=east.flag, known_at=east.known_at)


def _with_value(series: Series, value: Floats) -> Series:
    columns: dict[str, Any] = {name: getattr(series, name) for name in series.__slots__}
    return Series(**{**columns, "value": value})


def _unfit(series: Series, why: Any) -> UsageError:
    return UsageError(
        _("series {name} {why}", name=series.name, why=why),
        seen=f"{series.unit}, {series.kind.value}, {series.resolution_s} s",
    )
