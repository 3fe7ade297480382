"""What is evidence of the place while the island exports: the declared export rule, on paper."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, hours
from ledger.test_balance import weighed, weighed_again
from ledger.two_zones import ENDS, sent, sent_again, two_zones
from tamna.errors import LedgerError
from tamna.grid.rules import Rule, coverage, proportional, thermal_first
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.across import Link
from tamna.ledger.book import record
from tamna.ledger.carried import LotShare
from tamna.ledger.event import Event, Kind
from tamna.ledger.invariants import broken
from tamna.ledger.matching import Policy, match
from tamna.ledger.nouns import Account
from tamna.ledger.place import place
from tamna.ledger.state import Standing

# per hour: 600 of wind and sun, 300 of other generation, 97 in by cable, 100 out by cable, 897 used
WIND, USED = 600, (897, 897)


def exporting(*more, wind=(WIND, WIND), eggs=(100, 100)):
    both = Link(name="cable", ends=ENDS, capacity_w=10_000, loss_permille=30, both_ways=True)
    return two_zones(
        sent([100, 100]),
        op.account(AT, Account(name="jeju:all", zone="jeju")),
        op.consume(AT, "jeju:all", op.readings(hours(2), np.array(USED))),
        op.issue(AT, "rps", op.readings(hours(2), np.array(wind))),
        *more,
        eggs=eggs, link=both,
    )  # fmt: skip


OUT = sent([100], ends=ENDS[::-1])  # of the second hour's export nothing is known


def placed(state, rule, account="eggs"):
    wh = np.zeros(2, int)
    for event in place(state, AT, account, "jeju:all", ["rps"], start=DAY, end=DAY + 2 * HOUR, rule=rule):
        assert event.about["export_rule"] == str(rule)
        np.add.at(
            wh, ((event.rows["start"] - DAY) // HOUR).astype(int), event.rows["high"] - event.rows["low"]
        )
        assert broken(record(state, event)) == []
    return wh.tolist()


def test_each_rule_gives_the_load_its_share_of_the_hours_mix():
    state = exporting(OUT)
    one = {k: np.array([v]) for k, v in
           {"renewable": 600, "other": 300, "imports": 97, "exports": 100, "load": 897}.items()}  # fmt: skip
    shares = {
        Rule.THERMAL_FIRST: thermal_first(**one).total,
        Rule.COVERAGE: coverage(renewable=one["renewable"], load=one["load"]).total,
        Rule.PROPORTIONAL: proportional(**{k: one[k] for k in ("renewable", "other", "imports")}).total,
    }
    for rule, share in shares.items():
        assert placed(state, rule)[0] == int(100 * share)
    assert [placed(state, rule)[0] for rule in Rule] == [66, 60, 66]


def test_where_the_export_is_not_known_the_proportional_share_is_unavailable_and_gives_nothing():
    assert placed(exporting(OUT), Rule.PROPORTIONAL) == [60, 0]
    assert placed(exporting(), Rule.PROPORTIONAL) == [0, 0]
    assert placed(exporting(), Rule.THERMAL_FIRST) == [66, 66]


def test_the_export_of_a_balance_serves_where_no_link_was_read():
    balance = weighed(
        2, generation=[900, 900], discharge=[0, 0], load=[867, 867], charge=[30, 30], losses=[0, 0]
    )
    assert placed(exporting(balance), Rule.PROPORTIONAL) == [60, 60]


def test_more_wind_than_load_fills_a_load_and_never_more():
    state = exporting(OUT, wind=(990, 0))
    assert placed(state, Rule.THERMAL_FIRST) == [100, 0]
    assert placed(state, Rule.COVERAGE) == [100, 0]
    assert placed(state, Rule.PROPORTIONAL) == [99, 0]


def test_a_claim_states_its_rule_and_its_lots_do_too():
    state = exporting(OUT)
    state = record(
        state,
        *place(state, AT, "eggs", "jeju:all", ["rps"], start=DAY, end=DAY + HOUR, rule=Rule.PROPORTIONAL),
    )
    claim = op.claim(state, AT, "eggs", DAY, DAY + 2 * HOUR, cancellations=list(state.cancellations))
    assert claim.about["stated"] == {"export_rule": "proportional"}
    for other in ({}, {"export_rule": "thermal_first"}, {"export_rule": "proportional", "links": ["cable"]}):
        false = Event(Kind.CLAIM, AT, {**claim.about, "stated": other}, claim.rows)
        with pytest.raises(LedgerError, match="states another policy"):
            record(state, false)
    state = record(state, claim)
    state = record(
        state, chains.share_out(AT, "eggs", [LotShare("A", DAY, DAY + 2 * HOUR, 1)], claim=state.size - 1)
    )
    lot = chains.lots_of(state, AT, state.size - 1)[0]
    assert lot.about["stated"] == {"export_rule": "proportional"}
    bare = Event(Kind.LOT, AT, {k: v for k, v in lot.about.items() if k != "stated"}, lot.rows)
    with pytest.raises(LedgerError, match="says what its sharing does not"):
        record(state, bare)
    assert broken(record(state, lot)) == []


def test_another_rule_gives_the_evidence_back_first_and_then_makes_it_anew():
    state = exporting(OUT)
    span = {"start": DAY, "end": DAY + 2 * HOUR}
    state = record(state, *place(state, AT, "eggs", "jeju:all", ["rps"], **span, rule=Rule.THERMAL_FIRST))
    again = place(state, AT, "eggs", "jeju:all", ["rps"], **span, rule=Rule.PROPORTIONAL)
    assert [e.kind for e in again] == [Kind.GIVE_BACK]
    state = record(state, *again)
    assert state.load("eggs").allotted_wh.tolist() == [0, 0]
    assert placed(state, Rule.PROPORTIONAL) == [60, 0]


def test_a_corrected_export_gives_back_what_is_no_longer_due():
    state = exporting(OUT)
    span = {"start": DAY, "end": DAY + 2 * HOUR, "rule": Rule.PROPORTIONAL}
    state = record(state, *place(state, AT, "eggs", "jeju:all", ["rps"], **span))
    state = record(state, sent_again([300], [291], ends=ENDS[::-1]))
    state = record(state, *place(state, AT, "eggs", "jeju:all", ["rps"], **span))
    assert state.load("eggs").allotted_wh.tolist() == [100 * 600 // 1197, 0]
    assert place(state, AT, "eggs", "jeju:all", ["rps"], **span) == ()


def test_evidence_under_two_rules_is_no_one_score():
    state = exporting(OUT)
    for rule, first in ((Rule.PROPORTIONAL, 0), (Rule.THERMAL_FIRST, 1)):
        start = DAY + first * HOUR
        state = record(
            state, *place(state, AT, "eggs", "jeju:all", ["rps"], start=start, end=start + HOUR, rule=rule)
        )
    with pytest.raises(LedgerError, match="under two export rules"):
        op.claim(state, AT, "eggs", DAY, DAY + 2 * HOUR, cancellations=list(state.cancellations))


def test_a_rule_is_told_of_evidence_of_the_place_alone_and_is_one_of_three():
    state = exporting()
    rows = op.ranges(state, [("rps", DAY, 0, 10)])
    for about in (
        {"account": "eggs", "entitlement": "location", "export_rule": "fair"},
        {"account": "eggs", "entitlement": "self", "export_rule": "coverage"},
    ):
        with pytest.raises(LedgerError, match="told of evidence of the place alone"):
            record(state, Event(Kind.CANCEL, AT, about, rows))


def test_a_matching_leaves_what_goes_out_with_the_mix_where_the_balance_is_known():
    balance = weighed(1, generation=[900], discharge=[0], load=[867], charge=[30], losses=[0])
    state = exporting(OUT, balance, eggs=(700, 700))
    policy = Policy(location=True, export_rule=Rule.PROPORTIONAL)
    found = match(state, AT, DAY, DAY + 2 * HOUR, policy)
    given = sum(int(load.allotted_wh[0]) for load in found.state.loads if len(load.start))
    assert given == 600 * 897 // 997  # of 997 that came in, 100 went out; the second hour is unavailable
    assert [int(load.allotted_wh[1]) for load in found.state.loads if len(load.start)] == [0, 0]
    assert match(found.state, AT, DAY, DAY + 2 * HOUR, policy).entries == ()
    assert broken(found.state) == []
    plain = match(state, AT, DAY, DAY + 2 * HOUR, Policy(location=True))
    assert sum(int(load.allotted_wh[0]) for load in plain.state.loads if len(load.start)) == 600


@pytest.mark.parametrize("what", ["link", "balance", "import"])
def test_evidence_counted_with_an_export_that_was_corrected_is_doubted(what):
    balance = weighed(
        2, generation=[900, 900], discharge=[0, 0], load=[867, 867], charge=[30, 30], losses=[0, 0]
    )
    state = exporting(OUT) if what == "link" else exporting(balance)
    start, end = DAY, DAY + 2 * HOUR
    for rule in (Rule.THERMAL_FIRST, Rule.PROPORTIONAL):
        after = record(state, *place(state, AT, "eggs", "jeju:all", ["rps"], start=start, end=end, rule=rule))
        after = record(
            after, op.claim(after, AT, "eggs", start, end, cancellations=list(after.cancellations))
        )
        again = {
            "link": lambda: sent_again([150], [140], ends=ENDS[::-1]),
            "balance": lambda: weighed_again(generation=[950], discharge=[0], load=[867], charge=[30], export=[150], losses=[0]),
            "import": lambda: sent_again([200], [190]),  # contradicts the balance, whose export then is not known
        }[what]()  # fmt: skip
        after = record(after, again)
        doubted = {c.standing for c in after.claims.values()} == {Standing.REVIEW}
        assert doubted == (rule is Rule.PROPORTIONAL)
        assert broken(after) == []
