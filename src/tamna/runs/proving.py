"""Which hours of a product were renewable: its meters, its plants and papers go into a book, and lots come out.

The book may hold earlier months and other products: what it holds is not entered again, a reading that changed since
is restated, and the claims that rested on it are made again. Everything is entries of `ledger`; nothing here can say
what the book would refuse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Place, UsageError
from tamna.grid.clock import Period, parse_period, to_local, to_utc
from tamna.grid.rules import Rule
from tamna.lang import Message, _
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.carried import LotShare
from tamna.ledger.event import Kind
from tamna.ledger.matching import Geography, Policy, match
from tamna.ledger.place import place
from tamna.ledger.score import Score, matched_over, score
from tamna.ledger.state import Standing, State
from tamna.measure.gather import gather
from tamna.runs.annual import annual
from tamna.runs.meters import battery_readings, plant_readings, supply_readings
from tamna.runs.proving_book import (
    FLEETS,
    Book,
    account_of,
    device_of,
    enter_fleets,
    enter_product,
    enter_zone,
    hours_of_claim,
    issued_wh,
)
from tamna.runs.proving_links import asks_for_links, enter_balance, enter_links, note_unavailable
from tamna.runs.restating import Restated, restated
from tamna.runs.storing import Stored, enter_battery, keep_energy, stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.grid.product import Product
    from tamna.ledger.event import Event
    from tamna.runs.restating import Salts
    from tamna.series import Store

__all__ = ["Lot", "Proved", "prove"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lot:
    """One lot as it stands in the book: `entry` is the number of its entry, `rows` its hours (`event.CLAIM`)."""

    name: str
    entry: int
    rows: NDArray[np.void]
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proved:
    """What a book says of a product over a period.

    Attributes
    ----------
    state, entries
        The book afterwards, and what was added to it.
    rows : (hours,) of event.CLAIM
        The product's hours, all its lots together.
    annual_wh
        What its papers and its own plants gave over the period, whenever; at most its load. A plant under papers of
        several counts once over all of them (`annual`). [Wh]
    papers_wh
        Of that, volumes. [Wh]
    over
        What its plants' output would match of its load if it counted over an hour, a day, a month, or the period. [Wh]
    notes
        What stands in for a meter, and what is not known.
    restated
        What readings corrected since did to what the book had claimed.
    stored
        What went through the battery on its site; None without one.
    """

    product: Product
    period: Period
    account: str
    state: State
    entries: tuple[Event, ...]
    rows: NDArray[np.void]
    score: Score
    lots: tuple[Lot, ...]
    annual_wh: int
    papers_wh: int
    over: Mapping[str, int]
    notes: tuple[Message, ...]
    restated: Restated = field(default_factory=Restated)
    stored: Stored | None = None

    @property
    def share_annual(self) -> float:
        """What the annual paper says: volumes over the period against the load, whatever the hour. [-]"""
        return self.annual_wh / self.score.load_wh if self.score.load_wh else float("nan")


def prove(
    store: Store,
    island: Island,
    product: Product,
    period: Period,
    *,
    at: np.datetime64,
    state: State | None = None,
    salts: Salts = None,
) -> Proved:
    """Enter a product's hours into a book and share them out over its lots.

    Parameters
    ----------
    state
        The book so far; None begins one.
    at
        The moment of the entries, not before the end of the period. [UTC]
    salts
        Gives the salt of an entry from words that name it (`ledger.shelf.salt`); without it nothing can be put on a shelf.

    Raises
    ------
    InputError, UsageError
        A meter without readings in some hour, a series or a profile that the store lacks, a part of a day.
    LedgerError
        What the book refuses: a paper that stood in it already for somebody else, more than a plant can give.
    """
    _check_days(period, island.timezone)
    _check_names(product, island)
    hours = gather(store, island, period)
    used = supply_readings(store, product, period, island.timezone)
    before = state or State()
    book = Book(before, at, salts)
    notes: list[Message] = [*used.notes]
    account, zone = account_of(product), f"{product.zone}:all"
    enter_zone(book, island, product, hours, zone)
    if asks_for_links(product):
        enter_links(book, island, product, store, period, notes)
        enter_balance(book, island, product, store, hours, notes)
        note_unavailable(book, product, hours, notes)
    enter_product(book, product, account, island.timezone)
    own = []
    for plant in product.plants:
        made = plant_readings(store, plant, hours, period)
        notes += made.notes
        own += [made] if plant.owner == "self" else []
        book.meter_device(device_of(product, plant), made)
    enter_fleets(book, product, hours, zone, notes)
    book.meter_account(account, used)
    if product.battery is not None:
        enter_battery(book, product, product.battery)
        meters = battery_readings(store, product, own, used, period, island.timezone)
        notes += meters[0].notes
        months = _months(period, island.timezone)
        keep_energy(
            book,
            product,
            product.battery,
            meters,
            months,
            lambda name, month: _claimed(book, name, month, salts),
        )
    lots = [
        lot
        for span in _spans(product, period, island.timezone)
        for lot in _lots(book, product, account, span, timezone=island.timezone, zone=zone, salts=salts)
    ]
    claims = dict.fromkeys(book.state.lots[book.state.lot_rows[lot.entry][0]].claim for lot in lots)
    rows = np.concatenate([hours_of_claim(book.state, book.state.claims[claim]) for claim in claims])
    whole = score(rows)
    paper = annual(book.state, product, period, island.timezone)
    over = _over(book.state, product, rows, island.timezone)
    return Proved(
        product=product, period=period, account=account, state=book.state, entries=tuple(book.entries),
        rows=rows, score=whole, lots=tuple(lots), annual_wh=min(paper.papers_wh + paper.own_wh, whole.load_wh),
        papers_wh=paper.papers_wh, over=over, notes=(*notes, *book.notes, *paper.notes), restated=restated(before, book.state, book.corrections, book.returned),
        stored=None if product.battery is None else stored(book.state, product, product.battery, rows, claims),
    )  # fmt: skip


def _check_days(period: Period, timezone: str) -> None:
    ends = to_local(np.array([period.start, period.end]), timezone)
    days = to_utc(
        ends.astype("datetime64[D]").astype("datetime64[s]"), timezone
    )  # where midnight is skipped, 1:00
    if (days != np.array([period.start, period.end])).any():
        raise UsageError(
            _("a product is proved over whole days"),
            seen=str(ends[0]),
            todo=_("Give --from and --to as days."),
        )


def _check_names(product: Product, island: Island) -> None:
    """Refuse a zone whose mix the island's is not, and names that stand in the book for a zone or its fleet."""
    own = [zone.name for zone in island.zones if not zone.external]
    if product.zone not in own:
        raise UsageError(
            _("the product's zone is none of the island's own"),
            where=Place(path=f"{product.name}, zone"),
            seen=product.zone,
            todo=_("Known here: {names}.", names=", ".join(own)),
        )
    if product.site is not None and product.name == "all":
        raise UsageError(
            _("a product of a site cannot have this name: it stands for a whole zone"), seen=product.name
        )
    for plant in product.plants:
        if plant.owner == product.zone:
            raise UsageError(_("a zone owns no plant: name the firm that sells from it"), seen=plant.name)


