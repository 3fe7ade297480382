"""A certificate for the shelf: a lot's hours as shares, so that its score can be counted and its load cannot be read.

It names its entry in the journal by the entry's hash alone. The entry's head holds a salt, so that nobody finds the
watt-hours by trying until a hash fits; and the hash binds them, so that the auditor's certificate of the same entry
opens the shelf's: whoever holds both counts the shares again from watt-hours (`verify`, check *opening*).

What stays visible: the hours, how one hour's load compares with another's in steps of 1/1000, and by which right.

What this does not hide: two lots of the same hours from different largest hours tell ratios more finely than one, so
lots of one farm should not overlap; and the proof shows one neighbour's hash, which is guessable where the neighbour is
an unsalted entry about a few hours. `tamna prove` salts every entry that holds energy (`Event.salted`); a book made
before, or by hand, may hold unsalted ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from tamna.grid.clock import iso
from tamna.lang import LANGUAGES, _
from tamna.ledger.certificate import claimed, issued, placed, span_of
from tamna.ledger.merkle import leaf_hash
from tamna.ledger.refusal import refuse
from tamna.ledger.shares import counted, shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from tamna.ledger.event import Entries
    from tamna.ledger.keys import SigningKey
    from tamna.ledger.merkle import Tree

__all__ = ["METHOD", "TYPE", "Lot", "salt", "shelf_certificate"]

METHOD: Final = "tamna-shelf-1"
TYPE: Final = "TamnaShelfClaim"
_SALT: Final = 32  # hexadecimal digits: 128 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What stands on the shelf.

    Attributes
    ----------
    name
        The lot's own mark, as printed on the pack.
    product, maker
        What it is and whose, in each language: ``{"en": ..., "ko": ...}``.
    """

    name: str
    product: Mapping[str, str]
    maker: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Give the lot as JSON carries it."""
        return {
            "name": self.name,
            "product": {lang: self.product[lang] for lang in LANGUAGES},
            "maker": {lang: self.maker[lang] for lang in LANGUAGES},
        }


def salt(key: SigningKey, *parts: str) -> str:
    """Make the salt of a claim: the same for the same key and parts, and nobody else can make it.

    Ed25519 signs the same text always alike, so the book can be made again to the byte without a second secret.
    """
    return sha256(key.sign("\n".join(("tamna salt", *parts)).encode())).hexdigest()[:_SALT]


def shelf_certificate(
    entries: Entries,
    index: int,
    lot: Lot,
    *,
    tree: Tree,
    checkpoint: dict[str, Any],
    zone: str,
    key: SigningKey,
    issuer: str,
    at: np.datetime64,
    status: tuple[str, int] | None = None,
    during: tuple[np.datetime64, np.datetime64] | None = None,
) -> dict[str, Any]:
    """Make the shelf certificate of a lot out of its own entry, or out of a claim that is one lot.

    Parameters
    ----------
    entries, index, tree, checkpoint, zone, status
        As for `certificate.certificate`.
    during
        The lot's own hours within the entry, start and end; None: all of them.

    Raises
    ------
    LedgerError
        The entry has no salt, is of another lot or of what only went into a storage, or the lot's hours are not whole
        intervals of it.
    """
    event = claimed(entries, index, tree, checkpoint)
    if len(str(event.about.get("salt", ""))) < _SALT:
        refuse(
            _("the claim has no salt: its watt-hours could be guessed from its hash"),
            of=f"#{index}",
            todo=_("Claim with a salt of 32 hexadecimal digits or more."),
        )
    if event.about.get("lot", lot.name) != lot.name:
        refuse(_("the entry is of another lot"), of=lot.name, seen=event.about["lot"])
    if event.about.get("purpose") == "storage":
        refuse(_("what is stored comes out again and is no product yet"), of=lot.name)
    rows = event.rows
    if during is not None:
        rows = rows[(rows["start"] >= during[0]) & (rows["start"] < during[1])]
    ends = rows["start"] + rows["length_s"].astype("m8[s]")
    if not len(rows) or (during is not None and (rows["start"][0], ends[-1]) != during):
        refuse(_("the lot's hours are not whole intervals of the claim"), of=lot.name)
    table = shares(rows)
    subject = {
        "account": event.about["account"],
        "lot": lot.as_dict(),
        "start": iso(rows["start"][0]),
        "end": iso(ends[-1]),
        "zone": zone,
        **({"stated": event.about["stated"]} if "stated" in event.about else {}),
        "method": METHOD,
        "hours": {**span_of(rows), **table},
        "score": counted(table),
    }
    evidence = {"leaf": leaf_hash(event.leaf()).hex(), **placed(tree, index, checkpoint)}
    return issued(subject, evidence, TYPE, key=key, issuer=issuer, at=at, status=status)
