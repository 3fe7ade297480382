"""What only shows when two parts of a grid file are held together.

These checks read the plain data, so that they run beside the checks of single fields and all
mistakes of a file come at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.grid.entries import entries, number_of
from tamna.grid.explain import at, nearest
from tamna.grid.promises import promise_mistakes
from tamna.grid.unit_checks import unit_mistakes
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.errors import Mistake
    from tamna.grid.document import Document, Path
    from tamna.lang import Message

_NAMED = (
    "zones", "fleets", "thermal", "links", "batteries", "electrolysers", "hydrogen_stores", "fuel_cells",
    "sites", "fuels", "factors", "prices", "regimes", "settlements", "classes", "records", "sources", "ev_fleets",
    "loads", "hydrogen_users", "condensers", "contracts", "reserves", "load_classes",
)  # fmt: skip
_IN_ZONE = (
    "fleets", "thermal", "links", "batteries", "electrolysers", "hydrogen_stores", "fuel_cells", "sites",
    "ev_fleets", "loads", "hydrogen_users", "condensers",
)  # fmt: skip


def cross_mistakes(document: Document) -> Iterator[Mistake]:
    """Find every contradiction between the parts of one file."""
    if not isinstance(document.data, dict):
        return
    for check in (
        _names_twice,
        _unknown_zones,
        _links_to_nowhere,
        _unknown_fuels,
        _unknown_sources,
        _dates_backwards,
        _overfull_stores,
        _ramps_of_thermal,
        _operation_of_links,
        _places_of_fleets,
        _unmeasured_classes,
        _unknown_classes,
        _settled_twice,
    ):
        yield from check(document)
    yield from promise_mistakes(document)
    yield from unit_mistakes(document)


def _highest(value: Any) -> float | None:
    """Give the largest of a figure or a dated list of figures."""
    numbers = [number_of(v) for v in (value if isinstance(value, list) else [value])]
    return max((n for n in numbers if n is not None), default=None)


def _names(document: Document, section: str, key: str = "name") -> list[str]:
    return [str(item[key]) for _path, item in entries(document, section) if isinstance(item.get(key), str)]


def _names_twice(document: Document) -> Iterator[Mistake]:
    for section in _NAMED:
        key = "key" if section == "sources" else "name"
        first: dict[str, int | None] = {}
        for path, item in entries(document, section):
            name = item.get(key)
            if not isinstance(name, str):
                continue
            if name in first:
                yield at(
                    document,
                    (*path, key),
                    _("this name is taken, in line {line}", line=first[name]),
                    seen=name,
                    todo=_("Give each entry of '{section}' its own name.", section=section),
                )
            first.setdefault(name, document.line((*path, key)))


def _pointer(document: Document, path: Path, name: Any, known: list[str], what: Message) -> Iterator[Mistake]:
    if isinstance(name, str) and name not in known:
        near = nearest(name, known)
        if near:
            todo = _("Did you mean '{near}'?", near=near)
        elif known:
            todo = _("Known: {names}.", names=", ".join(known[:12]))
        else:
            todo = _("The file lists none yet: add it.")
        yield at(document, path, what, seen=name, todo=todo)


def _unknown_zones(document: Document) -> Iterator[Mistake]:
    zones = _names(document, "zones")
    for section in _IN_ZONE:
        for path, item in entries(document, section):
            yield from _pointer(document, (*path, "zone"), item.get("zone"), zones, _("unknown zone"))


def _links_to_nowhere(document: Document) -> Iterator[Mistake]:
    zones = _names(document, "zones")
    for path, item in entries(document, "links"):
        beyond = item.get("beyond")
        yield from _pointer(document, (*path, "beyond"), beyond, zones, _("a link to nowhere: unknown zone"))
        if beyond is not None and beyond == item.get("zone"):
            yield at(
                document,
                (*path, "beyond"),
                _("a link from a zone to itself"),
                seen=str(beyond),
                todo=_("Name the zone at the other end."),
            )


def _unknown_fuels(document: Document) -> Iterator[Mistake]:
    fuels = _names(document, "fuels")
    for path, item in entries(document, "thermal"):
        yield from _pointer(document, (*path, "fuel"), item.get("fuel"), fuels, _("unknown fuel"))


def _unknown_sources(document: Document) -> Iterator[Mistake]:
    keys = _names(document, "sources", "key")
    stack: list[tuple[Path, Any]] = [
        ((section,), value)
        for section, value in document.data.items()
        if section not in ("sources", "default_sources", "publication_delays")
    ]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            stack.extend(((*path, key), inner) for key, inner in reversed(value.items()))
            cited = value.get("source")
            for name in [cited] if isinstance(cited, str) else cited if isinstance(cited, list) else []:
                yield from _pointer(
                    document, (*path, "source"), name, keys, _("this source is not in the file's 'sources'")
                )
        elif isinstance(value, list):
            stack.extend(((*path, number), inner) for number, inner in reversed(list(enumerate(value))))


def _dates_backwards(document: Document) -> Iterator[Mistake]:
    for section, first, last in (
        ("regimes", "start", "end"),
        ("settlements", "start", "end"),
        ("thermal", "commissioned", "retired"),
        ("electrolysers", "commissioned", "retired"),
        ("condensers", "commissioned", "retired"),
    ):
        for path, item in entries(document, section):
            start, end = item.get(first), item.get(last)
            if isinstance(start, str) and isinstance(end, str) and end < start:
                yield at(
                    document,
                    (*path, last),
                    _("ends before it starts, on {start}", start=start),
                    seen=end,
                    todo=_("Swap the two days, or leave '{last}' out.", last=last),
                )


def _overfull_stores(document: Document) -> Iterator[Mistake]:
    for section, content, size in (
        ("batteries", "start_mwh", "energy_mwh"),
        ("hydrogen_stores", "start_kg", "capacity_kg"),
    ):
        for path, item in entries(document, section):
            start, most = number_of(item.get(content)), number_of(item.get(size))
            if start is not None and most is not None and start > most:
                yield at(
                    document,
                    (*path, content),
                    _("starts fuller than full: {size} is {most}", size=size, most=f"{most:g}"),
                    seen=f"{start:g}",
                    todo=_("Start with at most {most}.", most=f"{most:g}"),
                )


def _ramps_of_thermal(document: Document) -> Iterator[Mistake]:
    for path, item in entries(document, "thermal"):
        most = _highest(item.get("capacity_mw"))
        for ramp in ("ramp_up_mw_per_h", "ramp_down_mw_per_h"):
            value = number_of(item.get(ramp))
            if value is not None and most is not None and 0 < value <= 1 and most >= 20:
                yield at(
                    document,
                    (*path, ramp),
                    _("looks like a share of capacity; the unit is MW per hour"),
                    seen=f"{value:g}",
                    todo=_("Write {mw}.", mw=f"{value * most:g}"),
                )


def _operation_of_links(document: Document) -> Iterator[Mistake]:
    for path, item in entries(document, "links"):
        most = _highest(item.get("import_mw"))
        kept = number_of(item.get("operated_import_mw"))
        if most is not None and kept is not None and kept > most:
            yield at(
                document,
                (*path, "operated_import_mw"),
                _("is over the rated import of {most} MW", most=f"{most:g}"),
                seen=f"{kept:g}",
                todo=_("Correct one of the two."),
            )


def _places_of_fleets(document: Document) -> Iterator[Mistake]:
    for path, item in entries(document, "fleets"):
        places = (
            [p for p in item.get("places") or [] if isinstance(p, dict)] if _is_list(item, "places") else []
        )
        most = _highest(item.get("capacity_mw"))
        given = sum(number_of(p.get("capacity_mw")) or 0 for p in places)
        if places and most is not None and given > most * 1.001:
            yield at(
                document,
                (*path, "places"),
                _(
                    "the places add up to {given} MW, the fleet has {most} MW",
                    given=f"{given:g}",
                    most=f"{most:g}",
                ),
                todo=_("Correct the places or the fleet's capacity_mw."),
            )
        for number, place in enumerate(places):
            mix = [number_of(o.get("share")) for o in _list(place, "orientations") if isinstance(o, dict)]
            shares = [s for s in mix if s is not None]
            if shares and len(shares) == len(mix) and abs(sum(shares) - 1) > 1e-3:
                yield at(
                    document,
                    (*path, "places", number, "orientations"),
                    _("the shares of orientations add up to {total}, not 1", total=f"{sum(shares):g}"),
                    todo=_("Correct the shares."),
                )


def _is_list(item: dict[str, Any], key: str) -> bool:
    return isinstance(item.get(key), list)


def _list(item: dict[str, Any], key: str) -> list[Any]:
    found = item.get(key)
    return found if isinstance(found, list) else []


def _unmeasured_classes(document: Document) -> Iterator[Mistake]:
    for path, item in entries(document, "classes"):
        given = [key for key in ("series", "estimate", "unmeasured") if item.get(key)]
        if not given:
            yield at(
                document,
                path,
                _("a class with neither series nor estimate"),
                todo=_("Add series:, estimate:, or unmeasured: with the reason."),
            )


def _unknown_classes(document: Document) -> Iterator[Mistake]:
    demand = document.data.get("demand")
    if isinstance(demand, dict):
        known = _names(document, "classes")
        for number, name in enumerate(_list(demand, "net_of")):
            yield from _pointer(document, ("demand", "net_of", number), name, known, _("unknown class"))


def _settled_twice(document: Document) -> Iterator[Mistake]:
    """Find two rules of one kind, both real or both counterfactual, that pay the same seller on one day."""
    rules = [(p, r) for p, r in entries(document, "settlements") if isinstance(r.get("start"), str)]
    for number, (path, rule) in enumerate(rules):
        for _path, other in rules[:number]:
            alike = all(
                rule.get(k, d) == other.get(k, d) for k, d in (("kind", None), ("counterfactual", False))
            )
            sellers = [set(r.get("pays") or ("wind", "pv")) for r in (rule, other)]
            last, first = str(other.get("end") or "9999"), rule["start"]
            begins, ends = other["start"], str(rule.get("end") or "9999")
            if alike and sellers[0] & sellers[1] and first <= last and begins <= ends:
                yield at(
                    document,
                    (*path, "start"),
                    _("pays on days on which '{name}' pays too", name=str(other.get("name"))),
                    seen=first,
                    todo=_("End the older rule the day before."),
                )
