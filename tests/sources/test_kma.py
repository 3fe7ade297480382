"""ASOS: instants and sums, the provider's flags, blank nights."""

from __future__ import annotations

import numpy as np
import pytest

from sources.samples import kma
from tamna.sources import Flag, Kind, read_file


def read(tmp_path, text: str):
    (tmp_path / "x.csv").write_bytes(text.encode("cp949"))
    reading = read_file(tmp_path / "x.csv")
    return reading, {b.series.split("/")[2]: b for b in reading.blocks}


def test_instants_stand_at_the_stamp_and_sums_before_it(tmp_path):
    _reading, blocks = read(tmp_path, kma())
    midnight = np.datetime64("2023-01-01T15:00:00")  # 2023-01-02 0:00 KST
    assert blocks["temperature"].valid_at[0] == midnight
    assert blocks["temperature"].kind is Kind.INSTANT
    assert blocks["radiation"].valid_at[0] == midnight - np.timedelta64(1, "h")
    assert (blocks["radiation"].kind, blocks["sunshine"].kind) == (Kind.MEAN, Kind.SUM)


def test_units_become_ours(tmp_path):
    _reading, blocks = read(tmp_path, kma())
    assert blocks["radiation"].value[12] == pytest.approx(500.0)  # 1.80 MJ/m2 in an hour
    assert blocks["cloud_cover"].value[3] == 30
    assert blocks["cloud_base"].value[0] == 1200


def test_a_blank_night_is_zero_and_a_blank_day_is_missing(tmp_path):
    noon = "12:00,12.5,,,,3.5,,0.5,,1.80,"
    assert noon in kma()
    _reading, blocks = read(tmp_path, kma().replace(noon, "12:00,12.5,,,,3.5,,0.5,,,9"))
    radiation = blocks["radiation"]
    assert (radiation.value[:7] == 0).all()
    assert (radiation.flag[:7] == Flag.IMPLIED).all()
    assert np.isnan(radiation.value[12])
    assert radiation.flag[12] == Flag.MISSING | Flag.BY_PROVIDER


def test_blank_rain_without_a_flag_is_no_rain_and_with_flag_9_is_missing(tmp_path):
    _reading, blocks = read(tmp_path, kma().replace("3:00,3.5,,,,", "3:00,3.5,,,9,", 1))
    rain = blocks["precipitation"]
    assert rain.flag[3] == Flag.MISSING | Flag.BY_PROVIDER
    assert (rain.flag[:3] == Flag.IMPLIED).all()


def test_a_value_that_the_provider_calls_wrong_is_kept_and_suspect(tmp_path):
    _reading, blocks = read(tmp_path, kma().replace("5:00,5.5,,", "5:00,5.5,1,", 1))
    assert blocks["temperature"].value[5] == 5.5
    assert blocks["temperature"].flag[5] == Flag.SUSPECT | Flag.BY_PROVIDER


def test_text_columns_are_named_with_their_reason(tmp_path):
    reading, blocks = read(tmp_path, kma())
    assert reading.receipt.ignored["운형(운형약어)"] == "text (cloud types)"
    assert reading.receipt.ignored["지점명"] == "name of the station"
    assert len(blocks) == 7


def test_stations_are_told_apart(tmp_path):
    other = kma().split("\n", 1)[1].replace("184,제주", "189,서귀포")
    _reading, _blocks = read(tmp_path, kma() + other)
    assert {b.series.split("/")[1] for b in _reading.blocks} == {"184", "189"}
