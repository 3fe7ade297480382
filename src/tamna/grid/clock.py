"""One shape of time: the UTC start of a half-open interval, in whole seconds.

Every rule about labels and calendars stands here and nowhere else: hour-ending labels
(KPX 1시..24시), 24:00, leap days, days of 23 and 25 hours, what a day or a season is on the island.

Stamps are ``numpy.datetime64[s]`` arrays without zone; they are UTC by definition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from tamna.errors import UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Stamps = NDArray[np.datetime64]

HOUR = np.timedelta64(3600, "s")
DAY = np.timedelta64(86400, "s")
KOREA = "Asia/Seoul"


class Label(StrEnum):
    """What a stamp in a file means: the interval's start, its end, or an instant."""

    START = "start"
    END = "end"
    INSTANT = "instant"


class Resolution(StrEnum):
    """How long the periods of an answer are, on the island's calendar."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time, ``start <= t < end``, in UTC."""

    start: np.datetime64
    end: np.datetime64

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise UsageError(
                _("a period must end after it starts"),
                seen=f"{self.start}..{self.end}",
                todo=_("Swap the two dates, or give a later end."),
            )

    @property
    def seconds(self) -> int:
        """Length [s]."""
        return int((self.end - self.start) / np.timedelta64(1, "s"))

    def stamps(self, step_s: int = 3600) -> Stamps:
        """Give the start of every interval of `step_s` seconds in the period."""
        return np.arange(self.start, self.end, np.timedelta64(step_s, "s")).astype("datetime64[s]")


