"""The nouns of a fetch: what may be asked of a source, for whom, and in which pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, KOREA, Period, to_local, to_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tamna.lang import Message
    from tamna.sources.block import Reading
    from tamna.sources.live.http import Answer, Client, Request, Verdict
    from tamna.sources.live.quota import Quota


KINDS = frozenset({"stamp", "number", "text", "mark"})
"""What a documented field may be where the answer names no unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place that weather is asked for: its name in series, and where it lies [degrees north, east]."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A bidding zone or control area of ENTSO-E: its name in series, and its EIC code."""

    name: str
    eic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Whom to ask about. The defaults are Jeju: its four ASOS stations and one point; for ENTSO-E an island."""

    stations: tuple[str, ...] = ("184", "185", "188", "189")
    spots: tuple[Spot, ...] = (Spot(name="jeju", latitude=33.50, longitude=126.53),)
    areas: tuple[Area, ...] = (Area(name="ireland", eic="10Y1001A1001A59C"),)
    previous_days: tuple[int, ...] = (1, 2)


@dataclass(frozen=True, slots=True)
class Session:
    """One run against one source: the client, whose calls are counted, and how many pages of an answer are read."""

    client: Client
    name: str
    quota: Quota
    options: Options
    most_pages: int = 60

    def get(self, request: Request, judge: Callable[[Answer], Verdict]) -> Answer:
        """Send `request`, counted and retried."""
        return self.client.get(request, name=self.name, quota=self.quota, judge=judge)


@dataclass(frozen=True, slots=True)
class Part:
    """What one call speaks of (a station, a place, an area, or the one island) and a series that shows it is held."""

    name: str
    series: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """A live source.

    Attributes
    ----------
    source
        Key of `tamna.sources.table.SOURCES`.
    key_variable
        The setting that holds its key; None where it needs none. `key_optional` where it can do without.
    quota
        Calls a day by default, on the provider's calendar.
    parts
        Whom the options ask about, each with a series that shows what is held already.
    offers
        The span [UTC] that the provider holds at this moment.
    chunks
        Cuts a span into pieces of one call (or one run of pages).
    by_issue
        The span is of issue times (forecasts), not of valid times.
    fetch
        Asks for one piece and reads the answer.
    ask
        The request alone, as `check` sends it: a small piece, answers unread.
    shape, observe
        The documented fields with their kinds or units, and what an answer has.
    optional_fields
        Fields whose absence does no harm: nothing reads them, or not every answer has them.
    slack_s
        How far outside the time asked for an answer's stamps may lie: an hour's sum bears the hour's end, and
        a market document is of a whole day [s].
    """

    name: str
    title: Message
    source: str
    quota: Quota
    parts: Callable[[Options], tuple[Part, ...]]
    offers: Callable[[np.datetime64], Period]
    chunks: Callable[[Period], Iterator[Period]]
    fetch: Callable[[Session, Part, Period], Reading]
    ask: Callable[[Session, Part, Period], tuple[Answer, ...]]
    shape: Mapping[str, str]
    observe: Callable[[Sequence[Answer]], Mapping[str, str]]
    key_variable: str | None = None
    key_optional: bool = False
    by_issue: bool = False
    optional_fields: frozenset[str] = field(default_factory=frozenset)
    slack_s: int = 3600

    @property
    def names_units(self) -> bool:
        """Whether its answers say in which units they are."""
        return any(not kind.isdigit() and kind not in KINDS for kind in self.shape.values())


def local_days(period: Period, timezone: str = KOREA, *, days: int = 1) -> Iterator[Period]:
    """Cut a span at local midnights, every `days` days, the first and last piece clipped to the span."""
    ends = np.array([period.start, period.end])
    first = to_local(ends[:1], timezone)[0].astype("datetime64[D]")
    at = period.start
    while at < period.end:
        first += np.timedelta64(days, "D")
        cut = to_utc(np.array([first.astype("datetime64[s]")]), timezone)[0]
        end = min(cut, period.end)
        yield Period(at, end)
        at = end


def day_text(moment: np.datetime64, timezone: str = KOREA) -> str:
    """Give the local day of a moment: ``20250601``."""
    return str(to_local(np.array([moment]), timezone)[0].astype("datetime64[D]")).replace("-", "")


def minute_text(moment: np.datetime64, timezone: str = KOREA) -> str:
    """Give the local minute of a moment: ``202506010000``."""
    local = str(to_local(np.array([moment]), timezone)[0].astype("datetime64[m]"))
    return local.replace("-", "").replace(":", "").replace("T", "")


def midnight(moment: np.datetime64, timezone: str = KOREA) -> np.datetime64:
    """Give the UTC moment of the last local midnight."""
    day = to_local(np.array([moment]), timezone).astype("datetime64[D]")
    start: np.datetime64 = to_utc(day.astype("datetime64[s]"), timezone)[0]
    return start


def since_long(start: str, end: np.datetime64) -> Period:
    """Give the span from a date to `end`: what an archive offers."""
    return Period(np.datetime64(start, "s"), max(end, np.datetime64(start, "s") + DAY))
