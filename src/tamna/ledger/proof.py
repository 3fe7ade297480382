"""A signature inside the document: Data Integrity of W3C VC 2.0, cryptosuite ``eddsa-jcs-2022``.

::

    signed bytes = SHA-256(canonical(proof without its value)) || SHA-256(canonical(document without proof))

Which key may sign is not asked here: the caller finds the public key of the ``verificationMethod`` among the
keys it trusts, and never by looking into the document alone.

References
----------
W3C, "Data Integrity EdDSA Cryptosuites v1.0", Recommendation of 15 May 2025, section 3.3.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final

from tamna.errors import LedgerError
from tamna.lang import _
from tamna.ledger.canonical import canonical
from tamna.ledger.keys import SigningKey, signed_by
from tamna.ledger.multibase import base58, from_base58

__all__ = ["SUITE", "check_proof", "method_of", "signed", "signed_bytes"]

SUITE: Final = "eddsa-jcs-2022"
_FIXED: Final = {"type": "DataIntegrityProof", "cryptosuite": SUITE, "proofPurpose": "assertionMethod"}
_PARTS: Final = {*_FIXED, "@context", "created", "verificationMethod", "proofValue"}
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def signed(document: dict[str, Any], key: SigningKey, *, method: str, created: str) -> dict[str, Any]:
    """Give the document with its proof; the one that came in is left as it was.

    Parameters
    ----------
    document
        A JSON object without ``proof``.
    method
        The key's name: the issuer's DID, ``#``, the key's part.
    created
        When it is signed, ``2023-04-01T00:00:00Z``.
    """
    config = {**_FIXED, "created": created, "verificationMethod": method}
    if "@context" in document:
        config["@context"] = document["@context"]
    value = base58(key.sign(signed_bytes(document, config)))
    return {**document, "proof": {**config, "proofValue": value}}


def signed_bytes(document: dict[str, Any], config: dict[str, Any]) -> bytes:
    """Give the 64 bytes that are signed: the proof's configuration first, then the document."""
    return sha256(canonical(config)).digest() + sha256(canonical(document)).digest()


def method_of(document: dict[str, Any]) -> str:
    """Name the key that the document says it is signed with, after checking the proof's form.

    Raises
    ------
    LedgerError
        No proof, another suite or purpose, parts that do not belong there, or another context.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise LedgerError(_("the document carries no proof"))
    for part, value in _FIXED.items():
        if proof.get(part) != value:
            raise LedgerError(
                _("the proof's {part} must be {value}", part=part, value=value), seen=str(proof.get(part))
            )
    if strange := set(proof) - _PARTS:
        raise LedgerError(
            _("the proof holds parts that do not belong to it"), seen=", ".join(sorted(strange))
        )
    if ("@context" in document) != ("@context" in proof) or document.get("@context") != proof.get("@context"):
        raise LedgerError(_("the proof speaks of another @context than the document"))
    if not _MOMENT.fullmatch(str(proof.get("created"))):
        raise LedgerError(_("the proof does not say when it was made"), seen=str(proof.get("created")))
    method = proof.get("verificationMethod")
    if not isinstance(method, str):
        raise LedgerError(_("the proof does not name its key"))
    return method


def check_proof(document: dict[str, Any], public: bytes) -> None:
    """Check that `document` is exactly what the key with the public half `public` signed.

    Raises
    ------
    LedgerError
        The proof's form is wrong, or the signature does not fit.
    """
    method_of(document)
    proof = document["proof"]
    value = proof.get("proofValue")
    if not isinstance(value, str):
        raise LedgerError(_("the proof has no value"))
    config = {k: v for k, v in proof.items() if k != "proofValue"}
    bare = {k: v for k, v in document.items() if k != "proof"}
    if not signed_by(public, signed_bytes(bare, config), from_base58(value)):
        raise LedgerError(
            _("the signature does not fit the document"),
            todo=_("It was altered after signing, or signed with another key."),
        )
