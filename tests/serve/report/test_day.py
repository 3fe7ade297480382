"""The page of a rebuilt day: drawn, told in both languages, and honest about what it is."""

from types import SimpleNamespace

import pytest

from measure.day_of import the_day
from tamna.grid import load_island
from tamna.lang import speaking
from tamna.measure.claims import close, hold
from tamna.serve import telling
from tamna.serve.report import day as pages
from tamna.serve.report.day_picture import poster
from tamna.serve.report.speak import Speaker


@pytest.fixture(scope="module")
def found():
    island, day = load_island("jeju"), the_day(spread=0.2)
    said = [s for r in island.records for s in r.statements]
    return SimpleNamespace(
        island=island,
        date="2025-04-14",
        day=day,
        verdicts=hold(day, said),
        closures=close(day, said),
        receipts=(),
    )


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_stands_in_both_languages(found, tmp_path, lang):
    text = pages.write_day(tmp_path / "day.html", found, lang).read_text("utf-8")
    assert ("수급 균형 순송전" in text) == (lang == "ko")
    assert ("Net export by balance" in text) == (lang == "en")
    assert "<svg" in text


def test_the_page_shows_every_printed_number(found):
    tables = [
        b
        for s in pages.day_sections(found, Speaker("en", "Asia/Seoul"))
        for b in s.blocks
        if hasattr(b, "rows")
    ]
    assert [len(t.rows) for t in tables][:2] == [5, len(found.verdicts)]
    assert "586.0 MWh" in str(tables[1].rows)


def test_the_terminal_says_which_plant_closed_the_balance(found):
    text = telling.as_text(found)
    assert "The printed balance closes best with bio + waste" in text
    with speaking("ko"):
        assert "보도된 수급은 bio + waste" in telling.as_text(found)


def test_json_carries_every_hour_with_its_ends(found):
    body = telling.result(found)
    assert len(body["hours"]) == 5
    low, middle, high = body["hours"][1]["net_export_mwh"]
    assert low < middle < high
    assert {"definition", "hours", "misses", "holds"} <= set(body["claims"][0]["readings"][0])


def test_the_poster_is_small_enough_for_a_readme(found):
    drawn = poster(found, Speaker("en", "Asia/Seoul"))
    assert drawn.startswith(b"\x89PNG")
    assert len(drawn) < 200_000
