from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.series.quality.coverage import coverage_break, fleet_left_out

DAY = 86400
few = settings(max_examples=20, deadline=None)


def operations(track, seed=0):
    """What operations see of the same fleet: another metering, with noise and a little else in it."""
    noise = np.random.default_rng(seed).standard_normal(len(track))
    return replace(track, source="operations", value=1.02 * track.value + 8 + 3 * noise)


@few
@given(
    day=st.integers(50, 310),
    left=st.sampled_from([0.15, 0.3, 0.6, 0.85]),
    name=st.sampled_from(["jeju/wind", "jeju/pv"]),
    seed=st.integers(0, 3),
)
def test_plants_that_leave_the_series_are_found_on_the_day_with_the_energy(
    made, planted, day, left, name, seed
):
    track = made(seed)[name]
    rest = planted(track, slice(24 * day, None), lambda v: v * left)
    (f,) = coverage_break(rest, operations(track, seed))
    assert f.kind == "coverage_break"
    calm_days = 4 if name == "jeju/wind" else 1  # a day without wind says nothing about the fleet
    assert abs((f.start - track.valid_at[24 * day]).astype(int)) <= calm_days * DAY
    missing = float((1 - left) * track.value[24 * day :].sum())
    assert f.size == pytest.approx(missing, rel=0.1, abs=2500)
    assert f.end == track.valid_at[-1] + track.step


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["jeju/wind", "jeju/pv"])
def test_a_constant_share_is_no_break(made, seed, name):
    track = made(seed)[name]
    assert coverage_break(replace(track, value=0.8 * track.value), operations(track, seed)) == []


def test_plants_that_come_back_are_no_loss(made, planted):
    track = made()["jeju/wind"]
    grown = planted(track, slice(0, 4000), lambda v: v * 0.3)
    assert coverage_break(grown, operations(track)) == []


def test_a_later_file_without_most_of_the_fleet_is_found(made):
    earlier, later = made(1)["jeju/wind"], made(2)["jeju/wind"]
    after = replace(
        later,
        source="fuel",
        valid_at=later.valid_at + np.timedelta64(400 * DAY, "s"),
        value=0.05 * later.value,
    )
    (f,) = fleet_left_out(after, earlier)
    assert (f.kind, f.source, f.start) == ("coverage_break", "fuel", after.valid_at[0])
    assert f.size == pytest.approx(earlier.value.mean() * len(after) - after.value.sum())


def test_another_years_wind_of_the_same_fleet_is_no_loss(made):
    earlier, later = made(1)["jeju/wind"], made(2)["jeju/wind"]
    after = replace(later, source="fuel", valid_at=later.valid_at + np.timedelta64(400 * DAY, "s"))
    assert fleet_left_out(after, earlier) == []
