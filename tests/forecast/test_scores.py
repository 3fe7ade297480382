import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from tamna.forecast.levels import PERCENT
from tamna.forecast.scores import band, by_days, crps, middle_scores, pinball, pit, reliability

numbers = st.floats(-100, 100, allow_nan=False)


def test_pinball_on_paper():
    levels = np.array([0.1, 0.9])
    loss = pinball(np.array([10.0]), np.array([[8.0, 13.0]]), levels)
    np.testing.assert_allclose(loss, [[0.2, 0.3]])


@given(numbers, st.lists(numbers, min_size=3, max_size=3))
def test_no_loss_is_negative_and_only_a_hit_is_free(actual, quantiles):
    levels = np.array([0.1, 0.5, 0.9])
    loss = pinball(np.array([actual]), np.array([quantiles]), levels)
    assert (loss >= 0).all()
    assert ((loss == 0) == (np.array(quantiles) == actual)).all()


def test_crps_of_a_uniform_forecast_meets_its_closed_form():
    quantiles = PERCENT[None, :]
    # U(0, 1) at y: y^2 - y + 1/3
    assert crps(np.array([0.3]), quantiles, PERCENT)[0] == pytest.approx(0.3**2 - 0.3 + 1 / 3, abs=2e-4)


def test_a_point_forecast_has_the_absolute_error_as_crps():
    quantiles = np.full((1, 99), 4.0)
    assert crps(np.array([7.0]), quantiles, PERCENT)[0] == pytest.approx(3.0, abs=1e-9)


def test_the_80_percent_band_lies_between_the_tenths():
    low, high = band(np.array([[1.0, 2.0, 3.0]]), np.array([0.1, 0.5, 0.9]), 0.8)
    assert (low[0], high[0]) == pytest.approx((1.0, 3.0))


def test_an_honest_forecast_has_an_even_pit():
    rng = np.random.default_rng(0)
    actual = rng.uniform(0, 1, 4000)
    found = pit(actual, np.tile(PERCENT, (4000, 1)), PERCENT)
    assert np.histogram(found, 10, (0, 1))[0] == pytest.approx(np.full(10, 400), abs=90)


def test_pit_is_drawn_where_many_levels_share_an_atom():
    quantiles = np.tile(np.where(PERCENT < 0.6, 0.0, PERCENT), (2000, 1))
    found = pit(np.zeros(2000), quantiles, PERCENT, atoms=(0.0,))
    assert found.max() <= 0.6 + 1e-9
    assert found.mean() == pytest.approx(0.3, abs=0.02)


def test_days_that_err_together_make_a_wide_interval():
    rng = np.random.default_rng(1)
    days = np.repeat(np.arange(40), 24)
    together = by_days(np.repeat(rng.normal(size=40), 24), days)
    alone = by_days(rng.normal(size=960), days)
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_scores_of_the_middle_on_paper():
    found = middle_scores(np.array([100.0, 200.0]), np.array([110.0, 180.0]))
    assert found["mae_mw"] == 15.0
    assert found["bias_mw"] == -5.0
    assert found["mape_percent"] == pytest.approx(10.0)
    assert found["nmae_percent"] == pytest.approx(10.0)


def test_no_mape_where_an_actual_is_zero():
    assert "mape_percent" not in middle_scores(np.array([0.0, 1.0]), np.array([1.0, 1.0]))


def test_below_and_beyond_the_outermost_levels_the_pit_is_drawn_in_the_tail():
    levels = np.array([0.1, 0.5, 0.9])
    found = pit(np.tile([0.0, 9.0], 500), np.tile([1.0, 2.0, 3.0], (1000, 1)), levels)
    assert found[::2].max() < 0.1
    assert found[1::2].min() > 0.9
    assert found[::2].mean() == pytest.approx(0.05, abs=0.01)


def test_an_actual_on_a_quantile_lies_half_below_it():
    found = reliability(np.array([2.0]), np.array([[1.0, 2.0, 3.0]]))
    assert found.tolist() == [[0.0, 0.5, 1.0]]


def made_up(seed=0, rows=200):
    rng = np.random.default_rng(seed)
    quantiles = np.sort(rng.normal(size=(rows, 99)), axis=1)
    return rng.normal(size=rows), quantiles


def test_the_pinball_is_that_of_an_independent_library():
    actual, quantiles = made_up()
    theirs = scoringrules.quantile_score(actual[:, None], quantiles, PERCENT[None, :])
    np.testing.assert_allclose(pinball(actual, quantiles, PERCENT), theirs, rtol=1e-12, atol=1e-12)


def test_the_crps_is_near_that_of_an_independent_library():
    # theirs takes the levels as a sum, ours by trapezoids and with tails
    actual, quantiles = made_up()
    theirs = scoringrules.crps_quantile(actual, quantiles, PERCENT)
    assert crps(actual, quantiles, PERCENT).mean() == pytest.approx(theirs.mean(), rel=0.01)


def test_the_crps_of_a_normal_forecast_is_near_its_closed_form():
    actual = np.array([-1.0, 0.2, 1.5])
    quantiles = np.tile(norm.ppf(PERCENT), (3, 1))
    np.testing.assert_allclose(
        crps(actual, quantiles, PERCENT), scoringrules.crps_normal(actual, 0.0, 1.0), atol=0.004
    )
