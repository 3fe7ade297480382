"""Checkpoints in the database: the issuer signs how long the journal is and what its tree's root is.

Before a new one is signed the one before is held against the journal: a rewritten journal is never signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from tamna.lang import _
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.journal import checkpoint
from tamna.ledger.merkle import tree_of_hashes
from tamna.ledger.multibase import multikey
from tamna.ledger.refusal import refuse
from tamna.registry import snapshot, tables
from tamna.registry.address import trouble

if TYPE_CHECKING:
    import numpy as np
    from sqlalchemy import Connection

    from tamna.ledger.keys import SigningKey
    from tamna.ledger.nouns import KeyUse
    from tamna.ledger.state import State
    from tamna.registry.book import Registry

__all__ = ["checkpoints", "consistency", "key_of", "sign"]


def sign(registry: Registry, key: SigningKey, at: np.datetime64, *, keep: bool = False) -> dict[str, Any]:
    """Sign where the journal stands; where nothing is new, give the checkpoint that says so.

    Parameters
    ----------
    keep
        Also keep a snapshot of the state, so that the next opening need not read the journal.

    Raises
    ------
    LedgerError
        The key is not one of the book, or its use ended; the journal is not the one that was signed before; the clock
        ran backwards.
    """
    with trouble(registry.url), registry.writing() as to:
        signed = registry.standing(to)["signed"]
        known = registry.refreshed(to)
        use = key_of(known.state, key)
        before = _latest(to)
        if (0 if before is None else before["size"]) != signed:
            refuse(_("a checkpoint is missing"), seen=f"{signed}", todo=_("Look with tamna ledger audit."))
        if before is not None:
            if tree_of_hashes(known.leaves[: 32 * signed]).root.hex() != before["root"]:
                refuse(
                    _("the journal is not the one that was signed"), todo=_("Look with tamna ledger audit.")
                )
            if signed == known.size:
                if keep and not snapshot.current(to, known):
                    snapshot.keep(to, known)
                return before
        if at < known.state.at:
            refuse(_("the clock ran backwards"), of="checkpoint", hour=at)
        document = checkpoint(
            tree_of_hashes(known.leaves),
            key,
            issuer=use.issuer,
            method=use.name,
            at=at,
            previous=None if before is None else before["root"],
        )
        to.execute(insert(tables.checkpoint).values(size=known.size, document=canonical(document)))
        to.execute(update(tables.standing).values(signed=known.size))
        if keep:
            snapshot.keep(to, known)
    return document


def key_of(state: State, key: SigningKey) -> KeyUse:
    """Find a private key among the keys of the book.

    Raises
    ------
    LedgerError
        It is none of them, or no longer good.
    """
    public = multikey(key.public)
    use = next((k for k in state.keys.values() if k.public == public), None)
    if use is None:
        refuse(_("the key is none of the book's"), seen=public)
    if not use.good:
        refuse(_("the key's use has ended already"), seen=public)
    return use


def checkpoints(here: Connection) -> list[tuple[int, bytes]]:
    """Give all checkpoints, the earliest first: the size each is filed under, and its bytes."""
    asked = select(tables.checkpoint.c.size, tables.checkpoint.c.document).order_by(tables.checkpoint.c.size)
    return [(size, bytes(document)) for size, document in here.execute(asked)]


def consistency(registry: Registry, earlier: int) -> list[str]:
    """Prove that the journal of the latest checkpoint begins with the first `earlier` entries; hashes in hex.

    Raises
    ------
    LedgerError
        Nothing has been signed yet.
    """
    with trouble(registry.url), registry.reading() as here:
        known = registry.refreshed(here)
        latest = _latest(here)
    if latest is None:
        refuse(_("the journal was not signed yet"))
    return [h.hex() for h in tree_of_hashes(known.leaves[: 32 * latest["size"]]).consistency(earlier)]


def _latest(here: Connection) -> dict[str, Any] | None:
    asked = select(tables.checkpoint.c.document).order_by(tables.checkpoint.c.size.desc()).limit(1)
    document = here.execute(asked).scalar()
    if document is None:
        return None
    found = parse(bytes(document))
    if not isinstance(found, dict) or type(found.get("size")) is not int or "root" not in found:
        refuse(_("the checkpoint is something else"), todo=_("Look with tamna ledger audit."))
    return found
