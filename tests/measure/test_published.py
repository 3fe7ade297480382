"""Reconciling with a published share: reproduced, or the missing energy by class."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.island_of import generation, island
from tamna.errors import UsageError
from tamna.measure import reconcile, reconcile_hours


def test_2024_as_published_reproduces_itself_over_total_generation():
    r = reconcile(
        2024, 0.1996, measured_mwh={"wind": 664_068.0, "pv": 638_760.0, "other": 13_954.0}, estimated_mwh={},
        denominator_mwh=6_595_743.0, denominator="total generation",
    )  # fmt: skip
    assert r.reproduced
    assert str(r.text) == "2024: the published 19.96% is reproduced (19.96% of total generation)"


def test_what_is_missing_is_named_by_class_and_the_rest_by_none():
    # 19 % of 6,000 GWh asks for 1,140; 900 measured, 140 + 50 estimated, 50 explained by nobody
    r = reconcile(
        2022, 0.19, measured_mwh={"wind": 500e3, "pv": 400e3}, estimated_mwh={"pv_ppa": 140e3, "pv_btm": 50e3},
        denominator_mwh=6_000e3, denominator="demand",
    )  # fmt: skip
    assert not r.reproduced
    assert (r.needed_mwh, r.missing_mwh, r.remainder_mwh) == pytest.approx((1140e3, 240e3, 50e3))
    assert str(r.text) == (
        "2022: published 19.00%, measured 15.00% of demand; of 240.0 GWh missing, 190.0 GWh are named by "
        "estimated classes (pv_ppa 140.0, pv_btm 50.0) and 50.0 GWh by none"
    )


def test_half_a_published_digit_is_the_tolerance():
    def over(mwh):
        return reconcile(2022, 0.1919, measured_mwh={"wind": mwh}, estimated_mwh={}, denominator_mwh=100e3,
                         denominator="demand").reproduced  # fmt: skip

    assert over(19_190 + 4.9)
    assert not over(19_190 + 5.1)


def test_an_assumed_figure_meets_a_share_and_never_reproduces_it():
    r = reconcile(2022, 0.2, measured_mwh={"wind": 15e3}, estimated_mwh={"pv_ppa": 5e3}, assumed=["pv_ppa"],
                  denominator_mwh=100e3, denominator="demand")  # fmt: skip
    assert r.met
    assert not r.reproduced
    assert "pv_ppa 5.0, assumed" in str(r.text)


def test_hours_are_reconciled_over_demand_and_over_demand_with_what_it_is_net_of():
    n = 8760
    ppa = replace(generation("pv_ppa", [5.0] * n, base="estimated"), in_demand=False)
    h = island([100.0] * n, wind=[15.0] * n, pv_ppa=ppa, bio=[50.0] * n, start="2021-12-31T15:00")
    over_demand, over_both = reconcile_hours(h, {2022: 0.2, 2021: 0.18})
    assert over_demand.met
    assert over_demand.measured == pytest.approx(0.15)
    assert over_both.denominator_mwh == 105 * n
    assert over_both.remainder_mwh == pytest.approx(n * (21 - 20))


def test_a_year_held_in_part_is_not_reconciled():
    assert (
        reconcile_hours(island([100.0] * 5000, wind=[15.0] * 5000, start="2021-12-31T15:00"), {2022: 0.2})
        == ()
    )


@given(
    st.dictionaries(st.sampled_from("abc"), st.floats(0, 1e6)),
    st.dictionaries(st.sampled_from("xyz"), st.floats(0, 1e6)),
    st.floats(0.01, 1),
    st.floats(1, 1e7),
)
def test_measured_estimated_and_remainder_make_up_what_is_needed(measured, estimated, share, over):
    r = reconcile(2022, share, measured_mwh=measured, estimated_mwh=estimated, denominator_mwh=over,
                  denominator="demand")  # fmt: skip
    assert r.measured_mwh + r.estimated_mwh + r.remainder_mwh == pytest.approx(
        r.needed_mwh, rel=1e-9, abs=1e-6
    )
    assert r.as_dict()["reproduced"] == (abs(r.ours - share) <= r.tolerance)


@pytest.mark.parametrize(("share", "over"), [(19.19, 100.0), (0.0, 100.0), (0.2, 0.0), (0.2, float("nan"))])
def test_a_percentage_for_a_fraction_and_an_empty_denominator_are_refused(share, over):
    with pytest.raises(UsageError):
        reconcile(2022, share, measured_mwh={}, estimated_mwh={}, denominator_mwh=over, denominator="demand")
