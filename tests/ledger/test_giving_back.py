"""Evidence of the place follows the meters it was counted from, and never takes a watt-hour from a right."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, cancelled, hours, island, issued, right, used
from ledger.test_any_order import fates
from ledger.test_storing import battery, on
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.carried import LotShare
from tamna.ledger.claiming import hours_of
from tamna.ledger.energytag import records
from tamna.ledger.event import Kind
from tamna.ledger.invariants import broken
from tamna.ledger.load import covering
from tamna.ledger.nouns import Account, Entitlement, Tracing
from tamna.ledger.place import place
from tamna.ledger.state import Standing, bundles

END = DAY + 4 * HOUR


def shown():
    """Eggs use 80 an hour, 50 of the first by a PPA; the zone uses 1000 and its plants make 400, 200, 0, 100."""
    state = island(op.account(AT, Account(name="all", zone="jeju")), op.right(AT, right()))
    state = issued(issued(state, "rps", (400, 200, 0, 100)), "hallim", (50, 0, 0, 0))
    state = cancelled(used(used(state), "all", (1000, 1000, 1000, 1000)), [("hallim", DAY, 0, 50)])
    return placed(state)


def placed(state, account="eggs"):
    return record(state, *place(state, AT, account, "all", ["rps"], start=DAY, end=END))


def evidence(state, account="eggs"):
    wh = dict.fromkeys(hours().tolist(), 0)
    for one in state.cancellations.values():
        if one.account == account and one.entitlement is Entitlement.LOCATION:
            for start, some in zip(one.start.tolist(), one.wh.tolist(), strict=True):
                wh[start] += some
    return list(wh.values())


def claimed(state, replaces=(), account="eggs"):
    mine = [e for e, c in state.cancellations.items() if c.account == account]
    return record(state, op.claim(state, AT, account, DAY, END, cancellations=mine, replaces=replaces))


def demand(state, wh, first=0):
    rows = op.readings(hours(len(wh), first), np.array(wh))
    return record(state, op.restate_load(AT, "all", rows, reason="read again"))


def parts(state, claim):
    found = state.claims[claim]
    load = state.load(found.account)
    rows = hours_of(
        load, covering(load, found.account, DAY, END), [state.cancellations[c] for c in found.cancellations]
    )
    return rows["ppa_wh"].tolist(), rows["location_wh"].tolist()


def test_what_is_due_follows_a_demand_that_was_read_higher():
    state = shown()
    assert evidence(state) == [12, 16, 0, 8]  # 30 x 400 / 950; 80 x 200 / 1000; 80 x 100 / 1000
    state = claimed(state)
    claim = state.size - 1
    state = demand(state, [2000, 2000])
    assert state.claims[claim].standing is Standing.REVIEW
    events = place(state, AT, "eggs", "all", ["rps"], start=DAY, end=END)
    assert [e.kind for e in events] == [Kind.GIVE_BACK]
    state = record(state, *events)
    assert evidence(state) == [6, 8, 0, 8]  # 30 x 400 / 1950; 80 x 200 / 2000
    assert broken(state) == []
    state = claimed(state, [claim])
    assert parts(state, state.size - 1) == ([50, 0, 0, 0], [6, 8, 0, 8])
    assert state.claims[claim].standing is Standing.REPLACED
    assert place(state, AT, "eggs", "all", ["rps"], start=DAY, end=END) == ()


def test_a_demand_read_lower_and_then_as_at_first_leads_back_to_where_it_was():
    first = claimed(shown())
    lower = placed(demand(first, [500, 500, 500, 500]))
    assert evidence(lower) == [26, 32, 0, 16]
    back = placed(demand(lower, [1000, 1000, 1000, 1000]))
    assert evidence(back) == evidence(first)
    assert fates(back) == fates(first)
    assert broken(back) == []
    assert back.load("eggs").allotted_wh.tolist() == first.load("eggs").allotted_wh.tolist()
    assert placed(back).size == back.size


def test_a_demand_of_nothing_leaves_no_evidence_and_an_unknown_one_leaves_what_there_is():
    state = claimed(shown())
    assert evidence(placed(demand(state, [0, 0, 0, 0]))) == [0, 0, 0, 0]
    assert place(state, AT, "eggs", "milk", ["rps"], start=DAY, end=END) == ()


def test_a_fleet_read_lower_gives_back_what_its_first_ids_would_still_hold():
    state = claimed(shown())
    rows = op.readings(hours(1), np.array([200]))
    state = record(state, op.restate(AT, "rps", rows, reason="read again"))
    assert evidence(state) == [12, 16, 0, 8]  # the ids are still there
    assert evidence(placed(state)) == [6, 16, 0, 8]


def test_the_other_accounts_that_show_the_old_mix_come_under_review_with_it():
    state = used(shown(), "milk", (100, 100, 100, 100))
    state = claimed(placed(claimed(state), "milk"), account="milk")
    assert {c.account: c.standing for c in state.claims.values()} == {
        "eggs": Standing.GOOD,
        "milk": Standing.GOOD,
    }
    state = demand(state, [2000])
    assert {c.standing for c in state.claims.values()} == {Standing.REVIEW}
    assert (
        demand(claimed(shown()), [900], 2).claims.popitem()[1].standing is Standing.GOOD
    )  # no evidence that hour


def test_only_evidence_is_given_back_and_only_by_its_own_account():
    state = claimed(shown())
    wanted = {
        "cancelled by right is not given back": ([("hallim", DAY, 0, 10)], "eggs"),
        "cancelled for another account": ([("rps", DAY, 0, 3)], "milk"),
        "are active": ([("rps", DAY, 10, 14)], "eggs"),
        "moved twice": ([("rps", DAY, 0, 3), ("rps", DAY, 2, 4)], "eggs"),
        "reaches beyond": ([("rps", DAY, 0, 500)], "eggs"),
        "no such account": ([("rps", DAY, 0, 3)], "nobody"),
    }
    for reason, (rows, account) in wanted.items():
        event = op.give_back(AT, op.ranges(state, rows), account_name=account, reason="test")
        with pytest.raises(LedgerError, match=reason):
            record(state, event)
    event = op.give_back(AT, op.ranges(state, [("rps", DAY, 0, 3)]), account_name="eggs", reason="")
    with pytest.raises(LedgerError, match="reason must be a text"):
        record(state, event)


def test_what_is_given_back_is_free_for_another_and_its_history_stays():
    state = claimed(shown())
    claim = state.size - 1
    state = record(
        state, op.give_back(AT, op.ranges(state, [("rps", DAY, 0, 5)]), account_name="eggs", reason="test")
    )
    assert state.claims[claim].standing is Standing.REVIEW
    assert evidence(state) == [7, 16, 0, 8]
    state = cancelled(used(state, "milk"), [("rps", DAY, 0, 5)], "milk", Entitlement.LOCATION, None)
    assert [b.status.name for b in bundles(state, "rps") if b.start == DAY] == [
        "CANCELLED",
        "CANCELLED",
        "ACTIVE",
    ]
    assert broken(state) == []


def test_a_claim_without_evidence_of_the_place_is_not_touched():
    state = shown()
    state = record(state, op.consume(AT, "milk", op.readings(hours(), np.full(4, 10))))
    state = claimed(claimed(state), account="milk")
    milk = state.size - 1
    assert demand(state, [2000, 2000, 2000, 2000]).claims[milk].standing is Standing.GOOD


def test_the_lots_of_a_claim_follow_and_several_claims_leave_one_sharing():
    state = shown()
    middle = DAY + 2 * HOUR
    sharings = []
    for start, end in ((DAY, middle), (middle, END)):
        mine = [e for e, c in state.cancellations.items() if c.start[0] >= start and c.start[-1] < end]
        state = record(state, op.claim(state, AT, "eggs", start, end, cancellations=mine))
        share = chains.share_out(AT, "eggs", [LotShare(f"lot {start}", start, end, 1)], claim=state.size - 1)
        state = record(state, share)
        sharings.append(state.size - 1)
        state = record(state, *chains.lots_of(state, AT, state.size - 1))
    state = claimed(placed(demand(state, [3000])), list(state.claims))
    shares = [LotShare("tray", DAY, END, 1)]
    both = chains.share_out(AT, "eggs", shares, claim=state.size - 1, replaces=sharings)
    after = record(state, both)
    assert list(after.lots) == [state.size]
    assert after.lot_rows == {}
    for wrong in ([*sharings, 1], [sharings[0], sharings[0]], sharings[0] + 1):
        with pytest.raises(LedgerError):
            record(state, chains.share_out(AT, "eggs", shares, claim=state.size - 1, replaces=wrong))


def test_a_basis_is_the_consumption_of_the_zone_and_of_evidence_alone():
    state = shown()
    rows = op.ranges(state, [("rps", DAY + HOUR, 50, 51)])
    facts = {"account": "eggs", "entitlement": "location", "basis": "all"}
    event = op.cancel(AT, rows, account_name="eggs", entitlement=Entitlement.LOCATION)
    record(state, type(event)(Kind.CANCEL, AT, facts, rows))
    mine = op.ranges(issued(state, "roof", (9, 9)), [("roof", DAY, 0, 1)])
    for about, asked, reason in (
        ({**facts, "basis": "nobody"}, rows, "no such account"),
        ({**facts, "basis": 7}, rows, "no such account"),
        ({**facts, "basis": "busan"}, rows, "of its own zone"),
        ({**facts, "entitlement": "self"}, mine, "only evidence of the place"),
    ):
        with pytest.raises(LedgerError, match=reason):
            record(issued(state, "roof", (9, 9)), type(event)(Kind.CANCEL, AT, about, asked))


def test_evidence_of_the_place_is_exchanged_as_cancelled_and_never_as_claimed():
    state = claimed(shown())
    said = {
        (r["production_device_id"], r["certificate_bundle_status"])
        for r in records(state)
        if r["tamna_entry"] >= 0
    }
    assert said == {("hallim", "Claimed"), ("rps", "Cancelled")}


@pytest.mark.parametrize("tracing", list(Tracing))
@pytest.mark.parametrize("back", [1, 7, 33])
def test_through_a_battery_a_right_comes_out_the_same_to_the_watt_hour(tracing, back):
    """100 Wh go in: 60 by right, 40 of evidence; whatever of the evidence is given back, the 60 come out as before."""
    state = cancelled(
        issued(battery(tracing, 830), "rps", (90, 0, 0, 0)),
        [("hallim", DAY, 0, 60)],
        "cell",
        paper="PPA-cell",
    )
    state = claimed(
        cancelled(state, [("rps", DAY, 0, 40)], "cell", Entitlement.LOCATION, None), account="cell"
    )
    claim = state.size - 1
    gave = op.readings(hours(), np.array([0, 0, 37, 11]))
    state = record(state, chains.discharge(AT, "cell", gave, claim=claim))
    window, before = state.size - 1, on(state, "cell-out")
    rows = op.ranges(state, [("rps", DAY, 40 - back, 40)])
    state = record(state, op.give_back(AT, rows, account_name="cell", reason="test"))
    assert state.claims[claim].standing is Standing.REVIEW
    state = claimed(state, [claim], "cell")
    again = chains.retrace(
        AT, "cell", gave, claim=state.size - 1, replaces=window, reason="charged otherwise"
    )
    place_before = on(state, "cell-place")
    state = record(state, again)
    assert on(state, "cell-out") == before
    assert sum(on(state, "cell-place")) <= sum(place_before)
    assert broken(state) == []


def test_a_storage_is_entered_with_the_content_that_is_read_first():
    state = claimed(
        cancelled(battery(opening=30), [("hallim", DAY, 0, 60)], "cell", paper="PPA-cell"), account="cell"
    )
    gave = op.readings(hours(), np.array([0, 0, 37, 11]))
    claim = state.size - 1
    with pytest.raises(LedgerError, match=r"another content than was read first \(20 Wh\).*30 Wh"):
        record(state, chains.discharge(AT, "cell", gave, claim=claim, content_wh=(20, 90)))
    record(state, chains.discharge(AT, "cell", gave, claim=claim, content_wh=(30, 90)))
    state = record(state, chains.discharge(AT, "cell", gave, claim=claim))
    with pytest.raises(LedgerError, match="another content than was read first"):
        record(
            state,
            chains.retrace(
                AT, "cell", gave, claim=claim, replaces=claim + 1, reason="read", content_wh=(31, 90)
            ),
        )
