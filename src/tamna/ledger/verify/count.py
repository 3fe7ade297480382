"""Count again: the score out of the table, and the shelf's table out of the auditor's watt-hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.errors import LedgerError
from tamna.lang import Message, _
from tamna.ledger.canonical import canonical
from tamna.ledger.proof import check_proof, method_of
from tamna.ledger.score import score
from tamna.ledger.shares import counted, shares
from tamna.ledger.verify.answer import Unknown, moment
from tamna.ledger.verify.form import certificate_in, is_shelf, rows_of, spans_of
from tamna.ledger.verify.place import check_place, leaf_of
from tamna.ledger.verify.trust import check_trusted, key_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamna.ledger.verify.answer import Known

__all__ = ["check_opening", "check_score"]


def check_score(document: Mapping[str, Any]) -> None:
    """Count the hours and compare."""
    subject = document["credentialSubject"]
    hours, said = subject["hours"], subject["score"]
    found = counted(hours) if is_shelf(document) else score(hours).as_dict()
    if canonical(said) != canonical(found):  # as text: for Python 1 == True
        wrong = next(
            (k for k in [*found, *said] if canonical([found.get(k)]) != canonical([said.get(k)])), ""
        )
        raise LedgerError(
            _("counting the hours again gives another {part}", part=wrong), seen=found.get(wrong)
        )


def check_opening(document: Mapping[str, Any], known: Known) -> Message:
    """Hold the auditor's certificate against the shelf's: same entry, in order itself, and the same shares."""
    if known.opening is None:
        raise Unknown(_("the auditor's certificate was not given: watt-hours are not on the shelf"))
    opening = certificate_in(known.opening)
    if is_shelf(opening):
        raise LedgerError(_("the opening is no auditor's certificate"))
    check_trusted(opening, known)
    check_proof(opening, key_in(method_of(opening)))
    check_place(opening)
    check_score(opening)
    if (
        opening["issuer"] != document["issuer"]
        or leaf_of(opening) != leaf_of(document)
        or opening["evidence"]["index"] != document["evidence"]["index"]
    ):
        raise LedgerError(_("the opening is of another entry of the journal"))
    here, there = document["credentialSubject"], opening["credentialSubject"]
    if any(here[k] != there[k] for k in ("account", "zone")):
        raise LedgerError(_("the opening is of another account or zone"))
    if here.get("stated") != there.get("stated"):
        raise LedgerError(_("the opening states another policy"))
    if there.get("lot", here["lot"]["name"]) != here["lot"]["name"]:
        raise LedgerError(_("the opening is of another lot"), seen=there["lot"])
    _check_shares(here, there)
    return _("the shares are those of {wh} Wh", wh=sum(_rows_within(here, there)["load_wh"].tolist()))


def _rows_within(here: Mapping[str, Any], there: Mapping[str, Any]) -> Any:
    rows = rows_of(there["hours"])
    return rows[(rows["start"] >= moment(here["start"])) & (rows["start"] < moment(here["end"]))]


def _check_shares(here: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    hours = here["hours"]
    starts, lengths = spans_of(hours, len(hours["estimated"]))
    rows = _rows_within(here, there)
    if rows["start"].tolist() != starts.tolist() or rows["length_s"].tolist() != lengths.tolist():
        raise LedgerError(_("the opening has other hours than the shelf"))
    found = shares(rows)
    wrong = [k for k, v in found.items() if hours[k] != v]
    if wrong:
        raise LedgerError(_("the opened watt-hours give other shares: {part}", part=wrong[0]))