def _spans(product: Product, period: Period, timezone: str) -> Iterator[Period]:
    """Cut the period into what one claim covers: a calendar month, or all of it for a lot of the whole."""
    if product.lots.every == "period":
        yield period
        return
    yield from _months(period, timezone)


def _months(period: Period, timezone: str) -> Iterator[Period]:
    """Cut the period by calendar months."""
    local = to_local(np.array([period.start, period.end]), timezone)
    month = local[0].astype("datetime64[M]")
    while month.astype("datetime64[s]") < local[1]:
        first = max(local[0].astype("M8[D]"), month.astype("datetime64[D]"))
        last = min(local[1].astype("M8[D]"), (month + 1).astype("datetime64[D]")) - 1
        yield parse_period(str(first), str(last), timezone)
        month += 1


def _lots(
    book: Book, product: Product, account: str, span: Period, *, timezone: str, zone: str, salts: Salts
) -> list[Lot]:
    """Match, claim and share out a span, or take up what stands in the book for it."""
    _matched(book, product, account, span, zone)
    entry = _claimed(book, account, span, salts)
    sharing = next(
        (e for e, one in book.state.lots.items() if one.claim == entry and one.product == product.name), None
    )
    shares = _shares(product, span, timezone)
    if sharing is None or book.state.lots[sharing].shares != tuple(
        shares
    ):  # the file cuts its lots otherwise now
        old = _outlived(book.state, product, account, span) if sharing is None else [sharing]
        sharing = book.add(chains.share_out(book.at, product.name, shares, claim=entry, replaces=old or None))
        lot_salts = None if salts is None else partial(salts, product.name, str(sharing))
        book.add(*chains.lots_of(book.state, book.at, sharing, salts=lot_salts))
    found = []
    events = chains.lots_of(book.state, book.at, sharing)
    numbers = {name: e for e, (at, name) in book.state.lot_rows.items() if at == sharing}
    for event in events:
        name = str(event.about["lot"])
        found.append(Lot(name=name, entry=numbers[name], rows=event.rows, score=score(event.rows)))
    return found


