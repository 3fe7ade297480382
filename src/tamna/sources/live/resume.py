"""A fetch that goes on where it stopped: what is held is not asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import Period, iso
from tamna.lang import _
from tamna.sources.block import Finding
from tamna.sources.live.http import Client
from tamna.sources.live.quota import QuotaBook
from tamna.sources.live.registry import fetcher
from tamna.sources.live.session import Options, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Reading
    from tamna.sources.live.session import Fetcher

    Have = Sequence[Period] | Callable[[str, str], Iterable[Period]]


def fetch_since(
    name: str,
    since: np.datetime64,
    until: np.datetime64 | None = None,
    have: Have = (),
    *,
    client: Client | None = None,
    options: Options | None = None,
) -> Iterator[Reading]:
    """Fetch the source `name` from `since` to `until`, piece by piece, without what is held already.

    Each reading is one piece (a day, a month, a forecast issue) of one station, place or area. Take it
    into the store before asking for the next: then a fetch that stops anywhere goes on there.

    Parameters
    ----------
    name
        A name in `FETCHERS`: ``kpx.jeju-5min``.
    since, until
        The span wanted [UTC, half-open]; for forecasts (`Fetcher.by_issue`) of issue times. `until` None
        is everything that the provider holds by now.
    have
        Spans held already; or a function that gives them for a series and a source
        (``("asos/184/temperature", "kma_asos_api")``). `covered` makes spans of stamps.

    Raises
    ------
    UsageError
        Nothing of the span is on offer, or there is no such source.
    TamnaError
        The provider refuses, the quota is reached, or the answer cannot be read. What was yielded before
        stays good.
    """
    source = fetcher(name)
    client = client or Client(book=QuotaBook.of_settings())
    options = options or Options()
    offered = source.offers(client.clock.now())
    wanted = _overlap(name, since, until, offered)
    session = Session(client, name, source.quota, options)
    late = _too_old(source, since, offered)
    for part in source.parts(options):
        held = have(part.series, source.source) if callable(have) else have
        open_ = uncovered(wanted, held)
        for chunk in source.chunks(wanted):
            gaps = [g for one in open_ if (g := _common(chunk, one)) is not None]
            if not gaps:
                continue
            asked = chunk if source.by_issue else Period(gaps[0].start, gaps[-1].end)
            reading = source.fetch(session, part, asked)
            yield reading.noticing(*late)
            late = []


def covered(stamps: Stamps, resolution_s: int) -> tuple[Period, ...]:
    """Give the spans that stamps of one resolution cover without a hole.

    >>> hours = np.array(["2025-06-01T00", "2025-06-01T01", "2025-06-01T05"], dtype="datetime64[s]")
    >>> [str(p.start)[11:16] + "-" + str(p.end)[11:16] for p in covered(hours, 3600)]
    ['00:00-02:00', '05:00-06:00']
    """
    if not len(stamps):
        return ()
    stamps = np.unique(np.asarray(stamps, dtype="datetime64[s]"))
    step = np.timedelta64(resolution_s, "s")
    cuts = np.flatnonzero(np.diff(stamps) > step) + 1
    return tuple(Period(run[0], run[-1] + step) for run in np.split(stamps, cuts))


def uncovered(wanted: Period, held: Iterable[Period]) -> tuple[Period, ...]:
    """Give the parts of `wanted` that no span of `held` covers."""
    found: list[Period] = []
    at = wanted.start
    for one in sorted(held, key=lambda p: p.start):
        if one.end <= at or one.start >= wanted.end:
            continue
        if one.start > at:
            found.append(Period(at, one.start))
        at = max(at, one.end)
    if at < wanted.end:
        found.append(Period(at, wanted.end))
    return tuple(found)


def _common(one: Period, other: Period) -> Period | None:
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Period(start, end) if start < end else None


def _overlap(name: str, since: np.datetime64, until: np.datetime64 | None, offered: Period) -> Period:
    end = offered.end if until is None else until
    wanted = _common(Period(since, end), offered) if since < end else None
    if wanted is None:
        raise UsageError(
            _("{name} holds nothing of that time", name=name),
            seen=f"{iso(since)} .. {iso(end)}",
            todo=_(
                "It holds {start} to {end} at this moment.", start=iso(offered.start), end=iso(offered.end)
            ),
        )
    return wanted


def _too_old(source: Fetcher, since: np.datetime64, offered: Period) -> list[Finding]:
    """Say once that the beginning of the span is no longer, or was never, on offer."""
    if since >= offered.start:
        return []
    return [
        Finding(
            kind="gap",
            series="",
            source=source.source,
            start=since,
            end=offered.start,
            size=float((offered.start - since) / np.timedelta64(3600, "s")),
            unit="h",
            text=_("the provider does not hold the time before {start}", start=iso(offered.start)),
            consequence=_("that time is not fetched"),
        )
    ]
