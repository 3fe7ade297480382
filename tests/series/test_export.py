from __future__ import annotations

import csv
import io
import json

import duckdb
import pytest

from series.making import NAN, block, demand, period, reading
from tamna.errors import StoreError
from tamna.series.export import flag_words, to_csv, to_parquet, value_column
from tamna.series.store import Store
from tamna.sources.block import Flag, Kind


@pytest.fixture
def exported(tmp_path):
    store = Store.open(tmp_path / "store")
    store.ingest([demand([0, 1, 2], [0.1 + 0.2, NAN, -5], flags=[0, 0, Flag.SUSPECT])])
    return store.read("jeju/demand", period(0, 3))


def test_csv_says_when_how_much_and_what_is_known_against_it(exported):
    text = io.StringIO()
    to_csv(exported, text)
    assert text.getvalue().splitlines() == [
        "valid_at,demand_mwh,flag,known_at,source",
        "2023-01-01T00:00:00Z,0.30000000000000004,assumed_known,2023-01-01T02:00:00Z,kpx_demand",
        "2023-01-01T01:00:00Z,,missing assumed_known,2023-01-01T03:00:00Z,kpx_demand",
        "2023-01-01T02:00:00Z,-5.0,suspect assumed_known,2023-01-01T04:00:00Z,kpx_demand",
    ]


def test_csv_gives_back_every_number_exactly(exported, tmp_path):
    to_csv(exported, tmp_path / "out.csv")
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(r["demand_mwh"]) for r in rows if r["demand_mwh"]] == [0.1 + 0.2, -5]


def test_parquet_carries_units_in_names_and_metadata(exported, tmp_path):
    file = tmp_path / "it's.parquet"
    to_parquet(exported, file)
    quoted = str(file).replace("'", "''")
    rows = duckdb.sql(f"SELECT * FROM read_parquet('{quoted}')")
    assert rows.columns == ["valid_at", "demand_mwh", "flag", "known_at", "source"]
    assert [r[1] for r in rows.fetchall()] == [0.1 + 0.2, None, -5]
    ((text,),) = duckdb.sql(
        f"SELECT value FROM parquet_kv_metadata('{quoted}') WHERE key = 'tamna'"
    ).fetchall()
    assert json.loads(text) == {
        "series": "jeju/demand",
        "unit": "MWh",
        "kind": "sum",
        "resolution_s": 3600,
        "sources": ["kpx_demand"],
        "time": "UTC",
    }


def test_forecasts_say_when_they_were_issued_and_empty_files_have_a_head(tmp_path):
    store = Store.open(tmp_path / "store")
    forecast = block(
        [9],
        [1],
        series="forecast/a/wind_speed",
        source="oibc_forecast",
        unit="m/s",
        kind=Kind.INSTANT,
        issued=[0],
    )
    store.ingest([reading(forecast)])
    text = io.StringIO()
    to_csv(store.read("forecast/a/wind_speed", period(0, 10)), text)
    assert text.getvalue().splitlines() == [
        "valid_at,wind_speed_m_per_s,flag,known_at,issued_at,source",
        "2023-01-01T09:00:00Z,1.0,measured,2023-01-01T00:00:00Z,2023-01-01T00:00:00Z,oibc_forecast",
    ]
    empty = store.read("forecast/a/wind_speed", period(0, 1))
    text = io.StringIO()
    to_csv(empty, text)
    assert text.getvalue().startswith("valid_at,wind_speed_m_per_s")
    to_parquet(empty, tmp_path / "empty.parquet")
    assert duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path}/empty.parquet')").fetchall() == []


def test_the_value_column_carries_the_unit(exported):
    assert value_column(exported) == "demand_mwh"


def test_flags_are_words():
    assert flag_words(0) == "measured"
    assert flag_words(Flag.ESTIMATED | Flag.COVERAGE) == "estimated coverage"


@pytest.mark.parametrize("write", [to_csv, to_parquet])
def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(exported, tmp_path, write):
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(StoreError, match="could not be written"):
        write(exported, target)
    with pytest.raises(StoreError, match="could not be written"):
        write(exported, tmp_path / "none" / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "store"]
