"""Energy over a link: what may cross, worked on paper, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.island import AT, DAY, HOUR, device, hours, right
from ledger.test_storing import battery
from ledger.two_zones import CABLE, ENDS, N, far, sent, sent_again, two_zones
from tamna.errors import LedgerError
from tamna.ledger import links
from tamna.ledger import operations as op
from tamna.ledger.across import Link
from tamna.ledger.audit import restored, stored
from tamna.ledger.book import record
from tamna.ledger.event import FORM, MOVE, Event, Kind
from tamna.ledger.invariants import broken
from tamna.ledger.matching import Geography, Policy, claims_of, match
from tamna.ledger.nouns import Account, Attributes, Entitlement
from tamna.ledger.overlay import Share
from tamna.ledger.state import Standing
from tamna.registry.values import from_bytes, to_bytes

OVER = Policy(geography=Geography.LINK)
END = DAY + N * HOUR


def refused(state, event, reason):
    before = to_bytes(state)
    with pytest.raises(LedgerError, match=reason):
        record(state, event)
    assert to_bytes(state) == before


def allotted(state, account="eggs"):
    return state.load(account).allotted_wh.tolist()


def test_a_thousand_sent_and_three_in_a_hundred_lost_back_nine_hundred_and_seventy():
    state = two_zones(sent([1000, 100, 0]), eggs=(970, 970, 970))
    state = record(state, far(state, [(0, 0, 1000), (1, 100, 200)]))
    assert allotted(state) == [970, 97, 0]
    flow = state.flows["cable"][0]
    assert (flow.sent_wh.tolist(), flow.used_wh.tolist()) == ([1000, 100, 0], [1000, 100, 0])
    claim = op.claim(state, AT, "eggs", DAY, DAY + 3 * HOUR, cancellations=list(state.cancellations))
    assert claim.rows["ppa_wh"].tolist() == [970, 97, 0]
    assert claim.about["stated"] == {"links": ["cable"]}
    assert broken(record(state, claim)) == []


def test_all_accounts_and_plants_together_take_no_more_than_the_link_sent():
    state = two_zones(
        sent([100]),
        op.device(AT, device("mill-2", "busan", zone="mainland")),
        op.issue(AT, "mill-2", op.readings(hours(1), np.array([100]))),
        op.right(AT, right("PPA-2", "milk", devices=("mill-2",))),
        op.consume(AT, "milk", op.readings(hours(1), np.array([100]))),
    )
    state = record(state, far(state, [(0, 0, 60)]))
    rows = op.ranges(state, [("mill-2", DAY, 0, 41)])
    two = op.cancel(AT, rows, account_name="milk", entitlement=Entitlement.PPA, paper="PPA-2", link="cable")
    refused(state, two, r"more would cross the link than it carried \(100 Wh\)")
    rows = op.ranges(state, [("mill-2", DAY, 0, 40)])
    two = op.cancel(AT, rows, account_name="milk", entitlement=Entitlement.PPA, paper="PPA-2", link="cable")
    after = record(state, two)
    assert (allotted(after), allotted(after, "milk")) == ([58, 0, 0, 0], [38])
    refused(after, far(after, [(0, 900, 901)]), "more would cross")
    assert broken(after) == []


def test_without_evidence_of_the_hour_nothing_crosses_and_none_the_other_way():
    state = two_zones(sent([100]))
    refused(state, far(state, [(1, 0, 10)]), "nothing is known of what the link carried")
    refused(two_zones(), far(two_zones(), [(0, 0, 10)]), "nothing is known of what the link carried")
    back = two_zones(sent([100], ends=ENDS[::-1]))
    refused(back, far(back, [(0, 0, 10)]), "nothing is known of what the link carried")
    refused(state, far(state, [(0, 0, 10)], link="other"), "no such link to the account's zone")
    refused(state, far(state, [(0, 0, 10)], account="busan"), "zones|no such paper")
    near = op.cancel(AT, op.ranges(state, [("mill", DAY, 0, 1)]), account_name="eggs",
                     entitlement=Entitlement.PPA, paper="PPA-far")  # fmt: skip
    refused(state, near, "different zones")


def test_an_hours_flow_does_not_back_quarters_of_an_hour():
    state = two_zones(sent([100]), eggs=(500,))
    quarter = links.carried(hours(1, 1), np.array([100]), loss_permille=30, length_s=900)
    state = record(
        state,
        links.flow(AT, "cable", quarter, ends=ENDS, delivery="declared"),
        op.consume(AT, "eggs", op.readings(hours(1, 1), np.array([500]))),
    )
    refused(state, far(state, [(1, 0, 10)]), "nothing is known of what the link carried")


def test_evidence_of_the_place_and_a_storages_charge_do_not_cross():
    state = two_zones(sent([100]))
    refused(state, far(state, [(0, 0, 10)], entitlement="location", paper=None), "does not cross a link")
    held = record(
        battery(),
        links.link(AT, CABLE),
        op.device(AT, device("mill", "busan", zone="mainland")),
        op.issue(AT, "mill", op.readings(hours(1), np.array([100]))),
        op.right(AT, right("PPA-far", "cell", devices=("mill",))),
        sent([100]),
    )
    refused(held, far(held, [(0, 0, 10)], account="cell"), "a storage does not charge over a link")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (sent([100], [101]), r"more was delivered than sent \(100 Wh\)"),
        (sent([100], [96], ends=("mainland", "halla")), "does not lead from the one zone to the other"),
        (sent([11_001], [11_000]), r"more than the link can carry \(11000 Wh\)"),
        (links.flow(AT, "cable", links.carried(hours(1), np.array([100]), np.array([96])), ends=ENDS,
                    delivery="declared"), r"not what the link's declared loss leaves \(97 Wh\)"),
        (links.flow(AT, "cable", links.carried(hours(1), np.array([100])), ends=ENDS, delivery="guessed"),
         "metered, or follows from the declared loss"),
        (links.flow(AT, "cable", links.carried(hours(1)[[0, 0]], np.array([1, 2])), ends=ENDS), "two readings of one"),
        (links.flow(AT, "cable", links.carried(hours(2)[::-1], np.array([1, 2])), ends=ENDS), "out of order"),
        (links.flow(AT, "cable", links.carried(hours(2), np.array([1, 2]), length_s=3601), ends=ENDS), "1 s to 1 h"),
        (links.flow(AT, "cable", links.carried(hours(1, 10_000), np.array([1])), ends=ENDS), "not over yet"),
        (links.flow(AT, "hawser", links.carried(hours(1), np.array([1])), ends=ENDS), "no such link in the book"),
    ],
)  # fmt: skip
def test_a_reading_of_a_link_that_cannot_be_is_refused(event, reason):
    refused(two_zones(), event, reason)


@pytest.mark.parametrize("wh", [[-1.0], [np.nan], [2.0**32]])
def test_a_negative_missing_or_impossible_flow_makes_no_row(wh):
    with pytest.raises(LedgerError, match=r"negative|missing|more than an interval"):
        links.carried(hours(1), np.array(wh))


def test_a_second_reading_of_an_hour_is_refused_whether_or_not_it_agrees():
    state = two_zones(sent([100, 100]))
    refused(state, sent([100]), "holds a reading of this interval")
    refused(state, sent([90]), "holds a reading of this interval")
    half = links.carried(hours(1) + np.timedelta64(1800, "s"), np.array([1]), length_s=1800)
    refused(state, links.flow(AT, "cable", half, ends=ENDS), "holds a reading of this interval")


def test_a_link_that_cannot_do_both_is_not_read_both_ways_in_one_hour():
    state = two_zones(sent([100, 0, 50]))
    refused(state, sent([10], ends=ENDS[::-1]), "both ways in one interval")
    state = record(state, sent([0, 10, 0], ends=ENDS[::-1]))
    refused(state, sent_again([5], [5], first=1), "both ways in one interval")
    able = Link(name="cable", ends=ENDS, capacity_w=10_000, loss_permille=30, both_ways=True)
    both = two_zones(sent([100]), sent([10], ends=ENDS[::-1]), link=able)
    assert broken(both) == []


@pytest.mark.parametrize(
    "link",
    [
        Link(name="b", ends=("jeju", "jeju"), capacity_w=1),
        Link(name="b", ends=("jeju", "mainland"), capacity_w=0),
        Link(name="b", ends=("jeju", "mainland"), capacity_w=1, loss_permille=1000),
        Link(name="cable", ends=("jeju", "mainland"), capacity_w=1),
    ],
)
def test_a_link_that_is_none_is_refused(link):
    refused(two_zones(), links.link(AT, link), "link")


def test_a_paper_over_a_far_plant_needs_a_link_between_the_zones():
    far_right = op.right(AT, right("PPA-3", "milk", devices=("mill",)))
    record(two_zones(), far_right)
    elsewhere = Link(name="cable", ends=("mainland", "ulleung"), capacity_w=1_000)
    with pytest.raises(LedgerError, match="different zones"):
        two_zones(link=elsewhere)


def claimed(state):
    state = record(state, far(state, [(0, 0, 100), (1, 0, 50)]))
    return record(state, op.claim(state, AT, "eggs", DAY, END, cancellations=[max(state.cancellations)]))


def test_a_corrected_flow_shrinks_what_it_backed_and_doubts_the_claim():
    state = claimed(two_zones(sent([100, 100])))
    claim = max(state.claims)
    after = record(state, sent_again([80], [70]))
    assert allotted(after) == [70, 48, 0, 0]
    assert after.claims[claim].standing is Standing.REVIEW
    one = next(iter(after.cancellations.values()))
    assert (one.over.cancelled_wh.tolist(), one.over.carried_wh.tolist()) == ([100, 50], [80, 50])
    assert broken(after) == []
    again = op.claim(after, AT, "eggs", DAY, END, cancellations=list(after.cancellations), replaces=[claim])
    assert again.rows["ppa_wh"].tolist() == [70, 48, 0, 0]
    assert broken(record(after, again)) == []
    back = record(after, sent_again([200], [190]))
    assert allotted(back) == [95, 48, 0, 0]
    assert broken(back) == []
    refused(after, sent_again([10], [10], first=2), "nothing is known of what the link carried")


def test_an_estimated_flow_is_no_evidence_until_its_meter_is_read():
    state = two_zones(sent([100, 100], estimated=True))
    refused(state, far(state, [(0, 0, 100)]), "only a meter is evidence")
    assert matched(state)[0].entries == ()
    read = claimed(record(state, sent_again([100, 100], [97, 97])))
    assert allotted(read) == [97, 48, 0, 0]
    doubted = record(read, sent_again([100], [97], estimated=True))
    assert allotted(doubted) == [0, 48, 0, 0]
    assert doubted.claims[max(doubted.claims)].standing is Standing.REVIEW
    assert broken(doubted) == []


def test_who_cancelled_first_keeps_the_flow_when_less_was_carried():
    state = two_zones(
        sent([100]),
        op.right(AT, right("PPA-milk", "milk", devices=("mill",))),
        op.consume(AT, "milk", op.readings(hours(1), np.array([100]))),
    )
    state = record(state, far(state, [(0, 0, 50)]))
    state = record(state, far(state, [(0, 50, 100)], account="milk", paper="PPA-milk"))
    after = record(state, sent_again([60], [60]))
    assert (allotted(after)[0], allotted(after, "milk")[0]) == (50, 10)
    assert broken(after) == []


def test_a_corrected_plant_beyond_the_link_gives_the_flow_back():
    state = claimed(two_zones(sent([100, 100])))
    after = record(state, op.restate(AT, "mill", op.readings(hours(1), np.array([40])), reason="pulses"))
    assert allotted(after) == [38, 48, 0, 0]
    assert after.flows["cable"][0].used_wh.tolist() == [40, 50]
    assert after.used_wh["PPA-far"] == 90
    assert {c.standing for c in after.claims.values()} == {Standing.REVIEW}
    assert broken(after) == []


def matched(state, policy=OVER):
    """Match all hours; claim those that every account's meters cover."""
    found = match(state, AT, DAY, END, policy)
    covered = min(len(load.start) for load in state.loads if len(load.start))
    return found, record(found.state, *claims_of(found.state, AT, DAY, DAY + covered * HOUR))


