"""Whatever is asked of the book, in whatever order: each watt-hour is followed by hand beside it.

The model knows nothing of lines, pieces or cuts: it is a list of single watt-hours, each with its holder and
its fate. Every request is foretold by it: accepted or refused, and if accepted, what each watt-hour becomes.
"""

import os
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger.island import AT, DAY, HOUR, device, right
from tamna.errors import LedgerError
from tamna.ledger import operations as op
from tamna.ledger.book import fold, record
from tamna.ledger.event import Event, Kind
from tamna.ledger.invariants import broken
from tamna.ledger.journal import Journal
from tamna.ledger.nouns import Entitlement, Rules
from tamna.ledger.state import Standing, bundles

HOURS = 4
MOST = 12
LIFETIME = int((AT - DAY) / np.timedelta64(1, "s")) - 2 * 3600  # so that hour 0 and 1 may expire at AT
DEVICES, ACCOUNTS = ("hallim", "sinchang", "roof", "rps"), ("wind", "eggs", "milk")
OWNER = {"hallim": "wind", "sinchang": "wind", "roof": "eggs", "rps": "wind", "mill": "busan"}
PAPERS = {
    "PPA-1": (Entitlement.PPA, "eggs", ("hallim", "sinchang"), None),
    "REC-1": (Entitlement.REC, "milk", ("hallim", "sinchang"), 15),
}
FROM = {
    "split": {"active", "locked", "reserved"}, "transfer": {"active"}, "lock": {"active"}, "unlock": {"locked"},
    "reserve": {"active"}, "release": {"reserved"}, "withdraw": {"active", "locked", "reserved"},
    "expire": {"active", "locked", "reserved"}, "cancel": {"active", "reserved"},
    "give_back": {"cancelled"},
}  # fmt: skip
TO = {
    "lock": "locked", "unlock": "active", "reserve": "reserved", "release": "active", "withdraw": "withdrawn",
    "expire": "expired", "cancel": "cancelled", "give_back": "active",
}  # fmt: skip

hour = st.integers(0, HOURS - 1)
who = st.sampled_from(ACCOUNTS)
plant = st.sampled_from(DEVICES)
wh = st.integers(0, MOST)
span = st.tuples(st.integers(0, MOST), st.integers(1, MOST)).map(lambda p: (p[0], p[0] + p[1]))
wild = st.lists(st.tuples(plant, hour, span), min_size=1, max_size=3)


