import json

import numpy as np
import pytest

from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.runs import DEMO_ISLAND, demo, findings, ingest, measured, open_store, run
from tamna.sources.synthetic import typical_year

YEAR = parse_period("2023-01-01", "2023-12-31", "Asia/Seoul")
WIDE = "날짜," + ",".join(f"{h}시" for h in range(1, 25)) + "\n"


def demand_file(folder, name, days, scale=1.0):
    rows = "".join(f"{day}," + ",".join(f"{500 * scale + h}" for h in range(24)) + "\n" for day in days)
    path = folder / name
    path.write_text(WIDE + rows, "utf-8")
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("store"), load_island(DEMO_ISLAND))
    store.ingest([typical_year(seed=3, year=2023)])
    return store


def test_a_file_is_read_once_and_a_broken_one_stops_nothing(tmp_path):
    good = demand_file(tmp_path, "시간별 제주전력수요_2024.csv", ["2024-01-01", "2024-01-02"])
    bad = tmp_path / "broken.csv"
    bad.write_text("<html><body>503 Service Unavailable</body></html>", "utf-8")
    store = open_store(tmp_path / "store")
    first = ingest(store, [good, bad])
    assert [r.name for r in first.report.added] == [good.name]
    assert [name for name, _error in first.refused] == ["broken.csv"]
    again = ingest(store, [good, bad])
    assert not again.report.added
    assert [r.name for r in again.known] == [good.name]


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    done = ingest(open_store(tmp_path / "store"), [tmp_path / "nowhere.csv"])
    assert [name for name, _error in done.refused] == ["nowhere.csv"]


def test_every_rule_answers_on_the_synthetic_year_and_nothing_speaks_against_it(store):
    found = measured(store, load_island(DEMO_ISLAND), YEAR)
    m = found.measurement
    for boundary in ("settled", "settled_bio"):
        for rule in ("coverage", "proportional", "thermal_first"):
            answer = m[boundary, rule][0]
            assert answer.hours_counted == 8760
            assert not answer.estimated
            assert not answer.suspect_hours
    assert [r.source for r in found.receipts] == ["synthetic"]


def test_coverage_is_the_sum_over_the_sum(store):
    m = measured(store, load_island(DEMO_ISLAND), YEAR).measurement
    made = m.hours["wind"].column.mwh + m.hours["pv"].column.mwh
    assert m["settled", "coverage"][0].value == pytest.approx(
        made.sum() / m.hours.demand_mwh.sum(), rel=1e-12
    )


def test_findings_travel_as_flags_into_the_answer(tmp_path):
    island = load_island("jeju")
    store = open_store(tmp_path / "store", island)
    days = [str(np.datetime64("2024-01-01") + d) for d in range(60)]
    ingest(store, [demand_file(tmp_path, "시간별 제주전력수요_2024.csv", days)])
    path = tmp_path / "제주도_풍력태양광_시간별_202401_202402.csv"
    hours = np.arange("2024-01-01T00", "2024-03-01T00", dtype="datetime64[h]")
    wind = np.where(np.arange(len(hours)) % 24 < 12, 80.0, 40.0) + np.arange(len(hours)) % 7
    wind[100] = -500.0  # negative energy: doubted
    lines = [f"{str(h).replace('T', ' ')}:00:00,0.0,{w}\n" for h, w in zip(hours, wind, strict=True)]
    path.write_text("datetime,태양광발전량(MWh),풍력발전량(MWh)\n" + "".join(lines), "utf-8")
    assert ingest(store, [path]).report.added
    assert "negative_energy" in {f.kind for f in findings(store, island)}
    answer = measured(store, island, parse_period("2024-01-01", "2024-02-29", "Asia/Seoul")).measurement[
        "settled", "coverage"
    ][0]
    assert 1 <= answer.suspect_hours <= 24


def test_a_run_leaves_a_folder_that_says_how_it_was_made(tmp_path):
    done = demo(tmp_path / "demo", seed=0, command="tamna demo --seed 0")
    manifest = json.loads((done.folder / "manifest.json").read_text("utf-8"))
    assert manifest["command"] == "tamna demo --seed 0"
    assert manifest["receipts"][0]["source"] == "synthetic"
    assert (done.folder / "hours.parquet").stat().st_size > 10_000
    assert json.loads((done.folder / "measure.json").read_text("utf-8"))["by"] == "month"
    assert str(tmp_path) not in (done.folder / "manifest.json").read_text("utf-8")


def test_the_same_inputs_give_the_same_bytes(tmp_path):
    names = ("manifest.json", "measure.json", "hours.parquet")
    first, second = (demo(tmp_path / name, seed=1, command="x").folder for name in ("a", "b"))
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_run_reads_its_files_first(tmp_path):
    island = load_island("jeju")
    days = [str(np.datetime64("2024-01-01") + d) for d in range(3)]
    file = demand_file(tmp_path, "시간별 제주전력수요_2024.csv", days)
    period = parse_period("2024-01-01", "2024-01-03", "Asia/Seoul")
    done = run(
        open_store(tmp_path / "store", island), island, period, tmp_path / "out", files=[file], command="x"
    )
    assert done.measured.measurement.hours.demand_mwh.tolist() == [500.0 + h for h in range(24)] * 3
    assert done.measured.measurement["settled", "coverage"][0].value is None
