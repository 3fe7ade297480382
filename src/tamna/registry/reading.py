"""Entries out of the database, and the state they lead to: each must follow from the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from tamna.errors import LedgerError, Place
from tamna.lang import _
from tamna.ledger.audit import form_of, head_of, restored
from tamna.ledger.book import record
from tamna.ledger.merkle import leaf_hash
from tamna.ledger.refusal import refuse
from tamna.registry import tables
from tamna.registry.packing import BEGIN, link, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from tamna.ledger.event import Event, Kind
    from tamna.ledger.state import State

__all__ = ["Known", "Stored", "batches", "caught_up", "entry_of", "numbers_of", "stored"]

_BATCH_BYTES: Final = 16_000_000  # of packed rows folded at a time: bounds the memory, not the answer
_AT_A_TIME: Final = 64  # entries asked for at a time
_HEADS_AT_A_TIME: Final = 4096
_TODO: Final = _("Go on with a copy that is whole.")


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it lies in the database."""

    seq: int
    head: bytes
    rows: bytes
    link: bytes

    def event(self) -> Event:
        """Read the entry; its rows must be those whose root is in its head.

        Raises
        ------
        LedgerError
            They are not, or one of both cannot be read.
        """
        try:
            kind, facts = head_of(self.head, self.seq)
            return restored(self.head, unpack(self.rows, facts["rows"], form_of(kind).itemsize), self.seq)
        except LedgerError as error:
            here = Place(path=f"#{self.seq}")
            raise LedgerError([replace(m, where=here) for m in error.mistakes]) from error


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What a registry holds in memory: a state, the chain up to it, and the hashes of its entries' heads."""

    state: State
    link: bytes = BEGIN
    leaves: bytes = b""

    @property
    def size(self) -> int:
        """How many entries it knows."""
        return self.state.size


def stored(here: Connection, first: int = 0) -> Iterator[Stored]:
    """Read entries as they lie there, from entry `first` on; a few at a time."""
    entry = tables.entry.c
    asked = select(entry.seq, entry.head, entry.rows, entry.link).order_by(entry.seq).limit(_AT_A_TIME)
    while some := here.execute(asked.where(entry.seq >= first)).all():
        for seq, head, rows, chain in some:
            yield Stored(seq, bytes(head), bytes(rows), bytes(chain))
        first = some[-1].seq + 1


def entry_of(here: Connection, number: int, leaves: bytes) -> Event:
    """Read one entry by its number; its head must hash to what stands in `leaves`, the hashes of all heads.

    Raises
    ------
    LedgerError
        It is not there, or it is another.
    """
    entry = tables.entry.c
    asked = select(entry.seq, entry.head, entry.rows, entry.link).where(entry.seq == number)
    found = here.execute(asked).one_or_none()
    if found is None:
        refuse(_("entries are missing from the journal"), of=f"#{number}", todo=_TODO)
    one = Stored(found.seq, bytes(found.head), bytes(found.rows), bytes(found.link))
    if leaf_hash(one.head) != leaves[32 * number : 32 * number + 32]:
        refuse(
            _("the entry does not follow from the one before: it was altered, or stands in another's place"),
            of=f"#{number}",
            todo=_TODO,
        )
    return one.event()


def numbers_of(here: Connection, *kinds: Kind) -> list[int]:
    """Give the numbers of the entries of some kinds, by their heads alone: no row is read."""
    marks = [f'"kind":"{kind}"'.encode() for kind in kinds]  # a text in a head has its quotes escaped
    entry, found, first = tables.entry.c, [], 0
    asked = select(entry.seq, entry.head).order_by(entry.seq).limit(_HEADS_AT_A_TIME)
    while some := here.execute(asked.where(entry.seq >= first)).all():
        for seq, head in some:
            if any(mark in bytes(head) for mark in marks) and head_of(bytes(head), seq)[0] in kinds:
                found.append(seq)
        first = some[-1].seq + 1
    return found


def caught_up(here: Connection, known: Known, stands: Mapping[str, Any]) -> Known:
    """Fold what was appended since.

    Raises
    ------
    LedgerError
        An entry does not follow from the one before, or the journal is not as long as `stands` says.
    """
    for batch in batches(stored(here, known.size)):
        chain, leaves = known.link, bytearray(known.leaves)
        events: list[Event] = []
        for one in batch:
            chain, leaf = followed(one, known.size + len(events), chain)
            leaves += leaf
            events.append(one.event())
        known = Known(record(known.state, *events), chain, bytes(leaves))
    if (stands["size"], bytes(stands["link"])) != (known.size, known.link):
        refuse(
            _("the journal is not as long as the ledger says"),
            seen=f"{known.size} / {stands['size']}",
            todo=_TODO,
        )
    return known


def followed(one: Stored, due: int, chain: bytes) -> tuple[bytes, bytes]:
    """Check that an entry is number `due` and follows from `chain`; give the chain after it, and its leaf.

    Raises
    ------
    LedgerError
        Entries are missing, or this one was altered or stands in another place.
    """
    if one.seq != due:
        refuse(_("entries are missing from the journal"), of=f"#{due}", todo=_TODO)
    leaf = leaf_hash(one.head)
    if one.link != (after := link(chain, leaf, one.rows)):
        refuse(
            _("the entry does not follow from the one before: it was altered, or stands in another's place"),
            of=f"#{due}",
            todo=_TODO,
        )
    return after, leaf


def batches(entries: Iterable[Stored]) -> Iterator[list[Stored]]:
    """Cut entries into batches of about as many packed bytes."""
    batch: list[Stored] = []
    size = 0
    for one in entries:
        batch.append(one)
        size += len(one.rows)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
