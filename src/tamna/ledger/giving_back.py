"""Evidence of the place given back: what was set against an account's load, and is too much by readings corrected since.

Only what was cancelled as evidence of the place can be given back, and only to where it came from: active, with its
holder. It is no claim and no end of a watt-hour: the attribute of its plant went elsewhere before the book was asked, so
nobody can claim it here, and the book only keeps it from being shown by two accounts at once (I3). What was cancelled by
right is never given back, and no claim loses a watt-hour that it has a right to: the claims that showed the evidence come
under review and are made again with the same rights (I9). The old cancellation stays in the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.arrays import runs
from tamna.ledger.facts import text
from tamna.ledger.issuing import shrink
from tamna.ledger.line import cut, moved, positions, sizes
from tamna.ledger.moving import check_rows
from tamna.ledger.nouns import Entitlement, Status
from tamna.ledger.refusal import refuse
from tamna.ledger.resting import review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.ledger.event import Event
    from tamna.ledger.line import Line
    from tamna.ledger.state import Draft

    Whole = NDArray[np.integer[Any]]

__all__ = ["give_back"]


def give_back(draft: Draft, event: Event) -> None:
    """Write that evidence of the place no longer stands against an account's load.

    Raises
    ------
    LedgerError
        A watt-hour was not cancelled, not for this account, or by right; two ranges share one.
    """
    check_rows(draft, event)
    name = text(event.about, "account")
    draft.account(name)
    text(event.about, "reason")
    claims: set[int] = set()
    for number in np.unique(event.rows["device"]).tolist():
        rows, line = event.rows[event.rows["device"] == number], draft.lines[number]
        device = draft.device_list[number].name
        begin, end = positions(line, device, rows["start"], rows["low"], rows["high"])
        nobody = np.full(len(begin), -1, line.ref.dtype)
        after = moved(line, device, begin, end, allowed=(Status.CANCELLED,), to=Status.ACTIVE, ref=nobody)
        for ref, start, wh in _freed(cut(line, np.concatenate([begin, end])), after):
            _check_evidence(draft, ref, name, device, start[0])
            claims.add(draft.cancellations[ref].claim)
            shrink(draft, ref, start, wh)
        draft.lines[number] = after
    review(draft, sorted(claims))


def _freed(before: Line, after: Line) -> Iterator[tuple[int, NDArray[np.datetime64], Whole]]:
    """Give, for each cancellation, the intervals in which it lost and what. [Wh]"""
    freed = np.flatnonzero(before.ref != after.ref)
    row = np.searchsorted(before.base, before.at[freed], side="right") - 1
    start, wh, refs = before.start[row], sizes(before)[freed], before.ref[freed]
    for ref in np.unique(refs).tolist():
        mine = refs == ref
        stamps, which = runs(start[mine])
        yield ref, stamps, np.bincount(which, wh[mine], len(stamps)).astype(np.int64)


def _check_evidence(draft: Draft, ref: int, name: str, device: str, hour: np.datetime64) -> None:
    found = draft.cancellations[ref]
    if found.entitlement is not Entitlement.LOCATION:
        refuse(_("what was cancelled by right is not given back"), of=device, hour=hour, seen=f"entry {ref}")
    if found.account != name:
        refuse(_("cancelled for another account"), of=device, hour=hour, seen=found.account)
