"""Forecast files that know the future, contradict themselves or speak in another unit; each planted, none silent."""

from __future__ import annotations

import numpy as np
import pytest

from sources.samples import open_meteo
from tamna.errors import SourceError
from tamna.forecast.history import read_history
from tamna.grid.clock import HOUR, parse_period
from tamna.series import Store
from tamna.sources import Flag, read_file

HEAD = "location,base_ts,ts,cloud,temp,humidity,ground_press,wind_speed,wind_dir,rain,snow"
ISSUE, FIRST = 1709258400, 1709305200  # 2024-03-01 02:00 UTC, 15:00 UTC
MAPPING = """
files:
  - match: f.csv
    time: {column: t, timezone: UTC, label: LABEL}
    issued_at: {column: issued, timezone: UTC}
    resolution: 1h
    columns: {v: {series: SERIES, unit: UNIT, kind: KIND}}
"""


def row(i, *, issue=ISSUE, cloud=80.0, temp=9.5, humidity=60.0, press=1010.0, wind=4.0):
    return f"Here,{issue},{FIRST + 3600 * i},{cloud},{temp},{humidity},{press},{wind},180.0,0.0,0.0"


def oibc(tmp_path, rows):
    (tmp_path / "x.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    return tmp_path / "x.csv"


def mapped(
    tmp_path, rows, *, series="forecast/here/temperature", unit="degC", kind="instant", label="instant"
):
    text = MAPPING.replace("SERIES", series).replace("UNIT", unit).replace("KIND", kind)
    (tmp_path / "tamna-mapping.yaml").write_text(text.replace("LABEL", label))
    (tmp_path / "f.csv").write_text("issued,t,v\n" + "\n".join(rows) + "\n")
    return tmp_path / "f.csv"


def mapped_rows(values, issued="2024-03-01 00:00", day="2024-03-02"):
    return [f"{issued},{day} {i % 24:02d}:00,{v}" for i, v in enumerate(values)]


def refusal(path):
    with pytest.raises(SourceError) as refused:
        read_file(path)
    return str(refused.value)


def test_a_run_issued_after_its_hour_is_refused_with_row_and_column(tmp_path):
    rows = [row(0), row(1, issue=FIRST + 2 * 3600)]
    text = refusal(oibc(tmp_path, rows))
    assert "x.csv, row 3, column 'base_ts': issued after the time it speaks of" in text
    assert f"(got {FIRST + 2 * 3600})" in text
    assert "Are the two time columns swapped" in text


def test_a_mapped_run_issued_after_its_hour_is_refused_too(tmp_path):
    text = refusal(
        mapped(tmp_path, ["2024-03-02 05:00,2024-03-02 04:00,3", *mapped_rows([3], day="2024-03-03")])
    )
    assert "f.csv, row 2, column 'issued': issued after the time it speaks of (got 2024-03-02 05:00)" in text


def test_an_hour_may_be_forecast_until_it_has_ended(tmp_path):
    path = mapped(tmp_path, ["2024-03-02 04:30,2024-03-02 04:00,3"], kind="mean", label="start")
    assert read_file(path).blocks[0].value.tolist() == [3.0]
    (tmp_path / "f.csv").write_text("issued,t,v\n2024-03-02 05:30,2024-03-02 04:00,3\n")
    assert "issued after the time it speaks of" in refusal(path)


@pytest.mark.parametrize("kind", ["oibc", "mapped"])
def test_a_run_from_the_future_is_refused(tmp_path, kind):
    if kind == "oibc":
        ahead = 4039372800  # 2098
        path = oibc(
            tmp_path,
            [row(0), f"Here,{ahead},{ahead + 7200},80,9.5,60,1010,4,180,0,0"],
        )
    else:
        path = mapped(tmp_path, mapped_rows([3.0], issued="2098-01-01 00:00", day="2098-01-02"))
    assert "issued in the future" in refusal(path)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"temp": 282.6}, "column 'temp': the numbers of temperature are not in degC: they look like K"),
        ({"cloud": 0.8}, "column 'cloud': the numbers of cloud_cover are not in %: they look like 1"),
        ({"humidity": 0.6}, "column 'humidity': the numbers of humidity are not in %: they look like 1"),
        ({"press": 101000.0}, "column 'ground_press': the numbers of pressure are not in hPa: they look like Pa"),
        ({"wind": 31.0}, "column 'wind_speed': the numbers of wind_speed are not in m/s: they look like km/h"),
    ],
)  # fmt: skip
def test_a_column_in_another_unit_is_refused_by_name(tmp_path, how, words):
    assert words in refusal(oibc(tmp_path, [row(i, **how) for i in range(24)]))


