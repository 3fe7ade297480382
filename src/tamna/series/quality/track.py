"""What the checks look at: one source of one series, as plain arrays; and runs of marked values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, HOUR, KOREA, to_local, to_utc
from tamna.sources.block import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.lang import Message

    Floats = NDArray[np.float64]
    Marks = NDArray[np.bool_]

POWER = ("MWh", "MW")
PRICE = "KRW/kWh"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One source of one series.

    Attributes
    ----------
    unit, kind, resolution_s
        As in `tamna.sources.block.Block`.
    valid_at : (n,)
        UTC starts of intervals, or instants; sorted.
    value : (n,)
        In `unit`; NaN where there is none.
    expected
        Half-open span that should be full, where it reaches beyond the stamps.
    """

    series: str
    source: str
    unit: str
    kind: Kind
    resolution_s: int
    valid_at: Stamps
    value: Floats
    expected: tuple[np.datetime64, np.datetime64] | None = None

    def __len__(self) -> int:
        return len(self.valid_at)

    @property
    def step(self) -> np.timedelta64:
        """Length of an interval, or the usual step between instants."""
        return np.timedelta64(self.resolution_s, "s")

    @property
    def is_power(self) -> bool:
        """Whether it is power or energy of something that can be measured as such."""
        return self.unit in POWER

    @property
    def is_generation(self) -> bool:
        """Whether it is what wind or PV plants made."""
        return self.is_power and self.series.rpartition("/")[2] in {"wind", "pv", "renewables"}

    @property
    def is_demand(self) -> bool:
        """Whether it is measured demand."""
        return self.is_power and self.series.rpartition("/")[2] == "demand"

    def with_values(self, value: Floats) -> Track:
        """Give the same track with other values."""
        return replace(self, value=value)

    def finding(  # noqa: PLR0917 (the order of a sentence: what, from, to, how much, of what, in words)
        self,
        kind: str,
        start: np.datetime64,
        end: np.datetime64,
        size: float,
        unit: str,
        text: Message,
        consequence: Message,
    ) -> Finding:
        """Make a finding about this track."""
        return Finding(
            kind=kind,
            series=self.series,
            source=self.source,
            start=start.astype("datetime64[s]"),
            end=end.astype("datetime64[s]"),
            size=float(size),
            unit=unit,
            text=text,
            consequence=consequence,
        )


def days(stamps: Stamps, timezone: str = KOREA) -> NDArray[np.int64]:
    """Number the island days of `stamps` from 1970-01-01."""
    return to_local(stamps, timezone).astype("datetime64[D]").astype(np.int64)


def hours_of_day(stamps: Stamps, timezone: str = KOREA) -> NDArray[np.int64]:
    """Give the island's clock hour, 0 to 23."""
    return to_local(stamps, timezone).astype(np.int64) // 3600 % 24


def day_start(day: int, timezone: str = KOREA) -> np.datetime64:
    """Give the UTC start of an island day."""
    start: np.datetime64 = to_utc(np.array([day], dtype="datetime64[D]").astype("datetime64[s]"), timezone)[0]
    return start


