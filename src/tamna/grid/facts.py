"""What is written about the island: sources, fuels, factors, prices, regimes, publications."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from tamna.grid.assets import Metering, Thing, Title
from tamna.grid.figure import Day, Figure, Keys, Noun, Number, Range, refuse
from tamna.grid.quantity import CarbonOfFuel, NonNegative
from tamna.lang import _


class Source(Noun):
    """One publication that figures cite by its `key`."""

    key: str = Field(min_length=1, max_length=80)
    title: str = Field(min_length=1)
    url: str | None = None
    article: str | None = None
    published: Day | None = None


class Fuel(Thing):
    """A fuel: whether it is renewable, its carbon, its price.

    Attributes
    ----------
    tco2e_per_gj
        Direct emission per energy (lower heating value). [tCO2e/GJ]
    krw_per_gj
        Delivered price. [KRW/GJ]
    """

    renewable: bool
    tco2e_per_gj: CarbonOfFuel
    krw_per_gj: NonNegative | None = None


class Factor(Thing):
    """A published emission factor of electricity, direct unless `basis` says otherwise [tCO2e/MWh]."""

    tco2e_per_mwh: NonNegative
    basis: Literal["consumption-end", "generation-end", "life-cycle", "direct", "conversion"]
    year: int | None = Field(default=None, ge=1950, le=2100)


class Price(Thing):
    """A price or tariff, in exactly one unit; prices may be negative."""

    krw_per_kwh: Figure | None = None
    krw_per_kg: Figure | None = None
    krw_per_gj: Figure | None = None
    krw_per_piece: Figure | None = None

    @model_validator(mode="after")
    def _has_one_unit(self) -> Price:
        units = ("krw_per_kwh", "krw_per_kg", "krw_per_gj", "krw_per_piece")
        if sum(getattr(self, unit) is not None for unit in units) != 1:
            refuse(_("must have exactly one price"), todo=_("Give one of {units}.", units=", ".join(units)))
        return self


class Regime(Thing):
    """A rule of the world that holds from a day on: `start` and `end` are island days, both included.

    `touches` names the series whose meaning changes, so that quality and measure can say so.
    """

    kind: Literal["market", "link", "settlement", "metering", "data"]
    start: Day
    end: Day | None = None
    touches: tuple[str, ...] = ()
    source: Keys = ()


class Delay(Noun):
    """When a publication becomes known: hours after the interval's end, or an hour of the day before."""

    after_h: NonNegative | None = None
    day_ahead_hour: NonNegative | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Delay:
        if (self.after_h is None) == (self.day_ahead_hour is None):
            refuse(_("must have either after_h or day_ahead_hour"), todo=_("Keep one of the two."))
        return self


class PublishedYear(Noun):
    """What was published about one year's energy, in the words of the publisher."""

    total_mwh: NonNegative | None = None
    renewable_mwh: NonNegative | None = None
    wind_mwh: NonNegative | None = None
    pv_mwh: NonNegative | None = None
    other_mwh: NonNegative | None = None
    note: str | None = None


class PublishedCurtailment(Noun):
    """What was published as curtailed in one year: energy and events."""

    wind_mwh: NonNegative | None = None
    pv_mwh: NonNegative | None = None
    wind_events: NonNegative | None = None
    pv_events: NonNegative | None = None
    total_events: NonNegative | None = None
    note: str | None = None


def _check_clock(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-4]):00", value):
        refuse(_("must be a full hour of the clock"), todo=_('Write it in quotes: "13:00".'))
    return value


Clock = Annotated[str, BeforeValidator(_check_clock)]

Said = Literal[
    "demand",
    "wind",
    "pv",
    "wind_pv",
    "must_run",
    "waste",
    "export",
    "export_total",
    "share",
    "full_hours",
    "wind_factor",
    "pv_factor",
]


class Statement(Noun):
    """One number that somebody published about hours of a record's day, as they put it.

    Attributes
    ----------
    says
        What it is about. ``share`` and ``..._factor`` are fractions, ``full_hours`` counts hours in which
        the share reached 1, ``export_total`` is over the whole window.
    at, during
        The hour as the publisher labelled it, or the window's first and last label (island clock). Which
        interval a label means is not stated by anybody: that is to be found out.
    value, range
        A number, or lowest and highest of the window's hours.
    unit
        As printed, right or wrong.
    called
        What the publisher called it, where that is in question.
    """

    says: Said
    at: Clock | None = None
    during: tuple[Clock, Clock] | None = None
    value: Number | None = None
    range: Range | None = None
    unit: Literal["MW", "MWh", "%", "h"]
    source: Keys = Field(min_length=1)
    called: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _one_time_one_number(self) -> Statement:
        if (self.at is None) == (self.during is None):
            refuse(_("must name either one hour or a window"), todo=_("Keep at: or during:."))
        if (self.value is None) == (self.range is None):
            refuse(_("must have either one number or a range"), todo=_("Keep value: or range:."))
        return self

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest number said; twice the same for one number."""
        if self.range is not None:
            return self.range
        return (float(self.value or 0.0), float(self.value or 0.0))


class Record(Thing):
    """A published statement kept for comparison; the units are in the names of its figures.

    `statements` are what was said about hours of `day`, one by one, to be held against the hours.
    """

    day: Day | None = None
    figures: Mapping[str, Figure]
    statements: tuple[Statement, ...] = ()


class Estimate(Noun):
    """How a class that nobody publishes by the hour is estimated; always flagged.

    The energy of a year is spread over the hours of `shape_series`, or evenly where there is none.

    Attributes
    ----------
    shape_series
        The series whose shape it takes; None is flat.
    annual_mwh
        Energy of a calendar year of the island, by year. [MWh]
    text
        How the numbers were found, for the report.
    """

    shape_series: str | None = None
    annual_mwh: Annotated[Mapping[int, NonNegative], Field(min_length=1)]
    text: str = Field(min_length=3)

    def year_mwh(self, year: int) -> Figure | None:
        """Give the energy of `year` [MWh], or None where no figure covers it."""
        return self.annual_mwh.get(year)


class GenerationClass(Thing):
    """A class of generation as measure counts it.

    Attributes
    ----------
    group
        What it is: ``wind``, ``pv``, ``bio``, ``waste``, ``other_renewable``, ``fossil``.
    metering
        Whose meters see it. ``market`` classes are in the settled files.
    renewable
        Counts as renewable in at least one boundary; `thermal` ones only in the ``_bio`` boundaries.
    carbon_free
        No direct emission and no life-cycle doubt: wind and PV.
    series
        The hourly series, where one is published.
    estimate
        A flagged estimate for hours without a series.
    unmeasured
        Why there is neither: rules that need the class answer ``unavailable``.
    factor_tco2e_per_mwh
        Direct emission per electricity. [tCO2e/MWh]
    """

    group: Literal["wind", "pv", "bio", "waste", "other_renewable", "fossil"]
    metering: Metering
    renewable: bool
    carbon_free: bool
    thermal: bool
    series: str | None = None
    estimate: Estimate | None = None
    unmeasured: str | None = None
    factor_tco2e_per_mwh: NonNegative


def _in_both(text: Any) -> Any:
    """Take one text for both languages where only one is written."""
    return text if isinstance(text, Mapping | Title) else {"ko": text, "en": text}


class Demand(Noun):
    """The demand that shares are held against.

    `net_of` names the classes whose output the series does not see: their energy is missing from it,
    so a boundary that counts them adds them to both sides.
    """

    series: str = Field(min_length=1)
    point: Annotated[Title, BeforeValidator(_in_both)]
    net_of: tuple[str, ...] = ()
    note: str | None = None
