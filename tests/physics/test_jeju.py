"""What the fits must show on the real hours of Jeju (issue 3), the year left out."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks import curtailment, jeju, wind_potential

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def hours(shared_data):
    return jeju.load(shared_data)


@pytest.fixture(scope="module")
def scored(hours):
    return curtailment.score(hours)


@pytest.fixture(scope="module")
def wind(hours):
    return wind_potential.score_wind(hours)


def test_wind_in_hours_with_little_sun_is_within_15_mw(wind):
    assert wind["little_sun"]["all"]["mae_mw"] < 15
    assert wind["little_sun"]["all"]["correlation"] > 0.93
    assert wind["little_sun"]["2023"]["mae_mw"] < 14


def test_the_80_percent_interval_holds_80_percent_in_every_season(wind):
    for name, found in wind["interval_80"].items():
        assert found["from"] <= 0.82, name
        assert found["to"] >= 0.78, name
    assert wind["interval_80"]["all"]["share"] == pytest.approx(0.8, abs=0.02)


def test_pv_in_daylight_is_within_five_percent_of_capacity(hours):
    scores = wind_potential.score_pv(hours)
    assert all(s["nmae"] < 0.05 for name, s in scores.items() if name.endswith("followed"))


def test_curtailed_hours_of_2023_are_ranked_above_free_ones(scored):
    ours = scored["hours_that_matter"]["tamna"]
    assert scored["base_rate"] == pytest.approx(0.265, abs=0.002)
    assert ours["auc"] >= 0.965
    assert ours["average_precision"] >= 0.91
    for name, rival in scored["hours_that_matter"].items():
        if name != "tamna":
            assert ours["average_precision"] > rival["average_precision"], name


def test_the_energy_of_2023_is_met_without_looking(scored):
    assert abs(scored["annual"]["error"]) < 0.10
    low, high = scored["annual"]["interval_80_mwh"]
    assert low < scored["annual"]["published_mwh"] < high
    assert scored["daily_correlation"] >= 0.88
    errors = [m["error"] for m in scored["months"].values() if m["error"] is not None]
    assert len(errors) == 7
    assert np.max(np.abs(errors)) < 0.35


def test_total_and_days_of_2022_are_met_with_2022_left_out(hours):
    found = curtailment.other_years(hours, (2022,))["2022"]
    assert found["days"] == pytest.approx(104, rel=0.15)  # no published number of days is learned from
    assert found["estimated_mwh"] == pytest.approx(curtailment.TOTAL_2022_MWH, rel=0.10)
    low, high = found["interval_80_mwh"]
    assert low < curtailment.TOTAL_2022_MWH < high
