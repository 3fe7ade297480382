"""Receipts as the auditor reads them: who published a file, what may be done with it, which island days it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import to_local
from tamna.serve.report.view import ReceiptRow
from tamna.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamna.sources import Receipt


def receipt_rows(receipts: Iterable[Receipt], timezone: str) -> tuple[ReceiptRow, ...]:
    """Give a row a file; its span is in island days, both inclusive."""
    return tuple(
        ReceiptRow(
            name=r.name,
            sha256=r.sha256,
            publisher=SOURCES[r.source].publisher,
            licence=SOURCES[r.source].licence,
            use=SOURCES[r.source].use,
            rows=r.rows,
            data_start=_day(r.data_start, timezone),
            data_end=_day(r.data_end, timezone, closing=True),
        )
        for r in receipts
    )


def _day(stamp: str, timezone: str, *, closing: bool = False) -> str:
    """Give the island's day of a receipt's UTC stamp; a `closing` stamp ends the day before it."""
    at = np.datetime64(stamp.removesuffix("Z"), "s") - np.timedelta64(1 if closing else 0, "s")
    return str(to_local(np.array([at]), timezone)[0])[:10]
