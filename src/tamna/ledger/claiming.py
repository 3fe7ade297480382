"""From cancelled certificates to a claim: hour by hour, of one account, over a period metered without a gap.

The hours of a claim are not given, they follow: load by the meter, and what stands cancelled under each
right, never more than the load. So a claim cannot say more than the book holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.ledger import load
from tamna.ledger.arrays import first_of
from tamna.ledger.event import CLAIM, CLAIM_PARTS, Event
from tamna.ledger.facts import entries, moment
from tamna.ledger.refusal import refuse
from tamna.ledger.resting import doubtful, review
from tamna.ledger.state import Cancellation, Claim, Standing
from tamna.ledger.stated import stated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.ledger.state import Draft

__all__ = ["claim", "hours_of"]


def claim(draft: Draft, event: Event) -> None:
    """Write a claim.

    Raises
    ------
    LedgerError
        A cancellation is another account's, is claimed already, or lies outside the period; an interval is
        claimed already and that claim is not replaced; the hours are not what follows from the book.
    """
    about = event.about
    number = draft.account(about.get("account"))
    name, used = str(about["account"]), draft.loads[number]
    start, end = moment(about, "start"), moment(about, "end")
    if about.get("purpose") != draft.bound.get(name):
        refuse(_("a claim says what an account's energy is bound for"), of=name, seen=about.get("purpose"))
    replaced, backing = _replaced(draft, name, entries(about, "replaces")), entries(about, "cancellations")
    found = [_open(draft, name, entry, replaced) for entry in backing]
    if draft.windows and (doubted := sorted(doubtful(draft) & set(backing))):
        refuse(
            _("what came out of the storage is under review, for its charging is"),
            of=name,
            seen=f"entry {doubted[0]}",
            todo=_("Claim the charging again and trace the storage anew."),
        )
    where = load.covering(used, name, start, end)
    for i in first_of(~np.isin(used.claim[where], [-1, *replaced])):
        refuse(_("another claim covers this interval"), of=name, hour=used.start[where][i])
    if about.get("stated", {}) != stated(found):
        refuse(
            _("the claim states another policy than that of its cancellations"),
            of=name,
            seen=about.get("stated"),
        )
    rows = hours_of(used, where, found)
    if event.rows.dtype != CLAIM or event.rows.tobytes() != rows.tobytes():
        refuse(_("the hours of the claim are not those of the book"), of=name)
    claims = used.claim.copy()
    claims[np.isin(claims, replaced)] = -1
    claims[where] = draft.size
    draft.loads[number] = replace(used, claim=claims)
    review(draft, replaced)  # what left a storage since rests on them until it is traced anew
    for entry in replaced:
        draft.claims[entry] = replace(draft.claims[entry], standing=Standing.REPLACED)
        for freed in draft.claims[entry].cancellations:
            draft.cancellations[freed] = replace(draft.cancellations[freed], claim=-1)
    for entry in backing:
        draft.cancellations[entry] = replace(draft.cancellations[entry], claim=draft.size)
    wh = sum(int(rows[f"{part}_wh"].sum(dtype=np.int64)) for part in CLAIM_PARTS)
    draft.claims[draft.size] = Claim(name, start, end, tuple(backing), Standing.GOOD, wh)


def hours_of(used: load.Load, where: slice, found: Sequence[Cancellation]) -> NDArray[np.void]:
    """Give the hours of a claim, (intervals,) of `event.CLAIM`: load, and what is claimed by each right.

    Where a corrected meter leaves less load than was cancelled, the weaker right gives way first: location,
    then REC, PPA and self-generation.
    """
    starts = used.start[where]
    rows = np.zeros(len(starts), CLAIM)
    rows["start"], rows["length_s"] = starts, used.length_s[where]
    rows["load_wh"], rows["estimated"] = used.wh[where], used.estimated[where]
    rest = used.wh[where].astype(np.int64)
    for part in CLAIM_PARTS:
        total = np.zeros(len(starts), np.int64)
        for one in found:
            if one.entitlement == part:
                at = np.searchsorted(starts, one.start)
                if len(at) and (len(starts) == 0 or at[-1] >= len(starts) or (starts[at] != one.start).any()):
                    refuse(_("a cancellation lies outside the period of the claim"), of=one.account)
                total[at] += one.wh
        taken = np.minimum(total, rest)
        rows[f"{part}_wh"] = taken
        rest -= taken
    return rows


def _open(draft: Draft, name: str, entry: int, replaced: Sequence[int]) -> Cancellation:
    found = draft.cancellations.get(entry)
    if found is None:
        refuse(_("only what was cancelled backs a claim"), of=name, seen=entry)
    if found.account != name:
        refuse(_("cancelled for another account"), of=name, seen=found.account)
    if found.claim >= 0 and found.claim not in replaced:
        refuse(_("claimed already"), of=name, seen=f"entry {found.claim}")
    return found


def _replaced(draft: Draft, name: str, old_entries: list[int]) -> list[int]:
    for entry in old_entries:
        old = draft.claims.get(entry)
        if old is None or old.account != name or old.standing is Standing.REPLACED:
            refuse(_("no standing claim of this account to replace"), of=name, seen=entry)
    return old_entries
