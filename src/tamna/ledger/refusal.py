"""How the ledger says no: one reason, the device, account or entry it concerns, and the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from tamna.errors import LedgerError, Place
from tamna.grid.clock import iso

if TYPE_CHECKING:
    import numpy as np

    from tamna.lang import Message

__all__ = ["refuse"]


def refuse(
    what: Message,
    *,
    of: str | None = None,
    hour: np.datetime64 | None = None,
    seen: object = None,
    todo: Message | None = None,
) -> NoReturn:
    """Raise `LedgerError`: `what` is wrong with `of` in the interval that starts at `hour` (UTC)."""
    where = Place(path=of, hour=None if hour is None else iso(hour))
    raise LedgerError(what, where=where, seen=seen, todo=todo)
