from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.series.quality.agreement import disagreement, offset
from tamna.sources.block import Kind

HOUR = np.timedelta64(3600, "s")
few = settings(max_examples=25, deadline=None)


def other(track, noise=0.0, seed=0):
    value = track.value + noise * np.random.default_rng(seed).standard_normal(len(track))
    return replace(track, source="other", value=value)


@few
@given(at=st.integers(50, 8000), length=st.integers(1, 300), size=st.floats(5, 300))
def test_hours_in_which_two_sources_differ_are_found_with_the_difference(made, planted, at, length, size):
    track = made()["jeju/demand"]
    (f,) = disagreement(planted(other(track), slice(at, at + length), lambda v: v + size), track)
    assert (f.kind, f.start, f.end) == (
        "source_disagreement",
        track.valid_at[at],
        track.valid_at[at + length - 1] + HOUR,
    )
    assert f.size == pytest.approx(size)


def test_rounding_is_no_disagreement(made):
    track = made()["jeju/demand"]
    assert disagreement(replace(track, source="other", value=np.round(track.value, 1)), track) == []


def test_differences_all_over_are_one_finding(made):
    track = made()["jeju/demand"]
    assert len(disagreement(other(track, noise=20.0), track)) == 1


@few
@given(
    at=st.integers(300, 7000),
    days=st.integers(5, 60),
    size=st.sampled_from([-200.0, -90.0, 60.0, 160.0, 400.0]),
    instants=st.booleans(),
)
def test_a_constant_beside_the_reference_is_found_with_its_borders_and_size(
    made, planted, at, days, size, instants
):
    track = made()["jeju/demand"]
    length = 24 * days
    beside = planted(other(track, noise=8.0), slice(at, at + length), lambda v: v + size)
    if instants:
        middle = np.interp(np.arange(len(track)) - 0.5, np.arange(len(track)), beside.value)
        beside = replace(beside, kind=Kind.INSTANT, unit="MW", value=middle)
    (f,) = offset(beside, track)
    assert f.kind == "offset"
    assert f.size == pytest.approx(size, abs=6)
    assert abs((f.start - track.valid_at[at]).astype(int)) <= 2 * 3600
    assert abs((f.end - track.valid_at[at + length]).astype(int)) <= 2 * 3600


@pytest.mark.parametrize("seed", range(4))
def test_noise_and_a_different_metering_are_no_offset(made, seed):
    track = made(seed)["jeju/demand"]
    assert offset(other(track, noise=25.0, seed=seed), track) == []
    assert offset(replace(track, source="other", value=track.value * 1.02 + 5), track) == []
