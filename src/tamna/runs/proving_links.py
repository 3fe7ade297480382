"""A zone's links and balance into a book: what they carried, as far as the store holds a meter of it.

A link of the grid file whose `import_series` and `export_series` the store holds stands by itself. Else the links of an
island to one zone stand together, by the gross totals beside its demand (``jeju/import``, ``jeju/export``). Both are
read at the island: what arrived of an import is metered and what was sent follows from the declared loss; of an export
it is the other way round. What nobody metered does not enter: nothing crosses then, and what needs it is unavailable.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import HOUR, Period
from tamna.grid.rules import Rule
from tamna.lang import Message, _
from tamna.ledger import links
from tamna.ledger.across import Delivery, Link
from tamna.ledger.crossing import rows_of
from tamna.ledger.event import BALANCE_IN, BALANCE_OUT
from tamna.ledger.mix import leaving
from tamna.ledger.residual import closes, crossed_wh
from tamna.series.align import hourly_energy, needed
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.grid import Island, assets
    from tamna.grid.product import Product
    from tamna.measure.island import IslandHours
    from tamna.runs.proving_book import Book
    from tamna.series import Store

    Floats = NDArray[np.float64]
    Meter = tuple[Floats, NDArray[np.bool_]]  # (hours,) [MWh], NaN where not known; whether it is an estimate

TOLERANCE_PERMILLE: Final = 10
"""How much of what came into a zone in an hour its meters may leave unexplained, as the book's entry declares."""
_CORRECTED: Final = "the store holds another reading"

__all__ = ["TOLERANCE_PERMILLE", "asks_for_links", "enter_balance", "enter_links", "note_unavailable"]


def asks_for_links(product: Product) -> bool:
    """Say whether a product's policy rests on what links carried."""
    return product.geography == "link" or product.export_rule == "proportional"


def enter_links(  # noqa: PLR0917 (the book, what for, where from, when, what to say)
    book: Book, island: Island, product: Product, store: Store, period: Period, notes: list[Message]
) -> None:
    """Enter the links of a product's zone and what they carried in the period.

    Raises
    ------
    UsageError
        The grid file has no link to the zone of one of the product's plants.
    """
    near = [link for link in island.links if product.zone in {link.zone, link.beyond}]
    ends = {product.zone, *(link.zone for link in near), *(link.beyond for link in near)}
    for plant in product.plants:
        if (plant.zone or product.zone) not in ends:
            raise UsageError(
                _("the grid file has no link between the product's zone and its plant's"),
                seen=f"{plant.name}: {plant.zone}",
                todo=_("Known here: {names}.", names=", ".join(sorted(ends))),
            )
    for name, cables, meters in _metered(store, island, near, period):
        _enter(book, name, cables, meters, period)
        for (mwh, estimated), word in zip(meters, (_("import"), _("export")), strict=True):
            if estimated.any():
                notes.append(
                    _(
                        "{name}, {way}: estimated in {n} hours, which let no certificate cross",
                        name=name,
                        way=word,
                        n=int(estimated.sum()),
                    )
                )
            if not np.isfinite(mwh).any():
                notes.append(
                    _(
                        "{name}, {way}: the store holds no meter of it; none of it is evidence",
                        name=name,
                        way=word,
                    )
                )
        if len(cables) > 1 and any(np.isfinite(mwh).any() for mwh, _estimated in meters):
            notes.append(
                _("{name}: {n} cables are metered together and stand as one link", name=name, n=len(cables))
            )
    if not near:
        notes.append(_("{zone}: the grid file has no link; nothing crosses", zone=product.zone))


