"""A zone's balance (I8): what closes, what contradicts the book, and the residual mix that follows."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, hours
from ledger.two_zones import ENDS, far, sent, sent_again, two_zones
from tamna.errors import LedgerError
from tamna.ledger import links
from tamna.ledger import operations as op
from tamna.ledger.across import Link
from tamna.ledger.audit import restored, stored
from tamna.ledger.book import record
from tamna.ledger.invariants import broken
from tamna.ledger.residual import residual
from tamna.registry.values import from_bytes, to_bytes


def terms(n=2, **more):
    """Each hour: 900 made, 97 in, 50 from storage; 900 used, 100 out, 30 into storage, 17 lost."""
    usual = {
        "generation": 900,
        "imported": 97,
        "discharge": 50,
        "load": 900,
        "export": 100,
        "charge": 30,
        "losses": 17,
    }
    return {name: np.array(more.get(name, [wh] * n)) for name, wh in usual.items()}


def weighed(n=2, first=0, tolerance=0, zone="jeju", **more):
    rows = links.balanced(hours(n, first), **terms(n, **more))
    return links.balance(AT, zone, rows, tolerance_permille=tolerance)


def weighed_again(n=1, first=0, tolerance=0, **more):
    rows = links.balanced(hours(n, first), **terms(n, **more))
    return links.restate_balance(AT, "jeju", rows, tolerance_permille=tolerance, reason="read again")


def refused(state, event, reason):
    before = to_bytes(state)
    with pytest.raises(LedgerError, match=reason):
        record(state, event)
    assert to_bytes(state) == before


def with_flows(*more):
    """Both ways in both hours: 100 Wh sent to the island of which 97 arrive, and 100 Wh sent back."""
    both = Link(name="cable", ends=ENDS, capacity_w=10_000, loss_permille=30, both_ways=True)
    return two_zones(sent([100, 100]), sent([100, 100], ends=ENDS[::-1]), *more, link=both)


def test_what_came_in_is_what_went_out_and_the_rest_of_what_is_used_is_the_residual_mix():
    state = record(with_flows(), weighed())
    state = record(state, far(state, [(0, 0, 100)]))
    found = residual(state, "jeju", hours(3))
    assert found.available.tolist() == [True, True, False]
    assert found.total_wh.tolist() == [930, 930, 0]
    assert found.claimed_wh.tolist() == [97, 0, 0]
    assert found.residual_wh.tolist() == [833, 930, 0]
    assert broken(state) == []
    assert not residual(state, "mainland", hours(1)).available.any()


def test_a_balance_that_does_not_close_is_refused_and_so_is_too_wide_a_tolerance():
    refused(two_zones(), weighed(losses=[17, 18]), r"I8: the balance does not close within 0 in 1000")
    state = record(two_zones(), weighed(losses=[17, 18], tolerance=1))
    assert state.balances["jeju"].tolerance_permille.tolist() == [1, 1]
    refused(two_zones(), weighed(losses=[17, 19], tolerance=1), "does not close within 1 in 1000")
    refused(two_zones(), weighed(tolerance=101), "tolerance of 0 to 100")
    refused(two_zones(), weighed(zone="ulleung"), "no account of the book lies in this zone")
    refused(record(two_zones(), weighed()), weighed(), "holds a reading of this interval")
    refused(two_zones(), weighed_again(), "holds no balance of this interval")


def test_a_term_that_is_missing_or_negative_makes_no_row():
    some = terms()
    del some["losses"]
    with pytest.raises(LedgerError, match="seven terms"):
        links.balanced(hours(2), **some)
    with pytest.raises(LedgerError, match="negative"):
        links.balanced(hours(2), **terms(losses=[1, -1]))
    with pytest.raises(LedgerError, match="missing"):
        links.balanced(hours(2), **terms(losses=[1, np.nan]))


def test_import_and_export_are_what_the_links_say():
    refused(with_flows(), weighed(imported=[97, 98], generation=[900, 899]), r"links say otherwise \(97 Wh\)")
    refused(with_flows(), weighed(export=[100, 99], losses=[17, 18]), r"links say otherwise \(100 Wh\)")
    one_way = two_zones(sent([100, 100]))
    record(
        one_way, weighed(export=[0, 40], losses=[117, 77])
    )  # of the way out nothing is known: no contradiction
    refused(two_zones(sent([100])), weighed(imported=[96, 97], generation=[901, 900]), "links say otherwise")


def test_a_flow_corrected_after_the_balance_takes_its_stand_away_until_it_is_weighed_again():
    state = record(with_flows(), weighed())
    after = record(state, sent_again([200], [190]))
    assert after.balances["jeju"].stands.tolist() == [False, True]
    assert residual(after, "jeju", hours(2)).available.tolist() == [False, True]
    assert broken(after) == []
    refused(after, weighed_again(), r"links say otherwise \(190 Wh\)")
    after = record(after, weighed_again(imported=[190], generation=[807]))
    assert after.balances["jeju"].stands.all()
    assert broken(after) == []


def test_no_more_is_claimed_in_the_zone_than_it_used():
    small = {"load": [50, 900], "losses": [867, 17]}
    state = record(with_flows(), weighed(**small))
    assert residual(state, "jeju", hours(1)).total_wh.tolist() == [80]
    refused(state, far(state, [(0, 0, 100)]), r"I8: more is claimed in the zone than it used \(80 Wh\)")
    state = record(state, far(state, [(0, 0, 82)]))
    assert residual(state, "jeju", hours(1)).residual_wh.tolist() == [1]
    before = with_flows()
    before = record(before, far(before, [(0, 0, 100)]))
    refused(before, weighed(**small), "I8: more is claimed in the zone")


def test_more_load_than_the_balance_knows_takes_its_stand_away():
    state = with_flows(op.restate_load(AT, "eggs", op.readings(hours(1), np.array([10])), reason="low"))
    state = record(state, op.restate_load(AT, "eggs", op.readings(hours(1), np.array([500])), reason="high"))
    state = record(state, far(state, [(0, 0, 100)]))
    state = record(
        state, op.restate_load(AT, "eggs", op.readings(hours(1), np.array([10])), reason="low again")
    )
    state = record(state, weighed(load=[0, 900], losses=[917, 17]))  # 30 Wh of charging, 10 of them claimed
    assert residual(state, "jeju", hours(1)).residual_wh.tolist() == [20]
    state = record(
        state, op.restate_load(AT, "eggs", op.readings(hours(1), np.array([90])), reason="high again")
    )
    assert state.balances["jeju"].stands.tolist() == [False, True]
    assert broken(state) == []


def test_quarters_of_an_hour_are_added_up_within_the_hour_of_the_balance():
    quarters = DAY + np.arange(4) * (HOUR // 4)
    rows = links.carried(quarters, np.full(4, 25), np.full(4, 24), length_s=900)
    state = two_zones(links.flow(AT, "cable", rows, ends=ENDS))
    refused(state, weighed(1, imported=[97]), r"links say otherwise \(96 Wh\)")
    state = record(state, weighed(1, imported=[96], generation=[901]))
    assert broken(state) == []


def test_a_balance_reads_back_from_a_journal_and_a_snapshot():
    state = with_flows()
    events = [weighed(), weighed_again(load=[800], losses=[117])]
    after = record(state, *events)
    again = record(state, *(restored(*stored(e), i) for i, e in enumerate(events)))
    assert to_bytes(again) == to_bytes(after)
    assert to_bytes(from_bytes(to_bytes(after))) == to_bytes(after)
    assert after.balances["jeju"].rows["load_wh"].tolist() == [800, 900]
