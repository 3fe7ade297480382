"""A battery beside hallim, worked on paper: what goes in, what comes out, whose it is, and what is corrected later."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, device, hours, island, issued, right, used
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.invariants import broken
from tamna.ledger.matching import Policy, claims_of, match
from tamna.ledger.nouns import Account, Attributes, Entitlement, Status, Storage, Tracing
from tamna.ledger.state import Standing, bundles
from tamna.ledger.trace import UNKNOWN, Charge, Passage, trace


def battery(tracing=Tracing.FIFO, efficiency=800, opening=0, state=None, **paper):
    """A battery with a PPA on hallim; it charges 100 Wh in hour 0 and 100 Wh in hour 1."""
    state = record(
        state or island(),
        op.account(AT, Account(name="cell", zone="jeju")),
        op.device(AT, device("cell-out", "cell")),
        op.device(AT, device("cell-place", "cell", attributes=Attributes.ELSEWHERE)),
        chains.storage(
            AT,
            Storage(
                name="cell", account="cell", device="cell-out", place="cell-place", tracing=tracing,
                efficiency_permille=efficiency, opening_wh=opening,
            ),
        ),
        op.right(AT, right("PPA-cell", "cell", **paper)),
    )  # fmt: skip
    state = issued(state, "hallim", (60, 100, 0, 0))
    return used(state, "cell", (100, 100, 0, 0))


def charged(state, wh=((0, 60), (1, 50)), entitlement=Entitlement.PPA, plant="hallim", paper="PPA-cell"):
    """Cancel 60 Wh in hour 0 and 50 Wh in hour 1 for the charging, and claim it; gives the claim's entry."""
    rows = op.ranges(state, [(plant, DAY + h * HOUR, 0, n) for h, n in wh])
    state = record(state, op.cancel(AT, rows, account_name="cell", entitlement=entitlement, paper=paper))
    return claimed(state)


def claimed(state, replaces=()):
    entries = [e for e, c in state.cancellations.items() if c.account == "cell"]
    event = op.claim(state, AT, "cell", DAY, DAY + 4 * HOUR, cancellations=entries, replaces=replaces)
    return record(state, event), state.size


def gave(wh=(0, 0, 80, 40)):
    return op.readings(hours(4), np.array(wh))


def on(state, name):
    """What a device was issued, by interval."""
    line = state.line(name)
    wh = dict(zip(line.start[line.live].tolist(), np.diff(line.base)[line.live].tolist(), strict=True))
    return [wh[start] for start in sorted(wh)]


def test_first_in_first_out_is_worked_on_paper():
    """80 Wh at 80 % use up 100 Wh, all of hour 0, of which 60 were hallim's: 48 Wh. 40 Wh use up half of hour 1: 20 Wh."""
    state, claim = charged(battery())
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    assert on(state, "cell-out") == [0, 0, 48, 20]
    assert on(state, "cell-place") == [0, 0, 0, 0]
    traced = state.windows["cell"][0].traced
    known = traced.device != UNKNOWN
    assert traced.device[known].tolist() == [0, 0]
    assert traced.charged[known].tolist() == [DAY.item(), (DAY + HOUR).item()]
    assert (traced.in_wh[known].tolist(), traced.out_wh[known].tolist()) == ([60, 25], [48, 20])
    assert broken(state) == []


def test_in_proportion_everything_inside_is_one_mixture():
    """200 Wh inside, 110 of hallim: 80 Wh use up 100 (30 and 25 of hallim's), 40 Wh use up 50 (15 and 12 or 13)."""
    state, claim = charged(battery(Tracing.PROPORTIONAL))
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    traced = state.windows["cell"][0].traced
    known = traced.device != UNKNOWN
    assert traced.in_wh[known].tolist()[:2] == [30, 25]
    assert sum(traced.in_wh[known].tolist()[2:]) in {27, 28}
    assert on(state, "cell-out")[2] == 24 + 20
    assert broken(state) == []


def test_an_opening_content_is_of_nobody_and_leaves_first():
    state, claim = charged(battery(opening=100))
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    assert on(state, "cell-out") == [0, 0, 0, 24]


