"""Regional PV and wind: four headers, two layouts, provinces by any of their names."""

from __future__ import annotations

import numpy as np
import pytest

from sources.samples import regional
from tamna.sources import read_file
from tamna.sources.kpx_regional import region

HEADERS = [
    "거래일자,거래시간,지역,  태양광 발전량(MWh)  ,  풍력 발전량(MWh)  ",
    "거래일자,거래시간,지역,태양광발전량(MWh),풍력발전량(MWh)",
    "거래일자,거래시간,지역명,태양광발전량(Mwh),풍력발전량(Mwh)",
]


@pytest.mark.parametrize("header", HEADERS)
def test_every_header_variant_gives_the_same_series(tmp_path, header):
    (tmp_path / "a.csv").write_bytes(regional(header=header).encode("cp949"))
    blocks = {b.series: b for b in read_file(tmp_path / "a.csv").blocks}
    assert set(blocks) == {"jeju/pv", "jeju/wind", "kr/jeonnam/pv", "kr/jeonnam/wind"}
    assert blocks["jeju/pv"].value[:2].tolist() == [1.5, 2.5]
    assert blocks["jeju/pv"].valid_at[0] == np.datetime64("2023-02-28T15:00:00")
    assert blocks["jeju/pv"].source == "kpx_regional"


def test_fuels_in_rows_are_sorted_to_their_series(tmp_path):
    (tmp_path / "a.csv").write_text(
        "거래일자,거래시간,지역,연료원,발전량(MWh)\n"
        "2023-12-01,1,제주도,태양광,3\n2023-12-01,1,제주,풍력,40\n2023-12-01,1,육지,풍력,900\n"
    )
    values = {b.series: b.value.tolist() for b in read_file(tmp_path / "a.csv").blocks}
    assert values == {"jeju/pv": [3], "jeju/wind": [40], "kr/mainland/wind": [900]}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("제주특별자치도", "jeju"),
        ("제주", "jeju"),
        ("전북특별자치도", "kr/jeonbuk"),
        ("전라북도", "kr/jeonbuk"),
        ("서울특별시", "kr/seoul"),
        ("부산시", "kr/busan"),
        ("평안남도", None),
    ],
)
def test_a_province_is_known_by_its_old_and_new_names(name, slug):
    assert region(name) == slug


def test_a_province_without_wind_is_named_as_blank_and_gives_no_series(tmp_path):
    (tmp_path / "a.csv").write_text(
        "거래일자,거래시간,지역명,태양광발전량(Mwh),풍력발전량(Mwh)\n2023-09-01,1,세종시,1,\n2023-09-01,1,제주도,2,3\n"
    )
    reading = read_file(tmp_path / "a.csv")
    assert {b.series for b in reading.blocks} == {"kr/sejong/pv", "jeju/pv", "jeju/wind"}
    assert reading.receipt.ignored == {"kr/sejong/wind": "blank in every row"}


def test_thousands_commas_in_quotes_are_read(tmp_path):
    (tmp_path / "a.csv").write_text(regional().replace(",24.5,", ',"1,024.50",'))
    block = next(b for b in read_file(tmp_path / "a.csv").blocks if b.series == "jeju/pv")
    assert block.value[-1] == 1024.5
