"""Check a certificate without the ledger, without a database and without the network.

Each check answers *valid*, *invalid* or *not checkable*, with its reason. A lone file cannot show that it was used
before, rolled back or revoked since: for that the reader brings what it knows (an earlier checkpoint, a list of claims
seen, a dated status list), and nothing is believed about the issuer beyond the reader's own list of keys.

===========  =====================================================================================================
check        valid when
===========  =====================================================================================================
form         canonical bytes of a certificate with exactly the parts that it has
signature    the document is what the key in its proof's name signed
issuer       that key is on the reader's list, of this issuer, and was not withdrawn
time         the reader's clock stands inside the certificate's validity
inclusion    the hours are those of the entry, and the entry stands in a checkpoint that the same issuer signed
score        counting the hours again gives the score
status       a signed list, as of its date, does not take the certificate back
history      an earlier checkpoint is the beginning of this one
reuse        the claim is on no list of claims seen before
===========  =====================================================================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.errors import LedgerError
from tamna.lang import Message, _
from tamna.ledger.canonical import canonical, parse
from tamna.ledger.merkle import check_consistency, check_inclusion, leaf_hash, root_of_rows
from tamna.ledger.multibase import from_multikey
from tamna.ledger.proof import check_proof, method_of
from tamna.ledger.score import score
from tamna.ledger.statuslist import from_encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Answer", "Check", "Known", "Report", "verify"]

_CONTEXT: Final = ["https://www.w3.org/ns/credentials/v2", "urn:tamna:context:1"]
_PARTS: Final = {"load_wh", "self_wh", "ppa_wh", "rec_wh", "location_wh", "estimated"}
_KEYS: Final[dict[str, set[str]]] = {
    "": {"@context", "id", "type", "issuer", "validFrom", "credentialSubject", "evidence", "proof"},
    "credentialSubject": {"account", "start", "end", "zone", "method", "hours", "score"},
    "evidence": {"type", "head", "index", "inclusion", "checkpoint"},
}
_MAY: Final = {"": {"credentialStatus", "validUntil"}}
_ROW: Final = np.dtype(
    [("start", "<M8[s]"), ("length_s", "<u4"), ("load_wh", "<u4"), ("self_wh", "<u4"), ("ppa_wh", "<u4"),
     ("rec_wh", "<u4"), ("location_wh", "<u4"), ("estimated", "u1")]
)  # fmt: skip
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z")


class Answer(StrEnum):
    """What a check says."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_CHECKABLE = "not checkable"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, its answer, and the reason where it is not valid, or how far a valid answer reaches."""

    name: str
    answer: Answer
    reason: Message | LedgerError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the reader brings; everything is optional.

    Attributes
    ----------
    now
        The reader's clock.
    trust
        ``{"issuer": DID, "keys": [{"id", "publicKeyMultibase", "until"?, "revoked"?}]}``: `until` ends a rotated
        key's use, `revoked` says that it may be in other hands.
    checkpoint, path
        An earlier checkpoint of this issuer, and the proof of consistency from the smaller to the larger, in hex.
    seen
        Hashes of the entries of claims seen before, in hex.
    status
        The status list, as a signed credential.
    """

    now: np.datetime64
    trust: Mapping[str, Any] | None = None
    checkpoint: Mapping[str, Any] | None = None
    path: Sequence[str] | None = None
    seen: frozenset[str] | None = None
    status: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The checks in their order."""

    checks: tuple[Check, ...]
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """``valid``, ``intact, issuer unknown``, or ``invalid``."""
        if any(c.answer is Answer.INVALID for c in self.checks):
            return "invalid"
        issuer = next((c.answer for c in self.checks if c.name == "issuer"), None)
        return "valid" if issuer is Answer.VALID else "intact, issuer unknown"

    @property
    def exit_code(self) -> int:
        """0 only for ``valid``."""
        return 0 if self.answer == "valid" else 1

    def __getitem__(self, name: str) -> Check:
        return next(c for c in self.checks if c.name == name)


class _Unknown(Exception):
    """A check that cannot be made with what is known."""


