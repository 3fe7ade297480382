"""Published numbers of a day held against the rebuilt hours: which definition reproduces which, and by how much not.

A printed number leaves three things open: what was counted (boundary and export rule), which hour its label
means, and sometimes the unit. Each is tried. The hour label is settled first and once for each publisher,
by what it says of the demand, which is metered; only then are the estimated quantities compared, so that no
label is picked because an estimate happens to fit it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import to_local
from tamna.lang import Message, _
from tamna.measure.reconstruct import HIGH, LOW, Day, Kind
from tamna.measure.words import Listing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.grid.facts import Statement

    Floats = NDArray[np.float64]

WHOLE_UNIT, HALF_PERCENT = 1.0, 0.005
"""Numbers are printed in whole MWh and whole percent or tenths; a miss below this is rounding."""

RULES: dict[str, Message] = {
    "coverage": _("coverage"),
    "proportional": _("proportional"),
    "thermal_first": _("thermal-first"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What a printed number may have counted: its name, title, and draws (draws, hours)."""

    name: str
    title: Message
    draws: Floats
    total: bool = False
    metered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Which hours of the day a label may mean; of an instant, the two that it lies between."""

    name: str
    title: Message
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A statement under one quantity and one meaning of its hours.

    Attributes
    ----------
    low, middle, high
        Ours, each for the two ends of what was said (twice the same for one number).
    misses
        How far the middle lies from what was said, the worse of the two ends.
    holds
        Whether what was said lies in our 80 % interval, rounding allowed.
    """

    quantity: Quantity
    hours: Hours
    low: tuple[float, float]
    middle: tuple[float, float]
    high: tuple[float, float]
    misses: float
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A statement and its readings: those that hold first, the closest before the others.

    Attributes
    ----------
    settled
        False where nothing holds under the hours that the publisher's demand is of, and something does
        under others.
    """

    statement: Statement
    readings: tuple[Reading, ...]
    settled: bool = True

    @property
    def best(self) -> Reading:
        """The closest reading."""
        return self.readings[0]

    @property
    def reproduced(self) -> bool:
        """Whether the closest reading misses by no more than rounding."""
        return self.best.misses <= _rounding(self.statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A printed surplus and export of one hour, closed with one candidate for the plant between them.

    Attributes
    ----------
    plant
        Which plant is put into the balance; `plant_mwh` what it made.
    hours
        The meaning of the hour label.
    implied_mwh, said_mwh
        Printed wind and PV, plus plant, less metered demand; and the printed export.
    """

    plant: Message
    named: tuple[str, ...]
    plant_mwh: float
    hours: Hours
    demand_mwh: float
    implied_mwh: float
    said_mwh: float

    @property
    def misses(self) -> float:
        """Implied less said [MWh]."""
        return self.implied_mwh - self.said_mwh


def hold(day: Day, statements: Sequence[Statement]) -> tuple[Verdict, ...]:
    """Hold every statement against the day; one that names hours outside the day is left out."""
    settled = _settle(day, statements)
    found = []
    for s in statements:
        meant = _meant(day, s, settled)
        readings = _readings(day, s, meant)
        elsewhere = [] if any(r.holds for r in readings) else _readings(day, s, list(_meanings(day, s)))
        only = any(r.holds for r in elsewhere)
        if readings:
            found.append(
                Verdict(statement=s, readings=tuple(elsewhere if only else readings), settled=not only)
            )
    return tuple(found)


def _readings(day: Day, s: Statement, meanings: Sequence[Hours]) -> list[Reading]:
    read = [r for hours in meanings for q in quantities(day, s.says) for r in _read(s, q, hours)]
    return sorted(read, key=_closest)


def _meant(day: Day, s: Statement, settled: Mapping[tuple[str, bool], str]) -> list[Hours]:
    """Give the hours that this publisher's label means; a window is taken whole where nothing settles it."""
    name = settled.get((s.source[0], s.at is None), "window")
    tried = list(_meanings(day, s))
    return [h for h in tried if h.name == name] or tried


