from __future__ import annotations

import numpy as np
import pytest

from tamna.physics.smooth import NO_NEWS, Persistence, smooth, without_own

HOW = Persistence(fast_h=6.0, slow_h=400.0, slow_sd=0.1, meter_mw=2.0)


def dense(miss, variance, fast, slow):
    """The same posterior by one big Gaussian: the definition, without a filter."""
    t = np.arange(len(miss))
    apart = np.abs(t[:, None] - t[None, :])
    prior = np.outer(fast, fast) * np.exp(-apart / HOW.fast_h)
    prior += np.outer(slow, slow) * HOW.slow_sd**2 * np.exp(-apart / HOW.slow_h)
    see = variance < NO_NEWS
    gain = prior[:, see] @ np.linalg.inv(prior[np.ix_(see, see)] + np.diag(variance[see]))
    return gain @ miss[see], np.diag(prior - gain @ prior[see])


@pytest.fixture
def hours():
    rng = np.random.default_rng(3)
    variance = np.where(rng.random(40) < 0.3, NO_NEWS, 4.0 + rng.random(40))
    return rng.normal(0, 20, 40), variance, 10 + 10 * rng.random(40), 100 * rng.random(40)


def test_filter_and_smoother_give_the_exact_posterior(hours):
    mean, var = smooth(*hours, HOW)
    exact_mean, exact_var = dense(*hours)
    assert mean == pytest.approx(exact_mean, abs=1e-6)
    assert var == pytest.approx(exact_var, abs=1e-6)


def test_an_hour_can_be_taken_out_of_its_own_estimate(hours):
    miss, variance, fast, slow = hours
    t = int(np.flatnonzero(variance < NO_NEWS)[5])
    mean, var = smooth(miss, variance, fast, slow, HOW)
    rest, rest_var = without_own(mean, var, miss, variance)
    hidden = variance.copy()
    hidden[t] = NO_NEWS
    again, again_var = dense(miss, hidden, fast, slow)
    assert rest[t] == pytest.approx(again[t], abs=1e-6)
    assert rest_var[t] == pytest.approx(again_var[t], abs=1e-6)


def test_far_from_any_news_the_error_is_the_usual_one():
    n = 200
    variance = np.full(n, NO_NEWS)
    variance[0] = 1.0
    mean, var = smooth(np.full(n, 30.0), variance, np.full(n, 20.0), np.zeros(n), HOW)
    assert abs(mean[-1]) < 1e-6
    assert var[-1] == pytest.approx(400.0)
    assert mean[0] > 29
