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
from tamna.ledger.verify.form import certificate_in, check_parts, is_batch, is_shelf, rows_of, spans_of
from tamna.ledger.verify.hydrogen import check_hydrogen, check_hydrogen_form, check_opened
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
    if "stored" in subject:
        _check_stored(hours, subject["stored"])


def _check_stored(hours: Mapping[str, Any], stored: Any) -> None:
    """Hold what is said to come out of a storage against the hours: no more than their own, and each with its origin."""
    check_parts(stored, {"wh", "origins"}, "stored")
    starts, _lengths = spans_of(hours, len(hours["estimated"]))
    left = dict(zip(starts.tolist(), stored["wh"], strict=True))
    if any(
        type(v) is not int or not 0 <= v <= most
        for v, most in zip(stored["wh"], hours["self_wh"], strict=True)
    ):
        raise LedgerError(_("more came out of the storage than is its own in the hour"))
    for one in stored["origins"]:
        check_parts(one, {"used", "made", "plant", "wh"}, "stored")
        used, made = moment(one["used"]), moment(one["made"])
        if type(one["wh"]) is not int or one["wh"] < 0 or not isinstance(one["plant"], str) or made > used:
            raise LedgerError(_("energy came out of the storage before it was made, or is no whole number"))
        left[used.item()] -= one["wh"]
    if any(v > 0 for v in left.values()):
        raise LedgerError(_("energy came out of the storage without an origin"))


def check_opening(document: Mapping[str, Any], known: Known) -> Message:
    """Hold the auditor's certificate against the shelf's: same entry, in order itself, and the same shares."""
    if known.opening is None:
        raise Unknown(_("the auditor's certificate was not given: watt-hours are not on the shelf"))
    opening = certificate_in(known.opening)
    if is_batch(opening):
        check_hydrogen_form(opening)
    if is_shelf(opening) or is_batch(opening) != is_batch(document):
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
    mark = there.get("batch", there.get("lot", here["lot"]["name"]))
    if mark != here["lot"]["name"]:
        raise LedgerError(_("the opening is of another lot"), seen=mark)
    _check_shares(here, there)
    if is_batch(document):
        check_hydrogen(opening)
        check_opened(here, there)
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