def note_unavailable(book: Book, product: Product, hours: IslandHours, notes: list[Message]) -> None:
    """Say in how many hours the proportional rule cannot be told, for the zone's export is not known."""
    if product.export_rule == "proportional":
        length_s = np.full(len(hours.valid_at), int(HOUR / np.timedelta64(1, "s")))
        _wh, told = leaving(book.state, product.zone, hours.valid_at, length_s, Rule.PROPORTIONAL)
        if n := int((~told).sum()):
            notes.append(
                _(
                    "{zone}: its export is not known in {n} hours; they give no evidence of the place",
                    zone=product.zone,
                    n=n,
                )
            )


def _metered(
    store: Store, island: Island, near: list[assets.Link], period: Period
) -> Iterator[tuple[str, list[assets.Link], tuple[Meter, Meter]]]:
    """Give each link, or the links to one zone together, with what the island's meters read in and out."""
    apart = [link for link in near if link.import_series is not None or link.export_series is not None]
    for link in apart:
        yield link.name, [link], (
            _read(store, link.import_series, period), _read(store, link.export_series, period)
        )  # fmt: skip
    together = [link for link in near if link not in apart]
    ends = dict.fromkeys((link.zone, link.beyond) for link in together)
    totals: tuple[str | None, str | None] = None, None
    if len(ends) == 1 and not apart:  # a total over links to two zones says of neither what came from it
        totals = f"{_beside(island)}/import", f"{_beside(island)}/export"
    for zone, beyond in ends:
        cables = [link for link in together if (link.zone, link.beyond) == (zone, beyond)]
        meters = _read(store, totals[0], period), _read(store, totals[1], period)
        yield f"{zone}-{beyond}", cables, meters


def _beside(island: Island) -> str:
    """Give what the names of the series beside an island's demand begin with."""
    return "" if island.demand is None else island.demand.series.rpartition("/")[0]


def _read(store: Store, name: str | None, period: Period) -> Meter:
    n = len(period.stamps())
    if name is None or not store.has(name):
        return np.full(n, np.nan), np.zeros(n, bool)
    column = hourly_energy(store.read(name, needed(period, 3600)), period)
    return column.value, (column.flag & np.uint16(Flag.ESTIMATED)) != 0


def _enter(
    book: Book, name: str, cables: list[assets.Link], meters: tuple[Meter, Meter], period: Period
) -> None:
    """Enter a link, unless it stands there, and its readings: what is new, and what reads otherwise now."""
    ends = (cables[0].beyond, cables[0].zone)
    loss = ceil(max(link.loss.value for link in cables) * 1000)
    rated = sum(max(f.value for f in (*link.import_mw, *link.export_mw)) for link in cables)
    seen = max((float(np.nanmax(mwh)) for mwh, _e in meters if np.isfinite(mwh).any()), default=0.0)
    if name not in book.state.links:
        noun = Link(
            name=name, ends=ends, capacity_w=int(max(rated, seen, 1.0) * 1e6), loss_permille=loss,
            both_ways=len(cables) > 1 or cables[0].technology == "vsc",
        )  # fmt: skip
        book.add(links.link(book.at, noun))
    loss = book.state.links[name].loss_permille
    for (mwh, estimated), into in zip(meters, (True, False), strict=True):
        here = np.floor(np.where(np.isfinite(mwh), mwh, 0.0) * 1e6).astype(np.int64)
        sent = links.sent_for(here, loss) if into else here
        way = ends if into else ends[::-1]
        _enter_flow(book, name, way, (period.stamps(), sent, np.isfinite(mwh), estimated))


def _enter_flow(book: Book, name: str, ends: tuple[str, str], readings: tuple[NDArray[Any], ...]) -> None:
    """Enter what a link sent one way: stamps, energy [Wh], whether it is known, whether it is an estimate; (hours,)."""
    stamps, sent, known, estimated = readings
    link = book.state.links[name]
    held = book.state.flows[name][link.ends.index(ends[0])]
    where, there = rows_of(held, stamps)
    before = np.where(there, held.sent_wh[where] if len(held.start) else 0, -1).astype(np.int64)
    other = before != sent
    other[there] |= held.estimated[where[there]] != estimated[there]
    fresh, changed = known & ~there, known & there & other
    for which, make in ((fresh, links.flow), (changed, links.restate_flow)):
        if which.any():
            rows = links.carried(
                stamps[which], sent[which], loss_permille=link.loss_permille, estimated=estimated[which]
            )
            more = {"reason": _CORRECTED} if make is links.restate_flow else {}
            event = make(book.at, name, rows, ends=ends, delivery=Delivery.DECLARED, **more)
            if more:
                book.correct(event, f"{name} ({ends[0]} > {ends[1]})", before[which])
            else:
                book.add(event)


