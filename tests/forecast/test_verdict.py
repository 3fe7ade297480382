import numpy as np

from tamna.forecast.backtest import Answers, day_ahead_rows
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
