"""What a backtest refuses before it begins, and what it leaves; on a small made-up island with a straight line."""

import dataclasses
import json

import duckdb
import numpy as np
import pytest

from forecast.making import START
from forecast.making import island as made_island
from tamna.errors import InputError, UsageError
from tamna.forecast import targets
from tamna.forecast.blend import Member
from tamna.forecast.jeju import demand_target
from tamna.forecast.simple import Line
from tamna.grid import load_island
from tamna.grid.clock import HOUR
from tamna.runs import backtesting
from tamna.runs.backtest_files import leave_backtest
from tamna.runs.backtest_question import asked
from tamna.runs.backtest_worth import fleet_capacity
from tamna.runs.backtesting import backtested, fits_of

JEJU = load_island("jeju")
DAY0 = (START + 9 * HOUR).astype("datetime64[D]")
FROM, TO = str(DAY0 + 170), str(DAY0 + 179)


class Empty:
    """A store that lists nothing: what is read from it is made up beside it."""

    def list(self):
        return ()


def line():
    return dataclasses.replace(demand_target(), members=(Member(learner=Line()),), copies=1)


@pytest.fixture(autouse=True)
def _made_up(monkeypatch):
    monkeypatch.setattr(backtesting, "island_history", lambda _store, _period, **_how: made_island())
    monkeypatch.setitem(targets.TARGETS, "demand", line)
    monkeypatch.setitem(targets.TARGETS, "again", lambda: dataclasses.replace(line(), name="again"))