def _matched(book: Book, product: Product, account: str, span: Period, zone: str) -> None:
    geography, rule = Geography(product.geography), Rule(product.export_rule)
    policy = Policy(name="tamna-product-1", geography=geography, export_rule=rule)
    book.add(*match(book.state, book.at, span.start, span.end, policy).entries)
    fleets = [f"{product.zone}:{kind}" for kind in FLEETS]
    while events := place(
        book.state, book.at, account, zone, fleets, start=span.start, end=span.end, rule=rule
    ):
        for event in events:
            book.add(event) if event.kind is Kind.CANCEL else book.give_back(event)
        if all(event.kind is Kind.CANCEL for event in events):
            return


def _claimed(book: Book, account: str, span: Period, salts: Salts) -> int:
    """Give the good claim over a span; make it, in the place of those inside that are under review or shorter."""
    inside = {
        e: c
        for e, c in book.state.claims.items()
        if c.account == account
        and c.standing is not Standing.REPLACED
        and c.start < span.end
        and c.end > span.start
    }
    free = [
        e
        for e, c in book.state.cancellations.items()
        if c.account == account
        and c.claim < 0
        and len(c.start)
        and c.start[0] < span.end
        and c.start[-1] >= span.start
    ]
    for entry, one in inside.items():
        if one.standing is Standing.GOOD and (one.start, one.end) == (span.start, span.end) and not free:
            return entry
        if one.start < span.start or one.end > span.end:
            raise UsageError(
                _("another claim of this product reaches beyond the period"),
                seen=f"{one.start}..{one.end}",
                todo=_("Ask for whole months, or for the period that was claimed."),
            )
    backing = sorted({*free, *(n for c in inside.values() for n in c.cancellations)})
    salt = None if salts is None else salts(account, str(span.start), str(span.end), str(book.state.size))
    return book.add(
        op.claim(
            book.state, book.at, account, span.start, span.end,
            cancellations=backing, replaces=sorted(inside), salt=salt,
        )
    )  # fmt: skip


def _outlived(state: State, product: Product, account: str, span: Period) -> list[int]:
    """Give the sharings of claims that were replaced and lay in the span: one claim may replace several."""
    return [
        entry
        for entry, one in state.lots.items()
        for claim in (state.claims[one.claim],)
        if one.product == product.name
        and claim.account == account
        and claim.standing is Standing.REPLACED
        and claim.start >= span.start
        and claim.end <= span.end
    ]


def _shares(product: Product, span: Period, timezone: str) -> list[LotShare]:
    """Cut a span into lots: days or the whole of it, and equal pieces of each."""
    edges = [span.start, span.end]
    if product.lots.every == "day":
        first, last = to_local(np.array(edges), timezone).astype("datetime64[D]")
        edges = list(to_utc(np.arange(first, last + 1).astype("datetime64[s]"), timezone))
    pieces = product.lots.pieces
    out = []
    for start, end in pairwise(edges):
        day = str(to_local(np.array([start]), timezone)[0].astype("datetime64[D]"))
        name = product.lots.name.replace("{day}", day)
        out += [LotShare(name if pieces == 1 else f"{name}.{k + 1}", start, end, 1) for k in range(pieces)]
    return out


def _over(state: State, product: Product, rows: NDArray[np.void], timezone: str) -> dict[str, int]:
    """Match the output of its plants with its load over longer and longer periods."""
    start, load = rows["start"], rows["load_wh"].astype(np.int64)
    names = [device_of(product, plant) for plant in product.plants]
    made = sum((issued_wh(state, name, start) for name in names), np.zeros(len(start), np.int64))
    local = to_local(start, timezone)
    codes = {
        "hour": start,
        "day": local.astype("datetime64[D]"),
        "month": local.astype("datetime64[M]"),
        "period": np.zeros(len(start), np.int64),
    }
    return {name: matched_over(load, made, code) for name, code in codes.items()}
