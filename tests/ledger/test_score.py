import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError
from tamna.grid.rules import hourly_matching
from tamna.ledger.score import grid_wh, score


def table(load, own=0, ppa=0, rec=0, location=0, estimated=0):
    n = len(load)
    return {
        "load_wh": load, "self_wh": own or [0] * n, "ppa_wh": ppa or [0] * n, "rec_wh": rec or [0] * n,
        "location_wh": location or [0] * n, "estimated": estimated or [0] * n,
    }  # fmt: skip


def test_a_sunny_noon_pays_for_no_windless_night():
    found = score(table([100, 100], own=[100, 0]))
    assert (found.claimable_wh, found.load_wh, found.hours_full, found.worst_hour) == (100, 200, 1, 1)
    assert found.share_claimable == 0.5


def test_evidence_of_the_place_counts_as_physical_alone():
    found = score(table([100, 100], ppa=[40, 0], location=[60, 30]))
    assert (found.share_claimable, found.share_physical, found.hours_full) == (0.2, 0.65, 0)


def test_an_hour_without_load_is_neither_full_nor_worst():
    found = score(table([0, 10, 20], rec=[0, 5, 20]))
    assert (found.hours, found.hours_full, found.worst_hour) == (3, 1, 1)
    assert score(table([0, 0])).worst_hour == -1
    assert np.isnan(score(table([0, 0])).share_claimable)


def test_the_worst_hour_is_exact_where_floats_tie():
    """2^31 / (2^32 - 1) is above 1/2 by less than a float of the quotient shows."""
    found = score(table([2**32 - 1, 2**32 - 2, 4], own=[2**31, 2**31 - 1, 3]))
    assert found.worst_hour == 1


def test_estimated_load_is_told():
    assert score(table([5, 7], estimated=[0, 1])).estimated_wh == 7


def test_more_than_was_used_is_refused():
    with pytest.raises(LedgerError, match="interval 2"):
        score(table([5, 5], own=[5, 3], location=[0, 3]))


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1))
def test_the_score_is_the_hourly_matching_of_the_grid_rules(pairs):
    load, made = (np.array(side) for side in zip(*pairs, strict=True))
    rule = hourly_matching(renewable=made, load=load)
    found = score(table(load.tolist(), own=np.minimum(load, made).tolist()))
    assert (found.claimable_wh, found.load_wh) == (rule.numerator.sum(), rule.denominator.sum())


def test_the_residual_mix_leaves_out_what_others_claimed():
    one = [np.array([n]) for n in (100, 60, 100, 60)]
    assert grid_wh(*one).tolist() == [0]
    with pytest.raises(LedgerError, match="I8"):
        grid_wh(*(np.array([n]) for n in (100, 60, 100, 61)))
    assert grid_wh(*(np.array([n]) for n in (1, 0, 0, 0))).tolist() == [0]
