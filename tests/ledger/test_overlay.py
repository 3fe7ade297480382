import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError
from tamna.ledger.overlay import Share, overlay

SIDES = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50)), min_size=1, max_size=12).map(sorted)


def sides(pairs):
    return np.array([h for h, _w in pairs]), np.array([w for _h, w in pairs])


@given(SIDES, SIDES, st.sampled_from(list(Share)))
def test_every_watt_hour_that_can_be_given_is_given_once_and_in_its_hour(supply, demand, share):
    (sh, sw), (dh, dw) = sides(supply), sides(demand)
    laid = overlay(sh, sw, dh, dw, hours=4, share=share)
    assert (sh[laid.supply] == dh[laid.demand]).all()
    assert (laid.wh > 0).all()
    given_hour = np.bincount(sh[laid.supply], laid.wh, 4)
    assert (given_hour == np.minimum(np.bincount(sh, sw, 4), np.bincount(dh, dw, 4))).all()
    assert (np.bincount(laid.supply, laid.wh, len(sw)) <= sw).all()
    assert (np.bincount(laid.demand, laid.wh, len(dw)) <= dw).all()
    ids = [
        (int(s), i)
        for s, o, w in zip(laid.supply, laid.offset_wh, laid.wh, strict=True)
        for i in range(o, o + w)
    ]
    assert len(set(ids)) == len(ids)
    assert all(i < sw[s] for s, i in ids)


@given(SIDES, SIDES)
def test_a_proportional_part_is_within_one_watt_hour_of_its_due(supply, demand):
    (sh, sw), (dh, dw) = sides(supply), sides(demand)
    laid = overlay(sh, sw, dh, dw, hours=4, share=Share.PROPORTIONAL)
    total = np.minimum(np.bincount(sh, sw, 4), np.bincount(dh, dw, 4))
    got = np.bincount(laid.demand, laid.wh, len(dw))
    assert (np.abs(got - dw * total[dh] / np.bincount(dh, dw, 4)[dh]) < 1).all()


def test_in_order_the_first_is_served_first():
    laid = overlay(
        np.array([0]), np.array([15]), np.array([0, 0]), np.array([10, 10]), hours=1, share=Share.IN_ORDER
    )
    assert laid.wh.tolist() == [10, 5]


def test_an_hour_larger_than_a_row_can_hold_is_refused():
    with pytest.raises(LedgerError, match="more than an interval"):
        overlay(np.array([0]), np.array([2**32]), np.array([0]), np.array([1]), hours=1, share=Share.IN_ORDER)
