"""The rules of the book, each by an example worked on paper."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, cancelled, device, hours, island, issued, right, used
from tamna.errors import LedgerError
from tamna.ledger import operations as op
from tamna.ledger.book import fold, record
from tamna.ledger.event import Event, Kind
from tamna.ledger.invariants import broken
from tamna.ledger.nouns import Account, Entitlement, Rules, Status
from tamna.ledger.state import Standing, State, bundles


def pieces(state, device="hallim", live=True):
    return [
        (int((b.start - DAY) / HOUR), b.low, b.high, b.holder, b.status.name.lower())
        for b in bundles(state, device)
        if b.live or not live
    ]


def refused(reason, state, *events):
    with pytest.raises(LedgerError, match=reason):
        record(state, *events)


def papered(state):
    return record(state, op.right(AT, right(devices=("hallim", "sinchang"))))


def test_a_meter_becomes_one_bundle_an_hour_and_an_empty_hour_none():
    state = issued()
    assert pieces(state) == [
        (0, 0, 100, "wind", "active"),
        (1, 0, 50, "wind", "active"),
        (3, 0, 30, "wind", "active"),
    ]
    first = next(bundles(state, "hallim"))
    assert first.issuance_id == "hallim-electricity-2023-04-01T00:00Z"
    assert first.quantity_wh == 100
    assert broken(state) == []


def test_a_state_is_never_changed():
    before = issued()
    record(before, op.transfer(AT, op.ranges(before, [("hallim", DAY, 0, 60)]), by="wind", to="milk"))
    assert pieces(before)[0] == (0, 0, 100, "wind", "active")


@pytest.mark.parametrize(
    ("device", "start", "wh", "reason"),
    [
        ("hallim", hours(2), [1, 1], "holds a reading of this interval"),
        ("hallim", hours(1, 3) + HOUR // 2, [1], "holds a reading of this interval"),
        ("roof", hours(1), [1_101], "more than the device can deliver"),
        ("roof", hours(1) - HOUR, [1], "first operation"),
        ("roof", np.array([DAY, DAY]), [1, 2], "two readings of one interval"),
        ("roof", np.array([DAY, DAY + HOUR // 2]), [1, 2], "overlap or are out of order"),
        ("roof", hours(2)[::-1], [1, 2], "overlap or are out of order"),
        ("roof", np.array([AT]), [1], "not over yet"),
        ("roof", hours(0), [], "without rows"),
        ("nowhere", hours(1), [1], "no such device"),
    ],
)
def test_a_reading_that_cannot_be_is_refused_before_anything_is_written(device, start, wh, reason):
    refused(reason, issued(), op.issue(AT, device, op.readings(start, np.array(wh))))


@pytest.mark.parametrize("length_s", [0, 3601])
def test_an_interval_is_at_most_an_hour(length_s):
    refused(
        "1 s to 1 h", island(), op.issue(AT, "roof", op.readings(hours(1), np.array([1]), length_s=length_s))
    )


@pytest.mark.parametrize(
    ("wh", "reason"),
    [([-1], "negative"), ([np.nan], "missing"), ([2.0**32], "more than an interval"), ([1, 2], "as many")],
)
def test_a_reading_that_is_no_energy_is_refused(wh, reason):
    with pytest.raises(LedgerError, match=reason):
        op.readings(hours(1), np.array(wh, float))


def test_a_day_of_25_hours_is_25_hours():
    """In UTC every hour has its own name, whatever the clocks on the wall do."""
    state = record(island(), op.issue(AT, "roof", op.readings(hours(25), np.full(25, 7))))
    assert len(pieces(state, "roof")) == 25


def test_a_bundle_splits_and_goes_to_another_account():
    state = issued()
    state = record(state, op.split(AT, op.ranges(state, [("hallim", DAY, 0, 60)]), by="wind"))
    assert pieces(state)[:2] == [(0, 0, 60, "wind", "active"), (0, 60, 100, "wind", "active")]
    state = record(state, op.transfer(AT, op.ranges(state, [("hallim", DAY, 50, 70)]), by="wind", to="milk"))
    assert pieces(state)[:4] == [
        (0, 0, 50, "wind", "active"),
        (0, 50, 60, "milk", "active"),
        (0, 60, 70, "milk", "active"),
        (0, 70, 100, "wind", "active"),
    ]
    assert broken(state) == []


def test_locked_and_reserved_come_back_and_withdrawn_does_not():
    state = issued()
    rows = op.ranges(state, [("hallim", DAY, 0, 10)])
    locked = record(state, op.lock(AT, rows, by="wind"))
    assert pieces(locked)[0][4] == "locked"
    refused("are locked", locked, op.transfer(AT, rows, by="wind", to="milk"))
    refused("are locked", locked, op.reserve(AT, rows, by="wind"))
    assert pieces(record(locked, op.unlock(AT, rows, by="wind")))[0][4] == "active"
    reserved = record(state, op.reserve(AT, rows, by="wind"))
    assert pieces(record(reserved, op.release(AT, rows, by="wind")))[0][4] == "active"
    refused("are active", state, op.release(AT, rows, by="wind"))
    refused("are active", state, op.unlock(AT, rows, by="wind"))
    gone = record(locked, op.withdraw(AT, rows, reason="meter exchanged"))
    for event in (
        op.unlock(AT, rows, by="wind"),
        op.withdraw(AT, rows, reason="again"),
        op.split(AT, rows, by="wind"),
    ):
        refused("are withdrawn", gone, event)


def test_an_unused_certificate_expires_after_its_lifetime_and_not_before():
    state = issued(island(rules=Rules(lifetime_s=10 * 86400)))
    rows = op.ranges(state, [("hallim", DAY, 0, 100)])
    late = DAY + HOUR + np.timedelta64(10, "D")
    refused("lifetime is not over", state := issued(), op.expire(AT, rows))
    state = issued(island(rules=Rules(lifetime_s=10 * 86400)))
    assert late < AT
    assert pieces(record(state, op.expire(AT, rows)))[0][4] == "expired"


@pytest.mark.parametrize(
    ("wanted", "by", "reason"),
    [
        (("hallim", DAY, 0, 101), "wind", "reaches beyond what was issued"),
        (("hallim", DAY, 5, 5), "wind", "is empty"),
        (("hallim", DAY + 9 * HOUR, 0, 1), "wind", "nothing was issued"),
        (("hallim", DAY + 2 * HOUR, 0, 1), "wind", "reaches beyond"),
        (("hallim", DAY, 0, 10), "eggs", "somebody else holds"),
        (("hallim", DAY, 0, 10), "nobody", "no such account"),
    ],
)
def test_what_is_not_there_or_not_ones_own_is_not_moved(wanted, by, reason):
    state = issued()
    refused(reason, state, op.transfer(AT, op.ranges(state, [wanted]), by=by, to="milk"))


def test_the_same_watt_hours_are_not_moved_twice_in_one_entry():
    state = issued()
    rows = op.ranges(state, [("hallim", DAY, 0, 10), ("hallim", DAY, 9, 20)])
    refused("moved twice", state, op.transfer(AT, rows, by="wind", to="milk"))


def test_a_cancellation_is_within_the_load_of_the_same_hour():
    state = papered(used(issued()))
    after = cancelled(state, [("hallim", DAY, 0, 80)])
    assert pieces(after)[0] == (0, 0, 80, "wind", "cancelled")
    assert after.load("eggs").allotted_wh.tolist() == [80, 0, 0, 0]
    assert broken(after) == []
    with pytest.raises(LedgerError, match="more would be cancelled than was used"):
        cancelled(state, [("hallim", DAY, 0, 81)])
    with pytest.raises(LedgerError, match="more would be cancelled than was used"):
        cancelled(after, [("hallim", DAY, 80, 81)])


def test_what_is_cancelled_twice_is_refused_alone_and_in_a_batch():
    state = papered(used(issued(), wh=[200, 200, 200, 200]))
    rows = op.ranges(state, [("hallim", DAY, 0, 50)])
    event = op.cancel(AT, rows, account_name="eggs", entitlement=Entitlement.PPA, paper="PPA-1")
    refused("are cancelled", record(state, event), event)
    refused("moved twice", state, event, event)


@pytest.mark.parametrize(
    ("rows", "account", "entitlement", "paper", "reason"),
    [
        ([("hallim", DAY, 0, 1)], "eggs", Entitlement.SELF, None, "account's own devices"),
        ([("hallim", DAY, 0, 1)], "eggs", Entitlement.PPA, "PPA-9", "no such paper"),
        ([("hallim", DAY, 0, 1)], "eggs", Entitlement.REC, "PPA-1", "no such paper"),
        ([("hallim", DAY, 0, 1)], "milk", Entitlement.PPA, "PPA-1", "no such paper"),
        ([("roof", DAY, 0, 1)], "eggs", Entitlement.PPA, "PPA-1", "does not cover the device"),
        ([("hallim", DAY + 3 * HOUR, 0, 1)], "eggs", Entitlement.PPA, "PPA-1", "does not cover the hour"),
        ([("hallim", DAY, 0, 60)], "eggs", Entitlement.PPA, "PPA-1", "volume is used up"),
        ([("hallim", DAY, 0, 1)], "eggs", Entitlement.PPA, None, "names its right"),
        ([("hallim", DAY, 0, 1)], "eggs", Entitlement.SELF, "PPA-1", "names its right"),
        ([("hallim", DAY, 0, 1)], "eggs", Entitlement.LOCATION, None, "not used up as evidence"),
        ([("rps", DAY, 0, 1)], "eggs", Entitlement.PPA, "PPA-1", "attribute went elsewhere"),
        ([("hallim", DAY, 0, 1)], "busan", Entitlement.SELF, None, "different zones"),
        ([("hallim", DAY, 0, 1)], "wind", Entitlement.SELF, None, "no consumption was metered"),
    ],
)
def test_without_a_right_to_it_nothing_is_cancelled(rows, account, entitlement, paper, reason):
    state = used(issued(issued(issued(), "roof"), "rps"))
    state = record(state, op.right(AT, right(limit_wh=50, end=DAY + 3 * HOUR)))
    with pytest.raises(LedgerError, match=reason):
        cancelled(state, rows, account, entitlement, paper)


def test_a_plant_whose_rec_is_gone_is_evidence_of_the_place():
    state = cancelled(used(issued(device="rps")), [("rps", DAY, 0, 80)], "eggs", Entitlement.LOCATION, None)
    assert pieces(state, "rps")[0] == (0, 0, 80, "wind", "cancelled")


def test_generation_and_consumption_must_share_the_interval():
    state = papered(used(issued(), length_s=1800))
    with pytest.raises(LedgerError, match="not of the same interval"):
        cancelled(state, [("hallim", DAY, 0, 10)])


@pytest.mark.parametrize(
    ("paper", "reason"),
    [
        (right(), "cannot serve twice"),
        (right("P", devices=()), "covers devices"),
        (right("P", end=DAY), "covers devices"),
        (right("P", limit_wh=-1), "covers devices"),
        (right("P", devices=("rps",)), "went elsewhere"),
        (right("P", account="busan"), "different zones"),
        (right("P", kind=Entitlement.SELF), "a PPA or a REC"),
        (right("P", account="nobody"), "no such account"),
    ],
)
def test_a_paper_that_gives_no_right_is_refused(paper, reason):
    refused(reason, papered(island()), op.right(AT, paper))


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (op.book(AT), "begins with its rules"),
        (op.account(AT, Account(name="eggs", zone="jeju")), "account of this name"),
        (op.account(AT, Account(name="", zone="jeju")), "must be a text"),
        (op.device(AT, device("hallim", "wind")), "device of this name"),
        (op.device(AT, device("new", "nobody")), "no such account"),
        (op.device(AT, device("new", "wind", 0)), "capacity above 0"),
        (op.account(DAY, Account(name="new", zone="jeju")), "clock ran backwards"),
        (Event(Kind.ISSUE, AT, {"device": "hallim"}), "rows of another form"),
    ],
)
def test_entries_that_do_not_belong_are_refused(event, reason):
    refused(reason, island(), event)


def test_a_book_without_rules_is_none():
    refused("begins with its rules", State(), op.account(AT, Account(name="eggs", zone="jeju")))
    refused("margin lies between", State(), op.book(AT, Rules(margin_percent=90)))


def claim(state, cancellations, end=4, **more):
    return op.claim(state, AT, "eggs", DAY, DAY + end * HOUR, cancellations=cancellations, **more)


def with_claim():
    state = papered(used(issued()))
    state = cancelled(state, [("hallim", DAY, 0, 80), ("hallim", DAY + HOUR, 0, 50)])
    return record(state, claim(state, [state.size - 1]))


def test_a_claim_says_hour_by_hour_what_the_book_holds():
    state = papered(used(issued()))
    state = cancelled(state, [("hallim", DAY, 0, 80), ("hallim", DAY + HOUR, 0, 50)])
    rows = claim(state, [state.size - 1]).rows
    assert rows["load_wh"].tolist() == [80] * 4
    assert rows["ppa_wh"].tolist() == [80, 50, 0, 0]
    assert rows["self_wh"].tolist() == rows["rec_wh"].tolist() == [0] * 4


def test_a_claim_that_says_more_than_the_book_is_refused():
    state = papered(used(issued()))
    state = cancelled(state, [("hallim", DAY, 0, 50)])
    event = claim(state, [state.size - 1])
    rows = event.rows.copy()
    rows["ppa_wh"][0] = 51
    refused("not those of the book", state, Event(Kind.CLAIM, AT, event.about, rows))


def test_what_is_claimed_is_not_claimed_again():
    state = with_claim()
    entry = state.size - 2
    refused("claimed already", state, claim(state, [entry]))
    refused("another claim covers", state, claim(state, []))
    refused("only what was cancelled", state, claim(state, [0]))
    refused("no standing claim", state, claim(state, [entry], replaces=[entry]))
    again = record(state, claim(state, [entry], replaces=[state.size - 1]))
    assert [c.standing for c in again.claims.values()] == [Standing.REPLACED, Standing.GOOD]
    assert broken(again) == []
    other = used(again, "milk")
    refused(
        "for another account", other,
        op.claim(other, AT, "milk", DAY, DAY + 4 * HOUR, cancellations=[entry]),
    )  # fmt: skip


def test_a_period_longer_than_its_meter_data_is_not_claimed():
    state = papered(used(issued()))
    with pytest.raises(LedgerError, match="not covered by meter data") as said:
        claim(state, [], end=5)
    assert "2023-04-01T04:00Z" in str(said.value)


def test_a_corrected_meter_appends_and_puts_the_claim_under_review():
    state = with_claim()
    rows = op.readings(hours(2), np.array([70, 60]))
    after = record(state, op.restate(AT, "hallim", rows, reason="meter exchanged"))
    assert pieces(after) == [
        (3, 0, 30, "wind", "active"),
        (0, 0, 70, "wind", "cancelled"),
        (1, 0, 50, "wind", "cancelled"),
        (1, 50, 60, "wind", "active"),
    ]
    assert (0, 0, 80, "wind", "cancelled") in pieces(after, live=False)
    assert [c.standing for c in after.claims.values()] == [Standing.REVIEW]
    assert after.load("eggs").allotted_wh.tolist() == [70, 50, 0, 0]
    assert broken(after) == []
    entry = max(after.cancellations)
    again = record(after, claim(after, [entry], replaces=[max(after.claims)]))
    assert [c.standing for c in again.claims.values()] == [Standing.REPLACED, Standing.GOOD]
    assert broken(again) == []


def test_a_corrected_load_puts_the_claim_under_review_and_the_claim_shrinks():
    state = with_claim()
    rows = op.readings(hours(1), np.array([60]))
    after = record(state, op.restate_load(AT, "eggs", rows, reason="double counting"))
    assert [c.standing for c in after.claims.values()] == [Standing.REVIEW]
    event = claim(after, [max(after.cancellations)], replaces=[max(after.claims)])
    assert event.rows["load_wh"].tolist() == [60, 80, 80, 80]
    assert event.rows["ppa_wh"].tolist() == [60, 50, 0, 0]
    assert record(after, event).claims[after.size].standing is Standing.GOOD


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (op.restate(AT, "hallim", op.readings(hours(1, 9), np.array([1])), reason="x"), "nothing was issued"),
        (
            op.restate(AT, "hallim", op.readings(hours(1), np.array([1]), length_s=900), reason="x"),
            "has the interval",
        ),
        (op.restate(AT, "hallim", op.readings(hours(1), np.array([99_999])), reason="x"), "can deliver"),
        (op.restate_load(AT, "eggs", op.readings(hours(1, 9), np.array([1])), reason="x"), "no consumption"),
    ],
)
def test_a_correction_of_nothing_is_refused(event, reason):
    refused(reason, with_claim(), event)


def test_all_or_nothing():
    state = issued()
    good = op.lock(AT, op.ranges(state, [("hallim", DAY, 0, 10)]), by="wind")
    bad = op.lock(AT, op.ranges(state, [("hallim", DAY, 5, 20)]), by="wind")
    refused("are locked", state, good, bad)
    assert {b.status for b in bundles(state, "hallim")} == {Status.ACTIVE}


def test_the_state_is_the_fold_of_the_journal():
    journal = [
        op.book(AT),
        op.account(AT, Account(name="wind", zone="jeju")),
        op.device(AT, device("hallim", "wind")),
    ]
    journal.append(op.issue(AT, "hallim", op.readings(hours(3), np.array([5, 6, 7]))))
    assert pieces(fold(journal)) == [(i, 0, w, "wind", "active") for i, w in enumerate((5, 6, 7))]
    with pytest.raises(LedgerError):
        fold(journal[1:])
    with pytest.raises(LedgerError):
        fold([journal[0], journal[3], *journal[1:3]])


def test_a_refusal_names_the_device_and_the_hour():
    state = issued()
    with pytest.raises(LedgerError) as said:
        record(state, op.lock(AT, op.ranges(state, [("hallim", DAY + 3 * HOUR, 0, 31)]), by="wind"))
    place = said.value.mistakes[0].where
    assert (place.path, place.hour) == ("hallim", "2023-04-01T03:00Z")
    assert said.value.exit_code == 2


def test_one_meter_is_read_for_one_device():
    state = record(island(), op.device(AT, device("north", "wind", meter="kpx/7731")))
    refused("read for another device", state, op.device(AT, device("north_again", "eggs", meter="kpx/7731")))
    after = record(state, op.device(AT, device("south", "wind")), op.device(AT, device("west", "wind")))
    assert [after.devices[name].meter for name in ("north", "south", "west")] == ["kpx/7731", "", ""]
    assert "meter" not in op.device(AT, device("south", "wind")).about
