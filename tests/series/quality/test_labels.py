from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.grid.clock import Label
from tamna.series.quality.labels import find_label, label
from tamna.series.quality.track import hourly
from tamna.sources.block import Kind

HOUR = np.timedelta64(3600, "s")


def instants_of(track, lag_h=0.0):
    """Readings whose two-point means are near the hours: the hours' values joined at their borders."""
    value = np.interp(np.arange(len(track)) - 0.5 + lag_h, np.arange(len(track)), track.value)
    return replace(track, source="operations", kind=Kind.INSTANT, unit="MW", value=value)


@pytest.mark.parametrize("name", ["jeju/demand", "jeju/wind", "jeju/pv"])
def test_readings_at_the_stamp_are_told_from_means(made, name):
    track = made()[name]
    fit = find_label(track.valid_at, instants_of(track).value, hourly(track))
    assert (fit.label, fit.shift_h, fit.is_clear) == (Label.INSTANT, 0, True)


@pytest.mark.parametrize(("hours", "expected"), [(0, Label.START), (1, Label.END)])
@pytest.mark.parametrize("name", ["jeju/demand", "jeju/smp", "mainland/smp"])
def test_labels_at_the_start_and_at_the_end_are_told_apart(made, name, hours, expected):
    track = made()[name]
    fit = find_label(
        track.valid_at + hours * HOUR, track.value, hourly(track), instants=name == "jeju/demand"
    )
    assert (fit.label, fit.shift_h, fit.is_clear) == (expected, 0, True)


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(0.2, 5), offset=st.floats(-500, 500), noise=st.floats(0, 10))
def test_another_scale_or_offset_does_not_matter(made, scale, offset, noise):
    track = made()["jeju/demand"]
    value = track.value * scale + offset
    value = value + noise * scale * np.random.default_rng(0).standard_normal(len(value))
    assert find_label(track.valid_at + HOUR, value, hourly(track)).label is Label.END


def test_each_label_that_is_in_order_is_one_finding(made):
    track = made()["jeju/demand"]
    (f,) = label(instants_of(track), track)
    assert (f.kind, f.size, f.source) == ("label", 0.0, "operations")
    assert "readings at the stamp" in str(f.text)


def test_a_price_stored_an_hour_late_is_a_shifted_label(made):
    track = made()["jeju/smp"]
    late = replace(track, source="other", valid_at=track.valid_at + HOUR)
    (f,) = label(late, track)
    assert (f.kind, f.size) == ("hour_label", 1.0)


def test_a_shift_of_some_months_is_found_where_it_is(made):
    track = made()["jeju/demand"]
    value = track.value.copy()
    value[3000:6000] = np.roll(track.value, 1)[3000:6000]
    found = [f for f in label(replace(track, source="other", value=value), track) if f.kind == "hour_label"]
    (f,) = found
    assert f.size == 1.0
    assert abs((f.start - track.valid_at[3000]).astype(int)) <= 30 * 86400
    assert abs((f.end - track.valid_at[6000]).astype(int)) <= 30 * 86400


def test_series_that_have_nothing_to_do_with_each_other_say_nothing(made):
    assert label(replace(made(1)["jeju/wind"], source="other"), made(2)["jeju/wind"]) == []
