"""The certificates of a product's lots: for the shelf, for the auditor, and what a reader needs to check them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tamna.ledger import shelf
from tamna.ledger.certificate import certificate
from tamna.ledger.hydrogen_certificate import Stated, batch_certificate, batch_shelf_certificate
from tamna.runs.storing import stored_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np

    from tamna.grid import Island
    from tamna.grid.product import Product
    from tamna.ledger.event import Entries
    from tamna.ledger.keys import SigningKey
    from tamna.ledger.merkle import Tree
    from tamna.runs.hydrogen_found import ProvedHydrogen
    from tamna.runs.proving import Proved

__all__ = ["BATCH", "Certified", "certified", "certified_batches"]

BATCH: Final = ".batch"
"""What the files of a batch of hydrogen have after its name, which a lot may have too."""


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
    for lot in proved.lots:
        shared: dict[str, Any] = {
            "tree": tree, "checkpoint": checkpoint, "zone": proved.product.zone, "key": key, "issuer": issuer, "at": at,
            "status": None if status is None else (status, lot.entry),
        }  # fmt: skip
        mark = marked(proved.product, island, lot.name)
        yield Certified(
            name=lot.name,
            audit=certificate(
                entries, lot.entry, stored=stored_of(proved.stored, proved.rows, lot.rows), **shared
            ),
            shelf=shelf.shelf_certificate(entries, lot.entry, mark, **shared) if lot.score.load_wh else None,
        )


def certified_batches(
    found: ProvedHydrogen,
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
    """Certify every batch of hydrogen, as it stands under the papers in force; parameters as for `certified`."""
    product = found.proved.product
    assert product.electrolyser is not None
    low, high = (round(factor * 1000.0) for factor in found.factors)
    for batch in found.batches:
        shared: dict[str, Any] = {
            "tree": tree, "checkpoint": checkpoint, "zone": product.zone, "key": key, "issuer": issuer, "at": at,
            "status": None if status is None else (status, batch.entry),
        }  # fmt: skip
        stated = Stated(process=product.electrolyser.process, worked=batch.hours, grid_mg_per_kwh=(low, high))
        mark = marked(product, island, batch.name)
        yield Certified(
            name=f"{batch.name}{BATCH}",
            audit=batch_certificate(entries, batch.entry, stated, **shared),
            shelf=batch_shelf_certificate(entries, batch.entry, stated, mark, **shared),
        )


def marked(product: Product, island: Island, name: str) -> shelf.Lot:
    """Say what stands on the shelf: the product, and whose it is."""
    site = next((s for s in island.sites if s.name == product.site), None)
    title = product.title if site is None or site.title is None else site.title
    return shelf.Lot(
        name=name,
        product={"en": product.title.en, "ko": product.title.ko},
        maker={"en": title.en, "ko": title.ko},
    )
