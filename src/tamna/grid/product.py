"""A product whose hours are to be proved: its site's meters, the papers it holds, and how its output falls into lots.

A product is a YAML file of a page. What no meter says is a shape, which is an assumption and says so: its readings
are marked as estimated wherever they go.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from tamna.errors import GridError, Place, gather
from tamna.grid.assets import Name, Thing, Title
from tamna.grid.document import Document, parse
from tamna.grid.explain import mistakes
from tamna.grid.figure import Day, Noun, Number, refuse
from tamna.grid.quantity import Efficiency, HydrogenUse, NonNegative, Positive
from tamna.grid.yamlfile import not_found, read_text
from tamna.lang import _

__all__ = [
    "Battery",
    "Electrolyser",
    "Lotting",
    "Paper",
    "Plant",
    "Product",
    "Shape",
    "Supply",
    "load_product",
    "packaged_products",
    "with_papers",
]

Scheme = Literal["rec", "green_premium", "ppa"]


class Shape(Noun):
    """How a typical year is spread over its hours, where no meter says it.

    Attributes
    ----------
    annual_mwh
        Energy of the year. [MWh]
    profile
        A standard load profile of the store, such as ``bdew/l1``; or
    day, month
        24 weights, hour by hour of island time, and 12 weights, month by month; 0 or more, not all 0. [-]
    """

    annual_mwh: Positive
    profile: str | None = None
    day: tuple[Annotated[Number, Field(ge=0)], ...] = ()
    month: tuple[Annotated[Number, Field(ge=0)], ...] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Shape:
        written = bool(self.day or self.month)
        if written == (self.profile is not None):
            refuse(_("a shape is a standard profile, or 24 weights of a day and 12 of a year"))
        if written and (
            len(self.day) != 24 or len(self.month) != 12 or not sum(self.day) or not sum(self.month)
        ):
            refuse(_("a shape has 24 weights of a day and 12 of a year, 0 or more and not all 0"))
        return self


class Supply(Thing):
    """A meter of the site that counts what it takes from all sides.

    Attributes
    ----------
    series
        Where its readings lie in the store; or
    shape
        What stands in for them.
    """

    series: str | None = None
    shape: Shape | None = None

    @model_validator(mode="after")
    def _read_or_assumed(self) -> Supply:
        if (self.series is None) == (self.shape is None):
            refuse(_("a meter has a series of readings, or a shape that stands in for them"))
        return self


class Plant(Thing):
    """A plant that serves the product: its own, or another's under a paper.

    Attributes
    ----------
    kind
        ``wind`` or ``pv``.
    owner
        ``self``, or who sells from it.
    capacity_kw
        [kW]
    zone
        Where it stands, if not in the product's zone: it has a meter then, and serves over a link that carried its energy.
    series
        Its meter in the store; without one it is taken to run like the island's fleet of its kind, estimated.
    fleet_share
        What it makes of the fleet's settled energy in every hour, where that is known better than by its capacity;
        it has no meter then. [-]
    """

    kind: Literal["wind", "pv"]
    owner: Name = "self"
    capacity_kw: Positive
    commissioned: Day
    zone: Name | None = None
    series: str | None = None
    fleet_share: Efficiency | None = None

    @model_validator(mode="after")
    def _read_or_assumed(self) -> Plant:
        if self.series is not None and self.fleet_share is not None:
            refuse(_("a plant with a meter needs no share of the fleet"), at="fleet_share")
        return self


class Battery(Thing):
    """A battery on the site: what its own plants made and nobody used goes in, and is used later.

    The supply meters count what the product uses, also out of the battery; its charging is no use of the product and
    stands on a meter of its own.

    Attributes
    ----------
    power_kw
        What it takes and gives at most. [kW]
    energy_kwh
        What it can give from full to empty. [kWh]
    round_trip
        What comes out of what goes in, stated low: it bounds what of its output has an origin. [-]
    charge, discharge
        Its meters in the store. Without them it is taken to run by rule (all surplus in, all that lacks out), estimated.
    tracing
        Which of the energy inside leaves first: ``fifo`` or ``proportional``.
    """

    power_kw: Positive
    energy_kwh: Positive
    round_trip: Efficiency
    commissioned: Day
    charge: str | None = None
    discharge: str | None = None
    tracing: Literal["fifo", "proportional"] = "fifo"

    @model_validator(mode="after")
    def _both_meters_or_none(self) -> Battery:
        if (self.charge is None) != (self.discharge is None):
            refuse(_("a battery has a meter for what goes in and one for what comes out, or none of both"))
        return self


class Paper(Noun):
    """A confirmation that the product's firm holds: a REC cancelled for it, green premium paid, a PPA.

    Attributes
    ----------
    number
        The paper's own; it is locked once it stands in a book.
    first, last
        Days of generation that it covers, both inclusive.
    volume_mwh
        [MWh]; a PPA may have none.
    plant
        Of which plant; without one the volume has no hours and counts in the annual score alone.
    """

    number: str = Field(min_length=1, max_length=120)
    scheme: Scheme
    first: Day
    last: Day
    volume_mwh: NonNegative | None = None
    plant: Name | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Paper:
        if self.last < self.first:
            refuse(_("its last day lies before its first"), at="last")
        if self.volume_mwh is None and self.scheme != "ppa":
            refuse(_("a REC and a green premium have a volume"), at="volume_mwh")
        if self.plant is not None and self.scheme == "green_premium":
            refuse(_("a green premium is of no plant"), at="plant")
        return self


class Electrolyser(Noun):
    """What turns a product's electricity into hydrogen, and by which declared numbers the rules are counted.

    Attributes
    ----------
    process
        ``pem``, ``alkaline`` or ``aem`` on liquid water, ``soec`` on outside steam.
    capacity_kw
        What it can take at most, auxiliaries included. [kW]
    kwh_per_kg
        Electricity of a kilogram, auxiliaries included. [kWh/kg]
    hydrogen
        Where its hydrogen meter lies in the store, [kg] an hour; without one the mass follows from `kwh_per_kg` and
        is estimated.
    buffer_kg
        Hydrogen that its store held before the first batch. [kg]
    grid_tco2e_per_mwh
        Life-cycle carbon of grid electricity; its range is what a tier is stated over. [tCO2e/MWh]
    price
        The zone's day-ahead price in the store [KRW/kWh]; without one no hour is a low-price hour.
    krw_per_eur, allowance_eur
        At what rate that price is set against the EU's limits, and the price of an EU allowance. [KRW/EUR; EUR/t]
    prepared
        Papers that are not in force: they enter no book, and what they would change is shown beside.
    """

    process: Literal["pem", "alkaline", "aem", "soec"]
    capacity_kw: Positive
    kwh_per_kg: HydrogenUse
    hydrogen: str | None = None
    buffer_kg: NonNegative | None = None
    grid_tco2e_per_mwh: Positive
    price: str | None = None
    krw_per_eur: Positive | None = None
    allowance_eur: NonNegative | None = None
    prepared: tuple[Paper, ...] = ()

    @model_validator(mode="after")
    def _price_in_euro(self) -> Electrolyser:
        if self.price is not None and self.krw_per_eur is None:
            refuse(_("a price in won needs a rate: the EU's limits are in euro"), at="krw_per_eur")
        return self


class Lotting(Noun):
    """How the output falls into lots.

    Attributes
    ----------
    every
        One lot a day, a calendar month, or the whole period.
    name
        Its name; ``{day}`` is its first day.
    pieces
        Into how many equal lots each of these falls, such as the hen houses. [-]
    """

    every: Literal["day", "month", "period"] = "day"
    name: str = Field(default="{day}", min_length=1, max_length=60, pattern=r"^[A-Za-z0-9{}_.:-]+$")
    pieces: int = Field(default=1, ge=1, le=1000)

    @model_validator(mode="after")
    def _told_apart(self) -> Lotting:
        if self.every != "period" and "{day}" not in self.name:
            refuse(
                _("lots of several days or months would have one name"),
                todo=_("Put {day} into it: it becomes the first day of the lot."),
                at="name",
            )
        return self


class Product(Noun):
    """A product, from meter to lot.

    Attributes
    ----------
    geography
        ``zone``: plants of its own zone alone serve it; ``link``: others too, as far as a link carried their energy.
    export_rule
        What an export of the zone is taken to carry off before the rest is evidence of the place (`grid.rules`).
    """

    name: Name
    title: Title
    zone: Name
    process: Title
    site: Name | None = None
    supply: tuple[Supply, ...] = Field(min_length=1)
    plants: tuple[Plant, ...] = ()
    battery: Battery | None = None
    papers: tuple[Paper, ...] = ()
    lots: Lotting = Lotting()
    geography: Literal["zone", "link"] = "zone"
    export_rule: Literal["thermal_first", "coverage", "proportional"] = "thermal_first"
    electrolyser: Electrolyser | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _papers_of_known_plants(self) -> Product:
        plants = {p.name: p for p in self.plants}
        for i, plant in enumerate(self.plants):
            if plant.zone not in {None, self.zone} and self.geography != "link":
                refuse(_("a plant of another zone serves over a link: say so"), at=f"plants[{i}].zone",
                       todo=_("Write geography: link."))  # fmt: skip
            if plant.zone not in {None, self.zone} and plant.series is None:
                refuse(_("a plant of another zone needs a meter of its own"), at=f"plants[{i}].series")
        prepared = () if self.electrolyser is None else self.electrolyser.prepared
        placed = [(f"papers[{i}]", p) for i, p in enumerate(self.papers)]
        placed += [(f"electrolyser.prepared[{i}]", p) for i, p in enumerate(prepared)]
        for at, paper in placed:
            if paper.plant is not None and paper.plant not in plants:
                refuse(
                    _("no such plant in the file"),
                    todo=_("Known here: {names}.", names=", ".join(plants) or "–"),
                    at=f"{at}.plant",
                )
            if paper.plant is not None and plants[paper.plant].owner == "self":
                refuse(_("what is its own needs no paper"), at=f"{at}.plant")
        if self.electrolyser is not None and self.lots.every == "period":
            refuse(
                _("a batch of hydrogen lasts one calendar month at most: cut its lots by day or month"),
                at="lots",
            )
        if self.battery is not None and not any(p.owner == "self" for p in self.plants):
            refuse(_("a battery stores what the site's own plants make, and there is none"), at="battery")
        for names in (
            [p.name for p in (*self.plants, *([] if self.battery is None else [self.battery]))],
            [p.number for _at, p in placed],
            [s.name for s in self.supply],
        ):
            if len(set(names)) != len(names):
                refuse(_("two entries of one name"))
        return self

    @model_validator(mode="after")
    def _each_meter_once(self) -> Product:
        """Refuse a series that stands twice: what it counted would be used twice, or made twice."""
        read = [(f"supply[{i}].series", one.series) for i, one in enumerate(self.supply)]
        read += [(f"plants[{i}].series", one.series) for i, one in enumerate(self.plants)]
        if self.battery is not None:
            read += [("battery.charge", self.battery.charge), ("battery.discharge", self.battery.discharge)]
        seen: set[str] = set()
        for at, series in read:
            if series in seen:
                refuse(_("two meters read one series: it would count twice"), at=at)
            if series is not None:
                seen.add(series)
        return self


def packaged_products() -> tuple[str, ...]:
    """List the names of the products that come with tamna."""
    return tuple(sorted(f.name.removesuffix(".yaml") for f in _shelf().iterdir() if f.name.endswith(".yaml")))


def load_product(name_or_path: str | Path) -> Product:
    """Read a product: a packaged one by name, or a YAML file.

    Raises
    ------
    GridError
        With every mistake of the file, each with its line and path.
    """
    text, shown = _read(name_or_path)
    document = parse(text, shown)
    found = list(document.mistakes)
    product: Product | None = None
    if isinstance(document.data, dict):
        try:
            product = Product.model_validate(document.data)
        except ValidationError as error:
            found += mistakes(error, document, Product)
    gather(sorted(found, key=lambda m: m.where.line or 0), GridError)
    if product is None:
        raise GridError(_("a product file is a group of names and values"), where=Place(file=shown))
    return product


def with_papers(product: Product, papers: tuple[Paper, ...]) -> Product:
    """Give the product with further papers, under the same checks.

    Raises
    ------
    GridError
        A paper names a plant that the product has not, or stands there already.
    """
    try:
        return Product.model_validate(
            {**product.model_dump(by_alias=True), "papers": (*product.papers, *papers)}
        )
    except ValidationError as error:
        document = Document(
            file=product.name, data={"papers": [p.model_dump() for p in (*product.papers, *papers)]}
        )
        raise GridError(mistakes(error, document, Product)) from error


def _shelf() -> resources.abc.Traversable:
    return resources.files("tamna.grid") / "products"


def _read(name_or_path: str | Path) -> tuple[str, str]:
    shown = str(name_or_path)
    if shown in packaged_products():
        return (_shelf() / f"{shown}.yaml").read_text("utf-8"), f"{shown}.yaml"
    what = _("no such product file, and no packaged product of this name")
    return read_text(Path(name_or_path), not_found(what, shown, packaged_products()))
