"""Wide KPX tables: which one it is, hour-ending labels, kWh before MWh."""

from __future__ import annotations

import numpy as np
import pytest

from sources.samples import wide
from tamna.sources import Kind, read_file


@pytest.mark.parametrize(
    ("name", "series", "source", "unit", "kind"),
    [
        ("시간별 제주전력수요_2024.csv", "jeju/demand", "kpx_demand", "MWh", Kind.SUM),
        ("제주 계통수요_2023-09.csv", "jeju/demand", "kpx_system", "MW", Kind.MEAN),
        ("계통수요.csv", "jeju/demand", "kpx_system", "MW", Kind.MEAN),
        ("예측수요.csv", "jeju/demand_forecast", "kpx_forecast", "MW", Kind.MEAN),
        ("공급능력.csv", "jeju/supply_capacity", "kpx_supply", "MW", Kind.MEAN),
        ("공급예비력.csv", "jeju/supply_reserve", "kpx_supply", "MW", Kind.MEAN),
        ("운영예비력.csv", "jeju/operating_reserve", "kpx_supply", "MW", Kind.MEAN),
        ("25년 제주지역 LNG 시간대별 발전량.csv", "jeju/lng", "kpx_fuel", "MWh", Kind.SUM),
        ("25년 제주지역 바이오중유 시간대별 발전량.csv", "jeju/bio", "kpx_fuel", "MWh", Kind.SUM),
        ("25년 제주지역 태양광 시간대별 발전량.csv", "jeju/pv", "kpx_fuel", "MWh", Kind.SUM),
        ("25년 제주지역 풍력 시간대별 발전량.csv", "jeju/wind", "kpx_fuel", "MWh", Kind.SUM),
    ],
)
def test_the_name_of_the_file_tells_tables_apart(tmp_path, name, series, source, unit, kind):
    (tmp_path / name).write_text(wide())
    (block,) = read_file(tmp_path / name).blocks
    assert (block.series, block.source, block.unit, block.kind) == (series, source, unit, kind)


def test_the_name_may_come_from_a_mac_with_split_hangul(tmp_path):
    import unicodedata

    path = tmp_path / unicodedata.normalize("NFD", "시간별 제주전력수요.csv")
    path.write_text(wide())
    assert read_file(path).blocks[0].source == "kpx_demand"


def test_where_the_name_is_silent_the_folder_speaks(tmp_path):
    folder = tmp_path / "제주전력수요"
    folder.mkdir()
    (folder / "2023.csv").write_text(wide())
    assert read_file(folder / "2023.csv").blocks[0].source == "kpx_demand"


def test_hour_1_of_1_january_in_korea_starts_at_15_utc_of_the_day_before(tmp_path):
    (tmp_path / "전력수요.csv").write_text(wide())
    (block,) = read_file(tmp_path / "전력수요.csv").blocks
    assert block.valid_at[0] == np.datetime64("2022-12-31T15:00:00")
    assert block.valid_at[-1] == np.datetime64("2023-01-03T14:00:00")
    assert block.value[0] == 600


def test_a_leap_day_has_24_hours_of_its_own(tmp_path):
    (tmp_path / "전력수요.csv").write_text(wide(3, start="2024-02-28"))
    (block,) = read_file(tmp_path / "전력수요.csv").blocks
    assert (np.diff(block.valid_at) == np.timedelta64(3600, "s")).all()
    assert len(block) == 72


def test_kwh_until_a_day_and_mwh_after_it_become_mwh_with_the_day_named(tmp_path):
    kilo, mega = wide(3, scale=1000), wide(3, start="2023-01-04").split("\n", 1)[1]
    (tmp_path / "전력수요.csv").write_text(kilo + mega)
    reading = read_file(tmp_path / "전력수요.csv")
    np.testing.assert_allclose(reading.blocks[0].value[:72], reading.blocks[0].value[72:])
    (finding,) = reading.findings
    assert finding.kind == "unit_jump"
    assert finding.start == np.datetime64("2023-01-03T15:00:00")
    assert finding.size == 1000
    assert "kWh up to 2023-01-03, MWh from 2023-01-04" in reading.receipt.notes