def _closest(r: Reading) -> tuple[bool, float, int, str]:
    """Sort by whether it holds, then by the miss; of equals, what counts fewer things comes first."""
    return not r.holds, round(r.misses, 3), r.quantity.name.count("+"), r.quantity.name


def _settle(day: Day, statements: Sequence[Statement]) -> dict[tuple[str, bool], str]:
    """Find which hours each publisher's labels mean, from what it says of the metered demand.

    A publisher that prints shares and no demand is held to shares times metered demand.
    """
    settled: dict[tuple[str, bool], str] = {}
    metered = next(q for q in quantities(day, "demand") if q.metered)
    for s in statements:
        tried = (
            [r for hours in _meanings(day, s) for r in _read(s, metered, hours)] if s.says == "demand" else []
        )
        if tried:
            best = min(tried, key=lambda r: (round(r.misses, 1), r.hours.name != "window"))
            for source in s.source:
                settled.setdefault((source, s.at is None), best.hours.name)
    for source in {s.source[0] for s in statements if s.says == "share" and s.at is not None}:
        settled.setdefault((source, False), _label_of_shares(day, statements, source))
    return settled


def _label_of_shares(day: Day, statements: Sequence[Statement], source: str) -> str:
    """Find the label under which printed shares times metered demand give the printed wind and PV."""
    said = [end for s in statements if s.says == "wind_pv" for end in s.ends]
    astray: dict[str, float] = {}
    for s in statements:
        if s.says == "share" and s.at is not None and source in s.source and said:
            for hours in _meanings(day, s):
                made = s.ends[0] * float(day.demand[list(hours.at)].mean())
                far = max(min(said) - made, made - max(said), 0.0)
                astray[hours.name] = astray.get(hours.name, 0.0) + far
    return min(astray, key=lambda name: astray[name]) if astray else "end"


def _meanings(day: Day, s: Statement) -> Iterator[Hours]:
    """Give every run of hours that a label or window may mean."""
    clock = _clock(day)
    if s.at is not None:
        t = int(s.at[:2])
        if t - 1 in clock:
            yield Hours(
                name="end", title=_("{hour}:00 names the end of the hour", hour=t), at=(clock[t - 1],)
            )
        if t in clock:
            yield Hours(
                name="start", title=_("{hour}:00 names the start of the hour", hour=t), at=(clock[t],)
            )
        if t in clock and t - 1 in clock:
            both = (clock[t - 1], clock[t])
            yield Hours(name="instant", title=_("{hour}:00 is an instant", hour=t), at=both)
        return
    if s.during is None:
        return
    first, last = (int(text[:2]) for text in s.during)
    for a in range(first, last):
        for b in range(a + 2, last + 1):
            run = tuple(clock[h] for h in range(a, b) if h in clock)
            if len(run) == b - a:
                whole = (a, b) == (first, last)
                yield Hours(
                    name="window" if whole else f"{a}-{b}",
                    title=_("the hours from {first}:00 to {last}:00", first=a, last=b),
                    at=run,
                )


