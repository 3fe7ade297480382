"""The hourly answers: one track for each boundary and measure, with what each hour stands on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.rules import Rule, Share, coverage, hourly_matching, proportional, thermal_first
from tamna.lang import Message, _
from tamna.measure.supply import ESTIMATED, Supply, add_up
from tamna.measure.words import Listing
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.measure.boundaries import Boundary, Counted, Trait
    from tamna.measure.island import Energy, Flags, IslandHours


class Matching(StrEnum):
    """Measures beside the three export rules; none of them is a coverage of renewables."""

    HOURLY = "hourly_matching"
    CARBON_FREE = "carbon_free"
    CARBON_FREE_HOURLY = "carbon_free_hourly_matching"


Measure = Rule | Matching

FORMULAS: dict[Measure, Message] = {
    Rule.COVERAGE: _("coverage: R / L, not clipped; exports count at home"),
    Rule.PROPORTIONAL: _("proportional: (R + cI) / (R + O + I); exports leave with the mix of the hour"),
    Rule.THERMAL_FIRST: _(
        "thermal first: (R + cI - max(0, X - O - (1 - c)I)) / L; what is not renewable is exported first"
    ),
    Matching.HOURLY: _("hourly matching: sum of min(R, L) over sum of L; a surplus pays for no other hour"),
    Matching.CARBON_FREE: _("carbon-free: F / L, not clipped; F also counts what is not renewable"),
    Matching.CARBON_FREE_HOURLY: _("carbon-free hourly matching: sum of min(F, L) over sum of L"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a number means: every number carries one.

    `str()` gives the whole text; `as_dict` its parts with stable keys.
    """

    counted: Counted
    measure: Measure
    imports: object
    by_balance: Listing | None
    base: Message

    def __str__(self) -> str:
        added, left_out = self.counted.added_to_load, self.counted.left_out
        parts: list[object] = [
            FORMULAS[self.measure],
            _(
                "{letter} = {title} ({names})",
                letter="R" if _trait(self.measure) == "renewable" else "F",
                title=self.counted.boundary.title,
                names=Listing(self.counted.classes, " + "),
            ),
            _("L = system demand plus {added}", added=Listing(added, " + "))
            if added
            else _("L = system demand"),
        ]
        if left_out:
            parts.append(_("left out because not measured: {names}", names=Listing(left_out, " + ")))
        if self.measure in {Rule.PROPORTIONAL, Rule.THERMAL_FIRST}:
            parts.append(self.imports)
            if self.by_balance is not None:
                parts.append(_("estimate: {how}", how=self.by_balance))
        return str(Listing((*parts, self.base), "; ")) + "."

    def as_dict(self) -> dict[str, Any]:
        """Give the parts as JSON carries them."""
        return {
            "text": str(self),
            "formula": str(FORMULAS[self.measure]),
            "counted": list(self.counted.names),
            "left_out": [c.name for c in self.counted.left_out],
            "added_to_load": [c.name for c in self.counted.added_to_load],
            "metering_base": str(self.base),
        }


@dataclass(frozen=True, kw_only=True)
class Track:
    """One boundary under one measure, hour by hour.

    Attributes
    ----------
    share
        Numerator and denominator, (hours,) [MWh]; NaN together where not answered.
    renewable_mwh, estimated_mwh : (hours,) [MWh]
        R (or F), and the part of it that comes from estimated values.
    flag : (hours,)
        Flags of every input of the hour, joined.
    supply
        The generation and link flows that the rule stands on; None where it needs none.
    """

    boundary: Boundary
    measure: Measure
    definition: Definition
    share: Share
    renewable_mwh: Energy
    estimated_mwh: Energy
    flag: Flags
    supply: Supply | None

    ROWS = 8

    @cached_property
    def rows(self) -> NDArray[np.float64]:
        """What periods add up, (8, hours).

        Numerator, denominator, hours counted, hours with an estimated, a suspect, a coverage-flagged
        input, R, estimated part of R; all 0 in hours that are not counted.
        """
        counted = np.isfinite(self.share.numerator)
        rows = np.empty((self.ROWS, len(counted)))
        rows[0], rows[1], rows[2] = self.share.numerator, self.share.denominator, counted
        for row, bit in ((3, Flag.ESTIMATED), (4, Flag.SUSPECT), (5, Flag.COVERAGE)):
            rows[row] = (self.flag & np.uint16(bit)) != 0
        rows[6], rows[7] = self.renewable_mwh, self.estimated_mwh
        if not counted.all():
            rows[:, ~counted] = 0.0
        return rows


