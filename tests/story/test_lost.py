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
