"""An extreme that a series without part of its fleet made says so."""

from __future__ import annotations

from measure.test_unseen import hours
from tamna.grid.clock import Resolution
from tamna.measure import measure
from tamna.serve.report.extremes import extremes


def test_an_hour_that_lacks_part_of_the_fleet_is_noted_and_demand_is_not():
    found = {str(e.label): e for e in extremes(measure(hours(), by=Resolution.ALL), "settled")}
    assert "part of the fleet" in str(found["Lowest share of an hour"].note)
    assert str(found["Highest share of an hour"].note) == ""
    assert str(found["Highest demand"].note) == ""
