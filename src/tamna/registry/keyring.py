"""The issuer's keys: private halves in a folder that only its owner may read, public halves in the journal.

A private key is never in the database. That a key began, was replaced or was revoked is an entry of the journal like any
other, so its history is signed too. Whom to believe is still the reader's own list (`trust`, handed over by another way).
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from tamna.errors import LedgerError, Place
from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger import operations as op
from tamna.ledger.certificate import method_name
from tamna.ledger.keys import SigningKey, fingerprint, load_key, save_key
from tamna.ledger.refusal import refuse
from tamna.registry.book import Registry
from tamna.registry.signing import sign

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from tamna.ledger.event import Event
    from tamna.ledger.nouns import KeyUse, Rules
    from tamna.ledger.state import State

__all__ = ["check_folder", "found", "issuer_of", "key_file", "revoke", "rotate", "signing_key", "trust"]


def found(address: str, folder: Path, issuer: str, at: np.datetime64, rules: Rules | None = None) -> Registry:
    """Make a book with its first key, and sign it.

    Raises
    ------
    LedgerError
        The issuer's name is no DID, or the folder is open to others.
    StoreError
        There is a ledger already.
    """
    key, name = _new_key(folder, issuer)
    try:
        registry = Registry.create(address, at, rules, entries=[op.key(at, name)])
    except BaseException:
        key_file(folder, key.public).unlink()  # a key that nothing knows of
        raise
    sign(registry, key, at)
    return registry


def rotate(registry: Registry, folder: Path, at: np.datetime64) -> KeyUse:
    """Put a new key in the place of the one in use; what the old one signed stays good.

    Raises
    ------
    LedgerError
        The book has no key, or the folder is open to others.
    """
    key, name = _new_key(folder, issuer_of(registry.state()))

    def enter(state: State) -> list[Event]:
        old = [op.key(max(at, state.at), k.name, "end") for k in state.keys.values() if k.good]
        return [*old, op.key(max(at, state.at), name)]

    state = registry.append(enter).state
    sign(registry, key, max(at, state.at))
    return state.keys[name]


def revoke(registry: Registry, folder: Path, name: str, at: np.datetime64) -> KeyUse:
    """Revoke a key that may be in other hands; another one signs that this happened.

    Parameters
    ----------
    name
        The key's full name, or the beginning of its part after ``#``.

    Raises
    ------
    LedgerError
        No such key, or it is the one in use: first another must take its place.
    """
    state = registry.state()
    full = _one(state, name)
    if not any(k.good for k in state.keys.values() if k.name != full):
        refuse(
            _("the book would be left without a key"),
            of=full,
            todo=_("First put another in its place: tamna ledger keys rotate."),
        )
    key = signing_key(state, folder, without=full)
    after = registry.append(lambda s: [op.key(max(at, s.at), full, "revoke")]).state
    sign(registry, key, max(at, after.at))
    return after.keys[full]


def signing_key(state: State, folder: Path, *, without: str = "") -> SigningKey:
    """Load the private key that signs now: the latest good one of the book whose file is there.

    Raises
    ------
    LedgerError
        None is there, or file or folder are open to others.
    """
    good = [k for k in state.keys.values() if k.good and k.name != without]
    for use in reversed(good):
        path = key_file(folder, use.public_bytes)
        if path.exists():
            check_folder(folder)
            key = load_key(path)
            if key.public != use.public_bytes:
                raise LedgerError(_("another key than its name says"), where=Place(file=str(path)))
            return key
    raise LedgerError(
        _("none of the book's keys is in this folder"),
        where=Place(file=str(folder)),
        todo=_("Say where they are with --keys or TAMNA_LEDGER_KEYS."),
    )


def key_file(folder: Path, public: bytes) -> Path:
    """Name the file of a private key by the fingerprint of its public half."""
    return folder / f"{fingerprint(public)[:16]}.pem"


def issuer_of(state: State) -> str:
    """Give the DID of the book's issuer.

    Raises
    ------
    LedgerError
        The book has no key.
    """
    if not state.keys:
        refuse(_("the book has no key"))
    return next(iter(state.keys.values())).issuer


def trust(state: State) -> dict[str, Any]:
    """Give the list of keys that a reader may choose to trust (``tamna verify --trust``)."""
    keys = []
    for use in state.keys.values():
        one = {"id": use.name, "publicKeyMultibase": use.public}
        if use.until is not None:
            one["until"] = iso(use.until)
        if use.revoked is not None:
            one["revoked"] = iso(use.revoked)
        keys.append(one)
    return {"issuer": issuer_of(state), "keys": keys}


def _new_key(folder: Path, issuer: str) -> tuple[SigningKey, str]:
    """Make a key and its file, before anything is entered: an entry without its key could never sign."""
    if not issuer.startswith("did:"):
        refuse(_("the issuer's name is a DID, such as did:web:example.org"), seen=issuer)
    check_folder(folder)
    key = SigningKey.generate()
    save_key(key, key_file(folder, key.public))
    return key, method_name(issuer, key.public)


def check_folder(folder: Path) -> None:
    """Make the folder of keys if need be, closed to others; refuse one that others may write to.

    Raises
    ------
    LedgerError
        Others may put files there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o022:
        raise LedgerError(
            _("others may put files into the folder of keys"),
            where=Place(file=str(folder)),
            todo=_("Close the folder: chmod 700."),
        )


def _one(state: State, name: str) -> str:
    found = [n for n, k in state.keys.items() if name and (n == name or k.public.startswith(name))]
    if len(found) != 1:
        refuse(_("no such key in the book"), seen=name)
    return found[0]
