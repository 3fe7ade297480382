"""What hours before an hour tell of its floor: nothing of the hour itself, and sooner in the day than the days around."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.physics.before import told_before
from tamna.physics.curtailment import Hours, SystemFloor
from tamna.physics.held import told_by_others
from tamna.physics.smooth import NO_NEWS, Persistence, Running, smooth

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
    assert hours.sd_mw[15] < 11.0
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


def test_wind_that_was_short_all_night_is_no_sign_of_a_high_floor():
    free = island([LINE_MW - 80.0], days=1)  # room for 170 MW at noon, far above what turns
    short = replace(free, actual_mw=np.minimum(free.actual_mw, 120.0))
    unseen = replace(short, actual_mw=np.where(np.arange(24) < 10, np.nan, short.actual_mw))
    seen, blind = (told(h)[1].mean_mw[12] for h in (short, unseen))
    assert blind > seen + 10.0  # who saw the night knows that it is the wind


def test_running_is_what_the_smoother_knows_in_its_last_hour():
    rng = np.random.default_rng(3)
    miss, size, could = rng.normal(0.0, 12.0, 40), np.full(40, 12.0), rng.uniform(20.0, 200.0, 40)
    noise = np.where(rng.random(40) < 0.3, NO_NEWS, 9.0)
    how, running = Persistence(), Running(Persistence())
    for k in range(40):
        if k:
            running.pass_hour()
        if noise[k] < NO_NEWS:
            running.see(miss[k], noise[k], size[k], could[k])
    mean, variance = smooth(miss, noise, size, could, how)
    assert running.error(size[-1], could[-1]) == pytest.approx((mean[-1], variance[-1]))


def test_all_other_hours_tell_a_floor_that_the_hours_before_could_not():
    hours = island([230.0, 320.0, 230.0], days=3)
    above = replace(hours, demand_mw=hours.demand_mw - LINE_MW)
    mean, sd = told_by_others(above, FLOOR, Persistence())
    assert mean[34] == pytest.approx(
        40.0, abs=8.0
    )  # the first held hour of the second day, by the five after it
    assert mean[12] < -25.0
    assert (sd[34], sd[12]) < (12.0, 40.0)


def test_what_an_hour_gave_itself_hardly_moves_what_the_others_tell_of_it():
    hours = island([320.0, 320.0], days=2)
    above = replace(hours, demand_mw=hours.demand_mw - LINE_MW)
    mine = above.actual_mw.copy()
    mine[36] += 60.0
    told_with, told_without = (
        told_by_others(replace(above, actual_mw=a), FLOOR, Persistence())[0] for a in (mine, above.actual_mw)
    )
    assert told_with[36] == pytest.approx(told_without[36], abs=3.0)
    assert abs(told_with[35] - told_without[35]) > abs(told_with[36] - told_without[36])
