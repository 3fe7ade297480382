import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.series.quality.values import beyond_capacity, flatline, impossible, negative

HOUR = np.timedelta64(3600, "s")
few = settings(max_examples=25, deadline=None)
places = st.integers(50, 8600)


@few
@given(at=places, value=st.sampled_from([3.40282e38, -3.4e38, float("inf"), -1e9]))
def test_a_number_that_cannot_be_is_found_at_its_hour(made, planted, at, value):
    track = made()["jeju/demand"]
    found, marks = impossible(planted(track, at, lambda _v: value))
    assert [(f.kind, f.start, f.end, f.size) for f in found] == [
        ("impossible_value", track.valid_at[at], track.valid_at[at] + HOUR, value)
    ]
    assert np.flatnonzero(marks).tolist() == [at]


def test_sentinels_of_weather_are_impossible(made, planted):
    track = made()["synthetic/jeju/temperature"]
    found, _marks = impossible(planted(track, slice(100, 103), lambda v: v * 0 - 999.0))
    assert [(f.size, f.unit) for f in found] == [(-999.0, "degC")]


@few
@given(at=places, length=st.integers(1, 48), size=st.floats(0.5, 50))
def test_negative_energy_is_one_finding_with_its_sum(made, planted, at, length, size):
    track = made()["jeju/wind"]
    where = slice(at, at + length)
    (f,) = negative(planted(track, where, lambda v: v * 0 - size))
    assert (f.kind, f.start, f.end) == (
        "negative_energy",
        track.valid_at[at],
        track.valid_at[at + length - 1] + HOUR,
    )
    assert f.size == pytest.approx(-size * length)


def test_negative_prices_are_prices(made):
    assert made()["jeju/smp"].value.min() < 0
    assert negative(made()["jeju/smp"]) == []


@few
@given(at=places, length=st.integers(1, 24), excess=st.floats(1.05, 5))
def test_power_above_the_capacity_is_found_with_its_peak(made, planted, at, length, excess):
    track = made()["jeju/pv"]
    (f,) = beyond_capacity(planted(track, slice(at, at + length), lambda v: v * 0 + 400 * excess), 400.0)
    assert (f.kind, f.start, f.size) == ("beyond_capacity", track.valid_at[at], pytest.approx(400 * excess))


def test_without_a_known_capacity_the_series_own_record_stands_for_it(made, planted):
    track = made()["jeju/demand"]
    (f,) = beyond_capacity(planted(track, 4000, lambda _v: 2400.0))
    assert (f.start, f.size) == (track.valid_at[4000], 2400.0)
    assert beyond_capacity(planted(track, 4000, lambda _v: 1300.0)) == []


@few
@given(at=st.integers(50, 8500), length=st.integers(9, 200))
def test_a_frozen_meter_is_found_with_its_length(made, planted, at, length):
    track = made()["jeju/demand"]
    frozen = float(track.value[at])
    (f,) = flatline(planted(track, slice(at, at + length), lambda v: v * 0 + frozen))
    assert (f.kind, f.start, f.size) == ("flatline", track.valid_at[at], length)


def test_a_meter_stuck_at_zero_is_found_where_zero_is_rare(made, planted):
    track = made()["jeju/demand"]
    (f,) = flatline(planted(track, slice(500, 530), lambda v: v * 0))
    assert f.size == 30


def test_a_wind_still_night_and_a_plant_at_its_minimum_are_no_frozen_meters(made, planted):
    calm = planted(made()["jeju/wind"], slice(500, 515), lambda v: v * 0)
    assert flatline(calm) == []
    least = made()["jeju/lng"].value.min()
    assert np.sum(made()["jeju/lng"].value == least) > 200
    assert flatline(made()["jeju/lng"]) == []


def test_a_series_that_never_changes_is_not_frozen(made):
    assert flatline(made()["jeju/waste"]) == []
