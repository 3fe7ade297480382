"""Whom the reader believes: the issuer's key, the clock, and the list of what was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.errors import LedgerError
from tamna.lang import Message, _
from tamna.ledger.multibase import from_multikey
from tamna.ledger.proof import check_proof, method_of
from tamna.ledger.statuslist import from_encoded
from tamna.ledger.verify.answer import OutOfDate, Unknown, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamna.ledger.verify.answer import Known

__all__ = ["check_issuer", "check_status", "check_time", "check_trusted", "key_in", "keys_of"]


def key_in(method: str) -> bytes:
    """Read the public key that stands in a key's name, after the ``#``."""
    return from_multikey(method.partition("#")[2])


def keys_of(trust: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Give the issuer and its keys from the reader's list, which has one of two forms.

    Our own: ``{"issuer", "keys": [{"id", "publicKeyMultibase", "until"?, "revoked"?}]}``. Or a controller document
    of W3C Controlled Identifiers v1.0, in which only the keys of ``assertionMethod`` may sign, and a key that
    ``expires`` stands for nothing from then on, also not for what it signed before.

    Raises
    ------
    LedgerError
        Neither of the two.
    """
    if isinstance(trust.get("issuer"), str) and isinstance(trust.get("keys"), list):
        issuer, found = str(trust["issuer"]), trust["keys"]
    elif isinstance(trust.get("id"), str) and isinstance(trust.get("verificationMethod"), list):
        issuer, may = str(trust["id"]), trust.get("assertionMethod", [])
        found = [k for k in trust["verificationMethod"] if isinstance(k, dict) and k.get("id") in may]
        if any(k.get("controller") != issuer or k.get("type") != "Multikey" for k in found):
            raise LedgerError(_("a key of the controller document is not its controller's Multikey"))
    else:
        raise LedgerError(_("not a list of trusted keys: no issuer with its keys"))
    for key in found:
        if not isinstance(key, dict) or not all(
            isinstance(key.get(k), str) for k in ("id", "publicKeyMultibase")
        ):
            raise LedgerError(_("a trusted key lacks its name or its value"))
        from_multikey(key["publicKeyMultibase"])
        for when in ("until", "revoked", "expires"):
            if key.get(when) is not None:
                moment(str(key[when]))
    return issuer, found


def check_issuer(document: Mapping[str, Any], known: Known) -> None:
    """Find the document's key among the reader's."""
    if known.trust is None:
        raise Unknown(_("no list of trusted keys was given"))
    check_trusted(document, known)


def check_trusted(document: Mapping[str, Any], known: Known) -> None:
    """Refuse a document whose key is not the issuer's, on the reader's list, and still good."""
    if known.trust is None:
        return
    believed, keys = keys_of(known.trust)
    method, issuer = method_of(dict(document)), document["issuer"]
    if issuer != believed:
        raise LedgerError(_("the issuer is not on the list of trusted keys"), seen=issuer)
    if method.partition("#")[0] != issuer:
        raise LedgerError(_("the key is not the issuer's"), seen=method)
    found = next((k for k in keys if k["id"] == method), None)
    if found is None or from_multikey(found["publicKeyMultibase"]) != key_in(method):
        raise LedgerError(_("the key is not on the list of trusted keys"), seen=method)
    if found.get("revoked"):
        raise LedgerError(_("the key was revoked: it may be in other hands"), seen=found["revoked"])
    if found.get("expires") and known.now >= moment(found["expires"]):
        raise LedgerError(_("the key has expired"), seen=found["expires"])
    if found.get("until") and moment(document["proof"]["created"]) >= moment(found["until"]):
        raise LedgerError(_("signed after the key's use had ended"), seen=document["proof"]["created"])


def check_time(document: Mapping[str, Any], known: Known) -> None:
    """Hold the reader's clock against the certificate's validity."""
    begins = max(moment(document["validFrom"]), moment(document["proof"]["created"]))
    if known.now < begins:
        raise LedgerError(_("not valid yet by this machine's clock"), seen=document["validFrom"])
    if "validUntil" in document and known.now >= moment(document["validUntil"]):
        raise LedgerError(_("no longer valid"), seen=document["validUntil"])
    if moment(document["evidence"]["checkpoint"]["at"]) > begins:
        raise LedgerError(_("the checkpoint is younger than the certificate"))


def check_status(document: Mapping[str, Any], known: Known) -> Message:
    """Look the certificate up in the list of what was taken back; valid only as of the list's date, and while it stands.

    A list that is out of date still proves what it says was taken back, for nothing is given back; of the rest it says
    nothing any more. Neither does a list that does not say until when it stands: it could be of any age.
    """
    entry, status = document.get("credentialStatus"), known.status
    if entry is None:
        raise Unknown(_("the certificate names no status list"))
    if status is None:
        raise Unknown(_("no status list was given"))
    if known.trust is None:
        raise Unknown(_("no list of trusted keys was given"))
    subject = status["credentialSubject"]
    check_trusted(status, known)
    check_proof(dict(status), key_in(method_of(dict(status))))
    if status["id"] != entry["statusListCredential"] or subject["statusPurpose"] != entry["statusPurpose"]:
        raise LedgerError(_("another status list than the certificate's"), seen=status["id"])
    if entry["type"] != "BitstringStatusListEntry" or subject["type"] != "BitstringStatusList":
        raise LedgerError(_("not a Bitstring Status List"), seen=entry["type"])
    if known.now < moment(status["validFrom"]):
        raise LedgerError(_("the status list is not valid yet"), seen=status["validFrom"])
    if from_encoded(subject["encodedList"]).is_set(int(entry["statusListIndex"])):
        raise LedgerError(_("the certificate was taken back"), seen=status["validFrom"])
    if "validUntil" not in status:
        raise OutOfDate(
            _("the status list does not say until when it stands: ask the issuer for a newer one")
        )
    if known.now >= moment(status["validUntil"]):
        raise OutOfDate(
            _(
                "the status list is out of date since {moment}: ask the issuer for a newer one",
                moment=status["validUntil"],
            )
        )
    return _("not taken back as of {moment}", moment=status["validFrom"])