class Book(RuleBasedStateMachine):
    steps = 0
    accepted: ClassVar[Counter] = Counter()

    @initialize()
    def begin(self):
        self.wh = {}  # (device, hour): [[holder, fate, cancelled for], ...] one a watt-hour of the live issuance
        self.load = {}  # (account, hour): Wh
        self.used = dict.fromkeys(PAPERS, 0)
        papers = [
            op.right(AT, right(p, a, d, kind=k, limit_wh=limit)) for p, (k, a, d, limit) in PAPERS.items()
        ]
        self.open([op.book(AT, Rules(lifetime_s=LIFETIME)), *island_entries(), *papers])
        for account in ACCOUNTS:
            for h in range(HOURS - 1):
                self.consume(account, h, MOST)
        for d in DEVICES:
            for h in range(HOURS - 2):
                self.issue(d, h, MOST)

    def open(self, events):
        """Begin a book; the pure one is a tuple of entries."""
        self.state, self.journal = fold(events), Journal(tuple(events))

    def write(self, event):
        """Put one entry to the book and give its state, or let it be refused."""
        state = record(self.state, event)
        self.journal = self.journal.with_entry(event)
        return state

    def read_again(self):
        """Give the state from what is kept alone."""
        return fold(self.journal.entries)

    def some(self, data):
        """Draw ranges: mostly of what is there, now and then of anything."""
        there = [key for key, those in sorted(self.wh.items()) if those]
        if not there or data.draw(st.integers(0, 9)) == 0:
            return data.draw(wild)
        found = []
        for d, h in data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=2)):
            low = data.draw(st.integers(0, len(self.wh[d, h]) - 1))
            found.append((d, h, (low, data.draw(st.integers(low + 1, min(low + 4, len(self.wh[d, h])))))))
        return found

    def someone(self, data, picks):
        """Draw an account: mostly the one that holds the first of what is asked for."""
        held = [w[0] for w in self.chosen(picks)]
        return data.draw(st.sampled_from([held[0]] * 6 + list(ACCOUNTS) if held else list(ACCOUNTS)))

    def ask(self, event, may):
        """Put one entry to the book and hold its answer against what the model says."""
        type(self).steps += 1
        if not may:
            with pytest.raises(LedgerError):
                self.write(event)
            return False
        self.state = self.write(event)
        type(self).accepted[str(event.kind)] += 1
        return True

    @rule(device=plant, hour=hour, wh=wh)
    def issue(self, device, hour, wh):
        if self.ask(op.issue(AT, device, one(hour, wh)), (device, hour) not in self.wh):
            self.wh[device, hour] = [[OWNER[device], "active", None] for _ in range(wh)]

    @rule(account=who, hour=hour, wh=st.integers(0, 3 * MOST))
    def consume(self, account, hour, wh):
        if self.ask(op.consume(AT, account, one(hour, wh)), (account, hour) not in self.load):
            self.load[account, hour] = wh

    @rule(verb=st.sampled_from(["split", "lock", "unlock", "reserve", "release"]), data=st.data())
    def touch(self, verb, data):
        picks = self.some(data)
        by = self.someone(data, picks)
        self.move(verb, picks, getattr(op, verb)(AT, self.rows(picks), by=by), by)

    @precondition(lambda self: any(w[1] in {"locked", "reserved"} for w in self.all_wh()))
    @rule(data=st.data())
    def come_back(self, data):
        held = [
            (k, i)
            for k, ws in sorted(self.wh.items())
            for i, w in enumerate(ws)
            if w[1] in {"locked", "reserved"}
        ]
        (d, h), i = data.draw(st.sampled_from(held))
        verb = "unlock" if self.wh[d, h][i][1] == "locked" else "release"
        picks, by = [(d, h, (i, i + 1))], self.wh[d, h][i][0]
        self.move(verb, picks, getattr(op, verb)(AT, self.rows(picks), by=by), by)

    @rule(data=st.data(), to=who)
    def transfer(self, data, to):
        picks = self.some(data)
        by = self.someone(data, picks)
        if self.move("transfer", picks, op.transfer(AT, self.rows(picks), by=by, to=to), by):
            for one_wh in self.chosen(picks):
                one_wh[0] = to

    @rule(data=st.data())
    def withdraw(self, data):
        picks = self.some(data)
        self.move("withdraw", picks, op.withdraw(AT, self.rows(picks), reason="test"), None)

    @rule(data=st.data())
    def expire(self, data):
        picks = self.some(data)
        self.move(
            "expire", picks, op.expire(AT, self.rows(picks)), None, also=all(h <= 1 for _d, h, _s in picks)
        )

    @rule(data=st.data(), paper=st.sampled_from([None, *PAPERS]), right_one=st.integers(0, 3))
    def cancel(self, data, paper, right_one):
        picks = self.some(data)
        account = self.someone(data, picks) if paper is None or not right_one else PAPERS[paper][1]
        kind = Entitlement.SELF if paper is None else PAPERS[paper][0]
        ask, total = {}, 0
        for _d, h, (low, high) in picks:
            ask[h] = ask.get(h, 0) + high - low
            total += high - low
        may = all(self.load.get((account, h), -1) >= self.allotted(account, h) + w for h, w in ask.items())
        may &= self.room(account, ask)
        if paper is None:
            may &= all(OWNER[d] == account and d != "rps" for d, _h, _s in picks)
            may &= all(w[0] == account for w in self.chosen(picks))
        else:
            _k, owner, covers, limit = PAPERS[paper]
            may &= account == owner and all(d in covers for d, _h, _s in picks)
            may &= limit is None or self.paper_use(paper) + total <= limit
            may &= all(w[0] in {account, OWNER[d]} for d, h, s in picks for w in self.chosen([(d, h, s)]))
        event = op.cancel(AT, self.rows(picks), account_name=account, entitlement=kind, paper=paper)
        entry = self.state.size
        if self.move("cancel", picks, event, None, also=may):
            for one_wh in self.chosen(picks):
                one_wh[2] = (entry, account, paper)

    @rule(data=st.data(), account=who, basis=st.sampled_from([None, "milk", "busan"]))
    def show_the_place(self, data, account, basis):
        """Cancel as evidence of the place; `busan` lies in another zone and is no basis."""
        picks = self.some(data)
        if data.draw(st.integers(0, 3)):
            picks = [("rps", h, s) for _d, h, s in picks]
        ask = Counter()
        for _d, h, (low, high) in picks:
            ask[h] += high - low
        may = all(self.load.get((account, h), -1) >= self.allotted(account, h) + w for h, w in ask.items())
        may &= all(d == "rps" for d, _h, _s in picks) and basis != "busan"
        may &= all(w[0] == "wind" for w in self.chosen(picks))
        facts = {"account": account, "entitlement": "location", **({} if basis is None else {"basis": basis})}
        entry = self.state.size
        if self.move("cancel", picks, Event(Kind.CANCEL, AT, facts, self.rows(picks)), None, also=may):
            for one_wh in self.chosen(picks):
                one_wh[2] = (entry, account, "place")

    @rule(data=st.data())
    def give_back(self, data):
        """What shows the place becomes free again; what was cancelled by right, or for another, never does."""
        shown = [
            (k, i)
            for k, those in sorted(self.wh.items())
            for i, w in enumerate(those)
            if w[2] and w[2][2] == "place"
        ]
        picks = self.some(data)
        if shown and data.draw(st.integers(0, 4)):
            (d, h), i = data.draw(st.sampled_from(shown))
            picks = [(d, h, (i, i + data.draw(st.integers(1, 3))))]
        whose = {w[2][1] for w in self.chosen(picks) if w[2]}
        account = data.draw(st.sampled_from([*sorted(whose) * 4, *ACCOUNTS]))
        may = all(w[2] and w[2][1:] == (account, "place") for w in self.chosen(picks))
        resting = {w[2][0] for w in self.chosen(picks) if w[2]}
        right = {
            e: [int(c.wh.sum()), c.claim]
            for e, c in self.state.cancellations.items()
            if c.entitlement != "location"
        }
        event = op.give_back(AT, self.rows(picks), account_name=account, reason="test")
        if self.move("give_back", picks, event, None, also=may):
            for one_wh in self.chosen(picks):
                one_wh[2] = None
            assert all(
                [int(self.state.cancellations[e].wh.sum()), self.state.cancellations[e].claim] == r
                for e, r in right.items()
            )
            for claim in self.state.claims.values():
                assert claim.standing is not Standing.GOOD or not resting & set(claim.cancellations)

    @rule(account=st.sampled_from(["eggs", "milk"]), first=hour, last=hour)
    def claim(self, account, first, last):
        start, end = DAY + first * HOUR, DAY + (last + 1) * HOUR
        metered = first <= last and all((account, h) in self.load for h in range(first, last + 1))
        entries = [
            e
            for e, c in self.state.cancellations.items()
            if c.account == account and c.claim < 0 and ((c.start >= start) & (c.start < end)).all()
        ]
        taken = {
            int((s - DAY) / HOUR)
            for c in self.state.claims.values()
            if c.account == account and c.standing is not Standing.REPLACED
            for s in np.arange(c.start, c.end, HOUR)
        }
        if not metered:
            with pytest.raises(LedgerError):
                op.claim(self.state, AT, account, start, end, cancellations=entries)
            return
        event = op.claim(self.state, AT, account, start, end, cancellations=entries)
        if self.ask(event, not taken & set(range(first, last + 1))):
            for row in event.rows:
                h = int((row["start"] - DAY) / HOUR)
                backed = self.backed(h, entries)
                claimed = sum(int(row[f"{p}_wh"]) for p in ("self", "ppa", "rec", "location"))
                assert claimed == min(backed, self.load[account, h])

    @precondition(lambda self: any(c.standing is Standing.REVIEW for c in self.state.claims.values()))
    @rule()
    def claim_again(self):
        entry, old = next((e, c) for e, c in self.state.claims.items() if c.standing is Standing.REVIEW)
        event = op.claim(
            self.state, AT, old.account, old.start, old.end, cancellations=old.cancellations, replaces=[entry]
        )
        self.ask(event, may=True)
        assert self.state.claims[entry].standing is Standing.REPLACED

    @rule(device=plant, hour=hour, wh=wh)
    def restate(self, device, hour, wh):
        there = (device, hour) in self.wh
        resting = {w[2][0] for w in self.wh.get((device, hour), []) if w[2]}
        if self.ask(op.restate(AT, device, one(hour, wh), reason="meter exchanged"), there):
            now = self.wh[device, hour][:wh]
            self.wh[device, hour] = now + [[OWNER[device], "active", None] for _ in range(wh - len(now))]
            for claim in self.state.claims.values():
                if resting & set(claim.cancellations):
                    assert claim.standing is not Standing.GOOD

    @rule(account=who, hour=hour, wh=st.integers(0, 3 * MOST))
    def restate_load(self, account, hour, wh):
        event = op.restate_load(AT, account, one(hour, wh), reason="counted twice")
        part_of = {
            e
            for e, c in self.state.cancellations.items()
            if c.basis == account and c.wh[c.start == DAY + hour * HOUR].any()
        }
        if self.ask(event, (account, hour) in self.load):
            self.load[account, hour] = wh
            for claim in self.state.claims.values():
                assert claim.standing is not Standing.GOOD or not part_of & set(claim.cancellations)

    @rule()
    def crash(self):
        """Whatever was in memory is gone: the journal alone gives the same book."""
        again = self.read_again()
        assert fates(again) == fates(self.state)
        assert again.claims == self.state.claims
        assert again.used_wh == self.state.used_wh
        self.state = again

    def move(self, verb, picks, event, by, *, also=True):
        chosen = [w for pick in picks for w in self.chosen([pick])]
        there = all((d, h) in self.wh and s[1] <= len(self.wh[d, h]) for d, h, s in picks)
        may = also and there and len({id(w) for w in chosen}) == len(chosen)
        may = may and all(w[1] in FROM[verb] and by in {None, w[0]} for w in chosen)
        done = self.ask(event, may)
        if done and verb in TO:
            for w in chosen:
                w[1] = TO[verb]
        return done

    def rows(self, picks):
        return op.ranges(self.state, [(d, DAY + h * HOUR, *s) for d, h, s in picks])

    def chosen(self, picks):
        return [w for d, h, (low, high) in picks for w in self.wh.get((d, h), [])[low:high]]

    def all_wh(self, hour=None):
        return [w for (_d, h), those in self.wh.items() if hour in {None, h} for w in those]

    def room(self, _account, _ask):
        """Say whether the zone has as much to claim, [Wh] by hour; a book without balances does not ask."""
        return True

    def backed(self, hour, entries):
        return sum(1 for w in self.all_wh(hour) if w[1] == "cancelled" and w[2] and w[2][0] in entries)

    def allotted(self, account, hour):
        return sum(1 for w in self.all_wh(hour) if w[2] and w[2][1] == account)

    def paper_use(self, paper):
        return sum(1 for w in self.all_wh() if w[2] and w[2][2] == paper)

    @invariant()
    def every_watt_hour_is_where_the_model_says(self):
        if not hasattr(self, "wh"):
            return
        said = {k: [(w[0], w[1]) for w in those] for k, those in self.wh.items() if those}
        assert fates(self.state) == said
        assert broken(self.state) == []

    def teardown(self):
        if hasattr(self, "journal"):
            assert fates(fold(self.journal.entries)) == fates(self.state)


