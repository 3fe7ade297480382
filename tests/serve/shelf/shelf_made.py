"""A lot of eggs for the tests of the shelf: three days of wind by contract, a roof, and a plant whose REC is gone."""

import numpy as np

from ledger.island import AT, DAY, HOUR, device, right
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.certificate import certificate, method_name
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.keys import SigningKey
from tamna.ledger.matching import Policy, claims_of, match
from tamna.ledger.nouns import Account, Attributes
from tamna.ledger.shelf import Lot, salt, shelf_certificate
from tamna.ledger.state import State

ISSUER = "did:web:hallim-farm.example"
KEY = SigningKey.from_seed(bytes(range(32)))
OTHER = SigningKey.from_seed(bytes(range(1, 33)))
LOT = Lot(
    name="2023-04-03 <A&B>",
    product={"en": "Free-range eggs, ten", "ko": "방사 유정란 10구"},
    maker={"en": "Hallim layer farm", "ko": "한림 산란계 농장"},
)


def made(days=3, *, key=KEY, rights=True, length_s=3600, **more):
    """The shelf certificate and the auditor's."""
    step = np.timedelta64(length_s, "s")
    start = DAY - 9 * HOUR + np.arange(days * 24 * HOUR // step) * step
    at, end = max(AT, start[-1] + step), start[-1] + step
    noon = np.maximum(0, np.sin((np.arange(len(start)) * step / HOUR - 6) / 12 * np.pi))
    wind = 4_000 + 4_000 * np.cos(np.arange(len(start)) / 17)
    load = 9_000 + np.arange(len(start)) % 7 * 900
    read = lambda wh: op.readings(start, np.maximum(wh * (step / HOUR), 0).astype(int), length_s=length_s)  # noqa: E731
    big = {"capacity_w": 100_000}
    events = [
        op.book(at),
        *(op.account(at, Account(name=name, zone="jeju")) for name in ("wind", "eggs")),
        *(op.device(at, _since(device(name, owner, **big, **more), start[0])) for name, owner, more in (
            ("roof", "eggs", {}), ("hallim", "wind", {}), ("rps", "wind", {"attributes": Attributes.ELSEWHERE}),
        )),
        *([op.right(at, right(start=start[0], end=end))] if rights else []),
        op.issue(at, "roof", read(noon * 6_000 * rights)),
        op.issue(at, "hallim", read(wind * 0.7)),
        op.issue(at, "rps", read(wind * 0.9)),
        op.consume(at, "eggs", read(load)),
    ]  # fmt: skip
    found = match(record(State(), *events), at, start[0], end, Policy(location=True))
    claims = claims_of(found.state, at, start[0], end, salts=lambda name: salt(key, name))
    events += [*found.entries, *claims]
    index, tree = len(events) - 1, Journal(tuple(events)).tree()
    point = checkpoint(tree, key, issuer=ISSUER, method=method_name(ISSUER, key.public), at=at)
    facts = {
        "tree": tree,
        "checkpoint": point,
        "zone": "jeju",
        "key": key,
        "issuer": ISSUER,
        "at": at,
        **more,
    }
    return shelf_certificate(events, index, LOT, **facts), certificate(events, index, **facts)


def _since(found, moment):
    from dataclasses import replace

    return replace(found, since=moment)
