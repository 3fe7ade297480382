import numpy as np
import pytest

from tamna.forecast.site import PvSite, moved, rates, site_hours
from tamna.grid.clock import HOUR

HOURS = np.datetime64("2023-06-01T00:00:00", "s") + np.arange(72) * HOUR
EAST = PvSite(name="east", latitude=33.5, longitude=126.5, tilt_deg=40, azimuth_deg=90)
WEST = PvSite(name="west", latitude=33.5, longitude=126.5, tilt_deg=40, azimuth_deg=270)


def clear():
    return {"cloud_cover": np.zeros(72), "temperature": np.full(72, 20.0)}


def test_modules_to_the_east_make_their_power_in_the_morning():
    found = site_hours((EAST, WEST), {"east": clear(), "west": clear()}, HOURS)
    local_hour = (np.arange(72) + 9) % 24
    noon = {n: float(np.average(local_hour, weights=h.table.column("power"))) for n, h in found.items()}
    assert noon["east"] < 12 < noon["west"]


def test_night_has_no_light():
    found = site_hours((EAST,), {"east": clear()}, HOURS)["east"]
    assert not found.light[(np.arange(72) + 9) % 24 == 0].any()
    assert found.light[(np.arange(72) + 9) % 24 == 12].all()


def test_cloud_alone_is_enough_to_answer_and_takes_power_away():
    grey = clear() | {"cloud_cover": np.ones(72)}
    bright, dull = (
        site_hours((EAST,), {"east": w}, HOURS)["east"].table.column("power").sum() for w in (clear(), grey)
    )
    assert 0.1 * bright < dull < 0.6 * bright


def test_sites_that_see_each_other_share_their_mean():
    grey = clear() | {"cloud_cover": np.ones(72)}
    found = site_hours((EAST, WEST), {"east": clear(), "west": grey}, HOURS)
    assert found["east"].table.column("cloud_all") == pytest.approx(np.full(72, 0.5))
    assert found["east"].table.column("is_east").all()


def test_sums_since_the_run_become_hours():
    total = np.tile(np.cumsum(np.ones(24)), 3)
    np.testing.assert_array_equal(rates(total, HOURS), np.ones(72))


def test_a_move_leaves_nothing_known_beyond_the_ends():
    np.testing.assert_array_equal(moved(np.array([1.0, 2.0, 3.0]), 1), [2.0, 3.0, np.nan])
    np.testing.assert_array_equal(moved(np.array([1.0, 2.0, 3.0]), -2), [np.nan, np.nan, 1.0])