def verify(raw: bytes, known: Known) -> Report:
    """Check a certificate.

    Parameters
    ----------
    raw
        The file, as it was issued.
    known
        What the reader brings.

    Returns
    -------
    Report
        All checks; after a wrong form only that one, for nothing else can be said.
    """
    try:
        document = parse(raw)
        _check_form(document)
    except LedgerError as error:
        return Report((Check("form", Answer.INVALID, error),))
    checks: dict[str, Callable[[], Message | None]] = {
        "signature": lambda: check_proof(document, _key_in(method_of(document))),
        "issuer": lambda: _check_issuer(document, known),
        "time": lambda: _check_time(document, known),
        "inclusion": lambda: _check_inclusion(document),
        "score": lambda: _check_score(document),
        "status": lambda: _check_status(document, known),
        "history": lambda: _check_history(document, known),
        "reuse": lambda: _check_reuse(document, known),
    }
    return Report(
        (Check("form", Answer.VALID), *(_asked(name, check) for name, check in checks.items())), document
    )


def _asked(name: str, check: Callable[[], Message | None]) -> Check:
    try:
        return Check(name, Answer.VALID, check())
    except LedgerError as error:
        return Check(name, Answer.INVALID, error)
    except _Unknown as unknown:
        return Check(name, Answer.NOT_CHECKABLE, unknown.args[0])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        return Check(name, Answer.INVALID, _("a part of the certificate has the wrong form"))


def _check_form(document: Any) -> None:
    for path, keys in _KEYS.items():
        part = document if not path else document[path]
        if not isinstance(part, dict) or not keys <= set(part) <= keys | _MAY.get(path, set()):
            raise LedgerError(_("not the parts of a certificate: {path}", path=path or "/"))
    subject, hours = document["credentialSubject"], document["credentialSubject"]["hours"]
    if document["@context"] != _CONTEXT or document["type"] != ["VerifiableCredential", "TamnaHourlyClaim"]:
        raise LedgerError(_("another context or type than a certificate's"))
    if not isinstance(hours, dict) or set(hours) != _PARTS | {"start", "length_s"}:
        raise LedgerError(_("not the parts of a certificate: {path}", path="hours"))
    columns = [hours[name] for name in sorted(_PARTS)]
    if not all(isinstance(c, list) and len(c) == len(columns[0]) for c in columns) or not columns[0]:
        raise LedgerError(_("the columns of the hours differ in length"))
    if any(type(v) is not int or not 0 <= v < 2**32 for c in columns for v in c):
        raise LedgerError(_("an hour holds something else than whole watt-hours"))
    if subject["method"] != "tamna-hourly-1":
        raise LedgerError(_("a method that this program does not know"), seen=subject["method"])


def _key_in(method: str) -> bytes:
    return from_multikey(method.partition("#")[2])


def _check_issuer(document: Mapping[str, Any], known: Known) -> None:
    if known.trust is None:
        raise _Unknown(_("no list of trusted keys was given"))
    _check_trusted(document, known.trust)


def _check_trusted(document: Mapping[str, Any], trust: Mapping[str, Any]) -> None:
    """Refuse a document whose key is not the issuer's, on the reader's list, and still good."""
    method, issuer = method_of(dict(document)), document["issuer"]
    if issuer != trust["issuer"]:
        raise LedgerError(_("the issuer is not on the list of trusted keys"), seen=issuer)
    if method.partition("#")[0] != issuer:
        raise LedgerError(_("the key is not the issuer's"), seen=method)
    found = next((k for k in trust["keys"] if k["id"] == method), None)
    if found is None or from_multikey(found["publicKeyMultibase"]) != _key_in(method):
        raise LedgerError(_("the key is not on the list of trusted keys"), seen=method)
    if found.get("revoked"):
        raise LedgerError(_("the key was revoked: it may be in other hands"), seen=found["revoked"])
    if found.get("until") and _moment(document["proof"]["created"]) >= _moment(found["until"]):
        raise LedgerError(_("signed after the key's use had ended"), seen=document["proof"]["created"])


def _check_time(document: Mapping[str, Any], known: Known) -> None:
    begins = max(_moment(document["validFrom"]), _moment(document["proof"]["created"]))
    if known.now < begins:
        raise LedgerError(_("not valid yet by this machine's clock"), seen=document["validFrom"])
    if "validUntil" in document and known.now >= _moment(document["validUntil"]):
        raise LedgerError(_("no longer valid"), seen=document["validUntil"])
    if _moment(document["evidence"]["checkpoint"]["at"]) > begins:
        raise LedgerError(_("the checkpoint is younger than the certificate"))


