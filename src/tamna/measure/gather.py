"""From the store and the island's file to `IslandHours`: the one place where measure reads series.

Names follow the demand series: beside ``jeju/demand`` stand ``jeju/import``, ``jeju/export``,
``jeju/wind_curtailment``, ``jeju/wind_curtailment_events`` and the same for PV. What the store does not
hold stays not measured.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import HOUR, Period, Resolution, bins, parse_moment, parse_period, to_local
from tamna.lang import _
from tamna.measure.island import (
    BaseChange,
    Column,
    EmissionFactor,
    HourClass,
    ImportMix,
    IslandHours,
    Within,
)
from tamna.measure.words import Title
from tamna.series.align import hourly_energy, needed
from tamna.sources.block import Flag
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.grid.facts import Estimate, GenerationClass
    from tamna.grid.figure import Figure
    from tamna.grid.model import Island
    from tamna.series import Series, Store

    Against = Callable[[Series, Stamps], NDArray[np.uint16]]

ESTIMATED_BASE = "estimated"
SHAPE_KNOWN = 0.99
"""Part of a year's hours that a shape must have: a season less would move the year's energy."""


def gather(
    store: Store,
    island: Island,
    period: Period,
    *,
    against: Against | None = None,
    as_of: np.datetime64 | None = None,
) -> IslandHours:
    """Collect an island's hours from the store.

    Parameters
    ----------
    against
        What the quality checks hold against a series as read: ``(series, hours) -> flags``, joined to
        the flags that the readings carry.
    as_of
        Take only what was known at that moment (UTC).

    Raises
    ------
    UsageError
        The island declares no demand, or the store does not hold it.
    """
    if island.demand is None:
        raise UsageError(
            _("the island's file declares no demand"),
            seen=island.name,
            todo=_("Add demand: with its series."),
        )
    hours = _Hours(store, period, island.timezone, against, as_of)
    prefix = island.demand.series.rpartition("/")[0]
    changes = _changes(island)
    kinds = ("wind", "pv")
    energy = {k: hours.energy(f"{prefix}/{k}_curtailment") for k in kinds}
    events = {k: hours.events(f"{prefix}/{k}_curtailment_events") for k in kinds}
    return IslandHours(
        valid_at=hours.valid_at,
        demand=hours.read(island.demand.series),
        classes=tuple(_lacking(hours, _hour_class(hours, c, island), changes) for c in island.classes),
        imports=hours.energy(f"{prefix}/import"),
        exports=hours.energy(f"{prefix}/export"),
        import_mix=ImportMix(factor=_import_factor(island, hours.years)),
        curtailment={k: column for k, column in energy.items() if column is not None},
        curtailment_events={k: column for k, column in events.items() if column is not None},
        changes=changes,
        timezone=island.timezone,
        name=island.name,
        demand_point=Title(en=island.demand.point.en, ko=island.demand.point.ko),
        receipts=store.receipts(),
    )


class _Hours:
    """The hours of one period, and how a series of the store comes onto them."""

    def __init__(
        self,
        store: Store,
        period: Period,
        timezone: str,
        against: Against | None,
        as_of: np.datetime64 | None,
    ) -> None:
        self.store, self.timezone, self.against, self.as_of = store, timezone, against, as_of
        start = period.start.astype("datetime64[h]").astype("datetime64[s]")
        self.period = Period(start, period.end)
        self.valid_at = self.period.stamps()
        self.year_of = to_local(self.valid_at, timezone).astype("datetime64[Y]").astype(np.int64) + 1970
        self.years = range(int(self.year_of[0]), int(self.year_of[-1]) + 1)

    def energy(self, name: str) -> Column | None:
        """Give a series as energy of each hour, or None where the store has none of it."""
        return self.read(name) if self.store.has(name) else None

    def read(self, name: str) -> Column:
        """Give a series as energy of each hour, with its flags and metering bases."""
        series, mwh, flag = self.over(name, self.period)
        bases, base = _bases(series, self.valid_at)
        return Column(mwh=mwh, flag=flag, bases=bases, base=base)

    def over(self, name: str, period: Period) -> tuple[Series, NDArray[np.float64], NDArray[np.uint16]]:
        """Give a series over another period than one's own: as read, energy by hour, flags."""
        series = self.store.read(name, needed(period), as_of=self.as_of)
        hourly = hourly_energy(series, period)
        flag = hourly.flag.astype(np.uint16)
        if self.against is not None:
            flag = flag | self.against(series, hourly.valid_at)
        return series, hourly.value, flag

    def events(self, name: str) -> Column | None:
        """Give a count per island day: at the day's first hour, 0 in its others, NaN where unpublished."""
        if not self.store.has(name):
            return None
        series = self.store.read(name, self.period, as_of=self.as_of)
        codes, _names = bins(self.valid_at, Resolution.DAY, self.timezone)
        first = np.concatenate([[0], np.flatnonzero(np.diff(codes)) + 1])
        at = np.searchsorted(self.valid_at[first], series.valid_at)
        whole = (at < len(first)) & (self.valid_at[first][np.minimum(at, len(first) - 1)] == series.valid_at)
        count = np.full(len(first), np.nan)
        count[at[whole]] = series.value[whole]
        hourly = np.where(np.isnan(count), np.nan, 0.0)[codes]
        hourly[first] = count
        return Column.of(hourly, "published")


