"""A dispatch of real days beside what was published as held back: what a governor reads, in both languages."""

from __future__ import annotations

import json

import pytest

from tamna.runs import ingest, open_store
from tamna.serve.cli.app import run
from tamna.sources import find_files

FOLDERS = ("kpx/demand", "kpx/generation", "kpx/curtailment", "kpx/smp", "kma")
DAYS = ["dispatch", "jeju", "--from", "2023-04-08", "--to", "2023-04-09", "--no-reserve"]
PUBLISHED_MWH = 794.0
"""Wind held back on those two days in KPX's file. [MWh]"""


@pytest.fixture(scope="module")
def store(shared_data, tmp_path_factory):
    place = tmp_path_factory.mktemp("dispatch-year") / "store"
    ingest(open_store(place), find_files([shared_data / f for f in FOLDERS if (shared_data / f).exists()]))
    return str(place)


@pytest.mark.data
@pytest.mark.slow
def test_real_days_stand_beside_what_was_published_with_the_reasons(capsys, store, tmp_path):
    assert run([*DAYS, "--store", store, "--json", "--out", str(tmp_path)]) == 0
    body = json.loads(capsys.readouterr().out)
    found = body["published"]
    assert body["rules_broken"] == []
    assert found["whole"]["published_mwh"] == pytest.approx(PUBLISHED_MWH, abs=1.0)
    assert found["whole"]["low_mwh"] < found["whole"]["expected_mwh"] < found["whole"]["high_mwh"]
    assert sum(found["parts_mwh"].values()) == pytest.approx(found["whole"]["expected_mwh"])
    assert found["closed_mw"] == 70.0
    assert 0.5 < found["whole"]["near"] < 1.0
    assert found["whole"]["hours_mwh"] != found["whole"]["days_mwh"] != found["whole"]["expected_mwh"]
    assert any("moved by" in note for note in body["notes"])
    told, by = [abs(found["whole"][k] - PUBLISHED_MWH) for k in ("expected_mwh", "others_mwh")]
    assert by < told
    page = (tmp_path / "dispatch.html").read_text("utf-8")
    assert "What differs and why" in page
    assert run(["--lang", "ko", *DAYS, "--store", store]) == 0
    korean = capsys.readouterr().out
    assert "공표된 풍력 출력제어량과 견주면" in korean
    assert "2023-04" in korean
    assert "역송이 막혀 있었습니다 (70 MW)" in korean


@pytest.mark.data
@pytest.mark.slow
def test_looking_back_the_dispatch_itself_holds_back_what_was_published(capsys, store):
    assert run([*DAYS, "--store", store, "--json", "--floor", "other-hours"]) == 0
    body = json.loads(capsys.readouterr().out)
    whole = body["published"]["whole"]
    assert (body["floor"], whole["by"]) == ("other-hours", "other-hours")
    assert any("looking back" in note and "no forecast" in note for note in body["notes"])
    assert whole["found_mwh"] == pytest.approx(PUBLISHED_MWH, rel=0.2)
    assert whole["differs"] == pytest.approx(whole["others_mwh"] / whole["published_mwh"] - 1.0)
    assert body["rules_broken"] == []
