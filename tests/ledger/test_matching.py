"""A matching worked on paper, and what no matching may do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.island import AT, DAY, HOUR, hours, island, issued, right, used
from tamna.errors import LedgerError
from tamna.ledger import operations as op
from tamna.ledger.book import fold, record
from tamna.ledger.invariants import broken
from tamna.ledger.matching import Policy, claims_of, match
from tamna.ledger.nouns import Entitlement
from tamna.ledger.overlay import Share
from tamna.ledger.score import score


def matched(state, policy=None, n=4):
    found = match(state, AT, DAY, DAY + n * HOUR, policy)
    return found, record(found.state, *claims_of(found.state, AT, DAY, DAY + n * HOUR))


def claim_of(state, name, n=4):
    entries = [e for e, c in state.cancellations.items() if c.account == name]
    rows = op.claim(
        state, AT, name, DAY, DAY + n * HOUR, cancellations=entries,
        replaces=[e for e, c in state.claims.items() if c.account == name],
    ).rows  # fmt: skip
    return {part: rows[f"{part}_wh"].tolist() for part in ("self", "ppa", "rec", "location")}, score(rows)


def test_own_production_first_then_ppa_then_rec_then_the_place():
    state = issued(
        issued(issued(issued(wh=[100, 50, 0, 30]), "roof", [30, 30, 90, 0]), "sinchang", [0, 0, 20, 20]),
        "rps",
    )
    state = used(state, wh=[80, 80, 80, 80])
    state = record(
        state,
        op.right(AT, right("REC-1", kind=Entitlement.REC, devices=("sinchang",), limit_wh=15)),
        op.right(AT, right("PPA-1")),
    )
    found, after = matched(state, Policy(location=True))
    parts, total = claim_of(after, "eggs")
    assert parts == {
        "self": [30, 30, 80, 0],
        "ppa": [50, 50, 0, 30],
        "rec": [0, 0, 0, 15],
        "location": [0, 0, 0, 30],
    }
    assert (total.claimable_wh, total.load_wh, total.hours_full, total.worst_hour) == (285, 320, 3, 3)
    assert total.physical_wh == 315
    assert broken(after) == []
    assert all(e.about["policy"] == "tamna-1" for e in found.entries)


def test_two_accounts_share_a_plant_by_their_load_or_in_order():
    state = used(used(issued(wh=[30]), "eggs", [40]), "milk", [20])
    state = record(state, op.right(AT, right("A")), op.right(AT, right("B", account="milk")))
    _found, after = matched(state, n=1)
    assert [claim_of(after, name, 1)[0]["ppa"] for name in ("eggs", "milk")] == [[20], [10]]
    _found, after = matched(state, Policy(share=Share.IN_ORDER), n=1)
    assert [claim_of(after, name, 1)[0]["ppa"] for name in ("eggs", "milk")] == [[30], [0]]


def test_a_paper_of_higher_priority_serves_first():
    state = used(used(issued(wh=[30]), "eggs", [40]), "milk", [20])
    papers = [right("A", priority=2), right("B", account="milk", priority=1)]
    _found, after = matched(record(state, *(op.right(AT, p) for p in papers)), n=1)
    assert [claim_of(after, name, 1)[0]["ppa"] for name in ("eggs", "milk")] == [[10], [20]]


def test_a_second_paper_of_an_account_serves_after_its_first():
    state = used(issued(wh=[30, 30]), wh=[30, 30])
    papers = [right("A", limit_wh=20), right("B", limit_wh=25)]
    _found, after = matched(record(state, *(op.right(AT, p) for p in papers)), n=2)
    assert dict(after.used_wh) == {"A": 20, "B": 25}
    assert broken(after) == []


def test_a_volume_is_used_up_even_where_its_first_hours_have_no_wind():
    state = used(issued(wh=[0, 0, 30, 30]), wh=[30, 30, 30, 30])
    _found, after = matched(record(state, op.right(AT, right("A", limit_wh=40))))
    assert after.used_wh["A"] == 40


def test_nothing_moves_between_hours_and_nothing_without_a_right():
    state = used(issued(wh=[100, 0]), wh=[0, 100])
    state = record(state, op.right(AT, right()))
    found, after = matched(state, n=2)
    assert found.entries == ()
    assert claim_of(after, "eggs", 2)[1].claimable_wh == 0
    found, _after = matched(used(issued(), "milk"))
    assert found.entries == ()


def test_bought_certificates_of_ones_own_device_and_of_the_seller_both_serve():
    state = used(issued(wh=[100]), wh=[100])
    state = record(
        state,
        op.right(AT, right()),
        op.transfer(AT, op.ranges(state, [("hallim", DAY, 10, 20)]), by="wind", to="eggs"),
        op.transfer(AT, op.ranges(state, [("hallim", DAY, 50, 60)]), by="wind", to="milk"),
        op.lock(AT, op.ranges(state, [("hallim", DAY, 0, 5)]), by="wind"),
    )
    _found, after = matched(state, n=1)
    assert claim_of(after, "eggs", 1)[0]["ppa"] == [85]
    assert broken(after) == []


def test_intervals_of_several_lengths_are_not_matched_together():
    state = used(issued(wh=[100, 50]), wh=[10])
    quarter = op.readings(hours(1, 1), np.array([10]), length_s=900)
    state = record(state, op.consume(AT, "eggs", quarter), op.right(AT, right()))
    with pytest.raises(LedgerError, match="several lengths"):
        match(state, AT, DAY, DAY + 2 * HOUR)


def test_after_a_restatement_matching_again_uses_what_came_free():
    state = used(issued(wh=[50]), wh=[80])
    _found, state = matched(record(state, op.right(AT, right())), n=1)
    state = record(
        state, op.restate(AT, "hallim", op.readings(hours(1), np.array([70])), reason="late pulses")
    )
    found = match(state, AT, DAY, DAY + HOUR)
    assert claim_of(found.state, "eggs", 1)[0]["ppa"] == [70]
    assert broken(found.state) == []


AMOUNTS = st.lists(st.integers(0, 40), min_size=3, max_size=3)


@settings(max_examples=60)
@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from(list(Share)), st.integers(0, 60))
def test_whatever_is_matched_the_book_is_sound_and_no_more_could_be_given(
    a, b, c, load1, load2, share, limit
):
    state = issued(issued(issued(wh=a), "sinchang", b), "roof", c)
    state = used(used(state, "eggs", load1), "milk", load2)
    papers = [
        right("A", devices=("hallim", "sinchang")),
        right("B", account="milk", devices=("hallim", "sinchang")),
        right("C", account="milk", kind=Entitlement.REC, devices=("sinchang",), limit_wh=limit),
    ]
    state = record(state, *(op.right(AT, p) for p in papers))
    _found, after = matched(state, Policy(share=share), n=3)
    assert broken(after) == []
    for t in range(3):
        own = min(c[t], load1[t])
        pooled = min(a[t] + b[t], load1[t] - own + load2[t])
        given_wh = sum(int(s.allotted_wh[t]) for s in (after.load("eggs"), after.load("milk")))
        assert given_wh == own + pooled


def test_the_entries_of_a_matching_are_a_journal():
    journal = [op.book(AT)]
    state = island()
    assert fold(journal).size == 1
    state = record(used(issued(state)), op.right(AT, right()))
    found = match(state, AT, DAY, DAY + 4 * HOUR)
    assert record(state, *found.entries).load("eggs").allotted_wh.tolist() == [80, 50, 0, 30]