@pytest.mark.parametrize(
    ("series", "unit", "value", "other"),
    [
        ("forecast/here/temperature", "degC", 282.0, "K"),
        ("forecast/here/cloud_cover", '"%"', 0.4, "1"),
        ("forecast/here/cloud_cover", '"1"', 40.0, "%"),
        ("forecast/here/wind_speed", "m/s", 40.0, "km/h"),
    ],
)
def test_a_mapped_column_in_another_unit_is_refused_and_told_how_to_say_it(
    tmp_path, series, unit, value, other
):
    path = mapped(tmp_path, mapped_rows([value] * 24), series=series, unit=unit)
    text = refusal(path)
    assert "f.csv, column 'v'" in text
    assert f"they look like {other}" in text
    assert f"from: {other}" in text


def test_an_archive_in_another_unit_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text(open_meteo().replace(",36.0,", ",360.0,"))
    assert "column 'wind_speed_10m (km/h)': the numbers of wind_speed are not in m/s" in refusal(
        tmp_path / "x.csv"
    )


def test_wind_that_may_be_kmh_is_kept_and_said(tmp_path):
    rows = [row(i % 24 + 24 * (i // 24), wind=17.0) for i in range(96)]
    reading = read_file(oibc(tmp_path, rows))
    (doubt,) = [f for f in reading.findings if f.kind == "unit_doubt"]
    assert str(doubt.text) == "the median wind is 17.0 m/s: km/h?"


def test_a_storm_of_a_day_is_not_another_unit(tmp_path):
    reading = read_file(oibc(tmp_path, [row(i, wind=21.0) for i in range(36)]))
    assert not [f for f in reading.findings if f.kind == "unit_doubt"]


def test_hours_missing_within_a_run_are_said_and_not_filled(tmp_path):
    reading = read_file(oibc(tmp_path, [row(i) for i in range(24) if i not in (5, 6, 11)]))
    gaps = {f.series: f for f in reading.findings if f.kind == "gap"}
    assert gaps["forecast/here/temperature"].size == 3.0
    assert "3 steps are missing within 1 runs" in str(gaps["forecast/here/temperature"].text)
    block = next(b for b in reading.blocks if b.series.endswith("/temperature"))
    assert len(block) == 21


def test_a_whole_run_has_no_gap(tmp_path):
    assert not read_file(oibc(tmp_path, [row(i) for i in range(24)])).findings


def test_two_values_of_one_issue_and_hour_are_flagged_and_neither_is_used(tmp_path):
    earlier = [row(i, issue=ISSUE - 86400, temp=7.0) for i in range(6)]
    reading = read_file(oibc(tmp_path, [*earlier, *(row(i) for i in range(6)), row(3, temp=15.0)]))
    block = next(b for b in reading.blocks if b.series.endswith("/temperature"))
    assert ((block.flag & Flag.SUSPECT) > 0).sum() == 1
    assert any("different values" in str(f.text) for f in reading.findings if f.kind == "duplicate")
    store = Store.open(tmp_path / "store")
    store.ingest([reading])
    period = parse_period("2024-03-01", "2024-03-03", "UTC")
    history = read_history(
        store, period, tracks={}, runs={"forecast/temperature": ["forecast/here/temperature"]}
    )
    hours = np.datetime64(FIRST, "s") + np.arange(6) * HOUR
    known = history.at("forecast/temperature", hours, np.full(6, np.datetime64(FIRST, "s")))
    assert known[3] == 7.0  # the earlier run answers for the contradicted hour
    assert known[1] == 9.5
