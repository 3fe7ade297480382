"""A product's firm, its meters, plants and papers, and its zone, entered into a book; what stands there already is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.errors import LedgerError, Place, UsageError
from tamna.grid.clock import parse_period
from tamna.lang import Message, _
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.claiming import hours_of
from tamna.ledger.event import Kind
from tamna.ledger.line import find
from tamna.ledger.load import covering
from tamna.ledger.nouns import Account, Attributes, Confirmation, Device, Entitlement, Right
from tamna.ledger.state import Standing
from tamna.runs.meters import Readings, fleet_mwh
from tamna.runs.restating import Correction, GivenBack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.grid.product import Paper, Plant, Product
    from tamna.ledger.event import Event
    from tamna.ledger.state import Claim, State
    from tamna.measure.island import IslandHours
    from tamna.runs.restating import Salts

__all__ = [
    "FLEETS",
    "Book",
    "account_of",
    "device_of",
    "enter_fleets",
    "enter_product",
    "enter_zone",
    "hours_of_claim",
    "issued_wh",
]

FLEETS: Final = ("wind", "pv")
_FIRST: Final = np.datetime64("2000-01-01T00:00:00", "s")
_CORRECTED: Final = "the store holds another reading"
_TECHNOLOGY: Final[dict[str, Any]] = {
    "wind": {"technology": "wind_onshore", "source": "wind"},
    "pv": {"technology": "solar_pv", "source": "solar"},
}


# entries that hold energy, mass or a volume: a proof of the entry beside shows their hash
_TELLING: Final = frozenset(
    {
        Kind.ISSUE, Kind.CONSUME, Kind.RESTATE, Kind.RESTATE_LOAD, Kind.CANCEL, Kind.GIVE_BACK, Kind.CONVERT, Kind.RIGHT,
        Kind.CONFIRM,
        Kind.FLOW, Kind.RESTATE_FLOW, Kind.BALANCE, Kind.RESTATE_BALANCE,
        Kind.DISCHARGE, Kind.RETRACE,
    }
)  # fmt: skip


class Book:
    """A state and what was added to it; each step is checked as it is written.

    Attributes
    ----------
    salts
        Gives the salt of an entry; without it entries go in as they are.
    notes
        What of a meter stands in the book and is no longer to be read.
    """

    def __init__(self, state: State, at: np.datetime64, salts: Salts = None) -> None:
        self.state, self.at, self.salts = state, at, salts
        self.entries: list[Event] = []
        self.corrections: list[Correction] = []
        self.returned: list[GivenBack] = []
        self.notes: list[Message] = []
        if not state.size:
            self.add(op.book(at))

    def add(self, *events: Event) -> int:
        """Write entries; gives the number of the last."""
        written = [self._salted(event, self.state.size + i) for i, event in enumerate(events)]
        self.state = record(self.state, *written)
        self.entries += written
        return self.state.size - 1

    def _salted(self, event: Event, number: int) -> Event:
        if self.salts is None or event.kind not in _TELLING:
            return event
        return event.salted(self.salts("entry", str(number), str(event.kind)))

    def correct(self, event: Event, name: str, held: NDArray[np.int64]) -> None:
        """Write a corrected reading, and keep what it changed and which claims it put under review."""
        entry, doubted = self._doubting(event)
        wh = "sent_wh" if event.kind is Kind.RESTATE_FLOW else "wh"
        self.corrections.append(
            Correction(
                entry=entry, name=name, load=event.kind is Kind.RESTATE_LOAD, start=event.rows["start"],
                before_wh=held, after_wh=event.rows[wh].astype(np.int64), estimated=event.rows["estimated"] > 0, claims=doubted,
            )
        )  # fmt: skip

    def give_back(self, event: Event) -> None:
        """Write that evidence of the place no longer stands, and keep how much and which claims had shown it."""
        entry, doubted = self._doubting(event)
        rows = event.rows
        self.returned.append(
            GivenBack(
                entry=entry, name=str(event.about["account"]), start=np.unique(rows["start"]),
                wh=int((rows["high"] - rows["low"]).sum(dtype=np.int64)), claims=doubted,
            )
        )  # fmt: skip

    def _doubting(self, event: Event) -> tuple[int, tuple[int, ...]]:
        """Write an entry; give its number and the claims that it put under review."""
        before = self.state.claims
        entry = self.add(event)
        return entry, tuple(
            e
            for e, c in self.state.claims.items()
            if c.standing is Standing.REVIEW and c.standing is not before[e].standing
        )

    def account(self, noun: Account) -> None:
        """Enter an account, unless it stands there."""
        if noun.name not in self.state.accounts:
            self.add(op.account(self.at, noun))

    def device(self, noun: Device) -> None:
        """Enter a device, unless it stands there."""
        if noun.name not in self.state.devices:
            self.add(op.device(self.at, noun))

    def meter_device(self, name: str, readings: Readings) -> None:
        """Issue what is new, restate what reads otherwise now."""
        line = self.state.line(name)
        row = find(line, readings.stamps)
        there = row >= 0
        held = np.where(there, line.base[row + 1] - line.base[row], -1)
        other = held != readings.wh
        other[there] |= line.estimated[row[there]] != readings.estimated[there]
        fresh, changed = readings.known & ~there, readings.known & there & other
        if n := int((there & ~readings.known).sum()):
            self.notes.append(
                _(
                    "{name}: {n} hours that stand in the book have no reading now; they stay as they were",
                    name=name,
                    n=n,
                )
            )
        if fresh.any():
            self.add(op.issue(self.at, name, _rows(readings, fresh)))
        if changed.any():
            event = op.restate(self.at, name, _rows(readings, changed), reason=_CORRECTED)
            self.correct(event, name, held[changed].astype(np.int64))

    def meter_account(self, name: str, readings: Readings) -> None:
        """Record what is new, restate what reads otherwise now."""
        load = self.state.load(name)
        where = np.minimum(np.searchsorted(load.start, readings.stamps), max(len(load.start) - 1, 0))
        there = (
            load.start[where] == readings.stamps if len(load.start) else np.zeros(len(readings.stamps), bool)
        )
        held = load.wh[where].astype(np.int64) if len(load.start) else readings.wh
        other = held != readings.wh
        other[there] |= load.estimated[where[there]] != readings.estimated[there]
        fresh, changed = readings.known & ~there, readings.known & there & other
        if fresh.any():
            self.add(op.consume(self.at, name, _rows(readings, fresh)))
        if changed.any():
            event = op.restate_load(self.at, name, _rows(readings, changed), reason=_CORRECTED)
            self.correct(event, name, held[changed].astype(np.int64))


def _rows(readings: Readings, which: NDArray[np.bool_]) -> NDArray[np.void]:
    return op.readings(readings.stamps[which], readings.wh[which], estimated=readings.estimated[which])


def account_of(product: Product) -> str:
    """Name the account of a product: its site and itself."""
    return product.name if product.site is None else f"{product.site}:{product.name}"


def device_of(product: Product, plant: Plant) -> str:
    """Name the device of a plant; one of somebody else is the same for all products."""
    return f"{account_of(product)}:{plant.name}" if plant.owner == "self" else f"{plant.owner}:{plant.name}"


def enter_zone(book: Book, island: Island, product: Product, hours: IslandHours, zone: str) -> None:
    """Enter the zone: its fleets, whose attribute is elsewhere, and its consumption."""
    book.account(Account(name=zone, zone=product.zone))
    for kind in FLEETS:
        most = max(
            (f.value for fleet in island.fleets if fleet.kind == kind for f in fleet.capacity_mw), default=0.0
        )
        seen = fleet_mwh(hours, kind)
        most = max(most, float(np.nanmax(seen)) if np.isfinite(seen).any() else 0.0, 1.0)
        book.device(
            Device(
                name=f"{product.zone}:{kind}", owner=zone, capacity_w=int(most * 1e6), zone=product.zone, since=_FIRST,
                attributes=Attributes.ELSEWHERE, **_TECHNOLOGY[kind],
            )
        )  # fmt: skip


def enter_product(book: Book, product: Product, account: str, timezone: str) -> None:
    """Enter the firm, its plants, and its papers: each once."""
    book.account(Account(name=account, zone=product.zone))
    for plant in product.plants:
        owner, zone = account if plant.owner == "self" else plant.owner, plant.zone or product.zone
        book.account(Account(name=owner, zone=zone))
        book.device(
            Device(
                name=device_of(product, plant), owner=owner, capacity_w=int(plant.capacity_kw.value * 1000),
                zone=zone, since=np.datetime64(plant.commissioned, "s"), meter=plant.series or "",
                **_TECHNOLOGY[plant.kind],
            )
        )  # fmt: skip
        _check_same(book.state.devices[device_of(product, plant)], plant, product)
    plants = {plant.name: plant for plant in product.plants}
    for paper in product.papers:
        _enter_paper(book, product, account, paper, plants=plants, timezone=timezone)


def _check_same(held: Device, plant: Plant, product: Product) -> None:
    """Refuse a plant that reads otherwise in the product file than in the book, where it cannot change."""
    said = (
        int(plant.capacity_kw.value * 1000),
        np.datetime64(plant.commissioned, "s"),
        plant.zone or product.zone,
    )
    if (held.capacity_w, held.since, held.zone) != said or held.source != _TECHNOLOGY[plant.kind]["source"]:
        raise UsageError(
            _("the plant stands in the book with another capacity, first day, kind or zone"),
            where=Place(path=f"{product.name}, {plant.name}"),
            seen=f"{held.capacity_w / 1000:g} kW, {held.since}",
            todo=_("Give an enlarged plant a name of its own."),
        )


def _enter_paper(
    book: Book, product: Product, account: str, paper: Paper, *, plants: dict[str, Plant], timezone: str
) -> None:
    """Lock a paper: with a plant it is a right to that plant's hours, without one it is a volume."""
    span = parse_period(paper.first.isoformat(), paper.last.isoformat(), timezone)
    wh = None if paper.volume_mwh is None else int(paper.volume_mwh.value * 1e6)
    noun: Right | Confirmation
    if paper.plant is None:
        if not wh:
            return
        noun = Confirmation(
            paper=paper.number,
            scheme=paper.scheme,
            account=account,
            start=span.start,
            end=span.end,
            volume_wh=wh,
        )
    else:
        noun = Right(
            paper=paper.number, kind=Entitlement.PPA if paper.scheme == "ppa" else Entitlement.REC, account=account,
            devices=(device_of(product, plants[paper.plant]),), start=span.start, end=span.end, limit_wh=wh,
        )  # fmt: skip
    held = book.state.rights.get(paper.number) or book.state.confirmations.get(paper.number)
    if held == noun:
        return  # entered with an earlier period of this product
    if held is not None and held.account == account:
        raise LedgerError(
            _("this paper stands in the book with other days, another volume or another plant"),
            where=Place(path=paper.number),
            todo=_("Give it as it was entered; a paper that was corrected has a number of its own."),
        )
    book.add(op.right(book.at, noun) if isinstance(noun, Right) else op.confirmation(book.at, noun))