def test_own_zone_first_and_only_then_the_link():
    state = two_zones(
        sent([1000] * N),
        op.issue(AT, "roof", op.readings(hours(N), np.array([200, 0, 500, 600]))),
        op.issue(AT, "hallim", op.readings(hours(N), np.array([100, 100, 0, 0]))),
        op.right(AT, right("PPA-near", devices=("hallim",))),
    )
    found, after = matched(state)
    parts = [(e.about["entitlement"], e.about.get("link"), int((e.rows["high"] - e.rows["low"]).sum()))
             for e in found.entries]  # fmt: skip
    assert parts == [("self", None, 1200), ("ppa", None, 200), ("ppa", "cable", 207 + 413)]
    assert allotted(after) == [500, 500, 500, 500]
    assert broken(after) == []
    assert matched(after)[0].entries == ()
    found, after = matched(state, Policy())
    assert allotted(after) == [300, 100, 500, 500]


def test_the_link_serves_both_directions_and_two_accounts_share_what_it_sent():
    state = two_zones(
        sent([100, 0]),
        sent([0, 100], ends=ENDS[::-1]),
        op.right(AT, right("PPA-milk", "milk", devices=("mill",))),
        op.consume(AT, "milk", op.readings(hours(1), np.array([1500]))),
        op.issue(AT, "hallim", op.readings(hours(2), np.array([80, 80]))),
        op.account(AT, Account(name="seoul", zone="mainland")),
        op.consume(AT, "seoul", op.readings(hours(2), np.array([60, 60]))),
        op.right(AT, right("PPA-seoul", "seoul", devices=("hallim",))),
    )
    found, after = matched(state)
    # eggs asks for 500 and milk for 1500 of 100 Wh: a quarter and three quarters, each less its loss
    assert [allotted(after, name)[0] for name in ("eggs", "milk")] == [24, 72]
    assert allotted(after, "seoul") == [0, 60]
    assert after.flows["cable"][0].used_wh.tolist() == [100, 0]
    assert broken(after) == []
    assert match(after, AT, DAY, END, OVER).entries == ()
    assert record(state, *found.entries).size == found.state.size


