"""A claim as a file that anyone can check: a W3C Verifiable Credential with its hours inside.

The certificate carries the hours of the claim, the entry of the journal they belong to, the proof that the entry stands
in a signed checkpoint, and the score. Nothing has to be fetched: the name of its own context is pinned.

The key's name ends in the key itself (``did:web:...#z6Mk...``), so that a file can be found intact without knowing
its issuer; whom to believe is the reader's own list (`verify`).

References
----------
W3C, "Verifiable Credentials Data Model v2.0", Recommendation of 15 May 2025.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from tamna.grid.clock import iso
from tamna.lang import _
from tamna.ledger.canonical import canonical
from tamna.ledger.event import CLAIM_PARTS, Kind
from tamna.ledger.multibase import multikey
from tamna.ledger.proof import signed
from tamna.ledger.refusal import refuse
from tamna.ledger.score import score

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from tamna.ledger.event import Entries, Event
    from tamna.ledger.keys import SigningKey
    from tamna.ledger.merkle import Tree
    from tamna.ledger.statuslist import StatusList

__all__ = [
    "CONTEXT",
    "METHOD",
    "TYPE",
    "certificate",
    "claimed",
    "controller_document",
    "issued",
    "method_name",
    "placed",
    "span_of",
    "status_credential",
    "table_of",
]

# own terms by a pinned name, never fetched; a text, for a verifier in use compares contexts by identity
CONTEXT: Final = ("https://www.w3.org/ns/credentials/v2", "urn:tamna:context:1")
METHOD: Final = "tamna-hourly-1"
TYPE: Final = "TamnaHourlyClaim"
_COLUMNS: Final = ("load_wh", *(f"{part}_wh" for part in CLAIM_PARTS), "estimated")


def method_name(issuer: str, public: bytes) -> str:
    """Name an issuer's key: its DID, ``#``, the key as a Multikey."""
    return f"{issuer}#{multikey(public)}"


def certificate(
    entries: Entries,
    index: int,
    *,
    tree: Tree,
    checkpoint: dict[str, Any],
    zone: str,
    key: SigningKey,
    issuer: str,
    at: np.datetime64,
    status: tuple[str, int] | None = None,
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make the certificate of a claim, or of a lot that a claim was shared out over.

    Parameters
    ----------
    entries, index
        The journal and which of its entries it is.
    tree, checkpoint
        The tree over the entries and the checkpoint signed over it.
    zone
        Where the claim's energy was made and used.
    status
        Name of the status list and the certificate's place in it; None if it cannot be taken back.
    stored
        What of its self-generation came out of a storage on the site: ``wh`` of each interval, and ``origins``, each with
        ``used``, ``made``, ``plant`` and ``wh``. The issuer states it; the entries of the storage are in the journal.

    Raises
    ------
    LedgerError
        The entry is neither a claim nor a lot, or the checkpoint is of another tree.
    """
    event = claimed(entries, index, tree, checkpoint)
    subject = {
        **{part: event.about[part] for part in ("lot", "product") if event.kind is Kind.LOT},
        "account": event.about["account"],
        "start": event.about["start"],
        "end": event.about["end"],
        "zone": zone,
        **({"stated": event.about["stated"]} if "stated" in event.about else {}),
        "method": METHOD,
        "hours": table_of(event),
        "score": score(event.rows).as_dict(),
        **({} if stored is None else {"stored": stored}),
    }
    evidence = {"head": event.head(), **placed(tree, index, checkpoint)}
    return issued(subject, evidence, TYPE, key=key, issuer=issuer, at=at, status=status)


def claimed(entries: Entries, index: int, tree: Tree, checkpoint: dict[str, Any]) -> Event:
    """Give the claim, or the lot of one, that a certificate is made of.

    Raises
    ------
    LedgerError
        The entry is neither a claim nor a lot, or the checkpoint is of another tree.
    """
    event = entries[index]
    if event.kind not in (Kind.CLAIM, Kind.LOT):
        refuse(_("only a claim has a certificate"), seen=str(event.kind))
    if checkpoint.get("root") != tree.root.hex() or checkpoint.get("size") != tree.size:
        refuse(_("the checkpoint is of another tree"), seen=checkpoint.get("root"))
    return event


def placed(tree: Tree, index: int, checkpoint: dict[str, Any]) -> dict[str, Any]:
    """Give the proof that an entry stands in a checkpoint."""
    return {
        "type": "TamnaJournalEntry",
        "index": index,
        "inclusion": [h.hex() for h in tree.inclusion(index)],
        "checkpoint": checkpoint,
    }


def issued(
    subject: dict[str, Any],
    evidence: dict[str, Any],
    kind: str,
    *,
    key: SigningKey,
    issuer: str,
    at: np.datetime64,
    status: tuple[str, int] | None,
) -> dict[str, Any]:
    """Sign a subject with its evidence; its name follows from what it holds."""
    name = canonical([issuer, subject, evidence]).decode("utf-8")
    document: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
        "type": ["VerifiableCredential", kind],
        "issuer": issuer,
        "validFrom": _second(at),
        "credentialSubject": subject,
        "evidence": evidence,
    }
    if status is not None:
        document["credentialStatus"] = {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListCredential": status[0],
            "statusListIndex": str(status[1]),
        }
    return signed(document, key, method=method_name(issuer, key.public), created=_second(at))


def status_credential(
    revoked: StatusList, name: str, *, key: SigningKey, issuer: str, at: np.datetime64, until: np.datetime64
) -> dict[str, Any]:
    """Sign a status list as it stands at `at`; from `until` on it says nothing more, and a reader needs a newer one."""
    document = {
        "@context": [CONTEXT[0]],
        "id": name,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": _second(at),
        "validUntil": _second(until),
        "credentialSubject": {
            "id": f"{name}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": revoked.encoded(),
        },
    }
    return signed(document, key, method=method_name(issuer, key.public), created=_second(at))


def controller_document(issuer: str, *keys: bytes) -> dict[str, Any]:
    """Write the issuer's controller document (W3C Controlled Identifiers v1.0), which other verifiers read."""
    methods = [
        {
            "id": method_name(issuer, public),
            "type": "Multikey",
            "controller": issuer,
            "publicKeyMultibase": multikey(public),
        }
        for public in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/cid/v1"],
        "id": issuer,
        "verificationMethod": methods,
        "assertionMethod": [m["id"] for m in methods],
    }


def span_of(rows: NDArray[np.void]) -> dict[str, Any]:
    """Give where a table begins and how long its intervals are; where all are of one length it stands once."""
    lengths = rows["length_s"]
    same = len(lengths) > 0 and bool((lengths == lengths[0]).all())
    return {
        "start": iso(rows["start"][0]),
        "length_s": int(lengths[0]) if same else [int(v) for v in lengths],
    }


def table_of(event: Event) -> dict[str, Any]:
    """Give the hours of a claim or a lot as columns."""
    return {**span_of(event.rows), **{name: event.rows[name].tolist() for name in _COLUMNS}}


def _second(at: np.datetime64) -> str:
    return f"{at.astype('M8[s]')}Z"
