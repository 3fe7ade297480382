"""The export rules: worked on paper, and true for any hours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tamna.errors import UsageError
from tamna.grid.rules import Share, coverage, hourly_matching, proportional, thermal_first

# whole MWh as floats: sums are exact, so that invariants can be stated with ==
energy = st.integers(0, 5_000).map(float)


@st.composite
def closing_hours(draw):
    """R, O, I, X with X at most what there is, and L from the balance."""
    n = draw(st.integers(1, 20))
    r, o, i = (draw(arrays(np.float64, n, elements=energy)) for _ in range(3))
    part = draw(arrays(np.float64, n, elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])))
    x = np.floor((r + o + i) * part)
    return {"r": r, "o": o, "i": i, "x": x, "l": r + o + i - x}


parts = st.floats(0, 1)


def first(h, c=0.0):
    return thermal_first(
        renewable=h["r"], other=h["o"], imports=h["i"], exports=h["x"], load=h["l"], imports_renewable=c
    )


def mixed(h, c=0.0):
    return proportional(renewable=h["r"], other=h["o"], imports=h["i"], imports_renewable=c)


APRIL_14 = {"l": np.array([532.6]), "i": np.array([0.0]), "x": np.array([172.0])}


def test_wind_and_pv_at_13_on_14_april_2025_cover_110_percent_and_mix_to_83():
    hour = APRIL_14 | {"r": np.array([369.0 + 217.0]), "o": np.array([107.5 + 11.5])}
    assert coverage(renewable=hour["r"], load=hour["l"]).total == pytest.approx(586 / 532.6)
    assert round(coverage(renewable=hour["r"], load=hour["l"]).total, 2) == 1.10
    assert round(mixed(hour).total, 2) == 0.83
    # 172 exported, of which 119 can be bio and waste: 53 MWh of wind and PV leave
    assert first(hour).numerator[0] == pytest.approx(586 - 53)


def test_the_same_hour_with_bio_counted_covers_130_percent_mixes_to_98_and_is_100_thermal_first():
    hour = APRIL_14 | {"r": np.array([586 + 107.5]), "o": np.array([11.5])}
    assert round(coverage(renewable=hour["r"], load=hour["l"]).total, 2) == 1.30
    assert round(mixed(hour).total, 2) == 0.98
    assert round(first(hour).total, 2) == 1.00
    measured_export = hour | {"x": np.array([171.0])}
    assert round(first(measured_export).total, 2) == 1.00


def test_three_hours_by_hand():
    # night: 20 R, 30 O, 50 I; noon: 120 R, 40 O, 60 X; evening: 60 R, 30 O, 20 I, 10 X
    h = {
        "r": np.array([20.0, 120.0, 60.0]),
        "o": np.array([30.0, 40.0, 30.0]),
        "i": np.array([50.0, 0.0, 20.0]),
        "x": np.array([0.0, 60.0, 10.0]),
        "l": np.array([100.0, 100.0, 100.0]),
    }
    cover = coverage(renewable=h["r"], load=h["l"])
    np.testing.assert_allclose(cover.ratio, [0.2, 1.2, 0.6])
    assert cover.total == pytest.approx(200 / 300)
    np.testing.assert_allclose(mixed(h, 0.1).ratio, [25 / 100, 120 / 160, 62 / 110])
    assert mixed(h, 0.1).total == pytest.approx((25 + 120 + 62) / 370)
    # noon: 60 leave, 40 of them other: 20 renewable. evening: 10 leave out of 30 + 18: none renewable
    np.testing.assert_allclose(first(h, 0.1).ratio, [0.25, 1.0, 0.62])
    match = hourly_matching(renewable=h["r"], load=h["l"])
    np.testing.assert_allclose(match.numerator, [20, 100, 60])
    assert match.total == pytest.approx(0.6)


@given(closing_hours())
def test_without_links_all_three_rules_agree(h):
    none = np.zeros_like(h["r"])
    h = h | {"i": none, "x": none, "l": h["r"] + h["o"]}
    cover = coverage(renewable=h["r"], load=h["l"])
    np.testing.assert_array_equal(cover.ratio, mixed(h).ratio)
    np.testing.assert_array_equal(cover.ratio, first(h).ratio)


@given(closing_hours())
def test_thermal_first_never_exceeds_coverage_where_imports_count_as_not_renewable(h):
    assert (first(h).numerator <= coverage(renewable=h["r"], load=h["l"]).numerator).all()


@given(closing_hours())
def test_proportional_never_exceeds_coverage_where_nothing_is_imported(h):
    h = h | {"i": np.zeros_like(h["i"]), "x": np.minimum(h["x"], h["r"] + h["o"])}
    h["l"] = h["r"] + h["o"] - h["x"]
    low, high = mixed(h).ratio, coverage(renewable=h["r"], load=h["l"]).ratio
    known = ~np.isnan(low) & ~np.isnan(high)
    assert (low[known] <= high[known] + 1e-12).all()


@given(closing_hours(), parts)
def test_where_the_balance_closes_thermal_first_is_matching_with_imports(h, c):
    clean = h["r"] + c * h["i"]
    np.testing.assert_allclose(first(h, c).numerator, np.minimum(clean, h["l"]), atol=1e-9)


@given(closing_hours(), parts)
def test_what_stays_and_what_leaves_is_what_there_was(h, c):
    stays = first(h, c).numerator
    leaves = np.maximum(0, h["x"] - h["o"] - (1 - c) * h["i"])
    np.testing.assert_allclose(stays + leaves, h["r"] + c * h["i"], atol=1e-9)
    assert (leaves <= h["x"] + 1e-9).all()


@given(closing_hours(), parts)
def test_renewable_and_not_renewable_make_up_the_whole_of_the_mix(h, c):
    counted, rest = (
        mixed(h, c),
        proportional(renewable=h["o"], other=h["r"], imports=h["i"], imports_renewable=1 - c),
    )
    np.testing.assert_allclose(counted.numerator + rest.numerator, counted.denominator, atol=1e-9)


@given(closing_hours(), parts, st.sampled_from([0.5, 2.0, 1024.0]))
def test_a_share_does_not_depend_on_the_unit(h, c, k):
    scaled = {name: values * k for name, values in h.items()}
    np.testing.assert_allclose(first(scaled, c).ratio, first(h, c).ratio, equal_nan=True)
    np.testing.assert_allclose(mixed(scaled, c).ratio, mixed(h, c).ratio, equal_nan=True)


@given(closing_hours())
def test_a_period_is_the_energy_weighted_mean_of_its_hours(h):
    share = coverage(renewable=h["r"], load=h["l"])
    if not h["l"].any():
        assert np.isnan(share.total)
        return
    loaded = h["l"] > 0
    weighted = np.average(share.ratio[loaded], weights=h["l"][loaded])
    beyond = h["r"][~loaded].sum() / h["l"].sum()  # made in hours without load: in the sum, in no ratio
    assert share.total == pytest.approx(weighted + beyond)


@given(closing_hours())
def test_matching_never_exceeds_one_nor_coverage(h):
    match = hourly_matching(renewable=h["r"], load=h["l"])
    assert (match.numerator <= h["l"]).all()
    assert match.numerator.sum() <= coverage(renewable=h["r"], load=h["l"]).numerator.sum()


@pytest.mark.parametrize("gone", ["r", "o", "i", "x", "l"])
def test_an_hour_with_a_missing_input_leaves_both_sides_together(gone):
    h = {name: np.array([10.0, 10.0]) for name in "roixl"}
    h[gone] = np.array([np.nan, 10.0])
    share = first(h, 0.5)
    assert np.isnan(share.numerator[0])
    assert np.isnan(share.denominator[0])
    assert share.total == share.ratio[1]


def test_a_period_without_any_measured_hour_is_nan():
    share = coverage(renewable=np.array([np.nan]), load=np.array([5.0]))
    assert np.isnan(share.total)
    assert np.isnan(share.denominator).all()


def test_an_hour_without_load_has_no_share_but_its_renewables_stay_in_the_sum():
    share = Share(np.array([5.0, 5.0]), np.array([0.0, 20.0]))
    assert np.isnan(share.ratio[0])
    assert share.total == 0.5


def test_whole_watt_hours_stay_whole():
    share = hourly_matching(renewable=np.array([9, 1]), load=np.array([4, 4]))
    assert share.numerator.dtype.kind == "i"
    assert share.total == 0.625


@pytest.mark.parametrize("c", [-0.1, 1.5, np.array([0.2, 20.0])])
def test_a_part_outside_0_to_1_is_refused(c):
    h = {name: np.array([1.0, 1.0]) for name in "roixl"}
    with pytest.raises(UsageError, match="between 0 and 1"):
        mixed(h, c)
