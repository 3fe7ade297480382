import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.forecast.decay import guess_decay
from tamna.forecast.levels import NINE
from tamna.forecast.nowcast import Ahead, Readings, clear_shape, hourly, nowcast_target
from tamna.grid.clock import HOUR

DAY = np.datetime64("2026-06-14T15:00:00", "s")  # midnight in Korea
HOURS = DAY + np.arange(48) * HOUR
APART = np.array([-40.0, -30, -20, -10, 0, 10, 20, 30, 40])
SHAPE = clear_shape(33.4, 126.53)
MINUTE = np.timedelta64(60, "s")
ISSUE = DAY + 14 * HOUR
STEPS = ISSUE + np.arange(72) * 5 * MINUTE


def flat(level=600.0):
    return Ahead(HOURS, NINE, np.full((48, 9), level) + APART)


def cloudy(part=0.5, capacity=400.0):
    clear = hourly(SHAPE, HOURS)[:, None]
    return Ahead(HOURS, NINE, clear * capacity * (part + APART / 200))


def readings(value, until=ISSUE, step_min=5, delay_min=5, since=DAY):
    at = np.arange(since, until + MINUTE, step_min * MINUTE).astype("datetime64[s]")
    values = np.broadcast_to(np.asarray(value(at) if callable(value) else value, float), at.shape).copy()
    return Readings(at, values, at + delay_min * MINUTE, step_min * 60)


def ask(ahead, seen, **more):
    how = {"issued_at": ISSUE, "stamps": STEPS, "step_s": 300} | more
    return nowcast_target(ahead, seen, guess_decay(NINE), **how)


def test_what_is_missed_now_is_missed_next_and_less_and_less():
    middle = ask(flat(), readings(660.0)).quantiles[:, 4]
    assert middle[0] == pytest.approx(659, abs=2)
    assert (np.diff(middle) < 0).all()
    assert middle[-1] == pytest.approx(600 + 60 * 0.5 ** (6.05 / 4), abs=2)


def test_the_band_widens_towards_the_day_aheads():
    found = ask(flat(), readings(600.0)).quantiles
    width = found[:, 7] - found[:, 1]
    assert (np.diff(width) >= -1e-9).all()
    assert width[0] < 12
    assert 40 < width[-1] <= 60 + 1e-9


def test_a_reading_that_was_not_known_yet_changes_nothing():
    seen = readings(660.0)
    late = seen.known_at > ISSUE
    assert late.any()
    spoiled = dataclasses.replace(seen, value=np.where(late, 9e9, seen.value))
    np.testing.assert_array_equal(ask(flat(), spoiled).quantiles, ask(flat(), seen).quantiles)


def test_the_sun_does_not_set_by_a_miss():
    found = ask(cloudy(), readings(lambda at: 400 * 0.8 * SHAPE(at)), shape=SHAPE)
    clear = SHAPE(STEPS + 150 * np.timedelta64(1, "s")) * 400
    lit = clear > 1
    assert 50 < lit.sum() < 72
    part = found.quantiles[lit, 4] / clear[lit]
    assert part[0] == pytest.approx(0.8, abs=0.03)
    assert (np.diff(part) < 0).all()
    assert part[-1] > 0.5


