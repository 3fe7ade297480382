"""Files of anybody's, by a mapping file; the example is shaped like GEFCom2014."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from tamna.errors import SourceError
from tamna.grid.clock import parse_period
from tamna.series import Store
from tamna.sources import Kind, NotSeries, read_file

MAPPING = """
files:
  - match: "train*.csv"
    by: {zone: ZONEID}
    time: {column: TIMESTAMP, format: ["%Y%m%d %H:%M", "%Y-%m-%d %H:%M:%S"], timezone: UTC, label: end}
    resolution: 1h
    delay: 1d
    columns:
      POWER: {series: "gefcom/{zone}/power", unit: "1", kind: mean}
  - match: "predictors*.csv"
    by: {zone: ZONEID}
    time: {column: TIMESTAMP, format: ["%Y%m%d %H:%M"], timezone: UTC, label: instant}
    resolution: 3600
    columns:
      VAR167: {series: "gefcom/{zone}/temperature", unit: degC, from: K, kind: instant}
      VAR134: {series: "gefcom/{zone}/pressure", unit: hPa, from: Pa, kind: instant}
"""
TRAIN = "ZONEID,TIMESTAMP,POWER\n1,20120401 01:00,0.75\n1,2012-04-01 02:00:00,0.5\n2,20120401 01:00,0.25\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tamna-mapping.yaml").write_text(MAPPING)
    (tmp_path / "train.csv").write_text(TRAIN)
    return tmp_path


def test_a_mapping_beside_the_file_makes_series_of_it(folder):
    blocks = {b.series: b for b in read_file(folder / "train.csv").blocks}
    assert set(blocks) == {"gefcom/1/power", "gefcom/2/power"}
    first = blocks["gefcom/1/power"]
    assert first.value.tolist() == [0.75, 0.5]
    assert first.valid_at.tolist() == [np.datetime64(f"2012-04-01T0{h}:00:00").item() for h in (0, 1)]
    assert (first.kind, first.source, first.delay_s) == (Kind.MEAN, "mapped", 86400)


def test_units_are_converted_and_other_columns_named(folder):
    (folder / "predictors1.csv").write_text(
        "ZONEID,TIMESTAMP,VAR134,VAR167,VAR169\n1,20120401 01:00,94843.6,294.15,2577830\n"
    )
    reading = read_file(folder / "predictors1.csv")
    values = {b.series: b.value[0] for b in reading.blocks}
    assert values["gefcom/1/temperature"] == pytest.approx(21.0)
    assert values["gefcom/1/pressure"] == pytest.approx(948.436)
    assert reading.receipt.ignored == {"VAR169": "not named in the mapping"}


def test_without_a_mapping_the_same_file_is_a_benchmark(folder):
    (folder / "tamna-mapping.yaml").unlink()
    assert isinstance(read_file(folder / "train.csv"), NotSeries)


def test_a_mapping_given_in_the_call_beats_the_folder(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "m.yaml"
    other.write_text(MAPPING.replace("gefcom/{zone}/power", "mine/{zone}/power"))
    assert read_file(folder / "train.csv", mapping=other).blocks[0].series == "mine/1/power"


def test_parquet_with_a_zone_keeps_its_moments(tmp_path):
    path = tmp_path / "meter.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT TIMESTAMPTZ '2023-01-01 00:00:00+09' AS t, 1500.0 AS kwh, 'x' AS note) TO '{path}'"
    )
    (tmp_path / "tamna-mapping.yaml").write_text(
        "files: [{match: '*.parquet', time: {column: t}, resolution: 15min,"
        " columns: {kwh: {series: farm/load, unit: MWh, from: kWh, kind: sum}}}]"
    )
    reading = read_file(path)
    (block,) = reading.blocks
    assert block.value.tolist() == [1.5]
    assert block.valid_at[0] == np.datetime64("2022-12-31T15:00:00")
    assert block.resolution_s == 900


def test_a_forecast_in_a_mapped_file_carries_its_issue(tmp_path):
    (tmp_path / "f.csv").write_text("issued,t,v\n2023-01-01 11:00,2023-01-02 00:00,5\n")
    (tmp_path / "tamna-mapping.yaml").write_text(
        "files: [{match: f.csv, time: {column: t}, issued_at: {column: issued}, resolution: 1h,"
        " columns: {v: {series: forecast/here/wind_speed, unit: m/s, kind: instant}}}]"
    )
    (block,) = read_file(tmp_path / "f.csv").blocks
    assert block.issued_at[0] == np.datetime64("2023-01-01T02:00:00")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("POWER:", "ENERGY:", "the column 'ENERGY' of the mapping is not in the file"),
        ("column: TIMESTAMP", "column: time", "the time column 'time' of the mapping"),
        ('"%Y-%m-%d %H:%M:%S"', '"%d"', "row 3, column 'TIMESTAMP': a time in none of the formats"),
        ("timezone: UTC", "timezone: Mars", "unknown time zone"),
        ("label: end", "label: middle", "files.0.time.label"),
        ("{zone: ZONEID}", "{}", "which column {zone} stands for"),
        ("from: K,", "from: bananas,", "no known factor from 'bananas' to 'degC'"),
        ("resolution: 1h", "resolution: soon", "files.0.resolution"),
        ("delay:", "delays:", "files.0.delays"),
        ("files:", "files: [", "the mapping file cannot be read"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(folder, old, new, words):
    (folder / "tamna-mapping.yaml").write_text(MAPPING.replace(old, new, 1))
    with pytest.raises(SourceError) as refused:
        read_file(folder / "train.csv")
    assert words in str(refused.value)


def test_a_damaged_parquet_file_is_refused(tmp_path):
    (tmp_path / "m.parquet").write_bytes(b"PAR1" + bytes(100))
    (tmp_path / "tamna-mapping.yaml").write_text(
        "files: [{match: '*.parquet', time: {column: t}, resolution: 1h, columns: {v: {series: a/b, unit: MW, kind: mean}}}]"
    )
    with pytest.raises(SourceError, match="damaged or cut off"):
        read_file(tmp_path / "m.parquet")


def test_the_mapping_file_itself_is_named(folder):
    assert str(read_file(folder / "tamna-mapping.yaml").what) == "a mapping file"


BERLIN = """
files:
  - match: "meter*.csv"
    by: {zone: zone}
    time: {column: time, format: ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"], timezone: Europe/Berlin}
    resolution: 15min
    columns:
      kwh: {series: "{zone}/demand", unit: MWh, from: kWh, kind: sum}
"""


def quarters(label):
    """A day of 25 hours in quarters, two meters row by row, each value its own."""
    utc = pd.date_range("2024-10-26T22:00", "2024-10-27T23:00", freq="15min", tz="UTC", inclusive="left")
    local = utc.tz_convert("Europe/Berlin").strftime(label)
    rows = [f"{z},{t},{100 * i + k}" for i, t in enumerate(local) for k, z in enumerate("ab")]
    return utc.tz_localize(None).to_numpy().astype("datetime64[s]"), "\n".join(["zone,time,kwh", *rows, ""])


@pytest.mark.parametrize("label", ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"])
def test_a_day_of_25_hours_keeps_all_its_quarters_of_every_meter(tmp_path, label):
    utc, text = quarters(label)
    (tmp_path / "tamna-mapping.yaml").write_text(BERLIN)
    (tmp_path / "meter.csv").write_text(text)
    reading = read_file(tmp_path / "meter.csv")
    assert not reading.findings
    for k, block in enumerate(reading.blocks):
        assert (block.valid_at == utc).all()
        assert block.value == pytest.approx([(100 * i + k) / 1000 for i in range(100)])


def test_an_offset_in_the_text_is_not_shifted_once_more(tmp_path):
    (tmp_path / "tamna-mapping.yaml").write_text(BERLIN.replace("Europe/Berlin", "Asia/Seoul"))
    (tmp_path / "meter.csv").write_text(
        "zone,time,kwh\na,2024-01-01T09:00+0900,1\na,2024-01-01T00:15+0000,2\n"
    )
    (block,) = read_file(tmp_path / "meter.csv").blocks
    assert [str(t) for t in block.valid_at] == ["2024-01-01T00:00:00", "2024-01-01T00:15:00"]


def test_a_corrected_mapping_reads_a_stored_file_again(folder):
    (folder / "train.csv").write_text(TRAIN)
    store = Store.open(folder / "store")
    store.ingest([read_file(folder / "train.csv")])
    mapping = folder / "tamna-mapping.yaml"
    mapping.write_text(MAPPING.replace('unit: "1", kind: mean', 'unit: "1", factor: 0.01, kind: mean'))
    report = store.ingest([read_file(folder / "train.csv")])
    assert len(report.added) == 1
    whole = parse_period("2012-04-01", "2012-04-02", "UTC")
    assert store.read("gefcom/1/power", whole).value.tolist() == [0.0075, 0.005]
    mapping.write_text(MAPPING)
    store.ingest([read_file(folder / "train.csv")])
    assert store.read("gefcom/1/power", whole).value.tolist() == [0.75, 0.5]
    assert not store.ingest([read_file(folder / "train.csv")]).added


CORRECTED = """
files:
  - match: "corrected*.csv"
    published: PUBLISHED
    time: &time {column: time, timezone: Asia/Seoul}
    resolution: 1h
    columns: &columns
      load: {series: farm/load, unit: MWh, kind: sum}
  - match: "meter*.csv"
    time: *time
    resolution: 1h
    columns: *columns
"""


@pytest.mark.parametrize(
    ("published", "held"),
    [("2023-02-10", 7.0), ("2023-02-10T09:00:00+09:00", 7.0), ("2023-01-05", 1.0)],
)
def test_a_correction_of_part_of_a_file_wins_by_the_day_on_which_it_was_published(tmp_path, published, held):
    """The meter's file runs to the end of January: what was published on 5 January is older than it."""
    (tmp_path / "tamna-mapping.yaml").write_text(CORRECTED.replace("PUBLISHED", published))
    hours = pd.date_range("2023-01-01", "2023-01-31 23:00", freq="h").strftime("%Y-%m-%d %H:%M")
    (tmp_path / "meter.csv").write_text("time,load\n" + "".join(f"{hour},1.0\n" for hour in hours))
    (tmp_path / "corrected.csv").write_text("time,load\n2023-01-02 05:00,7.0\n")
    store = Store.open(tmp_path / "store")
    store.ingest([read_file(tmp_path / name) for name in ("meter.csv", "corrected.csv")])
    load = store.read("farm/load", parse_period("2023-01-01", "2023-01-31", "Asia/Seoul")).value
    assert (load[29], load.sum()) == (held, len(hours) - 1 + held)


@pytest.mark.parametrize(
    ("published", "reason"),
    [
        ("2199-01-01", "published in the future"),
        ("2023-01-01", "published before what it tells had happened"),
        ("2023-01-02T05:59:00+09:00", "published before what it tells had happened"),
        ("0001-01-01", "a year from 1900 to 2199"),
        ("9999-12-31T23:59:59-14:00", "a year from 1900 to 2199"),
    ],
)
def test_a_publication_that_cannot_be_is_refused(tmp_path, published, reason):
    """It would win, or lose, for ever."""
    (tmp_path / "tamna-mapping.yaml").write_text(CORRECTED.replace("PUBLISHED", published))
    (tmp_path / "corrected.csv").write_text("time,load\n2023-01-02 05:00,7.0\n")
    with pytest.raises(SourceError, match=reason):
        read_file(tmp_path / "corrected.csv")


@pytest.mark.parametrize("published", ["2023-01-02", "2023-01-02T06:00:00+09:00"])
def test_the_day_of_the_last_reading_and_the_moment_of_its_end_are_publications(tmp_path, published):
    (tmp_path / "tamna-mapping.yaml").write_text(CORRECTED.replace("PUBLISHED", published))
    (tmp_path / "corrected.csv").write_text("time,load\n2023-01-02 05:00,7.0\n")
    assert read_file(tmp_path / "corrected.csv").receipt.retrieved_at


def test_a_moment_of_publication_without_its_zone_is_refused(tmp_path):
    (tmp_path / "tamna-mapping.yaml").write_text(CORRECTED.replace("PUBLISHED", "2023-02-10 09:00:00"))
    (tmp_path / "corrected.csv").write_text("time,load\n2023-01-02 05:00,7.0\n")
    with pytest.raises(SourceError, match="needs its zone"):
        read_file(tmp_path / "corrected.csv")
