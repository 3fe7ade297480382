"""Lost wind on the real public files: 2023 judged by the other years, and what 2024 can and cannot say."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from tamna.runs import ingest, open_store
from tamna.serve.cli.app import run
from tamna.sources import find_files

FOLDERS = ("kpx/demand", "kpx/generation", "kpx/curtailment", "oibc2024", "kma")


@pytest.fixture(scope="module")
def store(shared_data, tmp_path_factory):
    place = tmp_path_factory.mktemp("lost") / "store"
    ingest(open_store(place), find_files([shared_data / f for f in FOLDERS if (shared_data / f).exists()]))
    return str(place)


def months(capsys, store, year, *more):
    given = ["measure", "jeju", "--from", f"{year}-01-01", "--to", f"{year}-12-31", "--by", "month"]
    assert run([*given, "--curtailment", "--store", store, "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)["curtailment_estimated"]


@pytest.mark.data
@pytest.mark.slow
def test_the_year_with_published_hours_is_met_without_looking_at_it(capsys, store, tmp_path):
    found = months(capsys, store, 2023, "--hours", str(tmp_path / "hours.csv"))
    assert sum(found["mwh"]) == pytest.approx(26_197, rel=0.10)
    assert sum(found["published_mwh"]) == pytest.approx(26_197, abs=5)
    inside = [
        lo <= p <= hi
        for lo, p, hi in zip(found["low_mwh"], found["published_mwh"], found["high_mwh"], strict=True)
    ]
    assert sum(inside) >= 8
    assert found["learned"][0]["floor_from"] == [2022, 2024]
    with (tmp_path / "hours.csv").open() as file:
        rows = list(csv.DictReader(file))
    held = np.array([float(r["wind_curtailment_estimated_mwh"] or "nan") for r in rows])
    assert np.nansum(held) == pytest.approx(sum(found["mwh"]))
    assert all((r["curtailment_unavailable"] == "") != np.isnan(v) for r, v in zip(rows, held, strict=True))


@pytest.mark.data
@pytest.mark.slow
def test_after_the_bidders_left_nothing_unpublished_is_zero(capsys, store):
    found = months(capsys, store, 2024)
    assert found["published_mwh"] == [None] * 12
    assert found["classes"]["instructed"] == [None] * 12
    assert found["mwh"][8:] == [None] * 4
    assert all("has left the settled wind series" in why for why in found["reason"][8:])
    assert found["hours_other_base"][:5] == [0] * 5
    assert min(found["hours_other_base"][5:8]) > 600
    assert found["classes"]["market"][5] > 0 == found["classes"]["inferred"][5]


@pytest.mark.data
@pytest.mark.slow
def test_what_left_the_settled_series_is_counted_as_an_estimate_and_the_settled_share_keeps_its_warning(
    capsys, store, tmp_path
):
    given = ["measure", "jeju", "--from", "2024-06-01", "--to", "2024-08-31", "--store", store]
    assert run([*given, "--json", "--hours", str(tmp_path / "hours.csv")]) == 0
    found = json.loads(capsys.readouterr().out)
    plain, whole = (found["shares"][b]["coverage"] for b in ("settled", "settled_whole"))
    assert plain["coverage_hours"] == [2208]
    assert plain["low"] == [None]
    assert whole["coverage_hours"] == [0]
    assert whole["estimated_hours"] == whole["hours_counted"] == [2183]
    assert plain["value"][0] < whole["low"][0] < whole["value"][0] < whole["high"][0]
    check = found["unseen"]["left"]["wind"]["check"]
    assert check["source"] == "kpx_realtime"
    assert check["inside"]
    with (tmp_path / "hours.csv").open() as file:
        rows = list(csv.DictReader(file))
    missing = sum(float(r["wind_missing_estimated_mwh"] or 0.0) for r in rows)
    assert missing == pytest.approx(found["generation"]["wind_missing_estimated"]["mwh"][0])
    assert all(
        "estimated:wind_missing_estimated" in r["flags"] for r in rows if r["wind_missing_estimated_mwh"]
    )


@pytest.mark.data
@pytest.mark.slow
def test_pv_behind_the_meter_is_bounded_and_held_against_the_hollow(capsys, store, tmp_path):
    given = ["measure", "jeju", "--from", "2023-01-01", "--to", "2023-12-31", "--store", store]
    assert run([*given, "--json", "--hours", str(tmp_path / "hours.csv")]) == 0
    found = json.loads(capsys.readouterr().out)
    roofs, share = found["generation"]["pv_btm"], found["shares"]["btm"]["coverage"]
    assert roofs["low_mwh"][0] < roofs["mwh"][0] < roofs["high_mwh"][0]
    assert share["low"][0] < share["value"][0] < share["high"][0]
    assert "settled_whole" not in found["shares"]
    year = next(y for y in found["unseen"]["behind_the_meter"] if y["year"] == 2023)
    low, _middle, high = year["hollow_ppa_and_btm_mw"]
    assert year["grid_file_ppa_and_btm_mw"][0] < low < high < year["grid_file_ppa_and_btm_mw"][2]
    with (tmp_path / "hours.csv").open() as file:
        rows = list(csv.DictReader(file))
    told = sum(float(r["pv_behind_the_meter_estimated_mwh"]) for r in rows)
    assert told == pytest.approx(roofs["mwh"][0])
