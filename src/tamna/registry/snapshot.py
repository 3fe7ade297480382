"""A state of the book kept beside the journal, so that opening a large one is quick. Never an authority.

A snapshot is in parts: one for what is small, one a device, one an account, one for a thousand cancellations. It is used
if it is whole, of the form of state that this program knows (`values.FORM`), and belongs to this journal (its chain is
that of the entry it ends with), else the journal is read from its beginning. The audit makes it again and compares; one of
another form, which an earlier version kept, it leaves aside and says so.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select

from tamna.errors import LedgerError
from tamna.lang import _
from tamna.ledger.refusal import refuse
from tamna.registry import tables
from tamna.registry.reading import Known
from tamna.registry.values import FORM, from_bytes, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from tamna.ledger.state import Cancellation

__all__ = ["check", "current", "found", "keep", "parts"]

_TOGETHER: Final = 1000
_MOST_BYTES: Final = 2**30


def keep(to: Connection, known: Known) -> int:
    """Write the state as it stands in place of the snapshot before; give its size in bytes."""
    to.execute(delete(tables.snapshot))
    written = 0
    for name, raw in parts(known):
        packed = zlib.compress(raw, 1)
        written += len(packed)
        to.execute(
            insert(tables.snapshot).values(
                part=name, size=known.size, packed=packed, digest=_digest(name, known.size, packed)
            )
        )
    return written


def found(here: Connection) -> Known | None:
    """Give the snapshot, if there is one that is whole and belongs to the journal; else None."""
    try:
        kept = dict(_read(here))
        known = _known(kept) if kept else None
    except (LedgerError, ValueError, KeyError, TypeError, IndexError, OverflowError, struct.error):
        return None
    if known is None:
        return None
    chain = here.execute(select(tables.entry.c.link).where(tables.entry.c.seq == known.size - 1)).scalar()
    return known if chain is not None and bytes(chain) == known.link else None


def current(here: Connection, known: Known) -> bool:
    """Say whether there is a snapshot of all that is known, of our form, by its head alone."""
    part = tables.snapshot.c
    head = here.execute(select(part.size, part.packed).where(part.part == "head")).one_or_none()
    if head is None or head.size != known.size:
        return False
    try:
        return zlib.decompressobj().decompress(head.packed, len(FORM)) == FORM
    except zlib.error:
        return False


def check(here: Connection, known: Known) -> bool:
    """Refuse a snapshot that is not the state `known`, which the journal led to.

    Returns
    -------
    bool
        Whether it could be compared: not if there is none, nor if it is whole and of another form.

    Raises
    ------
    LedgerError
        A part is missing, altered, or not what the journal gives.
    """
    kept = dict(_read(here))
    if not kept or ("head" in kept and kept["head"][: len(FORM)] != FORM):
        return False
    due = dict(parts(known))
    for name in sorted(set(kept) ^ set(due)):
        refuse(_("a part of the snapshot is missing, or belongs to none"), of=name)
    for name, raw in due.items():
        if kept[name] != raw:
            refuse(_("the snapshot is not what the journal leads to"), of=name)
    return True


def parts(known: Known) -> Iterator[tuple[str, bytes]]:
    """Write a state in parts: each a name and bytes, the same for the same journal."""
    state = known.state
    small = replace(state, lines=(), loads=(), cancellations={})
    yield (
        "head",
        FORM
        + to_bytes((known.link.hex(), len(state.lines), len(state.loads), len(state.cancellations), small)),
    )
    yield "leaves", known.leaves
    for i, line in enumerate(state.lines):
        yield f"line/{i}", to_bytes(line)
    for i, load in enumerate(state.loads):
        yield f"load/{i}", to_bytes(load)
    every = list(state.cancellations.items())
    for i in range(0, len(every), _TOGETHER):
        yield f"cancelled/{i // _TOGETHER}", to_bytes(dict(every[i : i + _TOGETHER]))


def _known(kept: dict[str, bytes]) -> Known:
    if not kept["head"].startswith(FORM):
        refuse(_("the snapshot is of another form"), of="head")
    link, lines, loads, cancelled, small = from_bytes(kept["head"][len(FORM) :])
    cancellations: dict[int, Cancellation] = {}
    for i in range(0, cancelled, _TOGETHER):
        cancellations |= from_bytes(kept[f"cancelled/{i // _TOGETHER}"])
    state = replace(
        small,
        lines=tuple(from_bytes(kept[f"line/{i}"]) for i in range(lines)),
        loads=tuple(from_bytes(kept[f"load/{i}"]) for i in range(loads)),
        cancellations=cancellations,
    )
    if len(kept["leaves"]) != 32 * state.size:
        refuse(_("a part of the snapshot is missing, or belongs to none"), of="leaves")
    return Known(state, bytes.fromhex(link), kept["leaves"])


def _read(here: Connection) -> Iterator[tuple[str, bytes]]:
    size = None
    for name, of, packed, digest in here.execute(select(tables.snapshot).order_by(tables.snapshot.c.part)):
        if bytes(digest) != _digest(name, of, packed) or of != (size := size or of):
            refuse(_("a part of the snapshot was altered"), of=name)
        reader = zlib.decompressobj()
        try:
            raw = reader.decompress(packed, _MOST_BYTES)
        except zlib.error:
            refuse(_("a part of the snapshot was altered"), of=name)
        yield name, raw


def _digest(name: str, size: int, packed: bytes) -> bytes:
    return sha256(f"{name} {size} ".encode() + packed).digest()
