"""I4 over links and I8, counted again from nothing: what crossed, and the balance of zones."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import Message, _
from tamna.ledger.residual import closes, fits, residual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.ledger.across import Flow
    from tamna.ledger.state import State

__all__ = ["across_broken"]


def across_broken(state: State) -> Iterator[Message]:
    """Name what does not hold of links and balances."""
    yield from _links(state)
    for zone, balance in state.balances.items():
        rows = balance.rows[balance.stands]
        if not closes(rows, balance.tolerance_permille[balance.stands]).all():
            yield _("I8: the balance of {zone} does not close", zone=zone)
        if not fits(state, zone, rows).all() or (residual(state, zone, rows["start"]).residual_wh < 0).any():
            yield _("I8: the balance of {zone} contradicts the book", zone=zone)


def _links(state: State) -> Iterator[Message]:
    carried: Counter[tuple[str, int, int]] = Counter()
    backed: Counter[tuple[str, int, int]] = Counter()
    flows: dict[tuple[str, int, int], tuple[int, int, int, int]] = {}
    for name, both in state.flows.items():
        for way, flow in enumerate(both):
            for stamp, *wh in zip(
                flow.start.astype(np.int64).tolist(), flow.sent_wh.tolist(), flow.delivered_wh.tolist(),
                flow.used_wh.tolist(), flow.open_wh.tolist(), strict=True,
            ):  # fmt: skip
                flows[name, way, stamp] = (wh[0], wh[1], wh[2], wh[3])
        if not state.links[name].both_ways and _both_at_once(both):
            yield _("I4: link {name} carried energy both ways at once", name=name)
    for entry, one in state.cancellations.items():
        if one.over is None:
            continue
        for stamp, wh, cancelled, mine in zip(
            one.start.astype(np.int64).tolist(), one.wh.tolist(), one.over.cancelled_wh.tolist(),
            one.over.carried_wh.tolist(), strict=True,
        ):  # fmt: skip
            key = (one.over.link, one.over.way, stamp)
            sent, delivered, _used, _open = flows.get(key, (0, 0, 0, 0))
            if mine > cancelled or wh * sent > mine * delivered or (wh and not delivered):
                yield _(
                    "I4: entry {entry} backs more load than its certificates and the loss leave", entry=entry
                )
            carried[key] += mine
            backed[key] += wh
    for key, (sent, delivered, used, metered) in flows.items():
        if used != carried[key] or used > metered or backed[key] > delivered or delivered > sent:
            yield _("I4: link {name} is used beyond what it carried, or miscounted", name=key[0])
    for key in carried.keys() - flows.keys():
        yield _("I4: link {name} is used where nothing is known of it", name=key[0])


def _both_at_once(both: tuple[Flow, Flow]) -> bool:
    """Say whether energy went one way while it went the other."""
    start = np.concatenate([flow.start[flow.sent_wh > 0] for flow in both])
    length_s = np.concatenate([flow.length_s[flow.sent_wh > 0] for flow in both])
    order = np.argsort(start, kind="stable")
    start, end = start[order], (start + length_s.astype("m8[s]"))[order]
    return bool((start[1:] < end[:-1]).any())
