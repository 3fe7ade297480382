"""What the rules need beside renewables and load: all generation, imports and exports of each hour.

Measured where every class and the links are measured. Otherwise, hour by hour, the balance
G + I - X = D gives one unknown, flagged as an estimate:

- links measured, some generation not: G = D - I + X;
- thermal generation measured, links not: net import = D - G, as import or as export. Flows in both
  directions at once, and classes without data, disappear into it; both are said.

With neither, there is no answer. Nor is there one by balance over the links in hours in which a class
is flagged `Flag.COVERAGE`: the plants that its series lacks would be taken for imports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import Message, _
from tamna.measure.words import Listing
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.measure.island import Energy, Flags, HourClass, IslandHours

ESTIMATED = np.uint16(Flag.ESTIMATED)
COVERAGE = np.uint16(Flag.COVERAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Generation within the demand, and the links, hour by hour.

    Attributes
    ----------
    generation_mwh, import_mwh, export_mwh : (hours,) [MWh]
        NaN together where there is no answer.
    flag : (hours,)
        Flags of what the three stand on.
    measured : (hours,) bool
        Where all three are measured, none by balance.
    how
        Where any hour is by balance: how, and what it swallows.
    """

    generation_mwh: Energy
    import_mwh: Energy
    export_mwh: Energy
    flag: Flags
    measured: NDArray[np.bool_]
    how: Listing | None

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Where there is an answer, measured or by balance, (hours,)."""
        return np.isfinite(self.generation_mwh)


def supply(hours: IslandHours) -> Supply:
    """Find generation, imports and exports of each hour: measured, by balance, or not at all."""
    within = [c for c in hours.classes if c.in_demand]
    held = [c for c in within if c.column.held]
    unheld = [c for c in within if not c.column.held]
    made, made_flag = add_up(held, len(hours))
    links, imports, exports, link_flag = _links(hours)
    known = np.isfinite(made) & ((made_flag & COVERAGE) == 0)
    measured = known & links if not unheld else np.zeros(len(hours), dtype=bool)
    by_links = links & ~measured & np.isfinite(hours.demand.mwh)
    by_thermal = known & ~links & np.isfinite(hours.demand.mwh) & _thermal_known(held, len(hours))
    net = hours.demand.mwh - made
    balance = hours.demand.mwh - imports + exports
    flag = _only(made_flag, measured | by_thermal) | _only(link_flag, links)
    flag |= _only(hours.demand.flag | ESTIMATED, by_links | by_thermal)
    nothing = np.nan
    return Supply(
        generation_mwh=np.select([measured | by_thermal, by_links], [made, balance], nothing),
        import_mwh=np.select([measured | by_links, by_thermal], [imports, np.maximum(net, 0)], nothing),
        export_mwh=np.select([measured | by_links, by_thermal], [exports, np.maximum(-net, 0)], nothing),
        flag=flag,
        measured=measured,
        how=_how(unheld, by_links=bool(by_links.any()), by_thermal=bool(by_thermal.any())),
    )


def add_up(classes: list[HourClass] | tuple[HourClass, ...], n: int) -> tuple[Energy, Flags]:
    """Sum classes hour by hour; an hour misses where any class does. Flags are joined."""
    total, flag = np.zeros(n), np.zeros(n, dtype=np.uint16)
    for c in classes:
        total = total + c.column.mwh
        flag = flag | c.column.flag
    return total, flag


def why_not(hours: IslandHours, at: slice) -> Message:
    """Say what the balance lacks in the hours `at`, where `supply` has no answer."""
    within = [c for c in hours.classes if c.in_demand]
    missing: list[object] = []
    if not all(c is not None and np.isfinite(c.mwh[at]).any() for c in (hours.imports, hours.exports)):
        missing.append(_("imports and exports"))
    missing += [c for c in within if not np.isfinite(c.column.mwh[at]).any()]
    if not any(c.thermal for c in within):
        missing.append(_("thermal generation"))
    lacking = [c for c in within if (c.column.flag[at] & COVERAGE).any()]
    if lacking:
        missing.append(_("part of the fleet in {classes}", classes=Listing(tuple(lacking), " + ")))
    if not missing:
        return _("no hour of this period has generation, imports and exports together")
    return _("not measured in this period: {parts}", parts=Listing(tuple(missing)))


def _links(hours: IslandHours) -> tuple[NDArray[np.bool_], Energy, Energy, Flags]:
    n = len(hours)
    if hours.imports is None or hours.exports is None:
        gone = np.full(n, np.nan)
        return np.zeros(n, dtype=bool), gone, gone, np.zeros(n, dtype=np.uint16)
    both = np.isfinite(hours.imports.mwh) & np.isfinite(hours.exports.mwh)
    return both, hours.imports.mwh, hours.exports.mwh, hours.imports.flag | hours.exports.flag


def _thermal_known(held: list[HourClass], n: int) -> NDArray[np.bool_]:
    thermal = [c.column.mwh for c in held if c.thermal and not c.renewable]
    known = np.zeros(n, dtype=bool)
    for mwh in thermal:
        known |= np.isfinite(mwh)
    return known


def _only(flag: Flags, where: NDArray[np.bool_]) -> Flags:
    kept: Flags = flag * where.astype(np.uint16)
    return kept


def _how(unheld: list[HourClass], *, by_links: bool, by_thermal: bool) -> Listing | None:
    swallowed = Listing(tuple(unheld), " + ")
    parts = []
    if by_thermal:
        parts.append(
            _(
                "links not measured: net import estimated as demand minus measured generation "
                "(both directions at once cannot be seen; not measured and so inside it: {classes})",
                classes=swallowed,
            )
        )
    if by_links:
        parts.append(
            _(
                "generation not fully measured: estimated as demand minus imports plus exports "
                "(not measured: {classes})",
                classes=swallowed,
            )
        )
    return Listing(tuple(parts), "; ") if parts else None
