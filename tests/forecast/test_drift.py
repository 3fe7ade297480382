import numpy as np

from tamna.forecast.drift import LEAST_DAYS, RECENT_DAYS, watch


def losses(days=84, seed=0):
    return np.random.default_rng(seed).gamma(9.0, 0.6, days)


def test_scores_that_stay_say_nothing():
    quiet = [watch(losses(seed=s)).told("MW") for s in range(40)]
    assert sum(message is not None for message in quiet) <= 4


def test_scores_that_double_are_told_with_both_figures():
    worse = losses()
    worse[-RECENT_DAYS:] *= 2
    found = watch(worse)
    assert found.worse
    assert found.recent > found.high
    assert "drift" in str(found.told("MW"))


def test_better_scores_are_no_drift():
    better = losses()
    better[-RECENT_DAYS:] *= 0.4
    found = watch(better)
    assert not found.worse
    assert found.recent < found.low


def test_too_few_days_are_not_judged():
    assert watch(losses(days=LEAST_DAYS + RECENT_DAYS - 1)) is None


def test_days_without_a_score_are_left_out():
    some = losses()
    some[-3:] = np.nan
    assert watch(some).days == RECENT_DAYS - 3
