"""What stands on the island: fleets, thermal units, links, stores, hydrogen plants, sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from tamna.grid.figure import DatedFigure, Day, Noun, refuse
from tamna.grid.quantity import (
    Azimuth,
    DatedNonNegative,
    Efficiency,
    Fraction,
    HydrogenUse,
    Latitude,
    Longitude,
    NonNegative,
    Positive,
    Tilt,
    at_day,
)
from tamna.lang import _

if TYPE_CHECKING:
    from datetime import date

Metering = Literal["market", "ppa", "behind_the_meter"]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z0-9][a-z0-9_-]*$")]


Status = Literal["operating", "planned"]


class Title(Noun):
    """A name for readers, in both languages."""

    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @field_validator("ko", "en")
    @classmethod
    def _to_be_seen(cls, value: str) -> str:
        if (
            not value.isprintable()
        ):  # it stands on labels, pages and terminals: nothing in it may turn or hide
            refuse(_("holds a character that cannot be seen"), todo=_("Write the name in one plain line."))
        return value


class Thing(Noun):
    """Anything with a name: short and stable for programs, a title for readers."""

    name: Name
    title: Title | None = None
    note: str | None = None


class Zone(Thing):
    """A place where supply meets demand; an `external` one lies beyond the links (the mainland)."""

    external: bool = False


class Orientation(Noun):
    """A part of a PV place that looks one way. Shares of a place add up to 1."""

    share: Fraction
    tilt_deg: Tilt
    azimuth_deg: Azimuth


class Place(Thing):
    """A point that stands for some of a fleet, for weather.

    Attributes
    ----------
    lat, lon
        [degrees north], [degrees east]
    capacity_mw
        How much of the fleet it stands for. [MW]
    hub_height_m
        For wind. [m above ground]
    orientations
        For PV: the mix of tilts and azimuths.
    station
        The ASOS station nearest in kind, such as ``184``.
    commissioned
        First day, where the fleet grew by this place.
    """

    lat: Latitude
    lon: Longitude
    capacity_mw: NonNegative
    hub_height_m: Positive | None = None
    orientations: tuple[Orientation, ...] = ()
    station: str | None = None
    commissioned: Day | None = None


class Fleet(Thing):
    """All wind, or all PV, that is metered one way.

    Attributes
    ----------
    metering
        ``market`` (settled at the exchange), ``ppa`` (sold to the utility under contract, not in the
        exchange's files), ``behind_the_meter`` (self-consumed; seen only as less demand).
    capacity_mw
        Nameplate, AC, from the days given. [MW]
    """

    zone: Name
    kind: Literal["wind", "pv"]
    metering: Metering
    capacity_mw: DatedNonNegative
    places: tuple[Place, ...] = ()

    def capacity_at(self, day: date) -> DatedFigure | None:
        """Give the capacity that holds on `day`, or None before the first dated figure [MW]."""
        return at_day(self.capacity_mw, day)


class LinkBefore(Noun):
    """How a link stood before the first hour of a study: the last way that it carried, and how long ago that ended [h]."""

    way: Literal["import", "export"]
    idle_h: NonNegative


class Link(Thing):
    """A cable between two zones, seen from the island: import flows `beyond` -> `zone`.

    Attributes
    ----------
    technology
        ``lcc``: each pole is off or above its minimum, and turning the flow takes a waiting time.
        ``vsc``: passes through zero freely.
    import_mw, export_mw
        Rated capacity per direction from the days given; 0 where that direction is closed. [MW]
    operated_import_mw
        What operation keeps to, where lower than rated. [MW]
    min_transfer
        Lowest flow of a pole over its rating while on, in [0, 1]. [-]
    reversal_h
        Waiting time between directions. [h]
    loss
        Lost energy over sent energy, in [0, 1]. [-]
    import_series, export_series
        Where the island's own meters of it lie in the store, gross each way; what arrives and what is sent there. [MWh]
    strength_ratio
        Short-circuit power of the island's machines that a MW over an LCC asks for. [MVA/MW]
    before
        Which way an LCC carried before the first hour, so that its waiting time reaches back; without it, none.
    """

    zone: Name
    beyond: Name
    technology: Literal["lcc", "vsc"]
    import_mw: DatedNonNegative
    export_mw: DatedNonNegative
    operated_import_mw: NonNegative | None = None
    poles: Positive | None = None
    pole_mw: Positive | None = None
    min_transfer: Fraction | None = None
    reversal_h: NonNegative | None = None
    loss: Fraction
    import_series: str | None = None
    export_series: str | None = None
    strength_ratio: NonNegative | None = None
    voltage_kv: Positive | None = None
    length_km: Positive | None = None
    in_service: Positive | None = None  # the year; a figure, because sources disagree
    commissioned: Day | None = None
    before: LinkBefore | None = None


class Battery(Thing):
    """A battery, measured on the AC side of its meter.

    Attributes
    ----------
    power_mw
        Largest charge and largest discharge at the meter, > 0. [MW]
    energy_mwh
        Usable energy between empty and full, > 0. [MWh]
    round_trip
        Energy out per energy in over one full cycle, in (0, 1]. [-]
    start_mwh
        What is in it at the start of a study, at most `energy_mwh`. [MWh]
    wear_krw_per_mwh
        Cost of a discharged MWh. [KRW/MWh]
    cycles_per_day
        Most full discharges of a day. [1/d]
    """

    zone: Name
    power_mw: Positive
    energy_mwh: Positive
    round_trip: Efficiency
    start_mwh: NonNegative | None = None
    wear_krw_per_mwh: NonNegative | None = None
    cycles_per_day: Positive | None = None
    status: Status = "operating"
    commissioned: Day | None = None


class LoadPiece(Noun):
    """A piece of an electrolyser's load from the lowest up: its width over the rating, and its use [-, kWh/kg]."""

    share: Fraction
    kwh_per_kg: HydrogenUse


class Electrolyser(Thing):
    """A plant that makes hydrogen from electricity.

    Attributes
    ----------
    kwh_per_kg
        Electricity of the whole plant per kilogram. [kWh/kg]
    min_load
        Lowest load over rating while on, in [0, 1]. [-]
    max_kg_per_day
        Where drying or compression limits it. [kg/d]
    curve
        Use by piece of load, rising; without it `kwh_per_kg` holds for all of it.
    standby
        Use while waiting warm, over the rating; assumed where a start has a cost or takes time and this is not given. [-]
    start_cost_krw, start_h
        Of a cold start: its cost [KRW], and how long it takes to the first hydrogen [h].
    ramp_mw_per_h
        Largest change while on. [MW/h]
    wear_krw_per_mwh
        Degradation, per MWh taken in. [KRW/MWh]
    """

    zone: Name
    technology: Literal["alkaline", "pem", "aem", "soec", "mixed"]
    power_mw: Positive
    kwh_per_kg: HydrogenUse
    min_load: Fraction | None = None
    max_kg_per_day: Positive | None = None
    curve: tuple[LoadPiece, ...] = ()
    standby: Fraction | None = None
    start_cost_krw: NonNegative | None = None
    start_h: NonNegative | None = None
    ramp_mw_per_h: Positive | None = None
    wear_krw_per_mwh: NonNegative | None = None
    status: Status = "operating"
    commissioned: Day | None = None
    retired: Day | None = None


class HydrogenStore(Thing):
    """A store of hydrogen: usable content [kg], what is in it at the start [kg], largest flow in or out [kg/h]."""

    zone: Name
    capacity_kg: Positive
    start_kg: NonNegative | None = None
    flow_kg_per_h: Positive | None = None
    status: Status = "operating"
    commissioned: Day | None = None


class FuelCell(Thing):
    """A plant that makes electricity from hydrogen: output [MW] and efficiency on the LHV [-]."""

    zone: Name
    power_mw: Positive
    efficiency: Efficiency
    status: Status = "operating"
    commissioned: Day | None = None


class Meter(Thing):
    """One meter of a site.

    Attributes
    ----------
    direction
        ``consumption`` or ``production``, seen from the site.
    annual_mwh
        A typical year, to size examples; never used in a proof. [MWh]
    annual_kg
        The same for hydrogen. [kg]
    series
        The series that holds its readings, where there is one.
    """

    direction: Literal["consumption", "production"]
    carrier: Literal["electricity", "hydrogen", "heat"] = "electricity"
    annual_mwh: NonNegative | None = None
    annual_kg: NonNegative | None = None
    series: str | None = None


class Site(Thing):
    """A customer or producer with meters: a layer farm, a dairy, a bus depot.

    Attributes
    ----------
    lost_krw_per_mwh
        What a MWh that it lacks is worth; in a drill those with more stay supplied longer. [KRW/MWh]
    """

    kind: Literal["layer_farm", "dairy", "bus_depot", "fruit_farm", "hydrogen_plant", "other"]
    zone: Name
    lat: Latitude | None = None
    lon: Longitude | None = None
    lost_krw_per_mwh: NonNegative | None = None
    meters: tuple[Meter, ...] = ()
