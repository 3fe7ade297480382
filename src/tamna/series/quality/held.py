"""Ask every check about everything a store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.grid.clock import Period
from tamna.series.quality.check import check_tracks
from tamna.series.quality.track import Track

if TYPE_CHECKING:
    from collections.abc import Collection

    from tamna.grid.model import Island
    from tamna.series.model import SeriesInfo
    from tamna.series.store import Store
    from tamna.sources.block import Finding

_SHAPES = frozenset({"bdew"})  # typical days laid on a calendar: their holes are made that way


def check(
    store: Store,
    island: Island | None = None,
    period: Period | None = None,
    *,
    readers: bool = True,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """Find what is wrong with everything `store` holds.

    Parameters
    ----------
    island
        Gives the capacities that no output can exceed; without it the series' own record must do.
    period
        Look at this span only; without it at all there is.
    readers
        Whether to add what the readers noticed in the files (a unit that changes half-way, repeated
        rows). They have dealt with it: what they noticed speaks against no value, so leave it out
        where findings become flags.
    only
        Look at these series only (of all their sources); by default at everything.

    Returns
    -------
    list of Finding
        In order of series, source, kind and time.
    """
    infos = (i for i in store.list() if i.source not in _SHAPES and (only is None or i.series in only))
    tracks = (_track(store, info, period) for info in infos)
    found = check_tracks(tracks, {} if island is None else capacities_mw(island))
    if readers:
        found += noticed(store, found, period, only)
    return sorted(found, key=lambda f: (f.series, f.source, f.kind, f.start))


def noticed(
    store: Store, found: list[Finding], period: Period | None = None, only: Collection[str] | None = None
) -> list[Finding]:
    """Give what the readers noticed in the files and no check of `found` tells."""
    return [
        f
        for f in store.findings()
        if _within(f, period) and (only is None or f.series in only) and not _told(f, found)
    ]


def capacities_mw(island: Island) -> dict[str, float]:
    """Give, by series, the most that its fleets can make: the upper end of what is known of them [MW]."""
    series = {(c.group, c.metering): c.series for c in island.classes if c.series is not None}
    most: dict[str, float] = {}
    for fleet in island.fleets:
        name = series.get((fleet.kind, fleet.metering))
        if name is not None:
            highest = max(f.value if f.range is None else f.range[1] for f in fleet.capacity_mw)
            most[name] = most.get(name, 0.0) + float(highest)
    return most


def _track(store: Store, info: SeriesInfo, period: Period | None) -> Track:
    whole = Period(info.start, info.end + 1)
    held = store.read(f"{info.series}@{info.source}", period or whole)
    return Track(
        series=info.series,
        source=info.source,
        unit=info.unit,
        kind=info.kind,
        resolution_s=info.resolution_s,
        valid_at=held.valid_at,
        value=held.value,
        expected=None if period is None else (max(info.start, period.start), min(info.end, period.end)),
    )


def _within(finding: Finding, period: Period | None) -> bool:
    return period is None or bool(finding.start < period.end and finding.end > period.start)


def _told(finding: Finding, found: list[Finding]) -> bool:
    """Whether a check has found the same in the same place."""
    return any(
        (f.kind, f.series, f.source) == (finding.kind, finding.series, finding.source)
        and f.start < finding.end
        and f.end > finding.start
        for f in found
    )
