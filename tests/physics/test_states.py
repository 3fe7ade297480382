from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from tamna.physics.states import free_and_held, log_free

HOUR = {"width_mw": 15.0, "rest_mw": 9.0, "tail": 5.0}


def as_one(x):
    return np.array([x])


def densities(made, *, room, potential, error=12.0):
    """Density of output `made` if free and if held, the floor leaving `room` on average."""
    short = as_one(potential - made)
    free, held = free_and_held(as_one(made), as_one(room - made)[:, None], short, as_one(error), **HOUR)
    return np.array([free[0, 0], held[0, 0]]) * np.exp(log_free(short, as_one(error), HOUR["tail"]))[0]


def test_a_free_hours_density_adds_up_to_one():
    whole, _error = quad(lambda x: float(np.exp(log_free(as_one(x), as_one(12.0), 5.0))[0]), -600, 600)
    assert whole == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("room", [-60.0, 0.0, 70.0, 100.0, 300.0])
def test_free_and_held_together_add_up_to_one(room):
    parts = [
        quad(lambda y: densities(y, room=room, potential=90.0).sum(), *span, limit=400)[0]
        for span in ((0, 60), (60, 900))
    ]
    parts.append(quad(lambda y: densities(y, room=room, potential=90.0)[0], -400, 0, limit=400)[0])
    assert sum(parts) == pytest.approx(1.0, abs=2e-3)


def test_with_ample_room_an_hour_is_free_and_without_any_it_is_held():
    for room, share in ((400.0, 0.0), (-150.0, 1.0)):
        held = quad(lambda y, room=room: densities(y, room=room, potential=90.0)[1], 0, 400, limit=400)[0]
        assert held == pytest.approx(share, abs=0.01)


def test_output_at_the_floor_and_far_below_the_weather_is_held():
    free, held = densities(50.0, room=50.0, potential=120.0)
    assert held > 20 * free
    free, held = densities(50.0, room=160.0, potential=55.0)
    assert free > 1000 * held


def test_a_fleet_that_stands_still_in_wind_is_held_wherever_below_zero_room_is():
    for room in (-10.0, -80.0, -200.0):
        free, held = densities(4.0, room=room, potential=80.0)
        assert held > 20 * free
