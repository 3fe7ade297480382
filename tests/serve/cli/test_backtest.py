import dataclasses
import json

import numpy as np
import pytest

from forecast.making import START
from forecast.making import island as made_island
from tamna.forecast import targets
from tamna.forecast.blend import Member
from tamna.forecast.jeju import demand_target
from tamna.forecast.simple import Line
from tamna.grid.clock import HOUR
from tamna.runs import backtesting
from tamna.serve.cli.app import run

DAY0 = (START + 9 * HOUR).astype("datetime64[D]")
ASK = ["backtest", "jeju", "--target", "demand", "--from", str(DAY0 + 170), "--to", str(DAY0 + 175)]


@pytest.fixture(autouse=True)
def _made_up(monkeypatch, tmp_path):
    monkeypatch.setenv("TAMNA_STORE", str(tmp_path / "store"))
    monkeypatch.setattr(backtesting, "island_history", lambda _store, _period, **_how: made_island())
    line = dataclasses.replace(demand_target(), members=(Member(learner=Line()),), copies=1)
    monkeypatch.setitem(targets.TARGETS, "demand", lambda: line)


def test_json_names_every_competitor_with_every_score(capsys):
    assert run([*ASK, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["command"] == "backtest"
    scores = body["scores"]["demand"]
    assert {"tamna", "operator", "operator_debiased", "persistence", "last_week", "climatology"} <= set(
        scores
    )
    for one in scores.values():
        for key in ("mape_percent", "mae_mw", "nmae_percent", "rmse_mw", "bias_mw", "pinball", "crps"):
            assert np.isfinite(one[key])
        assert 0 <= one["coverage_80"] <= one["coverage_90"] <= 1
        assert one["hours"] == 6 * 24


def test_it_leaves_a_page_and_its_data_where_it_is_told(capsys, tmp_path):
    assert run([*ASK, "--out", str(tmp_path / "out"), "--lang", "ko"]) == 0
    told = capsys.readouterr().out
    assert "계통운영자(편향 제거)" in told
    assert "persistence" not in told
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "backtest.html",
        "backtest.json",
        "hours.parquet",
    }
    assert "예측 백테스트" in (tmp_path / "out/backtest.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--target", "tea"], "no such forecast target"),
        (["--train-every", "0d"], "at least one"),
        (["--issue-at", "noon"], "whole hour"),
        (["--from", "2031-01-01", "--to", "2030-01-01"], "must end after it starts"),
        (["--from", "2031-01-01", "--to", "2031-01-03"], "nothing of target demand"),
    ],
)
def test_a_refusal_says_what_to_do_and_leaves_with_two(capsys, more, said):
    assert run([*ASK, *more, "--json"]) == 2
    found = capsys.readouterr()
    assert said in found.err
    assert json.loads(found.out)["error"]["exit_code"] == 2
