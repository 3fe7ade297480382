from dataclasses import replace

import numpy as np
import pytest

from tamna.series.quality.sunlight import is_dark, night_generation, pv_hour_label

HOUR = np.timedelta64(3600, "s")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("hours", [-2, -1, 1, 2])
def test_pv_an_hour_off_the_sun_is_a_shifted_clock_and_not_storage(made, seed, hours):
    track = made(seed)["jeju/pv"]
    shifted = replace(track, valid_at=track.valid_at + hours * HOUR)
    found = pv_hour_label(shifted)
    assert {f.size for f in found} == {hours}
    covered = sum(int((f.end - f.start).astype(int)) for f in found)
    assert covered >= 0.9 * len(track) * 3600
    assert night_generation(shifted, found) == []


def test_half_a_year_of_another_label_is_found_where_it_begins(made):
    track = made()["jeju/pv"]
    value = track.value.copy()
    value[4320:] = np.roll(track.value, -1)[4320:]
    (f,) = pv_hour_label(track.with_values(value))
    assert f.size == -1
    assert abs((f.start - track.valid_at[4320]).astype(int)) <= 60 * 86400
    assert f.end == track.valid_at[-1] + HOUR


@pytest.mark.parametrize("mwh", [2.0, 8.0])
def test_storage_that_gives_in_the_evening_is_not_a_shifted_clock(made, mwh):
    track = made()["jeju/pv"]
    evening = np.isin((track.valid_at + 9 * HOUR).astype(int) // 3600 % 24, [20, 21, 22])
    noon = np.isin((track.valid_at + 9 * HOUR).astype(int) // 3600 % 24, [11, 12, 13])
    stored = track.with_values(track.value + mwh * evening - np.minimum(mwh, track.value) * noon)
    assert pv_hour_label(stored) == []
    (f,) = night_generation(stored, [])
    dark = is_dark(track.valid_at)
    assert f.kind == "night_generation"
    assert f.size == pytest.approx(stored.value[dark].sum())
    assert "storage behind plants" in str(f.text)


@pytest.mark.parametrize("seed", range(6))
def test_clean_pv_is_neither(made, seed):
    track = made(seed)["jeju/pv"]
    assert pv_hour_label(track) == []
    assert night_generation(track, []) == []
