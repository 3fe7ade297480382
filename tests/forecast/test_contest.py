import dataclasses

import numpy as np
import pytest

from forecast.making import START, island
from tamna.forecast.backtest import Plan, backtest
from tamna.forecast.blend import Member
from tamna.forecast.contest import REASONS, contest
from tamna.forecast.jeju import demand_target
from tamna.forecast.simple import Line
from tamna.grid.clock import HOUR

DAY0 = (START + 9 * HOUR).astype("datetime64[D]")
PLAN = Plan(first=DAY0 + 170, last=DAY0 + 179, since=DAY0 + 30, warm_days=28)


def line(**how):
    return dataclasses.replace(demand_target(), members=(Member(learner=Line()),), copies=1, **how)


@pytest.fixture(scope="module")
def answers():
    return backtest(line(), island(), PLAN)


def test_each_hour_is_left_out_under_one_reason_only(answers):
    lame = dataclasses.replace(answers, actual=np.where(np.arange(240) < 5, np.nan, answers.actual))
    ring = contest(lame, line(scored=lambda rows, _h: np.arange(len(rows)) >= 8), island())
    assert {k: int(v.sum()) for k, v in ring.left_out.items()} == {
        "no_weather_run": 0, "not_scored": 8, "no_actual": 0, "no_answer": 0, "no_rival": 0
    }  # fmt: skip
    assert ring.fair.sum() == 232
    assert set(ring.left_out) == set(REASONS)


def test_hours_for_which_no_run_was_issued_are_left_out_and_counted(answers):
    # runs begin with the third day of the period
    late = island(runs_from=172)
    ring = contest(answers, line(), late)
    assert ring.left_out["no_weather_run"].sum() == 48
    assert ring.fair.sum() == 240 - 48


def test_roughened_weather_needs_no_run(answers):
    assert contest(answers, line(), island(runs_from=172), weather="roughened").fair.all()


def test_a_rival_that_hardly_answers_does_not_take_the_hours_from_all(answers):
    silent = np.full(240, np.nan)
    ring = contest(dataclasses.replace(answers, rivals={**answers.rivals, "mute": silent}), line(), island())
    assert "mute" not in ring.middles
    assert ring.fair.all()
    assert any("mute does not compete" in str(note) for note in ring.notes)


def test_an_estimated_target_is_said_to_be_one(answers):
    assert any("estimate" in str(n) for n in contest(answers, line(estimated=True), island()).notes)


def test_night_says_nothing_about_a_pv_band(answers):
    ring = contest(dataclasses.replace(answers, target="pv"), line(), island())
    assert 0.4 < ring.lit.mean() < 0.7
