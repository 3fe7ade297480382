"""The island: everything a grid file says, frozen, with the questions code asks of it.

Code asks which regime holds at a moment (`Island.regimes_at`) and what stands on a day
(`Island.capacity_mw`); nobody writes a date or a capacity into a program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, Field

from tamna.errors import UsageError
from tamna.grid.assets import (
    Battery,
    Electrolyser,
    Fleet,
    FuelCell,
    HydrogenStore,
    Link,
    Metering,
    Name,
    Site,
    Title,
    Zone,
)
from tamna.grid.clock import zone
from tamna.grid.facts import (
    Delay,
    Demand,
    Factor,
    Fuel,
    GenerationClass,
    Price,
    PublishedCurtailment,
    PublishedYear,
    Record,
    Regime,
    Source,
)
from tamna.grid.figure import Figure, Keys, Noun, refuse
from tamna.grid.flexible import Contract, EvFleet, HydrogenUser, NamedLoad
from tamna.grid.needs import Co2, Condenser, LoadClass, ReserveProduct, Synchronous
from tamna.grid.quantity import Fraction
from tamna.grid.settlement import Settlement
from tamna.grid.thermal import ThermalUnit
from tamna.lang import _

Moment = date | datetime | np.datetime64


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except UsageError:
        refuse(_("unknown time zone"), todo=_("Use an IANA name such as Asia/Seoul."))
    return name


class Island(Noun):
    """One island (or region, microgrid, campus) as a grid file describes it.

    Attributes
    ----------
    settlements
        How energy and forecasts are paid, by period.
    classes, demand
        What generation there is to count, and the demand it is counted against (`measure`).
    published_shares
        The official renewable share by year, as a fraction. [-]
    default_sources
        For a series published twice: the order in which sources fill its hours.
    publication_delays
        By source: when a value becomes known. The packaged source table holds where one is not named.
    records
        Published statements kept for comparison, with their contradictions.
    """

    name: Name
    title: Title
    timezone: Annotated[str, AfterValidator(_known_zone)]
    note: str | None = None
    sources: tuple[Source, ...] = ()
    zones: tuple[Zone, ...] = Field(min_length=1)
    fleets: tuple[Fleet, ...] = ()
    thermal: tuple[ThermalUnit, ...] = ()
    links: tuple[Link, ...] = ()
    batteries: tuple[Battery, ...] = ()
    electrolysers: tuple[Electrolyser, ...] = ()
    hydrogen_stores: tuple[HydrogenStore, ...] = ()
    fuel_cells: tuple[FuelCell, ...] = ()
    ev_fleets: tuple[EvFleet, ...] = ()
    loads: tuple[NamedLoad, ...] = ()
    hydrogen_users: tuple[HydrogenUser, ...] = ()
    condensers: tuple[Condenser, ...] = ()
    contracts: tuple[Contract, ...] = ()
    reserves: tuple[ReserveProduct, ...] = ()
    synchronous: Synchronous | None = None
    load_classes: tuple[LoadClass, ...] = ()
    co2: Co2 | None = None
    sites: tuple[Site, ...] = ()
    fuels: tuple[Fuel, ...] = ()
    factors: tuple[Factor, ...] = ()
    prices: tuple[Price, ...] = ()
    regimes: tuple[Regime, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    classes: tuple[GenerationClass, ...] = ()
    demand: Demand | None = None
    published_shares: Mapping[int, Fraction] = Field(default_factory=dict)
    published_energy: Mapping[int, PublishedYear] = Field(default_factory=dict)
    published_curtailment: Mapping[int, PublishedCurtailment] = Field(default_factory=dict)
    publication_delays: Mapping[str, Delay] = Field(default_factory=dict)
    default_sources: Mapping[str, Keys] = Field(default_factory=dict)
    records: tuple[Record, ...] = ()

    def day(self, moment: Moment) -> date:
        """Give the island day that `moment` lies in; a ``numpy.datetime64`` is UTC.

        Raises
        ------
        UsageError
            A datetime without zone: it could be meant either way.
        """
        if isinstance(moment, np.datetime64):
            moment = datetime.fromtimestamp(int(moment.astype("datetime64[s]").astype(np.int64)), UTC)
        if not isinstance(moment, datetime):
            return moment
        if moment.tzinfo is None:
            raise UsageError(
                _("a moment without time zone"),
                seen=moment.isoformat(),
                todo=_("Give a date, a datetime with zone, or a numpy.datetime64 in UTC."),
            )
        return moment.astimezone(zone(self.timezone)).date()

    def regimes_at(self, moment: Moment) -> tuple[Regime, ...]:
        """Give every regime that holds at `moment`, in the order of the file."""
        day = self.day(moment)
        return tuple(r for r in self.regimes if r.start <= day and (r.end is None or day <= r.end))

    def settlements_at(self, moment: Moment) -> tuple[Settlement, ...]:
        """Give every settlement rule that holds at `moment`, in the order of the file."""
        day = self.day(moment)
        return tuple(s for s in self.settlements if s.start <= day and (s.end is None or day <= s.end))

    def fleet(self, kind: Literal["wind", "pv"], metering: Metering | None = None) -> tuple[Fleet, ...]:
        """Give the wind or PV fleets, of one `metering` or of all."""
        return tuple(f for f in self.fleets if f.kind == kind and metering in (None, f.metering))

    def capacity_mw(
        self, kind: Literal["wind", "pv"], moment: Moment, metering: Metering | None = None
    ) -> float:
        """Add up the fleets' capacity on the island day of `moment` [MW]."""
        held = (fleet.capacity_at(self.day(moment)) for fleet in self.fleet(kind, metering))
        return sum(figure.value for figure in held if figure is not None)

    def generation_class(self, name: str) -> GenerationClass | None:
        """Find a class of generation by name."""
        return next((c for c in self.classes if c.name == name), None)

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Give every figure with its path: ``battery 'bukchon', energy_mwh``."""
        return ((path, figure) for _section, path, figure in self.figures_by_section())

    def figures_by_section(self) -> Iterator[tuple[str, str, Figure]]:
        """Give every figure with the part of the file it stands in, and its path."""
        for name in type(self).model_fields:
            for path, figure in _walk(getattr(self, name), SINGULAR.get(name, name)):
                yield name, path, figure


SINGULAR = {
    "sources": "source",
    "zones": "zone",
    "fleets": "fleet",
    "thermal": "thermal unit",
    "links": "link",
    "batteries": "battery",
    "electrolysers": "electrolyser",
    "hydrogen_stores": "hydrogen store",
    "fuel_cells": "fuel cell",
    "ev_fleets": "EV fleet",
    "loads": "load",
    "hydrogen_users": "hydrogen user",
    "condensers": "condenser",
    "contracts": "contract",
    "reserves": "reserve",
    "load_classes": "load class",
    "curve": "piece",
    "heat_curve": "point",
    "starts": "start",
    "sites": "site",
    "fuels": "fuel",
    "factors": "factor",
    "prices": "price",
    "regimes": "regime",
    "settlements": "settlement",
    "bands": "band",
    "classes": "class",
    "records": "record",
    "places": "place",
    "meters": "meter",
    "orientations": "orientation",
}
"""How one entry of a list is called in a path."""


def _walk(value: Any, path: str) -> Iterator[tuple[str, Figure]]:
    if isinstance(value, Figure):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), f"{path}, {SINGULAR.get(name, name)}")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, f"{path}, {key}")
    elif isinstance(value, tuple):
        for number, item in enumerate(value, 1):
            called, start = getattr(item, "name", None), getattr(item, "start", None)
            label = f" '{called}'" if called else f" from {start}" if start else ""
            yield from _walk(item, path + (label or (f" {number}" if len(value) > 1 else "")))
