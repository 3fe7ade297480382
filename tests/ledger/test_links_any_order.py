"""A link, what it carried, and a zone's balance, in any order with all else: every answer is foretold by hand.

Beside the single watt-hours of `test_any_order` the model keeps what each cancellation over the link took of it, and
the rows of the balance with whether they stand.
"""

import os
from collections import Counter

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from ledger.island import AT, DAY, HOUR, device, right
from ledger.test_any_order import ACCOUNTS, HOURS, LIFETIME, MOST, PAPERS, Book, island_entries
from tamna.ledger import links
from tamna.ledger import operations as op
from tamna.ledger.across import Link
from tamna.ledger.nouns import Entitlement, Rules
from tamna.ledger.state import Standing

FAR = ("PPA-far", "eggs")
ENDS = (("mainland", "jeju"), ("jeju", "mainland"))
hour = st.integers(0, HOURS - 1)
way = st.integers(0, 1)


def stamp(h):
    return np.array([DAY + h * HOUR])


class Linked(Book):
    steps = 0
    accepted = Counter()

    @initialize(both=st.booleans())
    def begin(self, both):
        self.wh, self.load, self.used = {}, {}, dict.fromkeys(PAPERS, 0)
        self.both, self.flow, self.carried, self.balance = both, {}, {}, {}
        self.last = None
        papers = [
            op.right(AT, right(p, a, d, kind=k, limit_wh=limit)) for p, (k, a, d, limit) in PAPERS.items()
        ]
        self.open([
            op.book(AT, Rules(lifetime_s=LIFETIME)),
            *island_entries(),
            links.link(AT, Link(name="cable", ends=ENDS[0], capacity_w=100, both_ways=both)),
            op.device(AT, device("mill", "busan", zone="mainland")),
            *papers,
            op.right(AT, right(FAR[0], FAR[1], ("mill",))),
        ])  # fmt: skip
        for account in ACCOUNTS:
            for h in range(HOURS - 1):
                self.consume(account, h, MOST)
        for d in ("hallim", "roof", "rps", "mill"):
            for h in range(HOURS - 1):
                self.issue(d, h, MOST)
        for h in range(HOURS - 2):
            self.send(0, h, 9, 1)
        self.weigh(0, 30, 0, 0, anew=False)

    @rule(hour=hour, wh=st.integers(0, MOST))
    def restate_far(self, hour, wh):
        self.restate("mill", hour, wh)
        for (entry, h), n in self.carried.items():
            if h == hour:
                self.carried[entry, h] = min(n, self.backed_far(entry, h))

    @rule(way=way, hour=hour, sent=st.integers(0, 16), loss=st.integers(-1, 3))
    def send(self, way, hour, sent, loss):
        rows = links.carried(stamp(hour), np.array([sent]), np.array([max(sent - loss, 0)]))
        event = links.flow(AT, "cable", rows, ends=ENDS[way])
        if self.ask(event, (way, hour) not in self.flow and self.sound(way, hour, sent, loss)):
            self.flow[way, hour] = (sent, max(sent - loss, 0))
            self.last = hour

    @rule(way=way, hour=hour, sent=st.integers(0, 16), loss=st.integers(0, 3))
    def send_again(self, way, hour, sent, loss):
        rows = links.carried(stamp(hour), np.array([sent]), np.array([max(sent - loss, 0)]))
        event = links.restate_flow(AT, "cable", rows, ends=ENDS[way], reason="meter exchanged")
        if self.ask(event, (way, hour) in self.flow and self.sound(way, hour, sent, loss)):
            self.flow[way, hour] = (sent, max(sent - loss, 0))
            self.last = hour
            if way == 0:
                rest = sent
                for entry, h in sorted(self.carried):
                    if h == hour:
                        rest -= (n := min(self.backed_far(entry, h), rest))
                        self.carried[entry, h] = n
                        for claim in self.state.claims.values():
                            assert entry not in claim.cancellations or claim.standing is not Standing.GOOD

    def sound(self, way, hour, sent, loss):
        back = self.flow.get((1 - way, hour), (0, 0))[0]
        return (loss >= 0 or not sent - loss) and (self.both or not sent or not back)

    @rule(data=st.data(), account=st.sampled_from([FAR[1]] * 5 + ["milk"]))
    def cancel_over(self, data, account):
        there = [h for h in range(HOURS) if self.wh.get(("mill", h))]
        if not there:
            return
        h = data.draw(st.sampled_from(there))
        low = data.draw(st.integers(0, len(self.wh["mill", h]) - 1))
        high = data.draw(st.integers(low + 1, min(low + 5, len(self.wh["mill", h]))))
        picks, n = [("mill", h, (low, high))], high - low
        sent, delivered = self.flow.get((0, h), (0, 0))
        backs = n * delivered // sent if sent else 0
        may = account == FAR[1] and (0, h) in self.flow and self.taken(h) + n <= sent
        load = self.load.get((account, h))
        may &= load is not None and (not backs or load >= self.allotted(account, h) + backs)
        may &= self.room(account, {h: backs})
        may &= all(w[0] in {account, "busan"} for w in self.chosen(picks))
        event = op.cancel(
            AT,
            self.rows(picks),
            account_name=account,
            entitlement=Entitlement.PPA,
            paper=FAR[0],
            link="cable",
        )
        entry = self.state.size
        if self.move("cancel", picks, event, None, also=may):
            type(self).accepted["cancel over"] += 1
            for w in self.chosen(picks):
                w[2] = (entry, None, FAR[0])
            self.carried[entry, h] = n

    @rule(
        hour=hour,
        load=st.integers(0, 3 * MOST),
        off=st.integers(-2, 2),
        far=st.integers(-2, 2),
        anew=st.booleans(),
    )
    def weigh(self, hour, load, off, far, anew):
        crossed = [self.flow.get((0, hour), (0, 0))[1], self.flow.get((1, hour), (0, 0))[0]]
        came, went = max(crossed[0] + far, 0), crossed[1]
        made = max(load + went - came, 0)
        terms = {"generation": made, "imported": came, "discharge": 0, "load": load, "export": went, "charge": 0,
                 "losses": max(made + came - load - went + off, 0)}  # fmt: skip
        rows = links.balanced(stamp(hour), **{k: np.array([v]) for k, v in terms.items()})
        into, out = made + came, load + went + terms["losses"]
        may = abs(into - out) * 1000 <= into * 50 and self.agrees(hour, came, went)
        may &= self.claimed(hour) <= load and (hour in self.balance) == anew
        make = links.restate_balance if anew else links.balance
        more = {"reason": "read again"} if anew else {}
        if self.ask(make(AT, "jeju", rows, tolerance_permille=50, **more), may):
            self.balance[hour] = [load, True, came, went]

    @precondition(lambda self: any(stands for _load, stands, *_ in self.balance.values()))
    @rule(data=st.data(), account=st.sampled_from(ACCOUNTS), wh=st.integers(0, 3 * MOST))
    def use_otherwise(self, data, account, wh):
        self.restate_load(account, data.draw(st.sampled_from(sorted(self.balance))), wh)

    def agrees(self, hour, came, went):
        known = [(w, hour) in self.flow for w in (0, 1)]
        crossed = [self.flow.get((0, hour), (0, 0))[1], self.flow.get((1, hour), (0, 0))[0]]
        return all(
            said == has if k else said >= has
            for said, has, k in zip((came, went), crossed, known, strict=True)
        )

    def taken(self, hour):
        return sum(n for (_e, h), n in self.carried.items() if h == hour)

    def backed_far(self, entry, hour):
        return sum(1 for w in self.wh.get(("mill", hour), []) if w[2] and w[2][0] == entry)

    def crossed(self, entry, hour):
        sent, delivered = self.flow.get((0, hour), (0, 0))
        return self.carried[entry, hour] * delivered // sent if sent else 0

    def allotted(self, account, hour):
        far = sum(self.crossed(e, h) for e, h in self.carried if h == hour) if account == FAR[1] else 0
        return super().allotted(account, hour) + far

    def backed(self, hour, entries):
        over = sum(self.crossed(e, h) for e, h in self.carried if h == hour and e in entries)
        return super().backed(hour, set(entries) - {e for e, _h in self.carried}) + over

    def by_right(self, account, hour):
        shown = sum(1 for w in self.wh.get(("rps", hour), []) if w[2] and w[2][1] == account)
        return self.allotted(account, hour) - shown

    def claimed(self, hour, account=None, more=0):
        return sum(
            min(self.load.get((a, hour), 0), self.by_right(a, hour) + (more if a == account else 0))
            for a in ACCOUNTS
        )

    def room(self, account, ask):
        return all(
            self.claimed(h, account, wh) <= self.balance[h][0]
            for h, wh in ask.items()
            if h in self.balance and self.balance[h][1]
        )

    @invariant()
    def a_balance_stands_as_long_as_nothing_contradicts_it(self):
        if not hasattr(self, "balance"):
            return
        for h, row in self.balance.items():
            row[1] = row[1] and self.claimed(h) <= row[0] and self.agrees(h, *row[2:])
        kept = self.state.balances.get("jeju")
        found = {} if kept is None else dict(zip(kept.rows["start"], kept.stands, strict=True))
        assert {int((s - DAY) / HOUR): bool(v) for s, v in found.items()} == {
            h: row[1] for h, row in self.balance.items()
        }


def test_a_link_and_a_balance_in_any_order_keep_every_invariant():
    Linked.steps, Linked.accepted = 0, Counter()
    run_state_machine_as_test(
        Linked, settings=settings(max_examples=25, stateful_step_count=40, deadline=None, derandomize=True)
    )
    assert {"flow", "restate_flow", "balance", "cancel over"} <= set(Linked.accepted)


@pytest.mark.slow
def test_thousands_of_requests_about_links_in_any_order_keep_every_invariant():
    wanted = int(os.environ.get("TAMNA_LEDGER_LINK_STEPS", "3000"))
    Linked.steps, Linked.accepted = 0, Counter()
    while Linked.steps < wanted:
        run_state_machine_as_test(
            Linked, settings=settings(max_examples=50, stateful_step_count=60, deadline=None)
        )
    assert {"flow", "restate_flow", "balance", "restate_balance", "cancel over", "claim"} <= set(
        Linked.accepted
    )
