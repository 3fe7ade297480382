from __future__ import annotations

import numpy as np
import pytest

from tamna.physics.dayfloor import HOURS, departures, floors_of_days, sun_days

SD = 40.0
GRID = departures(SD)


def told(seen_mw, sure_mw):
    """Evidence of a day whose hours tell its departure up to a normal error."""
    return -0.5 * ((GRID - seen_mw) / sure_mw) ** 2


def middle(posterior):
    return posterior @ GRID


def test_the_grid_spans_four_standard_deviations_to_either_side():
    assert GRID[[0, -1]].tolist() == [-160.0, 160.0]
    assert np.allclose(np.diff(GRID), SD / 5)


def test_posterior_and_evidence_of_normal_days_are_those_on_paper():
    seen, sure, memory = np.array([50.0, -20.0, 30.0]), np.array([20.0, 30.0, 25.0]), 0.7
    posterior, total = floors_of_days(
        np.array([told(x, s) for x, s in zip(seen, sure, strict=True)]), SD, memory
    )
    prior = SD**2 * memory ** np.abs(np.subtract.outer(range(3), range(3)))
    whole = prior + np.diag(sure**2)
    assert middle(posterior) == pytest.approx(prior @ np.linalg.solve(whole, seen), abs=1.0)
    exact = -0.5 * (
        seen @ np.linalg.solve(whole, seen) + np.linalg.slogdet(whole)[1] - 2 * np.log(sure).sum()
    )
    assert total == pytest.approx(exact, abs=0.05)


def test_a_silent_day_takes_its_floor_from_the_days_around_and_forgets_with_distance():
    evidence = np.zeros((9, len(GRID)))
    evidence[4] = told(80.0, 5.0)
    found = middle(floors_of_days(evidence, SD, 0.75)[0])
    assert found[4] == pytest.approx(79.0, abs=1.0)
    assert found[5] == pytest.approx(0.75 * found[4], rel=0.02)
    assert found[[3, 2, 1]] == pytest.approx(found[[5, 6, 7]], rel=0.05)
    assert (np.diff(found[4:]) < 0).all()


def test_nothing_seen_leaves_every_day_as_other_years_tell():
    posterior, total = floors_of_days(np.zeros((5, len(GRID))), SD, 0.75)
    assert middle(posterior) == pytest.approx(0.0, abs=1e-6)
    assert total == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("noon_utc", [3, 12, 20])
def test_a_day_runs_from_midnight_to_midnight_by_the_sun(noon_utc):
    stamps = np.datetime64("2024-03-01T00:00:00", "s") + np.arange(72) * np.timedelta64(3600, "s")
    away = (np.arange(72) % HOURS - noon_utc + 12) % 24 - 12
    day = sun_days(stamps, np.abs(away) <= 4)
    starts = np.flatnonzero(np.diff(day)) + 1
    assert ((starts - noon_utc) % HOURS == 12).all()
    assert day.min() == 0


def test_without_sun_days_run_by_utc():
    stamps = np.datetime64("2024-03-01T00:00:00", "s") + np.arange(48) * np.timedelta64(3600, "s")
    assert sun_days(stamps, np.zeros(48, dtype=bool)).tolist() == [0] * 24 + [1] * 24
