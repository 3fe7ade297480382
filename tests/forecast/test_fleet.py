import numpy as np
import pytest

from tamna.forecast.fleet import Given, level_at, pv_share, sun_at, wind_share
from tamna.forecast.history import History, Track
from tamna.grid.clock import DAY, HOUR
from tamna.grid.sun import JEJU
from tamna.physics.sun import sun_over

START = np.datetime64("2023-12-01T00:00:00", "s")
STAMPS = START + np.arange(60 * 24) * HOUR


def growing(factor_late=2.0, delay=HOUR):
    share = 0.5 + 0.4 * np.sin(np.arange(len(STAMPS)))
    value = 100.0 * share * np.where(STAMPS < START + 50 * DAY, 1.0, factor_late)
    history = History({"reading/x": Track(START, value, STAMPS + HOUR + delay)}, {})
    return history, Given(START, share, STAMPS + HOUR)


def test_the_level_is_measured_over_given():
    history, given = growing(factor_late=1.0)
    assert level_at(history, "reading/x", given, STAMPS[-1:])[0] == pytest.approx(100.0)


def test_the_level_follows_a_fleet_that_grows():
    history, given = growing()
    early, late = level_at(history, "reading/x", given, np.array([START + 49 * DAY, START + 60 * DAY]))
    assert early == pytest.approx(100.0)
    assert 110 < late < 150


def test_what_was_not_known_at_the_issue_does_not_count():
    history, given = growing(delay=30 * DAY)
    assert level_at(history, "reading/x", given, np.array([START + 60 * DAY]))[0] == pytest.approx(100.0)
    assert np.isnan(level_at(history, "reading/x", given, np.array([START + 20 * DAY]))[0])


def test_the_level_without_weather_is_not_known():
    history, _given = growing()
    assert np.isnan(level_at(history, "reading/x", None, STAMPS[-2:])).all()


def test_the_sun_of_a_year_is_the_sun_of_its_hours():
    picked = STAMPS[[5, 30 * 24 + 3, 31 * 24 + 4, 59 * 24]]
    mine, theirs = sun_at(picked, JEJU), sun_over(picked, *JEJU)
    for name in ("zenith", "azimuth", "clear_ghi", "extra_dni", "day_of_year"):
        np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), rtol=1e-12)


def test_cloud_takes_from_a_clear_noon_and_night_stays_zero():
    noon = np.array(["2024-06-21T03:00:00", "2024-06-21T15:00:00"], dtype="datetime64[s]")
    clear = pv_share(noon, JEJU)
    thick = pv_share(noon, JEJU, cloud=np.array([100.0, 100.0]))
    assert clear[1] == thick[1] == 0.0
    assert 0.15 < thick[0] / clear[0] < 0.5


def test_more_wind_gives_more_until_the_storm():
    share = wind_share(np.array([0.0, 2.0, 4.0, 6.0, 20.0]))
    assert (np.diff(share[:4]) > 0).all()
    assert share[4] < 0.2
