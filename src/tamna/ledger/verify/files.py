"""Check a certificate against the files that its reader holds; no store, no database, no network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.errors import LedgerError, Mistake, Place, UsageError
from tamna.lang import _
from tamna.ledger.canonical import parse
from tamna.ledger.keys import fingerprint
from tamna.ledger.proof import method_of
from tamna.ledger.verify import Answer, Check, Known, Report, claim_of, verify
from tamna.ledger.verify.page import certificate_bytes
from tamna.ledger.verify.trust import key_in, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["MOST_BYTES", "Verified", "read_file", "status_in", "verified"]

MOST_BYTES: Final = 32 * 1024 * 1024
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verified:
    """A certificate's report, with what names it.

    Attributes
    ----------
    sha256
        Hash of the certificate's own bytes, which a label carries, in hex.
    claim
        Hash of the entry of the claim, which a list of claims seen holds, in hex; None after a wrong form.
    key, fingerprint
        The name of the key that signed, and the SHA-256 of the key, in hex; None where none can be read.
    """

    report: Report
    sha256: str
    claim: str | None
    key: str | None
    fingerprint: str | None

    def as_dict(self) -> dict[str, Any]:
        """Give the answers as JSON carries them."""
        subject = self.report.document.get("credentialSubject", {})
        return {
            "answer": self.report.answer,
            "exit_code": self.report.exit_code,
            "checks": [_told(check) for check in self.report.checks],
            "issuer": self.report.document.get("issuer"),
            "key": self.key,
            "fingerprint": self.fingerprint,
            "claim": self.claim,
            "sha256": self.sha256,
            **{
                part: subject[part]
                for part in ("account", "lot", "batch", "start", "end", "stated", "score")
                if part in subject
            },
            **({"hydrogen": subject["hydrogen"]["result"]} if "hydrogen" in subject else {}),
        }


def verified(
    file: Path,
    *,
    trust: Path | None = None,
    checkpoint: Path | None = None,
    seen: Path | None = None,
    status: Path | None = None,
    opening: Path | None = None,
    now: np.datetime64 | None = None,
) -> Verified:
    """Check the certificate in `file`, which may be a shelf page, with what its reader brings.

    Parameters
    ----------
    trust
        The reader's list of keys, or the issuer's controller document.
    checkpoint
        An earlier checkpoint, or ``{"checkpoint": ..., "consistency": [hashes in hex]}``.
    seen
        A list of the hashes of claims seen before.
    status
        The signed status list.
    opening
        The auditor's certificate that a shelf certificate was made of.
    now
        The reader's clock; None: this machine's.

    Raises
    ------
    LedgerError
        A file that the reader brings cannot be read as what it should be. The certificate itself is never a reason to
        raise: what is wrong with it is the report's.
    """
    point, path = _earlier(checkpoint)
    known = Known(
        now=np.datetime64("now", "s") if now is None else now,
        trust=_brought(trust, keys_of),
        checkpoint=point,
        path=path,
        seen=_seen(seen),
        status=_brought(status, _status_form),
        opening=None if opening is None else certificate_bytes(read_file(opening)),
    )
    raw = read_file(file)
    try:
        raw = certificate_bytes(raw)
    except LedgerError as error:
        return Verified(
            Report((Check("form", Answer.INVALID, error),)), sha256(raw).hexdigest(), None, None, None
        )
    report = verify(raw, known)
    return Verified(report, sha256(raw).hexdigest(), *_names(report))


def _names(report: Report) -> tuple[str | None, str | None, str | None]:
    try:
        method = method_of(dict(report.document))
        return claim_of(report.document), method, fingerprint(key_in(method))
    except (LedgerError, KeyError, TypeError, ValueError):
        return None, None, None


def read_file(path: Path) -> bytes:
    """Read a file of at most 32 MiB.

    Raises
    ------
    UsageError
        It is not there, is no file, or is longer.
    """
    where = Place(file=str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(_("the file cannot be read"), where=where, seen=error.strerror) from error
    if len(raw) > MOST_BYTES:
        raise UsageError(_("longer than a file of this kind can be"), where=where)
    return raw


def status_in(path: Path) -> dict[str, Any]:
    """Read a status list's file; who signed it, and whether it still stands, is not asked here.

    Raises
    ------
    UsageError, LedgerError
        It cannot be read, or is no status list.
    """
    found = _brought(path, _status_form)
    assert found is not None
    return found


def _brought(path: Path | None, check: Callable[[Mapping[str, Any]], object]) -> dict[str, Any] | None:
    """Read what the reader brings, strictly but in any layout, and check its form before it is used."""
    if path is None:
        return None
    raw = read_file(path)
    try:
        value = _object(parse(raw, canonical_only=False))
        check(value)
    except LedgerError as error:
        raise _in_file(error, path) from error
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LedgerError(_("not a JSON object"))
    return value


def _in_file(error: LedgerError, path: Path) -> LedgerError:
    place = Place(file=str(path))
    return LedgerError([Mistake(what=m.what, where=place, seen=m.seen, todo=m.todo) for m in error.mistakes])


def _status_form(value: Mapping[str, Any]) -> None:
    subject = value.get("credentialSubject")
    if not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
        raise LedgerError(_("not a Bitstring Status List"))


def _earlier(path: Path | None) -> tuple[dict[str, Any] | None, list[str] | None]:
    value = _brought(path, _checkpoint_form)
    if value is None or "consistency" not in value:
        return value, None
    return value["checkpoint"], value["consistency"]


def _checkpoint_form(value: Mapping[str, Any]) -> None:
    point = value.get("checkpoint", value)
    if not isinstance(point, dict) or point.get("type") != "TamnaCheckpoint":
        raise LedgerError(_("not a checkpoint"))
    _check_hashes(value.get("consistency", []))


def _check_hashes(values: Any) -> None:
    if not isinstance(values, list) or not all(isinstance(v, str) and _HASH.fullmatch(v) for v in values):
        raise LedgerError(_("not a list of hashes: 64 hexadecimal digits each"))


def _seen(path: Path | None) -> frozenset[str] | None:
    if path is None:
        return None
    raw = read_file(path)
    try:
        values = parse(raw, canonical_only=False)
        _check_hashes(values)
    except LedgerError as error:
        raise _in_file(error, path) from error
    return frozenset(values)


def _told(check: Check) -> dict[str, Any]:
    told: dict[str, Any] = {"name": check.name, "answer": str(check.answer)}
    if isinstance(check.reason, LedgerError):
        told["reason"] = str(check.reason)
        told["mistakes"] = [m.as_dict() for m in check.reason.mistakes]
    elif check.reason is not None:
        told["reason"] = str(check.reason)
    return told
