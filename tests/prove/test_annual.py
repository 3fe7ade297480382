"""The annual score: a plant under the papers of several products counts once over all of them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.island import AT, DAY, HOUR, cancelled, hours, island, right, used
from tamna.grid.clock import Period
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.matching import match
from tamna.runs.annual import shared_plant

PERIOD = Period(DAY, DAY + 4 * HOUR)
HALF = DAY + 2 * HOUR


def book(made, loads, *rights):
    state = record(
        island(*(op.right(AT, r) for r in rights)),
        op.issue(AT, "hallim", op.readings(hours(), np.array(made))),
    )
    for account, wh in loads.items():
        state = used(state, account, wh)
    return state


def share(state, period=PERIOD):
    rights = [r for r in state.rights.values() if "hallim" in r.devices]
    return dict(zip([r.paper for r in rights], shared_plant(state, "hallim", rights, period), strict=True))


def test_one_paper_without_a_volume_counts_the_whole_plant():
    state = book([100, 0, 0, 40], {"eggs": [50, 50, 50, 50]}, right())
    assert share(state) == {"PPA-1": 140}
    assert share(match(state, AT, DAY, PERIOD.end).state) == {"PPA-1": 140}


def test_two_share_what_no_hour_of_theirs_used_by_what_each_used_beside():
    """Hour 0: 100 made, eggs 50 and milk 0. Of the 50 left over eggs used 50 beside (hour 1), milk 100 (hours 2, 3)."""
    loads = {"eggs": [50, 50, 0, 0], "milk": [0, 0, 50, 50]}
    state = match(book([100, 0, 0, 0], loads, right(), right("PPA-2", "milk")), AT, DAY, PERIOD.end).state
    assert share(state) == {"PPA-1": 50 + 16, "PPA-2": 34}


def test_a_volume_is_counted_as_far_as_the_plant_made_it_and_first_come_first():
    loads = {"eggs": [50, 50, 50, 50], "milk": [50, 50, 50, 50]}
    whole = {"start": DAY, "end": PERIOD.end}
    state = book(
        [30, 30, 30, 30], loads, right(limit_wh=90, **whole), right("PPA-2", "milk", limit_wh=90, **whole),
        right("PPA-3", "milk", **whole),
    )  # fmt: skip
    assert share(state) == {"PPA-1": 90, "PPA-2": 30, "PPA-3": 0}
    assert share(state, Period(DAY, HALF)) == {"PPA-1": 45, "PPA-2": 15, "PPA-3": 0}


def test_a_paper_counts_only_in_its_own_hours():
    loads = {"eggs": [50, 50, 50, 50], "milk": [50, 50, 50, 50]}
    state = book([30, 30, 30, 30], loads, right(end=HALF), right("PPA-2", "milk", start=HALF))
    assert share(state) == {"PPA-1": 60, "PPA-2": 60}
    state = cancelled(state, [("hallim", DAY, 0, 20)])
    assert share(state) == {"PPA-1": 60, "PPA-2": 60}


wh = st.lists(st.integers(0, 60), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    made=wh,
    loads=st.tuples(wh, wh),
    limits=st.lists(st.none() | st.integers(0, 200), min_size=1, max_size=4),
    matched=st.booleans(),
)
def test_over_all_papers_a_plant_counts_at_most_once_and_each_gets_what_its_hours_gave(
    made, loads, limits, matched
):
    owners = ["eggs", "milk"]
    papers = [right(f"P{i}", owners[i % 2], limit_wh=limit) for i, limit in enumerate(limits)]
    state = book(made, dict(zip(owners, loads, strict=True)), *papers)
    if matched:
        state = match(state, AT, DAY, PERIOD.end).state
    found = share(state)
    assert sum(found.values()) <= sum(made)
    for paper in found:
        given_wh = sum(int(c.wh.sum()) for c in state.cancellations.values() if c.paper == paper)
        assert found[paper] >= given_wh
    if any(
        r.limit_wh is None and sum(loads[owners.index(r.account)]) > found[p] for p, r in state.rights.items()
    ):
        assert sum(found.values()) == sum(made)


def test_a_plant_that_made_nothing_or_has_no_paper_gives_nothing():
    state = book([0, 0, 0, 0], {"eggs": [1, 0, 0, 0], "milk": [2, 0, 0, 0]}, right(), right("PPA-2", "milk"))
    assert share(state) == {"PPA-1": 0, "PPA-2": 0}
    assert shared_plant(state, "hallim", [], PERIOD) == []