def tracks(
    hours: IslandHours, boundary: Boundary, measures: tuple[Measure, ...], flows: Supply
) -> dict[Measure, Track]:
    """Answer every hour for one boundary, under each of `measures`."""
    sides = {trait: _Side.of(hours, boundary, trait) for trait in {_trait(m) for m in measures}}
    return {m: _track(hours, sides[_trait(m)], m, flows) for m in measures}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """R (or F), L and what they stand on, for one boundary."""

    counted: Counted
    renewable: Energy
    within: Energy
    load: Energy
    estimated: Energy
    flag: Flags

    @staticmethod
    def of(hours: IslandHours, boundary: Boundary, trait: Trait) -> _Side:
        counted = boundary.resolve(hours, trait)
        n = len(hours)
        within, _flag = add_up([c for c in counted.classes if c.in_demand], n)
        added, _flag = add_up(counted.added_to_load, n)
        if counted.empty:
            within = np.full(n, np.nan)
        estimated = np.zeros(n)
        for c in counted.classes:
            guess = (c.column.flag & ESTIMATED) != 0
            if guess.any():
                estimated += np.where(guess, c.column.mwh, 0.0)
        return _Side(
            counted=counted,
            renewable=within + added,
            within=within,
            load=hours.demand.mwh + added,
            estimated=estimated,
            flag=_flag_of(counted) | hours.demand.flag,
        )


def _flag_of(counted: Counted) -> Flags | np.uint16:
    """Join the flags of what is counted; a class lacks no plants in hours in which another fills them in."""
    flag: Flags | np.uint16 = np.uint16(0)
    filled = {c.fills: np.isfinite(c.column.mwh) for c in counted.classes if c.fills}
    for c in counted.classes:
        own = c.column.flag
        if c.name in filled:
            own = np.where(filled[c.name], own & ~np.uint16(Flag.COVERAGE), own)
        flag = flag | own
    return flag


def _trait(measure: Measure) -> Trait:
    carbon_free = measure in {Matching.CARBON_FREE, Matching.CARBON_FREE_HOURLY}
    return "carbon_free" if carbon_free else "renewable"


def _track(hours: IslandHours, side: _Side, measure: Measure, flows: Supply) -> Track:
    needs_flows = measure in {Rule.PROPORTIONAL, Rule.THERMAL_FIRST}
    names = ("demand", *side.counted.names)
    if needs_flows:
        names = ("demand", *(n for n, c in hours.columns.items() if n != "demand" and c.held))
    return Track(
        boundary=side.counted.boundary,
        measure=measure,
        definition=Definition(
            counted=side.counted,
            measure=measure,
            imports=hours.import_mix,
            by_balance=flows.how,
            base=hours.metering_base(names),
        ),
        share=_share(hours, side, measure, flows),
        renewable_mwh=side.renewable,
        estimated_mwh=side.estimated,
        flag=_with_flows(side.flag, flows, hours.import_mix.renewable) if needs_flows else side.flag,
        supply=flows if needs_flows else None,
    )


def _share(hours: IslandHours, side: _Side, measure: Measure, flows: Supply) -> Share:
    if measure in {Rule.COVERAGE, Matching.CARBON_FREE}:
        return coverage(renewable=side.renewable, load=side.load)
    if measure in {Matching.HOURLY, Matching.CARBON_FREE_HOURLY}:
        return hourly_matching(renewable=side.renewable, load=side.load)
    other = flows.generation_mwh - side.within
    if not flows.measured.all():  # by balance, other generation may come out below nothing
        other = np.where(flows.measured, other, np.maximum(other, 0.0))
    part = hours.import_mix.renewable
    if measure is Rule.PROPORTIONAL:
        mixed = proportional(
            renewable=side.renewable, other=other, imports=flows.import_mwh, imports_renewable=part
        )
        return _where_load_known(mixed, side.load)
    return thermal_first(
        renewable=side.renewable,
        other=other,
        imports=flows.import_mwh,
        exports=flows.export_mwh,
        load=side.load,
        imports_renewable=part,
    )


def _where_load_known(share: Share, load: Energy) -> Share:
    """Keep the hours that the other rules count too, so that the three stand on the same hours."""
    unknown = np.isnan(load)
    if not unknown.any():
        return share
    return Share(np.where(unknown, np.nan, share.numerator), np.where(unknown, np.nan, share.denominator))


def _with_flows(flag: Flags, flows: Supply, part: float) -> Flags:
    joined = flag | flows.flag
    if part > 0:  # a yearly figure says nothing certain of an hour
        joined = joined | np.where(flows.import_mwh > 0, ESTIMATED, np.uint16(0))
    return joined.astype(np.uint16)
