"""The small island with a cable to the mainland, and a mill beyond it that sells to the egg farm."""

import numpy as np

from ledger.island import AT, DAY, HOUR, device, hours, island, right
from tamna.ledger import links
from tamna.ledger import operations as op
from tamna.ledger.across import Link
from tamna.ledger.book import record

ENDS = ("mainland", "jeju")
CABLE = Link(name="cable", ends=ENDS, capacity_w=10_000, loss_permille=30)
N = 4


def two_zones(*more, mill=(1000,) * N, eggs=(500,) * N, link=CABLE):
    """The mill makes `mill` and the egg farm uses `eggs` in each hour; nothing is known of the cable."""
    return record(
        island(),
        links.link(AT, link),
        op.device(AT, device("mill", "busan", zone="mainland")),
        op.right(AT, right("PPA-far", devices=("mill",))),
        op.issue(AT, "mill", op.readings(hours(len(mill)), np.array(mill))),
        op.consume(AT, "eggs", op.readings(hours(len(eggs)), np.array(eggs))),
        *more,
    )


def sent(wh, delivered=None, *, first=0, ends=ENDS, loss=30, estimated=False, **more):
    """What the cable carried from `first` on."""
    rows = links.carried(
        hours(len(wh), first),
        np.array(wh),
        None if delivered is None else np.array(delivered),
        loss_permille=loss,
        estimated=estimated,
    )
    return links.flow(
        AT, "cable", rows, ends=ends, delivery="declared" if delivered is None else "metered", **more
    )


def sent_again(wh, delivered, *, first=0, ends=ENDS, estimated=False):
    rows = links.carried(hours(len(wh), first), np.array(wh), np.array(delivered), estimated=estimated)
    return links.restate_flow(AT, "cable", rows, ends=ends, reason="meter exchanged")


def far(state, wanted, account="eggs", link="cable", **more):
    """Cancel mill's ``(hour, low, high)`` for an account over the cable."""
    rows = op.ranges(state, [("mill", DAY + h * HOUR, low, high) for h, low, high in wanted])
    more = {"paper": "PPA-far", "entitlement": "ppa", **more}
    return op.cancel(AT, rows, account_name=account, link=link, **more)
