"""Entries out of the database, and the state they lead to: each must follow from the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

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

    from tamna.ledger.event import Event
    from tamna.ledger.state import State

__all__ = ["Known", "Stored", "batches", "caught_up", "stored"]

_BATCH_ROWS: Final = 2_000_000  # rows that are folded at a time: bounds the memory, not the answer
_TODO: Final = _("Look with tamna ledger audit; go on with a copy that is whole.")


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
        kind, facts = head_of(self.head, self.seq)
        return restored(self.head, unpack(self.rows, facts["rows"], form_of(kind).itemsize), self.seq)


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
    """Read entries as they lie there, from entry `first` on."""
    entry = tables.entry.c
    asked = (
        select(entry.seq, entry.head, entry.rows, entry.link).where(entry.seq >= first).order_by(entry.seq)
    )
    for seq, head, rows, chain in here.execute(asked.execution_options(yield_per=64)):
        yield Stored(seq, bytes(head), bytes(rows), bytes(chain))


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


def batches(stored: Iterable[Stored]) -> Iterator[list[Stored]]:
    """Cut entries into batches of about `_BATCH_ROWS` rows."""
    batch: list[Stored] = []
    rows = 0
    for one in stored:
        batch.append(one)
        rows += head_of(one.head, one.seq)[1]["rows"]
        if rows >= _BATCH_ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch
