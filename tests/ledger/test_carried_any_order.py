"""Through storage, hydrogen and lots, whatever is asked in whatever order: what is accepted keeps every invariant.

Requests are drawn from what stands in the book, so that most could be accepted. A refusal is a LedgerError and leaves the
book as it was; nothing else may come out of it.
"""

from collections import Counter

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, hours, right
from ledger.test_storing import battery
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.carried import LotShare
from tamna.ledger.invariants import broken
from tamna.ledger.matching import match
from tamna.ledger.nouns import Account, Converter, Entitlement, Tracing
from tamna.ledger.resting import doubtful
from tamna.ledger.state import Draft, Standing, bundles
from tamna.registry.values import to_bytes

SPANS = ((0, 8), (0, 4), (0, 4), (4, 8), (4, 8))
STEPS = 60


class Asker:
    """Draws requests to a book: a battery, an electrolyser and a farm on two wind farms, over eight hours."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.entries, self.accepted, self.refused = [], Counter(), 0
        tracing = Tracing.FIFO if self.rng.random() < 0.5 else Tracing.PROPORTIONAL
        state = battery(tracing, int(self.rng.integers(600, 1001)), int(self.rng.integers(0, 2)) * 50)
        plant = Converter(
            name="h2", account="h2", process="pem", buffer_mg=int(self.rng.integers(0, 2)) * 1000
        )
        self.state = record(
            state,
            op.account(AT, Account(name="h2", zone="jeju")),
            chains.converter(AT, plant),
            op.right(AT, right("PPA-h2", "h2", ("hallim", "cell-out", "sinchang"))),
            op.right(AT, right("PPA-eggs", "eggs", ("cell-out", "hallim"))),
            op.issue(AT, "sinchang", self.read(8)),
            op.issue(AT, "rps", self.read(8)),
            op.issue(AT, "hallim", self.read(4, 4)),
            op.consume(AT, "cell", self.read(4, 4)),
            op.consume(AT, "eggs", self.read(8)),
            op.consume(AT, "h2", self.read(8)),
        )

    def one(self, those):
        those = list(those)
        return those[int(self.rng.integers(len(those)))] if those else None

    def read(self, n, first=0, most=100):
        return op.readings(hours(n, first), self.rng.integers(0, most, n))

    def some_hours(self):
        first = int(self.rng.integers(0, 8))
        return int(self.rng.integers(1, 9 - first)), first

    def claims_on(self, *accounts):
        return [e for e, c in self.state.claims.items() if c.account in accounts]

    def span_of(self, claim):
        found = self.state.claims[claim]
        first = int((found.start - DAY) / HOUR)
        return int((found.end - found.start) / HOUR), first

    def match(self):
        n, first = self.some_hours()
        return match(self.state, AT, DAY + first * HOUR, DAY + (first + n) * HOUR).entries

    def claim(self):
        account, (low, high) = self.one(["cell", "cell", "eggs", "h2"]), self.one(SPANS)
        start, end = DAY + low * HOUR, DAY + high * HOUR
        over = [
            e
            for e in self.claims_on(account)
            if (c := self.state.claims[e]).standing is not Standing.REPLACED
            and c.start < end
            and c.end > start
        ]
        backing = [
            e
            for e, c in self.state.cancellations.items()
            if c.account == account
            and start <= c.start[0]
            and c.start[-1] < end
            and c.claim in {-1, *over}
            and self.rng.random() < 0.9
        ]
        return [op.claim(self.state, AT, account, start, end, cancellations=backing, replaces=over)]

    def window(self):
        claim = self.one(self.claims_on("cell"))
        if claim is None:
            return None
        n, first = self.span_of(claim)
        rows = op.readings(hours(n, first), self.rng.integers(0, 60, n) * (self.rng.random(n) < 0.6))
        more = {}
        if self.rng.random() < 0.5:
            content = (int(self.rng.integers(0, 2)) * 20, int(self.rng.integers(0, 4)) * 20)
            more = {"content_wh": content, "parasitic_wh": int(self.rng.integers(0, 20))}
        return rows, {"claim": claim, **more}

    def discharge(self):
        found = self.window()
        return [] if found is None else [chains.discharge(AT, "cell", found[0], **found[1])]

    def retrace(self):
        found, old = self.window(), self.one(self.state.windows["cell"])
        if found is None or old is None:
            return []
        rows, facts = found
        if self.rng.random() < 0.5:
            start = self.state.claims[old.claim].start
            same = [e for e in self.claims_on("cell") if self.state.claims[e].start == start]
            rows, facts = old.rows, {**facts, "claim": self.one(same)}
        return [chains.retrace(AT, "cell", rows, replaces=old.entry, reason="read again", **facts)]

    def convert(self):
        claim = self.one(self.claims_on("h2"))
        if claim is None:
            return []
        n, first = self.span_of(claim)
        rows = chains.made(hours(n, first), self.rng.integers(0, 2500, n))
        old = self.one([None, *self.state.batches])
        kept = old is not None and self.rng.random() < 0.8
        name = self.state.batches[old].name if kept else self.one("abc")
        return [chains.convert(AT, "h2", rows, batch=name, claim=claim, replaces=old)]

    def lots(self):
        claim = self.one(self.claims_on("eggs", "h2"))
        if claim is None:
            return []
        start, end = self.state.claims[claim].start, self.state.claims[claim].end
        a, b = (int(w) for w in self.rng.integers(1, 5, 2))
        middle = start + 2 * HOUR
        shares = [
            LotShare("A", start, end, a),
            LotShare("B", start, middle, b),
            LotShare("C", middle, end, 3),
        ]
        old = self.one([None, None, *self.state.lots])
        event = chains.share_out(AT, self.one(["eggs", "milk"]), shares, claim=claim, replaces=old)
        after = record(self.state, event)
        return [event, *chains.lots_of(after, AT, self.state.size)]

    def restate(self):
        plant = self.one(["hallim", "sinchang", "rps"])
        return [op.restate(AT, plant, self.read(*self.some_hours(), most=120), reason="read again")]

    def restate_load(self):
        account = self.one(["cell", "eggs", "h2"])
        return [op.restate_load(AT, account, self.read(*self.some_hours(), most=120), reason="read again")]

    def place(self):
        stamp = DAY + int(self.rng.integers(0, 8)) * HOUR
        rows = op.ranges(self.state, [("rps", stamp, 0, int(self.rng.integers(1, 30)))])
        account = self.one(["cell", "eggs"])
        return [op.cancel(AT, rows, account_name=account, entitlement=Entitlement.LOCATION)]

    def give_back(self):
        """Evidence of the place that stands, as often as not all of an entry's in an hour."""
        shown = [e for e, c in self.state.cancellations.items() if c.entitlement is Entitlement.LOCATION]
        entry, name = self.one(shown), self.one(["rps", "rps", "cell-place"])
        pieces = [b for b in bundles(self.state, name) if b.live and b.entry == entry]
        one = self.one(pieces)
        if one is None:
            return []
        low = one.low if self.rng.random() < 0.5 else int(self.rng.integers(one.low, one.high))
        rows = op.ranges(self.state, [(name, one.start, low, one.high)])
        account = self.state.cancellations[entry].account
        return [op.give_back(AT, rows, account_name=account, reason="read again")]

    def ask(self):
        request = self.one(
            [self.match, *[self.claim] * 3, *[self.discharge] * 2, *[self.retrace] * 2, self.convert,
             *[self.lots] * 2, self.restate, self.restate_load, self.place, self.give_back]
        )  # fmt: skip
        try:
            events = request()
            self.state = record(self.state, *events)
        except LedgerError:
            self.refused += 1
            return
        self.entries += events
        if events:
            self.accepted[request.__name__] += 1


