"""Corrections where they hurt: twice, to nothing and back, of what was charged, expired, withdrawn, or is in doubt."""

from collections import Counter

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, hours, island, issued, right
from ledger.test_any_order import fates
from ledger.test_giving_back import claimed, demand, evidence, parts, placed, shown
from ledger.test_storing import battery, charged, gave, on
from ledger.test_storing import claimed as charging_claimed
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.audit import restored, stored
from tamna.ledger.book import record
from tamna.ledger.carried import LotShare
from tamna.ledger.energytag import read_csv, read_json, records, write_csv, write_json
from tamna.ledger.invariants import broken
from tamna.ledger.nouns import Rules
from tamna.ledger.state import Standing, bundles


def read(wh, first=0, **more):
    return op.readings(hours(len(wh), first), np.array(wh), **more)


def restated(state, wh, device="hallim"):
    return record(state, op.restate(AT, device, read(wh), reason="read again"))


def test_twice_in_one_go_is_as_the_last_and_a_claim_in_doubt_is_not_doubted_again():
    once = restated(claimed(shown()), [40])
    twice = record(
        claimed(shown()),
        *(op.restate(AT, "hallim", read([wh]), reason="read again") for wh in (45, 40)),
    )
    assert fates(twice) == fates(once)
    assert [c.standing for c in twice.claims.values()] == [Standing.REVIEW]
    assert twice.used_wh == {"PPA-1": 40}
    assert broken(twice) == []


def test_to_nothing_and_back_a_right_is_issued_anew_and_must_be_matched_anew():
    state = restated(claimed(shown()), [0])
    assert state.used_wh == {"PPA-1": 0}
    state = placed(state)
    state = claimed(state, [e for e, c in state.claims.items() if c.standing is Standing.REVIEW])
    assert parts(state, state.size - 1) == ([0, 0, 0, 0], [32, 16, 0, 8])
    state = restated(state, [50])
    assert Counter(fate for _who, fate in fates(state)["hallim", 0]) == {"active": 50}
    assert broken(state) == []


def test_consumption_of_nothing_claims_nothing_and_gives_its_evidence_back():
    state = record(claimed(shown()), op.restate_load(AT, "eggs", read([0, 0, 0, 0]), reason="counted twice"))
    state = placed(state)
    assert evidence(state) == [0, 0, 0, 0]
    assert state.load("eggs").allotted_wh.tolist() == [
        50,
        0,
        0,
        0,
    ]  # by right it stays cancelled, and unclaimed
    state = claimed(state, list(state.claims))
    assert parts(state, state.size - 1) == ([0, 0, 0, 0], [0, 0, 0, 0])
    assert broken(state) == []


