"""What the estimate of lost wind looks at, out of the store: everything of every year that has weather.

Settled output counts where the fleet is in it. Where it is not (`Flag.COVERAGE`), a real-time series of the
same quantity stands in, brought to the settled base by the hours that both have, if they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import parse_moment, to_local
from tamna.lang import _
from tamna.measure.gather import gather
from tamna.measure.island import Column
from tamna.measure.weather import weather_places, weather_span
from tamna.measure.windfit import Published, Record
from tamna.physics.sun import sun_over
from tamna.physics.weather import wind_features
from tamna.sources.block import Flag
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.grid.model import Island
    from tamna.measure.island import IslandHours
    from tamna.series import Series, Store

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Against = Callable[[Series, Stamps], NDArray[np.uint16]]

REAL_TIME = "real-time"
FEWEST_SHARED_H = 500
LEAST_CORRELATION = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The record that teaches, and what is judged. Arrays (hours,) of the record's stamps.

    Attributes
    ----------
    actual_mw, pv_mw
        Output to judge: settled, or another base where the settled fleet is not whole. [MW]
    published_mwh
        Published curtailment. [MWh]
    bidding
        Hours in which published counts leave out who bids, by the island's regimes.
    left
        Hours in which part of the wind fleet is not in the settled series.
    other_base
        Hours whose output or PV is real-time.
    """

    record: Record
    actual_mw: Floats
    pv_mw: Floats
    published_mwh: Floats
    bidding: Bools
    left: Bools
    flag: NDArray[np.uint16]
    other_base: Bools


def inputs_of(
    store: Store, island: Island, *, against: Against | None = None, as_of: np.datetime64 | None = None
) -> Inputs | None:
    """Collect the inputs, or None where a declared station has no weather in the store."""
    span = weather_span(store, island)
    if span is None or island.demand is None:
        return None
    hours = gather(store, island, span, against=against, as_of=as_of)
    stamps = hours.valid_at
    places = weather_places(store, island, span, as_of)
    wind = _settled(hours, "wind")
    if wind is None:
        raise UsageError(
            _("the island's file declares no wind settled in the market"),
            seen=island.name,
            todo=_("Add a class of group wind with metering market and its series."),
        )
    pv = _settled(hours, "pv") or Column.of(np.zeros(len(stamps)))  # an island that declares none has none
    prefix = island.demand.series.rpartition("/")[0]
    rt_wind = _real_time(store, f"{prefix}/wind", span, as_of)
    rt_all = _real_time(store, f"{prefix}/renewables", span, as_of)
    actual, swapped = _standing_in(wind, rt_wind)
    sunlit, pv_swapped = _standing_in(pv, None if rt_all is None or rt_wind is None else rt_all - rt_wind)
    held = hours.curtailment.get("wind")
    published = np.full(len(stamps), np.nan) if held is None else held.mwh
    bidding = _bidding(island, f"{prefix}/wind_curtailment", stamps)
    first = next(iter(places.values()))
    sun = sun_over(stamps, first.latitude, first.longitude)
    year = to_local(stamps, island.timezone).astype("datetime64[Y]").astype(np.int64) + 1970
    record = Record(
        stamps=stamps,
        weather=wind_features(places, stamps),
        sun=np.cos(np.radians(sun.zenith)),
        wind_mw=_whole_fleet(wind),
        demand_mw=hours.demand.mwh,
        pv_mw=pv.mwh,
        year=year,
        published=_published(island, year, published),
        counted=_counted(year, _whole_fleet(wind), rt_wind),
        fleet=f"{prefix}/wind",
    )
    left = (wind.flag & Flag.COVERAGE) != 0
    flag = (wind.flag | pv.flag | hours.demand.flag) & np.uint16(Flag.COVERAGE | Flag.SUSPECT)
    return Inputs(
        record=record,
        actual_mw=actual,
        pv_mw=sunlit,
        published_mwh=published,
        bidding=bidding,
        left=left,
        flag=(flag | np.uint16(Flag.ESTIMATED)).astype(np.uint16),
        other_base=swapped | pv_swapped,
    )


def _settled(hours: IslandHours, group: str) -> Column | None:
    """Take the measured class of a group: settled in the market; None where the island declares none."""
    own = (c.column for c in hours.classes if c.group == group and c.metering == "market")
    return next(own, None)


def _whole_fleet(column: Column) -> Floats:
    return np.where((column.flag & Flag.COVERAGE) != 0, np.nan, column.mwh)


def _real_time(store: Store, name: str, span: Period, as_of: np.datetime64 | None) -> Floats | None:
    """Give the real-time series of a quantity as energy of each hour, where the store holds one."""
    sources = (i.source for i in store.list() if i.series == name and i.source in SOURCES)
    found = next((s for s in sources if SOURCES[s].base == REAL_TIME), None)
    return None if found is None else store.hours(f"{name}@{found}", span, as_of=as_of).value


def _standing_in(settled: Column, other: Floats | None) -> tuple[Floats, Bools]:
    """Put `other`, on the settled base, where the settled fleet is not whole and both agreed while it was.

    Without another base wind that is not whole is not known; so is PV.
    """
    whole = _whole_fleet(settled)
    missing = np.isnan(whole)
    if other is None:
        return whole, np.zeros(len(whole), dtype=bool)
    both = ~np.isnan(whole + other)
    if not _agree(whole[both], other[both]):
        return whole, np.zeros(len(whole), dtype=bool)
    frame = np.column_stack([other[both], np.ones(both.sum())])
    slope, constant = np.linalg.lstsq(frame, whole[both], rcond=None)[0]
    use = missing & ~np.isnan(other)
    return np.where(use, np.maximum(slope * other + constant, 0.0), whole), use


def _counted(year: NDArray[np.int64], whole: Floats, other: Floats | None) -> Mapping[int, float]:
    """Give by year how much more the real-time series holds than the settled one, where both agree."""
    found: dict[int, float] = {}
    if other is None:
        return found
    for one in np.unique(year).tolist():
        both = (year == one) & ~np.isnan(whole + other)
        if _agree(whole[both], other[both]):
            found[one] = float(other[both].sum() / whole[both].sum())
    return found


def _agree(settled: Floats, other: Floats) -> bool:
    """Say whether two bases have enough hours in common, and the same ups and downs in them."""
    return len(settled) >= FEWEST_SHARED_H and np.corrcoef(settled, other)[0, 1] >= LEAST_CORRELATION


def _bidding(island: Island, series: str, stamps: Stamps) -> Bools:
    """Mark the hours since when published counts leave bidders out: regimes that redefine the counting."""
    marked = np.zeros(len(stamps), dtype=bool)
    for regime in island.regimes:
        if regime.kind != "settlement" or series not in regime.touches:
            continue
        start = parse_moment(str(regime.start), island.timezone)
        end = None if regime.end is None else parse_moment(str(regime.end), island.timezone, closing=True)
        marked |= (stamps >= start) & (True if end is None else stamps < end)
    return marked


def _published(island: Island, year: NDArray[np.int64], held_mwh: Floats) -> Mapping[int, Published]:
    """Collect what is published of each year: hours from the store, totals from the island's file."""
    found: dict[int, Published] = {}
    for one in np.unique(year).tolist():
        said = island.published_curtailment.get(one)
        total = None if said is None or said.wind_mwh is None else float(said.wind_mwh)
        hourly = held_mwh if np.isfinite(held_mwh[year == one]).any() else None
        if hourly is not None or total is not None:
            found[one] = Published(held_mwh=hourly, total_mwh=total)
    return found
