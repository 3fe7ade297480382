from __future__ import annotations

import numpy as np
import pytest

from physics.making import make_year
from tamna.physics.sun import sun_over
from tamna.physics.weather import Place, bridge, pressure_slope, pv_features, shifted, wind_features

N = 48
STAMPS = np.arange("2023-05-01T15", "2023-05-03T15", dtype="datetime64[h]").astype("datetime64[s]")


def place(longitude=126.5, latitude=33.4, **given):
    plain = {
        "speed": np.full(N, 5.0), "direction": np.full(N, 270.0), "temperature": np.full(N, 15.0),
        "humidity": np.full(N, 60.0), "pressure": np.full(N, 1013.0), "cloud": np.full(N, 0.2),
    }  # fmt: skip
    return Place(latitude=latitude, longitude=longitude, **(plain | given))


def test_a_short_gap_is_bridged_and_a_long_one_stays():
    v = np.arange(20.0)
    v[3:6] = np.nan
    v[9:17] = np.nan
    out = bridge(v)
    assert out[3:6].tolist() == [3, 4, 5]
    assert np.isnan(out[9:17]).all()


def test_the_ends_hold_where_nothing_comes_after():
    assert shifted(np.array([1.0, 2.0, 3.0]), 2).tolist() == [3, 3, 3]
    assert shifted(np.array([1.0, 2.0, 3.0]), -1).tolist() == [1, 1, 2]


def test_pressure_that_falls_eastward_has_a_slope_and_an_offset_barometer_does_not():
    wave = np.sin(np.arange(N) / 5)
    east = [126.2, 126.5, 126.9, 126.6]
    north = [33.3, 33.5, 33.4, 33.25]
    places = [
        place(e, n, pressure=1013 + wave * (e - 126.55) + 3.0 * i)
        for i, (e, n) in enumerate(zip(east, north, strict=True))
    ]
    x, y, _level = pressure_slope(places)
    per_100_km = 100 / (np.cos(np.radians(np.mean(north))) * 111.2)
    assert x == pytest.approx(wave * per_100_km - np.median(wave) * per_100_km, abs=1e-6)
    assert y == pytest.approx(0, abs=1e-6)


def test_the_table_says_what_it_holds():
    table = make_year(days=3).table
    assert len(table.names) == table.rows.shape[1] == len(set(table.names))
    assert "west/speed+0" in table.names


def test_a_missing_mast_leaves_its_own_columns_open_only():
    table = wind_features({"a": place(), "b": place(speed=np.full(N, np.nan))}, STAMPS)
    open_columns = {
        name for name, gone in zip(table.names, np.isnan(table.rows).any(axis=0), strict=True) if gone
    }
    assert open_columns
    assert all(name.startswith("b/") for name in open_columns)


def test_radiation_guessed_everywhere_is_flagged_and_measured_anywhere_is_not():
    sun = sun_over(STAMPS, 33.4, 126.5)
    guessed = pv_features({"a": place()}, STAMPS)
    read = pv_features({"a": place(), "b": place(radiation=sun.clear_ghi)}, STAMPS)
    assert guessed.estimated[sun.up].all()
    assert not read.estimated.any()
