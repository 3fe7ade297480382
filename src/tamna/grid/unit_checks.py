"""What the figures of one thermal unit, or one battery, must agree on among themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tamna.grid.entries import entries, number_of
from tamna.grid.explain import at
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.errors import Mistake
    from tamna.grid.document import Document, Path

    Group = dict[str, Any]

HEAT = ("heat_rate_gj_per_mwh", "heat_curve", "heat_quadratic")
LEAST_RATE, MOST_RATE = 3.6, 72.0
"""As `tamna.grid.quantity.HeatRate`. [GJ/MWh]"""
EMPTY_PER_H, FULL_H = 60.0, 10_000.0
"""A battery that is empty within a minute, or lasts more than a year: one of its figures has another unit."""


def unit_mistakes(document: Document) -> Iterator[Mistake]:
    """Find heat told twice, curves that bend down, starts that cost less when colder, limits outside the unit's own."""
    for path, unit in entries(document, "thermal"):
        yield from _one_of(document, path, unit, HEAT)
        yield from _one_of(document, path, unit, ("start_cost_krw", "starts"))
        yield from _heat(document, path, unit)
        yield from _quadratic(document, path, unit)
        yield from _starts(document, path, unit)
        yield from _edges(document, path, unit)
        yield from _before(document, path, unit)
    for path, battery in entries(document, "batteries"):
        yield from _size(document, path, battery)


def _one_of(document: Document, path: Path, unit: Group, names: tuple[str, ...]) -> Iterator[Mistake]:
    given = [name for name in names if unit.get(name) not in (None, [])]
    if len(given) > 1:
        yield at(
            document,
            (*path, given[1]),
            _("is told by '{name}' already", name=given[0]),
            todo=_("Keep one of {names}.", names=", ".join(names)),
        )


def _groups(unit: Group, name: str) -> list[Group]:
    found = unit.get(name)
    return [p for p in found if isinstance(p, dict)] if isinstance(found, list) else []


def _capacity(unit: Group) -> float | None:
    given = unit.get("capacity_mw")
    numbers = [number_of(v) for v in (given if isinstance(given, list) else [given])]
    return max((n for n in numbers if n is not None), default=None)


def _heat(document: Document, path: Path, unit: Group) -> Iterator[Mistake]:
    points = [
        (number_of(p.get("share")), number_of(p.get("gj_per_mwh"))) for p in _groups(unit, "heat_curve")
    ]
    known = [(share, rate) for share, rate in points if share is not None and rate is not None]
    if not known or len(known) < len(points):
        return
    share, heat = [s for s, _r in known], [s * r for s, r in known]
    least = number_of(unit.get("min_output")) or 0.0
    where = (*path, "heat_curve")
    if share != sorted(set(share)) or share[-1] != 1.0 or share[0] > least:
        yield at(
            document,
            where,
            _("the points must rise from the lowest output, {least}, or less, to 1", least=f"{least:g}"),
            seen=", ".join(f"{s:g}" for s in share),
            todo=_("Give a heat rate at the lowest output, at 1, and where you know it between."),
        )
        return
    steps = pairwise(zip(share, heat, strict=True))
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in steps]
    if any(b < a - 1e-9 for a, b in pairwise(slopes)) or any(s < 0.0 for s in slopes):
        yield at(
            document,
            where,
            _("the next MWh takes less heat on the way up"),
            seen=", ".join(f"{s:.4g} GJ/MWh" for s in slopes),
            todo=_("Leave out points above the line between their neighbours."),
        )


def _quadratic(document: Document, path: Path, unit: Group) -> Iterator[Mistake]:
    bent, most = unit.get("heat_quadratic"), _capacity(unit)
    if not isinstance(bent, dict) or not most or most <= 0.0:
        return
    parts = [number_of(bent.get(name)) for name in ("gj_per_h", "gj_per_mwh", "gj_per_mw2_h")]
    if None in parts:
        return
    a, b, c = (p or 0.0 for p in parts)
    rate = a / most + b + c * most
    if not LEAST_RATE <= rate <= MOST_RATE:
        yield at(
            document,
            (*path, "heat_quadratic"),
            _("gives a heat rate outside [{low}, {high}] GJ/MWh at full output", low="3.6", high="72"),
            seen=f"{rate:.4g} GJ/MWh",
            todo=_("Give GJ, and the output in MW."),
        )


def _starts(document: Document, path: Path, unit: Group) -> Iterator[Mistake]:
    kinds = [(number_of(s.get("off_h")), number_of(s.get("cost_krw"))) for s in _groups(unit, "starts")]
    known = [(off, cost) for off, cost in kinds if off is not None and cost is not None]
    off, cost = [k[0] for k in known], [k[1] for k in known]
    if len(known) == len(kinds) and (off != sorted(set(off)) or cost != sorted(cost)):
        yield at(
            document,
            (*path, "starts"),
            _("starts must be listed from hot to cold, costs rising"),
            seen=", ".join(f"{o:g} h: {c:g}" for o, c in known),
            todo=_("Sort them by off_h."),
        )


def _edges(document: Document, path: Path, unit: Group) -> Iterator[Mistake]:
    most, least = _capacity(unit), number_of(unit.get("min_output"))
    for name in ("start_mw", "stop_mw"):
        value = number_of(unit.get(name))
        if value is not None and most is not None and least is not None and value < least * most - 1e-9:
            yield at(
                document,
                (*path, name),
                _("is less than the lowest stable output, {mw} MW", mw=f"{least * most:g}"),
                seen=f"{value:g}",
                todo=_("Correct one of the two."),
            )


def _before(document: Document, path: Path, unit: Group) -> Iterator[Mistake]:
    before = unit.get("before")
    if not isinstance(before, dict):
        return
    mw, most = number_of(before.get("mw")), _capacity(unit)
    if mw and before.get("on") is False:
        yield at(
            document, (*path, "before", "mw"), _("gives power while off"), seen=f"{mw:g}",
            todo=_("Correct one of the two."),
        )  # fmt: skip
    elif mw is not None and most is not None and mw > most:
        yield at(
            document, (*path, "before", "mw"), _("is more than the unit's capacity, {mw} MW", mw=f"{most:g}"),
            seen=f"{mw:g}", todo=_("Correct one of the two."),
        )  # fmt: skip


def _size(document: Document, path: Path, battery: Group) -> Iterator[Mistake]:
    power, energy = number_of(battery.get("power_mw")), number_of(battery.get("energy_mwh"))
    if power and energy and power > 0.0 and energy > 0.0:
        lasts = energy / power
        if lasts * EMPTY_PER_H < 1.0 or lasts > FULL_H:
            yield at(
                document,
                (*path, "energy_mwh"),
                _("would be empty after {h} h at full power", h=f"{lasts:.3g}"),
                seen=f"{energy:g}",
                todo=_("Is one of power_mw and energy_mwh written in kW or kWh?"),
            )