def runs(marks: Marks) -> list[tuple[int, int]]:
    """Give every run of true marks as half-open index pairs."""
    edges = np.diff(np.concatenate([[0], marks.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of a track with marked values: UTC bounds, and how many values are marked."""

    start: np.datetime64
    end: np.datetime64
    first: int
    last: int
    count: int


def episodes(track: Track, marks: Marks, *, most: int = 12) -> list[Episode]:
    """Sort marked values into at most `most` stretches.

    Values that follow each other are one; if that leaves too many, those less than a day apart
    are joined, then a week, a month, and at last all.
    """
    at = np.flatnonzero(marks)
    if not len(at):
        return []
    for apart in (track.step, DAY, 7 * DAY, 31 * DAY, None):
        found = _grouped(track, at, apart)
        if len(found) <= most:
            break
    return found


def _grouped(track: Track, at: NDArray[np.intp], apart: np.timedelta64 | None) -> list[Episode]:
    stamps = track.valid_at[at]
    cut = (
        np.empty(0, dtype=np.int64) if apart is None else np.flatnonzero(stamps[1:] - stamps[:-1] > apart) + 1
    )
    return [
        Episode(track.valid_at[g[0]], track.valid_at[g[-1]] + track.step, int(g[0]), int(g[-1]), len(g))
        for g in np.split(at, cut)
    ]


def hourly(track: Track) -> tuple[Stamps, Floats]:
    """Give the whole hours of a track and their values; power as MWh in the hour.

    Instants become the mean of two that lie an hour (or half an hour: three) apart; steps under an
    hour are averaged, or added up if they are sums. Hours with anything missing are left out.
    """
    good = np.isfinite(track.value)
    stamps, value = track.valid_at[good], track.value[good]
    if track.kind is Kind.INSTANT:
        return _hours_of_instants(stamps, value)
    if track.resolution_s == 3600:
        whole = stamps.astype(np.int64) % 3600 == 0
        return stamps[whole], value[whole]
    if track.resolution_s > 3600 or not len(stamps):
        return stamps[:0], value[:0]
    hour = stamps.astype("datetime64[h]").astype(np.int64)
    keys, where, count = np.unique(hour, return_inverse=True, return_counts=True)
    total = np.bincount(where, weights=value)
    full = count == 3600 // track.resolution_s
    mean = total if track.kind is Kind.SUM else total / count
    return keys[full].astype("datetime64[h]").astype("datetime64[s]"), mean[full]


def _hours_of_instants(stamps: Stamps, value: Floats) -> tuple[Stamps, Floats]:
    whole = stamps.astype(np.int64) % 3600 == 0
    stamps, value = stamps[whole], value[whole]
    pair = np.flatnonzero(stamps[1:] - stamps[:-1] == HOUR)
    return stamps[pair], (value[pair] + value[pair + 1]) / 2


def shared(a: tuple[Stamps, Floats], b: tuple[Stamps, Floats]) -> tuple[Stamps, Floats, Floats]:
    """Give the stamps that both have, with the values of each."""
    low, high = _common_span(a[0], b[0])
    (first, mine), (second, theirs) = _between(a, low, high), _between(b, low, high)
    stamps, i, j = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return stamps, mine[i], theirs[j]


def _common_span(a: Stamps, b: Stamps) -> tuple[np.datetime64, np.datetime64]:
    if not (len(a) and len(b)):
        return np.datetime64(1, "s"), np.datetime64(0, "s")
    return max(a[0], b[0]), min(a[-1], b[-1])


def _between(pair: tuple[Stamps, Floats], low: np.datetime64, high: np.datetime64) -> tuple[Stamps, Floats]:
    first, last = np.searchsorted(pair[0], low), np.searchsorted(pair[0], high, side="right")
    return pair[0][first:last], pair[1][first:last]


def by_day(day: NDArray[np.int64]) -> Iterable[tuple[int, slice]]:
    """Walk over equal values of a sorted array of day numbers."""
    edges = np.flatnonzero(np.diff(day)) + 1
    bounds = [0, *edges.tolist(), len(day)]
    for low, high in pairwise(bounds):
        if high > low:
            yield int(day[low]), slice(low, high)


def day_text(stamp: np.datetime64, timezone: str = KOREA) -> str:
    """Write the island day of a stamp: ``2024-04-16``."""
    return str(to_local(np.array([stamp], dtype="datetime64[s]"), timezone)[0].astype("datetime64[D]"))


def hour_text(stamp: np.datetime64, timezone: str = KOREA) -> str:
    """Write a stamp on the island's clock: ``2024-04-16 15:00``."""
    local: Any = to_local(np.array([stamp], dtype="datetime64[s]"), timezone)[0]
    return str(local.astype("datetime64[m]")).replace("T", " ")
