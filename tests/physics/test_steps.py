from __future__ import annotations

import numpy as np
import pytest

from tamna.physics.steps import YARDSTICK, Judge, held_in, levels, running_median, step
from tamna.physics.wander import Daily, Noise

NOISE = Noise(white=0.01, fast=0.0025, slow=0.0025, drift=0.0025, season=0.0064, trend=0.0225)


def days(n=400, sd=0.1, seed=0):
    rng = np.random.default_rng(seed)
    return Daily(np.arange(n), sd * rng.normal(size=n), np.ones(n), np.zeros((n, 0)))


def test_a_step_rises_at_once_or_over_its_ramp():
    assert step(np.arange(5), np.array([2]), 0)[:, 0].tolist() == [0, 0, 1, 1, 1]
    assert step(np.arange(5), np.array([2]), 1)[:, 0].tolist() == [0, 0, 0.5, 1, 1]


def test_scores_without_a_step_are_no_wider_than_standard_normal():
    starts = np.arange(40, 360, 40)
    scores = [Judge(days(seed=s), NOISE).of(step(np.arange(400), starts, 0)).score for s in range(30)]
    assert np.std(scores) < 1.1


def test_a_planted_step_is_sized_within_its_error():
    daily = days()
    daily.z[200:] -= 0.5
    judged = Judge(daily, NOISE).of(step(daily.day, np.array([200]), 0))
    assert abs(judged.size[0] + 0.5) < 2.5 * judged.error[0]
    together = levels(daily, NOISE, [step(daily.day, np.array([200]), 0)[:, 0]], daily.day)
    assert together.size[0] == pytest.approx(judged.size[0])
    assert np.abs(together.level).max() < 0.3


def test_a_step_counts_by_what_it_is_larger_than_a_share():
    daily = days()
    daily.z[200:] -= 0.5
    judged = Judge(daily, NOISE).of(step(daily.day, np.array([200]), 0))
    assert judged.beyond(0.1)[0] == pytest.approx(
        (abs(judged.size[0]) + np.log(0.9)) / np.hypot(judged.error[0], YARDSTICK)
    )
    assert judged.beyond(0.1)[0] < abs(judged.score[0])


def test_days_of_nothing_are_pulled_in_and_steps_stay():
    z = np.where(np.arange(100) < 50, 0.0, -1.0) + 0.01 * np.random.default_rng(0).normal(size=100)
    z[20] = -3.5
    held, _variance = held_in(z, np.ones(100))
    assert held[20] > -0.2
    assert np.median(held[50:]) == pytest.approx(-1.0, abs=0.02)
    assert running_median(z)[20] == pytest.approx(0.0, abs=0.03)