def zone(name: str) -> ZoneInfo:
    """Find the time zone `name` (IANA, such as ``Asia/Seoul``)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            _("unknown time zone"), seen=name, todo=_("Use an IANA name such as Asia/Seoul.")
        ) from error


def parse_period(start: str, end: str, timezone: str) -> Period:
    """Read ``--from`` and ``--to``.

    Dates (``2023-01-01``) are whole island days and both inclusive; stamps with an offset
    (``2023-01-01T00:00+09:00``) are half-open. The two ways may be mixed.

    Raises
    ------
    UsageError
        Neither a date nor a stamp with an offset, or the end is not after the start.
    """
    first, last = parse_moment(start, timezone), parse_moment(end, timezone, closing=True)
    if not first < last:
        raise UsageError(
            _("a period must end after it starts"),
            seen=f"{start}..{end}",
            todo=_("Swap the two dates, or give a later end."),
        )
    return Period(first, last)


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_moment(text: str, timezone: str, *, closing: bool = False) -> np.datetime64:
    """Read one end of a period; as a `closing` date it means the end of that island day."""
    try:
        if _DATE.fullmatch(text):
            moment = datetime.fromisoformat(text)
            if closing:
                moment += timedelta(days=1)
            moment = moment.replace(tzinfo=zone(timezone))
        else:
            moment = _with_offset(text)
        return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "s")
    except (ValueError, OverflowError) as error:
        raise UsageError(
            _("not a date or a stamp with an offset"),
            seen=text,
            todo=_("Write 2023-01-01, or 2023-01-01T00:00+09:00."),
        ) from error


def _with_offset(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def hour_ending(days: Stamps, hours: NDArray[np.integer[Any]], timezone: str = KOREA) -> Stamps:
    """Give the UTC start of the interval that a local day and an hour-ending label 1..24 name.

    ``1`` is 00:00-01:00 and ``24`` is 23:00-24:00 of the same local day.
    """
    since = ((hours.astype("int64") - 1) * 3600).astype("timedelta64[s]")
    local: Stamps = days.astype("datetime64[s]") + since
    return to_utc(local, timezone)


def interval_start(stamps_utc: Stamps, label: Label, length_s: int) -> Stamps:
    """Turn labelled stamps into interval starts: an END label lies one length after its start."""
    if label is Label.END:
        return stamps_utc - np.timedelta64(length_s, "s")
    return stamps_utc


@lru_cache(maxsize=64)
def _transitions(name: str) -> tuple[Stamps, NDArray[np.int64]]:
    """Offsets of a zone: UTC moments of change 1970-2100 and the offset [s] from each on."""
    tz = zone(name)

    def offset(moment: datetime) -> int:
        found = moment.astimezone(tz).utcoffset()
        return int(found.total_seconds()) if found is not None else 0

    start = datetime(1970, 1, 1, tzinfo=UTC)
    moments, offsets = [start], [offset(start)]
    at = start
    while at.year < 2100:
        after = at + timedelta(days=7)
        if offset(after) != offset(at):
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (middle, high) if offset(middle) == offset(at) else (low, middle)
            moments.append(high)
            offsets.append(offset(high))
        at = after
    stamps = np.array([m.replace(tzinfo=None) for m in moments], dtype="datetime64[s]")
    return stamps, np.array(offsets, dtype=np.int64)


def to_local(stamps_utc: Stamps, timezone: str) -> Stamps:
    """Give island wall-clock time (a repeated autumn hour appears twice)."""
    moments, offsets = _transitions(timezone)
    stamps = np.asarray(stamps_utc, dtype="datetime64[s]")
    which = np.maximum(np.searchsorted(moments, stamps, side="right") - 1, 0)
    local: Stamps = stamps + offsets[which].astype("timedelta64[s]")
    return local


def to_utc(local: Stamps, timezone: str) -> Stamps:
    """Give UTC for wall-clock stamps; of a repeated hour the first, of a skipped hour the one after.

    A file with one row an hour over such a day repeats the label: use `to_utc_in_order`.
    """
    moments, offsets = _transitions(timezone)
    local = np.asarray(local, dtype="datetime64[s]")
    wall = moments.copy()
    wall[1:] = moments[1:] + np.maximum(offsets[1:], offsets[:-1]).astype("timedelta64[s]")
    which = np.maximum(np.searchsorted(wall, local, side="right") - 1, 0)
    utc: Stamps = local - offsets[which].astype("timedelta64[s]")
    return utc


def to_utc_in_order(local: Stamps, timezone: str) -> Stamps:
    """Give UTC for rows in time order, oldest or newest first.

    On a day of 25 hours the clock shows one hour twice. Its rows are the first pass up to where the
    label does not go on (02:00 after 02:00, or 02:00 after 02:45), and the second pass from there.
    """
    local = np.asarray(local, dtype="datetime64[s]")
    onward, back = np.sum(local[1:] > local[:-1]), np.sum(local[1:] < local[:-1])
    if back > onward:
        return to_utc_in_order(local[::-1], timezone)[::-1]
    first, second = to_utc(local, timezone), _second(local, timezone)
    twice = second != first
    restarts = np.zeros(len(local), dtype=bool)
    restarts[1:] = twice[1:] & twice[:-1] & (local[1:] <= local[:-1])
    begins = twice.copy()
    begins[1:] &= ~twice[:-1]
    so_far = np.cumsum(restarts)
    before = np.maximum.accumulate(np.where(begins, so_far, 0)) if len(local) else so_far
    return np.where(twice & (so_far > before), second, first)


def _second(local: Stamps, timezone: str) -> Stamps:
    """Give UTC for wall-clock stamps; of a repeated hour the second."""
    moments, offsets = _transitions(timezone)
    wall = moments.copy()
    wall[1:] = moments[1:] + offsets[1:].astype("timedelta64[s]")
    which = np.maximum(np.searchsorted(wall, local, side="right") - 1, 0)
    utc = local - offsets[which].astype("timedelta64[s]")
    return np.where(to_local(utc, timezone) == local, utc, to_utc(local, timezone))


def from_unix(seconds: Sequence[float] | NDArray[Any]) -> Stamps:
    """Give stamps for Unix seconds (UTC)."""
    return np.asarray(seconds, dtype="int64").astype("datetime64[s]")


def bins(stamps_utc: Stamps, by: Resolution, timezone: str) -> tuple[NDArray[np.int64], list[str]]:
    """Sort stamps into the island's hours, days, months, seasons or years.

    Seasons are meteorological and named after the year of their last month: ``2023-DJF`` is
    December 2022 to February 2023.

    Returns
    -------
    codes : (n,)
        Which bin each stamp lies in.
    names : list of str
        The bins in time order: ``2023-01-01T00:00+09:00``, ``2023-01-01``, ``2023-01``, ``2023-DJF``,
        ``2023`` or ``all``.
    """
    local = to_local(stamps_utc, timezone)
    if by is Resolution.ALL:
        return np.zeros(len(local), dtype=np.int64), ["all"] if len(local) else []
    if by is Resolution.HOUR:
        keys, codes = np.unique(stamps_utc.astype("datetime64[h]"), return_inverse=True)
        return codes.astype(np.int64), [iso(k, timezone) for k in keys]
    if by is Resolution.SEASON:
        months = local.astype("datetime64[M]").astype(np.int64) + 1
        keys, codes = np.unique(months // 3, return_inverse=True)
        names = ["DJF", "MAM", "JJA", "SON"]
        return codes.astype(np.int64), [f"{1970 + int(k) // 4}-{names[int(k) % 4]}" for k in keys]
    unit = {Resolution.DAY: "D", Resolution.MONTH: "M", Resolution.YEAR: "Y"}[by]
    keys, codes = np.unique(local.astype(f"datetime64[{unit}]"), return_inverse=True)
    return codes.astype(np.int64), [str(k) for k in keys]


def iso(stamp: np.datetime64, timezone: str = "UTC") -> str:
    """Write one stamp for a reader: ``2023-01-01T00:00+09:00``, or ``...Z`` for UTC."""
    moment = stamp.astype("datetime64[s]").item().replace(tzinfo=UTC)
    if timezone == "UTC":
        return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ" if moment.second else "%Y-%m-%dT%H:%MZ"))
    return str(
        moment.astimezone(zone(timezone)).isoformat(timespec="seconds" if moment.second else "minutes")
    )
