"""Trays of eggs: a farm's hours shared out over lots, to the watt-hour."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.island import AT, DAY, HOUR, cancelled, island, issued, right, used
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.audit import restored, stored
from tamna.ledger.book import record
from tamna.ledger.carried import LotShare
from tamna.ledger.event import Event, Kind
from tamna.ledger.invariants import broken
from tamna.ledger.lots import shared


def farm():
    """Eggs used 80 Wh in each of four hours and claims 100, 50, 0 and 30 of hallim's, at most 80; gives the claim."""
    state = used(issued(island()))
    state = record(state, op.right(AT, right()))
    state = cancelled(state, [("hallim", DAY + h * HOUR, 0, n) for h, n in ((0, 80), (1, 50), (3, 30))])
    event = op.claim(state, AT, "eggs", DAY, DAY + 4 * HOUR, cancellations=[state.size - 1])
    return record(state, event), state.size


def share(lot, first, last, weight):
    return LotShare(lot, DAY + first * HOUR, DAY + last * HOUR, weight)


TRAYS = (share("A", 0, 4, 2), share("B", 0, 2, 1), share("C", 2, 4, 4))


def shared_out(state, claim, shares=TRAYS, **more):
    state = record(state, chains.share_out(AT, "eggs", shares, claim=claim, **more))
    return record(state, *chains.lots_of(state, AT, state.size - 1)), state.size - 1


def test_lots_are_worked_on_paper():
    """Hours 0 and 1: A 2/3 of 80 Wh, 53.3 -> 53, B 26.7 -> 27; of 50 Wh 33.3 -> 33 and 17. Hours 2 and 3: A 1/3, C 2/3."""
    state, claim = farm()
    state = record(state, chains.share_out(AT, "eggs", TRAYS, claim=claim))
    a, b, c = (e.rows for e in chains.lots_of(state, AT, state.size - 1))
    assert a["load_wh"].tolist() == [53, 53, 27, 27]
    assert b["load_wh"].tolist() == [27, 27]
    assert c["load_wh"].tolist() == [53, 53]
    assert a["ppa_wh"].tolist() == [53, 33, 0, 10]
    assert b["ppa_wh"].tolist() == [27, 17]
    assert c["ppa_wh"].tolist() == [0, 20]
    state, _entry = shared_out(*farm())
    assert broken(state) == []
    assert len(state.lot_rows) == 3


def test_the_entry_of_a_lot_reads_back_from_its_bytes():
    state, claim = farm()
    state = record(state, chains.share_out(AT, "eggs", TRAYS, claim=claim))
    for event in chains.lots_of(state, AT, state.size - 1):
        again = restored(*stored(event))
        assert again.leaf() == event.leaf()
        record(state, again)


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        ((share("A", 0, 5, 1),), "longer than the claim"),
        ((share("A", 0, 3, 1),), "no lot covers"),
        ((share("A", 0, 4, 0),), "a weight"),
        ((share("A", 0, 4, 1), share("A", 0, 4, 1)), "two lots of one name"),
        (
            (LotShare("A", DAY, DAY + np.timedelta64(5400, "s"), 1), share("B", 0, 4, 1)),
            "not covered by meter data",
        ),
        ((), "a name, a period|must be a text"),
    ],
)
def test_lots_that_do_not_fit_their_claim_are_refused(shares, reason):
    state, claim = farm()
    with pytest.raises(LedgerError, match=reason):
        record(state, chains.share_out(AT, "eggs", shares, claim=claim))


def test_a_lot_cannot_say_more_than_its_sharing_nor_stand_twice():
    state, claim = farm()
    state = record(state, chains.share_out(AT, "eggs", TRAYS, claim=claim))
    one, *_others = chains.lots_of(state, AT, state.size - 1)
    better = one.rows.copy()
    better["ppa_wh"][2] = 1
    with pytest.raises(LedgerError, match="not those of the book"):
        record(state, Event(Kind.LOT, AT, one.about, better))
    with pytest.raises(LedgerError, match="does not"):
        record(state, Event(Kind.LOT, AT, {**one.about, "product": "milk"}, one.rows))
    with pytest.raises(LedgerError, match="stands in the book"):
        record(state, one, one)
    with pytest.raises(LedgerError, match="shared out already"):
        record(state, chains.share_out(AT, "eggs", TRAYS, claim=claim))


def test_a_corrected_meter_takes_the_lots_with_it_until_they_are_shared_again():
    state, claim = farm()
    state, _last = shared_out(state, claim)
    sharing = next(iter(state.lots))
    reading = op.readings(DAY + np.arange(1) * HOUR, np.array([40]))
    state = record(state, op.restate_load(AT, "eggs", reading, reason="counted twice"))
    event = op.claim(
        state,
        AT,
        "eggs",
        DAY,
        DAY + 4 * HOUR,
        cancellations=state.claims[claim].cancellations,
        replaces=[claim],
    )
    state, again = record(state, event), state.size
    with pytest.raises(LedgerError, match="good claim"):
        record(state, chains.share_out(AT, "eggs", TRAYS, claim=claim))
    state, _last = shared_out(state, again, replaces=sharing)
    assert len(state.lots) == 1
    assert len(state.lot_rows) == 3
    assert broken(state) == []


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_shares_add_up_and_no_lot_claims_more_than_it_used(data):
    n, k = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 6))
    most = data.draw(st.sampled_from([3, 1000, 2**32 - 1]))
    heavy = data.draw(st.sampled_from([3, 2**40]))
    weight = np.array(
        data.draw(st.lists(st.lists(st.integers(0, heavy), min_size=k, max_size=k), min_size=n, max_size=n))
    )
    weight[:, 0] += weight.sum(axis=1) == 0
    load = np.array(data.draw(st.lists(st.integers(0, most), min_size=n, max_size=n)))
    one = np.array([data.draw(st.integers(0, w)) for w in load.tolist()])
    two = np.array([data.draw(st.integers(0, w)) for w in (load - one).tolist()])
    found = shared({"load": load, "one": one, "two": two}, weight)
    for name, column in (("load", load), ("one", one), ("two", two)):
        assert (found[name].sum(axis=1) == column).all()
        assert (found[name] >= 0).all()
        assert (found[name][weight == 0] == 0).all()
    assert (found["one"] + found["two"] <= found["load"]).all()
    total = weight.sum(axis=1).astype(object)
    for i in range(n):
        for j in range(k):
            due = int(load[i]) * int(weight[i, j]) / int(total[i])
            assert abs(int(found["load"][i, j]) - due) < 1 + 1e-6 * due
