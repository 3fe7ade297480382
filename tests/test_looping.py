"""The loop from a store to its worth: what was said, what came, who saved what, the words and the page."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from tamna.forecast.draws import Draws
from tamna.forecast.trail import Trail
from tamna.grid import load_island
from tamna.grid.clock import Period, parse_period
from tamna.measure.lost import Lost
from tamna.physics.curtailment import Hours as Given
from tamna.runs import foreseeing, looping, open_store
from tamna.runs.dispatch_hours import nearest_days
from tamna.runs.foreseeing import Band, Said, said
from tamna.runs.foreseen import foreseen
from tamna.runs.lived import _bridged, lived_hours
from tamna.runs.settled_day import _cut, not_settled, settled_day
from tamna.runs.worth import Daily, Worth
from tamna.serve.cli.app import run
from tamna.serve.worth_words import bias_sentences, sentence
from tamna.sources.synthetic import typical_year

JEJU = load_island("jeju")
FIRST, LAST = "2023-04-08", "2023-04-09"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("looping") / "store"
    open_store(place, JEJU).ingest([typical_year(seed=0, year=2023)])
    return place


def made(store, *, without=()):
    """Say what came, with a fixed miss of each forecaster."""
    period = parse_period(FIRST, LAST, JEJU.timezone)
    came = lived_hours(open_store(store, JEJU), JEJU, period).came
    off = {"tamna": 0.99, "operator": 0.95, "operator_debiased": 0.975, "persistence": 0.93}
    of = {
        name: {who: values * by for who, by in off.items() if who not in without}
        for name, values in (("demand", came.demand_mw), ("wind", came.wind_mw), ("pv", came.pv_mw))
    }
    levels = np.array([0.05, 0.5, 0.95])
    none = np.empty((0, 24))
    trail = Trail(
        issued_at=none[:, 0].astype("datetime64[s]"), misses=none, known_at=none.astype("datetime64[s]")
    )
    bands = {
        name: Band(quantiles=values["tamna"][:, None] * np.array([0.9, 1.0, 1.1]), levels=levels, trail=trail)
        for name, values in of.items()
    }
    return Said(of=of, weather="roughened", bands=bands)


@pytest.fixture
def told(store, monkeypatch):
    monkeypatch.setattr(looping, "said", lambda *_a, **_k: made(store))


def ask(store, *words):
    return ["dispatch", "jeju", "--from", FIRST, "--to", LAST, "--no-reserve", "--store", str(store), *words]


def daily(*cost):
    cost = np.array(cost, dtype=float)
    return Daily(
        cost_krw=cost, paid_krw=cost, tco2=cost / 10, held_mwh=np.zeros(len(cost)), short_mwh=cost, unserved_mwh=cost,
        starts=cost,
    )  # fmt: skip


def test_a_forecast_is_worth_what_the_other_cost_more_and_a_part_of_the_others_gap():
    worth = Worth(
        counted=np.array([True, True, False, True]),
        kinds={
            "perfect": daily(10, 10, 99, 10),
            "tamna": daily(12, 11, 0, 13),
            "operator": daily(14, 13, 0, 17),
        },
    )
    saved = worth.saved("tamna", "operator", "cost_krw")
    assert (worth.days, worth.total("operator", "cost_krw")) == (3, 44.0)
    assert (saved.value, saved.part) == (8.0, pytest.approx(8 / 14))
    assert saved.low <= 8.0 <= saved.high
    assert saved.part_low <= 8 / 14 <= saved.part_high
    none = worth.saved("tamna", "operator", "held_mwh")
    assert (none.value, none.part) == (0.0, None)
    assert "% of the gap" in str(sentence(worth, "tamna", "operator", "tco2"))
    assert "% of the gap" not in str(sentence(worth, "tamna", "operator", "held_mwh"))


def test_days_are_drawn_whole_and_in_pairs():
    rng = np.random.default_rng(1)
    theirs = rng.uniform(0, 1000, 60)
    worth = Worth(
        counted=np.ones(60, dtype=bool),
        kinds={"perfect": daily(*(theirs - 9)), "tamna": daily(*(theirs - 5)), "operator": daily(*theirs)},
    )
    saved = worth.saved("tamna", "operator", "cost_krw")
    assert (saved.low, saved.high) == (pytest.approx(300), pytest.approx(300))
    assert Draws.of(np.arange(60)).times.sum(axis=1) == pytest.approx(60)


def test_short_gaps_are_drawn_straight_and_long_ones_stood_in_for():
    values = np.array([1.0, np.nan, 3.0, np.nan, np.nan, np.nan, np.nan, 8.0, np.nan])
    filled, long = _bridged(values, np.full(9, 5.0))
    assert filled == pytest.approx([1, 2, 3, 5, 5, 5, 5, 8, 5])
    assert long.tolist() == [False, False, False, True, True, True, True, False, True]


def test_a_price_stands_in_from_the_days_around_only():
    values = np.array([10.0, 20.0, np.nan, np.nan, 30.0, np.nan])
    assert nearest_days(values, day=2, most=1) == pytest.approx(
        [np.nan, np.nan, 20, 20, np.nan, np.nan], nan_ok=True
    )


def test_the_loop_tells_its_worth_in_both_languages(store, told, capsys):
    assert run(ask(store, "--forecast", "tamna")) == 0
    english = capsys.readouterr().out
    assert "The value of the forecast" in english
    assert "What tamna saves against the operator's demand" in english
    assert run(["--lang", "ko", *ask(store, "--forecast", "operator")]) == 0
    korean = capsys.readouterr().out
    assert "예측의 가치" in korean
    assert "풍력과 태양광 예측만 바꾼 경우" in korean


def test_the_loop_as_json_balances_settles_and_leaves_a_page(store, told, tmp_path, capsys):
    assert run(ask(store, "--forecast", "persistence", "--json", "--out", str(tmp_path))) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["forecast"], body["rules_broken"]) == ("persistence", [])
    given = np.sum([*body["hours"]["injection_mw"].values()], axis=0)
    assert given == pytest.approx(np.zeros(48), abs=0.05)
    kinds = body["worth"]["kinds"]
    assert set(kinds) == {
        "perfect",
        "tamna",
        "operator",
        "operator_debiased",
        "persistence",
        "wind_pv_persistence",
        "wind_pv_known",
    }
    mine = kinds["persistence"]
    assert mine["cost_krw"] == pytest.approx(body["paid_krw"] + body["missed_krw"])
    assert kinds["perfect"]["cost_krw"] <= mine["cost_krw"]
    assert body["worth"]["saved"][0]["forecast"] == "tamna"
    assert body["hours"]["foreseen_mw"]["demand"] != body["hours"]["came_mw"]["demand"]
    assert {w["name"] for w in body["one_more"]} >= {"wind", "pv"}
    assert any("would have saved" in line for line in body["hours"]["why"])
    page = (tmp_path / "dispatch.html").read_text("utf-8")
    assert "A day from forecast to settlement" in page
    assert "What was foreseen, and what came" in page
    assert "--forecast persistence" in page


def test_the_operators_bias_is_told_as_a_part_of_what_tamna_saves_against_it():
    worth = Worth(
        counted=np.ones(3, dtype=bool),
        kinds={
            "perfect": daily(10, 10, 10), "tamna": daily(12, 11, 13), "operator_debiased": daily(13, 12, 15),
            "operator": daily(14, 13, 17),
        },
    )  # fmt: skip
    saved = worth.saved("operator_debiased", "operator", "cost_krw", best="tamna")
    assert (saved.value, saved.part) == (4.0, pytest.approx(0.5))
    assert "of that the bias is 50 % (" in str(next(iter(bias_sentences(worth))))
    assert not any("the bias is" in str(s) for s in list(bias_sentences(worth))[3:])  # nothing is held back
    assert list(bias_sentences(replace(worth, kinds={"tamna": daily(1, 1, 1)}))) == []


def test_a_plan_for_many_paths_is_told_beside_that_for_the_median(store, told, tmp_path, capsys):
    words = ("--forecast", "tamna", "--paths", "4", "--cvar", "0.75:0.5")
    assert run(ask(store, *words, "--json", "--out", str(tmp_path))) == 0
    body = json.loads(capsys.readouterr().out)
    paths, kinds = body["paths"], body["worth"]["kinds"]
    assert (body["forecast"], paths["count"], paths["level"], paths["weight"]) == ("tamna", 4, 0.75, 0.5)
    assert len(paths["days"]["worst_krw"]) == 2
    assert paths["worst_krw"] >= paths["expected_krw"]
    assert paths["middle_worst_krw"] >= paths["middle_expected_krw"]
    assert kinds["tamna_paths"]["cost_krw"] == pytest.approx(body["paid_krw"] + body["missed_krw"])
    assert body["worth"]["saved"][0] | {"cost_krw": 0} == body["worth"]["saved"][0] | {
        "forecast": "tamna_paths",
        "against": "tamna",
        "cost_krw": 0,
    }
    assert body["rules_broken"] == []
    page = (tmp_path / "dispatch.html").read_text("utf-8")
    assert "One plan for many paths" in page
    assert "--paths 4 --cvar 0.75:0.5" in page
    assert run(["--lang", "ko", *ask(store, *words, "--no-worth")]) == 0
    assert "경로 4개로 결정" in capsys.readouterr().out
    assert run(ask(store, "--forecast", "operator", "--paths", "4")) == 2
    assert "Add --forecast tamna." in capsys.readouterr().err


def test_a_change_of_the_island_is_held_against_it_as_it_stands_on_the_same_days():
    """The forecast saves 4, 4 and 4 as it stands and 1, 2 and 3 with the change: 6 less, and never more."""
    stands = {"tamna": daily(12, 11, 13), "operator": daily(16, 15, 17)}
    changed = {"tamna": daily(10, 10, 10), "operator": daily(11, 12, 13)}
    before, after = (Worth(counted=np.ones(3, dtype=bool), kinds=kinds) for kinds in (stands, changed))
    found = after.changed(before, "tamna", "operator", "cost_krw")
    assert (found.as_it_stands, found.with_it, found.difference) == (12.0, 6.0, -6.0)
    assert -9.0 <= found.low < -6.0 < found.high <= -3.0
    same = after.changed(after, "tamna", "operator", "tco2")
    assert (same.difference, same.low, same.high) == (0.0, 0.0, 0.0)


def test_a_what_if_beside_a_forecast_is_lived_beside_the_island_as_it_stands(store, told, tmp_path, capsys):
    words = ("--forecast", "tamna", "--with", "battery:100MW/400MWh")
    assert run(ask(store, *words, "--json", "--out", str(tmp_path))) == 0
    body = json.loads(capsys.readouterr().out)
    assert run(ask(store, "--forecast", "tamna", "--json")) == 0
    alone = json.loads(capsys.readouterr().out)
    assert body["as_it_stands"]["paid_krw"] == pytest.approx(alone["paid_krw"])
    assert body["difference"]["paid_krw"] == pytest.approx(body["paid_krw"] - alone["paid_krw"])
    beside = body["worth"]["as_it_stands"]
    for kind, figures in beside["kinds"].items():
        assert figures["cost_krw"] == pytest.approx(alone["worth"]["kinds"][kind]["cost_krw"]), kind
    for now, then, both in zip(body["worth"]["saved"], alone["worth"]["saved"], beside["saved"], strict=True):
        cost = both["cost_krw"]
        assert (both["forecast"], both["against"]) == (now["forecast"], now["against"])
        assert cost["with_the_change"] == pytest.approx(now["cost_krw"]["value"])
        assert cost["as_it_stands"] == pytest.approx(then["cost_krw"]["value"])
        assert cost["difference"] == pytest.approx(cost["with_the_change"] - cost["as_it_stands"])
        assert cost["low"] <= cost["difference"] <= cost["high"]
    page = (tmp_path / "dispatch.html").read_text("utf-8")
    assert "The value of the forecast with the change, and on the island as it stands" in page
    assert "as_it_stands" not in alone["worth"]
    assert run(["--lang", "ko", *ask(store, *words)]) == 0
    korean = capsys.readouterr().out
    assert "설비를 바꾼 경우와 현재 설비에서의 예측의 가치" in korean
    assert "현재 설비" in korean


def test_wind_that_a_word_adds_is_foreseen_as_badly_as_the_rest(store, told, capsys):
    assert run(ask(store, "--forecast", "tamna", "--no-worth", "--with", "wind:50MW", "--json")) == 0
    hours = json.loads(capsys.readouterr().out)["hours"]
    came, foreseen = (np.array(hours[k]["wind"]) for k in ("came_mw", "foreseen_mw"))
    more, said = (np.array(hours[k]["wind:added"]) for k in ("came_mw", "foreseen_mw"))
    assert more.sum() > 0
    assert more / came.sum() == pytest.approx(more.sum() / came.sum() * came / came.sum(), abs=1e-4)
    assert said.sum() / foreseen.sum() == pytest.approx(more.sum() / came.sum(), rel=1e-3)


def test_days_that_were_lived_are_taken_up_again_each_forecast_apart(store, told, monkeypatch, capsys):
    assert run(ask(store, "--forecast", "operator-debiased", "--json")) == 0
    first = json.loads(capsys.readouterr().out)
    lived = []
    real = looping.live

    def live(scene, foresight, **more):
        lived.append(foresight)
        return real(scene, foresight, **more)

    monkeypatch.setattr(looping, "live", live)
    assert run(ask(store, "--forecast", "operator_debiased", "--json")) == 0
    again = json.loads(capsys.readouterr().out)
    assert len(lived) == 1  # the forecast that is told, hour by hour; the others are kept
    assert again["worth"] == first["worth"]
    assert first["worth"]["operators_bias"]["cost_krw"]["value"] == pytest.approx(
        first["worth"]["kinds"]["operator"]["cost_krw"]
        - first["worth"]["kinds"]["operator_debiased"]["cost_krw"]
    )


def test_a_forecast_that_nobody_published_is_refused(store, monkeypatch, capsys):
    monkeypatch.setattr(looping, "said", lambda *_a, **_k: made(store, without=("operator",)))
    assert run(ask(store, "--forecast", "operator")) == 2
    assert "no such forecast of every hour" in capsys.readouterr().err
    assert run(ask(store, "--forecast", "tea")) == 2
    assert "--forecast is not understood" in capsys.readouterr().err


def test_what_was_said_is_worked_out_once(store, tmp_path, monkeypatch):
    calls = []

    def work(*_args):
        calls.append(1)
        return made(store)

    monkeypatch.setattr(foreseeing, "_worked_out", work)
    opened, period = open_store(store, JEJU), parse_period(FIRST, LAST, JEJU.timezone)
    first, again = (said(opened, JEJU, period, fits=tmp_path) for _ in range(2))
    assert len(calls) == 1
    assert again.of["demand"]["tamna"] == pytest.approx(first.of["demand"]["tamna"])
    assert any("roughened" in str(n) for n in again.notes)


def test_a_run_without_forecast_or_plant_settles_no_day(store):
    opened = open_store(store, JEJU)
    assert settled_day(opened, JEJU, None) is None
    period = parse_period("2023-03-01", "2023-03-10", JEJU.timezone)
    found = foreseen(opened, JEJU, period)
    bare = JEJU.model_copy(update={"thermal": ()})
    assert settled_day(opened, bare, found) is None
    assert "no thermal unit" in str(not_settled(found, bare))
    assert "nothing could be forecast" in str(not_settled(None, JEJU))
    left = {name: t for name, t in found.forecast.targets.items() if name not in {"wind", "pv"}}
    poorer = replace(found, forecast=replace(found.forecast, targets=left))
    assert settled_day(opened, JEJU, poorer) is None
    assert "no forecast of wind, PV could be made" in str(not_settled(poorer, JEJU))
    day = settled_day(opened, JEJU, found)
    assert day is not None
    assert day.day.answer.broken == ()
    assert day.day.answer.hours.steps.labels[0] == "2023-03-10 00:00"
    assert day.day.loop.foresight.demand_mw == pytest.approx(found.forecast.at("demand", 0.5)[-24:])
    cost = day.day.answer.account.paid_krw + day.day.answer.account.missed_krw
    assert day.cost_of_not_knowing_krw == pytest.approx(cost - day.known.cost_krw[0])


def test_what_is_known_of_lost_wind_is_cut_to_the_day_but_for_what_tells_its_floor():
    stamps = np.datetime64("2024-04-08T00", "s") + np.arange(168) * np.timedelta64(3600, "s")
    week = np.arange(168.0)
    given = Given(
        stamps=stamps, actual_mw=week, potential_mw=week, error_mw=week, demand_mw=week, pv_mw=week,
        sunny=week > 0, most_mw=200.0,
    )  # fmt: skip
    rest = dict.fromkeys(f.name for f in fields(Lost))
    lost = Lost(**{**rest, "valid_at": stamps, "potential_mw": week, "given": given})
    cut = _cut(lost, Period(stamps[144], stamps[144] + np.timedelta64(24, "h")))
    assert cut.potential_mw.tolist() == list(range(144, 168))
    assert cut.valid_at[0] == stamps[144]
    assert cut.given.stamps is stamps
    assert _cut(lost, Period(stamps[160], stamps[160] + np.timedelta64(24, "h"))) is None
    assert _cut(None, Period(stamps[0], stamps[24])) is None
