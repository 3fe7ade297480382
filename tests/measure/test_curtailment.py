"""Published curtailment: what is not published is never zero."""

from __future__ import annotations

import numpy as np

from measure.island_of import island
from tamna.grid.clock import Resolution
from tamna.measure import Bins, curtailment

NAN = float("nan")


def of(n, by, **given):
    h = island([10.0] * n, wind=[1.0] * n, **given)
    return curtailment(h, Bins(h.valid_at, by, h.timezone))


def test_a_published_day_sums_and_an_unpublished_one_stays_unknown():
    found = of(48, Resolution.DAY, curtailment={"wind": [0.0] * 12 + [5.0] * 2 + [0.0] * 10 + [NAN] * 24},
               events={"wind": [1.0] + [0.0] * 23 + [NAN] * 24})["wind"]  # fmt: skip
    assert found.mwh[0] == 10
    assert np.isnan(found.mwh[1])
    assert found.hours_unpublished.tolist() == [0, 24]
    assert str(found.text(0)) == "10 MWh in 1 events"
    assert str(found.text(1)) == "not published"
    assert found.as_dict()["mwh"] == [10.0, None]


def test_a_published_day_without_curtailment_is_zero():
    found = of(24, Resolution.DAY, curtailment={"wind": [0.0] * 24}, events={"wind": [0.0] * 24})["wind"]
    assert (found.mwh[0], found.events[0]) == (0, 0)


def test_pv_has_events_and_no_energy():
    found = of(24, Resolution.DAY, events={"pv": [2.0] + [0.0] * 23})["pv"]
    assert str(found.text(0)) == "2 events published, energy not published"


def test_a_period_published_in_part_says_how_much_is_not():
    found = of(48, Resolution.ALL, curtailment={"wind": [1.0] * 24 + [NAN] * 24},
               events={"wind": [1.0] + [0.0] * 23 + [NAN] * 24})["wind"]  # fmt: skip
    assert str(found.text(0)) == "24 MWh in 1 events; 24 hours of the period not published"


def test_energy_without_a_count_says_so():
    found = of(24, Resolution.DAY, curtailment={"wind": [1.0] * 24})["wind"]
    assert str(found.text(0)) == "24 MWh, number of events not published"


def test_energy_or_a_count_published_in_part_says_how_much_is_not():
    half = {"wind": [1.0] * 24 + [NAN] * 24}
    energy = of(48, Resolution.ALL, curtailment=half)["wind"]
    assert (
        str(energy.text(0)) == "24 MWh, number of events not published; 24 hours of the period not published"
    )
    count = of(48, Resolution.ALL, events={"pv": [0.0] * 24 + [NAN] * 24})["pv"]
    assert (
        str(count.text(0)) == "0 events published, energy not published; 24 hours of the period not published"
    )
