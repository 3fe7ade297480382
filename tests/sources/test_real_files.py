"""The real files of shared/data: every one recognised, nothing lost."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tamna.sources import Flag, NotSeries, Reading, find_files, read_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.data
SERIES_FOLDERS = ("kpx", "kma", "open_meteo", "oibc2024", "bdew", "cases")


@pytest.fixture(scope="module")
def answers(shared_data: Path) -> dict[str, Reading | NotSeries]:
    return {str(path.relative_to(shared_data)): read_file(path) for path in find_files([shared_data])}


@pytest.fixture(scope="module")
def readings(answers) -> dict[str, Reading]:
    return {name: a for name, a in answers.items() if isinstance(a, Reading)}


def one(readings: dict[str, Reading], part: str) -> Reading:
    (found,) = [r for name, r in readings.items() if part in name]
    return found


def raw_cells(path: Path) -> np.ndarray:
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("cp949"))))
    return np.array([[float(cell) for cell in row[1:25]] for row in rows[1:]])


def test_every_data_file_is_read_and_every_other_file_is_named(answers):
    for name, answer in answers.items():
        assert isinstance(answer, Reading) == name.startswith(SERIES_FOLDERS), name


def test_demand_of_2023_is_the_sum_of_the_raw_cells(readings, shared_data):
    (path,) = shared_data.glob("kpx/demand/*전력수요_2023.csv")
    cells = raw_cells(path)
    cells[cells > 10_000] /= 1000
    (block,) = one(readings, path.name).blocks
    assert block.value.sum() == pytest.approx(cells.sum(), abs=1e-6)
    assert round(block.value.sum(), 1) == 6_321_230.8
    assert len(block) == 8760
    assert block.unit == "MWh"


def test_the_change_from_kwh_to_mwh_is_handled_and_reported(readings):
    reading = one(readings, "전력수요_2023.csv")
    (finding,) = [f for f in reading.findings if f.kind == "unit_jump"]
    assert finding.start == np.datetime64("2023-09-30T15:00:00")
    assert "kWh up to 2023-09-30, MWh from 2023-10-01" in str(finding.text)


def test_demand_has_no_gap_from_2017_to_august_2024(readings):
    stamps = np.unique(
        np.concatenate([b.valid_at for r in readings.values() for b in r.blocks if b.source == "kpx_demand"])
    )
    assert (np.diff(stamps) == np.timedelta64(3600, "s")).all()
    assert stamps[0] == np.datetime64("2016-12-31T15:00:00")
    assert stamps[-1] == np.datetime64("2024-08-31T14:00:00")


def test_wind_curtailment_of_2023_is_26197_mwh_in_117_events(readings):
    blocks = {b.series: b for b in one(readings, "2023.1 2023.12").blocks}
    assert blocks["jeju/wind_curtailment"].value.sum() == pytest.approx(26_197)
    assert blocks["jeju/wind_curtailment_events"].value.sum() == 117
    assert blocks["jeju/pv_curtailment_events"].value.sum() == 64
    assert len(blocks["jeju/wind_curtailment"]) == 8760
    implied = blocks["jeju/wind_curtailment"].flag & Flag.IMPLIED > 0
    assert implied.sum() == (365 - 117) * 24


def test_the_year_2022_of_curtailment_is_missing_and_not_zero(readings):
    (block,) = [b for b in one(readings, "횟수_2017_2023.2").blocks if b.series == "jeju/wind_curtailment"]
    local_year = (block.valid_at + np.timedelta64(9, "h")).astype("datetime64[Y]").astype(int) + 1970
    assert sorted(set(local_year)) == [2017, 2018, 2019, 2020, 2021, 2023]
    assert block.valid_at[-1] == np.datetime64("2023-02-28T14:00:00")
    # the published totals of a day are rounded: 1,300.1 and 19,449.5 MWh
    totals = [block.value[local_year == y].sum() for y in (2017, 2020)]
    assert totals == pytest.approx([1300.1, 19449.5], rel=1e-3)


def test_nineteen_of_twenty_one_shared_wind_days_differ_in_their_total(readings):
    early, late = (
        next(b for b in one(readings, part).blocks if b.series == "jeju/wind_curtailment")
        for part in ("횟수_2017_2023.2", "2023.1 2023.12")
    )
    start, end = np.datetime64("2022-12-31T15:00:00"), np.datetime64("2023-02-28T15:00:00")
    days = [
        b.value[(b.valid_at >= start) & (b.valid_at < end)].reshape(-1, 24).sum(axis=1) for b in (early, late)
    ]
    assert (np.abs(days[0] - days[1]) > 0.01).sum() == 19


def test_the_impossible_cell_is_found_by_the_reader(readings):
    reading = one(readings, "운영예비력")
    (finding,) = [f for f in reading.findings if f.kind == "impossible_value"]
    assert finding.start == np.datetime64("2024-06-21T06:00:00")  # 16시 ends at 16:00 KST
    (bad,) = np.flatnonzero(reading.blocks[0].flag & Flag.SUSPECT)
    assert np.isnan(reading.blocks[0].value[bad])


def test_regional_sums_are_those_of_the_raw_columns(readings, shared_data):
    (path,) = shared_data.glob("kpx/generation/*2023.6_2023.8.csv")
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("cp949"))))[1:]
    for fuel, column in (("pv", 3), ("wind", 4)):
        raw = sum(float(row[column].replace(",", "")) for row in rows)
        read = sum(b.value.sum() for b in one(readings, path.name).blocks if b.series.endswith(f"/{fuel}"))
        assert read == pytest.approx(raw, abs=1e-3)


def test_the_regional_file_says_of_jeju_what_the_settled_file_says(readings):
    (a,) = [b for b in one(readings, "2023.3_2023.5").blocks if b.series == "jeju/pv"]
    (b,) = [b for b in one(readings, "202201_202311").blocks if b.series == "jeju/pv"]
    inside = np.isin(b.valid_at, a.valid_at)
    np.testing.assert_allclose(b.value[inside], a.value, atol=1e-6)


def test_two_labels_in_one_row_are_told_apart(readings):
    blocks = {b.series: b for b in one(readings, "market_hourly").blocks}
    stamp = np.datetime64("2024-02-29T15:00:00")
    assert blocks["jeju/demand"].valid_at[0] == stamp
    assert blocks["jeju/demand"].value[0] == 798.0
    assert blocks["jeju/price_da"].valid_at[0] == stamp - np.timedelta64(3600, "s")
    assert blocks["jeju/price_rt"].valid_at[0] == stamp - np.timedelta64(900, "s")
    fine = next(b for b in one(readings, "실시간가격").blocks if b.series == "jeju/price_rt")
    shared, mine, theirs = np.intersect1d(
        blocks["jeju/price_rt"].valid_at, fine.valid_at, return_indices=True
    )
    assert len(shared) > 4300
    assert (blocks["jeju/price_rt"].value[mine] == fine.value[theirs]).all()


def test_radiation_is_zero_at_night_and_missing_by_day(readings):
    block = next(b for b in one(readings, "데이터_2023").blocks if b.series == "asos/184/radiation")
    implied = block.flag & Flag.IMPLIED > 0
    assert 3900 < implied.sum() < 4000
    assert (block.value[implied] == 0).all()
    assert 0 < np.isnan(block.value).sum() < 60
    assert block.value[~np.isnan(block.value)].max() == pytest.approx(3.71 * 1e6 / 3600, rel=0.02)


def test_forecasts_carry_when_they_were_issued(readings):
    block = next(b for b in one(readings, "예측데이터").blocks if b.series.endswith("/temperature"))
    lead = (block.valid_at - block.issued_at) / np.timedelta64(3600, "s")
    assert (lead.min(), lead.max()) == (13, 37)
    assert len(np.unique(block.issued_at)) == 237


def test_every_column_left_out_has_its_reason(readings):
    for name, reading in readings.items():
        assert all(reading.receipt.ignored.values()), name
        assert reading.receipt.rows > 0


def test_reading_everything_takes_well_under_fifteen_seconds(shared_data):
    read_file(shared_data / "README.md")  # imports are paid for
    started = time.process_time()  # of this process alone: other work on the machine does not count
    for path in find_files([shared_data]):
        read_file(path)
    assert time.process_time() - started < 15