def _clock(day: Day) -> dict[int, int]:
    """Give the place of each clock hour (by its start) in the day; of a repeated hour the first."""
    local = to_local(day.valid_at, day.timezone)
    hour = (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    return {int(h): i for i, h in reversed(list(enumerate(hour)))}


def _read(s: Statement, q: Quantity, hours: Hours) -> Iterator[Reading]:
    part = q.draws[:, list(hours.at)]
    if np.isnan(part).all():
        return
    if q.total:
        ends = (part.sum(axis=1),) * 2
    elif s.range is not None:
        ends = (part.min(axis=1), part.max(axis=1))
    else:
        ends = (part.mean(axis=1),) * 2
    low, middle, high = (tuple(float(np.quantile(e, q_)) for e in ends) for q_ in (LOW, 0.5, HIGH))
    slack = _rounding(s)
    yield Reading(
        quantity=q,
        hours=hours,
        low=(low[0], low[1]),
        middle=(middle[0], middle[1]),
        high=(high[0], high[1]),
        misses=max(abs(m - said) for m, said in zip(middle, s.ends, strict=True)),
        holds=all(a - slack <= said <= b + slack for a, said, b in zip(low, s.ends, high, strict=True)),
    )


def _rounding(s: Statement) -> float:
    return HALF_PERCENT if s.unit == "%" else WHOLE_UNIT if s.unit != "h" else 0.0


def quantities(day: Day, says: str) -> tuple[Quantity, ...]:
    """Give everything that a number about `says` may have counted."""
    return tuple(_QUANTITIES[says](day)) if says in _QUANTITIES else tuple(_shares(day, says))


def _steady(day: Day, values: Floats) -> Floats:
    return np.broadcast_to(values, day.net_export.shape)


def _named(day: Day, group: str, *meterings: str) -> list[str]:
    return [n for n, r in day.classes.items() if r.of.group == group and r.of.metering in meterings]


def _demand(day: Day) -> Iterator[Quantity]:
    beyond = [n for n, r in day.classes.items() if not r.of.in_demand and r.of.metering == "ppa"]
    yield Quantity(name="demand", title=_("system demand"), draws=_steady(day, day.demand), metered=True)
    if beyond:
        yield Quantity(
            name="demand_ppa",
            title=_("demand with what PPA plants serve"),
            draws=day.demand + day.made(*beyond),
        )


def _driven(day: Day, *groups: str) -> Iterator[Quantity]:
    """Give wind, PV or both: as filed, with the bidders, with PPA plants, with what stands behind meters."""
    market = [n for g in groups for n in _named(day, g, "market")]
    ppa = [n for g in groups for n in _named(day, g, "ppa")]
    behind = [n for g in groups for n in _named(day, g, "behind_the_meter")]
    filed = np.asarray(sum((day.classes[n].filed for n in market), np.zeros(len(day))))
    yield Quantity(
        name="filed", title=_("as the public files have it"), draws=_steady(day, filed), metered=True
    )
    yield Quantity(name="market", title=_("the market's whole fleet"), draws=day.made(*market))
    if ppa:
        yield Quantity(name="ppa", title=_("with PPA plants"), draws=day.made(*market, *ppa))
    if behind:
        yield Quantity(
            name="btm",
            title=_("with PPA plants and behind the meter"),
            draws=day.made(*market, *ppa, *behind),
        )


def _plants(day: Day) -> Iterator[Quantity]:
    """Give every thermal class and every set of them."""
    thermal = [n for n, r in day.classes.items() if r.of.thermal and np.isfinite(r.draws).all()]
    for size in range(1, len(thermal) + 1):
        for names in combinations(thermal, size):
            yield Quantity(
                name="+".join(names),
                title=_("{plants}", plants=Listing(tuple(day.classes[n].of for n in names), " + ")),
                draws=day.made(*names),
                metered=all(day.classes[n].kind is Kind.MEASURED for n in names),
            )


def _export(day: Day) -> Iterator[Quantity]:
    yield Quantity(name="net_export", title=_("net export by balance"), draws=day.net_export)
    market = [*_named(day, "wind", "market"), *_named(day, "pv", "market")]
    surplus = day.made(*market) - day.demand
    yield Quantity(name="surplus", title=_("wind and PV less demand, nothing else"), draws=surplus)


def _export_total(day: Day) -> Iterator[Quantity]:
    for q in _export(day):
        yield Quantity(
            name=f"{q.name}_mwh", title=_("{what}, added up [MWh]", what=q.title), draws=q.draws, total=True
        )
        yield Quantity(name=f"{q.name}_mw", title=_("{what}, mean power [MW]", what=q.title), draws=q.draws)


def _shares(day: Day, _says: str) -> Iterator[Quantity]:
    filed = _steady(day, day.filed_share)
    yield Quantity(
        name="filed",
        title=_("wind and PV as the public files have it, over demand"),
        draws=filed,
        metered=True,
    )
    for b in day.boundaries:
        for rule, title in RULES.items():
            yield Quantity(
                name=f"{b.name}_{rule}",
                title=_("{boundary}; {rule}", boundary=b.title, rule=title),
                draws=day.shares[b.name, rule],
            )


def _full_hours(day: Day) -> Iterator[Quantity]:
    for q in _shares(day, "share"):
        reached = (q.draws >= 1.0).astype(float)
        yield Quantity(
            name=q.name, title=q.title, draws=np.where(np.isnan(q.draws), np.nan, reached), total=True
        )


def _factor(day: Day, group: str) -> Iterator[Quantity]:
    for name in _named(day, group, "market"):
        size = day.classes[name].size
        if size is not None:
            yield Quantity(
                name=name,
                title=_("{fleet} over {mw:.0f} MW", fleet=day.classes[name].of, mw=size.value),
                draws=day.classes[name].draws / size.value,
            )


_QUANTITIES: Mapping[str, Callable[[Day], Iterator[Quantity]]] = {
    "demand": _demand,
    "wind": lambda day: _driven(day, "wind"),
    "pv": lambda day: _driven(day, "pv"),
    "wind_pv": lambda day: _driven(day, "wind", "pv"),
    "must_run": _plants,
    "waste": lambda day: (q for q in _plants(day) if q.name == "waste"),
    "export": _export,
    "export_total": _export_total,
    "full_hours": _full_hours,
    "wind_factor": lambda day: _factor(day, "wind"),
    "pv_factor": lambda day: _factor(day, "pv"),
}


def close(day: Day, statements: Sequence[Statement]) -> tuple[Closure, ...]:
    """Close the printed balance: which plant, and which hour label, joins printed renewables and export?

    For each hour of which one publisher printed both wind and PV together and the export, every set of
    thermal plants, and the printed must-run plant, is put between them under every meaning of the label.
    Wind and PV are the printed ones: nothing here rests on a model. The smallest miss comes first.
    """
    found: list[Closure] = []
    for export in (s for s in statements if s.says == "export" and s.at is not None and s.value is not None):
        same = [s for s in statements if s.at == export.at and set(s.source) & set(export.source)]
        made = next((s.value for s in same if s.says == "wind_pv" and s.value is not None), None)
        if made is None:
            continue
        for hours in _meanings(day, export):
            at = list(hours.at)
            demand = float(day.demand[at].mean())
            for plant, names, mwh in _between(day, statements, at):
                found.append(
                    Closure(
                        plant=plant, named=names, plant_mwh=mwh, hours=hours, demand_mwh=demand,
                        implied_mwh=made + mwh - demand, said_mwh=export.ends[0],
                    )
                )  # fmt: skip
    found.sort(key=lambda c: (round(abs(c.misses), 3), len(c.named), c.named))
    once = {(c.hours.name, c.said_mwh, round(c.plant_mwh, 6)): c for c in reversed(found)}
    return tuple(c for c in found if once[c.hours.name, c.said_mwh, round(c.plant_mwh, 6)] is c)


def _between(
    day: Day, statements: Sequence[Statement], at: list[int]
) -> Iterator[tuple[Message, tuple[str, ...], float]]:
    """Give what may stand between surplus and export: sets of plants as metered, and the printed plant."""
    waste = [s for s in statements if s.says == "waste"]
    printed = {(s.value, s.called) for s in statements if s.says == "must_run" and s.value is not None}
    for value, called in sorted(printed, key=str):
        beside = sum(waste[0].ends) / 2 if waste else 0.0
        text = _("{mwh:.0f} MWh as printed ({called}) and printed waste", mwh=value, called=called or "-")
        yield text, (f"printed {called}", "waste"), float(value or 0.0) + beside
    for q in _plants(day):
        yield q.title, tuple(q.name.split("+")), float(np.median(q.draws[:, at].mean(axis=1)))