@pytest.fixture(scope="module")
def done():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backtesting, "island_history", lambda _store, _period, **_how: made_island())
        patch.setitem(targets.TARGETS, "demand", line)
        yield backtested(Empty(), JEJU, asked(JEJU, "demand", FROM, TO, train_every="14d"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"targets": "tea"}, "no such forecast target"),
        ({"targets": " , "}, "no target named"),
        ({"start": TO, "end": FROM}, "must end after it starts"),
        ({"start": "soon"}, "not a date"),
        ({"start": "2023-06-20T05:00+09:00"}, "whole island days"),
        ({"train_every": "0"}, "at least one"),
        ({"train_every": "0d"}, "at least one"),
        ({"train_every": "-3d"}, "at least one"),
        ({"train_every": "monthly"}, "at least one"),
        ({"issue_at": "11:30"}, "whole hour"),
        ({"issue_at": "24:00"}, "whole hour"),
        ({"weather": "true"}, "issued or roughened"),
        ({"since": FROM}, "something to learn from"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(given, said):
    with pytest.raises(UsageError, match=said):
        asked(JEJU, **{"targets": "demand", "start": FROM, "end": TO, **given})


def test_a_period_that_the_store_does_not_reach_is_refused_with_its_last_day():
    with pytest.raises(InputError, match=r"nothing of target demand.*last day held is 2023-07-20"):
        backtested(Empty(), JEJU, asked(JEJU, "demand", "2031-01-01", "2031-02-01"))


def test_a_period_with_nothing_before_it_is_refused_with_the_day_it_could_begin():
    with pytest.raises(InputError, match=r"too little to learn from.*Begin --from at 2023-02-13"):
        backtested(Empty(), JEJU, asked(JEJU, "demand", "2023-01-20", "2023-02-01", weather="roughened"))


def test_a_store_without_the_target_is_refused(monkeypatch):
    lacking = dataclasses.replace(made_island(), tracks={})
    monkeypatch.setattr(backtesting, "island_history", lambda *_args, **_named: lacking)
    with pytest.raises(InputError, match="holds nothing of target demand"):
        backtested(Empty(), JEJU, asked(JEJU, "demand", FROM, TO))


def test_what_speaks_against_several_targets_comes_together_and_before_any_work(monkeypatch):
    monkeypatch.setattr(backtesting, "backtest", lambda *_args, **_named: pytest.fail("worked on"))
    with pytest.raises(InputError) as refused:
        backtested(Empty(), JEJU, asked(JEJU, "demand,price,price_rt", FROM, TO))
    assert len(refused.value.mistakes) == 2
    assert all("holds nothing of target price" in str(m) for m in refused.value.mistakes)


def test_without_weather_runs_in_the_period_it_says_what_to_ask_instead(monkeypatch):
    dry = dataclasses.replace(made_island(), runs={})
    monkeypatch.setattr(backtesting, "island_history", lambda *_args, **_named: dry)
    with pytest.raises(InputError, match=r"no weather run.*--weather roughened"):
        backtested(Empty(), JEJU, asked(JEJU, "demand", FROM, TO))


def test_learning_begins_where_features_and_weather_do(done):
    plan = done.plans["demand"]
    assert plan.since == DAY0 + 14
    assert plan.warm_days == 52  # a third of what there is to learn from
    assert fits_of(done.question) == 5


def test_hours_before_the_first_run_are_left_out_and_counted(monkeypatch):
    monkeypatch.setattr(
        backtesting, "island_history", lambda _store, _period, **_how: made_island(runs_from=171)
    )
    found = backtested(Empty(), JEJU, asked(JEJU, "demand", FROM, TO)).result
    assert found["scores"]["demand"]["tamna"]["hours"] == 9 * 24
    assert found["scores"]["demand"]["tamna"]["hours_left_out"] == 24
    assert found["about"]["demand"]["left_out"]["no_weather_run"] == 24


def test_several_targets_side_by_side_answer_as_each_alone(done):
    both = backtested(Empty(), JEJU, asked(JEJU, "demand,again,demand", FROM, TO, train_every="14d")).result
    assert list(both["scores"]) == ["demand", "again"]
    assert both["scores"]["demand"] == done.result["scores"]["demand"]


def test_it_leaves_the_verdict_and_every_hour(done, tmp_path):
    leave_backtest(done, tmp_path / "out")
    body = json.loads((tmp_path / "out/backtest.json").read_text("utf-8"))
    assert body["scores"]["demand"]["operator_debiased"]["crps"] > 0
    rows = duckdb.sql(f"SELECT * FROM '{tmp_path}/out/hours.parquet'").df()
    assert len(rows) == 240
    mae = np.abs(rows["quantile_50"] - rows["actual"]).mean()
    assert mae == pytest.approx(body["scores"]["demand"]["tamna"]["mae_mw"])
    assert {"rival_operator", "left_out", "valid_at", "issued_at"} <= set(rows.columns)


def test_the_same_question_gives_the_same_bytes(done, tmp_path):
    again = backtested(Empty(), JEJU, asked(JEJU, "demand", FROM, TO, train_every="14d"))
    leave_backtest(done, tmp_path / "a")
    leave_backtest(again, tmp_path / "b")
    for name in ("backtest.json", "hours.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_fleet_has_the_capacity_that_meters_in_the_market():
    assert fleet_capacity(JEJU, "wind_delivered", np.datetime64("2024-06-01")) == pytest.approx(306.69)
    assert fleet_capacity(JEJU, "demand", np.datetime64("2024-06-01")) is None


def test_what_nobody_sells_earns_nothing_and_says_why(done):
    money = done.result["money"]["demand"]
    assert (money["real"], money["counterfactual"]) == ({}, {})
    assert "not what a seller delivers" in money["refused"][0]["what"]
    assert done.result["ramps"]["demand"] == {}


def test_where_no_run_came_before_later_ones_teach_how_rough_weather_is_and_it_says_so():
    question = asked(JEJU, "demand", str(DAY0 + 90), str(DAY0 + 95), weather="roughened")
    found = backtested(Empty(), JEJU, question)
    assert found.plans["demand"].error_before > (DAY0 + 190).astype("datetime64[s]")
    assert any("another period" in note for note in found.result["about"]["demand"]["notes"])


def test_where_runs_came_before_each_fit_learns_from_those_alone(monkeypatch):
    question = asked(JEJU, "demand", FROM, TO, weather="roughened")
    assert backtested(Empty(), JEJU, question).plans["demand"].error_before is None
