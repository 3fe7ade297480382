from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.physics.pv import Plane, PvFleet, capacity_factor, plane_irradiance
from tamna.physics.sun import sky_under, sun_over

DAY = np.arange("2023-03-20T15", "2023-03-21T15", dtype="datetime64[h]").astype("datetime64[s]")
SUN = sun_over(DAY, 33.4, 126.5)
CLEAR = sky_under(SUN, SUN.clear_ghi)
MILD, CALM = np.full(24, 15.0), np.full(24, 1.0)


def test_a_flat_plane_receives_the_global_radiation():
    flat = plane_irradiance(Plane(tilt_deg=0, azimuth_deg=180, share=1), SUN, CLEAR)
    high = SUN.zenith < 85
    assert np.allclose(flat[high], CLEAR.ghi[high], rtol=0.02)


def test_east_makes_its_power_before_west():
    east, west = (
        capacity_factor(PvFleet(planes=(Plane(tilt_deg=30, azimuth_deg=a, share=1),)), SUN, CLEAR, MILD, CALM)
        for a in (90, 270)
    )
    hours = np.arange(24)
    assert (east * hours).sum() / east.sum() < (west * hours).sum() / west.sum() - 1


def test_heat_costs_power_and_wind_gives_it_back():
    fleet = PvFleet(module_per_inverter=1.0)
    cool = capacity_factor(fleet, SUN, CLEAR, MILD, CALM).sum()
    assert capacity_factor(fleet, SUN, CLEAR, MILD + 20, CALM).sum() < cool
    assert capacity_factor(fleet, SUN, CLEAR, MILD, CALM + 5).sum() > cool


def test_the_inverter_caps_an_oversized_field():
    made = capacity_factor(PvFleet(module_per_inverter=3.0), SUN, CLEAR, MILD, CALM)
    assert made.max() == pytest.approx(1.0)


@settings(max_examples=25, deadline=None)
@given(
    cloud=st.floats(0, 1),
    tilt=st.floats(0, 90),
    azimuth=st.floats(0, 359),
    ratio=st.floats(0.5, 2),
    air=st.floats(-10, 40),
)
def test_night_is_zero_and_no_hour_exceeds_capacity(cloud, tilt, azimuth, ratio, air):
    fleet = PvFleet(planes=(Plane(tilt_deg=tilt, azimuth_deg=azimuth, share=2.0),), module_per_inverter=ratio)
    made = capacity_factor(fleet, SUN, sky_under(SUN, None, np.full(24, cloud)), np.full(24, air), CALM)
    assert (made[~SUN.up] == 0).all()
    assert ((made >= 0) & (made <= 1)).all()
