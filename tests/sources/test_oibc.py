"""Weather as issued: Unix seconds, places by name, stray headers."""

from __future__ import annotations

import numpy as np

from sources.samples import oibc_forecast
from tamna.sources import Kind, read_file


def test_a_forecast_carries_its_issue_and_its_place(tmp_path):
    (tmp_path / "x.csv").write_text(oibc_forecast())
    reading = read_file(tmp_path / "x.csv")
    blocks = {b.series: b for b in reading.blocks}
    assert {name.split("/")[1] for name in blocks} == {"gaigeturi", "cheju-do"}
    temperature = blocks["forecast/cheju-do/temperature"]
    assert temperature.issued_at.tolist() == [np.datetime64("2024-03-01T02:00:00").item()] * 3
    assert temperature.valid_at[0] == np.datetime64("2024-03-01T15:00:00")
    assert temperature.value.tolist() == [0.5, 1.5, 2.5]
    assert "1 header rows inside the table left out" in reading.receipt.notes
    assert reading.receipt.ignored == {
        "temp_max": "equals temp in every row",
        "temp_min": "equals temp in every row",
    }


def test_rain_is_a_rate_over_the_hour_before(tmp_path):
    (tmp_path / "x.csv").write_text(oibc_forecast())
    rain = next(b for b in read_file(tmp_path / "x.csv").blocks if b.series.endswith("precipitation"))
    assert (rain.unit, rain.kind) == ("mm/h", Kind.MEAN)
    assert rain.valid_at[0] == np.datetime64("2024-03-01T14:00:00")


def test_observations_are_instants_at_irregular_seconds(tmp_path):
    (tmp_path / "x.csv").write_text(
        "location,ts,cloud,temp,temp_max,temp_min,humidity,ground_press,wind_speed,wind_dir,rain,snow\n"
        "Jeju,1709218856,80.0,8.03,8.5,8.03,73.0,1023.0,10.34,352.0,0.0,0.0\n"
    )
    blocks = {b.series: b for b in read_file(tmp_path / "x.csv").blocks}
    assert blocks["observed/jeju/temperature"].valid_at[0] == np.datetime64("2024-02-29T15:00:56")
    assert "observed/jeju/temperature_max" in blocks
    assert blocks["observed/jeju/temperature"].issued_at is None