def _bases(series: Series, valid_at: Stamps) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Say which metering base each hour stands on, by the source of its (first) value."""
    named = [SOURCES[s].base or s if s in SOURCES else s for s in series.sources]
    bases = tuple(dict.fromkeys(named))
    code_of = np.array([bases.index(n) for n in named], dtype=np.int16)
    base = np.zeros(len(valid_at), dtype=np.int16)
    at = (series.valid_at - valid_at[0]) // HOUR
    inside = (at >= 0) & (at < len(valid_at))
    base[at[inside]] = code_of[series.source_code[inside]]
    return bases, base


def _hour_class(hours: _Hours, c: GenerationClass, island: Island) -> HourClass:
    measured = hours.energy(c.series) if c.series is not None else None
    estimated, assumed = _estimated(hours, c.estimate) if c.estimate is not None else (None, False)
    net_of = island.demand.net_of if island.demand is not None else ()
    return HourClass(
        name=c.name,
        column=_first_of(measured, estimated, len(hours.valid_at)),
        title=Title(en=c.title.en, ko=c.title.ko) if c.title is not None else "",
        group=c.group,
        metering=c.metering,
        renewable=c.renewable,
        carbon_free=c.carbon_free,
        thermal=c.thermal,
        in_demand=c.name not in net_of,
        assumed=assumed,
        factor=EmissionFactor(
            tco2e_per_mwh=float(c.factor_tco2e_per_mwh), source=_grounds(c.factor_tco2e_per_mwh)
        ),
    )


def _lacking(hours: _Hours, c: HourClass, changes: tuple[BaseChange, ...]) -> HourClass:
    """Flag the hours in which, by a declared regime, plants of this class are not in its books."""
    flag = c.column.flag
    for known in changes:
        if known.between == (c.name,):
            since = hours.valid_at >= known.at
            until = True if known.until is None else hours.valid_at < known.until
            flag = np.where(since & until, flag | np.uint16(Flag.COVERAGE), flag)
    return replace(c, column=replace(c.column, flag=flag))


def _first_of(measured: Column | None, estimated: Column | None, n: int) -> Column:
    """Take what is measured, and the estimate only in the hours that are not."""
    if measured is None or estimated is None:
        return measured or estimated or Column.of(np.full(n, np.nan))
    gap = np.isnan(measured.mwh)
    own = measured.base if measured.base is not None else np.zeros(n, dtype=np.int16)
    return Column(
        mwh=np.where(gap, estimated.mwh, measured.mwh),
        flag=np.where(gap, estimated.flag, measured.flag),
        bases=(*measured.bases, ESTIMATED_BASE),
        base=np.where(gap, np.int16(len(measured.bases)), own),
        within=None if estimated.within is None else _only_in(gap, estimated.within, measured.mwh),
    )


def _only_in(gap: NDArray[np.bool_], within: Within, measured: NDArray[np.float64]) -> Within:
    names = ("low", "high", "alike_low", "alike_high")
    return Within(**{name: np.where(gap, getattr(within, name), measured) for name in names})


def _estimated(hours: _Hours, estimate: Estimate) -> tuple[Column, bool]:
    """Spread each year's energy over the hours of its shape; flagged. Also: whether a figure is assumed."""
    mwh = np.full(len(hours.valid_at), np.nan)
    low, high = mwh.copy(), mwh.copy()
    flag = np.full(len(mwh), Flag.ESTIMATED, dtype=np.uint16)
    assumed = False
    for year in hours.years:
        figure = estimate.year_mwh(year)
        if figure is None:
            continue
        within = hours.year_of == year
        part, part_flag = _shape(hours, estimate.shape_series, year)
        mwh[within], flag[within] = float(figure) * part, flag[within] | part_flag
        low[within], high[within] = (end * part for end in figure.span)
        assumed = assumed or figure.status == "assumed"
    column = Column.of(mwh, ESTIMATED_BASE, flag)
    bounds = Within(
        low=low, high=high, alike_low=low, alike_high=high
    )  # a year's figure errs in all its hours
    return replace(column, within=bounds), assumed


