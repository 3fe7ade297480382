"""Prices and demand forecasts: hour-ending, doubled, cut off, and perhaps copied."""

import pytest

import fake_answers as fake
from live_tools import answer, block_of, stamp
from tamna.errors import SourceError
from tamna.sources.block import Flag, Kind
from tamna.sources.live.kpx_smp import read_smp


def _read(rows, **more):
    return read_smp([answer(fake.envelope(rows, **more))])


def test_hours_end_at_their_label_and_doubles_merge():
    reading = _read(fake.smp())
    jeju = block_of(reading, "jeju/smp")
    assert (jeju.unit, jeju.kind, jeju.resolution_s, len(jeju)) == ("KRW/kWh", Kind.MEAN, 3600, 24)
    assert jeju.valid_at[0] == stamp("2026-06-14T15:00:00")  # hour 1 is 00-01
    assert jeju.valid_at[-1] == stamp("2026-06-15T14:00:00")  # hour 24 is 23-24
    assert jeju.value[0] == 101.0
    assert block_of(reading, "mainland/smp").value[23] == 144.5
    assert block_of(reading, "jeju/demand_forecast").value[23] == 724
    assert block_of(reading, "mainland/demand_forecast").value[0] == 61000.0
    assert not reading.findings


def test_a_page_of_48_rows_that_cuts_the_evening_off_is_told():
    rows = fake.smp()
    reading = _read(rows[:46], total=len(rows))
    assert [f.kind for f in reading.findings] == ["truncated"]
    assert len(block_of(reading, "jeju/smp")) == 14  # 15..24 h did not come


def test_doubles_that_differ_are_suspect():
    rows = fake.smp()
    rows[3]["smp"] = 999
    reading = _read(rows)
    assert [f.kind for f in reading.findings] == ["duplicate"]
    assert block_of(reading, "jeju/smp").flag[0] & Flag.SUSPECT


def test_jeju_equal_to_the_mainland_all_day_is_suspect():
    reading = _read(fake.smp(jeju=120.5))
    assert [f.kind for f in reading.findings] == ["source_disagreement"]
    assert (block_of(reading, "jeju/smp").flag & Flag.SUSPECT > 0).all()
    assert not (block_of(reading, "mainland/smp").flag & Flag.SUSPECT > 0).any()


def test_an_hour_that_is_absent_is_a_gap():
    reading = _read(fake.smp(hours=[1, 2, 4, 5]))
    assert {(f.kind, f.series) for f in reading.findings} == {("gap", "jeju/smp"), ("gap", "mainland/smp")}


@pytest.mark.parametrize(
    ("field", "value"),
    [("hour", "25"), ("hour", "0"), ("hour", "x"), ("date", "heute"), ("areaName", "울릉")],
)
def test_rows_that_cannot_be_placed_are_refused(field, value):
    rows = fake.smp(hours=[1, 2])
    rows[1][field] = value
    with pytest.raises(SourceError):
        _read(rows)


def test_negative_prices_are_prices():
    rows = [row | {"smp": "-80.00"} if row["areaName"] == "제주" else row for row in fake.smp()]
    assert (block_of(_read(rows), "jeju/smp").value == -80).all()
