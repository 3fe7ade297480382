"""Rows as they lie in the database: byte by byte in planes, then packed; and the chain over what lies there.

Rows of one entry differ little from each other: first all first bytes, then all second bytes and so on packs to a
third and in half the time.

::

    link = SHA-256(link before || SHA-256(0x00 || head) || SHA-256(packed rows))

So every stored byte counts: also one that unpacks to the same rows is a change.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.merkle import leaf_hash
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from tamna.ledger.event import Event

__all__ = ["BEGIN", "Packed", "link", "pack", "packed", "unpack"]

BEGIN: Final = bytes(32)  # the chain before the first entry


@dataclass(frozen=True, slots=True)
class Packed:
    """An entry as it is stored: its head, its rows packed, the hash of its head as a leaf of the tree."""

    head: bytes
    rows: bytes
    leaf: bytes


def packed(event: Event) -> Packed:
    """Make an entry ready to be stored."""
    head = event.leaf()
    return Packed(head, pack(event.rows.tobytes(), event.rows.itemsize), leaf_hash(head))


def link(before: bytes, leaf: bytes, rows: bytes) -> bytes:
    """Give the chain after an entry whose head hashes to `leaf` and whose packed rows are `rows`."""
    return sha256(before + leaf + sha256(rows).digest()).digest()


def pack(raw: bytes, width: int) -> bytes:
    """Pack rows of `width` bytes; nothing packs to nothing.

    Examples
    --------
    >>> unpack(pack(b"abcabc", 3), 2, 3)
    b'abcabc'
    """
    if not raw:
        return b""
    return zlib.compress(np.frombuffer(raw, np.uint8).reshape(-1, width).T.tobytes(), 1)


def unpack(blob: bytes, rows: int, width: int) -> bytes:
    """Unpack `rows` rows of `width` bytes; never more, whatever the packed bytes say.

    Raises
    ------
    LedgerError
        They are damaged, or of another length.
    """
    size = rows * width
    if size == 0 and not blob:
        return b""
    reader = zlib.decompressobj()
    try:
        raw = reader.decompress(blob, size + 1)
    except zlib.error:
        refuse(_("the packed rows are damaged"))
    if len(raw) != size or not reader.eof or reader.unused_data or reader.unconsumed_tail:
        refuse(_("the packed rows are of another length than the entry says"), seen=f"{len(raw)} / {size}")
    return np.frombuffer(raw, np.uint8).reshape(width, rows).T.tobytes()
