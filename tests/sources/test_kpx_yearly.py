"""Yearly lists: the forecast as an HTML page called .xls, SMP as a workbook."""

from __future__ import annotations

import numpy as np

from sources import samples
from tamna.sources import read_file


def test_a_page_called_xls_is_read_and_commented_cells_are_no_cells(tmp_path):
    path = tmp_path / "anything.xls"
    path.write_bytes(samples.forecast_html().encode("euc-kr"))
    reading = read_file(path)
    (block,) = reading.blocks
    assert (block.series, block.source, block.unit) == ("jeju/demand_forecast", "kpx_bidforecast", "MW")
    assert len(block) == 72
    assert block.value[:2].tolist() == [500, 501]
    assert block.valid_at[0] == np.datetime64("2015-11-17T15:00:00")


def test_a_forecast_of_the_mainland_is_told_by_its_magnitude(tmp_path):
    page = samples.forecast_html().replace("<td>5", "<td>505")
    (tmp_path / "a.xls").write_text(page)
    assert read_file(tmp_path / "a.xls").blocks[0].series == "mainland/demand_forecast"


def test_smp_of_a_workbook_is_read_without_its_extremes(tmp_path):
    (tmp_path / "smp_jeju_2013.xlsx").write_bytes(samples.workbook(samples.smp_rows()))
    reading = read_file(tmp_path / "smp_jeju_2013.xlsx")
    (block,) = reading.blocks
    assert (block.series, block.source, block.unit) == ("jeju/smp", "kpx_smp", "KRW/kWh")
    assert block.value[:2].tolist() == [100.5, 101.5]
    assert set(reading.receipt.ignored) == {"최소", "최대", "평균"}
    assert block.valid_at[0] == np.datetime64("2013-02-02T15:00:00")


def test_extremes_that_contradict_the_hours_are_named(tmp_path):
    rows = samples.smp_rows()
    rows[2][-2] = 999.0
    (tmp_path / "smp_jeju.xlsx").write_bytes(samples.workbook(rows))
    assert "differs on 1 of 3 days" in read_file(tmp_path / "smp_jeju.xlsx").receipt.ignored["최대"]


def test_the_mainland_is_named_by_its_file(tmp_path):
    (tmp_path / "육지 SMP.xlsx").write_bytes(samples.workbook(samples.smp_rows()))
    assert read_file(tmp_path / "육지 SMP.xlsx").blocks[0].series == "mainland/smp"


def test_a_negative_price_is_a_price(tmp_path):
    rows = samples.smp_rows()
    rows[2][12], rows[2][-3] = -37.5, -37.5
    (tmp_path / "smp_jeju.xlsx").write_bytes(samples.workbook(rows))
    (block,) = read_file(tmp_path / "smp_jeju.xlsx").blocks
    assert block.value[11] == -37.5
    assert block.flag[11] == 0
