"""A dispatch tells one story: text, JSON and page show the same figures, its table adds up, its prices are what solving again gives."""

import contextlib
import io
import json
import re
from dataclasses import fields, replace
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest

from tamna.dispatch.build import build
from tamna.dispatch.why import Reasons
from tamna.dispatch.worth import of_reasons
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.measure.island import Column, HourClass
from tamna.optimise.solver import priced
from tamna.runs import open_store
from tamna.runs.dispatch_floor import _carried
from tamna.runs.dispatch_hours import _lacking
from tamna.runs.dispatching import Asked, dispatched
from tamna.runs.worth import Daily, Worth
from tamna.serve.cli.app import run
from tamna.serve.dispatch_words import more_or_less
from tamna.serve.report.dispatch_day import day_cut
from tamna.serve.report.dispatch_pictures import reasons_at
from tamna.serve.report.frame import Size
from tamna.serve.worth_words import heading, sentence
from tamna.sources.block import Flag
from tamna.sources.synthetic import typical_year

JEJU = load_island("jeju")
DAY = "2023-04-08"
WORDS = ("--with", "battery:100MW/400MWh", "--with", "ev:10000", "--gap", "0.002")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("agrees") / "store"
    open_store(place, JEJU).ingest([typical_year(seed=0, year=2023)])
    return place


@pytest.fixture(scope="module")
def told(store, tmp_path_factory):
    """The same question as text, as JSON, and as a page."""
    out = tmp_path_factory.mktemp("page")
    words = ["dispatch", "jeju", "--from", DAY, "--to", DAY, "--store", str(store), *WORDS]

    def said(*more):
        kept = io.StringIO()
        with contextlib.redirect_stdout(kept):
            assert run([*words, *more]) == 0
        return kept.getvalue()

    text = said()
    body = json.loads(said("--json", "--out", str(out)))
    return text, body, (out / "dispatch.html").read_text("utf-8")


def sums_of_text(text):
    """Each row of the first table: its name and its numbers."""
    rows = {}
    for line in text.splitlines()[1:]:
        found = re.fullmatch(r"(.+?)\s{2,}([-\d,]+)\s+([-\d,]+)\s+([-+\d,]+)", line)
        if found is None:
            break
        rows[found[1]] = tuple(int(found[k].replace(",", "")) for k in (2, 3, 4))
    return rows