def one(hour, wh):
    return op.readings(np.array([DAY + hour * HOUR]), np.array([wh]))


def island_entries():
    from tamna.ledger.nouns import Account, Attributes

    return [
        *(op.account(AT, Account(name=n, zone="jeju")) for n in ACCOUNTS),
        op.account(AT, Account(name="busan", zone="mainland")),
        op.device(AT, device("hallim", "wind")),
        op.device(AT, device("sinchang", "wind")),
        op.device(AT, device("roof", "eggs", 1_000)),
        op.device(AT, device("rps", "wind", attributes=Attributes.ELSEWHERE)),
    ]


def fates(state):
    found = {}
    for name in state.devices:
        for b in bundles(state, name):
            if b.live:
                key = (name, int((b.start - DAY) / HOUR))
                ids = found.setdefault(key, {})
                for i in range(b.low, b.high):
                    assert i not in ids
                    ids[i] = (b.holder, b.status.name.lower())
    return {k: [ids[i] for i in range(len(ids))] for k, ids in found.items()}


def test_a_few_hundred_requests_in_any_order_keep_every_invariant():
    run_state_machine_as_test(
        Book, settings=settings(max_examples=25, stateful_step_count=40, deadline=None, derandomize=True)
    )


@pytest.mark.slow
def test_ten_thousand_requests_in_any_order_keep_every_invariant():
    """At least 10,000 entries put to the book, or as many as TAMNA_LEDGER_STEPS asks for."""
    wanted = int(os.environ.get("TAMNA_LEDGER_STEPS", "10000"))
    Book.steps = 0
    while Book.steps < wanted:
        run_state_machine_as_test(
            Book, settings=settings(max_examples=100, stateful_step_count=60, deadline=None)
        )
    assert Book.steps >= wanted
    verbs = {*FROM, "issue", "consume", "claim", "restate", "restate_load"}
    assert verbs <= set(Book.accepted), "the run never got so far"
