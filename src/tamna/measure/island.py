"""What `measure` looks at: an island's hours, every number with its flag, source and metering base."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, Mistake, Place, gather
from tamna.grid.clock import HOUR, iso
from tamna.lang import Message, _
from tamna.measure.words import Listing, in_words
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Energy = NDArray[np.float64]  # (hours,) [MWh]
    Flags = NDArray[np.uint16]  # (hours,) bits of `Flag`


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Between which bounds an estimate lies, hour by hour (hours,) [MWh]; the middle is the column's own.

    Attributes
    ----------
    low, high
        Of the hour alone.
    alike_low, alike_high
        The part of it that errs alike in every hour (a capacity, a share): it does not average out of a sum.
        What is left of `low` and `high` errs alike within a day, and anew the next.
    """

    low: Energy
    high: Energy
    alike_low: Energy
    alike_high: Energy


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One quantity hour by hour.

    Attributes
    ----------
    mwh : (hours,) [MWh]
        Energy of the hour; NaN where not measured.
    flag : (hours,) uint16
        Bits of `Flag`. `Flag.MISSING` and NaN say the same; either one takes the hour out.
    bases
        The metering bases that occur: ``settled``, ``system``, ``real-time``, ``estimated``...
    base : (hours,) or None
        Which of `bases` each hour stands on; None where there is one.
    within
        Where it is an estimate whose bounds are known: the bounds.
    """

    mwh: Energy
    flag: Flags
    bases: tuple[str, ...] = ("",)
    base: NDArray[np.int16] | None = None
    within: Within | None = None

    @staticmethod
    def of(mwh: object, base: str = "", flag: int | Flags = Flag.MEASURED) -> Column:
        """Make a column on one base; NaN is flagged missing."""
        values = np.array(mwh, dtype=np.float64)
        flags = np.full(values.shape, flag, dtype=np.uint16)
        gone = np.isnan(values) | ((flags & Flag.MISSING) != 0)
        values[gone] = np.nan
        flags[gone] |= np.uint16(Flag.MISSING)
        return Column(mwh=values, flag=flags, bases=(base,))

    @property
    def held(self) -> bool:
        """Whether any hour has a value."""
        return bool(np.isfinite(self.mwh).any())

    def bases_in(self, hours: slice | NDArray[np.bool_]) -> tuple[str, ...]:
        """Name the bases of the hours that have a value."""
        if self.base is None:
            return self.bases if np.isfinite(self.mwh[hours]).any() else ()
        used = np.unique(self.base[hours][np.isfinite(self.mwh[hours])])
        return tuple(self.bases[i] for i in used)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionFactor:
    """An emission factor and where it is from [tCO2e/MWh at the generator or link]."""

    tco2e_per_mwh: float
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourClass:
    """A class of generation in its hours.

    Attributes
    ----------
    name, title
        ``wind``, ``pv_btm``...; the title is anything with a text, translated when read.
    group
        ``wind``, ``pv``, ``bio``, ``waste``, ``other_renewable`` or ``fossil``.
    metering
        ``market``, ``ppa`` or ``behind_the_meter``.
    renewable, carbon_free, thermal
        What the island's file says it is. Bio heavy oil is renewable and thermal.
    assumed
        Whether its hours stand on an assumed figure: they may name missing energy and confirm nothing.
    fills
        Name of the class that lacks what this one estimates; empty where it is a class of its own.
    in_demand
        Whether the demand series includes what this class serves. Demand net of rooftop PV does not:
        counting that class adds it to the load too.
    """

    name: str
    column: Column
    title: object = ""
    group: str = ""
    metering: str = "market"
    renewable: bool = False
    carbon_free: bool = False
    thermal: bool = False
    in_demand: bool = True
    assumed: bool = False
    fills: str = ""
    factor: EmissionFactor | None = None

    def __str__(self) -> str:
        return str(self.title) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMix:
    """What imports are made of, as a declared yearly figure.

    Renewable and carbon-free differ: the mainland has nuclear. Without an hourly mix, a part above 0
    is an estimate and flags every hour with imports; 0 is the convention that imports count as not
    renewable, and every definition says so.
    """

    renewable: float = 0.0
    carbon_free: float = 0.0
    year: int | None = None
    source: str = ""
    factor: EmissionFactor | None = None

    def __str__(self) -> str:
        if self.renewable == 0 and self.carbon_free == 0:
            return str(_("imports count as not renewable (no hourly mix of where they come from)"))
        return str(
            _(
                "imports count as {renewable:.1%} renewable, {carbon_free:.1%} carbon-free "
                "(yearly figure {year}, {source}; an estimate for any single hour)",
                renewable=self.renewable,
                carbon_free=self.carbon_free,
                year=self.year if self.year is not None else "-",
                source=self.source or "-",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseChange:
    """A known change of what the series hold: plants leave or enter them at `at`, or during at..until.

    Attributes
    ----------
    between
        The classes that plants move between; a boundary that counts all of them, or none, is not
        touched. One class means that plants leave or enter the books altogether; ``demand`` touches
        every boundary.
    """

    at: np.datetime64
    between: tuple[str, ...]
    text: object
    until: np.datetime64 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IslandHours:
    """An island's hours at one point, gap-free in time, NaN where not measured.

    Attributes
    ----------
    valid_at : (hours,)
        UTC start of each hour; consecutive.
    demand
        The load that the shares stand against, at the point that `demand_point` names.
    classes
        Every class of generation of the island; those without data too, so that they can be named.
    imports, exports
        Gross flows over all links, or None where not measured.
    curtailment
        Published curtailed energy by kind (``wind``, ``pv``), NaN where nothing is published.
    curtailment_events
        Published events by kind: the day's count at its first hour, 0 in its other hours, NaN where
        nothing is published.
    changes
        Known changes of the metering base, from the island's regimes.
    receipts
        Where the numbers came from, as the store hands them over.

    Raises
    ------
    InputError
        No hours, hours that do not follow each other, arrays of another length, infinite energies,
        negative demand: all mistakes at once.
    """

    valid_at: Stamps
    demand: Column
    classes: tuple[HourClass, ...]
    imports: Column | None = None
    exports: Column | None = None
    import_mix: ImportMix = ImportMix()
    curtailment: Mapping[str, Column] = field(default_factory=dict)
    curtailment_events: Mapping[str, Column] = field(default_factory=dict)
    changes: tuple[BaseChange, ...] = ()
    timezone: str = "Asia/Seoul"
    name: str = ""
    demand_point: object = ""
    receipts: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        gather(_mistakes(self), InputError)

    def __len__(self) -> int:
        return len(self.valid_at)

    def __getitem__(self, name: str) -> HourClass:
        """Give the class `name`."""
        return next(c for c in self.classes if c.name == name)

    @property
    def demand_mwh(self) -> Energy:
        """Demand of each hour, (hours,) [MWh]."""
        return self.demand.mwh

    @property
    def generation_mwh(self) -> dict[str, Energy]:
        """Generation by class, each (hours,) [MWh]."""
        return {c.name: c.column.mwh for c in self.classes}

    @property
    def columns(self) -> dict[str, Column]:
        """Every energy column by name: demand, the classes, imports and exports where given."""
        links = {"import": self.imports, "export": self.exports}
        return (
            {"demand": self.demand}
            | {c.name: c.column for c in self.classes}
            | {name: column for name, column in links.items() if column is not None}
        )

    def metering_base(self, names: tuple[str, ...]) -> Message:
        """Say what the columns `names` are metered on."""
        whole = slice(None)
        parts = [
            _("{column}: {bases}", column=name, bases=in_words(self.columns[name].bases_in(whole)))
            for name in names
        ]
        if "demand" in names and str(self.demand_point):
            parts.append(_("demand point: {point}", point=self.demand_point))
        return _("metering base {parts}", parts=Listing(tuple(parts), "; "))


def _mistakes(hours: IslandHours) -> Iterator[Mistake]:
    n = len(hours.valid_at)
    if n == 0:
        yield Mistake(
            what=_("there are no hours to measure"), todo=_("Give a period that the store has hours for.")
        )
        return
    steps = np.diff(hours.valid_at.astype("datetime64[s]"))
    if (steps != HOUR).any():
        at = int(np.argmax(steps != HOUR))
        yield Mistake(
            what=_("the hours do not follow each other"),
            where=Place(hour=iso(hours.valid_at[at + 1])),
            todo=_("Give every hour of the period once, NaN where there is no value."),
        )
    others = {f"curtailment/{k}": v for k, v in hours.curtailment.items()} | {
        f"curtailment_events/{k}": v for k, v in hours.curtailment_events.items()
    }
    for name, column in (hours.columns | others).items():
        yield from _column_mistakes(hours, name, column, n)


def _column_mistakes(hours: IslandHours, name: str, column: Column, n: int) -> Iterator[Mistake]:
    if len(column.mwh) != n or len(column.flag) != n:
        yield Mistake(
            what=_("has another number of hours"),
            where=Place(column=name),
            seen=str(len(column.mwh)),
            todo=_("Give {n} values, one an hour.", n=n),
        )
        return
    checks = [(np.isinf(column.mwh), _("is infinite"))]
    if name in {"demand", "import", "export"}:
        checks.append((column.mwh < 0, _("is negative")))
    for bad, what in checks:
        if bad.any():
            at = int(np.argmax(bad))
            yield Mistake(
                what=what,
                where=Place(column=name, hour=iso(hours.valid_at[at])),
                seen=_("{value} MWh, {n} hours", value=float(column.mwh[at]), n=int(bad.sum())).__str__(),
                todo=_("Take the value out of the series (missing), or correct the source."),
            )
