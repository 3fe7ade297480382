"""Demand that can follow the wind: EV fleets, loads that move or are cut, users of hydrogen, contracts hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from tamna.grid.assets import Name, Status, Thing
from tamna.grid.figure import Day, check_number, refuse
from tamna.grid.quantity import (
    DatedNonNegative,
    DatedPositive,
    Efficiency,
    Fraction,
    NonNegative,
    Positive,
)
from tamna.lang import _

HOURS_A_DAY = 24


def _day_of_shares(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != HOURS_A_DAY:
        refuse(
            _("needs 24 values, one for each hour of the day from 00:00 on"), todo=_("Write [0.9, 0.9, ...].")
        )
    numbers = tuple(check_number(v) for v in value)
    if not all(0.0 <= n <= 1.0 for n in numbers):
        refuse(_("has a value outside [0, 1]"), todo=_("Give a fraction."))
    return numbers


Shares = Annotated[tuple[float, ...], BeforeValidator(_day_of_shares)]
"""24 shares in [0, 1], one for each hour of the island's day."""


class EvFleet(Thing):
    """Electric vehicles that are charged as one, beside the demand.

    Attributes
    ----------
    energy_mwh
        Usable energy of all batteries, from the days given. [MWh]
    charge_mw, discharge_mw
        Of all chargers at the meter; without `discharge_mw` nothing is given back. [MW]
    charging, discharging
        Stored over taken in, and given out over taken from the store, in (0, 1]. [-]
    plugged
        Share of the fleet that is plugged in, by hour of the day. [-]
    arriving_share, leaving_share
        State of charge of a vehicle that comes, and what one that leaves needs. [-]
    wear_krw_per_mwh
        Of a MWh given back. [KRW/MWh]
    missing_krw_per_mwh
        Of a MWh that a trip lacks. [KRW/MWh]
    """

    zone: Name
    energy_mwh: DatedPositive
    charge_mw: DatedPositive
    discharge_mw: DatedNonNegative | None = None
    charging: Efficiency | None = None
    discharging: Efficiency | None = None
    plugged: Shares
    arriving_share: Fraction
    leaving_share: Fraction
    wear_krw_per_mwh: NonNegative | None = None
    missing_krw_per_mwh: NonNegative | None = None
    status: Status = "operating"
    commissioned: Day | None = None


class NamedLoad(Thing):
    """A load with a name of its own, that can be moved within the day, cut for a price, or neither.

    Attributes
    ----------
    kind
        ``shiftable``, ``interruptible``, or ``firm`` (a site with its own value of lost load).
    load_mw
        The load as it would be in its largest hour, from the days given. [MW]
    hourly
        The load over `load_mw` by hour of the day; without it the load is even. [-]
    in_demand
        Whether the demand series holds it already.
    most_mw, least_mw, span_h, most_ahead_mwh, moved_krw_per_mwh
        Shiftable: highest and lowest power [MW], the span within which no energy is lost (24) [h], how far it may be ahead or
        behind [MWh], and the price of moving [KRW/MWh].
    cut_krw_per_mwh, hours_per_day, times_per_day
        Interruptible: price of a cut [KRW/MWh], longest [h/d] and most cuts [1/d] of a day.
    lost_krw_per_mwh
        Value of a MWh that is not served; of an interruptible load beyond what may be cut. [KRW/MWh]
    """

    zone: Name
    kind: Literal["shiftable", "interruptible", "firm"]
    load_mw: DatedPositive
    hourly: Shares = (1.0,) * HOURS_A_DAY
    in_demand: bool
    most_mw: Positive | None = None
    least_mw: NonNegative | None = None
    span_h: Positive | None = None
    most_ahead_mwh: NonNegative | None = None
    moved_krw_per_mwh: NonNegative | None = None
    cut_krw_per_mwh: NonNegative | None = None
    hours_per_day: NonNegative | None = None
    times_per_day: NonNegative | None = None
    lost_krw_per_mwh: NonNegative | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> NamedLoad:
        if self.kind == "interruptible" and self.cut_krw_per_mwh is None:
            refuse(
                _("has no price for being cut"), todo=_("Add cut_krw_per_mwh: with what a cut MWh is paid.")
            )
        for kind, names in _OF_KIND.items():
            wrong = [name for name in names if getattr(self, name) is not None]
            if wrong and self.kind != kind:
                refuse(
                    _("has '{name}', which belongs to a load that is {kind}", name=wrong[0], kind=kind),
                    todo=_("Leave it out, or write kind: {kind}.", kind=kind),
                )
        return self


_OF_KIND = {
    "shiftable": ("most_mw", "least_mw", "span_h", "most_ahead_mwh", "moved_krw_per_mwh"),
    "interruptible": ("cut_krw_per_mwh", "hours_per_day", "times_per_day"),
}


class HydrogenUser(Thing):
    """Who takes hydrogen: buses, trucks that carry it away, industry; fuel cells are `fuel_cells`.

    Attributes
    ----------
    kg_per_day
        From the days given. [kg/d]
    hourly
        When in the day, relative; without it evenly. [-]
    lost_krw_per_kg
        Value of a kilogram that is not there. [KRW/kg]
    """

    zone: Name
    kind: Literal["bus", "truck", "industry", "other"]
    kg_per_day: DatedPositive
    hourly: Shares = (1.0,) * HOURS_A_DAY
    lost_krw_per_kg: NonNegative | None = None


class Contract(Thing):
    """Hourly renewable matching of some loads.

    Attributes
    ----------
    supply
        By fleet, the part of its output that is contracted. [-]
    loads
        Such as ``electrolyser:haengwon``, ``ev:buses``, ``load:waterworks``.
    share
        Of their consumption that must be matched in each hour. [-]
    short_krw_per_mwh
        Price of what is not matched; without it all must be. [KRW/MWh]
    """

    supply: Mapping[str, Fraction]
    loads: tuple[str, ...]
    share: Fraction | None = None
    short_krw_per_mwh: NonNegative | None = None