def test_what_comes_out_is_held_sold_and_claimed_like_any_other_and_only_once():
    state, claim = charged(battery())
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    state = used(state, "eggs", (0, 0, 30, 100))
    state = record(state, op.right(AT, right("PPA-night", "eggs", ("cell-out",))))
    state = match(state, AT, DAY, DAY + 4 * HOUR).state
    state = record(state, *claims_of(state, AT, DAY, DAY + 4 * HOUR))
    got = [(b.start, b.quantity_wh) for b in bundles(state, "cell-out") if b.status is Status.CANCELLED]
    assert got == [(DAY + 2 * HOUR, 30), (DAY + 3 * HOUR, 20)]
    assert broken(state) == []
    rows = op.ranges(state, [("cell-out", DAY + 3 * HOUR, 0, 20)])
    again = op.cancel(AT, rows, account_name="eggs", entitlement=Entitlement.PPA, paper="PPA-night")
    with pytest.raises(LedgerError, match="cancelled"):
        record(state, again)


def test_energy_whose_attribute_went_elsewhere_stays_evidence_of_the_place_through_the_battery():
    state = issued(battery(), "rps", (100, 100, 0, 0))
    state, claim = charged(state, ((0, 100), (1, 100)), Entitlement.LOCATION, "rps", None)
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    assert on(state, "cell-out") == [0, 0, 0, 0]
    assert on(state, "cell-place") == [0, 0, 80, 40]
    rows = op.ranges(state, [("cell-place", DAY + 2 * HOUR, 0, 10)])
    state = used(state, "eggs", (0, 0, 30, 100))
    with pytest.raises(LedgerError, match="elsewhere"):
        record(state, op.right(AT, right("PPA-x", "eggs", ("cell-place",))))
    done = record(state, op.cancel(AT, rows, account_name="eggs", entitlement=Entitlement.LOCATION))
    assert broken(done) == []


def test_a_measured_window_corrects_the_stated_efficiency_and_what_rests_on_it_comes_under_review():
    """In 200, out 120, 50 still inside: 120 of 150, 80 %: as stated. With 20 inside 120 of 180: 66 %, less than stated."""
    state, claim = charged(battery())
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    entry = state.size - 1
    again = chains.retrace(
        AT, "cell", gave(), claim=claim, replaces=entry, reason="window closed", content_wh=(0, 50)
    )
    assert on(record(state, again), "cell-out") == [0, 0, 48, 20]
    state = used(state, "eggs", (0, 0, 48, 20))
    state = record(state, op.right(AT, right("PPA-night", "eggs", ("cell-out",))))
    state = match(state, AT, DAY, DAY + 4 * HOUR).state
    before = state.size
    state = record(state, *claims_of(state, AT, DAY, DAY + 4 * HOUR))
    mine = next(e for e, c in state.claims.items() if e >= before and c.account == "eggs")
    low = chains.retrace(
        AT, "cell", gave(), claim=claim, replaces=entry, reason="window closed", content_wh=(0, 20)
    )
    state = record(state, low)
    # 80 Wh use up floor(80 x 180 / 120) = 120: all 60 of hour 0 and 10 of hour 1's 50, 40 + 6; then 60: 30, 20
    assert on(state, "cell-out") == [0, 0, 46, 20]
    assert state.claims[mine].standing is Standing.REVIEW
    assert broken(state) == []


def test_a_corrected_wind_meter_reaches_through_the_battery_to_who_used_its_energy():
    state, claim = charged(battery())
    state = record(state, chains.discharge(AT, "cell", gave(), claim=claim))
    window = state.size - 1
    state = used(state, "eggs", (0, 0, 48, 20))
    state = record(state, op.right(AT, right("PPA-night", "eggs", ("cell-out",))))
    state = match(state, AT, DAY, DAY + 4 * HOUR).state
    first = state.size
    state = record(state, *claims_of(state, AT, DAY, DAY + 4 * HOUR))
    mine = next(e for e, c in state.claims.items() if e >= first and c.account == "eggs")
    state = record(
        state, op.restate(AT, "hallim", op.readings(hours(1), np.array([10])), reason="meter exchanged")
    )
    assert state.claims[claim].standing is Standing.REVIEW
    assert state.claims[mine].standing is Standing.REVIEW
    backing = state.claims[mine].cancellations
    anew = op.claim(state, AT, "eggs", DAY, DAY + 4 * HOUR, cancellations=backing, replaces=[mine])
    with pytest.raises(LedgerError, match="under review"):
        record(state, anew)
    state, second = claimed(state, replaces=[claim])
    state = record(state, chains.retrace(AT, "cell", gave(), claim=second, replaces=window, reason="meter"))
    assert on(state, "cell-out") == [0, 0, 8, 20]
    event = op.claim(state, AT, "eggs", DAY, DAY + 4 * HOUR, cancellations=backing, replaces=[mine])
    state = record(state, event)
    assert event.rows["ppa_wh"].tolist() == [0, 0, 8, 20]
    assert broken(state) == []


