"""What contracts, products of reserve, classes of load and curves of a grid file must agree on with the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.grid.entries import entries, number_of
from tamna.grid.explain import at, nearest
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.errors import Mistake
    from tamna.grid.document import Document, Path
    from tamna.lang import Message

KINDS = {
    "thermal": "thermal", "link": "links", "battery": "batteries", "electrolyser": "electrolysers", "ev": "ev_fleets",
    "load": "loads", "fuel_cell": "fuel_cells", "condenser": "condensers",
}  # fmt: skip
"""How a dispatch calls an asset, ``battery:bukchon``, and where the file lists it."""
LOADS = ("electrolyser", "ev", "load")
HOLDERS = ("thermal", "link", "battery", "electrolyser", "ev")
"""Who can hold reserve."""


def promise_mistakes(document: Document) -> Iterator[Mistake]:
    """Find contracts and products that name nothing, fleets sold twice, shares that are more than all."""
    yield from _contracts(document)
    yield from _sold_twice(document)
    for path, item in entries(document, "reserves"):
        yield from _named(
            document,
            (*path, "providers"),
            item.get("providers"),
            [*HOLDERS],
            _("no such asset to hold reserve"),
        )
    yield from _more_than_all(document)
    yield from _curves(document)
    yield from _limits(document)


def _names(document: Document, kinds: list[str]) -> list[str]:
    return [
        f"{kind}:{item['name']}"
        for kind in kinds
        for _path, item in entries(document, KINDS[kind])
        if isinstance(item.get("name"), str)
    ]


def _named(document: Document, path: Path, given: Any, kinds: list[str], what: Message) -> Iterator[Mistake]:
    known = _names(document, kinds)
    for number, name in enumerate(given if isinstance(given, list) else []):
        if isinstance(name, str) and name not in known:
            yield from _unknown(document, (*path, number), name, known, what)


def _unknown(document: Document, path: Path, name: str, known: list[str], what: Message) -> Iterator[Mistake]:
    near = nearest(name, known)
    todo = (
        _("Did you mean '{near}'?", near=near) if near else _("Known: {names}.", names=", ".join(known[:12]))
    )
    yield at(document, path, what, seen=name, todo=todo)


def _supply(item: dict[str, Any]) -> dict[str, Any]:
    found = item.get("supply")
    return found if isinstance(found, dict) else {}


def _contracts(document: Document) -> Iterator[Mistake]:
    metering = {str(f.get("name")): f.get("metering") for _path, f in entries(document, "fleets")}
    for path, item in entries(document, "contracts"):
        yield from _named(document, (*path, "loads"), item.get("loads"), [*LOADS], _("no such load to match"))
        for fleet in _supply(item):
            where = (*path, "supply", fleet)
            if fleet not in metering:
                yield from _unknown(document, where, str(fleet), [*metering], _("unknown fleet"))
            elif metering[fleet] != "market":
                yield at(
                    document, where, _("a contract on a fleet that is not metered by the market: no dispatch sees it"),
                    seen=str(metering[fleet]), todo=_("Contract a fleet with metering: market."),
                )  # fmt: skip


def _sold_twice(document: Document) -> Iterator[Mistake]:
    sold: dict[str, float] = {}
    for path, item in entries(document, "contracts"):
        for fleet, part in _supply(item).items():
            sold[fleet] = sold.get(fleet, 0.0) + (number_of(part) or 0.0)
            if sold[fleet] > 1.0 + 1e-9:
                yield at(
                    document, (*path, "supply", fleet), _("more than all of a fleet is contracted"),
                    seen=f"{sold[fleet]:g}", todo=_("Let the contracts on one fleet add up to 1 at most."),
                )  # fmt: skip


def _more_than_all(document: Document) -> Iterator[Mistake]:
    shares = [number_of(item.get("share")) or 0.0 for _path, item in entries(document, "load_classes")]
    if sum(shares) > 1.0 + 1e-9:
        yield at(
            document, ("load_classes",), _("the classes of load add up to more than the demand"),
            seen=f"{sum(shares):g}", todo=_("Let their shares add up to 1 at most."),
        )  # fmt: skip


def _curves(document: Document) -> Iterator[Mistake]:
    for path, item in entries(document, "electrolysers"):
        found = item.get("curve")
        pieces = [p for p in (found if isinstance(found, list) else []) if isinstance(p, dict)]
        use = [number_of(p.get("kwh_per_kg")) or 0.0 for p in pieces]
        total = sum(number_of(p.get("share")) or 0.0 for p in pieces)
        if pieces and (abs(total - 1.0) > 1e-6 or use != sorted(use)):
            yield at(
                document, (*path, "curve"), _("the pieces must need more and more per kg, and add up to the whole load"),
                seen=f"{total:g}", todo=_("Sort them from the best on, and let their shares add up to 1."),
            )  # fmt: skip


def _limits(document: Document) -> Iterator[Mistake]:
    for path, item in entries(document, "loads"):
        given = item.get("load_mw")
        usual = [number_of(v) for v in (given if isinstance(given, list) else [given])]
        highest = max((n for n in usual if n is not None), default=None)
        most = number_of(item.get("most_mw"))
        if most is not None and highest is not None and highest > most:
            yield at(
                document, (*path, "most_mw"), _("is less than the load as it would be, {mw} MW", mw=f"{highest:g}"),
                seen=f"{most:g}", todo=_("Correct one of the two."),
            )  # fmt: skip