def sums_of_page(page):
    table = next(t for t in re.findall(r"<table>.*?</table>", page, re.DOTALL) if "as it stands" in t)
    rows = {}
    for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL):
        cells = [
            unescape(re.sub(r"<.*?>", "", c)).strip()
            for c in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        if len(cells) == 4 and cells[1].replace(",", "").lstrip("-").isdigit():
            rows[cells[0]] = tuple(int(c.replace(",", "")) for c in cells[1:])
    return rows


def test_text_and_page_show_the_same_table_and_it_adds_up(told):
    text, _body, page = told
    rows = sums_of_text(text)
    assert len(rows) > 12
    assert sums_of_page(page) == rows
    for name, (old, new, less) in rows.items():
        assert abs(new - old - less) <= 1, name  # each is rounded by itself


def test_the_table_is_the_json_rounded(told):
    text, body, _page = told
    rows, old = sums_of_text(text), body["as_it_stands"]
    for name, of in {
        "paid, million KRW": lambda a: a["paid_krw"] / 1e6,
        "of it fuel and starts of units, million KRW": lambda a: a["units_krw"] / 1e6,
        "carbon, tCO2": lambda a: a["tco2"],
        "imports, MWh": lambda a: sum(a["import_mwh"].values()),
        "wind held back, MWh": lambda a: a["held_mwh"]["wind"],
        "LNG, GJ": lambda a: a["fuel_gj"]["lng"],
    }.items():
        assert rows[name][:2] == (round(of(old)), round(of(body))), name
    assert body["difference"]["paid_krw"] == pytest.approx(body["paid_krw"] - old["paid_krw"])
    assert old["units_krw"] + old["links_krw"] == pytest.approx(old["paid_krw"])


def test_the_hours_of_the_json_are_its_sums(told):
    _text, body, _page = told
    hours = body["hours"]
    for name, mwh in body["generated_mwh"].items():
        assert sum(hours["injection_mw"][name]) == pytest.approx(mwh, abs=0.05)
    for name, mwh in body["held_mwh"].items():
        assert sum(hours["held_mw"][name]) == pytest.approx(mwh, abs=0.05)
    by_hour = np.sum([*hours["held_mw"].values()], axis=0)
    for cause, mwh in body["held_by_cause_mwh"].items():
        mine = [mw for mw, why in zip(by_hour, hours["cause"], strict=True) if why == cause]
        assert sum(mine) == pytest.approx(mwh, abs=0.1)
    burned = sum(hours["injection_mw"][f"thermal:{unit}"][t] for unit in ("jeju-cc",) for t in range(24))
    assert burned == pytest.approx(body["generated_mwh"]["thermal:jeju-cc"], abs=0.05)


def test_every_sentence_of_the_hours_stands_on_the_page_and_wraps(told):
    text, body, page = told
    plain = unescape(page)
    for line in body["hours"]["why"]:
        assert line in text
        assert f"<li>{line}</li>" in plain.replace("&#39;", "'")
    for price, line in zip(body["hours"]["price_krw_per_mwh"], body["hours"]["why"], strict=True):
        assert f"would have cost {round(price) + 0:,} KRW".replace("-0 ", "0 ") in line
    assert "white-space:pre-wrap" in page


def test_the_page_draws_every_store_and_says_how_to_ask_again(told):
    _text, _body, page = told
    for title in ("What the stores hold", "EVs that are plugged in", "hydrogen stores"):
        assert title in page
    assert "--gap 0.002" in page
    assert "<dt>thermal:jeju-cc</dt><dd>Jeju CC</dd>" in page


def test_a_price_is_what_a_little_more_demand_costs_when_solved_again(store):
    period = parse_period(DAY, DAY, JEJU.timezone)
    answer = dispatched(open_store(store, JEJU), JEJU, period, Asked()).answer
    (window,) = answer.rolled.windows
    problem, _shares = build(answer.system, answer.ahead, window.before)
    before = priced(problem, window.found).objective
    for step in range(0, 24, 3):
        more = answer.ahead.demand_mw.copy()
        more[step] += 0.01
        again, _shares = build(answer.system, replace(answer.ahead, demand_mw=more), window.before)
        costs = (priced(again, window.found).objective - before) / 0.01
        assert costs == pytest.approx(answer.reasons.price[step], rel=1e-3, abs=5.0)


def test_a_day_cut_out_tells_its_own_hours_and_limits(store):
    """What is told of a day inside a longer period is what was told of it there, limits and all."""
    period = parse_period(DAY, "2023-04-09", JEJU.timezone)
    done = dispatched(open_store(store, JEJU), JEJU, period, Asked(reserve=False))
    second = day_cut(done, slice(24, 48))
    assert second.answer.told == done.answer.told[24:]
    assert any("would have saved" in line for line in second.answer.told)


def test_hours_priced_one_by_one_are_put_side_by_side():
    def hour(**saves):
        one = dict.fromkeys(f.name for f in fields(Reasons))
        return Reasons(**{**one, "limits": ({("gas", k): v for k, v in saves.items()},)})

    why = replace(hour(), limits=(*hour(capacity=30.0).limits, {}, *hour(capacity=5.0, least=2.0).limits))
    (first, second) = of_reasons(why)
    assert (first.name, first.figure, first.saves.tolist()) == ("gas", "capacity", [30.0, 0.0, 5.0])
    assert (second.figure, second.saves.tolist(), second.bound) == ("least", [0.0, 0.0, 2.0], 1)
    assert of_reasons(None) == of_reasons(replace(why, limits=())) == ()


class TestReasonsOnThePicture:
    """A stretch of hours and its reason stand above the bars."""

    class Answer:
        class hours:  # noqa: N801
            class steps:  # noqa: N801
                hours = 1.0

        def __init__(self, cause):
            self.reasons = type("Reasons", (), {"cause": cause})

    def test_one_mark_a_stretch_of_one_reason(self):
        parts = {"lng": np.full(24, 100.0), "held": np.zeros(24)}
        parts["held"][10:13], parts["held"][18:20] = 20.0, 5.0
        cause = [None] * 10 + ["must_run"] * 3 + [None] * 5 + ["reserve"] * 2 + [None] * 4
        marks = reasons_at(self.Answer(cause), parts, Size(720, 240))
        assert marks == [
            {"k": 11.5, "v": 120.0, "why": "must-run|60 MWh"},
            {"k": 19.0, "v": 105.0, "why": "reserve|10 MWh"},
        ]

    def test_words_stand_above_all_that_they_reach_over(self):
        parts = {"lng": np.full(240, 100.0), "held": np.zeros(240)}
        parts["held"][100], parts["lng"][108] = 20.0, 300.0
        cause = [None] * 100 + ["must_run"] + [None] * 139
        (mark,) = reasons_at(self.Answer(cause), parts, Size(720, 240))
        assert mark == {"k": 100.5, "v": 300.0, "why": "must-run|20 MWh"}

    def test_where_there_is_no_room_the_larger_stays(self):
        parts = {"lng": np.full(24, 100.0), "held": np.zeros(24)}
        parts["held"][10], parts["held"][12] = 20.0, 5.0
        cause = [None] * 10 + ["must_run", None, "reserve"] + [None] * 11
        marks = reasons_at(self.Answer(cause), parts, Size(340, 200))
        assert [m["why"] for m in marks] == ["must-run|20 MWh"]


def daily(*cost):
    none = np.zeros(len(cost))
    of = np.array(cost, dtype=float)
    return Daily(
        cost_krw=of, paid_krw=of, tco2=none, held_mwh=none, short_mwh=none, unserved_mwh=none, starts=none
    )


def test_one_day_has_no_interval_and_says_so():
    worth = Worth(counted=np.ones(1, dtype=bool), kinds={"tamna": daily(8e6), "operator": daily(12e6), "perfect": daily(4e6)})  # fmt: skip
    assert "one day says nothing of how sure that is" in str(heading(worth, "tamna", "operator"))
    said = str(sentence(worth, "tamna", "operator", "cost_krw"))
    assert said == "cost with what was missing, million KRW: +4.0, 50 % of the gap"
    assert np.isnan(worth.saved("tamna", "operator", "cost_krw").low)


def test_a_floor_that_is_the_same_all_along_is_told_once():
    class Scatter:
        day_sd_mw = 35.0

    said = [str(_carried(np.array(line), Scatter(), "2022")) for line in ([203.2, 203.4], [203.0, 260.0])]
    assert "at least 203 MW together" in said[0]
    assert "at least 203 to 260 MW together" in said[1]


def test_plants_that_left_the_settled_series_are_missed_aloud():
    """After 2024-06-01 most wind is no longer in the settled file: a dispatch on it says that its wind is too little."""
    flags = np.repeat([Flag.MEASURED, Flag.COVERAGE], 24).astype(np.uint16)
    wind = HourClass(name="wind", group="wind", column=Column.of(np.zeros(48), flag=flags))
    (said,) = _lacking(SimpleNamespace(valid_at=np.zeros(48), classes=(wind,)), None)
    assert str(said).startswith("in 24 of 48 hours part of the plants has left the settled series")
    told = SimpleNamespace(valid_at=np.zeros(48), potential_mw=np.full(48, 40.0))
    assert not list(_lacking(SimpleNamespace(valid_at=np.zeros(48), classes=(wind,)), told))


def test_what_rounds_to_nothing_is_no_less():
    assert [more_or_less(two) for two in ([80.2, 80.0], [1.0, 3.0], [2e6, 1.0])] == ["+0", "+2", "-1,999,999"]
