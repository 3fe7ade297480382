from __future__ import annotations

import numpy as np
import pytest

from tamna.physics.sun import cloudy_ghi, sky_under, sun_over

DAY = np.arange("2023-06-20T15", "2023-06-21T15", dtype="datetime64[h]").astype("datetime64[s]")


@pytest.fixture(scope="module")
def sun():
    return sun_over(DAY, 33.4, 126.5)


def test_the_midsummer_sun_stands_ten_degrees_from_the_zenith_at_solar_noon(sun):
    # latitude 33.4 less the tropic's 23.44; solar noon at 126.5 E is 12:34 island time, in the hour from 12:00
    assert sun.zenith.min() == pytest.approx(33.4 - 23.44, abs=0.5)
    assert int(sun.zenith.argmin()) == 12


def test_the_sun_goes_from_east_to_west(sun):
    assert 55 < sun.azimuth[6] < 90
    assert 270 < sun.azimuth[18] < 305


def test_night_has_no_light_and_counts_as_measured(sun):
    sky = sky_under(sun, None, np.full(24, 0.5))
    assert (sky.ghi[~sun.up] == 0).all()
    assert not sky.estimated[~sun.up].any()
    assert sky.estimated[sun.up].all()


def test_beam_and_diffuse_add_up_to_global(sun):
    ghi = 0.6 * sun.clear_ghi
    sky = sky_under(sun, ghi)
    high = sun.zenith < 80
    assert np.allclose((sky.dni * np.cos(np.radians(sun.zenith)) + sky.dhi)[high], ghi[high], rtol=1e-3)


def test_a_measured_hour_is_never_replaced_by_cloud(sun):
    ghi = np.where(np.arange(24) == 12, np.nan, 300.0)
    sky = sky_under(sun, ghi, np.ones(24))
    assert sky.estimated.sum() == 1
    assert sky.ghi[13] == 300.0
    assert sky.ghi[12] == pytest.approx(0.25 * sun.clear_ghi[12])


def test_neither_reading_nor_cloud_leaves_the_hour_open(sun):
    sky = sky_under(sun, np.full(24, np.nan))
    assert np.isnan(sky.ghi[12])
    assert np.isnan(sky.dni[12])


def test_kasten_and_czeplak_on_paper():
    assert cloudy_ghi(np.array([800.0]), np.array([0.5]))[0] == pytest.approx(800 * (1 - 0.75 * 0.5**3.4))
    assert cloudy_ghi(np.array([800.0]), np.array([0.0]))[0] == 800
