import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.series.quality.units import unit_jump

few = settings(max_examples=25, deadline=None)


@few
@given(at=st.integers(30, 8000), length=st.integers(24, 3000))
def test_kwh_among_mwh_is_found_to_the_hour_and_put_right_for_the_other_checks(made, planted, at, length):
    track = made()["jeju/demand"]
    end = min(at + length, 8700)
    (f,), right = unit_jump(planted(track, slice(at, end), lambda v: v * 1000))
    assert (f.kind, f.size, f.unit) == ("unit_jump", 1000.0, "ratio")
    assert (f.start, f.end) == (track.valid_at[at], track.valid_at[end - 1] + track.step)
    assert np.allclose(right.value, track.value)


@few
@given(at=st.integers(30, 8000), length=st.integers(120, 3000))
def test_gwh_among_mwh_is_found_too(made, planted, at, length):
    track = made()["jeju/demand"]
    end = min(at + length, 8700)
    (f,), right = unit_jump(planted(track, slice(at, end), lambda v: v / 1000))
    assert f.size == pytest.approx(0.001)
    assert (f.start, f.end) == (track.valid_at[at], track.valid_at[end - 1] + track.step)
    assert np.allclose(right.value, track.value)


@few
@given(at=st.integers(30, 8600))
def test_one_cell_in_kwh_is_one_finding(made, planted, at):
    track = made()["jeju/demand"]
    (f,), _right = unit_jump(planted(track, at, lambda v: v * 1000))
    assert (f.start, f.size) == (track.valid_at[at], 1000.0)
    assert f.end - f.start == track.step


def test_the_larger_part_of_the_series_says_which_unit_is_right(made, planted):
    track = made()["jeju/demand"]
    (f,), _right = unit_jump(planted(track, slice(2000, None), lambda v: v * 1000))
    assert f.size == pytest.approx(0.001)
    assert f.start == track.valid_at[0]
    assert f.end == track.valid_at[2000]


@pytest.mark.parametrize("name", ["jeju/wind", "jeju/pv"])
def test_wind_and_pv_in_kwh_are_found_though_they_rest_at_zero(made, planted, name):
    track = made()[name]
    found, _right = unit_jump(planted(track, slice(2400, 4800), lambda v: v * 1000))
    assert [f.size for f in found] == [1000.0]
    assert abs((found[0].start - track.valid_at[2400]).astype(int)) <= 24 * 3600
    assert abs((found[0].end - track.valid_at[4800]).astype(int)) <= 72 * 3600  # it may end in a calm


def test_a_calm_week_is_no_change_of_unit(made, planted):
    track = made()["jeju/wind"]
    found, _right = unit_jump(planted(track, slice(2400, 2448), lambda v: np.minimum(v, 0.1)))
    assert found == []
