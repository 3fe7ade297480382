"""Cells become numbers, stamps become UTC, and doubles are told."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_tools import NOW, answer, stamp
from tamna.errors import Mistake, SourceError
from tamna.lang import _
from tamna.sources.block import Block, Flag, Kind
from tamna.sources.live.columns import MISSING, SUSPECT, Column, gaps, known_by, number, reading
from tamna.sources.live.columns import stamp as read_stamp


@pytest.mark.parametrize(
    ("text", "value"), [("1,234.5", 1234.5), (" -3 ", -3), (".5", 0.5), ("1e2", 100), ("+7.", 7)]
)
def test_numbers(text, value):
    assert number(text) == (value, 0)


@pytest.mark.parametrize("text", ["", None, "-", "  ", "NaN", "null"])
def test_blanks_are_missing(text):
    value, flag = number(text)
    assert math.isnan(value)
    assert flag == MISSING


@pytest.mark.parametrize(
    "text", ["abc", "1_000", "0x10", "3.40282E+38", "Infinity", "1 2", "١٢", "--1", "9" * 50]
)
def test_what_is_no_number_is_missing_and_suspect(text):
    value, flag = number(text)
    assert math.isnan(value)
    assert flag == MISSING | SUSPECT


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("202606150005", "2026-06-14T15:05:00"),
        ("20260615000500", "2026-06-14T15:05:00"),
        ("2026-06-15 00:05", "2026-06-14T15:05:00"),
        ("2026-06-15 00:05:30", "2026-06-14T15:05:30"),
        ("202606142400", "2026-06-14T15:00:00"),
        ("20240229", "2024-02-28T15:00:00"),
        ("20241231240000", "2024-12-31T15:00:00"),
    ],
)
def test_stamps(text, utc):
    assert read_stamp(text) == stamp(utc)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "202613010000",
        "202606312500",
        "202606152401",
        "20250229",
        "00000000",
        "abc",
        "２０２６０６１５",
        "2026061500053",
    ],
)
def test_what_is_no_time_is_none(text):
    assert read_stamp(text) is None


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_missing_and_a_time_or_none(text):
    value, flag = number(text)
    assert math.isnan(value) == bool(flag & Flag.MISSING)
    assert read_stamp(text) is None or isinstance(read_stamp(text), np.datetime64)


def _column(cells):
    column = Column("jeju/demand", "kpx_jeju5m", "MW", Kind.INSTANT, 300)
    for text, value in cells:
        column.add(stamp(text), value)
    return column


def test_blocks_are_sorted_and_equal_doubles_merge():
    cells = [("2026-06-15T05:10:00", 3.0), ("2026-06-15T05:00:00", 1.0), ("2026-06-15T05:10:00", 3.0)]
    found = reading([answer(b"x")], [_column(cells)], reader="r", source="kpx_jeju5m")
    assert found.blocks[0].value.tolist() == [1.0, 3.0]
    assert not found.findings


def test_of_two_values_the_later_row_stays_and_is_suspect():
    cells = [("2026-06-15T05:00:00", 1.0), ("2026-06-15T05:00:00", 2.0), ("2026-06-15T05:00:00", math.nan)]
    found = reading([answer(b"x")], [_column(cells)], reader="r", source="kpx_jeju5m")
    assert found.blocks[0].value.tolist() == [2.0]
    assert found.blocks[0].flag[0] & Flag.SUSPECT
    assert not found.blocks[0].flag[0] & Flag.MISSING
    assert [f.kind for f in found.findings] == ["duplicate"]


def test_absent_stamps_are_named_and_not_filled():
    cells = [("2026-06-15T05:00:00", 1.0), ("2026-06-15T05:15:00", 2.0)]
    block = reading([answer(b"x")], [_column(cells)], reader="r", source="kpx_jeju5m").blocks[0]
    assert len(block) == 2
    (gap,) = gaps(block)
    assert (gap.start, gap.end) == (stamp("2026-06-15T05:05:00"), stamp("2026-06-15T05:15:00"))
    assert gap.size == pytest.approx(10 / 60)


def _known(source, valid, *, kind=Kind.MEAN, resolution_s=3600, issued=None):
    stamps = np.array([valid], dtype="datetime64[s]")
    block = Block(
        series="x",
        source=source,
        unit="MW",
        kind=kind,
        resolution_s=resolution_s,
        valid_at=stamps,
        value=np.ones(1),
        flag=np.zeros(1, dtype=np.uint16),
        issued_at=None if issued is None else np.array([issued], dtype="datetime64[s]"),
    )
    dated = known_by(block, NOW)
    return dated.known_at[0], bool(dated.flag[0] & Flag.ASSUMED_KNOWN)


def test_what_was_retrieved_was_not_known_later_than_that():
    instant = {"kind": Kind.INSTANT, "resolution_s": 300}
    assert _known("kpx_jeju5m", "2026-06-15T05:00:00", **instant) == (stamp("2026-06-15T05:05:00"), True)
    assert _known("kpx_jeju5m", "2026-06-15T06:01:00", **instant) == (NOW, False)


def test_a_price_is_known_on_the_evening_before():
    # 23:00 in Korea, known at 23:00 of the 14th
    assert _known("kpx_smp_api", "2026-06-15T14:00:00") == (stamp("2026-06-14T14:00:00"), True)


def test_a_forecast_is_known_from_its_issue():
    known, _assumed = _known("kma_forecast", "2026-06-16T00:00:00", issued="2026-06-15T05:00:00")
    assert known == stamp("2026-06-15T05:10:00")


def test_all_mistakes_come_together_and_no_more_than_twenty():
    wrong = [Mistake(what=_("the answer is empty"), seen=str(i)) for i in range(99)]
    with pytest.raises(SourceError) as caught:
        reading([answer(b"x")], [], reader="r", source="kpx_jeju5m", mistakes=wrong)
    assert len(caught.value.mistakes) == 20


def test_the_receipt_says_where_when_and_what():
    found = reading(
        [answer(b"abc")], [_column([("2026-06-15T05:00:00", 1.0)])], reader="read_x", source="kpx_jeju5m"
    )
    receipt = found.receipt
    assert (receipt.name, receipt.reader, receipt.size_bytes) == (
        "https://example.org/x?serviceKey=***",
        "live.read_x",
        3,
    )
    assert (receipt.retrieved_at, receipt.data_start) == ("2026-06-15T06:02Z", "2026-06-15T05:00Z")
    assert receipt.as_dict()["retrieved_at"] == "2026-06-15T06:02Z"
