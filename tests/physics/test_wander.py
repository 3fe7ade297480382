from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from tamna.physics.steps import Judge, step
from tamna.physics.wander import (
    SEASON,
    YEAR,
    Daily,
    Noise,
    covariance,
    noise_of,
    own_variance,
    smooth_part,
)

NOISE = Noise(white=0.01, fast=0.0025, slow=0.0025, drift=0.0025, season=0.0064, trend=0.0225)


def made(noise, n=700, seed=0):
    daily = Daily(np.arange(n), np.zeros(n), np.ones(n), np.zeros((n, 0)))
    factor = np.linalg.cholesky(covariance(daily, noise))
    return Daily(daily.day, factor @ np.random.default_rng(seed).normal(size=n), daily.spread, daily.beside)


def test_the_covariance_of_two_days_worked_on_paper():
    daily = Daily(np.array([0, 10]), np.zeros(2), np.ones(2), np.zeros((2, 0)))
    found = covariance(daily, NOISE)
    half = 5 / YEAR
    season = 0.0064 * (np.cos(20 * np.pi / YEAR) + 0.5 * np.cos(40 * np.pi / YEAR))
    paper = 0.0025 * np.exp(-5) + 0.0025 * np.exp(-0.5) + season - 0.0225 * half**2
    assert found[0, 1] == found[1, 0] == pytest.approx(paper)
    assert found[0, 0] == pytest.approx(0.01 + 0.0025 + 0.0025 + 1.5 * 0.0064 + 0.0225 * half**2)


def test_the_own_variance_is_the_diagonal():
    days = np.arange(5, 400, 3)
    assert own_variance(days, days, NOISE) == pytest.approx(np.diag(smooth_part(days, days, NOISE)))


@pytest.mark.parametrize("wandering", [0.05, 0.15])
def test_what_wanders_slowly_is_read_off_the_series(wandering):
    truth = Noise(white=0.0025, fast=0.0, slow=wandering**2, drift=1e-6, season=1e-6, trend=1e-6)
    found = np.array([astuple(noise_of(made(truth, seed=s))) for s in range(3)]).mean(axis=0)
    assert np.sqrt(found[2]) == pytest.approx(wandering, rel=0.4)
    assert np.sqrt(found[0] + found[1]) == pytest.approx(0.05, rel=0.35)


def test_a_quiet_series_has_a_small_season_and_one_that_swings_a_large_one():
    quiet = made(Noise(white=0.0025, fast=0.0, slow=1e-6, drift=1e-6, season=1e-6, trend=1e-6))
    swing = 0.3 * np.cos(2 * np.pi * quiet.day / YEAR)
    loud = Daily(quiet.day, quiet.z + swing, quiet.spread, quiet.beside)
    assert np.sqrt(noise_of(quiet).season) < SEASON < 0.1 < np.sqrt(noise_of(loud).season)


def test_a_step_is_noise_until_it_is_known():
    daily = made(Noise(white=0.0025, fast=0.0, slow=1e-6, drift=1e-6, season=1e-6, trend=1e-6), n=365)
    daily.z[200:] -= 0.36
    column = step(daily.day, np.array([200]), 0)
    hidden, known = noise_of(daily), noise_of(daily, [column[:, 0]])
    assert known.slow + known.drift + known.trend < 0.5 * (hidden.slow + hidden.drift + hidden.trend)
    scores = [abs(float(Judge(daily, noise).of(column).score[0])) for noise in (hidden, known)]
    assert scores[1] > 1.5 * scores[0]
