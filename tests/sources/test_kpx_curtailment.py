"""Curtailment: zeros are implied within a published year, a year without rows is missing."""

from __future__ import annotations

import numpy as np
import pytest

from sources.samples import curtailment
from tamna.sources import Flag, read_file
from tamna.sources.kpx_curtailment import stated_end

NAME = "제어량 및 제어 횟수_2017_2023.2.csv"


@pytest.fixture
def blocks(tmp_path):
    (tmp_path / NAME).write_bytes(curtailment().encode("cp949"))
    return {b.series: b for b in read_file(tmp_path / NAME).blocks}


def test_hours_of_an_event_day_are_measured_and_other_days_implied(blocks):
    wind = blocks["jeju/wind_curtailment"]
    assert wind.value.sum() == 30.5
    assert (wind.flag[wind.value > 0] == 0).all()
    assert (wind.flag == 0).sum() == 48
    assert (wind.flag == Flag.IMPLIED).sum() == len(wind) - 48
    assert wind.valid_at[wind.value > 0][0] == np.datetime64("2021-03-02T03:00:00")  # 13시 is 12:00-13:00 KST


def test_a_year_without_rows_is_missing_and_the_last_one_ends_with_its_month(blocks):
    days = blocks["jeju/wind_curtailment_events"].valid_at + np.timedelta64(9, "h")
    assert len(days) == 365 + 31 + 28
    assert not (days.astype("datetime64[Y]") == np.datetime64("2022")).any()
    assert days[-1] == np.datetime64("2023-02-28T00:00:00")


def test_rows_beyond_the_stated_month_reach_to_their_last_day(blocks):
    days = blocks["jeju/pv_curtailment_events"].valid_at + np.timedelta64(9, "h")
    assert (days[0], days[-1]) == (np.datetime64("2023-01-01T00:00:00"), np.datetime64("2023-03-05T00:00:00"))


def test_events_are_counted_and_pv_has_no_energy(blocks):
    assert blocks["jeju/wind_curtailment_events"].value.sum() == 2
    assert blocks["jeju/pv_curtailment_events"].value.sum() == 1
    assert "jeju/pv_curtailment" not in blocks


def test_without_a_stated_end_zeros_stop_at_the_last_row(tmp_path):
    (tmp_path / "renamed.csv").write_text(curtailment())
    blocks = {b.series: b for b in read_file(tmp_path / "renamed.csv").blocks}
    last = blocks["jeju/wind_curtailment_events"].valid_at[-1] + np.timedelta64(9, "h")
    assert last == np.datetime64("2023-02-20T00:00:00")


def test_a_total_that_its_hours_do_not_reach_is_reported(tmp_path):
    (tmp_path / NAME).write_text(curtailment().replace(",10.5\n", ",99\n"))
    (finding,) = read_file(tmp_path / NAME).findings
    assert finding.kind == "source_disagreement"
    assert finding.size == -88.5


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("_2017_2023.2.csv", "2023-03-01"),
        ("_2023.1 2023.12.csv", "2024-01-01"),
        ("_2017_2021.csv", "2022-01-01"),
        ("x.csv", None),
    ],
)
def test_the_end_that_a_name_states(name, end):
    assert stated_end(name) == (None if end is None else np.datetime64(end, "s"))
