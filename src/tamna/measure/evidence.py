"""What speaks of a day, gathered from the store and the island's file: the hours, the weather, the fleets.

The span begins where the weather does and ends a month after the day, so that a fleet can be learned while
its series still held all of it and be followed around the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import DAY, HOUR, Period, parse_period, to_local
from tamna.lang import _
from tamna.measure.gather import gather
from tamna.physics.point import PointWeather
from tamna.series.align import hourly_energy, hourly_mean, needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.grid.assets import Fleet
    from tamna.grid.facts import GenerationClass
    from tamna.grid.figure import Figure
    from tamna.grid.model import Island
    from tamna.measure.island import IslandHours
    from tamna.series import Store

    Floats = NDArray[np.float64]

AROUND = 30 * DAY
"""How far around the day its fleets are followed."""
WEATHER = "open_meteo"
WITNESS = "kpx_realtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A figure with its range: low, value, high, in one unit."""

    low: float
    value: float
    high: float

    @staticmethod
    def of(figure: Figure, times: float = 1.0) -> Span:
        """Take a figure of the grid file, range and all."""
        low, high = figure.span
        return Span(low=low * times, value=float(figure) * times, high=high * times)

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """Draw from the triangle over low, value and high, (count,)."""
        if self.low >= self.high:
            return np.full(count, self.value)
        return rng.triangular(self.low, self.value, self.high, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a day is rebuilt from.

    Attributes
    ----------
    hours
        From where the weather begins until a month after the day.
    at
        Where the day lies in them.
    weather
        At one point; None where the store has none.
    nameplate_mw : class -> (hours,)
        Capacity of the class's fleet in each hour, as the grid file dates it; NaN before its first date.
    sizes : class -> Span
        The same on the day, with its range. [MW]
    flat : class -> Span
        Energy of an hour where only a year's energy is known, spread evenly. [MWh]
    witnesses : class -> (hours,)
        The whole fleet as operations saw it, where they did; never learned from. [MWh]
    price : (hours of the day,)
        Day-ahead price. [KRW/kWh]
    """

    hours: IslandHours
    at: slice
    weather: PointWeather | None
    nameplate_mw: Mapping[str, Floats]
    sizes: Mapping[str, Span]
    flat: Mapping[str, Span]
    witnesses: Mapping[str, Floats]
    price: Floats

    @property
    def demand_mwh(self) -> Floats:
        """Demand of the day's hours."""
        return self.hours.demand.mwh[self.at]


def evidence(store: Store, island: Island, day: str) -> Evidence:
    """Gather what speaks of the island day `day` (``2025-04-14``).

    Raises
    ------
    UsageError
        The store holds no demand of that day.
    """
    wanted = parse_period(day, day, island.timezone)
    prefix = island.demand.series.rpartition("/")[0] if island.demand is not None else ""
    span = _span(store, f"{WEATHER}/{prefix}/wind_speed", wanted)
    hours = gather(store, island, span)
    start = int((wanted.start - hours.valid_at[0]) / HOUR)
    at = slice(start, start + wanted.seconds // 3600)
    if not np.isfinite(hours.demand.mwh[at]).any():
        raise UsageError(
            _("there is no demand of this day"),
            seen=day,
            todo=_("Ingest the demand of that day, or choose a day that `tamna series` shows."),
        )
    moment = wanted.start
    fleets = {c.name: _fleet(island, c) for c in island.classes}
    held = {
        name: fleet.capacity_at(island.day(moment)) for name, fleet in fleets.items() if fleet is not None
    }
    return Evidence(
        hours=hours,
        at=at,
        weather=_weather(store, island, f"{WEATHER}/{prefix}", span),
        nameplate_mw={name: _nameplate(island, fleet, hours) for name, fleet in fleets.items() if fleet},
        sizes={name: Span.of(figure) for name, figure in held.items() if figure is not None},
        flat=_flat(island, wanted),
        witnesses={
            c.name: hourly_energy(store.read(name, needed(span)), span).value
            for c in island.classes
            if c.series and store.has(name := f"{c.series}@{WITNESS}")
        },
        price=_mean(store, f"{prefix}/smp", wanted),
    )


def _span(store: Store, weather: str, wanted: Period) -> Period:
    known = [info for info in store.list() if info.series == weather]
    start = min((info.start for info in known), default=wanted.start)
    return Period(min(start, wanted.start), wanted.end + AROUND)


def _fleet(island: Island, c: GenerationClass) -> Fleet | None:
    """Find the one fleet that a class is the output of."""
    if c.group not in {"wind", "pv"}:
        return None
    found = [f for f in island.fleets if f.kind == c.group and f.metering == c.metering]
    return found[0] if len(found) == 1 else None


def _nameplate(island: Island, fleet: Fleet, hours: IslandHours) -> Floats:
    local = to_local(hours.valid_at, island.timezone).astype("datetime64[D]")
    days, back = np.unique(local, return_inverse=True)
    held = [fleet.capacity_at(d.item()) for d in days]
    return np.asarray(np.array([np.nan if f is None else float(f) for f in held])[back])


def _flat(island: Island, wanted: Period) -> dict[str, Span]:
    """Spread a year's energy evenly, for classes whose estimate has no shape."""
    year = island.day(wanted.start).year
    whole = parse_period(f"{year:04d}-01-01", f"{year:04d}-12-31", island.timezone)
    found: dict[str, Span] = {}
    for c in island.classes:
        figure = c.estimate.year_mwh(year) if c.estimate and c.estimate.shape_series is None else None
        if figure is not None:
            found[c.name] = Span.of(figure, 3600 / whole.seconds)
    return found


def _weather(store: Store, island: Island, prefix: str, span: Period) -> PointWeather | None:
    names = ("wind_speed", "temperature", "humidity", "radiation")
    if not all(store.has(f"{prefix}/{name}") for name in names):
        return None
    instants = {name: _instants(store, f"{prefix}/{name}", span) for name in names[:3]}
    places = [place for fleet in island.fleets for place in fleet.places]
    return PointWeather(
        speed=instants["wind_speed"],
        temperature=instants["temperature"],
        humidity=instants["humidity"],
        radiation=_mean(store, f"{prefix}/radiation", span),
        latitude=float(np.mean([float(p.lat) for p in places])) if places else float("nan"),
        longitude=float(np.mean([float(p.lon) for p in places])) if places else float("nan"),
    )


def _instants(store: Store, name: str, span: Period) -> Floats:
    """Give what was read at each hour's start, (hours,); NaN elsewhere."""
    series, stamps = store.read(name, span), span.stamps()
    out = np.full(len(stamps), np.nan)
    at = (series.valid_at - stamps[0]) / HOUR
    whole = at == np.floor(at)
    out[at[whole].astype(np.int64)] = series.value[whole]
    return out


def _mean(store: Store, name: str, span: Period) -> Floats:
    if not store.has(name):
        return np.full(len(span.stamps()), np.nan)
    return hourly_mean(store.read(name, needed(span)), span).value
