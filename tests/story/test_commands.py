"""The commands as scripts use them: one JSON object on stdout, stable keys, exit codes."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tamna.serve.cli.app import run

ROOT = Path(__file__).resolve().parents[2]


def answer(capsys, *arguments, code=0):
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def real_store(shared_data, tmp_path_factory):
    place = tmp_path_factory.mktemp("real") / "store"
    done = subprocess.run(
        [sys.executable, "-m", "tamna", "ingest", str(shared_data), "--store", str(place), "--json"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    return str(place), json.loads(done.stdout)


def test_the_demo_goes_the_whole_road_offline(capsys, tmp_path):
    body = answer(capsys, "demo", "--out", str(tmp_path / "demo"))
    page = Path(body["report"]).read_text("utf-8")
    assert "SYNTHETIC" in page
    assert len(page) < 3_000_000
    share = body["measure"]["shares"]["settled"]["coverage"]["value"][0]
    assert 0.1 < share < 0.3
    settled = json.loads((tmp_path / "demo" / "manifest.json").read_text("utf-8"))["settled"]
    assert settled["rules_broken"] == 0
    assert settled["paid_krw"] > 0
    assert body["settled"] == settled
    page = (tmp_path / "demo" / "report.html").read_text("utf-8")
    assert "The last day, from forecast to settlement" in page
    assert "Who supplied each hour" in page


def test_the_demo_speaks_korean(capsys, tmp_path):
    assert run(["demo", "--out", str(tmp_path / "demo"), "--lang", "ko"]) == 0
    page = (tmp_path / "demo" / "report.html").read_text("utf-8")
    assert "합성" in page
    assert "마지막 날: 예측부터 정산까지" in page
    said = capsys.readouterr().out
    assert "보고서" in said
    assert "2023-12-31, 예측부터 정산까지: 전날의 예측으로 계획하고" in said


def test_an_island_starts_checks_and_shows(capsys, tmp_path):
    files = answer(capsys, "init", str(tmp_path / "my-island"))["files"]
    checked = answer(capsys, "grid", "check", files[0])
    assert checked["ok"]
    assert checked["figures"]["total"] > 10
    assert answer(capsys, "grid", "show", "jeju")["figures"]["unsourced"] == 0
    assert answer(capsys, "grid", "schema")["schema"]["title"]
    assert "jeju" in answer(capsys, "grid", "list")["islands"]
    again = answer(capsys, "init", str(tmp_path / "my-island"), code=2)
    assert again["error"]["mistakes"]


def test_an_empty_store_is_told_from_a_missing_series(capsys, tmp_path):
    assert answer(capsys, "series", "list", "--store", str(tmp_path / "new"))["series"] == []
    refused = answer(
        capsys,
        "measure",
        "jeju",
        "--from",
        "2023-01-01",
        "--to",
        "2023-01-02",
        "--store",
        str(tmp_path / "new"),
        code=2,
    )
    assert refused["error"]["mistakes"][0]["todo"]


@pytest.mark.data
def test_every_file_of_the_shared_data_is_recognised_and_nothing_is_lost(real_store, shared_data):
    _place, body = real_store
    assert not body["refused"]
    named = {f["name"] for f in body["files"]} | {n["name"] for n in body["not_series"]}
    assert named == {p.name for p in shared_data.rglob("*") if p.is_file()}
    folders = ("kpx", "kma", "open_meteo", "oibc2024", "bdew", "cases")
    data = {p.name for folder in folders for p in (shared_data / folder).rglob("*") if p.is_file()}
    assert data <= {f["name"] for f in body["files"]}
    wind = [d for d in body["superseded"] if d["series"] == "jeju/wind_curtailment"]
    assert len(wind) == 21
    assert sum(d["total_differs"] for d in wind) == 19


@pytest.mark.data
def test_ingesting_again_changes_nothing(real_store, shared_data, capsys):
    place, first = real_store
    again = answer(capsys, "ingest", str(shared_data), "--store", place)
    assert again["rows"] == 0
    assert {f["status"] for f in again["files"]} == {"unchanged"}
    assert len(again["files"]) == len(first["files"])


@pytest.mark.data
def test_demand_of_2023_is_the_sum_of_the_raw_cells(real_store, capsys, tmp_path):
    place, _body = real_store
    out = tmp_path / "demand.csv"
    answer(
        capsys,
        "series",
        "export",
        "jeju/demand",
        "--store",
        place,
        "--from",
        "2023-01-01",
        "--to",
        "2023-12-31",
        "--out",
        str(out),
    )
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8760
    assert sum(float(r["demand_mwh"]) for r in rows) == pytest.approx(6_321_230.8, abs=0.1)


@pytest.mark.data
def test_demand_from_2017_to_august_2024_has_no_gap(real_store, capsys, tmp_path):
    place, _body = real_store
    out = tmp_path / "demand.csv"
    answer(
        capsys,
        "series",
        "export",
        "jeju/demand",
        "--store",
        place,
        "--from",
        "2017-01-01",
        "--to",
        "2024-08-31",
        "--out",
        str(out),
    )
    with out.open(encoding="utf-8") as file:
        values = [r["demand_mwh"] for r in csv.DictReader(file)]
    assert len(values) == 67_200
    assert "" not in values


@pytest.mark.data
def test_2023_as_an_energy_office_would_ask(real_store, capsys, tmp_path):
    place, _body = real_store
    hours = tmp_path / "hours.csv"
    body = answer(
        capsys,
        "measure",
        "jeju",
        "--store",
        place,
        "--from",
        "2023-01-01",
        "--to",
        "2023-12-31",
        "--hours",
        str(hours),
    )
    settled = body["shares"]["settled"]["coverage"]
    assert settled["value"][0] == pytest.approx(0.1591, abs=5e-5)
    assert settled["hours_missing"] == [0]
    assert settled["suspect_hours"] == [0]
    assert body["shares"]["settled"]["proportional"]["value"] == [None]
    assert "not measured" in body["shares"]["settled"]["proportional"]["unavailable"][0]
    assert body["curtailment"]["wind"]["mwh"] == [pytest.approx(26_197.0)]
    assert body["curtailment"]["wind"]["events"] == [117]
    with hours.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8760
    assert {"valid_at", "demand_mwh", "wind_mwh", "pv_mwh", "share_settled_coverage", "flags"} <= set(rows[0])
    assert rows[0]["valid_at"] == "2022-12-31T15:00Z"


@pytest.mark.data
def test_a_year_without_published_curtailment_is_not_a_year_without_any(real_store, capsys):
    place, _body = real_store
    body = answer(capsys, "measure", "jeju", "--store", place, "--from", "2022-01-01", "--to", "2022-12-31")
    assert body["curtailment"]["wind"]["mwh"] == [None]
    assert body["curtailment"]["wind"]["text"] == ["not published"]


@pytest.mark.data
def test_quality_finds_by_itself_what_the_readme_of_the_data_warns_of(real_store, capsys):
    place, _body = real_store
    found = answer(capsys, "quality", "--store", place)["findings"]
    assert {"kind", "series", "from", "to", "size", "unit", "text"} <= set(found[0])

    def of(kind, series, source):
        return [f for f in found if (f["kind"], f["series"], f["source"]) == (kind, series, source)]

    (cell,) = of("impossible_value", "jeju/operating_reserve", "kpx_supply")
    assert cell["size"] > 3.4e38
    (offset,) = of("offset", "jeju/demand", "kpx_realtime")
    assert offset["from"].startswith("2024-04-16")
    assert offset["to"].startswith("2024-04-30")
    assert offset["size"] == pytest.approx(160, abs=2)
    (noon,) = of("missing_not_at_random", "jeju/smp", "epsis")
    assert noon["size"] == 66
    assert of("night_generation", "jeju/pv", "kpx_settled")
    assert not [f for f in found if f["kind"] == "hour_label"]
    (wind,) = of("coverage_break", "jeju/wind", "kpx_settled")
    assert wind["from"] == "2024-05-31T15:00:00Z"
    labelled = {(f["series"], f["source"]) for f in found if f["kind"] == "label"}
    assert {
        ("jeju/demand", "kpx_realtime"),
        ("jeju/wind", "kpx_realtime"),
        ("jeju/price_da", "kpx_realtime"),
    } <= labelled


@pytest.mark.data
def test_the_main_job_on_real_input_leaves_a_report_in_both_languages(real_store, capsys, tmp_path):
    place, _body = real_store
    for lang, words in (("en", "Renewable share of Jeju, 2023"), ("ko", "제주도 재생에너지 점유율, 2023")):
        arguments = (
            "run",
            "jeju",
            "--from",
            "2023-01-01",
            "--to",
            "2023-12-31",
            "--store",
            place,
            "--out",
            str(tmp_path / lang),
            "--lang",
            lang,
        )
        body = answer(capsys, *arguments)
        page = Path(body["report"]).read_text("utf-8")
        assert words in page
        assert "26,197" in page
        assert len(page.encode()) < 3_000_000


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--from", "2023-01-01"],
        ["--day", "2025-04-14", "--from", "2025-04-14"],
        ["--day", "2025-04-14", "--by", "hour"],
        ["--from", "2023-01-01", "--to", "2023-01-02", "--report", "day.html"],
    ],
)
def test_a_measurement_takes_a_period_or_a_day(capsys, tmp_path, options):
    body = answer(capsys, "measure", "jeju", "--store", str(tmp_path / "s"), *options, code=2)
    assert body["error"]["mistakes"]


@pytest.mark.data
def test_a_day_is_rebuilt_beside_what_was_printed(capsys, real_store, tmp_path):
    page = tmp_path / "day.html"
    body = answer(
        capsys, "measure", "jeju", "--day", "2025-04-14", "--store", real_store[0], "--report", str(page)
    )
    assert len(body["hours"]) == 24
    assert body["balance"][0]["plant"] == ["bio", "waste"]
    assert body["claims"][0]["readings"][0]["hours"] == "end"
    assert "<svg" in page.read_text("utf-8")
