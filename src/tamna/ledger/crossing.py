r"""A certificate of one zone, cancelled for an account of another: only as far as a link carried energy that way.

All cancellations together, of all plants and accounts, take no more of an interval than the link's meter says it sent;
an estimated flow stands in the book and is evidence of nothing. Of
:math:`c` Wh cancelled, :math:`\lfloor c \, d / s \rfloor` back the account's load, where :math:`s` was sent and
:math:`d` delivered: the certificates cover the loss as well, and what they back is at most what arrived (I4).

Directions are gross: what one cable brings while another takes energy away did arrive. Evidence of the place never
crosses: a link carries the far zone's mix, and nobody has entered that by the hour. A storage does not charge across:
its charge is traced by plant, watt-hour by watt-hour, and some of these were lost on the way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger import load
from tamna.ledger.across import Crossing, Flow, Link, other_end
from tamna.ledger.arrays import first_of, places
from tamna.ledger.nouns import Entitlement
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.ledger.state import Cancellation, Draft

    Whole = NDArray[np.integer[Any]]
    Stamps = NDArray[np.datetime64]

__all__ = ["backed_wh", "cross", "given_up", "needed_wh", "put_flow", "rows_of", "source_of"]


def backed_wh(carried_wh: Whole, sent_wh: Whole, delivered_wh: Whole) -> NDArray[np.int64]:
    """Give the load that carried certificates back, ``floor(carried x delivered / sent)``. (intervals,) [Wh]

    Examples
    --------
    >>> backed_wh(np.array([100, 1]), np.array([1000, 1000]), np.array([970, 970])).tolist()
    [97, 0]
    """
    product = carried_wh.astype(np.uint64) * delivered_wh.astype(np.uint64)  # both below 2^32
    return (product // np.maximum(sent_wh, 1).astype(np.uint64)).astype(np.int64)


def needed_wh(load_wh: Whole, sent_wh: Whole, delivered_wh: Whole) -> NDArray[np.int64]:
    """Give the certificates that a load takes, ``ceil(load x sent / delivered)``; 0 where nothing arrived. [Wh]

    Examples
    --------
    >>> needed_wh(np.array([97, 1]), np.array([1000, 1000]), np.array([970, 970])).tolist()
    [100, 2]
    """
    product = load_wh.astype(np.uint64) * sent_wh.astype(np.uint64)
    there = np.maximum(delivered_wh, 1).astype(np.uint64)
    found = (product // there + (product % there > 0)).astype(np.int64)
    return np.where(delivered_wh > 0, found, 0)


def source_of(links: Mapping[str, Link], about: Mapping[str, Any], zone: str) -> str:
    """Give the zone whose plants may serve an account of `zone` under a cancellation: its own, or a link's other end.

    Raises
    ------
    LedgerError
        No such link, or it does not lead to the account's zone; evidence of the place over a link.
    """
    name = about.get("link")
    if name is None:
        return zone
    link = links.get(name) if isinstance(name, str) else None
    source = None if link is None else other_end(link, zone)
    if source is None:
        refuse(_("no such link to the account's zone"), of=zone, seen=name)
    if about.get("entitlement") == Entitlement.LOCATION:
        refuse(_("evidence of the place does not cross a link"), of=zone, seen=name)
    return source


def cross(
    draft: Draft, about: Mapping[str, Any], start: Stamps, wh: Whole
) -> tuple[Crossing, NDArray[np.int64]]:
    """Take cancelled certificates over a link; give how, and the load that they back. (intervals,) [Wh]

    Parameters
    ----------
    start, wh : (intervals,) [UTC; Wh]
        Intervals, each once and rising, and what is cancelled in them.

    Raises
    ------
    LedgerError
        The link has no evidence for an interval of this length, or carried less than would be taken.
    """
    account, link = str(about["account"]), draft.links[about["link"]]
    if draft.bound.get(account) == "storage":
        refuse(_("a storage does not charge over a link"), of=account, seen=link.name)
    way = 1 - link.ends.index(draft.accounts[account].zone)
    flow, used = draft.flows[link.name][way], draft.loads[draft.account(account)]
    length_s = used.length_s[load.rows_of(used, account, start)]
    rows, there = rows_of(flow, start)
    there[there] = flow.length_s[rows[there]] == length_s[there]
    for i in first_of(~there):
        refuse(_("nothing is known of what the link carried in this interval"), of=link.name, hour=start[i])
    for i in first_of(flow.estimated[rows] & (wh > 0)):
        refuse(
            _("what the link carried in this interval is an estimate, and only a meter is evidence"),
            of=link.name,
            hour=start[i],
            todo=_("Correct the flow once its meter was read."),
        )
    total = flow.used_wh[rows].astype(np.int64) + wh
    for i in first_of(total > flow.open_wh[rows]):
        refuse(
            _("more would cross the link than it carried ({wh} Wh)", wh=int(flow.sent_wh[rows[i]])),
            of=link.name,
            hour=start[i],
            seen=f"{int(total[i])} Wh",
        )
    after = flow.used_wh.copy()
    after[rows] = total
    put_flow(draft, link.name, way, replace(flow, used_wh=after))
    carried = wh.astype(np.uint32)
    return Crossing(link.name, way, carried, carried), backed_wh(
        wh, flow.sent_wh[rows], flow.delivered_wh[rows]
    )


def given_up(
    draft: Draft, found: Cancellation, where: Whole, lost: Whole
) -> tuple[Cancellation, NDArray[np.int64]]:
    """Take certificates from a cancellation's intervals, and give how much less load each of them backs. (lost,) [Wh]"""
    over = found.over
    assert over is not None
    flow = draft.flows[over.link][over.way]
    rows, _there = rows_of(flow, found.start[where])
    cancelled, carried, used = over.cancelled_wh.copy(), over.carried_wh.copy(), flow.used_wh.copy()
    cancelled[where] -= lost.astype(cancelled.dtype)
    carried[where] = np.minimum(carried[where], cancelled[where])
    used[rows] -= over.carried_wh[where] - carried[where]
    put_flow(draft, over.link, over.way, replace(flow, used_wh=used))
    backed = backed_wh(carried[where], flow.sent_wh[rows], flow.delivered_wh[rows])
    less = found.wh[where].astype(np.int64) - backed
    return replace(found, over=replace(over, cancelled_wh=cancelled, carried_wh=carried)), less


def put_flow(draft: Draft, link: str, way: int, flow: Flow) -> None:
    """Put what a link carried one way in the place of what stood there."""
    both = draft.flows[link]
    draft.flows[link] = (flow, both[1]) if way == 0 else (both[0], flow)


def rows_of(flow: Flow, start: Stamps) -> tuple[Whole, NDArray[np.bool_]]:
    """Find the interval that starts at each `start`, and say whether there is one. (stamps,)"""
    if not len(flow.start):
        return np.zeros(len(start), np.int64), np.zeros(len(start), bool)
    where = np.minimum(places(flow.start, start), len(flow.start) - 1)
    return where, flow.start[where] == start
