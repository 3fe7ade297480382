"""Duration curves, residual load and ramps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.island_of import island, stamps
from tamna.measure import all_ramps, duration, measure, ramps, residual_load


def test_a_duration_curve_falls_and_counts_what_is_missing():
    curve = duration(np.array([3.0, np.nan, 1.0, 2.0, 2.0]))
    assert curve.value.tolist() == [3, 2, 2, 1]
    assert curve.part.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert (curve.hours, curve.missing) == (4, 1)
    assert curve.reached(2.0) == 0.75


def test_a_thinned_curve_keeps_its_ends():
    curve = duration(np.arange(1000.0)).thin(11)
    assert len(curve.value) == 11
    assert (curve.value[0], curve.value[-1]) == (999, 0)
    assert duration(np.arange(5.0)).thin(11).hours == 5


def test_an_empty_curve_answers_nothing():
    curve = duration(np.array([np.nan]))
    assert len(curve.value) == 0
    assert np.isnan(curve.reached(0.0))


def test_residual_load_goes_below_zero_in_a_surplus_and_ignores_what_is_behind_the_meter():
    m = measure(island([100.0, 100.0], wind=[120.0, 30.0], pv_ppa=[0.0, 5.0], pv_btm=[50.0, 10.0]))
    assert residual_load(m, "settled").tolist() == [-20, 70]
    assert residual_load(m, "btm").tolist() == [-20, 65]


def test_the_steepest_ramps_are_found_with_their_hours():
    at = stamps(5, "2023-01-01T00:00")
    found = ramps(np.array([10.0, 40.0, 35.0, 5.0, 6.0]), at, 1)
    assert found.up.as_dict() == {"mwh_per_h": 30.0, "from": "2023-01-01T00:00Z", "to": "2023-01-01T01:00Z"}
    assert found.down.as_dict() == {
        "mwh_per_h": -30.0,
        "from": "2023-01-01T02:00Z",
        "to": "2023-01-01T03:00Z",
    }
    three = ramps(np.array([10.0, 40.0, 35.0, 5.0, 6.0]), at, 3)
    assert three.up is None  # it never rose over three hours
    assert three.down.mwh_per_h == -34
    assert three.pairs == 2


def test_a_ramp_needs_both_hours():
    found = ramps(np.array([10.0, np.nan, 500.0]), stamps(3), 1)
    assert found.pairs == 0
    assert found.as_dict() == {"span_h": 1, "up": None, "down": None, "p01": None, "p99": None, "pairs": 0}


def test_a_period_shorter_than_the_span_has_no_ramp():
    assert ramps(np.array([1.0, 2.0]), stamps(2), 3).pairs == 0


@given(st.lists(st.integers(0, 500).map(float), min_size=2, max_size=40))
def test_no_change_lies_outside_the_extremes(values):
    values = np.array(values)
    found = ramps(values, stamps(len(values)), 1)
    change = np.diff(values)
    assert change.max() == (found.up.mwh_per_h if found.up else pytest.approx(min(0.0, change.max())))
    assert change.min() == (found.down.mwh_per_h if found.down else pytest.approx(max(0.0, change.min())))
    assert found.pairs == len(change)


def test_ramps_of_demand_renewables_and_residual_stand_side_by_side():
    found = all_ramps(measure(island([100.0, 110.0, 90.0, 95.0], wind=[0.0, 50.0, 20.0, 20.0])))
    assert {name: [r.span_h for r in both] for name, both in found.items()} == {
        "demand": [1, 3], "renewable": [1, 3], "residual": [1, 3],
    }  # fmt: skip
    assert found["residual"][0].down.mwh_per_h == -40