@given(st.integers(0, 23), st.floats(0.0, 1.2), st.sampled_from([300, 900, 3600]))
def test_night_is_exactly_zero_whatever_was_read(hour, part, step_s):
    issue = DAY + hour * HOUR
    stamps = issue + np.arange(6 * 3600 // step_s) * np.timedelta64(step_s, "s")
    seen = readings(lambda at: 400 * part * SHAPE(at) + 3.0, until=issue)
    found = ask(cloudy(), seen, shape=SHAPE, issued_at=issue, stamps=stamps, step_s=step_s)
    dark = SHAPE(stamps + np.timedelta64(step_s // 2, "s")) <= 0
    assert (found.quantiles[dark] == 0).all()
    assert np.isfinite(found.quantiles).all()
    assert (np.diff(found.quantiles, axis=1) >= 0).all()
    assert (found.quantiles >= 0).all()


def test_before_dawn_the_clouds_of_last_evening_say_nothing():
    issue = DAY + 28 * HOUR
    stamps = issue + np.arange(24) * 15 * MINUTE
    found = ask(
        cloudy(), readings(50.0, until=issue), shape=SHAPE, issued_at=issue, stamps=stamps, step_s=900
    )
    assert set(found.model) == {"day_ahead"}
    assert "sun was too low" in str(found.reason[0])


def test_a_stale_meter_hands_back_the_day_ahead_and_says_how_old_it_is():
    seen = readings(700.0, until=ISSUE - 4 * HOUR)
    found = ask(flat(), seen)
    assert set(found.model) == {"day_ahead"}
    assert str(found.reason[0]) == "the last reading is 240 minutes old"
    np.testing.assert_allclose(found.quantiles, flat().index(STEPS, None))
    assert found.age_s == 4 * 3600


def test_the_lead_counts_from_the_reading_and_not_from_the_issue():
    fresh, old = ask(flat(), readings(660.0)), ask(flat(), readings(660.0, until=ISSUE - 2 * HOUR))
    assert old.quantiles[0, 4] < fresh.quantiles[0, 4]
    assert old.age_s == 7200


def test_it_goes_over_into_the_day_ahead_without_a_step():
    far = ISSUE + np.arange(40) * 15 * MINUTE
    found = ask(flat(), readings(660.0), stamps=far, step_s=900)
    assert np.abs(np.diff(found.quantiles[:, 4])).max() < 4
    assert found.model[-1] == "day_ahead"  # ten hours after the reading
    assert "beyond the hours" in str(found.reason[-1])
    np.testing.assert_allclose(found.quantiles[-1], flat().index(far[-1:], None)[0])


def test_without_any_reading_the_day_ahead_answers():
    found = ask(flat(), Readings.none())
    assert str(found.reason[0]) == "there is no reading"
    assert found.last_at is None
    np.testing.assert_allclose(found.quantiles[:, 4], 600.0)


def test_missing_stamps_are_counted_and_the_others_still_speak():
    seen = readings(660.0)
    keep = np.ones(len(seen.at), bool)
    keep[[-4, -7]] = False
    torn = Readings(seen.at[keep], seen.value[keep], seen.known_at[keep], 300)
    found = ask(flat(), torn)
    assert found.absent == 2
    assert found.quantiles[0, 4] == pytest.approx(659, abs=2)


def test_a_day_ahead_that_begins_after_the_reading_cannot_be_seen_to_miss():
    late = Ahead(HOURS[15:], NINE, np.full((33, 9), 600.0) + APART)
    found = ask(late, readings(700.0))
    assert set(found.model) == {"day_ahead"}
    assert "does not reach back" in str(found.reason[0])


def test_capacity_bounds_every_quantile():
    found = ask(flat(), readings(700.0), bounds=(0.0, 650.0))
    assert found.quantiles.max() == 650.0


def test_hours_of_the_day_ahead_keep_their_level_between_their_middles():
    ramp = Ahead(HOURS, NINE, np.arange(48.0)[:, None] * 10 + APART)
    moments = HOURS[3:5] + HOUR // 2
    assert ramp.index(moments, None)[:, 4].tolist() == [30.0, 40.0]
    assert np.isnan(ramp.index(HOURS[:1] - HOUR, None)).all()


def test_a_reading_stands_for_no_moment_farther_than_half_a_step():
    seen = Readings(HOURS[:2], np.array([1.0, 2.0]), HOURS[:2], 3600)
    near = seen.near(np.array([HOURS[0] + 20 * MINUTE, HOURS[1] + 31 * MINUTE]))
    assert near[0] == 1.0
    assert np.isnan(near[1])
