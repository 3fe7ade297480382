"""The form of a certificate: exactly these parts, and a table of whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tamna.errors import LedgerError
from tamna.lang import LANGUAGES, _
from tamna.ledger.canonical import parse
from tamna.ledger.shares import STEPS
from tamna.ledger.verify.answer import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

__all__ = [
    "SHELF",
    "WATT_HOURS",
    "certificate_in",
    "check_parts",
    "is_batch",
    "is_shelf",
    "rows_of",
    "spans_of",
    "strange",
]

WATT_HOURS: Final = ("VerifiableCredential", "TamnaHourlyClaim")
SHELF: Final = ("VerifiableCredential", "TamnaShelfClaim")
BATCH: Final = ("VerifiableCredential", "TamnaHydrogenBatch")
BATCH_SHELF: Final = ("VerifiableCredential", "TamnaHydrogenShelfBatch")
_MOST_BYTES: Final = 16 * 1024 * 1024  # a year in quarters of an hour takes 1 MB
_MOST_DEEP: Final = 16
_CONTEXT: Final = ["https://www.w3.org/ns/credentials/v2", "urn:tamna:context:1"]
_DOCUMENT: Final = frozenset(
    {"@context", "id", "type", "issuer", "validFrom", "credentialSubject", "evidence", "proof"}
)
_MAY: Final = {"credentialStatus", "validUntil"}
_SUBJECT: Final = frozenset({"account", "start", "end", "zone", "method", "hours", "score"})
_EVIDENCE: Final = frozenset({"type", "index", "inclusion", "checkpoint"})
_PARTS_WH: Final = frozenset({"load_wh", "self_wh", "ppa_wh", "rec_wh", "location_wh", "estimated"})
_ROW: Final = np.dtype(
    [("start", "<M8[s]"), ("length_s", "<u4"), ("load_wh", "<u4"), ("self_wh", "<u4"), ("ppa_wh", "<u4"),
     ("rec_wh", "<u4"), ("location_wh", "<u4"), ("estimated", "u1")]
)  # fmt: skip


class _Form(NamedTuple):
    """What stands in a certificate of one type: parts that must and that may, and the columns of its hours."""

    method: str
    subject: frozenset[str]
    subject_may: frozenset[str]
    evidence: frozenset[str]
    columns: frozenset[str]
    beside: frozenset[str]


_SHELF_COLUMNS: Final = frozenset({"self", "ppa", "rec", "location", "rest", "estimated"})
_FORMS: Final[dict[tuple[str, ...], _Form]] = {
    WATT_HOURS: _Form(
        "tamna-hourly-1",
        _SUBJECT,
        frozenset({"lot", "product", "stated", "stored"}),
        frozenset({"head"}),
        _PARTS_WH,
        frozenset({"start", "length_s"}),
    ),
    BATCH: _Form(
        "tamna-hydrogen-1",
        _SUBJECT | {"batch", "hydrogen"},
        frozenset({"stated"}),
        frozenset({"head", "claim"}),
        _PARTS_WH,
        frozenset({"start", "length_s"}),
    ),
    BATCH_SHELF: _Form(
        "tamna-hydrogen-shelf-1",
        _SUBJECT | {"lot", "hydrogen"},
        frozenset({"stated"}),
        frozenset({"leaf"}),
        _SHELF_COLUMNS,
        frozenset({"start", "length_s", "largest"}),
    ),
    SHELF: _Form(
        "tamna-shelf-1",
        _SUBJECT | {"lot"},
        frozenset({"stated"}),
        frozenset({"leaf"}),
        _SHELF_COLUMNS,
        frozenset({"start", "length_s", "largest"}),
    ),
}


def certificate_in(raw: bytes) -> dict[str, Any]:
    """Read a certificate's file.

    Raises
    ------
    LedgerError
        Not canonical bytes, too long, nested too deeply, or not the parts of a certificate.
    """
    document: Any = parse(raw, most_bytes=_MOST_BYTES, most_deep=_MOST_DEEP)
    if not isinstance(document, dict):
        strange("/")
    _check_form(document)
    return dict(document)


def is_shelf(document: Mapping[str, Any]) -> bool:
    """Say whether a certificate is one for the shelf: shares instead of watt-hours."""
    return document["type"] in ([*SHELF], [*BATCH_SHELF])


def is_batch(document: Mapping[str, Any]) -> bool:
    """Say whether a certificate is of a batch of hydrogen."""
    return document["type"] in ([*BATCH], [*BATCH_SHELF])


def _check_form(document: dict[str, Any]) -> None:
    check_parts(document, _DOCUMENT, "/", _MAY)
    kind = document["type"]
    form = _FORMS.get(tuple(map(str, kind))) if isinstance(kind, list) else None
    if document["@context"] != _CONTEXT or form is None:
        raise LedgerError(_("another context or type than a certificate's"))
    subject = document["credentialSubject"]
    check_parts(subject, form.subject, "credentialSubject", form.subject_may)
    check_parts(document["evidence"], _EVIDENCE | form.evidence, "evidence")
    if subject["method"] != form.method:
        raise LedgerError(_("a method that this program does not know"), seen=subject["method"])
    _check_stated(subject.get("stated", {"export_rule": ""}))
    _check_table(subject["hours"], form)
    if is_shelf(document):
        _check_lot(subject["lot"])
        if type(subject["hours"]["largest"]) is not int or subject["hours"]["largest"] not in STEPS:
            strange("largest")


def check_parts(part: Any, must: AbstractSet[str], path: str, may: AbstractSet[str] = frozenset()) -> None:
    """Refuse a part that is no object, or that holds less than it must or more than it may."""
    if not isinstance(part, dict) or not must <= set(part) <= must | may:
        strange(path)


def _check_stated(stated: Any) -> None:
    """What a claim says of its policy: an export rule, links, or both."""
    check_parts(stated, frozenset(), "stated", {"export_rule", "links"})
    links = stated.get("links", [])
    texts = [stated.get("export_rule", ""), *links] if isinstance(links, list) else [None]
    if not stated or not all(isinstance(one, str) for one in texts):
        strange("stated")


def _check_table(hours: Any, form: _Form) -> None:
    check_parts(hours, form.columns | form.beside, "hours")
    found = [hours[name] for name in sorted(form.columns)]
    if not all(isinstance(c, list) and len(c) == len(found[0]) for c in found) or not found[0]:
        raise LedgerError(_("the columns of the hours differ in length"))
    if any(type(v) is not int or not 0 <= v < 2**32 for c in found for v in c):
        raise LedgerError(_("an hour holds something else than whole watt-hours"))


def _check_lot(lot: Any) -> None:
    check_parts(lot, {"name", "product", "maker"}, "lot")
    for part in (lot["product"], lot["maker"]):
        check_parts(part, set(LANGUAGES), "lot")
    if not all(map(_is_text, (lot["name"], *lot["product"].values(), *lot["maker"].values()))):
        strange("lot")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def strange(path: str) -> None:
    """Refuse what is not the form of a certificate."""
    raise LedgerError(_("not the parts of a certificate: {path}", path=path))


def spans_of(
    hours: Mapping[str, Any], count: int
) -> tuple[np.ndarray[Any, np.dtype[np.datetime64]], np.ndarray[Any, np.dtype[np.int64]]]:
    """Give the intervals of a table, one after another: starts (n,) UTC [s], lengths (n,) [s]."""
    given = hours["length_s"] if isinstance(hours["length_s"], list) else [hours["length_s"]] * count
    if len(given) != count or any(type(v) is not int or not 1 <= v <= 3600 for v in given):
        raise LedgerError(_("an interval lasts 1 s to 1 h"))
    if any(v > 1 for v in hours["estimated"]):
        raise LedgerError(_("an hour is estimated or it is not"))
    lengths = np.asarray(given, np.int64)
    return moment(hours["start"]) + (np.cumsum(lengths) - lengths).astype("m8[s]"), lengths


def rows_of(hours: Mapping[str, Any]) -> np.ndarray[Any, np.dtype[np.void]]:
    """Write the columns of watt-hours as the rows that the journal holds."""
    count = len(hours["load_wh"])
    rows = np.zeros(count, _ROW)
    rows["start"], rows["length_s"] = spans_of(hours, count)
    for name in _PARTS_WH:
        rows[name] = hours[name]
    return rows
