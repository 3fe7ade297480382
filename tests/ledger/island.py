"""A small island for the ledger's tests: two wind farms, a farm's own PV, and who uses their energy."""

import numpy as np

from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.nouns import Account, Attributes, Device, Entitlement, Right, Rules
from tamna.ledger.state import State

DAY = np.datetime64("2023-04-01T00:00:00", "s")
AT = np.datetime64("2023-05-01T00:00:00", "s")
HOUR = np.timedelta64(3600, "s")


def hours(n=4, first=0):
    return DAY + np.arange(first, first + n) * HOUR


def device(name, owner, capacity_w=10_000, **more):
    return Device(
        name=name, owner=owner, technology="wind_onshore", source="wind", capacity_w=capacity_w,
        zone=more.pop("zone", "jeju"), since=DAY, **more,
    )  # fmt: skip


def right(paper="PPA-1", account="eggs", devices=("hallim",), **more):
    return Right(
        paper=paper, kind=more.pop("kind", Entitlement.PPA), account=account, devices=devices,
        start=more.pop("start", DAY), end=more.pop("end", DAY + 24 * HOUR), **more,
    )  # fmt: skip


def island(*more, rules=None):
    """Owner `wind` with farms hallim and sinchang; `eggs` with a roof; `milk` without; `rps` whose REC is gone."""
    return record(
        State(),
        op.book(AT, rules or Rules()),
        *(op.account(AT, Account(name=n, zone="jeju")) for n in ("wind", "eggs", "milk")),
        op.account(AT, Account(name="busan", zone="mainland")),
        op.device(AT, device("hallim", "wind")),
        op.device(AT, device("sinchang", "wind")),
        op.device(AT, device("roof", "eggs", 1_000)),
        op.device(AT, device("rps", "wind", attributes=Attributes.ELSEWHERE)),
        *more,
    )


def issued(state=None, device="hallim", wh=(100, 50, 0, 30)):
    return record(state or island(), op.issue(AT, device, op.readings(hours(len(wh)), np.array(wh))))


def used(state, account="eggs", wh=(80, 80, 80, 80), length_s=3600):
    return record(
        state, op.consume(AT, account, op.readings(hours(len(wh)), np.array(wh), length_s=length_s))
    )


def cancelled(state, rows, account="eggs", entitlement=Entitlement.PPA, paper="PPA-1"):
    ranges = op.ranges(state, rows)
    return record(state, op.cancel(AT, ranges, account_name=account, entitlement=entitlement, paper=paper))
