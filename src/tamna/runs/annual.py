"""What the annual paper says of a product: volumes over the period, whatever the hour, and no plant counted beyond what it made.

Several papers, anybody's in the book, may name one plant. What the plant made in the period is shared between them: each
has what its hours were given (cancelled under it); of the rest the papers with a volume take what is left of it, in the
order in which they stand in the book; what then is left, papers without a volume share by what their accounts used beside.
So over all products together a plant counts at most once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import Period, parse_period
from tamna.lang import Message, _
from tamna.ledger.line import find, sizes
from tamna.runs.proving_book import account_of, device_of, issued_wh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.grid.product import Product
    from tamna.ledger.nouns import Right
    from tamna.ledger.state import State

    Whole = NDArray[np.integer[Any]]

__all__ = ["Annual", "annual", "shared_plant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annual:
    """What a product's papers and its own plants gave over a period.

    Attributes
    ----------
    papers_wh
        Volumes: of papers without a plant by their days, of those with one as far as the plant made them. [Wh]
    own_wh
        Its own plants, and its part of plants under a paper without a volume. [Wh]
    notes
        Which plants others have a paper of too.
    """

    papers_wh: int
    own_wh: int
    notes: tuple[Message, ...]


def annual(state: State, product: Product, period: Period, timezone: str) -> Annual:
    """Count what the annual paper says, from papers and meters that stand in the book."""
    account = account_of(product)
    papers = own = 0
    notes: list[Message] = []
    for paper in product.papers:
        if paper.plant is None and paper.volume_mwh is not None:
            span = parse_period(paper.first.isoformat(), paper.last.isoformat(), timezone)
            papers += _by_days(int(paper.volume_mwh.value * 1e6), span, period)
    for plant in product.plants:
        device = device_of(product, plant)
        if plant.owner == "self":
            own += int(issued_wh(state, device, period.stamps()).sum())
            continue
        rights = [
            r
            for r in state.rights.values()
            if device in r.devices and r.start < period.end and r.end > period.start
        ]
        for right, wh in zip(rights, shared_plant(state, device, rights, period), strict=True):
            if right.account == account:
                papers, own = (papers, own + wh) if right.limit_wh is None else (papers + wh, own)
        others = sorted({r.account for r in rights} - {account})
        if others and any(r.account == account for r in rights):
            notes.append(
                _("{plant}: {others} also have a paper of it; in the annual score it counts once over all of them,"
                  " and what was proved before they stood in the book counted it whole",
                  plant=plant.name, others=", ".join(others))
            )  # fmt: skip
    return Annual(papers_wh=papers, own_wh=own, notes=tuple(notes))


def shared_plant(state: State, device: str, rights: Sequence[Right], period: Period) -> list[int]:
    """Share what a plant made in a period between papers: in sum never more than it made. (rights,) [Wh]"""
    if not rights:
        return []
    stamps = period.stamps()
    inside = np.array([(stamps >= r.start) & (stamps < r.end) for r in rights], bool).reshape(len(rights), -1)
    given = np.array([_given(state, device, r.paper, stamps) for r in rights], np.int64).reshape(inside.shape)
    rest = issued_wh(state, device, stamps) - given.sum(axis=0)
    out = given.sum(axis=1).tolist()
    for i, right in enumerate(rights):
        if right.limit_wh is not None:
            due = _by_days(right.limit_wh, Period(right.start, right.end), period) - out[i]
            taken = _spread(np.where(inside[i], rest, 0), due)
            rest, out[i] = rest - taken, out[i] + int(taken.sum())
    beside = [_beside(state, right, wh, period) for right, wh in zip(rights, out, strict=True)]
    weight = inside * np.array(beside, object)[:, None]
    cuts = np.cumsum(weight, axis=0) * rest.astype(object)
    parts = np.diff(cuts // np.maximum(weight.sum(axis=0), 1), axis=0, prepend=0)
    return [wh + int(part.sum()) for wh, part in zip(out, parts, strict=True)]


def _by_days(volume_wh: int, span: Period, period: Period) -> int:
    """Give a paper's volume by the time that it shares with the period. [Wh]"""
    second = np.timedelta64(1, "s")
    shared = int((min(span.end, period.end) - max(span.start, period.start)) / second)
    return volume_wh * max(shared, 0) // int((span.end - span.start) / second)


def _given(state: State, device: str, paper: str, stamps: NDArray[np.datetime64]) -> Whole:
    """Give what stands cancelled of a plant under a paper. (hours,) [Wh]"""
    line = state.line(device)
    under = [e for e, c in state.cancellations.items() if c.paper == paper]
    row = np.searchsorted(line.base, line.at, side="right") - 1
    mine = np.isin(line.ref, under) & line.live[row]
    wh = np.bincount(row[mine], sizes(line)[mine], len(line.start)).astype(np.int64)
    where = find(line, stamps)
    return np.where(where >= 0, wh[where], 0) if len(wh) else np.zeros(len(stamps), np.int64)


def _spread(rest: Whole, due: int) -> Whole:
    """Take `due` out of the hours in proportion to what they hold, at most all of it. (hours,) [Wh]"""
    whole = int(rest.sum())
    taken = max(min(due, whole), 0)
    sums = np.cumsum(rest).astype(object) * taken // max(whole, 1)
    return np.diff(sums, prepend=0).astype(np.int64)


def _beside(state: State, right: Right, given: int, period: Period) -> int:
    """Weigh a paper without a volume: what its account used in the period and the paper did not give; 0 with one."""
    if right.limit_wh is not None:
        return 0
    load = state.load(right.account)
    used = load.wh[(load.start >= period.start) & (load.start < period.end)].sum(dtype=np.int64)
    return max(int(used) - given, 0)
