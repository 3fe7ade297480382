"""A journal as bytes, and whether it is the one that was signed.

An entry is kept as two strings of bytes: its head in canonical text, and its rows. Whoever holds them and one signed
checkpoint can tell every change: of a row (its root is in the head), of a head (its hash is in the tree), of the order,
and of the length. Then the journal is folded, which checks every rule again, and the invariants are counted from nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.book import record
from tamna.ledger.canonical import parse
from tamna.ledger.event import FORM, MOVE, Event, Kind
from tamna.ledger.facts import moment
from tamna.ledger.invariants import broken
from tamna.ledger.merkle import root_of_rows, tree_of
from tamna.ledger.proof import check_proof
from tamna.ledger.refusal import refuse
from tamna.ledger.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["audit", "form_of", "head_of", "restored", "stored"]


def stored(event: Event) -> tuple[bytes, bytes]:
    """Give an entry as bytes: its head, which is its leaf in the tree, and its rows."""
    return event.leaf(), event.rows.tobytes()


def head_of(head: bytes, entry: int = 0) -> tuple[Kind, dict[str, Any]]:
    """Read the head of an entry; what it says of its rows is not checked here.

    Raises
    ------
    LedgerError
        Not canonical, or not the head of an entry.
    """
    name, facts = f"#{entry}", parse(head)
    if not isinstance(facts, dict) or set(facts) != {"about", "at", "kind", "root", "rows"}:
        refuse(_("not the head of an entry"), of=name)
    if (
        facts["kind"] not in tuple(Kind)
        or not isinstance(facts["about"], dict)
        or type(facts["rows"]) is not int
        or facts["rows"] < 0
    ):
        refuse(_("not the head of an entry"), of=name)
    return Kind(facts["kind"]), facts


def form_of(kind: Kind) -> np.dtype[np.void]:
    """Give the form of the rows of an entry."""
    return FORM.get(kind, MOVE)


def restored(head: bytes, rows: bytes, entry: int = 0) -> Event:
    """Read an entry back.

    Raises
    ------
    LedgerError
        The head is not canonical or not an entry's, or the rows are not those of its root.
    """
    name = f"#{entry}"
    kind, facts = head_of(head, entry)
    form = form_of(kind)
    if len(rows) != facts["rows"] * form.itemsize:
        refuse(_("the rows are not those of the entry"), of=name)
    event = Event(kind, moment(facts, "at"), facts["about"], np.frombuffer(rows, form))
    root = root_of_rows(rows, form.itemsize).hex()
    if root != facts["root"]:
        refuse(_("the rows are not those of the entry"), of=name)
    if iso(event.at) != facts["at"]:
        refuse(_("not the head of an entry"), of=name)
    return event


def audit(entries: Sequence[tuple[bytes, bytes]], checkpoint: Mapping[str, Any], public: bytes) -> State:
    """Check a whole journal against a signed checkpoint, and give the state that it leads to.

    Parameters
    ----------
    entries
        Heads and rows in their order, as `stored` gives them.
    checkpoint, public
        A checkpoint and the key that the auditor trusts.

    Raises
    ------
    LedgerError
        The checkpoint is not the issuer's; the journal was cut, re-ordered or altered; an entry breaks a rule; or an
        invariant does not hold.
    """
    check_proof(dict(checkpoint), public)
    size = checkpoint["size"]
    if len(entries) < size:
        refuse(_("the journal was cut: entries are missing"), seen=f"{len(entries)} of {size}")
    tree = tree_of(head for head, _rows in entries[:size])
    if tree.root.hex() != checkpoint["root"]:
        refuse(_("the journal is not the one that was signed"), seen=tree.root.hex())
    state = State()
    events = [restored(head, rows, i) for i, (head, rows) in enumerate(entries)]
    state = record(state, *events)
    if wrong := broken(state):
        refuse(wrong[0])
    return state
