import dataclasses
import re

import numpy as np
import pytest

from forecast.test_verdict import ring
from tamna.forecast.verdict import verdict
from tamna.grid import load_island
from tamna.runs.backtest_question import asked
from tamna.runs.backtest_worth import ramps
from tamna.runs.backtesting import Backtested
from tamna.serve.report.backtest import render_backtest
from tamna.serve.report.backtest_pictures import best_rivals, worst_day

JEJU = load_island("jeju")
N = 48
ACTUAL = np.where(np.arange(N) < 24, 100.0, 140.0)
MIDDLE = np.where(np.arange(N) == 30, 90.0, ACTUAL + 5.0)
NO_MONEY = {"unit": "KRW", "real": {}, "counterfactual": {}, "refused": []}
COMMAND = "tamna backtest jeju --target demand"


def made(**how):
    one = ring(ACTUAL, MIDDLE, 10.0, **how)
    question = asked(JEJU, "demand", "2024-03-31", "2024-04-01")
    return Backtested(island=JEJU, question=question, plans={}, contests=(one,), result=result_of(one))


def result_of(one, ramps=None, money=NO_MONEY):
    found, name = verdict(one), one.name
    found["about"][name]["counterfactual_hours"] = 0
    parts = ("scores", "skill", "reliability", "pit", "sharpness", "about")
    return {
        "issue_at": "11:00",
        "ramps": {name: ramps or {}},
        "money": {name: money},
        **{p: found[p] for p in parts},
    }


@pytest.mark.parametrize(("lang", "words"), [("en", "Who forecast best"), ("ko", "누가 가장 잘 맞혔나")])
def test_the_page_speaks_both_languages_and_asks_nothing_of_a_network(lang, words):
    page = render_backtest(made(), COMMAND, lang)
    assert words in page
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert "<script" not in page
    assert page.count("<svg") > 6
    assert COMMAND in page


def test_the_lead_names_the_best_competitor_and_both_errors():
    page = render_backtest(made(), COMMAND, "en")
    assert "tamna missed by 5.9 MW (4.96 %)" in page
    assert "operator&#39;s own forecast) by 16.1 MW" in page


def test_the_day_it_erred_most_is_told_with_its_worst_hour():
    page = render_backtest(made(), COMMAND, "en")
    assert "The day it erred most: 2024-04-01" in page
    assert "At 06:00 140 MW came where 90 were expected" in page


def test_a_day_that_is_not_scored_whole_is_not_shown():
    one = ring(np.where(np.arange(N) == 40, np.nan, ACTUAL), MIDDLE, 10.0)
    assert worst_day(one, "Asia/Seoul")[:24].all()


def test_an_estimated_target_carries_its_mark():
    assert "contains estimates" in render_backtest(made(estimated=True), COMMAND, "en")


def test_a_page_of_a_price_has_its_unit():
    page = render_backtest(made(name="price", unit="KRW/kWh"), COMMAND, "en")
    assert "MAE, KRW/kWh" in page
    assert "Day-ahead price (SMP)" in page


def test_a_backtest_without_a_scored_hour_still_says_so():
    one = ring(np.full(N, np.nan), MIDDLE, 10.0)
    empty = dataclasses.replace(made(), contests=(one,), result=result_of(one))
    assert "No hour could be scored." in render_backtest(empty, COMMAND, "en")


def test_the_same_backtest_gives_the_same_page():
    assert render_backtest(made(), COMMAND, "ko") == render_backtest(made(), COMMAND, "ko")


def test_the_rivals_shown_are_the_nearest():
    scores = {n: {"mae_mw": v} for n, v in {"tamna": 1, "a": 9, "b": 3, "c": 5, "d": 4}.items()}
    assert best_rivals(scores, "MW") == ["tamna", "b", "d", "c"]


def test_ramps_and_money_have_a_table_each_and_a_mock_run_is_named():
    one = ring(ACTUAL, MIDDLE, 10.0, name="wind_delivered", capacity=200.0)
    earned = {"revenue_krw": 4e6, "perfect_krw": 5e6, "imbalance_cost_krw": 1e6}
    rule = {
        "from": "2024-03-31", "to": "2024-04-01", "hours": 48, "hours_without_price": 3,
        "hours_without_quantity": 0, "delivered_mwh": 1000.0, "competitors": {"tamna": earned},
    }  # fmt: skip
    refused = [{"rule": "pilot", "title": "The pilot", "what": "the charge", "why": "no source"}]
    real = {"scheme": rule | {"title": "The scheme"}}
    money = {
        "unit": "KRW", "real": real, "counterfactual": {"pilot": rule | {"title": "The pilot"}}, "refused": refused,
    }  # fmt: skip
    done = dataclasses.replace(made(), contests=(one,), result=result_of(one, ramps(one), money))
    page = render_backtest(done, COMMAND, "en")
    assert "Changes of at least 40 MW within 3 hours" in page
    assert "The scheme, 2024-03-31 to 2024-04-01" in page
    assert "The pilot, 2024-03-31 to 2024-04-01: counterfactual, prices of a mock run" in page
    assert "1,000" in page  # KRW per MWh
    assert "The pilot: the charge: no source" in page


def test_a_rule_that_cannot_be_computed_is_told_even_where_no_money_is():
    one = ring(ACTUAL, MIDDLE, 10.0, name="wind_delivered", capacity=200.0)
    refused = [{"rule": "pilot", "title": "The pilot", "what": "the charge", "why": "no source"}]
    money = {"unit": "KRW", "real": {}, "counterfactual": {}, "refused": refused}
    done = dataclasses.replace(made(), contests=(one,), result=result_of(one, ramps(one), money))
    assert "The pilot: the charge: no source" in render_backtest(done, COMMAND, "en")
