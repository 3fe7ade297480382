"""What hours before an hour tell of its floor: nothing of the hour itself, and sooner in the day than the days around."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.physics.before import told_before
from tamna.physics.curtailment import Hours, SystemFloor

START = np.datetime64("2023-04-01T15:00:00", "s")  # midnight in Korea
FLOOR = SystemFloor(days=np.array([START]), mw=np.array([0.0]), day_sd_mw=35.0, memory=0.5)
LINE_MW = 280.0


def island(floors_mw, days=4):
    """Windy days: from 10 to 15 h only the floor of the day is left, else all of the wind is taken."""
    n = 24 * days
    hour = np.arange(n) % 24
    sunny = (hour >= 7) & (hour < 18)
    noon = (hour >= 10) & (hour < 16)
    floor = np.repeat(np.asarray(floors_mw, dtype=float), 24)
    demand, pv = np.full(n, 600.0), np.where(noon, 200.0, 0.0)
    could = np.full(n, 200.0)
    made = np.minimum(could, np.maximum(demand - pv - floor, 9.0))
    return Hours(
        stamps=START + np.arange(n) * np.timedelta64(3600, "s"), actual_mw=made, potential_mw=could, error_mw=np.full(n, 12.0),
        demand_mw=demand, pv_mw=pv, sunny=sunny, most_mw=300.0,
    )  # fmt: skip


def told(hours, line=LINE_MW):
    return told_before(hours, np.full(len(hours.stamps), line), FLOOR)


def test_without_news_the_floor_is_that_of_other_years():
    hours = island([LINE_MW] * 2, days=2)
    for before in told(replace(hours, actual_mw=np.full(48, np.nan))):
        assert before.mean_mw == pytest.approx(0.0, abs=1e-9)
        assert before.sd_mw == pytest.approx(35.0, abs=0.1)


def test_a_held_hour_tells_the_next_one_and_the_day_after_half_of_it():
    days, hours = told(island([320.0, 320.0, 320.0, 320.0]))
    assert hours.mean_mw[10] == pytest.approx(
        days.mean_mw[10], abs=8.0
    )  # the first held hour does not know itself
    assert hours.mean_mw[11] > 25.0
    assert hours.mean_mw[15] == pytest.approx(40.0, abs=6.0)
    assert hours.sd_mw[15] < 10.0
    assert days.mean_mw[24] == pytest.approx(0.5 * 40.0, abs=4.0)
    assert (days.mean_mw[24:48] == days.mean_mw[24]).all()
    assert days.sd_mw[24] == pytest.approx(35.0 * np.sqrt(1 - 0.5**2), abs=2.0)


def test_a_floor_below_the_line_shows_where_wind_ran_on():
    _days, hours = told(island([230.0, 230.0], days=2))
    assert hours.mean_mw[15] < -25.0


def test_dark_hours_tell_next_to_nothing():
    hours = island([320.0], days=1)
    assert np.abs(told(hours)[1].mean_mw[:7]).max() < 6.0


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 95), st.lists(st.floats(200.0, 360.0), min_size=4, max_size=4))
def test_no_hour_is_told_by_itself_or_by_what_follows(first, floors):
    hours = island(floors)
    other = replace(
        hours,
        actual_mw=np.where(np.arange(96) >= first, 20.0, hours.actual_mw),
        demand_mw=np.where(np.arange(96) >= first, 500.0, hours.demand_mw),
    )
    for a, b in zip(told(hours), told(other), strict=True):
        assert a.mean_mw[: first + 1] == pytest.approx(b.mean_mw[: first + 1], abs=1e-9)
        assert a.sd_mw[: first + 1] == pytest.approx(b.sd_mw[: first + 1], abs=1e-9)
