import re

import numpy as np
import pytest

from forecast.test_verdict import ring
from tamna.forecast.verdict import verdict
from tamna.grid import load_island
from tamna.runs.backtesting import Backtested, asked
from tamna.serve.report.backtest import render_backtest
from tamna.serve.report.backtest_pictures import best_rivals, worst_day

JEJU = load_island("jeju")
N = 48
ACTUAL = np.where(np.arange(N) < 24, 100.0, 140.0)
MIDDLE = np.where(np.arange(N) == 30, 90.0, ACTUAL + 5.0)
COMMAND = "tamna backtest jeju --target demand"


def made(**how):
    one = ring(ACTUAL, MIDDLE, 10.0, **how)
    question = asked(JEJU, "demand", "2024-03-31", "2024-04-01")
    found = verdict(one)
    parts = ("scores", "skill", "reliability", "pit", "sharpness", "about")
    result = {"issue_at": "11:00", **{p: found[p] for p in parts}}
    return Backtested(island=JEJU, question=question, plans={}, contests=(one,), result=result)


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
    found = made()
    parts = verdict(one)
    result = {
        "issue_at": "11:00",
        **{p: parts[p] for p in ("scores", "skill", "reliability", "pit", "sharpness", "about")},
    }
    empty = Backtested(island=JEJU, question=found.question, plans={}, contests=(one,), result=result)
    assert "No hour could be scored." in render_backtest(empty, COMMAND, "en")


def test_the_same_backtest_gives_the_same_page():
    assert render_backtest(made(), COMMAND, "ko") == render_backtest(made(), COMMAND, "ko")


def test_the_rivals_shown_are_the_nearest():
    scores = {n: {"mae_mw": v} for n, v in {"tamna": 1, "a": 9, "b": 3, "c": 5, "d": 4}.items()}
    assert best_rivals(scores, "MW") == ["tamna", "b", "d", "c"]