def doubted(state):
    """Good claims that rest on what came out of a storage whose charging does not stand."""
    wrong = doubtful(Draft(state))
    good = [c for c in state.claims.values() if c.standing is Standing.GOOD]
    return [c for c in good if wrong & set(c.cancellations)]


def in_any_order(seeds):
    accepted = Counter()
    for seed in seeds:
        asker = Asker(seed)
        begun = asker.state
        for step in range(STEPS):
            asker.ask()
            assert broken(asker.state) == [], (seed, step)
            assert doubted(asker.state) == [], (seed, step)
        assert to_bytes(record(begun, *asker.entries)) == to_bytes(asker.state)
        accepted += asker.accepted
    return accepted


EVERY = {
    "match", "claim", "discharge", "retrace", "convert", "lots", "restate", "restate_load", "place", "give_back",
}  # fmt: skip


def test_a_thousand_requests_through_storage_hydrogen_and_lots_keep_every_invariant():
    accepted = in_any_order(range(20))
    assert set(accepted) == EVERY
    assert sum(accepted.values()) > 500


@pytest.mark.slow
def test_ten_thousand_requests_through_storage_hydrogen_and_lots_keep_every_invariant():
    accepted = in_any_order(range(1000, 1340))
    assert min(accepted[name] for name in EVERY) > 100
    assert sum(accepted.values()) >= 10_000
