"""What happened: quality findings, shares with every finding that speaks against them, and lost wind."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR, Period, Resolution, iso
from tamna.grid.rules import Rule
from tamna.measure import Change, Measurement, change, measure
from tamna.measure.again import lost_again, outside_again
from tamna.measure.boundaries import standing
from tamna.measure.gather import gather
from tamna.measure.lost import Lost, NotLost
from tamna.measure.unseen import Outside, with_outside
from tamna.measure.weather import needed_series
from tamna.series.kept import kept, key_of
from tamna.series.quality import check_again, flags_for, noticed
from tamna.series.quality.again import ROOMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.grid.clock import Stamps
    from tamna.series import Series, Store
    from tamna.sources import Finding, Receipt

    Flags = NDArray[np.uint16]


METHOD = "measure 2"
"""Version of how shares are measured; it changes when the same input would give another number."""


def findings(
    store: Store,
    island: Island,
    only: Iterable[str] | None = None,
    *,
    weather: bool = True,
    folder: Path | None = None,
) -> tuple[Finding, ...]:
    """Find what is wrong with everything the store holds, or with the series `only`, readers' notes included.

    With `weather` each wind and PV series is also held against what the weather could have given, which
    takes longer: it finds a fleet that left a series though no second source shows it. What is found is kept
    in `folder`, where one is given, and taken up again while the store is the same.
    """
    chosen = None if only is None else frozenset(only)

    def with_weather() -> tuple[Finding, ...]:
        from tamna.physics.coverage import check_fleets  # heavy: only who asks the weather needs it

        return tuple(
            check_fleets(store, island, check_again(store, island, folder=folder, only=chosen), only=chosen)
        )

    if not weather:
        return tuple(check_again(store, island, folder=folder, only=chosen))
    asked = None if chosen is None else sorted(chosen)
    key = key_of(store, island, (*ROOMS, "physics"), asked) if folder is not None else ""
    return kept(folder, "weathered", key, with_weather)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measurement with what speaks against it: every finding that touches its series and period."""

    island: Island
    period: Period
    measurement: Measurement
    findings: tuple[Finding, ...]
    receipts: tuple[Receipt, ...]
    lost: Lost | NotLost | None = None
    outside: Outside | None = None

    @property
    def judged(self) -> Lost | None:
        """What wind was lost, where that was asked and could be answered."""
        return self.lost if isinstance(self.lost, Lost) else None


def measured(
    store: Store,
    island: Island,
    period: Period,
    *,
    by: Resolution = Resolution.YEAR,
    as_of: np.datetime64 | None = None,
    curtailment: bool = False,
    fits: Path | None = None,
) -> Measured:
    """Measure an island's shares over `period`; findings of its series travel as flags into every answer.

    The checks look at all that the store holds of these series, not only at the period: a break is
    seen from both its sides.

    Parameters
    ----------
    curtailment
        Whether to estimate what wind was lost, too.
    fits
        The folder where findings, fits and estimates are kept between calls.
    as_of
        Take only what was known at that moment. What no meter shows is then not estimated: what is learned for
        it looks at all that the store holds.
    """
    names = series_of(island)
    doubts = check_again(store, island, folder=fits, readers=False, only=names)
    hours = gather(store, island, period, against=_against(doubts), as_of=as_of)
    outside = outside_again(store, island, hours, fits) if as_of is None else None
    if outside is not None:
        hours = with_outside(hours, outside, island)
    weather = _weather_behind(store, island, outside, curtailment=curtailment)
    found = [*doubts, *noticed(store, doubts, period, names)]  # what a reader noticed it has dealt with
    return Measured(
        island=island,
        period=period,
        measurement=measure(hours, standing(hours), by=by),
        findings=tuple(f for f in found if f.start < period.end and f.end > period.start),
        receipts=receipts_behind(store, names | weather, period),
        lost=lost_again(store, island, period, against=_against(doubts), fits=fits, as_of=as_of)
        if curtailment
        else None,
        outside=outside,
    )


def _weather_behind(
    store: Store, island: Island, outside: Outside | None, *, curtailment: bool
) -> frozenset[str]:
    """Name the weather series that estimates of this answer stand on."""
    names = set(needed_series(island)) if curtailment else set()
    if outside is not None and (outside.gone or outside.per_mw is not None):
        folders = {f"asos/{p.station}" for f in island.fleets for p in f.places if p.station is not None}
        folders |= {f"{family}/{island.name}" for family in outside.yield_of}
        names |= {i.series for i in store.list() if i.series.rpartition("/")[0] in folders}
    return frozenset(names)


def changes(m: Measurement) -> dict[str, tuple[Change, ...]]:
    """Compare each calendar year of a measurement with the next, by boundary, under coverage.

    A change is given only on a constant metering base; otherwise it says why not.
    """
    yearly = m.at(Resolution.YEAR)
    years = [int(name) for name in yearly.bins.names]
    return {
        b.name: tuple(change(yearly, b.name, Rule.COVERAGE, a, z) for a, z in pairwise(years))
        for b in m.boundaries
        if Rule.COVERAGE in m.measures and len(years) > 1
    }


def series_of(island: Island) -> frozenset[str]:
    """Name the series that a measurement of `island` touches, and those that bear witness to them."""
    demand = "" if island.demand is None else island.demand.series
    prefix = demand.rpartition("/")[0]
    beside = ("import", "export", "renewables", "wind_curtailment", "wind_curtailment_events")
    own = {c.series for c in island.classes if c.series} | {demand}
    return frozenset(
        own | {f"{prefix}/{name}" for name in (*beside, "pv_curtailment", "pv_curtailment_events")}
    )


def _against(found: Iterable[Finding]) -> Callable[[Series, Stamps], Flags]:
    """Turn findings into flags of hours: each source's findings speak against that source's values only."""
    found = tuple(found)

    def flags(series: Series, hours: Stamps) -> Flags:
        flag = np.zeros(len(hours), dtype=np.uint16)
        name = series.name.partition("@")[0]
        at = ((series.valid_at - hours[0]) // HOUR).astype(np.int64)
        inside = (at >= 0) & (at < len(hours))
        for code, source in enumerate(series.sources):
            mine = flags_for(found, name, source, series.valid_at, series.resolution_s)
            use = inside & (series.source_code == code)
            np.bitwise_or.at(flag, at[use], mine[use])
        return flag

    return flags


def receipts_behind(store: Store, names: frozenset[str], period: Period) -> tuple[Receipt, ...]:
    """Give the receipts of the files whose data may stand in the answer."""
    sources = {info.source for info in store.list() if info.series in names}
    start, end = iso(period.start), iso(period.end)
    return tuple(
        r for r in store.receipts() if r.source in sources and r.data_start < end and r.data_end > start
    )
