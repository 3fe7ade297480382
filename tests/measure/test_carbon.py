"""Carbon intensity: only with what is measured, and with its factors."""

from __future__ import annotations

import numpy as np
import pytest

from measure.island_of import island
from tamna.grid.clock import Resolution
from tamna.measure import Bins, carbon


def of(h, by=Resolution.ALL):
    return carbon(h, Bins(h.valid_at, by, h.timezone))


def test_two_hours_by_hand():
    # hour 1: 50 wind, 50 LNG at 0.4 = 20 t over 100. hour 2: 60 oil at 0.7 + 40 imported at 0.5 = 62 over 100
    h = island(
        [100.0, 100.0], wind=[50.0, 0.0], lng=[50.0, 0.0], oil=[0.0, 60.0], imports=[0.0, 40.0],
        exports=[0.0, 0.0], import_factor=0.5,
    )  # fmt: skip
    found = of(h)
    assert found.tco2e_per_mwh[0] == pytest.approx(82 / 200)
    np.testing.assert_allclose(found.hourly, [0.20, 0.62])
    assert found.factors["import"].tco2e_per_mwh == 0.5
    assert found.estimated_hours.tolist() == [0]


def test_exports_leave_with_the_mix_of_the_hour():
    h = island([60.0], wind=[50.0], lng=[50.0], imports=[0.0], exports=[40.0])
    assert of(h).tco2e_per_mwh[0] == pytest.approx(0.2)


def test_links_by_balance_make_it_a_flagged_estimate():
    found = of(island([100.0], wind=[20.0], lng=[30.0], import_factor=0.5))
    assert found.tco2e_per_mwh[0] == pytest.approx((12 + 25) / 100)
    assert found.estimated_hours.tolist() == [1]
    assert "net import estimated" in str(found.note)


def test_without_thermal_or_links_it_is_unavailable_and_says_why():
    found = of(island([100.0], wind=[20.0], lng=None))
    assert np.isnan(found.tco2e_per_mwh[0])
    assert str(found.why_not[0]) == "not measured in this period: imports and exports, lng"
    assert found.as_dict()["tco2e_per_mwh"] == [None]


def test_generation_known_only_by_balance_has_no_factor():
    found = of(island([100.0], wind=[20.0], lng=None, imports=[30.0], exports=[0.0], import_factor=0.5))
    assert np.isnan(found.tco2e_per_mwh[0])


def test_a_class_without_a_factor_is_named():
    found = of(island([100.0], nuclear=[100.0], imports=[0.0], exports=[0.0]))
    assert str(found.why_not[0]) == "no emission factor: nuclear"


def test_imports_without_a_factor_are_named():
    found = of(island([100.0], lng=[50.0], imports=[50.0], exports=[0.0]))
    assert str(found.why_not[0]) == "no emission factor: imports"
