"""The certificate's place in the journal: in its checkpoint, after an earlier one, and not seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.errors import LedgerError
from tamna.lang import Message, _
from tamna.ledger.canonical import canonical
from tamna.ledger.merkle import check_consistency, check_inclusion, leaf_hash, root_of_rows
from tamna.ledger.proof import check_proof, method_of
from tamna.ledger.verify.answer import Unknown, moment
from tamna.ledger.verify.form import is_batch, is_shelf, rows_of, spans_of
from tamna.ledger.verify.hydrogen import check_entries
from tamna.ledger.verify.trust import check_trusted, key_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamna.ledger.verify.answer import Known

__all__ = ["check_history", "check_place", "check_reuse", "leaf_of"]


def leaf_of(document: Mapping[str, Any]) -> bytes:
    """Give the hash of the entry that a certificate belongs to; a shelf certificate holds only this."""
    evidence = document["evidence"]
    if is_shelf(document):
        return bytes.fromhex(evidence["leaf"])
    return leaf_hash(canonical(evidence["head"]))


def check_place(document: Mapping[str, Any]) -> Message | None:
    """Lead the hours to the entry, the entry to the checkpoint, the checkpoint to the issuer."""
    subject, evidence = document["credentialSubject"], document["evidence"]
    hours, checkpoint = subject["hours"], evidence["checkpoint"]
    starts, lengths = spans_of(hours, len(hours["estimated"]))
    if is_batch(document) and not is_shelf(document):
        check_entries(document)
    elif not is_shelf(document):
        _check_entry(subject, evidence["head"])
    if starts[0] != moment(subject["start"]) or starts[-1] + lengths[-1] != moment(subject["end"]):
        raise LedgerError(_("the hours do not cover the period of the claim"))
    if type(evidence["index"]) is not int or type(checkpoint["size"]) is not int:
        raise LedgerError(_("the leaf lies outside its tree"), seen=evidence["index"])
    check_inclusion(
        leaf_of(document),
        evidence["index"],
        checkpoint["size"],
        [bytes.fromhex(h) for h in evidence["inclusion"]],
        bytes.fromhex(checkpoint["root"]),
    )
    method = method_of(checkpoint)
    if checkpoint["issuer"] != document["issuer"] or method.partition("#")[0] != document["issuer"]:
        raise LedgerError(_("the checkpoint is another issuer's"), seen=checkpoint["issuer"])
    if checkpoint["type"] != "TamnaCheckpoint":
        raise LedgerError(_("the checkpoint is something else"), seen=checkpoint["type"])
    if method != method_of(dict(document)):
        raise LedgerError(_("certificate and checkpoint are signed with different keys"), seen=method)
    check_proof(checkpoint, key_in(method))
    if is_shelf(document):
        return _(
            "the entry stands in the journal; only the opening shows that its watt-hours give these shares"
        )
    return None


def _check_entry(subject: Mapping[str, Any], head: Mapping[str, Any]) -> None:
    rows = rows_of(subject["hours"])
    if head["rows"] != len(rows) or head["root"] != root_of_rows(rows.tobytes(), rows.itemsize).hex():
        raise LedgerError(_("the hours are not those of the entry in the journal"))
    names = ("account", "start", "end", *(("lot", "product") if head["kind"] == "lot" else ()))
    said = {k: v for k, v in subject.items() if k in {*names, "lot", "product"}}
    states = canonical([subject.get("stated")]) == canonical([head["about"].get("stated")])
    if not states or head["kind"] not in ("claim", "lot") or said != {k: head["about"][k] for k in names}:
        raise LedgerError(_("the certificate speaks of another claim than the entry in the journal"))


def check_history(document: Mapping[str, Any], known: Known) -> None:
    """Hold an earlier checkpoint against this one: the smaller journal is the beginning of the larger."""
    if known.checkpoint is None:
        raise Unknown(_("no earlier checkpoint was given"))
    here, other = document["evidence"]["checkpoint"], known.checkpoint
    if other["issuer"] != here["issuer"]:
        raise LedgerError(_("the earlier checkpoint is another issuer's"), seen=other["issuer"])
    check_trusted(other, known)
    check_proof(dict(other), key_in(method_of(dict(other))))
    if here["size"] < other["size"] and moment(here["at"]) > moment(other["at"]):
        raise LedgerError(_("the journal was rolled back"), seen=f"{here['size']} after {other['size']}")
    old, new = sorted((here, other), key=lambda c: int(c["size"]))
    if known.path is None and old["size"] != new["size"]:
        raise Unknown(_("no proof of consistency between the checkpoints was given"))
    check_consistency(
        old["size"],
        bytes.fromhex(old["root"]),
        new["size"],
        bytes.fromhex(new["root"]),
        [bytes.fromhex(h) for h in known.path or ()],
    )


def check_reuse(document: Mapping[str, Any], known: Known) -> None:
    """Look the claim up among those seen before."""
    if known.seen is None:
        raise Unknown(_("no list of claims seen before was given"))
    leaf = leaf_of(document).hex()
    if leaf in known.seen:
        raise LedgerError(_("this claim was presented before"), seen=leaf)
