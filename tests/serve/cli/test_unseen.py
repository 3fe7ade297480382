"""What no meter shows, as text."""

from __future__ import annotations

from dataclasses import replace

from measure.test_unseen import JEJU, gone, hours, sunny
from serve.report.test_unseen import HOLLOW
from tamna.grid.clock import Resolution
from tamna.measure import measure
from tamna.measure.boundaries import standing
from tamna.measure.unseen import Check, Outside, with_outside
from tamna.serve.cli.unseen import as_text


def text(outside):
    laid = with_outside(hours(), outside, JEJU)
    return "\n".join(as_text(outside, measure(laid, standing(laid), by=Resolution.ALL)))


def test_the_estimate_its_bounds_and_its_check_stand_together():
    check = Check(source="kpx_realtime", hours=2, estimated=(50.0, 60.0, 70.0), seen_mwh=75.0)
    said = text(Outside(yield_of={}, gone=(gone(check=check),)))
    row = next(line for line in said.splitlines() if line.startswith("Wind of plants that left"))
    assert row.split()[-1] == "1"  # one hour lacks plants and has weather
    assert "kpx_realtime saw 75 MWh more" in said
    assert "outside its interval" in said
    assert "counts as made" in said


def test_a_year_of_the_hollow_that_is_not_asked_for_is_not_told():
    assert "hollow of demand" not in text(replace(sunny(), hollow=(HOLLOW,)))
    assert "2025: the midday hollow" in text(replace(sunny(), hollow=(replace(HOLLOW, year=2025),)))


def test_what_is_not_estimated_is_said_to_be_open():
    assert text(Outside(yield_of={})).startswith("In 2 hours part of the fleet is in no series")
