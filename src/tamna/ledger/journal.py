"""The journal: entries one after another, never changed, with a tree over them and signed checkpoints.

A checkpoint says: after so many entries the root was this. Two checkpoints of one journal are consistent or
somebody rewrote it; `Tree.consistency` proves which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tamna.grid.clock import iso
from tamna.ledger.merkle import Tree, tree_of
from tamna.ledger.proof import signed

if TYPE_CHECKING:
    import numpy as np

    from tamna.ledger.event import Event
    from tamna.ledger.keys import SigningKey

__all__ = ["CHECKPOINT", "Journal", "checkpoint"]

CHECKPOINT: Final = "TamnaCheckpoint"


@dataclass(frozen=True, slots=True, eq=False)
class Journal:
    """Entries in their order.

    Examples
    --------
    >>> len(Journal().entries)
    0
    """

    entries: tuple[Event, ...] = ()

    def with_entry(self, *events: Event) -> Journal:
        """Give the journal with more entries at its end."""
        return Journal((*self.entries, *events))

    def tree(self) -> Tree:
        """Grow the tree over the entries' leaves."""
        return tree_of(event.leaf() for event in self.entries)


def checkpoint(
    tree: Tree, key: SigningKey, *, issuer: str, method: str, at: np.datetime64, previous: str | None = None
) -> dict[str, Any]:
    """Sign where the journal stands.

    Parameters
    ----------
    issuer, method
        The issuer's DID, and the name of its key: the DID, ``#``, a part.
    previous
        Root of the checkpoint before, in hex; None for the first.
    """
    document = {
        "type": CHECKPOINT,
        "issuer": issuer,
        "at": iso(at),
        "size": tree.size,
        "root": tree.root.hex(),
        **({} if previous is None else {"previous": previous}),
    }
    return signed(document, key, method=method, created=_second(at))


def _second(at: np.datetime64) -> str:
    return f"{at.astype('M8[s]')}Z"
