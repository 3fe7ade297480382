"""From a store to a dispatch on the made-up typical year: sums, hours, what-ifs, LP text, and what is refused."""

import json
from datetime import date

import numpy as np
import pytest

from tamna.dispatch.island import stand
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.runs import open_store
from tamna.runs.dispatch_hours import came
from tamna.runs.dispatching import Asked, hours_of, prepared
from tamna.serve.cli.app import run
from tamna.sources.synthetic import typical_year

JEJU = load_island("jeju")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("dispatch") / "store"
    open_store(place, JEJU).ingest([typical_year(seed=0, year=2023)])
    return place


def ask(store, *words, day="2023-04-08"):
    return ["dispatch", "jeju", "--from", day, "--to", day, "--store", str(store), *words]


def test_hours_come_as_published_and_what_no_year_tells_is_said(store):
    period = parse_period("2023-04-08", "2023-04-08", JEJU.timezone)
    found = came(open_store(store, JEJU), JEJU, period)
    hours = hours_of(stand(JEJU, date(2023, 4, 8)), found, JEJU)
    assert hours.steps.labels[0] == "2023-04-08 00:00"
    assert (len(hours.demand_mw), hours.floor_mw) == (24, None)
    assert np.isfinite(hours.import_price["link:hvdc1"]).all()
    assert (hours.export_price["link:hvdc1"] == 0).all()
    assert any("no other year tells" in str(n) for n in found.notes)


def test_a_day_is_dispatched_balanced_told_and_left(store, tmp_path, capsys):
    assert run(ask(store, "--json", "--out", str(tmp_path))) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["command"], body["island"], body["rules_broken"]) == ("dispatch", "jeju", [])
    given = np.sum([*body["hours"]["injection_mw"].values()], axis=0)
    assert given == pytest.approx(np.zeros(24), abs=0.05)
    demand = -np.sum(body["hours"]["injection_mw"]["demand"])
    assert body["unserved_mwh"] == pytest.approx(0, abs=1e-3)
    assert demand == pytest.approx(-body["generated_mwh"]["demand"], abs=0.05)
    assert len(body["hours"]["why"]) == 24
    assert body["paid_krw"] > 0
    page = (tmp_path / "dispatch.html").read_text("utf-8")
    assert "Who supplied each hour" in page
    assert page.count("<svg") >= 2
    left = json.loads((tmp_path / "dispatch.json").read_text("utf-8"))
    assert left["hours"] == body["hours"]


def test_a_what_if_stands_beside_the_island_as_it_is(store, capsys):
    outage = "thermal:jeju_cc 2023-04-08 06:00..18:00"
    assert run(ask(store, "--json", "--no-reserve", "--outage", outage, "--without", "link:hvdc1")) == 0
    body = json.loads(capsys.readouterr().out)
    inside = body["hours"]["injection_mw"]["thermal:jeju-cc"][6:18]
    assert inside == pytest.approx([0] * 12)
    assert "link:hvdc1" not in body["hours"]["injection_mw"]
    assert body["difference"]["paid_krw"] == pytest.approx(
        body["paid_krw"] - body["as_it_stands"]["paid_krw"]
    )


def test_the_text_speaks_both_languages(store, capsys):
    assert run(["--lang", "ko", *ask(store, "--no-reserve")]) == 0
    korean = capsys.readouterr().out
    assert "풍력 출력제어, MWh" in korean
    assert "가정한 값" in korean
    assert run(ask(store, "--no-reserve")) == 0
    english = capsys.readouterr().out
    assert "wind held back, MWh" in english
    assert "2023-04-08 12:00" in english


def test_the_period_is_left_as_lp_text(store, tmp_path, capsys):
    place = tmp_path / "day.lp"
    assert run(ask(store, "--no-reserve", "--write-lp", str(place))) == 0
    capsys.readouterr()
    text = place.read_text("utf-8")
    assert "balance.electricity(23)" in text
    assert "thermal_jeju-cc.on(0)" in text or "thermal_jeju_cc.on(0)" in text


def test_unknown_hours_are_refused_with_every_quantity(store, capsys):
    assert run(ask(store, day="2022-04-08")) == 2
    said = capsys.readouterr().err
    assert "the demand is not known in 24 of 24 hours" in said
    assert "the price beyond the links is not known in 24 of 24 hours" in said


def test_a_period_over_a_change_of_assets_is_refused(store, capsys):
    words = ["dispatch", "jeju", "--from", "2024-11-28", "--to", "2024-11-29", "--store", str(store)]
    assert run(words) == 2
    assert "assets come into service or change" in capsys.readouterr().err


def test_words_that_are_not_understood_are_refused(store, capsys):
    assert run(ask(store, "--potential", "tea")) == 2
    assert "--potential is not understood" in capsys.readouterr().err
    for words in (["--gap", "-3"], ["--gap", "1"], ["--time-limit", "0"]):
        assert run(ask(store, *words)) == 2
        said = capsys.readouterr().err
        assert f"{words[0]} is not understood (got {words[1]})" in said
    assert run(ask(store, "--floor", "mine")) == 2
    assert "--floor is not understood" in capsys.readouterr().err
    assert run(ask(store, "--floor", "hours-before", "--forecast", "tamna")) == 2
    assert "cannot know the floor of its day" in capsys.readouterr().err


def test_the_page_says_what_was_asked_and_draws_the_same_bytes_again(store, tmp_path, capsys):
    words = ["--no-reserve", "--with", "battery:50MW/200MWh"]
    pages = []
    for name in ("a", "b"):
        assert run(["--lang", "ko", *ask(store, *words, "--out", str(tmp_path / name))]) == 0
        pages.append((tmp_path / name / "dispatch.html").read_bytes())
    capsys.readouterr()
    assert pages[0] == pages[1]
    text = pages[0].decode("utf-8")
    assert "battery:50MW/200MWh" in text
    assert "시간별 공급원" in text
    assert "저장량" in text
    assert "배터리" in text


def test_what_needs_an_electrolyser_that_is_not_there_is_left_out_aloud(store):
    dry, period = (
        JEJU.model_copy(update={"electrolysers": ()}),
        parse_period("2023-04-08", "2023-04-08", JEJU.timezone),
    )
    opened = open_store(store, JEJU)
    for island, told in ((JEJU, False), (dry, True)):
        _stands, seen, hours = prepared(opened, island, period, Asked(), None)
        assert any("no electrolyser stands" in str(n) for n in seen.notes) is told
        assert (hours.hydrogen_mw is None) is told
