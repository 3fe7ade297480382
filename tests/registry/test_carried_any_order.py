"""Energy through a battery, into hydrogen and over lots, in any order, with crashes: every invariant holds by ==.

Beside the single watt-hours that `ledger.test_any_order` follows by hand, the rules here meet each other: a corrected
wind meter reaches the battery's window, the lots and the batch. What is asked may be refused; it may not half-happen.
"""

import os
from collections import Counter

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ledger.island import AT, DAY, HOUR, hours, right
from ledger.test_storing import battery
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.audit import restored, stored
from tamna.ledger.book import record
from tamna.ledger.carried import LotShare
from tamna.ledger.invariants import broken
from tamna.ledger.matching import match
from tamna.ledger.nouns import Account, Converter, Entitlement, Status
from tamna.ledger.state import Standing
from tamna.registry.values import from_bytes, to_bytes

N, END = 4, DAY + 4 * HOUR
PLANTS = ("hallim", "sinchang", "cell-out")
USERS = {"cell": "PPA-cell", "haengwon": "PPA-h2", "eggs": "PPA-night"}
hour = st.integers(0, N - 1)
some_wh = st.integers(0, 90)


class Carried(RuleBasedStateMachine):
    steps = 0
    accepted = Counter()

    @initialize(tracing=st.sampled_from(["fifo", "proportional"]), efficiency=st.integers(500, 1000))
    def begin(self, tracing, efficiency):
        from tamna.ledger.nouns import Tracing

        self.entries = []
        begun = battery(Tracing(tracing), efficiency)
        self.state = record(
            begun,
            op.account(AT, Account(name="haengwon", zone="jeju")),
            chains.converter(AT, Converter(name="haengwon", account="haengwon", process="pem", buffer_mg=10)),
            op.right(AT, right("PPA-h2", "haengwon")),
            op.right(AT, right("PPA-night", "eggs", ("cell-out", "hallim"))),
            *(op.consume(AT, name, op.readings(hours(N), np.full(N, 60))) for name in ("haengwon", "eggs")),
        )
        self.begun = self.state

    def ask(self, make):
        """Put what `make` gives to the book: all of it, or none and the book is as it was."""
        type(self).steps += 1
        before = to_bytes(self.state)
        try:
            events = make()
            self.state = record(self.state, *events)
        except LedgerError:
            assert to_bytes(self.state) == before
            return
        self.entries += events
        type(self).accepted.update(str(e.kind) for e in events)
        assert broken(self.state) == []

    @rule(plant=st.sampled_from(PLANTS), h=hour, wh=some_wh)
    def correct(self, plant, h, wh):
        rows = op.readings(np.array([DAY + h * HOUR]), np.array([wh]))
        verb = op.issue if plant == "sinchang" and not len(self.state.line(plant).start) else op.restate
        more = {} if verb is op.issue else {"reason": "meter exchanged"}
        self.ask(lambda: [verb(AT, plant, rows, **more)])

    @rule(account=st.sampled_from(sorted(USERS)), h=hour, wh=some_wh)
    def correct_load(self, account, h, wh):
        rows = op.readings(np.array([DAY + h * HOUR]), np.array([wh]))
        self.ask(lambda: [op.restate_load(AT, account, rows, reason="counted twice")])

    @rule()
    def match(self):
        self.ask(lambda: list(match(self.state, AT, DAY, END).entries))

    @rule(
        account=st.sampled_from(sorted(USERS)),
        h=hour,
        wh=st.integers(1, 30),
        plant=st.sampled_from(["hallim", "cell-out"]),
    )
    def cancel(self, account, h, wh, plant):
        def make():
            rows = op.ranges(self.state, [(plant, DAY + h * HOUR, 0, wh)])
            return [
                op.cancel(AT, rows, account_name=account, entitlement=Entitlement.PPA, paper=USERS[account])
            ]

        self.ask(make)

    @rule(account=st.sampled_from(sorted(USERS)))
    def claim(self, account):
        """Claim all that is cancelled; what is under review is claimed again."""

        def make():
            mine = [e for e, c in self.state.cancellations.items() if c.account == account]
            old = [
                e
                for e, c in self.state.claims.items()
                if c.account == account and c.standing is Standing.REVIEW
            ]
            return [op.claim(self.state, AT, account, DAY, END, cancellations=mine, replaces=old)]

        self.ask(make)

    def standing(self, account):
        found = [
            e for e, c in self.state.claims.items() if c.account == account and c.standing is Standing.GOOD
        ]
        return found[-1] if found else -1

    @rule(wh=st.lists(some_wh, min_size=N, max_size=N), kept=st.integers(-1, 60))
    def store(self, wh, kept):
        """Discharge; where the window stands already, trace it again."""

        def make():
            rows, claim = op.readings(hours(N), np.array(wh)), self.standing("cell")
            content = None if kept < 0 else (0, kept)
            windows = self.state.windows["cell"]
            if not windows:
                return [chains.discharge(AT, "cell", rows, claim=claim, content_wh=content)]
            return [
                chains.retrace(
                    AT,
                    "cell",
                    rows,
                    claim=claim,
                    replaces=windows[-1].entry,
                    reason="closed",
                    content_wh=content,
                )
            ]

        self.ask(make)

    @rule(mg=st.lists(st.integers(0, 700), min_size=N, max_size=N))
    def convert(self, mg):
        def make():
            old = next((e for e, b in self.state.batches.items() if b.name == "B"), None)
            rows = chains.made(hours(N), np.array(mg))
            return [
                chains.convert(AT, "haengwon", rows, batch="B", claim=self.standing("haengwon"), replaces=old)
            ]

        self.ask(make)

    @rule(weight=st.tuples(st.integers(1, 5), st.integers(1, 5)))
    def share_out(self, weight):
        def make():
            old = next(iter(self.state.lots), None)
            shares = tuple(LotShare(n, DAY, END, w) for n, w in zip("AB", weight, strict=True))
            event = chains.share_out(AT, "eggs", shares, claim=self.standing("eggs"), replaces=old)
            after = record(self.state, event)
            return [event, *chains.lots_of(after, AT, after.size - 1)]

        self.ask(make)

    @rule()
    def crash(self):
        """Whatever was in memory is gone: the entries' bytes alone give the same state, to the byte; so does a snapshot."""
        again = [restored(*stored(e), i) for i, e in enumerate(self.entries)]
        whole = to_bytes(self.state)
        assert to_bytes(record(self.begun, *again)) == whole
        self.state = from_bytes(whole)
        assert to_bytes(self.state) == whole

    @rule()
    def count(self):
        """Nothing made, nothing lost: what was issued is what its pieces hold, and no more is cancelled than used."""
        for line in self.state.lines:
            size, row = (
                np.diff(line.at, append=line.total_wh),
                line.base.searchsorted(line.at, side="right") - 1,
            )
            live = line.live[row]
            by_status = {s: int(size[live & (line.status == s)].sum()) for s in Status}
            assert sum(by_status.values()) == int(np.diff(line.base)[line.live].sum())


def test_what_carries_energy_on_keeps_every_invariant_in_any_order():
    run_state_machine_as_test(
        Carried, settings=settings(max_examples=10, stateful_step_count=30, deadline=None, derandomize=True)
    )


@pytest.mark.slow
def test_thousands_of_requests_through_batteries_hydrogen_and_lots_keep_every_invariant():
    wanted = int(os.environ.get("TAMNA_LEDGER_CARRIED_STEPS", "1000"))
    Carried.steps, Carried.accepted = 0, Counter()
    every = {"discharge", "retrace", "convert", "lots", "lot", "restate", "claim", "cancel"}
    while Carried.steps < wanted or (not every <= set(Carried.accepted) and Carried.steps < 5 * wanted):
        run_state_machine_as_test(
            Carried, settings=settings(max_examples=25, stateful_step_count=50, deadline=None)
        )
    assert every <= set(Carried.accepted)