def hours_of_claim(state: State, claim: Claim) -> NDArray[np.void]:
    """Give the hours of a claim as the book has them, (hours,) of event.CLAIM."""
    used = state.load(claim.account)
    where = covering(used, claim.account, claim.start, claim.end)
    return hours_of(used, where, [state.cancellations[c] for c in claim.cancellations])


def enter_fleets(book: Book, product: Product, hours: IslandHours, zone: str, notes: list[Message]) -> None:
    """Enter what the zone made and used; what plants under a paper made, anybody's in the book, is out of their fleet."""
    papered = {device for right in book.state.rights.values() for device in right.devices}
    for kind in FLEETS:
        seen = fleet_mwh(hours, kind)
        known = np.isfinite(seen)
        wh = np.floor(np.where(known, seen, 0.0) * 1e6).astype(np.int64)
        for name in papered:
            device = book.state.devices[name]
            if device.zone == product.zone and device.technology == _TECHNOLOGY[kind]["technology"]:
                wh = np.maximum(wh - issued_wh(book.state, name, hours.valid_at), 0)
        if (n := int((~known).sum())) and len(known):
            notes.append(
                _("{kind}: nothing is known in {n} hours; they are no evidence of the place", kind=kind, n=n)
            )
        book.meter_device(
            f"{product.zone}:{kind}",
            Readings(stamps=hours.valid_at, wh=wh, known=known, estimated=np.zeros(len(wh), bool)),
        )
    demand = hours.demand.mwh
    known = np.isfinite(demand)
    wh = np.floor(np.where(known, demand, 0.0) * 1e6).astype(np.int64)
    book.meter_account(
        zone, Readings(stamps=hours.valid_at, wh=wh, known=known, estimated=np.zeros(len(wh), bool))
    )


def issued_wh(state: State, name: str, stamps: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Give what was issued to a device in each hour; 0 where nothing. (hours,) [Wh]"""
    line = state.line(name)
    row = find(line, stamps)
    return np.where(row >= 0, line.base[row + 1] - line.base[row], 0).astype(np.int64)
