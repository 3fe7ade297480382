"""What entries cancelled, by plant and interval: one pass over the lines, however many entries are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from tamna.ledger.line import Line

    Whole = NDArray[np.integer[Any]]

__all__ = ["Backing", "backing"]


@dataclass(frozen=True, slots=True, eq=False)
class Backing:
    """Cancelled watt-hours of live issuances, piece by piece, by device and then by place on its line.

    Attributes
    ----------
    entry, device : (pieces,)
        The entry that cancelled it, and the number of the plant.
    start : (pieces,) [UTC]
    wh : (pieces,) [Wh]
    """

    entry: Whole
    device: Whole
    start: NDArray[np.datetime64]
    wh: Whole


def backing(lines: Sequence[Line], entries: Collection[int]) -> Backing:
    """Give what `entries` cancelled and what of it still stands.

    The time is that of looking once at every piece of every line; a line without any of the entries is passed over.
    """
    asked = np.unique(np.fromiter(entries, np.int64, len(entries)))
    found: list[tuple[Whole, Whole, NDArray[np.datetime64], Whole]] = []
    if len(asked):
        for number, line in enumerate(lines):
            within = np.flatnonzero((line.ref >= asked[0]) & (line.ref <= asked[-1]))
            refs = line.ref[within]
            mine = within[asked[np.searchsorted(asked, refs)] == refs]
            if not len(mine):
                continue
            row = np.searchsorted(line.base, line.at[mine], side="right") - 1
            ends = np.append(line.at[1:], line.total_wh)[mine]
            live = line.live[row]
            kept = mine[live]
            found.append(
                (
                    line.ref[kept],
                    np.full(len(kept), number),
                    line.start[row[live]],
                    (ends - line.at[mine])[live],
                )
            )
    columns = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, "M8[s]"), np.empty(0, np.int64))
    if not found:
        return Backing(*columns)
    entry, device, start, wh = (np.concatenate(part) for part in zip(*found, strict=True))
    return Backing(entry.astype(np.int64), device, start, wh.astype(np.int64))
