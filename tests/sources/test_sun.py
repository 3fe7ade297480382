"""The sun over Jeju, against published sunrise and sunset."""

from __future__ import annotations

import numpy as np

from tamna.sources.sun import elevation, highest

JEJU = (33.514, 126.530)


def at(text: str) -> float:
    return float(elevation(np.array([text], dtype="datetime64[s]"), *JEJU)[0])


def test_the_sun_crosses_the_horizon_at_the_almanacs_minutes():
    # KASI almanac for Jeju: 2023-06-21 rise 05:25, set 19:46 KST; the disc's upper edge with refraction, -0.83 deg
    assert -1.3 < at("2023-06-20T20:25:00") < -0.3
    assert -1.3 < at("2023-06-21T10:46:00") < -0.3


def test_noon_is_as_high_as_latitude_and_tilt_say():
    noon = np.arange("2023-06-21T02:30", "2023-06-21T04:30", dtype="datetime64[m]").astype("datetime64[s]")
    assert abs(elevation(noon, *JEJU).max() - (90 - 33.514 + 23.44)) < 0.05


def test_an_hour_is_as_high_as_its_highest_moment():
    start = np.array(["2023-01-01T22:00:00"], dtype="datetime64[s]")
    assert highest(start, 3600, *JEJU)[0] == max(
        at("2023-01-01T22:00:00"), at("2023-01-01T22:30:00"), at("2023-01-01T23:00:00")
    )