def enter_balance(  # noqa: PLR0917 (as enter_links)
    book: Book, island: Island, product: Product, store: Store, hours: IslandHours, notes: list[Message]
) -> None:
    """Enter the zone's balance where all seven terms are metered, and say so where it is unavailable.

    Beside generation, import, export and demand it takes ``jeju/charge``, ``jeju/discharge`` and ``jeju/losses``.
    """
    prefix = _beside(island)
    period = Period(hours.valid_at[0], hours.valid_at[-1] + HOUR)
    made = [c.column for c in hours.classes if c.in_demand]
    terms = {
        "generation": np.sum([c.mwh for c in made], axis=0) if made else np.full(len(hours.valid_at), np.nan),
        "load": hours.demand.mwh,
        "imported": _read(store, f"{prefix}/import", period)[0],
        **{
            term: _read(store, f"{prefix}/{term}", period)[0]
            for term in ("export", "discharge", "charge", "losses")
        },
    }
    known = np.logical_and.reduce([np.isfinite(mwh) & (mwh >= 0) for mwh in terms.values()])
    guessed = [hours.demand.flag, *(c.flag for c in made)]
    estimated = np.logical_or.reduce([(flag & np.uint16(Flag.ESTIMATED)) != 0 for flag in guessed])
    if not known.any():
        notes.append(
            _(
                "{zone}: not every term of its balance is metered; its residual mix is unavailable",
                zone=product.zone,
            )
        )
        return
    wh = {term: np.floor(np.where(known, mwh, 0.0) * 1e6) for term, mwh in terms.items()}
    rows = links.balanced(hours.valid_at, estimated=estimated, **wh)
    for term, into in (
        ("import_wh", True),
        ("export_wh", False),
    ):  # as the book counts it, from the same meters
        crossed, told = crossed_wh(book.state, product.zone, rows, into=into)
        rows[term] = np.where(told, crossed, rows[term].astype(np.int64))
    good = closes(rows, np.array(TOLERANCE_PERMILLE))
    if n := int((known & ~good).sum()):
        notes.append(
            _("{zone}: the balance does not close in {n} hours; they are left out", zone=product.zone, n=n)
        )
    _enter_rows(book, product.zone, rows, known & good)


def _enter_rows(book: Book, zone: str, rows: NDArray[np.void], which: NDArray[np.bool_]) -> None:
    held = book.state.balances.get(zone)
    begins = np.empty(0, "M8[s]") if held is None else held.rows["start"]
    where = np.minimum(np.searchsorted(begins, rows["start"]), max(len(begins) - 1, 0))
    there = begins[where] == rows["start"] if len(begins) else np.zeros(len(rows), bool)
    fresh, changed = which & ~there, which & there
    if held is not None:
        names = [f"{term}_wh" for term in (*BALANCE_IN, *BALANCE_OUT)]
        same = np.logical_and.reduce([held.rows[n][where] == rows[n] for n in names]) & held.stands[where]
        changed &= ~same
    if fresh.any():
        book.add(links.balance(book.at, zone, rows[fresh], tolerance_permille=TOLERANCE_PERMILLE))
    if changed.any():
        book.add(
            links.restate_balance(
                book.at, zone, rows[changed], tolerance_permille=TOLERANCE_PERMILLE, reason=_CORRECTED
            )
        )
