"""A zone's balance (I8), by the zone's own meters: generation + import + discharge = load + export + charge + losses.

An interval is entered with all seven terms, or not at all: what is not measured has no row, and the zone's residual
mix is then unavailable. A row that does not close within the tolerance that it declares is refused, and so is one
that contradicts the book: another import or export than its links carried, or less use than is claimed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.across import Balance
from tamna.ledger.arrays import first_of
from tamna.ledger.event import BALANCE_IN, BALANCE_OUT, BALANCED
from tamna.ledger.facts import text, whole
from tamna.ledger.issuing import check_form, check_intervals
from tamna.ledger.refusal import refuse
from tamna.ledger.residual import claimed_wh, closes, crossed_wh, told_by_export
from tamna.ledger.resting import review

if TYPE_CHECKING:
    from tamna.ledger.event import Event
    from tamna.ledger.state import Draft

MOST_TOLERANCE: Final = 100  # in 1000: what is further off is no balance
_MOST_WH: Final = 10**15  # more than any grid moves in an hour; a thousand of it fits 64 bits

__all__ = ["MOST_TOLERANCE", "balance", "restate_balance"]


def balance(draft: Draft, event: Event) -> None:
    """Record intervals of a zone's balance."""
    zone, tolerance = _zone(draft, event)
    before = draft.balances.get(zone, _empty())
    check_intervals(zone, event, before.rows["start"], before.rows["length_s"])
    _check_rows(draft, zone, event, tolerance)
    rows = np.concatenate([before.rows, event.rows])
    order = np.argsort(rows["start"], kind="stable")
    tolerances = np.concatenate([before.tolerance_permille, np.full(len(event.rows), tolerance, np.uint16)])
    stands = np.concatenate([before.stands, np.ones(len(event.rows), bool)])
    draft.balances[zone] = Balance(rows[order], tolerances[order], stands[order])


def restate_balance(draft: Draft, event: Event) -> None:
    """Correct intervals of a zone's balance; a row that was doubted stands again."""
    zone, tolerance = _zone(draft, event)
    check_form(zone, event)
    before = draft.balances.get(zone, _empty())
    where = np.minimum(
        np.searchsorted(before.rows["start"], event.rows["start"]), max(len(before.rows) - 1, 0)
    )
    there = (
        before.rows["start"][where] == event.rows["start"]
        if len(before.rows)
        else np.zeros(len(event.rows), bool)
    )
    for i in first_of(~there):
        refuse(_("the book holds no balance of this interval"), of=zone, hour=event.rows["start"][i])
    for i in first_of(before.rows["length_s"][where] != event.rows["length_s"]):
        refuse(
            _("a corrected reading has the interval of the one it corrects ({seconds} s)",
              seconds=int(before.rows["length_s"][where[i]])),
            of=zone, hour=event.rows["start"][i], seen=f"{event.rows['length_s'][i]} s",
        )  # fmt: skip
    _check_rows(draft, zone, event, tolerance)
    rows, tolerances, stands = before.rows.copy(), before.tolerance_permille.copy(), before.stands.copy()
    rows[where], tolerances[where], stands[where] = event.rows, tolerance, True
    draft.balances[zone] = replace(before, rows=rows, tolerance_permille=tolerances, stands=stands)
    review(draft, told_by_export(draft, [zone], event.rows["start"]))


def _zone(draft: Draft, event: Event) -> tuple[str, int]:
    zone, tolerance = text(event.about, "zone"), whole(event.about, "tolerance_permille")
    if all(account.zone != zone for account in draft.accounts.values()):
        refuse(_("no account of the book lies in this zone"), seen=zone)
    if not 0 <= tolerance <= MOST_TOLERANCE:
        refuse(_("a balance declares a tolerance of 0 to 100 in 1000"), of=zone, seen=tolerance)
    return zone, tolerance


def _check_rows(draft: Draft, zone: str, event: Event, tolerance: int) -> None:
    rows = event.rows
    start = rows["start"].copy()
    for i in first_of(np.any([rows[f"{t}_wh"] > _MOST_WH for t in (*BALANCE_IN, *BALANCE_OUT)], axis=0)):
        refuse(_("more than an interval can hold"), of=zone, hour=start[i])
    for i in first_of(~closes(rows, np.array(tolerance))):
        came, went = (sum(int(rows[f"{t}_wh"][i]) for t in terms) for terms in (BALANCE_IN, BALANCE_OUT))
        refuse(
            _("I8: the balance does not close within {permille} in 1000", permille=tolerance),
            of=zone, hour=start[i], seen=f"{came} Wh, {went} Wh",
        )  # fmt: skip
    for term, into in (("import", True), ("export", False)):
        crossed, known = crossed_wh(draft, zone, rows, into=into)
        said = rows[f"{term}_wh"].astype(np.int64)
        for i in first_of(np.where(known, said != crossed, said < crossed)):
            refuse(
                _("I8: the zone's links say otherwise ({wh} Wh)", wh=int(crossed[i])),
                of=f"{zone}, {term}", hour=start[i], seen=f"{said[i]} Wh",
            )  # fmt: skip
    used, claimed = (rows["load_wh"] + rows["charge_wh"]).astype(np.int64), claimed_wh(draft, zone, rows)
    for i in first_of(claimed > used):
        refuse(
            _("I8: more is claimed in the zone than it used ({wh} Wh)", wh=int(used[i])),
            of=zone, hour=start[i], seen=f"{claimed[i]} Wh",
            todo=_("Correct the account's reading first, or this one."),
        )  # fmt: skip


def _empty() -> Balance:
    return Balance(np.empty(0, BALANCED), np.empty(0, np.uint16), np.empty(0, bool))
