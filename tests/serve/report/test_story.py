"""What a report of a run tells: a headline carries what is known against it, and the bounds of what it counts."""

from __future__ import annotations

import numpy as np
import pytest

from measure.test_unseen import JEJU, gone, hours
from tamna.grid.clock import HOUR, Period, Resolution
from tamna.measure import measure
from tamna.measure.boundaries import standing
from tamna.measure.unseen import Outside, with_outside
from tamna.runs import Measured, Run
from tamna.serve.report.story import report_view


def told(tmp_path, outside):
    laid = with_outside(hours(), outside, JEJU)
    found = Measured(
        island=JEJU, period=Period(laid.valid_at[0], laid.valid_at[-1] + HOUR), findings=(), receipts=(),
        measurement=measure(laid, standing(laid), by=Resolution.ALL), outside=outside,
    )  # fmt: skip
    return report_view(Run(folder=tmp_path, measured=found, ingested=None, command="tamna run"))


def test_a_headline_over_hours_that_lack_plants_says_so_itself(tmp_path):
    view = told(tmp_path, Outside(yield_of={}, gone=(gone(),)))
    said = {str(h.label): str(h.definition) for h in view.headlines}
    assert "In 2 of its hours part of the fleet is not in the series" in said["Renewable share (coverage)"]
    whole = said["Renewable share with what left the settled series"]
    assert "not in the series" not in whole
    assert "over the bounds of what is estimated in it" in whole


def test_every_estimated_share_of_the_table_has_its_bounds(tmp_path):
    view = told(tmp_path, Outside(yield_of={}, gone=(gone(),)))
    shares = {b.name: b.shares[0] for b in view.shares.boundaries}
    assert shares["settled"].low is None
    whole = shares["settled_whole"]
    assert whole.low < whole.value < whole.high
    assert whole.value == pytest.approx(0.7)


def test_what_left_and_is_not_estimated_is_noted_before_anybody_quotes(tmp_path):
    notes = [str(n) for n in told(tmp_path, Outside(yield_of={})).notes]
    assert any("is in no series and is not estimated" in n for n in notes)
    assert not any(
        "not estimated" in str(n) for n in told(tmp_path, Outside(yield_of={}, gone=(gone(),))).notes
    )


def test_the_mean_day_stacks_what_left_beside_what_stayed(tmp_path):
    view = told(tmp_path, Outside(yield_of={}, gone=(gone(),)))
    lines = {str(line.title): line for line in view.typical_days[0].stack}
    line = lines["Wind of plants that left the settled series, estimated"]
    assert line.estimated
    assert np.nansum(line.values) == pytest.approx(60.0)