def test_storages_are_served_after_those_who_use_energy():
    state = used(battery(), "eggs", (60, 60, 0, 0))
    state = record(state, op.right(AT, right("PPA-1", "eggs")))
    state = match(state, AT, DAY, DAY + 4 * HOUR, Policy()).state
    taken = {c.account: c.wh.tolist() for c in state.cancellations.values()}
    assert taken == {"eggs": [60, 60], "cell": [40]}


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        (
            lambda s, c: chains.discharge(AT, "cell", gave((0, 0, 150, 51)), claim=c),
            "more came out than was ever",
        ),
        (lambda s, c: chains.discharge(AT, "cell", gave(), claim=c + 99), "a good claim"),
        (lambda s, c: chains.discharge(AT, "other", gave(), claim=c), "no such storage"),
        (
            lambda s, c: chains.discharge(AT, "cell", gave((0, 0, 150, 50)), claim=c, content_wh=(0, 10)),
            "gave more than it took in",
        ),
        (
            lambda s, c: chains.discharge(AT, "cell", op.readings(hours(4, 1), np.full(4, 5)), claim=c),
            "outside the period",
        ),
        (lambda s, c: op.issue(AT, "cell-out", gave()), "recorded by its discharge"),
        (lambda s, c: chains.storage(AT, s.storages["cell"]), "of this name"),
    ],
)
def test_what_a_battery_cannot_do_is_refused_with_its_reason(do, reason):
    state, claim = charged(battery())
    with pytest.raises(LedgerError, match=reason):
        record(state, do(state, claim))


def test_a_second_window_begins_where_the_first_ended_and_carries_what_was_left():
    state, claim = charged(battery())
    state = record(state, chains.discharge(AT, "cell", gave((0, 0, 80, 0)), claim=claim))
    state = record(state, op.consume(AT, "cell", op.readings(hours(2, 5), np.array([10, 0]))))
    event = op.claim(state, AT, "cell", DAY + 5 * HOUR, DAY + 7 * HOUR, cancellations=[])
    gap, entry = record(state, event), state.size
    with pytest.raises(LedgerError, match="without a gap"):
        record(gap, chains.discharge(AT, "cell", op.readings(hours(1, 6), np.array([40])), claim=entry))
    state = record(state, op.consume(AT, "cell", op.readings(hours(1, 4), np.array([0]))))
    event = op.claim(state, AT, "cell", DAY + 4 * HOUR, DAY + 7 * HOUR, cancellations=[])
    state, entry = record(state, event), state.size
    state = record(state, chains.discharge(AT, "cell", op.readings(hours(1, 6), np.array([40])), claim=entry))
    assert on(state, "cell-out") == [0, 0, 48, 0, 20]
    assert broken(state) == []


def test_whatever_goes_through_no_more_comes_out_of_any_origin_than_its_part():
    rng = np.random.default_rng(5)
    for tracing in Tracing:
        for _case in range(40):
            n = int(rng.integers(1, 60))
            start = np.sort(DAY + rng.integers(0, 20, n) * HOUR)
            charge = Charge(
                start,
                rng.integers(-1, 3, n),
                rng.random(n) < 0.7,
                rng.integers(0, 10 ** rng.integers(1, 9), n),
            )
            given = int(rng.integers(1, 1000))
            out = DAY + np.arange(25) * HOUR
            wh = rng.integers(0, max(1, int(charge.wh.sum() * given // 1000 // 10)), 25)
            [traced] = trace([Passage(charge, out, wh, (given, 1000))], tracing)
            for key in {
                (d, c) for d, c in zip(traced.device.tolist(), traced.claimable.tolist(), strict=True)
            }:
                mine = (traced.device == key[0]) & (traced.claimable == key[1])
                there = (charge.device == key[0]) & (charge.claimable == key[1])
                assert traced.in_wh[mine].sum() <= charge.wh[there].sum()
            assert (traced.out_wh * 1000 <= traced.in_wh * given).all()
            assert (traced.charged <= traced.start).all()
            by_hour = np.bincount(((traced.start - DAY) // HOUR).astype(int), traced.out_wh, 25)
            assert (by_hour <= wh).all()