def test_an_account_s_own_plant_beyond_the_link_serves_it_too():
    state = two_zones(
        sent([100]),
        op.device(AT, device("own", "milk", zone="mainland")),
        op.issue(AT, "own", op.readings(hours(1), np.array([90]))),
        op.consume(AT, "milk", op.readings(hours(1), np.array([50]))),
    )
    _found, after = matched(state)
    assert allotted(after, "milk") == [50]  # own production comes before the PPA of the eggs
    assert allotted(after)[0] == (100 - 52) * 97 // 100
    assert broken(after) == []


def test_a_mainland_plant_whose_attribute_went_elsewhere_never_counts():
    state = two_zones(
        sent([1000]),
        op.device(AT, device("gone", "busan", zone="mainland", attributes=Attributes.ELSEWHERE)),
        op.issue(AT, "gone", op.readings(hours(1), np.array([900]))),
        mill=(0,),
    )
    _found, after = matched(state, Policy(geography=Geography.LINK, location=True))
    assert allotted(after) == [0, 0, 0, 0]


WH = st.lists(st.integers(0, 60), min_size=2, max_size=2)


@settings(max_examples=60, deadline=None)
@given(WH, WH, WH, WH, WH, st.integers(0, 300), st.sampled_from(list(Share)), st.integers(0, 60))
def test_whatever_is_matched_over_a_link_no_more_arrives_than_it_delivered(
    a, near, load1, load2, flow, loss, share, limit
):
    link = Link(name="cable", ends=ENDS, capacity_w=10_000, loss_permille=loss)
    state = two_zones(
        sent(flow, loss=loss),
        op.issue(AT, "hallim", op.readings(hours(2), np.array(near))),
        op.consume(AT, "milk", op.readings(hours(2), np.array(load2))),
        op.right(AT, right("B", devices=("hallim", "mill"))),
        op.right(AT, right("C", "milk", devices=("mill",), limit_wh=limit, kind=Entitlement.REC)),
        mill=a, eggs=load1, link=link,
    )  # fmt: skip
    found, after = matched(state, Policy(geography=Geography.LINK, share=share))
    assert broken(after) == []
    delivered = after.flows["cable"][0].delivered_wh
    for t in range(2):
        crossed = sum(
            int(c.wh[c.start == DAY + t * HOUR].sum()) for c in after.cancellations.values() if c.over
        )
        assert crossed <= min(int(delivered[t]), a[t])
        open_wh = load1[t] - min(near[t], load1[t])
        wants = open_wh * flow[t] // int(delivered[t]) + 1 if delivered[t] else 0
        if (
            delivered[t] and a[t] >= wants and flow[t] >= wants + 2 * load2[t] + 2
        ):  # nothing is short but the load
            assert allotted(after)[t] == load1[t]
    again = [restored(*stored(e), i) for i, e in enumerate(found.entries)]
    assert to_bytes(record(state, *again)) == to_bytes(found.state)
    assert to_bytes(from_bytes(to_bytes(after))) == to_bytes(after)


@pytest.mark.parametrize(
    "kind", [Kind.LINK, Kind.FLOW, Kind.RESTATE_FLOW, Kind.BALANCE, Kind.RESTATE_BALANCE, Kind.CANCEL]
)
@pytest.mark.parametrize("odd", [None, [], {}, 1, "", "cable", [[]], ["jeju", []]])
def test_a_journal_from_outside_may_say_anything_of_links_and_is_answered(kind, odd):
    state = two_zones(sent([100]))
    filled = np.zeros(1, FORM.get(kind, MOVE))
    good = {"link": "cable", "from": "mainland", "to": "jeju", "delivery": "metered", "zone": "jeju", "account": "eggs",
            "tolerance_permille": 0, "entitlement": "ppa", "paper": "PPA-far", "name": "b", "capacity_w": 1,
            "ends": ["jeju", "mainland"], "both_ways": False, "loss_permille": 0, "reason": "x"}  # fmt: skip
    for name in good:
        for rows in (filled[:0], filled):
            with pytest.raises(LedgerError):
                record(state, Event(kind, AT, {**good, name: odd}, rows), Event(Kind.OPEN, AT, {}))
