"""The one way into the book: an entry is checked whole and written whole, or refused and nothing is.

::

    state = record(State(), open_book(at), account(...), device(...))
    state = record(state, issue(...), consume(...))
    assert fold(journal) == the same state

`record` is a pure function: the state that came in stays as it was. Every rule of the ledger stands in the
functions it calls and nowhere else, so whoever folds a journal checks it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from tamna.lang import _
from tamna.ledger.balance import balance, restate_balance
from tamna.ledger.claiming import claim
from tamna.ledger.converting import convert, enter_converter
from tamna.ledger.entering import (
    enter_account,
    enter_confirmation,
    enter_device,
    enter_key,
    enter_right,
    open_book,
)
from tamna.ledger.event import FORM, MOVE, Event, Kind
from tamna.ledger.flows import enter_link, flow, restate_flow
from tamna.ledger.giving_back import give_back
from tamna.ledger.issuing import consume, issue, restate, restate_load
from tamna.ledger.lots import lot, share_out
from tamna.ledger.moving import MOVES, cancel, move
from tamna.ledger.refusal import refuse
from tamna.ledger.state import Draft, State
from tamna.ledger.storing import discharge, enter_storage, retrace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["fold", "record"]

_WRITE: Final[dict[Kind, Callable[[Draft, Event], None]]] = {
    Kind.OPEN: open_book,
    Kind.ACCOUNT: enter_account,
    Kind.DEVICE: enter_device,
    Kind.RIGHT: enter_right,
    Kind.KEY: enter_key,
    Kind.CONFIRM: enter_confirmation,
    Kind.ISSUE: issue,
    Kind.CONSUME: consume,
    Kind.RESTATE: restate,
    Kind.RESTATE_LOAD: restate_load,
    Kind.GIVE_BACK: give_back,
    Kind.CLAIM: claim,
    Kind.STORAGE: enter_storage,
    Kind.DISCHARGE: discharge,
    Kind.RETRACE: retrace,
    Kind.CONVERTER: enter_converter,
    Kind.CONVERT: convert,
    Kind.LOTS: share_out,
    Kind.LOT: lot,
    Kind.LINK: enter_link,
    Kind.FLOW: flow,
    Kind.RESTATE_FLOW: restate_flow,
    Kind.BALANCE: balance,
    Kind.RESTATE_BALANCE: restate_balance,
    **dict.fromkeys(set(MOVES) - {Kind.CANCEL}, move),
}


def record(state: State, *events: Event) -> State:
    """Write entries in their order, all or none.

    Raises
    ------
    LedgerError
        One of them breaks a rule; the reason names the rule, the device or account, and the hour.
    """
    draft = Draft(state)
    for kind, run in itertools.groupby(events, key=lambda e: e.kind):
        together = list(run)
        for event in together:
            _check_head(draft, event)
        if kind is Kind.CANCEL:
            cancel(draft, together)
            draft.size += len(together)
            continue
        for event in together:
            _WRITE[kind](draft, event)
            draft.size += 1
    return draft.state()


def fold(events: Iterable[Event]) -> State:
    """Read a journal from its beginning: the state that its entries lead to."""
    return record(State(), *events)


def _check_head(draft: Draft, event: Event) -> None:
    if (event.kind is Kind.OPEN) != (draft.size == 0):
        refuse(_("a book begins with its rules, once"), seen=str(event.kind))
    if event.at < draft.at:
        refuse(_("the clock ran backwards"), of=str(event.kind), hour=event.at)
    if event.rows.dtype != FORM.get(event.kind, MOVE):
        refuse(_("rows of another form"), of=str(event.kind))
    draft.at = event.at
