from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamna.physics.wind import (
    STANDARD_DENSITY,
    WindFleet,
    air_density,
    at_standard_density,
    capacity_factor,
    components,
    fleet_curve,
    hourly_from_instants,
    hub_speed,
    sector,
    turbine_curve,
)

FLEET = WindFleet()


def test_one_turbine_is_cubic_then_flat_then_off():
    v = np.array([2.9, 12.5, 20.0, 25.0])
    assert turbine_curve(FLEET, v).tolist() == [0.0, 1.0, 1.0, 0.0]
    assert turbine_curve(FLEET, np.array([8.0]))[0] == pytest.approx((8**3 - 27) / (12.5**3 - 27))


@given(st.floats(0, 80))
def test_a_fleet_never_exceeds_its_capacity(speed):
    assert 0 <= fleet_curve(FLEET, np.array([speed]))[0] <= 1


def test_more_wind_is_more_power_below_rated_speed():
    assert (np.diff(fleet_curve(FLEET, np.linspace(2, 14, 200))) >= 0).all()


def test_cut_out_is_a_slope_for_a_fleet():
    storm = fleet_curve(FLEET, np.linspace(18, 32, 100))
    assert storm[0] > 0.9
    assert storm[-1] < 0.1
    assert np.abs(np.diff(storm)).max() < 0.05


def test_wakes_cost_energy_below_rated_and_nothing_far_above():
    free = WindFleet(wake=0.0, cut_out_mps=60)
    wake = WindFleet(wake=0.1, cut_out_mps=60)
    assert fleet_curve(wake, np.array([8.0]))[0] < fleet_curve(free, np.array([8.0]))[0]
    assert fleet_curve(wake, np.array([30.0]))[0] == pytest.approx(fleet_curve(free, np.array([30.0]))[0])


def test_dry_air_at_15_degrees_is_standard_air():
    assert air_density(np.array([15.0]), np.array([1013.25]), 0.0)[0] == pytest.approx(
        STANDARD_DENSITY, abs=1e-3
    )


def test_cold_air_carries_more_power_and_moist_air_less():
    speed, sea = np.array([7.0]), np.array([1013.0])
    cold, warm = (
        capacity_factor(FLEET, speed, density=air_density(np.array([t]), sea)) for t in (-5.0, 30.0)
    )
    assert cold > warm
    assert air_density(np.array([30.0]), sea, 1.0) < air_density(np.array([30.0]), sea, 0.0)


def test_the_density_correction_keeps_energy_per_air():
    assert at_standard_density(np.array([8.0]), np.array([1.1]))[0] == pytest.approx(
        8 * (1.1 / 1.225) ** (1 / 3)
    )


def test_the_hub_feels_more_wind_than_the_mast():
    assert hub_speed(np.array([5.0]), 10.0, 80.0, 0.16)[0] == pytest.approx(5 * 8**0.16)


def test_a_north_wind_blows_southward():
    east, north = components(np.array([10.0, 10.0]), np.array([0.0, 270.0]))
    assert east == pytest.approx([0, 10], abs=1e-9)
    assert north == pytest.approx([-10, 0], abs=1e-9)


def test_a_calm_without_direction_is_no_wind():
    east, north = components(np.array([0.0]), np.array([np.nan]))
    assert east[0] == 0
    assert north[0] == 0


def test_sectors_are_centred_on_north():
    assert sector(np.array([350.0, 10.0, 45.0, 180.0, np.nan])).tolist() == [0, 0, 1, 4, -1]


def test_an_hour_is_the_mean_of_its_two_ends():
    v = np.array([2.0, 4.0, np.nan, 8.0])
    assert hourly_from_instants(v).tolist() == [3.0, 4.0, 8.0, 8.0]
