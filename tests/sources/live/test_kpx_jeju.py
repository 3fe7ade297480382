"""Jeju every five minutes: instants in MW, whole or with its holes named."""

import numpy as np
import pytest

import fake_answers as fake
from live_tools import answer, block_of, stamp
from tamna.errors import SourceError
from tamna.sources.block import Flag, Kind
from tamna.sources.live.kpx_jeju import read_jeju5m, read_national5m


@pytest.mark.parametrize("digits", [12, 14])
@pytest.mark.parametrize("as_int", [True, False])
def test_stamps_of_12_or_14_digits_as_number_or_text_read_alike(digits, as_int):
    reading = read_jeju5m([answer(fake.envelope(fake.jeju5m(digits=digits, as_int=as_int)))])
    demand = block_of(reading, "jeju/demand")
    assert (demand.unit, demand.kind, demand.resolution_s, demand.source) == (
        "MW",
        Kind.INSTANT,
        300,
        "kpx_jeju5m",
    )
    assert demand.valid_at[0] == stamp("2026-06-14T15:00:00")
    assert len(demand) == 180
    assert demand.value[:3].tolist() == [600, 601, 602]
    assert {b.series for b in reading.blocks} == {
        "jeju/demand",
        "jeju/demand_sending_end",
        "jeju/supply_capacity",
        "jeju/renewables",
        "jeju/pv",
        "jeju/wind",
    }
    assert not reading.findings


def test_the_old_service_has_no_sending_end():
    reading = read_jeju5m([answer(fake.envelope_xml(fake.jeju5m(digits=14, sending_end=False)))])
    assert "jeju/demand_sending_end" not in {b.series for b in reading.blocks}
    assert block_of(reading, "jeju/wind").value[0] == 110.25


def test_one_missing_stamp_is_named_and_never_filled():
    reading = read_jeju5m([answer(fake.envelope(fake.jeju5m(skip={100})))])
    demand = block_of(reading, "jeju/demand")
    assert len(demand) == 179
    (gap,) = [f for f in reading.findings if f.kind == "gap"]
    assert gap.start == stamp("2026-06-14T15:00:00") + np.timedelta64(300 * 100, "s")
    assert "not averaged as if whole" in str(gap.consequence)


def test_the_empty_frame_of_the_rest_of_the_day_is_left_out():
    reading = read_jeju5m([answer(fake.envelope(fake.jeju5m(count=288)))])
    assert block_of(reading, "jeju/demand").valid_at[-1] == stamp("2026-06-15T06:00:00")  # asked at 06:02


def test_an_island_does_not_use_nothing():
    rows = fake.jeju5m(count=3)
    rows[1]["currPwrTot"] = 0
    demand = block_of(read_jeju5m([answer(fake.envelope(rows))]), "jeju/demand")
    assert (demand.flag & Flag.SUSPECT > 0).tolist() == [False, True, False]


def test_text_in_a_number_is_missing_and_told():
    rows = fake.jeju5m(count=3)
    rows[1]["renewPwrWind"] = "점검중"
    reading = read_jeju5m([answer(fake.envelope(rows))])
    wind = block_of(reading, "jeju/wind")
    assert np.isnan(wind.value[1])
    assert wind.flag[1] & Flag.MISSING
    assert [f.kind for f in reading.findings] == ["impossible_value"]


def test_rows_without_a_time_are_refused_together():
    rows = fake.jeju5m(count=5)
    rows[1]["baseDatetime"] = rows[3]["baseDatetime"] = "어제"
    with pytest.raises(SourceError) as caught:
        read_jeju5m([answer(fake.envelope(rows))])
    assert [m.where.row for m in caught.value.mistakes] == [2, 4]


def test_a_renamed_field_is_refused_and_not_an_empty_series():
    rows = [
        {("demand" if k == "currPwrTot" else k): v for k, v in row.items()} for row in fake.jeju5m(count=3)
    ]
    with pytest.raises(SourceError, match="currPwrTot is missing"):
        read_jeju5m([answer(fake.envelope(rows))])


def test_no_rows_are_a_reading_without_blocks():
    reading = read_jeju5m([answer(fake.envelope([], items="empty", total=0))])
    assert reading.blocks == ()
    assert reading.receipt.rows == 0


def test_new_fields_are_named_in_the_receipt():
    rows = [row | {"essPwr": 5} for row in fake.jeju5m(count=2)]
    assert read_jeju5m([answer(fake.envelope(rows))]).receipt.ignored == {"essPwr": "not documented"}


def test_the_national_page_is_read_by_its_eight_cells():
    pages = [
        fake.national_page(fake.national_rows()),
        fake.national_page(fake.national_rows(first=17, count=3)),
    ]
    reading = read_national5m([answer(p, content_type="text/html") for p in pages])
    demand = block_of(reading, "kr/national/demand")
    assert (len(demand), demand.value[0], demand.valid_at[0]) == (20, 62000.5, stamp("2026-06-13T15:00:00"))
    assert block_of(reading, "kr/national/supply_reserve_rate").unit == "%"


def test_a_page_of_another_shape_is_refused():
    page = fake.national_page(fake.national_rows(), cells=7)
    with pytest.raises(SourceError, match="eight columns"):
        read_national5m([answer(page, content_type="text/html")])
