import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.errors import UsageError
from tamna.forecast.ramps import Ramp, ramp_scores, ramps_in


def step(at, n=24, low=10.0, high=60.0):
    return np.where(np.arange(n) < at, low, high)


def test_a_ramp_is_where_the_change_is_greatest():
    slow = np.array([0.0, 0, 10, 30, 60, 60, 60, 60])
    assert ramps_in(slow, threshold_mw=40, within_h=3) == [Ramp(1, 60.0)]


def test_up_and_down_are_two_events():
    hill = np.array([0.0, 0, 0, 50, 50, 50, 50, 0, 0, 0])
    assert [r.change_mw for r in ramps_in(hill, threshold_mw=50, within_h=1)] == [50.0, -50.0]


def test_too_slow_a_change_is_none():
    assert ramps_in(np.arange(24.0) * 5, threshold_mw=20, within_h=3) == []


def test_nothing_is_seen_over_a_gap():
    gap = step(12)
    gap[10:15] = np.nan
    assert ramps_in(gap, threshold_mw=20, within_h=3) == []


def test_a_ramp_foretold_two_hours_late_is_a_hit_and_its_lateness_is_told():
    found = ramp_scores(step(12), step(14), capacity_mw=100, share=0.2, within_h=3)
    assert (found["hits"], found["misses"], found["false_alarms"], found["csi"]) == (1, 0, 0, 1.0)
    assert (found["late_h"], found["off_h"]) == (2.0, 2.0)
    assert found["up"]["hits"] == 1
    assert found["down"]["ramps"] == 0


def test_a_ramp_foretold_five_hours_late_is_a_miss_and_a_false_alarm():
    found = ramp_scores(step(10), step(15), capacity_mw=100, share=0.2, within_h=3)
    assert (found["hits"], found["misses"], found["false_alarms"], found["csi"]) == (0, 1, 1, 0.0)
    assert found["late_h"] is None


def test_the_wrong_direction_is_no_hit():
    found = ramp_scores(step(12), step(12, low=60, high=10), capacity_mw=100)
    assert (found["hits"], found["misses"], found["false_alarms"]) == (0, 1, 1)


def test_calm_weather_has_no_score():
    found = ramp_scores(np.full(24, 5.0), np.full(24, 6.0), capacity_mw=100)
    assert (found["ramps"], found["csi"]) == (0, None)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=60))
def test_a_perfect_forecast_hits_every_ramp(power):
    found = ramp_scores(np.array(power), np.array(power), capacity_mw=100)
    assert found["hits"] == found["ramps"]
    assert found["csi"] in (None, 1.0)


def test_nonsense_is_refused():
    with pytest.raises(UsageError):
        ramp_scores(np.zeros(3), np.zeros(3), capacity_mw=0)
    with pytest.raises(UsageError):
        ramp_scores(np.zeros(3), np.zeros(4), capacity_mw=10)
