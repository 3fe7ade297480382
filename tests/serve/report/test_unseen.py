"""The pages of what no meter shows: said with bounds, checked, and only where there is something to say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from measure.test_unseen import JEJU, gone, hours, sunny
from tamna.grid.clock import Resolution
from tamna.measure import measure
from tamna.measure.boundaries import standing
from tamna.measure.unseen import Check, HollowYear, Outside, with_outside
from tamna.serve.report.blocks import Amount, Callout, Lines, Paragraph, Table
from tamna.serve.report.page import shown
from tamna.serve.report.speak import Speaker
from tamna.serve.report.unseen import unseen_sections

EN = Speaker("en", "Asia/Seoul")
HOLLOW = HollowYear(
    year=2023, hollow_both=(198.0, 252.0, 314.0), file_both=(89.0, 187.0, 389.0), hollow_btm=(82.0, 144.0, 207.0),
    file_btm=(25.0, 85.0, 240.0), agrees=0.96,
)  # fmt: skip


def sections(outside):
    laid = with_outside(hours(), outside, JEJU)
    return list(unseen_sections(outside, measure(laid, standing(laid), by=Resolution.ALL), EN))


def blocks(section, kind):
    return [b for b in section.blocks if isinstance(b, kind)]


def left(check=None):
    (section,) = sections(Outside(yield_of={}, gone=(gone(check=check),)))
    return section


def test_what_left_is_told_with_share_size_energy_and_what_the_series_still_has():
    lead = str(blocks(left(), Paragraph)[0].text)
    assert "75% of the wind fleet (70% to 80%), some 170 MW" in lead
    assert "made 0.1 GWh" in lead
    assert "the series itself has 0.0 GWh" in lead


def test_the_raised_share_stands_beside_the_settled_one_with_its_bounds():
    said = str(blocks(left(), Paragraph)[1].text)
    assert "is 70.0% (" in said
    assert "without what left, it is 31.7%" in said
    assert "2 of 3 hours" in said
    row = blocks(left(), Table)[0].rows[-1]
    plain, whole, low, high = row[-4:]
    assert not plain.estimated
    assert whole.estimated
    assert low.value < whole.value < high.value


@pytest.mark.parametrize(
    ("seen", "said"), [(60.0, "The interval holds it"), (75.0, "The interval misses it")]
)
def test_the_check_says_whether_the_interval_holds(seen, said):
    check = Check(source="kpx_realtime", hours=2, estimated=(50.0, 60.0, 70.0), seen_mwh=seen)
    texts = [str(t) for t in blocks(left(check), Callout)[0].texts]
    assert said in texts[0]
    assert "never looked at" in texts[0]
    assert "counts as made" in texts[-1]


def test_without_a_second_witness_it_says_so():
    assert "is not checked" in str(blocks(left(), Callout)[0].texts[0])


def test_the_hollow_stands_beside_the_grid_file_and_says_whether_they_agree():
    (section,) = sections(replace(sunny(), hollow=(HOLLOW,)))
    table = blocks(section, Table)[0]
    year, hollow, both, own, verdict = table.rows[0]
    assert year == "2023"
    assert hollow == Lines((Amount(value=252.0, digits=0, estimated=True), "198–314"))
    assert (both.parts[1], own.parts[1]) == ("89–389", "25–240")
    assert "lies below what the hollow shows" in str(verdict)
    assert shown(table, EN)["estimated"]


def test_a_page_without_anything_unseen_has_no_such_section():
    assert sections(Outside(yield_of={})) == []
    assert list(unseen_sections(None, measure(hours()), EN)) == []
