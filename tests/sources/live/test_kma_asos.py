"""ASOS: instants stay, sums belong to the hour before, blanks keep their meaning."""

import numpy as np
import pytest

import fake_answers as fake
from live_tools import answer, block_of, stamp
from tamna.errors import SourceError
from tamna.sources.block import Flag, Kind
from tamna.sources.live.kma_asos import read_asos


def _read(rows):
    return read_asos([answer(fake.envelope(rows))])


def test_instants_keep_their_stamp_and_sums_move_an_hour_back():
    reading = _read(fake.asos())
    temperature = block_of(reading, "asos/184/temperature")
    rain = block_of(reading, "asos/184/precipitation")
    assert temperature.valid_at[0] == stamp("2026-05-31T15:00:00")
    assert rain.valid_at[0] == stamp("2026-05-31T14:00:00")
    assert (temperature.kind, rain.kind, rain.unit) == (Kind.INSTANT, Kind.SUM, "mm")


def test_radiation_is_the_mean_of_the_hour_before_in_w_m2():
    radiation = block_of(_read(fake.asos()), "asos/184/radiation")
    at_noon = radiation.valid_at == stamp("2026-06-01T02:00:00")  # stamped 12:00 KST: 11-12 h
    assert radiation.value[at_noon][0] == pytest.approx(500.0)
    assert (radiation.unit, radiation.kind) == ("W/m2", Kind.MEAN)


def test_blank_rain_is_zero_by_implication_and_so_is_the_sun_at_night():
    reading = _read(fake.asos())
    rain, radiation = (block_of(reading, f"asos/184/{q}") for q in ("precipitation", "radiation"))
    assert (rain.value == 0).all()
    assert (rain.flag & Flag.IMPLIED > 0).all()
    night = radiation.valid_at == stamp("2026-05-31T14:00:00")
    assert radiation.value[night][0] == 0
    assert radiation.flag[night][0] & Flag.IMPLIED


def test_a_blank_by_day_stays_missing():
    rows = fake.asos()
    rows[12]["icsr"] = ""
    radiation = block_of(_read(rows), "asos/184/radiation")
    assert np.isnan(radiation.value[12])
    assert radiation.flag[12] & Flag.MISSING


def test_a_station_without_a_sensor_has_no_series():
    rows = [row | {"icsr": ""} for row in fake.asos(station="188")]
    assert "asos/188/radiation" not in {b.series for b in _read(rows).blocks}


def test_the_providers_marks_are_kept():
    rows = fake.asos(hours=4)
    rows[1] |= {"taQcflg": "1"}
    rows[2] |= {"taQcflg": "9"}
    rows[3] |= {"rnQcflg": "9"}
    reading = _read(rows)
    temperature, rain = (block_of(reading, f"asos/184/{q}") for q in ("temperature", "precipitation"))
    assert temperature.flag[1] & Flag.SUSPECT
    assert temperature.flag[1] & Flag.BY_PROVIDER
    assert np.isnan(temperature.value[2])
    assert np.isnan(rain.value[3])
    assert not rain.flag[3] & Flag.IMPLIED


def test_cloud_is_percent_and_visibility_metres():
    reading = _read(fake.asos())
    assert block_of(reading, "asos/184/cloud_cover").value[0] == 70
    assert block_of(reading, "asos/184/visibility").value[0] == 20_000


def test_an_absent_hour_is_a_gap():
    rows = fake.asos()
    del rows[5]
    assert [f.kind for f in _read(rows).findings] == ["gap"]


@pytest.mark.parametrize(("field", "value"), [("tm", "gestern"), ("stnId", "x/../y"), ("stnId", "")])
def test_rows_that_cannot_be_placed_are_refused(field, value):
    rows = fake.asos(hours=3)
    rows[1][field] = value
    with pytest.raises(SourceError):
        _read(rows)
