"""The certificates of a product's lots: for the shelf, for the auditor, and what a reader needs to check them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamna.ledger import shelf
from tamna.ledger.certificate import certificate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np

    from tamna.grid import Island
    from tamna.ledger.event import Entries
    from tamna.ledger.keys import SigningKey
    from tamna.ledger.merkle import Tree
    from tamna.runs.proving import Proved

__all__ = ["Certified", "certified"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certified:
    """The two certificates of one lot; `shelf` is None where a lot used nothing, so that it has no shares."""

    name: str
    audit: Mapping[str, Any]
    shelf: Mapping[str, Any] | None


def certified(
    proved: Proved,
    island: Island,
    entries: Entries,
    *,
    tree: Tree,
    checkpoint: dict[str, Any],
    key: SigningKey,
    issuer: str,
    at: np.datetime64,
    status: str | None = None,
) -> Iterator[Certified]:
    """Certify every lot of a product.

    Parameters
    ----------
    entries, tree, checkpoint
        The journal by number, the tree over it, and the checkpoint signed over that.
    status
        Name of the status list; a lot's place in it is the number of its entry.
    """
    product = proved.product
    site = next((s for s in island.sites if s.name == product.site), None)
    title = product.title if site is None or site.title is None else site.title
    maker = {"en": title.en, "ko": title.ko}
    for lot in proved.lots:
        shared: dict[str, Any] = {
            "tree": tree, "checkpoint": checkpoint, "zone": product.zone, "key": key, "issuer": issuer, "at": at,
            "status": None if status is None else (status, lot.entry),
        }  # fmt: skip
        mark = shelf.Lot(name=lot.name, product={"en": product.title.en, "ko": product.title.ko}, maker=maker)
        yield Certified(
            name=lot.name,
            audit=certificate(entries, lot.entry, **shared),
            shelf=shelf.shelf_certificate(entries, lot.entry, mark, **shared) if lot.score.load_wh else None,
        )
