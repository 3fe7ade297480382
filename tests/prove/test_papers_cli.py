"""K-RE100 as it is, through ``tamna prove --papers``: every mistake named, rights and volumes, and the honest gap."""

import json

import pytest

from tamna.grid import load_island
from tamna.ledger.nouns import Entitlement
from tamna.registry import Registry
from tamna.runs import open_store
from tamna.serve.cli.app import run
from tamna.sources.synthetic import typical_year

HEAD = "number,scheme,first,last,volume_mwh,plant\n"
YEAR = "2023-01-01,2023-12-31"
FARM = """
name: {name}
title: {{ko: 농장, en: Farm}}
zone: jeju
process: {{ko: 농사, en: Farming}}
supply:
  - name: supply
    shape: {{annual_mwh: 100, day: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
            month: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}
plants:
  - {{name: mill, kind: wind, owner: hallim, capacity_kw: 20, commissioned: 2020-01-01}}
  - {{name: roof, kind: pv, capacity_kw: 5, commissioned: 2020-01-01}}
papers: [{{number: OLD-1, scheme: green_premium, first: 2023-04-01, last: 2023-04-30, volume_mwh: 1}}]
lots: {{every: month, name: "{name}-{{day}}"}}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("papers") / "store"
    open_store(place, load_island("typical-jeju")).ingest([typical_year(seed=0, year=2023)])
    return place


@pytest.fixture
def ask(store, tmp_path, capsys):
    def asked(lines, *words, name="farm", code=0):
        papers, product = tmp_path / "papers.csv", tmp_path / f"{name}.yaml"
        papers.write_text(HEAD + lines, encoding="utf-8")
        text = FARM.format(name=name)
        product.write_text(text if name == "farm" else text.replace("OLD-1", "OLD-2"), encoding="utf-8")
        given = ["prove", "typical-jeju", "--product", str(product), "--papers", str(papers), "--pages", "0"]
        given += [
            "--from",
            "2023-04-01",
            "--to",
            "2023-04-30",
            "--store",
            str(store),
            "--keys",
            str(tmp_path / "keys"),
        ]
        given += [
            "--ledger",
            f"sqlite:///{tmp_path / 'book.db'}",
            "--out",
            str(tmp_path / f"out-{name}"),
            *words,
        ]
        assert run(given) == code
        return capsys.readouterr()

    return asked


def book(tmp_path):
    with Registry.open(f"sqlite:///{tmp_path / 'book.db'}") as held:
        return held.state()


MISTAKES = {
    f"A,rec,{YEAR},,\n": "have a volume",
    f"B,stamp,{YEAR},5,\n": "green_premium",
    "C,rec,2023-13-01,2023-12-31,5,\n": "must be a day",
    "D,rec,2023-12-31,2023-01-01,5,\n": "before its first",
    f"E,rec,{YEAR},many,\n": "volume_mwh",
    f"F,rec,{YEAR},-1,\n": "volume_mwh",
    f"G,rec,{YEAR},nan,\n": "volume_mwh",
    f"H,rec,{YEAR},1e999,\n": "volume_mwh",
    f"I,green_premium,{YEAR},5,mill\n": "of no plant",
    f"J,ppa,{YEAR},,quarry\n": "no such plant",
    f"K,ppa,{YEAR},,roof\n": "needs no paper",
    f"OLD-1,rec,{YEAR},5,\n": "has this paper already",
    f",rec,{YEAR},5,\n": "number",
}


def test_the_mistake_of_every_line_is_said_at_once_and_nothing_is_left(ask, tmp_path):
    said = ask("".join(MISTAKES), "--json", code=2)
    told = json.loads(said.out)["error"]["mistakes"]
    by_line = {m["line"]: json.dumps(m, ensure_ascii=False) for m in told}
    for line, reason in enumerate(MISTAKES.values(), start=2):
        assert reason in by_line[line], (line, reason)
    assert not (tmp_path / "book.db").exists()
    assert not list(tmp_path.glob("out-*"))


@pytest.mark.parametrize("lines", list(MISTAKES))
def test_each_mistake_alone_ends_with_exit_2_in_korean_too(ask, lines):
    assert "papers.csv:2" in ask(lines, "--lang", "ko", code=2).err


@pytest.mark.parametrize(
    ("scheme", "volume", "kind", "part"),
    [("ppa", "", Entitlement.PPA, "ppa_wh"), ("rec", "0.5", Entitlement.REC, "rec_wh")],
)
def test_a_paper_of_a_plant_is_a_right_to_its_hours(ask, tmp_path, scheme, volume, kind, part):
    body = json.loads(ask(f"P-1,{scheme},{YEAR},{volume},mill\n", "--json").out)
    right = book(tmp_path).rights["P-1"]
    assert (right.kind, right.devices, right.account) == (kind, ("hallim:mill",), "farm")
    assert body["score"][part] > 0
    assert body["score"]["claimable_wh"] == body["score"][part] + body["score"]["self_wh"]
    if volume:
        assert body["score"][part] <= right.limit_wh == 500_000


def test_a_paper_without_a_plant_is_a_volume_that_counts_by_its_days_and_never_in_an_hour(ask, tmp_path):
    without = json.loads(ask("", "--json").out)
    found = json.loads(ask(f"R-1,rec,{YEAR},3.65,\n", "--json").out)
    assert book(tmp_path).confirmations["R-1"].volume_wh == 3_650_000
    assert found["papers_wh"] == without["papers_wh"] + 300_000  # 30 of 365 days
    assert found["share_annual"] > without["share_annual"]
    assert found["share_claimable"] == without["share_claimable"]


def test_a_ppa_counts_in_the_annual_paper_on_its_own_days_alone(ask):
    half = json.loads(ask("P-1,ppa,2023-04-16,2023-04-30,,mill\n", "--json").out)
    whole = json.loads(ask(f"P-2,ppa,{YEAR},,mill\n", "--json", name="other").out)
    assert 0 < half["share_annual"] < whole["share_annual"]


def test_a_paper_of_another_account_or_one_that_reads_otherwise_now_is_refused(ask, tmp_path):
    ask(f"P-1,ppa,{YEAR},,mill\n")
    before = book(tmp_path).size
    assert "cannot serve twice" in ask(f"P-1,ppa,{YEAR},,mill\n", name="other", code=2).err
    assert "with other days" in ask(f"P-1,ppa,{YEAR},20,mill\n", code=2).err
    assert "with other days" in ask(f"P-1,rec,{YEAR},20,\n", code=2).err
    assert "다르게" in ask("P-1,ppa,2023-01-01,2023-06-30,,mill\n", "--lang", "ko", code=2).err
    assert book(tmp_path).size == before


def test_the_text_says_what_the_annual_paper_says(ask):
    said = ask(f"GP-1,green_premium,{YEAR},200,\n").out
    assert "100.0%  what the annual paper says: 17,438 kWh of volumes" in said
    assert "percentage points between paper and hours" in said
