"""The meters of a product: readings out of the store, or a shape that stands in for them and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, Place, UsageError
from tamna.grid.clock import Period, iso, to_local
from tamna.lang import Message, _
from tamna.series.align import hourly_energy, hourly_mean, needed
from tamna.series.catalogue import FAR
from tamna.sources.block import Flag, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.grid.product import Battery, Plant, Product, Shape, Supply
    from tamna.measure.island import IslandHours
    from tamna.series import Series, Store

    Floats = NDArray[np.float64]

__all__ = ["Readings", "battery_readings", "plant_readings", "supply_readings"]

HOURS_OF_A_WEEK = 168
_DOUBTED = np.uint16(Flag.SUSPECT | Flag.BY_READER)
_WEEKS = ("summer", "winter", "transition")
_DAY_TYPES = ("workday", "saturday", "holiday")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readings:
    """Hourly energy of one meter, (hours,).

    Attributes
    ----------
    wh
        Whole [Wh], rounded down; 0 where `known` is False.
    known
        Whether there is a reading.
    estimated
        Whether nobody metered it.
    notes
        What stands in for a meter.
    """

    stamps: NDArray[np.datetime64]
    wh: NDArray[np.int64]
    known: NDArray[np.bool_]
    estimated: NDArray[np.bool_]
    notes: tuple[Message, ...] = ()


def supply_readings(store: Store, product: Product, period: Period, timezone: str) -> Readings:
    """Read what the site used, all its meters together.

    Raises
    ------
    InputError
        An hour without a reading: a lot is never longer than its meter data.
    UsageError
        The store lacks a series or a profile.
    """
    parts = [_supply(store, meter, period, timezone) for meter in product.supply]
    for meter, part in zip(product.supply, parts, strict=True):
        _check_whole(part, f"{product.name}, {meter.name}", timezone)
    return Readings(
        stamps=parts[0].stamps,
        wh=sum((p.wh for p in parts), np.zeros(len(parts[0].wh), np.int64)),
        known=np.ones(len(parts[0].wh), bool),
        estimated=np.logical_or.reduce([p.estimated for p in parts]),
        notes=tuple(n for p in parts for n in p.notes),
    )


def _check_whole(readings: Readings, name: str, timezone: str) -> None:
    for i in np.flatnonzero(~readings.known)[:1]:
        raise InputError(
            _("no reading in {n} hours of the period", n=int((~readings.known).sum())),
            where=Place(path=name, hour=iso(readings.stamps[i], timezone)),
            todo=_("Load the readings, or ask for a shorter period."),
        )


def plant_readings(store: Store, plant: Plant, hours: IslandHours, period: Period) -> Readings:
    """Read what a plant made; without a meter it runs like the island's settled fleet of its kind."""
    if plant.series is not None:
        return _metered(store, plant.series, period)
    fleet = fleet_mwh(hours, plant.kind)
    commissioned = hours.valid_at >= np.datetime64(plant.commissioned, "s")
    wh, note = _like_the_fleet(plant, fleet)
    known = np.isfinite(wh) & commissioned
    return Readings(
        stamps=hours.valid_at,
        wh=_whole(np.where(known, wh, 0.0)),
        known=known,
        estimated=np.ones(len(wh), bool),
        notes=(note,),
    )


def battery_readings(  # noqa: PLR0917 (where from, for what, what goes in and out, when)
    store: Store, product: Product, made: Sequence[Readings], used: Readings, period: Period, timezone: str
) -> tuple[Readings, Readings]:
    """Read what went into the site's battery and what came out; without meters it is taken to run by rule.

    Parameters
    ----------
    made
        What the site's own plants made.
    used
        What the product used.

    Raises
    ------
    InputError
        An hour without a reading of one of its meters.
    UsageError
        The store lacks a series.
    """
    battery = product.battery
    assert battery is not None
    if battery.charge is not None and battery.discharge is not None:
        both = _metered(store, battery.charge, period), _metered(store, battery.discharge, period)
        for readings in both:
            _check_whole(readings, f"{product.name}, {battery.name}", timezone)
        return both
    surplus = sum((p.wh for p in made), np.zeros(len(used.wh), np.int64)) - used.wh
    taken, given = _by_rule(battery, surplus)
    note = _(
        "{name}: no meters; it is taken to store all that its site's plants make beyond the use of the hour, and to give"
        " all that lacks",
        name=battery.name,
    )
    known, estimated = np.ones(len(taken), bool), np.ones(len(taken), bool)
    return (
        Readings(stamps=used.stamps, wh=taken, known=known, estimated=estimated, notes=(note,)),
        Readings(stamps=used.stamps, wh=given, known=known, estimated=estimated),
    )


