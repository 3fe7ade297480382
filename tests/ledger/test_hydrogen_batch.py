"""A batch under three rules at once, over a range of grid factors; worked on paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import LedgerError
from tamna.ledger.hydrogen import EU_LIMIT_KG, Route, Worked
from tamna.ledger.hydrogen_batch import judge, judge_all

KG = 10**6
RANGE = (420.0, 500.0)


def test_a_tier_that_hangs_on_the_factor_is_two_tiers():
    """9 kWh of the grid for a kilogram: 3.78 kg/kg at 0.42, 4.5 at 0.50."""
    one = judge(np.array([50_000, 5_000]), np.array([4_000, 5_000]), KG, RANGE)
    assert one.kg_per_kg == pytest.approx((3.78, 4.5))
    assert one.tiers == (4, None)
    assert one.share == 46 / 55
    assert one.more[0].hour == one.more[1].hour == 1
    assert [m.kg_per_kg for m in one.more] == pytest.approx([1.68, 2.0])
    assert [m.tier for m in one.more] == [3, 3]


def test_the_eu_limit_may_be_kept_at_one_end_only():
    """7 kWh: 2.94 kg/kg (24.5 g/MJ) at 0.42, 3.5 (29.2 g/MJ) at 0.50; the limit is 28.2 g/MJ, 3.383 kg/kg."""
    one = judge(np.array([50_000, 5_000]), np.array([2_000, 5_000]), KG, RANGE)
    assert [round(g, 1) for g in one.g_per_mj] == [24.5, 29.2]
    assert one.keeps_limit is None
    assert one.hours_to_limit == (0, 1)
    assert judge(np.array([50_000]), np.array([6_000]), KG, RANGE).keeps_limit is True
    assert judge(np.array([50_000]), np.array([9_000]), KG, RANGE).keeps_limit is False


def test_the_month_the_hour_and_the_claim_are_three_answers():
    nan = np.full(3, np.nan)
    hours = Worked(
        load_wh=np.array([10, 10, 10]), made_wh=np.array([22, 4, 0]), matched_wh=np.array([10, 4, 0]),
        storage_wh=np.zeros(3, int), redispatch_wh=np.array([0, 1, 0]), price_eur_mwh=nan, allowance_eur=nan,
    )  # fmt: skip
    found = judge_all(hours, 500, RANGE)
    assert found.claimed.renewable_wh == 14
    assert found.eu_hour.renewable_wh == 15
    assert found.eu_month.renewable_wh == 27  # 12 Wh of the first hour's surplus
    assert found.routes[Route.NONE].tolist() == [0, 0, 3]


@given(st.lists(st.tuples(st.integers(1, 60_000), st.integers(0, 60_000)), min_size=1, max_size=30))
def test_as_many_hours_as_are_missing_keep_the_limit_and_one_fewer_does_not(rows):
    load = np.array([max(r) for r in rows])
    unmet = np.array([r[1] for r in rows])
    one = judge(load, unmet, KG, RANGE)
    for factor, n in zip(RANGE, one.hours_to_limit, strict=True):
        rest = np.sort(unmet)[::-1][n:]
        assert rest.sum() * factor / KG <= EU_LIMIT_KG + 1e-9
        if n:
            assert np.sort(unmet)[::-1][n - 1 :].sum() * factor / KG > EU_LIMIT_KG - 1e-9
    assert one.kg_per_kg[0] <= one.kg_per_kg[1]


def test_a_batch_without_hydrogen_is_not_judged():
    with pytest.raises(LedgerError, match="without hydrogen"):
        judge(np.array([1]), np.array([1]), 0, RANGE)
