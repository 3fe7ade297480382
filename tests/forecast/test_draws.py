import numpy as np
import pytest

from tamna.forecast.draws import Draws, ends


def test_every_draw_holds_as_many_days_as_there_are():
    draws = Draws.of(np.repeat(np.arange(30), 24), draws=50)
    assert (draws.times.sum(axis=1) == 30).all()


def test_the_mean_of_the_draws_is_near_the_mean():
    rng = np.random.default_rng(0)
    days, values = np.repeat(np.arange(100), 24), rng.normal(5.0, 1.0, 2400)
    assert Draws.of(days).means(values).mean() == pytest.approx(values.mean(), abs=0.02)


def test_an_hour_without_a_value_counts_for_nothing():
    days = np.repeat(np.arange(10), 2)
    values = np.tile([3.0, np.nan], 10)
    assert (Draws.of(days).means(values) == 3.0).all()


def test_paired_draws_make_a_steady_difference_certain():
    days = np.repeat(np.arange(20), 24)
    level = np.repeat(np.random.default_rng(1).normal(0, 50, 20), 24)
    draws = Draws.of(days)
    low, high = ends(draws.means(level + 1.0) - draws.means(level))
    assert (low, high) == pytest.approx((1.0, 1.0))


def test_without_any_value_there_is_no_interval():
    assert ends(np.full(5, np.nan)) is None
