import numpy as np
import pytest

from tamna.forecast.decay import Decay, band, carried, fit_decay, guess_decay
from tamna.forecast.levels import NINE

SPREAD = 30.0 * np.array([-2.3, -1.6, -1.3, -0.7, 0.0, 0.7, 1.3, 1.6, 2.3])


def past(hours=2000, stay=0.8, seed=0, base=0.0):
    """Misses that keep `stay` of themselves each hour, around a day-ahead with a day in it."""
    rng = np.random.default_rng(seed)
    middle = 500 + 100 * np.sin(np.arange(hours) / 24 * 2 * np.pi)
    miss = np.zeros(hours)
    for i in range(1, hours):
        miss[i] = stay * miss[i - 1] + rng.normal(0, 10)
    return middle + miss + base, middle[:, None] + SPREAD


def expected(decay, lead, *, last, growth=0.0, now=0.0, then=0.0):
    at = decay.at(np.array([lead]))
    return carried(at, last=last, growth=np.array([growth]), now=now, then=then)[0]


def test_a_miss_fades_as_fast_as_it_did():
    value, ahead = past()
    decay = fit_decay(value, ahead, NINE)
    for lead in (1, 2, 3, 4):
        assert expected(decay, lead, last=100.0) == pytest.approx(100 * 0.8**lead, abs=12)
    assert decay.rows > 1900


def test_a_miss_at_the_moment_itself_is_wholly_there():
    decay = fit_decay(*past(), NINE)
    assert expected(decay, 0.0, last=37.0) == pytest.approx(37.0)
    near, hour = (expected(decay, lead, last=37.0) for lead in (0.25, 1.0))
    assert hour < near < 37.0


def test_another_metering_base_is_learned_as_an_offset():
    decay = fit_decay(*past(base=40.0), NINE)
    assert expected(decay, 6.0, last=40.0) == pytest.approx(40.0, abs=4)


def test_bands_widen_with_the_lead_and_never_cross():
    value, ahead = past()
    decay = fit_decay(value, ahead, NINE)
    leads = np.arange(0.25, 6.01, 0.25)
    width = band(decay.at(leads), ahead[: len(leads)] * 0 + ahead[:1])
    assert (np.diff(width, axis=1) >= -1e-9).all()
    apart = width[:, -2] - width[:, 1]
    assert (np.diff(apart) >= -1e-9).all()
    assert apart[0] < 0.6 * apart[-1]


def test_bands_hold_about_what_they_promise_on_hours_that_were_not_learned_from():
    value, ahead = past(6000)
    decay = fit_decay(value[:3000], ahead[:3000], NINE).at(np.full(2990, 2.0))
    miss = value - ahead[:, 4]
    now = np.arange(3005, 5995)
    shift = carried(
        decay, last=miss[now], growth=miss[now] - miss[now - 1], now=ahead[now, 4], then=ahead[now + 2, 4]
    )
    said = (ahead[now + 2, 4] + shift)[:, None] + band(decay, ahead[now + 2])
    held = ((value[now + 2] >= said[:, 2]) & (value[now + 2] <= said[:, 6])).mean()
    assert 0.74 < held < 0.88


def test_persistence_is_learned_where_the_day_ahead_is_worthless():
    rng = np.random.default_rng(1)
    walk = 200 + np.cumsum(rng.normal(0, 2, 3000))
    ahead = (200 + 80 * rng.normal(size=3000))[:, None] + SPREAD
    decay = fit_decay(walk, ahead, NINE)
    said = ahead[11, 4] + expected(
        decay, 1.0, last=walk[10] - ahead[10, 4], now=ahead[10, 4], then=ahead[11, 4]
    )
    assert said == pytest.approx(walk[10], abs=4)


def test_with_too_few_issues_the_packaged_guess_says_so():
    value, ahead = past(150)
    assert fit_decay(value, ahead, NINE).rows == 0
    assert guess_decay(NINE).keep[3] == pytest.approx(0.5)


def test_missing_hours_teach_nothing():
    value, ahead = past()
    value[1000:] = np.nan
    assert fit_decay(value, ahead, NINE).rows == 999


def test_it_is_kept_as_numbers_and_taken_up_again():
    decay = fit_decay(*past(), NINE)
    again = Decay.from_dict(decay.as_dict())
    np.testing.assert_allclose(again.misses, decay.misses, atol=1e-6)
    assert again.rows == decay.rows


def test_what_comes_later_changes_nothing_that_was_learned():
    value, ahead = past()
    cut = np.where(np.arange(2000) < 1200, value, np.nan)
    spoiled = np.where(np.arange(2000) < 1200, ahead.T, 9e9).T
    one, two = fit_decay(cut, ahead, NINE), fit_decay(cut, spoiled, NINE)
    np.testing.assert_array_equal(one.keep, two.keep)
