"""What the grid as a whole asks for: reserve, machines that turn with it, less carbon, and whom to serve first."""

from __future__ import annotations

from typing import Literal

from tamna.grid.assets import Name, Status, Thing
from tamna.grid.figure import Day, Noun
from tamna.grid.quantity import DatedNonNegative, DatedPositive, Fraction, NonNegative, Positive


class Condenser(Thing):
    """A machine that turns for the grid's sake, without fuel.

    Attributes
    ----------
    strength_mva, inertia_mws
        Short-circuit power and inertia that it gives while it turns. [MVA, MW s]
    loss_mw
        What it takes while it turns. [MW]
    """

    zone: Name
    strength_mva: NonNegative
    inertia_mws: NonNegative
    loss_mw: NonNegative
    start_cost_krw: NonNegative | None = None
    status: Status = "operating"
    commissioned: Day | None = None
    retired: Day | None = None


class Synchronous(Noun):
    """What machines that turn must give in any hour, from the days given.

    Attributes
    ----------
    strength_mva, inertia_mws
        Short-circuit power and inertia. [MVA, MW s]
    short_krw_per_mva_h, short_krw_per_mws_h
        Price of what is missing for an hour. [KRW/(MVA h), KRW/(MW s h)]
    """

    strength_mva: DatedNonNegative | None = None
    inertia_mws: DatedNonNegative | None = None
    short_krw_per_mva_h: NonNegative | None = None
    short_krw_per_mws_h: NonNegative | None = None


class ReserveProduct(Thing):
    """A product of reserve.

    Attributes
    ----------
    way
        ``up``: more supply; ``down``: less.
    duration_h, response_h
        How long it lasts, and how soon all of it is there. [h]
    largest
        Whether it covers the largest failure of the hour: in-feed upward, export or load downward.
    required_mw
        Held whatever fails, from the days given. [MW]
    providers
        Such as ``battery:bukchon``; without it all that can.
    short_krw_per_mwh
        Price of what is missing. [KRW/MWh]
    """

    way: Literal["up", "down"] = "up"
    duration_h: Positive
    response_h: Positive
    largest: bool = True
    required_mw: DatedNonNegative | None = None
    providers: tuple[str, ...] = ()
    short_krw_per_mwh: NonNegative | None = None


class LoadClass(Thing):
    """A class of the demand: its share, and the value of a MWh of it that is not served [-, KRW/MWh]."""

    share: Fraction
    lost_krw_per_mwh: NonNegative


class Co2(Noun):
    """What emissions cost, and how many there may be, from the days given.

    Attributes
    ----------
    krw_per_t
        Of each tonne that units emit and imports carry. [KRW/tCO2]
    cap_t_per_year
        Most of a year of 8,760 h; a period has its part of it. [tCO2/a]
    """

    krw_per_t: DatedNonNegative | None = None
    cap_t_per_year: DatedPositive | None = None
