import numpy as np

from tamna.grid.sun import sine_of_elevation


def _elevation(stamp: str, latitude: float = 33.5) -> float:
    stamps = np.array([stamp], dtype="datetime64[s]")
    return float(np.degrees(np.arcsin(sine_of_elevation(stamps, latitude, 126.53)))[0])


def test_the_sun_culminates_at_ninety_less_latitude_at_the_equinox():
    day = np.arange("2023-03-21", "2023-03-22", 60, dtype="datetime64[s]")
    highest = np.degrees(np.arcsin(sine_of_elevation(day, 33.5, 126.53).max()))
    assert abs(highest - (90 - 33.5)) < 0.4


def test_jeju_sunrise_of_new_year_is_at_07_38():
    # KASI publishes 07:38 for Jeju city on 1 January; upper limb with refraction: -0.83 degrees
    assert abs(_elevation("2022-12-31T22:38") + 0.83) < 0.5


def test_noon_in_june_is_higher_than_in_december_by_twice_the_tilt_of_the_earth():
    assert abs(_elevation("2023-06-21T03:36") - _elevation("2023-12-21T03:32") - 46.87) < 0.3


def test_a_tilted_plane_sees_the_sun_of_a_place_further_south():
    assert _elevation("2023-12-21T03:32", 33.5 - 25) > _elevation("2023-12-21T03:32") + 24
