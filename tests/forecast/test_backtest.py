import dataclasses

import numpy as np
import pytest

from forecast.making import START, island
from tamna.errors import InputError, UsageError
from tamna.forecast.backtest import Plan, backtest, day_ahead_rows
from tamna.forecast.blend import Member
from tamna.forecast.demand import DemandFeatures
from tamna.forecast.jeju import demand_target
from tamna.forecast.scores import middle_scores
from tamna.forecast.simple import Line
from tamna.forecast.table import Table
from tamna.forecast.verdict import verdict
from tamna.grid.clock import DAY, HOUR, KOREA

HONEST = DemandFeatures()
DAY0 = (START + 9 * HOUR).astype("datetime64[D]")
PLAN = Plan(first=DAY0 + 170, last=DAY0 + 189, since=DAY0 + 30, warm_days=28)


def line():
    return dataclasses.replace(demand_target(), members=(Member(learner=Line()),), copies=1)


@pytest.fixture(scope="module")
def answers():
    return backtest(line(), island(), PLAN)


def test_every_hour_of_the_plan_is_answered(answers):
    assert len(answers.rows) == 20 * 24
    assert np.isfinite(answers.quantiles).all()
    assert (answers.rows.lead_h >= 13).all()
    assert (answers.rows.lead_h <= 36).all()


def test_it_beats_every_simple_rival_on_a_made_up_island(answers):
    scores = verdict(answers)["scores"]["demand"]
    for rival in ("persistence", "last_week", "climatology", "operator"):
        assert scores["tamna"]["mae_mw"] < scores[rival]["mae_mw"]


def test_the_verdict_counts_the_same_hours_for_all(answers):
    found = verdict(answers)
    assert {s["hours"] for s in found["scores"]["demand"].values()} == {20 * 24}
    assert found["skill"]["demand"]["operator"]["mae_mw_interval"][0] > 0


def test_taking_off_its_bias_helps_the_operator(answers):
    scores = verdict(answers)["scores"]["demand"]
    assert abs(scores["operator_debiased"]["bias_mw"]) < abs(scores["operator"]["bias_mw"]) / 3


def test_the_same_plan_gives_the_same_bytes(answers):
    again = backtest(line(), island(), PLAN)
    assert again.quantiles.tobytes() == answers.quantiles.tobytes()


def test_what_comes_after_the_last_issue_changes_no_answer(answers):
    poisoned = island().poisoned(answers.rows.issued_at[-1])
    again = backtest(line(), poisoned, PLAN)
    np.testing.assert_array_equal(again.quantiles, answers.quantiles)


@dataclasses.dataclass(frozen=True)
class Peeking:
    """Features with a leak: the demand of the hour itself."""

    honest: DemandFeatures = HONEST

    def facts(self, rows, history):
        table = self.honest.facts(rows, history)
        ahead = history.actual("demand", rows.valid_at)
        return Table(
            (*table.names, "tomorrow"), np.concatenate([table.values, ahead[:, None]], 1), table.base
        )


def test_a_planted_leak_is_refused_by_name():
    leaky = dataclasses.replace(line(), facts=Peeking().facts)
    with pytest.raises(InputError, match=r"looked ahead.*tomorrow"):
        backtest(leaky, island(), PLAN)


def test_weather_read_after_the_issue_is_refused_too():
    def sky(rows, history, weather):
        table = DemandFeatures().sky(rows, history, weather)
        seen = history.observed("observed/temperature", rows.valid_at)
        return Table((*table.names, "seen"), np.concatenate([table.values, seen[:, None]], 1), table.base)

    with pytest.raises(InputError, match="seen"):
        backtest(dataclasses.replace(line(), sky=sky), island(), PLAN)


def test_roughened_weather_is_said_to_be_so():
    plan = dataclasses.replace(PLAN, weather="roughened")
    notes = backtest(line(), island(), plan).notes
    assert any("roughened" in str(note) for note in notes)


def test_an_unknown_kind_of_weather_is_refused():
    with pytest.raises(UsageError, match="issued or roughened"):
        backtest(line(), island(), dataclasses.replace(PLAN, weather="true"))


def test_a_day_is_issued_at_eleven_of_the_day_before():
    rows = day_ahead_rows(np.datetime64("2024-03-02"), np.datetime64("2024-03-02"), 11, KOREA)
    assert rows.issued_at[0] == np.datetime64("2024-03-01T02:00:00")
    assert rows.valid_at[0] == np.datetime64("2024-03-01T15:00:00")
    assert rows.valid_at[-1] - rows.valid_at[0] == DAY - HOUR


def test_middle_and_scores_agree(answers):
    mine = middle_scores(answers.actual, answers.middle)["mae_mw"]
    assert verdict(answers)["scores"]["demand"]["tamna"]["mae_mw"] == pytest.approx(mine)
