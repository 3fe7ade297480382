"""The words of the page's own check: one for each check and each reason, in the language of the moment.

The reasons are those of `tamna.ledger.verify`, so that a page and ``tamna verify`` speak alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tamna.lang import Message, _, language
from tamna.ledger.hydrogen_score import COUNTS
from tamna.serve.shelf.says import MONTHS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHECKS", "REASONS", "words"]

CHECKS: Final[dict[str, Message]] = {
    "form": _("The certificate is whole and in its one form."),
    "signature": _("It is signed, and not a letter was changed since."),
    "time": _("It is valid today."),
    "inclusion": _("It stands in the journal that the issuer signed."),
    "score": _("Counting all hours again gives the same shares."),
    "hydrogen": _("Counting all hours again gives the same carbon and tier of a kilogram."),
    "status": _("It was not taken back, as of its issuer's list."),
    "page": _("The page says what the certificate says."),
}
_NAMES: Final[dict[str, Message]] = {
    **{f"path{i}": _("the picture") for i in range(6)},
    "sha256": _("the hash"),
    "fingerprint": _("the key's fingerprint"),
    "claimable": _("the share that may be claimed"),
    "physical": _("the share of the same hour"),
    "product": _("the product"),
    "maker": _("the maker"),
    "lot": _("the lot"),
    "export_rule": _("the export rule"),
    "links": _("the links"),
    **{
        f"{count}_{what}": _("the carbon of a kilogram")
        for count in COUNTS
        for what in ("share", "kg", "mj", "tier", "eu")
    },
}
REASONS: Final[dict[str, Message]] = {
    "too_long": _("longer than a file of this kind can be"),
    "utf8": _("not valid UTF-8"),
    "not_json": _("not JSON"),
    "deep": _("nested too deeply"),
    "no_number": _("JSON has no such number"),
    "too_large": _("a number beyond 2^53 - 1 does not survive as a double"),
    "surrogate": _("half of a surrogate pair is no character"),
    "not_canonical": _(
        "not in canonical bytes (RFC 8785): order of keys, white space, escapes or numbers differ"
    ),
    "parts": _("not the parts of a certificate: {path}"),
    "context": _("another context or type than a certificate's"),
    "method": _("a method that this program does not know"),
    "columns": _("the columns of the hours differ in length"),
    "whole": _("an hour holds something else than whole watt-hours"),
    "wrong_form": _("a part of the certificate has the wrong form"),
    "base58": _("not base58btc with its prefix z"),
    "multikey": _("not a Multikey of an Ed25519 public key"),
    "no_proof": _("the document carries no proof"),
    "proof_part": _("the proof's {part} must be {value}"),
    "proof_strange": _("the proof holds parts that do not belong to it"),
    "proof_context": _("the proof speaks of another @context than the document"),
    "proof_created": _("the proof does not say when it was made"),
    "proof_key": _("the proof does not name its key"),
    "proof_value": _("the proof has no value"),
    "signature": _("the signature does not fit the document"),
    "moment": _("not a moment in UTC"),
    "early": _("not valid yet by this machine's clock"),
    "late": _("no longer valid"),
    "young": _("the checkpoint is younger than the certificate"),
    "interval": _("an interval lasts 1 s to 1 h"),
    "estimated": _("an hour is estimated or it is not"),
    "period": _("the hours do not cover the period of the claim"),
    "leaf_outside": _("the leaf lies outside its tree"),
    "path_long": _("the proof of inclusion is too long"),
    "path_short": _("the proof of inclusion is too short"),
    "path_root": _("the proof of inclusion leads to another root"),
    "point_issuer": _("the checkpoint is another issuer's"),
    "point_type": _("the checkpoint is something else"),
    "point_key": _("certificate and checkpoint are signed with different keys"),
    "score": _("counting the hours again gives another {part}"),
    "whole_hydrogen": _("an hour of hydrogen holds something else than whole numbers"),
    "no_load": _("no load to take shares of"),
    "status_none": _("the certificate names no status list"),
    "status_issuer": _("the status list is another issuer's"),
    "status_other": _("another status list than the certificate's"),
    "status_form": _("not a Bitstring Status List"),
    "status_early": _("the status list is not valid yet"),
    "status_packed": _("the status list is not packed with gzip"),
    "status_short": _("a status list has at least 131,072 bits, in whole bytes"),
    "status_place": _("no such place in the status list"),
    "status_endless": _("the status list does not say until when it stands: ask the issuer for a newer one"),
    "status_old": _("the status list is out of date since {moment}: ask the issuer for a newer one"),
    "status_as_of": _("not taken back as of {moment}"),
    "taken_back": _("the certificate was taken back"),
    "no_gunzip": _("this browser cannot unpack the status list"),
    "page": _("the page says something else than its certificate: {part}"),
}


def words(offset_s: int, status: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give what the script needs: texts with their places unfilled, how island time is written, the status list."""
    return {
        "lang": language(),
        "status": status,
        "offset": offset_s,
        "months": list(MONTHS),
        "good": str(_("Checked: this page agrees with its signed certificate")),
        "bad": str(_("Do not rely on this page")),
        "checks": {name: str(text) for name, text in CHECKS.items()},
        "reasons": {name: str(text) for name, text in REASONS.items()},
        "names": {name: str(text) for name, text in _NAMES.items()},
    }
