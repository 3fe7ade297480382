"""How far sums lie apart where floors of days are not known: against what paper says of normal floors."""

import numpy as np
import pytest

from tamna.dispatch.chance import DRAWS, Scatter, drawn
from tamna.dispatch.spread import Room

DAYS = 30


def always_held(hours):
    """Hours in which the floor lies so high that all that moves is how high: held is linear in it."""
    return Room(
        floor_mw=np.full(hours, 500.0),
        free_mw=np.full(hours, 0.0),
        most_mw=np.full(hours, 5000.0),
        anyway_mw=np.zeros(hours),
    )


def sums(scatter, days=DAYS, groups=1):
    hours = 24 * days
    day = np.arange(hours) // 24
    return drawn(always_held(hours), scatter, day, np.arange(hours) * groups // hours, np.ones(hours))


def test_days_that_remember_each_other_make_a_month_wander_as_on_paper():
    found = sums(Scatter(day_sd_mw=35.0, memory=0.5, width_mw=0.0, wander_mw=0.0))
    apart = np.abs(np.subtract.outer(range(DAYS), range(DAYS)))
    exact = 24 * 35.0 * np.sqrt((0.5**apart).sum())
    assert found.shape == (DRAWS, 1)
    assert found.mean() == pytest.approx(24 * DAYS * 500.0, rel=0.01)
    assert found.std() == pytest.approx(exact, rel=0.12)


def test_a_wrong_line_moves_all_months_together_and_hours_hardly_move_any():
    line = sums(Scatter(day_sd_mw=0.0, memory=0.0, width_mw=0.0, wander_mw=30.0), groups=2)
    assert np.corrcoef(line.T)[0, 1] == pytest.approx(1.0)
    assert line.sum(axis=1).std() == pytest.approx(24 * DAYS * 30.0, rel=0.12)
    hours = sums(Scatter(day_sd_mw=0.0, memory=0.0, width_mw=15.0, wander_mw=0.0))
    assert hours.std() == pytest.approx(15.0 * np.sqrt(24 * DAYS), rel=0.12)


def test_the_same_question_gives_the_same_draws_and_hours_left_out_count_nowhere():
    scatter = Scatter(day_sd_mw=35.0, memory=0.5, width_mw=15.0, wander_mw=30.0)
    assert scatter.sd_mw == pytest.approx(np.hypot(35.0, 15.0))
    assert np.array_equal(sums(scatter), sums(scatter))
    day, none = np.arange(48) // 24, Scatter(day_sd_mw=0.0, memory=0.0, width_mw=0.0, wander_mw=0.0)
    group = np.where(np.arange(48) < 24, -1, 0)
    assert drawn(always_held(48), none, day, group, np.ones(48)) == pytest.approx(24 * 500.0)
