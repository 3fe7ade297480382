"""What happened: quality findings, shares with every finding that speaks against them, and lost wind."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import HOUR, Period, Resolution, iso
from tamna.grid.rules import Rule
from tamna.measure import Change, Measurement, change, measure
from tamna.measure.gather import gather
from tamna.measure.lost import Lost, NotLost
from tamna.measure.weather import needed_series
from tamna.physics.coverage import check_fleets
from tamna.series.quality import check, flags_for, noticed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.grid.clock import Stamps
    from tamna.series import Series, Store
    from tamna.sources import Finding, Receipt

    Flags = NDArray[np.uint16]


METHOD = "measure 1"
"""Version of how shares are measured; it changes when the same input would give another number."""


def findings(
    store: Store, island: Island, only: Iterable[str] | None = None, *, weather: bool = True
) -> tuple[Finding, ...]:
    """Find what is wrong with everything the store holds, or with the series `only`, readers' notes included.

    With `weather` each wind and PV series is also held against what the weather could have given, which
    takes longer: it finds a fleet that left a series though no second source shows it.
    """
    chosen = None if only is None else frozenset(only)
    found = check(store, island, only=chosen)
    return tuple(check_fleets(store, island, found, only=chosen) if weather else found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measurement with what speaks against it: every finding that touches its series and period."""

    island: Island
    period: Period
    measurement: Measurement
    findings: tuple[Finding, ...]
    receipts: tuple[Receipt, ...]
    lost: Lost | NotLost | None = None

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
        Whether to estimate what wind was lost, too; `fits` is the folder where what that learns is kept.
    """
    names = series_of(island)
    weather = frozenset(needed_series(island)) if curtailment else frozenset()
    doubts = check(store, island, readers=False, only=names)
    hours = gather(store, island, period, against=_against(doubts), as_of=as_of)
    found = [*doubts, *noticed(store, doubts, period, names)]  # what a reader noticed it has dealt with
    return Measured(
        island=island,
        period=period,
        measurement=measure(hours, by=by),
        findings=tuple(f for f in found if f.start < period.end and f.end > period.start),
        receipts=receipts_behind(store, names | weather, period),
        lost=_lost(store, island, period, against=_against(doubts), fits=fits, as_of=as_of)
        if curtailment
        else None,
    )


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


def _lost(store: Store, island: Island, period: Period, **how: Any) -> Lost | NotLost:
    """Estimate what wind was lost; the learners are heavy, and loaded only here."""
    from tamna.measure.judge import lost

    return lost(store, island, period, **how)


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