def _by_rule(battery: Battery, surplus_wh: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Charge with what is over, discharge where it lacks; empty at first. (hours,) [Wh]"""
    most, full = int(battery.power_kw.value * 1000), battery.energy_kwh.value * 1000.0
    taken, given = np.zeros(len(surplus_wh), np.int64), np.zeros(len(surplus_wh), np.int64)
    inside = 0.0  # what could still come out [Wh]
    for i, wh in enumerate(surplus_wh.tolist()):
        if wh > 0:
            taken[i] = min(wh, most, int((full - inside) / battery.round_trip.value))
            inside += taken[i] * battery.round_trip.value
        else:
            given[i] = min(-wh, most, int(inside))
            inside -= given[i]
    return taken, given


def _like_the_fleet(plant: Plant, fleet: Floats) -> tuple[Floats, Message]:
    """Give what a plant without a meter is taken to have made, (hours,) [Wh], and how it was taken."""
    if plant.fleet_share is not None:
        share = plant.fleet_share.value
        return fleet * share * 1e6, _(
            "{name}: no meter; it is taken to make {share:.2%} of what the island's settled {kind} fleet makes in the hour",
            name=plant.name, share=share, kind=plant.kind,
        )  # fmt: skip
    most = np.nanmax(fleet) if np.isfinite(fleet).any() else np.nan
    return fleet / most * plant.capacity_kw.value * 1000.0, _(
        "{name}: no meter; it is taken to run like the island's {kind} fleet, whose best hour of the period is"
        " its capacity",
        name=plant.name,
        kind=plant.kind,
    )


def fleet_mwh(hours: IslandHours, kind: str) -> Floats:
    """Give what the island's settled fleet of a kind made, NaN where not known. (hours,) [MWh]"""
    mine = [
        c.column.mwh for c in hours.classes if c.group == kind and c.metering == "market" and not c.assumed
    ]
    mine = [m for m in mine if np.isfinite(m).any()]
    return np.sum(mine, axis=0) if mine else np.full(len(hours.valid_at), np.nan)


def _supply(store: Store, meter: Supply, period: Period, timezone: str) -> Readings:
    if meter.series is not None:
        return _metered(store, meter.series, period)
    assert meter.shape is not None
    return _shaped(store, meter.name, meter.shape, period, timezone)


def _metered(store: Store, name: str, period: Period) -> Readings:
    if not store.has(name):
        raise UsageError(
            _("the store does not hold the series"),
            seen=name,
            todo=_("Load the meter's file with 'tamna ingest' and a mapping."),
        )
    series = store.read(name, needed(period, 3600))
    _check_apart(series, name, period)
    column = hourly_energy(series, period)
    known = np.isfinite(column.value)
    for i in np.flatnonzero(known & ((column.flag & _DOUBTED) == _DOUBTED))[:1]:
        raise InputError(
            _("a reading cannot be right: two of its interval disagree, or it is beyond what can be"),
            where=Place(path=name, hour=iso(period.stamps()[i])),
            seen=f"{column.value[i]:g} MWh",
            todo=_("Correct the file and load it again: what was found in it, 'tamna ingest' tells."),
        )
    negative = known & (column.value < 0)
    for i in np.flatnonzero(negative)[:1]:
        raise InputError(
            _("a reading is negative"),
            where=Place(path=name, hour=iso(period.stamps()[i])),
            seen=f"{column.value[i]:g} MWh",
            todo=_("What a plant draws from the grid is consumption: give it a meter of its own."),
        )
    return Readings(
        stamps=period.stamps(),
        wh=_whole(np.where(known, column.value, 0.0) * 1e6),
        known=known,
        estimated=(column.flag & np.uint16(Flag.ESTIMATED)) != 0,
    )


def _check_apart(series: Series, name: str, period: Period) -> None:
    """Refuse readings that overlap: no rule says which of them holds."""
    if series.kind is Kind.INSTANT:
        return
    start, length = series.valid_at, np.timedelta64(series.resolution_s, "s")
    near = (start[1:] < start[:-1] + length) & (start[1:] < period.end) & (start[:-1] + length > period.start)
    for i in np.flatnonzero(near)[:1]:
        raise InputError(
            _("two readings overlap"),
            where=Place(path=name, hour=iso(start[i + 1])),
            seen=f"{series.resolution_s} s",
            todo=_("Correct the file, or the resolution in its mapping, and load it again."),
        )


def _shaped(store: Store, name: str, shape: Shape, period: Period, timezone: str) -> Readings:
    """Spread a year's energy over its hours; every calendar year of the island has all of it."""
    local = to_local(period.stamps(), timezone)
    years = np.unique(local.astype("datetime64[Y]"))
    every = np.arange(years[0].astype("M8[h]"), (years[-1] + 1).astype("M8[h]"))
    weight = _written(shape, every) if shape.profile is None else _profile(store, shape.profile, every)
    year = every.astype("datetime64[Y]").astype(int)
    total = np.bincount(year - year[0], weight)[year - year[0]]
    wh = weight / total * shape.annual_mwh.value * 1e6
    mine = wh[(local.astype("M8[h]") - every[0]).astype(int)]
    return Readings(
        stamps=period.stamps(),
        wh=_whole(mine),
        known=np.ones(len(mine), bool),
        estimated=np.ones(len(mine), bool),
        notes=(
            _(
                "{name}: no meter; a shape of {mwh:g} MWh a year stands in",
                name=name,
                mwh=shape.annual_mwh.value,
            ),
        ),
    )


def _whole(wh: Floats) -> NDArray[np.int64]:
    """Round down to whole watt-hours; what no meter can show stays too much, for the book to refuse."""
    return np.floor(np.minimum(wh, 2.0**53)).astype(np.int64)


def _written(shape: Shape, local: NDArray[Any]) -> Floats:
    hour = (local - local.astype("datetime64[D]")).astype(int)
    month = local.astype("datetime64[M]").astype(int) % 12
    days_in = np.bincount(month, minlength=12)
    by_month = np.array(shape.month) / np.maximum(days_in, 1)
    return np.asarray(np.array(shape.day)[hour] * by_month[month], dtype=np.float64)


def _profile(store: Store, name: str, local: NDArray[Any]) -> Floats:
    """Give a standard load profile hour by hour: three typical weeks, or a day type for each month."""
    weekday = (local.astype("datetime64[D]").astype(int) + 3) % 7
    hour = (local - local.astype("datetime64[D]")).astype(int)
    if all(store.has(f"{name}_{week}") for week in _WEEKS):
        weeks = np.array([_typical(store, f"{name}_{w}", HOURS_OF_A_WEEK) for w in _WEEKS])
        return np.asarray(weeks[_season(local), weekday * 24 + hour])
    if all(store.has(f"{name}_{day}") for day in _DAY_TYPES):
        days = np.array([_typical(store, f"{name}_{d}", 12 * 24) for d in _DAY_TYPES])
        kind = np.select([weekday == 5, weekday == 6], [1, 2], 0)
        return np.asarray(days[kind, (local.astype("datetime64[M]").astype(int) % 12) * 24 + hour])
    raise UsageError(
        _("the store does not hold the profile"),
        seen=name,
        todo=_("Load the files of BDEW's standard load profiles with 'tamna ingest'."),
    )


def _typical(store: Store, name: str, count: int) -> Floats:
    """Give the hourly means of a profile, in the order of its typical hours."""
    series = store.read(name, FAR)
    column = hourly_mean(series, Period(series.valid_at[0], series.valid_at[-1] + np.timedelta64(900, "s")))
    values = column.value[np.isfinite(column.value)]
    if len(values) != count:
        raise InputError(_("is no profile of {n} hours", n=count), where=Place(path=name), seen=len(values))
    return values


def _season(local: NDArray[Any]) -> NDArray[np.int64]:
    """Give BDEW's season: 0 summer (15 May to 14 September), 1 winter (November to 20 March), 2 between."""
    month = local.astype("datetime64[M]").astype(int) % 12 + 1
    day = (local.astype("datetime64[D]") - local.astype("datetime64[M]").astype("datetime64[D]")).astype(
        int
    ) + 1
    date = month * 100 + day
    return np.select([(date >= 515) & (date <= 914), (date >= 1101) | (date <= 320)], [0, 1], 2)
