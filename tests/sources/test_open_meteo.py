"""Open-Meteo: metadata lines, km/h, radiation of the hour before."""

from __future__ import annotations

import numpy as np
import pytest

from sources.samples import open_meteo
from tamna.sources import Kind, read_file


def test_metadata_tell_place_and_clock_and_wind_becomes_metres_a_second(tmp_path):
    (tmp_path / "x.csv").write_text(open_meteo())
    blocks = {b.series: b for b in read_file(tmp_path / "x.csv").blocks}
    assert blocks["open_meteo/jeju/wind_speed"].value[0] == pytest.approx(10.0)
    assert blocks["open_meteo/jeju/temperature"].valid_at[0] == np.datetime64("2024-12-31T15:00:00")
    radiation = blocks["open_meteo/jeju/radiation"]
    assert radiation.valid_at[0] == np.datetime64("2024-12-31T14:00:00")
    assert radiation.kind is Kind.MEAN


def test_another_place_is_not_called_jeju(tmp_path):
    text = open_meteo("Europe/Berlin").replace("33.497364,126.53465", "52.52,13.41")
    (tmp_path / "x.csv").write_text(text)
    block = read_file(tmp_path / "x.csv").blocks[0]
    assert block.series == "open_meteo/52.52_13.41/temperature"
    assert block.valid_at[0] == np.datetime64("2024-12-31T23:00:00")


def test_without_metadata_the_sun_tells_the_clock(tmp_path):
    text = open_meteo().split("\n\n")[1].replace("time,", "timestamp,", 1)
    (tmp_path / "x.csv").write_text(text)
    reading = read_file(tmp_path / "x.csv")
    assert reading.blocks[0].series == "open_meteo/jeju/temperature"
    assert any("by radiation" in note for note in reading.receipt.notes)
