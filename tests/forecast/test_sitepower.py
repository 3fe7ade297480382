import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.forecast.place import site_of
from tamna.forecast.sitepower import site_power
from tamna.grid.clock import HOUR
from tamna.physics.sun import sun_over

MIDSUMMER = np.datetime64("2024-06-20T00:00:00", "s") + np.arange(48) * HOUR
LEAD = np.arange(48.0)


def pv(latitude, longitude, stamps=MIDSUMMER, weather=None, **more):
    site = site_of(latitude=latitude, longitude=longitude, pv_mw=10, **more)
    return site_power(site, weather or {}, stamps, LEAD[: len(stamps)], paths=80).paths["pv"]


@settings(max_examples=40)
@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 364))
def test_anywhere_and_on_any_day_night_is_zero_and_capacity_is_the_limit(latitude, longitude, day):
    stamps = np.datetime64("2024-01-01T00:00:00", "s") + np.arange(day * 24, day * 24 + 24) * HOUR
    made = pv(latitude, longitude, stamps)
    assert np.isfinite(made).all()
    assert made.min() >= 0
    assert made.max() <= 1
    dark = sun_over(stamps, latitude, longitude).zenith >= 90
    assert (made[:, dark] == 0).all()


def test_at_the_poles_the_day_and_the_night_last():
    assert (pv(80, 10) > 0).all()
    assert (pv(-80, 10) == 0).all()


def test_noon_comes_when_the_sun_stands_over_the_longitude():
    for longitude in (-180.0, -90.0, 0.0, 126.5, 179.9):
        mean = pv(10, longitude).mean(axis=0)[:24]
        noon_utc = float(np.average(np.arange(24), weights=np.roll(mean, round(longitude / 15)))) + 0.5
        assert noon_utc == pytest.approx(12.0, abs=1.2)


def test_both_sides_of_the_date_line_are_one_place():
    np.testing.assert_allclose(pv(10, 180.0), pv(10, -180.0))
    np.testing.assert_allclose(pv(10, 181.0), pv(10, -179.0))


def test_modules_that_look_away_from_the_equator_make_less():
    winter = MIDSUMMER
    assert pv(-35, 149, winter).sum() > 1.3 * pv(-35, 149, winter, azimuth_deg=180).sum()


def test_a_forecast_makes_the_band_narrower_than_the_climate():
    said = {"cloud_cover": np.zeros(48), "temperature": np.full(48, 25.0)}
    width = [np.ptp(np.quantile(made, [0.1, 0.9], axis=0), axis=0).sum() for made in (pv(33.5, 126.5, weather=said), pv(33.5, 126.5))]  # fmt: skip
    assert width[0] < 0.6 * width[1]


def test_wind_knows_its_height_and_its_air():
    def mean(weather, **more):
        site = site_of(latitude=33, longitude=126, wind_mw=5, **more)
        return site_power(site, weather, MIDSUMMER, LEAD, paths=80).paths["wind"].mean()

    said = {"wind_speed": np.full(48, 6.0)}
    assert mean(said, hub_m=120) > mean(said, hub_m=40)
    assert mean(said) > mean(said, altitude_m=3000)
    assert mean({"wind_speed_100m": np.full(48, 6.0)}) < mean(said)


def test_a_storm_stops_the_turbines():
    site = site_of(latitude=33, longitude=126, wind_mw=5)
    found = site_power(site, {"wind_speed_100m": np.full(48, 40.0)}, MIDSUMMER, LEAD, paths=80)
    assert np.median(found.paths["wind"]) < 0.01


def test_what_a_site_does_not_have_is_not_forecast():
    found = site_power(site_of(latitude=0, longitude=0, pv_mw=1), {}, MIDSUMMER, LEAD, paths=10)
    assert set(found.paths) == {"pv"}
