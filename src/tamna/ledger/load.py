"""What an account's meters used, hour by hour, and how much of each hour is spoken for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.arrays import first_of, places, shared
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.integer[Any]]
    Stamps = NDArray[np.datetime64]

__all__ = ["Load", "allotted", "covering", "empty", "metered", "restated", "rows_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Consumption of one account, in time order, without overlap.

    Attributes
    ----------
    start, length_s : (rows,) [UTC; s]
        The interval.
    wh : (rows,) [Wh]
        What was used, by the latest reading.
    estimated : (rows,)
        Whether that reading is an estimate.
    allotted_wh : (rows,) [Wh]
        What was cancelled for the account in this interval.
    claim : (rows,)
        The entry that claims this interval, or -1.
    """

    start: Stamps
    length_s: Whole
    wh: Whole
    estimated: NDArray[np.bool_]
    allotted_wh: Whole
    claim: Whole


def empty() -> Load:
    """Give the consumption of an account without readings."""
    nothing = np.empty(0, np.uint32)
    return Load(
        start=np.empty(0, "M8[s]"),
        length_s=np.empty(0, np.uint16),
        wh=nothing,
        estimated=np.empty(0, bool),
        allotted_wh=nothing,
        claim=np.empty(0, np.int32),
    )


def metered(load: Load, rows: NDArray[np.void]) -> Load:
    """Add readings (`event.READ`) whose intervals overlap with none before; `rows` rise in time."""
    n = len(rows)
    grown = Load(
        shared(np.concatenate([load.start, rows["start"]])),
        shared(np.concatenate([load.length_s, rows["length_s"].astype(np.uint16)])),
        np.concatenate([load.wh, rows["wh"]]),
        np.concatenate([load.estimated, rows["estimated"] > 0]),
        np.concatenate([load.allotted_wh, np.zeros(n, np.uint32)]),
        np.concatenate([load.claim, np.full(n, -1, np.int32)]),
    )
    if not (grown.start[1:] < grown.start[:-1]).any():
        return grown
    order = np.argsort(grown.start, kind="stable")
    return Load(*(getattr(grown, name)[order] for name in Load.__slots__))


def rows_of(load: Load, of: str, start: Stamps) -> Whole:
    """Find the reading of each interval that starts at `start`.

    Raises
    ------
    LedgerError
        Nothing was metered in one of them.
    """
    if len(load.start):
        where = places(load.start, start)
        there = load.start[np.minimum(where, len(load.start) - 1)] == start
    else:
        where, there = np.zeros(len(start), np.int64), np.zeros(len(start), bool)
    for i in first_of(~there):
        refuse(_("no consumption was metered in this interval"), of=of, hour=start[i])
    return where


def allotted(load: Load, of: str, start: Stamps, wh: Whole) -> Load:
    """Add what was cancelled for the account: never more than it used in the same interval; each `start` once.

    Raises
    ------
    LedgerError
        Nothing was metered then, or less than is now spoken for.
    """
    rows = rows_of(load, of, start)
    total = load.allotted_wh[rows] + wh
    for i in first_of((total > load.wh[rows]) & (wh > 0)):
        refuse(
            _("more would be cancelled than was used ({wh} Wh)", wh=int(load.wh[rows[i]])),
            of=of,
            hour=start[i],
            seen=f"{int(total[i])} Wh",
        )
    after = load.allotted_wh.copy()
    after[rows] = total
    return replace(load, allotted_wh=after)


def restated(load: Load, rows: Whole, readings: NDArray[np.void]) -> Load:
    """Give the consumption with corrected readings in place of those in `rows`."""
    wh, estimated = load.wh.copy(), load.estimated.copy()
    wh[rows], estimated[rows] = readings["wh"], readings["estimated"] > 0
    return replace(load, wh=wh, estimated=estimated)


def covering(load: Load, of: str, start: np.datetime64, end: np.datetime64) -> slice:
    """Find the readings that cover ``start <= t < end`` without a gap.

    Raises
    ------
    LedgerError
        The period is longer than its meter data, has a gap, or cuts an interval.
    """
    if not start < end:
        refuse(_("a period must end after it starts"), of=of, hour=start)
    first, last = (int(np.searchsorted(load.start, moment)) for moment in (start, end))
    starts, lengths = load.start[first:last], load.length_s[first:last].astype("m8[s]")
    due = np.concatenate([[start], starts + lengths])
    met = np.concatenate([starts, [end]])
    for i in first_of(due != met):
        refuse(
            _("the period is not covered by meter data"),
            of=of,
            hour=due[i],
            todo=_("Load the readings first, or ask for a shorter period."),
        )
    return slice(first, last)
