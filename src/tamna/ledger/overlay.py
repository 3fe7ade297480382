"""Who gets which watt-hour of an hour: two ways of cutting one line, laid over each other.

In each hour what is given is a line of whole watt-hours. The plants cut it by what each gives, the accounts by
what each takes. Both cuts laid over each other say which ids go to whom: at most one range fewer than there are
plants and accounts, whatever their number, where a table of pairs would need their product.

A proportional part is rounded by the running sum, ``floor(sum_so_far x total / whole)``: the parts add up to the
total exactly, each is within 1 Wh of its due, and none is more than was there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.arrays import distinct
from tamna.ledger.nouns import MOST_WH
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.integer[Any]]

__all__ = ["Overlay", "Share", "overlay"]


class Share(StrEnum):
    """How an hour's energy is shared where there is not enough, or not enough use."""

    PROPORTIONAL = "proportional"
    IN_ORDER = "in order"


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """Ranges that go from one supply to one demand.

    Attributes
    ----------
    supply, demand : (ranges,)
        Numbers of the entries.
    offset_wh, wh : (ranges,) [Wh]
        Where in the supply the range begins, and how long it is.
    """

    supply: Whole
    demand: Whole
    offset_wh: Whole
    wh: Whole


def overlay(
    supply_hour: Whole, supply_wh: Whole, demand_hour: Whole, demand_wh: Whole, *, hours: int, share: Share,
    most: Whole | None = None,
) -> Overlay:  # fmt: skip
    """Share out each hour's supply over its demand.

    Parameters
    ----------
    supply_hour, demand_hour : (supplies,), (demands,)
        Number of the hour of each entry, 0 to `hours` - 1, rising.
    supply_wh, demand_wh : (supplies,), (demands,) [Wh]
        What each could give and would take; whole, > 0.
    most : (hours,) [Wh]
        What may be given in each hour at all; None without limit.

    Returns
    -------
    Overlay
        In each hour ``min(sum of supply, sum of demand)`` is given, all of it, or `most` where that is less.

    Examples
    --------
    Two plants of 30 and 10 Wh, two accounts that would take 10 Wh each:

    >>> both = overlay(np.array([0, 0]), np.array([30, 10]), np.array([0, 0]), np.array([10, 10]), hours=1,
    ...                share=Share.PROPORTIONAL)
    >>> [tuple(map(int, r)) for r in zip(both.supply, both.demand, both.offset_wh, both.wh)]
    [(0, 0, 0, 10), (0, 1, 10, 5), (1, 1, 0, 5)]
    """
    given = np.bincount(supply_hour, supply_wh, hours).astype(np.int64)
    asked = np.bincount(demand_hour, demand_wh, hours).astype(np.int64)
    if max(given.max(initial=0), asked.max(initial=0)) > MOST_WH:
        refuse(_("more than an interval can hold"), seen=f"{max(given.max(), asked.max())} Wh")
    total = np.minimum(given, asked)
    if most is not None:
        total = np.minimum(total, most)
    line = np.concatenate([[0], np.cumsum(total)])
    supply_at = line[supply_hour] + _begins(supply_hour, supply_wh, given, total, share)
    demand_at = line[demand_hour] + _begins(demand_hour, demand_wh, asked, total, share)
    cuts = distinct(np.concatenate([supply_at, demand_at]))
    cuts = cuts[cuts < line[-1]]
    supply, demand = _which(supply_at, cuts), _which(demand_at, cuts)
    return Overlay(supply, demand, cuts - supply_at[supply], np.diff(cuts, append=line[-1]))


def _which(begins: Whole, cuts: Whole) -> Whole:
    """Give, for each of the rising `cuts`, which of the rising `begins` it lies in; each begin is a cut or beyond all.

    The same as ``np.searchsorted(begins, cuts, side="right") - 1``, but the fewer are looked for among the more.
    """
    first = np.searchsorted(cuts, begins)
    return np.repeat(np.arange(len(begins)), np.diff(first, append=len(cuts)))


def _begins(hour: Whole, wh: Whole, whole: Whole, total: Whole, share: Share) -> Whole:
    """Give where in its hour each entry's part begins."""
    before = np.cumsum(wh) - wh
    before -= (np.cumsum(whole) - whole)[hour]
    if share is Share.IN_ORDER:
        first: Whole = np.minimum(before, total[hour])
        return first
    # both factors are below 2^32, so the product fits in 64 bits
    product = before.astype(np.uint64) * total[hour].astype(np.uint64)
    begin: Whole = (product // whole[hour].astype(np.uint64)).astype(np.int64)
    return begin