def _check_inclusion(document: Mapping[str, Any]) -> None:
    """Lead the hours to the entry, the entry to the checkpoint, the checkpoint to the issuer."""
    subject, evidence = document["credentialSubject"], document["evidence"]
    head, checkpoint = evidence["head"], evidence["checkpoint"]
    rows = _rows(subject["hours"])
    if head["rows"] != len(rows) or head["root"] != root_of_rows(rows.tobytes(), rows.itemsize).hex():
        raise LedgerError(_("the hours are not those of the entry in the journal"))
    if head["kind"] != "claim" or any(head["about"][k] != subject[k] for k in ("account", "start", "end")):
        raise LedgerError(_("the certificate speaks of another claim than the entry in the journal"))
    length = rows["length_s"].astype("m8[s]")
    ends = rows["start"] + length
    if rows["start"][0] != _moment(subject["start"]) or ends[-1] != _moment(subject["end"]):
        raise LedgerError(_("the hours do not cover the period of the claim"))
    check_inclusion(
        leaf_hash(canonical(head)),
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
    check_proof(checkpoint, _key_in(method))


def _rows(hours: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.void]]:
    """Write the columns as the rows that the journal holds."""
    count = len(hours["load_wh"])
    lengths = np.asarray(hours["length_s"], np.int64) * np.ones(count, np.int64)
    if len(lengths) != count or (lengths < 1).any() or (lengths > 3600).any():
        raise LedgerError(_("an interval lasts 1 s to 1 h"))
    rows = np.zeros(count, _ROW)
    rows["start"] = _moment(hours["start"]) + (np.cumsum(lengths) - lengths).astype("m8[s]")
    rows["length_s"] = lengths
    for name in _PARTS:
        rows[name] = hours[name]
    if any(v > 1 for v in hours["estimated"]):
        raise LedgerError(_("an hour is estimated or it is not"))
    return rows


def _check_score(document: Mapping[str, Any]) -> None:
    subject = document["credentialSubject"]
    counted = score(subject["hours"]).as_dict()
    if subject["score"] != counted:
        wrong = next((k for k, v in counted.items() if subject["score"].get(k) != v), "")
        raise LedgerError(
            _("counting the hours again gives another {part}", part=wrong), seen=counted.get(wrong)
        )


def _check_status(document: Mapping[str, Any], known: Known) -> Message:
    entry = document.get("credentialStatus")
    if entry is None:
        raise _Unknown(_("the certificate names no status list"))
    if known.status is None:
        raise _Unknown(_("no status list was given"))
    if known.trust is None:
        raise _Unknown(_("no list of trusted keys was given"))
    status, subject = known.status, known.status["credentialSubject"]
    _check_trusted(status, known.trust)
    check_proof(dict(status), _key_in(method_of(dict(status))))
    if status["id"] != entry["statusListCredential"] or subject["statusPurpose"] != entry["statusPurpose"]:
        raise LedgerError(_("another status list than the certificate's"), seen=status["id"])
    if from_encoded(subject["encodedList"]).is_set(int(entry["statusListIndex"])):
        raise LedgerError(_("the certificate was taken back"), seen=status["validFrom"])
    return _("not taken back as of {moment}", moment=status["validFrom"])


def _check_history(document: Mapping[str, Any], known: Known) -> None:
    if known.checkpoint is None:
        raise _Unknown(_("no earlier checkpoint was given"))
    here, other = document["evidence"]["checkpoint"], known.checkpoint
    if other["issuer"] != here["issuer"]:
        raise LedgerError(_("the earlier checkpoint is another issuer's"), seen=other["issuer"])
    if known.trust is not None:
        _check_trusted(other, known.trust)
    check_proof(dict(other), _key_in(method_of(dict(other))))
    if (here["size"] < other["size"]) and _moment(here["at"]) > _moment(other["at"]):
        raise LedgerError(_("the journal was rolled back"), seen=f"{here['size']} after {other['size']}")
    old, new = sorted((here, other), key=lambda c: int(c["size"]))
    if known.path is None and old["size"] != new["size"]:
        raise _Unknown(_("no proof of consistency between the checkpoints was given"))
    check_consistency(
        old["size"],
        bytes.fromhex(old["root"]),
        new["size"],
        bytes.fromhex(new["root"]),
        [bytes.fromhex(h) for h in known.path or ()],
    )


def _check_reuse(document: Mapping[str, Any], known: Known) -> None:
    if known.seen is None:
        raise _Unknown(_("no list of claims seen before was given"))
    leaf = leaf_hash(canonical(document["evidence"]["head"])).hex()
    if leaf in known.seen:
        raise LedgerError(_("this claim was presented before"), seen=leaf)


def _moment(text: str) -> np.datetime64:
    if not _MOMENT.fullmatch(text):
        raise LedgerError(_("not a moment in UTC"), seen=text)
    return np.datetime64(text[:-1], "s")