def _shape(hours: _Hours, name: str | None, year: int) -> tuple[NDArray[np.float64], NDArray[np.uint16]]:
    """Give each hour's part of a year's energy, for the hours of that year in the period."""
    whole = parse_period(f"{year:04d}-01-01", f"{year:04d}-12-31", hours.timezone)
    mine = hours.valid_at[hours.year_of == year]
    n = int((whole.end - whole.start) / HOUR)
    if name is None:
        return np.full(len(mine), 1 / n), np.zeros(len(mine), dtype=np.uint16)
    nothing = np.full(len(mine), np.nan), np.full(len(mine), Flag.MISSING, dtype=np.uint16)
    if not hours.store.has(name):
        return nothing
    _series, energy, flag = hours.over(name, whole)
    shape = np.maximum(energy, 0.0)  # a meter's station use is no shape
    total = float(np.nansum(shape))
    if np.isfinite(shape).mean() < SHAPE_KNOWN or not total > 0:
        return nothing
    at = ((mine - whole.start) // HOUR).astype(np.int64)
    return shape[at] / total, flag[at]


def _import_factor(island: Island, years: range) -> EmissionFactor | None:
    """Take the consumption-end factor of the mainland whose year is nearest."""
    dated = [f for f in island.factors if f.basis == "consumption-end" and f.year is not None]
    if not dated:
        return None
    nearest = min(dated, key=lambda f: (abs((f.year or 0) - years[0]), f.name))
    return EmissionFactor(
        tco2e_per_mwh=float(nearest.tco2e_per_mwh),
        source=f"{nearest.name}: {_grounds(nearest.tco2e_per_mwh)}",
    )


def _changes(island: Island) -> tuple[BaseChange, ...]:
    """Read the metering regimes: plants leave the books, or move between meterings.

    A regime that touches classes of several meterings moves plants between them; otherwise plants of
    each class that it touches are missing from its series while the regime lasts.
    """
    found: list[BaseChange] = []
    for regime in island.regimes:
        if regime.kind != "metering":
            continue
        touched = [c for c in island.classes if {c.series, c.name} & set(regime.touches)]
        names = tuple(c.name for c in touched)
        if island.demand is not None and island.demand.series in regime.touches:
            names = (*names, "demand")
        moves = len({c.metering for c in touched}) > 1
        text = Title(en=regime.title.en, ko=regime.title.ko) if regime.title is not None else regime.name
        start = parse_moment(str(regime.start), island.timezone)
        end = None if regime.end is None else parse_moment(str(regime.end), island.timezone, closing=True)
        groups = [names] if moves else [(name,) for name in names]
        found += [BaseChange(at=start, until=end, between=between, text=text) for between in groups]
    return tuple(found)


def _grounds(figure: Figure) -> str:
    if figure.assumed is not None:
        return f"assumed: {figure.assumed}"
    return ", ".join(figure.sources)
