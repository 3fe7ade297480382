import json

import numpy as np
import pytest

from forecast.making import issue_of
from tamna.errors import UsageError
from tamna.forecast.backtest import Answers, day_ahead_rows
from tamna.forecast.history import History, Track
from tamna.forecast.money import Money, mock_hours, money_of
from tamna.forecast.titles import title
from tamna.grid import load_island
from tamna.grid.clock import HOUR, KOREA
from tamna.lang import speaking

ROWS = day_ahead_rows(np.datetime64("2024-05-31"), np.datetime64("2024-06-01"), 11, KOREA)
N = len(ROWS)


@pytest.fixture(scope="module")
def jeju():
    return load_island("jeju")


def answers(target="wind_delivered", said=12.0, came=10.0, rows=ROWS, rival=8.0):
    n = len(rows)
    quantiles = np.full((n, 1), said)
    return Answers(
        target, "MW", rows, np.full(n, came), np.array([0.5]), quantiles, quantiles,
        {"persistence": np.full(n, rival)}, (), (),
    )  # fmt: skip


def history(rows=ROWS, holes=()):
    n = len(rows)
    day_ahead, real_time = np.full(n, 100.0), np.full(n, 130.0)
    for hole in holes:
        real_time[hole] = np.nan
    known = issue_of(rows.valid_at, 18)
    return History(
        {
            "price_da": Track(rows.valid_at[0], day_ahead, known),
            "price_rt": Track(rows.valid_at[0], real_time, rows.valid_at + HOUR),
        },
        {},
    )


def test_the_mock_run_stands_apart_from_what_was_paid(jeju):
    found = money_of(answers(), history(), jeju)
    assert set(found["real"]) == {"pilot-settlement"}
    assert set(found["counterfactual"]) == {"pilot-mock-settlement"}
    real, mock = found["real"]["pilot-settlement"], found["counterfactual"]["pilot-mock-settlement"]
    assert (real["from"], real["to"], real["hours"]) == ("2024-06-01", "2024-06-01", 24)
    assert (mock["from"], mock["to"], mock["hours"]) == ("2024-05-31", "2024-05-31", 24)


def test_two_megawatt_hours_too_many_are_bought_back_thirty_won_dearer(jeju):
    found = money_of(answers(), history(), jeju)["real"]["pilot-settlement"]["competitors"]
    assert found["tamna"]["perfect_krw"] == 24 * 1000 * 10 * 100
    assert found["tamna"]["revenue_krw"] == 24 * 1000 * (12 * 100 - 2 * 130)
    assert found["tamna"]["imbalance_cost_krw"] == 24 * 1000 * 2 * 30
    assert found["persistence"]["imbalance_cost_krw"] == -24 * 1000 * 2 * 30  # sold late and dearer: luck
    assert found["tamna"]["by_month"]["2024-06"]["revenue_krw"] == found["tamna"]["revenue_krw"]


def test_real_and_counterfactual_money_do_not_add():
    with pytest.raises(UsageError, match="counterfactual"):
        Money(1.0) + Money(1.0, counterfactual=True)
    assert Money(1.0, True) + Money(2.0, True) == Money(3.0, True)


def test_hours_without_a_price_are_counted_and_not_filled(jeju):
    found = money_of(answers(), history(holes=(25, 30)), jeju)["real"]["pilot-settlement"]
    assert (found["hours"], found["hours_without_price"]) == (22, 2)
    assert found["competitors"]["tamna"]["perfect_krw"] == 22 * 1000 * 10 * 100


def test_an_hour_that_one_competitor_left_open_counts_for_none(jeju):
    asked = answers()
    asked.rivals["persistence"][26] = np.nan
    found = money_of(asked, history(), jeju)["real"]["pilot-settlement"]
    assert (found["hours"], found["hours_without_quantity"]) == (23, 1)


def test_what_has_no_source_is_refused_with_the_reason(jeju):
    refused = money_of(answers(), history(), jeju)["refused"]
    assert {r["rule"] for r in refused} == {"forecast-scheme", "pilot-mock-settlement", "pilot-settlement"}
    scheme = next(r for r in refused if r["rule"] == "forecast-scheme")
    assert scheme["why"].startswith("no source at hand says what an hour's error is divided by")
    charge = next(r for r in refused if r["rule"] == "pilot-settlement")
    assert "tolerance" in charge["why"]


def test_reasons_and_rules_of_the_grid_file_speak_the_readers_language(jeju):
    with speaking("ko"):
        refused = money_of(answers(), history(), jeju)["refused"]
    scheme = next(r for r in refused if r["rule"] == "forecast-scheme")
    assert scheme["title"] == "재생에너지 발전량 예측제도"
    assert "밝힌 자료를 찾지 못했습니다" in scheme["why"]


def test_a_file_that_knows_the_scheme_has_it_computed(jeju):
    (scheme,) = (s for s in jeju.settlements if s.kind == "forecast_incentive")
    known = scheme.model_copy(update={"error_of": "capacity", "unknown": {}})
    informed = jeju.model_copy(update={"settlements": (known,)})
    found = money_of(answers(said=12.0, rival=60.0), history(), informed)["real"]["forecast-scheme"]
    assert found["competitors"]["tamna"]["revenue_krw"] == N * 1000 * 10 * 4
    assert found["competitors"]["persistence"]["revenue_krw"] == 0
    assert found["competitors"]["persistence"]["months_over_test"] == ["2024-05", "2024-06"]
    assert found["competitors"]["tamna"]["months_over_test"] == []


def test_a_file_that_knows_the_charge_takes_it_off(jeju):
    (pilot,) = (s for s in jeju.settlements if s.name == "pilot-settlement")
    known = type(pilot).model_validate(
        pilot.model_dump(exclude={"unknown"}) | {"tolerance": 0.0, "penalty_krw_per_kwh": 50}
    )
    informed = jeju.model_copy(update={"settlements": (known,)})
    found = money_of(answers(), history(), informed)["real"]["pilot-settlement"]["competitors"]["tamna"]
    assert found["imbalance_cost_krw"] == 24 * 1000 * 2 * (30 + 50)


def test_nobody_sells_demand_or_a_potential(jeju):
    for target in ("demand", "wind", "price"):
        found = money_of(answers(target), history(), jeju)
        assert found["real"] == found["counterfactual"] == {}
        assert str(title(target)) in found["refused"][0]["what"]


def test_without_prices_nothing_is_settled(jeju):
    found = money_of(answers(), History({}, {}), jeju)
    assert found["real"] == found["counterfactual"] == {}
    assert "jeju/price_da" in str(found["refused"])


def test_it_is_plain_json(jeju):
    found = money_of(answers(), history(), jeju)
    assert json.loads(json.dumps(found)) == found


def test_the_grid_file_says_which_prices_were_play(jeju):
    mock = mock_hours(answers(), jeju, "jeju/price_rt")
    assert mock.tolist() == [True] * 24 + [False] * 24
    assert not mock_hours(answers(), jeju, "jeju/smp").any()