def test_what_expired_or_was_withdrawn_stays_so_as_far_as_the_corrected_meter_reaches():
    state = issued(island(rules=Rules(lifetime_s=3600)))
    state = record(state, op.expire(AT, op.ranges(state, [("hallim", DAY, 0, 60)])))
    state = record(state, op.withdraw(AT, op.ranges(state, [("hallim", DAY, 60, 80)]), reason="test"))
    for wh, due in (
        (90, {"expired": 60, "withdrawn": 20, "active": 10}),
        (70, {"expired": 60, "withdrawn": 10}),
    ):
        state = restated(state, [wh])
        assert Counter(fate for _who, fate in fates(state)["hallim", 0]) == due
        assert broken(state) == []


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (
            lambda: op.restate(AT, "hallim", op.readings(np.array([DAY, DAY]), [1, 2]), reason="x"),
            "two readings of one",
        ),
        (
            lambda: op.restate(
                AT, "hallim", op.readings(np.array([DAY, DAY + HOUR // 2]), [1, 2]), reason="x"
            ),
            "overlap",
        ),
        (
            lambda: op.restate(AT, "hallim", read([1], length_s=1800), reason="x"),
            "has the interval of the one",
        ),
        (
            lambda: op.restate_load(AT, "eggs", read([1], length_s=1800), reason="x"),
            "has the interval of the one",
        ),
        (lambda: op.restate(AT, "hallim", read([1], 9), reason="x"), "nothing was issued"),
        (lambda: op.restate_load(AT, "eggs", read([1], 9), reason="x"), "no consumption was metered"),
        (lambda: op.restate(AT, "hallim", read([11_001]), reason="x"), "more than the device can deliver"),
        (lambda: op.restate(AT - HOUR, "hallim", read([1]), reason="x"), "clock ran backwards"),
    ],
)
def test_a_correction_that_is_none_is_refused(event, reason):
    with pytest.raises(LedgerError, match=reason):
        record(claimed(shown()), event())


@pytest.mark.parametrize("wh", [-1.0, np.nan, np.inf])
def test_a_correction_to_what_no_meter_reads_is_refused(wh):
    with pytest.raises(LedgerError, match=r"negative|missing"):
        read([wh])


def test_a_charge_read_below_what_was_cancelled_for_it_holds_what_was_charged_and_no_more():
    """60 and 50 Wh were cancelled for the charging, 50 and 70 Wh were charged: the last 10 of hour 0 went in nowhere."""
    state, claim = charged(battery())
    state = record(state, chains.discharge(AT, "cell", gave((0, 0, 60, 20)), claim=claim))
    window = state.size - 1
    state = record(state, op.restate_load(AT, "cell", read([50, 70]), reason="counted twice"))
    assert state.claims[claim].standing is Standing.REVIEW
    state, again = charging_claimed(state, [claim])
    event = chains.retrace(
        AT, "cell", gave((0, 0, 60, 20)), claim=again, replaces=window, reason="charged less"
    )
    state = record(state, event)
    assert state.windows["cell"][0].charge.wh.tolist() == [50, 50, 20]
    # 60 Wh at 80 % use up 75: 50 of hour 0, and 25 of 70 of hour 1, of which 17 are hallim's: 40 + 13; 20 use up 18: 14
    assert on(state, "cell-out") == [0, 0, 53, 14]
    assert broken(state) == []
    with pytest.raises(LedgerError, match="more came out than was ever charged"):
        record(
            state,
            chains.retrace(
                AT,
                "cell",
                gave((0, 0, 100, 21)),
                claim=again,
                replaces=state.windows["cell"][-1].entry,
                reason="x",
            ),
        )


def test_a_plant_behind_a_battery_read_lower_reaches_the_claim_on_what_came_out():
    state, claim = charged(battery())
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    state = record(
        state,
        op.right(AT, right("PPA-night", "eggs", ("cell-out",))),
        op.consume(AT, "eggs", read([0, 0, 70, 70])),
        op.cancel(
            AT,
            op.ranges(state, [("cell-out", DAY + 2 * HOUR, 0, 48)]),
            account_name="eggs",
            entitlement="ppa",
            paper="PPA-night",
        ),
    )
    state = claimed(state)
    night = state.size - 1
    state = restated(state, [0, 100])
    assert {state.claims[e].standing for e in (claim, night)} == {Standing.REVIEW}
    with pytest.raises(LedgerError, match="under review, for its charging is"):
        claimed(state, [night])
    state, again = charging_claimed(state, [claim])
    event = chains.retrace(
        AT, "cell", gave(), claim=again, replaces=state.windows["cell"][-1].entry, reason="read again"
    )
    state = claimed(record(state, event), [night])
    assert parts(state, state.size - 1)[0] == [0, 0, 0, 0]
    assert broken(state) == []


def test_lots_and_windows_do_not_rest_on_a_claim_in_doubt_and_a_replaced_one_is_not_replaced_again():
    state = claimed(shown())
    claim = state.size - 1
    doubted = demand(state, [2000])
    share = chains.share_out(AT, "eggs", [LotShare("tray", DAY, DAY + 4 * HOUR, 1)], claim=claim)
    with pytest.raises(LedgerError, match="good claim"):
        record(doubted, share)
    again = claimed(placed(doubted), [claim])
    with pytest.raises(LedgerError, match="no standing claim"):
        record(again, op.claim(again, AT, "eggs", DAY, DAY + 4 * HOUR, cancellations=[], replaces=[claim]))


def test_a_book_with_evidence_given_back_is_read_again_and_exchanged_as_it_is():
    state = placed(demand(claimed(shown()), [2000, 2000]))
    every = tuple(b for name in state.devices for b in bundles(state, name))
    found = records(state)
    assert read_json(write_json(found)) == every
    assert read_csv(write_csv(found)) == every
    event = op.give_back(AT, op.ranges(state, [("rps", DAY, 0, 2)]), account_name="eggs", reason="test")
    again = restored(*stored(event))
    assert again.leaf() == event.leaf()
    assert fates(record(state, again)) == fates(record(state, event))
