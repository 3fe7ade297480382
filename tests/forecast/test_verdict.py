import dataclasses
import json

import numpy as np
import pytest

from tamna.forecast.backtest import Answers, day_ahead_rows
from tamna.forecast.contest import Contest
from tamna.forecast.levels import NINE
from tamna.forecast.verdict import verdict
from tamna.grid.clock import KOREA

ROWS = day_ahead_rows(np.datetime64("2024-03-31"), np.datetime64("2024-04-01"), 11, KOREA)


def answers(rival):
    actual = np.full(48, 100.0)
    quantiles = np.tile(110.0 + np.arange(-4.0, 5.0), (48, 1))
    return Answers("demand", "MW", ROWS, actual, NINE, quantiles, quantiles, {"operator": rival}, (), ())


def test_scores_on_paper():
    found = verdict(answers(np.full(48, 80.0)))["scores"]["demand"]
    assert found["tamna"]["mape_percent"] == 10.0
    assert found["operator"]["mape_percent"] == 20.0
    assert found["tamna"]["bias_mw"] == 10.0
    assert found["tamna"]["coverage_80"] == 0.0


def test_skill_says_how_much_smaller_the_error_is():
    found = verdict(answers(np.full(48, 80.0)))["skill"]["demand"]["operator"]
    assert found["mae_percent"] == 50.0
    assert found["mae_mw_interval"] == [10.0, 10.0]


def test_an_hour_that_a_rival_lacks_counts_for_nobody():
    rival = np.full(48, 80.0)
    rival[5] = np.nan
    found = verdict(answers(rival))
    assert (found["hours"], found["hours_left_out"]) == (47, 1)
    assert found["scores"]["demand"]["tamna"]["hours"] == 47


def test_months_and_blocks_are_those_of_the_island():
    found = verdict(answers(np.full(48, 80.0)))["scores"]["demand"]["tamna"]
    assert {m: s["hours"] for m, s in found["by_month"].items()} == {"2024-03": 24, "2024-04": 24}
    assert found["by_block"]["night"]["hours"] == 12


def ring(actual, middle, half, *, name="demand", unit="MW", **how):
    """Give a contest of two days in which tamna says `middle` +- `half` and a rival 20 less."""
    quantiles = middle[:, None] + half * np.linspace(-1, 1, 9)
    rival = quantiles - 20.0
    return Contest(
        name=name, unit=unit, rows=ROWS, actual=actual, levels=NINE,
        middles={"tamna": middle, "operator": middle - 20.0},
        quantiles={"tamna": quantiles, "operator": rival},
        left_out={"no_actual": ~np.isfinite(actual)}, lit=np.ones(48, dtype=bool), **how,
    )  # fmt: skip


FLAT = np.full(48, 100.0)
KEYS = (
    "mape_percent",
    "mae_mw",
    "nmae_percent",
    "rmse_mw",
    "bias_mw",
    "pinball",
    "crps",
    "coverage_80",
    "coverage_90",
)


def test_every_competitor_has_every_score():
    found = verdict(ring(FLAT, FLAT + 5, 10.0))["scores"]["demand"]
    for competitor in ("tamna", "operator"):
        assert all(found[competitor][key] is not None for key in KEYS)
        assert found[competitor]["hours"] == 48
    assert found["tamna"]["coverage_80"] == 1.0
    assert found["operator"]["bias_mw"] == -15.0


def test_a_price_has_its_own_unit_in_its_keys_and_none_in_megawatts():
    found = verdict(ring(FLAT, FLAT + 5, 10.0, name="price", unit="KRW/kWh"))["scores"]["price"]["tamna"]
    assert found["mae_krw_per_kwh"] == 5.0
    assert found["mae_mw"] is None
    assert found["intervals"]["mae_krw_per_kwh"] == [5.0, 5.0]


def test_percent_makes_no_sense_where_actuals_come_near_zero():
    calm = np.where(np.arange(48) == 7, 0.5, 100.0)
    assert verdict(ring(calm, FLAT, 10.0))["scores"]["demand"]["tamna"]["mape_percent"] is None


def test_nmae_is_of_the_capacity_where_there_is_one():
    found = verdict(ring(FLAT, FLAT + 5, 10.0, capacity=500.0))["scores"]["demand"]["tamna"]
    assert found["nmae_percent"] == 1.0


def test_hours_without_width_count_for_no_coverage():
    half = np.where(np.arange(48) < 24, 0.0, 10.0)
    found = verdict(ring(FLAT, np.where(half > 0, FLAT, 90.0), half[:, None]))
    assert found["scores"]["demand"]["tamna"]["coverage_90"] == 1.0
    assert found["reliability"]["demand"][4]["observed"] == 0.5


def test_skill_has_an_interval_for_the_middle_and_for_the_distribution():
    found = verdict(ring(FLAT, FLAT + 5, 10.0))["skill"]["demand"]["operator"]
    assert found["mae_percent"] == pytest.approx(100 * (1 - 5 / 15))
    assert found["mae_percent_interval"] == pytest.approx([found["mae_percent"]] * 2)
    assert 0 < found["pinball_percent_interval"][0] <= found["pinball_percent"]


def test_scores_stand_by_month_season_block_hour_and_lead():
    found = verdict(ring(FLAT, FLAT + 5, 10.0))["scores"]["demand"]["tamna"]
    assert list(found["by_season"]) == ["spring"]
    assert found["by_season"]["spring"]["intervals"]["coverage_80"] == [1.0, 1.0]
    assert len(found["by_hour"]) == 24
    assert found["by_lead"]["13"]["hours"] == 2
    assert {s["mae_mw"] for s in found["by_lead"].values()} == {5.0}


def test_hours_left_out_are_named_by_reason():
    gap = np.where(np.arange(48) < 6, np.nan, 100.0)
    about = verdict(ring(gap, FLAT, 10.0))["about"]["demand"]
    assert (about["hours"], about["hours_left_out"], about["left_out"]) == (42, 6, {"no_actual": 6})


def test_a_verdict_is_json_without_any_nan():
    text = json.dumps(verdict(ring(np.full(48, np.nan), FLAT, 10.0)), allow_nan=False)
    assert json.loads(text)["scores"]["demand"]["tamna"]["mae_mw"] is None


def test_where_a_rival_has_no_band_yet_its_number_is_scored_and_no_distribution_is():
    one = ring(FLAT, FLAT + 5, 10.0)
    young = one.quantiles["operator"].copy()
    young[:24] = np.nan
    found = verdict(dataclasses.replace(one, quantiles={**one.quantiles, "operator": young}))["scores"][
        "demand"
    ]
    for score in found.values():
        assert (score["hours"], score["hours_with_bands"]) == (48, 24)
        assert score["by_month"]["2024-03"]["pinball"] is None
        assert score["pinball"] > 0
    assert found["operator"]["by_month"]["2024-03"]["mae_mw"] == 15.0
