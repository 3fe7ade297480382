from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from serve.report.sample import sample_view
from tamna.lang import _
from tamna.serve.report import render, write_report
from tamna.serve.report.blocks import Amount, Lines, Missing, Section, Table

HEADINGS = ("//h1", "//h2", "//h3", "//h4", "//caption")
NAMES = (
    *HEADINGS,
    "//thead//th",
    "//dt",
    "//ul[@class='legend']/li",
    "//p[@class='panel-title']",
    "//@aria-label",
)


def test_a_page_is_one_well_formed_file_in_either_language(english, korean, hostile):
    for page in (english, korean, hostile):
        assert page.errors == []
    assert english.tree.get("lang") == "en"
    assert korean.tree.get("lang") == "ko"


def test_a_year_is_under_400_kb_and_seven_years_are_under_600(english):
    assert len(english.text.encode()) < 400_000
    seven = render(sample_view(years=7), "ko")
    assert len(seven.encode()) < 600_000
    assert len(re.findall(r"<image ", seven)) == 14  # a strip for each year, for paper and for a phone


def test_the_outline_of_the_page_is_the_golden_one(english):
    golden = ROOT / "tests" / "golden" / "report_outline.txt"
    levels = {"h1": "", "h2": "  ", "h3": "    ", "h4": "      ", "caption": "      # "}
    found = english.tree.xpath(" | ".join(HEADINGS))
    outline = "".join(f"{levels[e.tag]}{' '.join(e.text_content().split())}\n" for e in found)
    assert outline == golden.read_text("utf-8")


def test_a_year_of_hours_stands_on_the_first_page_and_many_years_among_the_hours(english):
    assert english.words("//main/figure/h2") == ["Every hour of the year"]
    two = render(sample_view(years=2), "en")
    assert re.search(r'id="engineer".*<h3>All hours</h3>\s*<figure class="picture">', two, re.DOTALL)


def test_nothing_is_loaded_from_anywhere(english, korean):
    for page in (english, korean):
        loads = page.tree.xpath(
            "//@src | //*[not(self::a)]/@href | //@srcset | //@action | //@data | //@poster"
        )
        assert all(value.startswith(("data:", "#")) for value in loads), loads
        assert page.tree.xpath("//script | //iframe | //object | //embed | //form") == []
        assert not re.search(r"@import|url\(\s*['\"]?(?!#)", page.text)


def test_the_policy_allows_our_own_style_and_nothing_else(english):
    policy = english.tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    style = re.search(r"<style>(.*?)</style>", english.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        policy
        == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert english.tree.xpath("//@style") == []


def test_the_same_view_gives_the_same_bytes(english, tmp_path):
    path = write_report(tmp_path / "runs" / "2023" / "report.html", sample_view(), "en")
    assert path == tmp_path / "runs" / "2023" / "report.html"
    assert path.read_bytes() == english.text.encode("utf-8")


def test_no_name_of_a_korean_page_is_left_in_english(korean):
    same_in_both = {"tCO₂e/MWh", ""}
    left = [w for w in korean.words(*NAMES) if re.search("[A-Za-z]", w) and not re.search("[가-힣]", w)]
    assert set(left) <= same_in_both


def test_texts_follow_the_language_of_the_page_not_of_the_view():
    view = replace(sample_view(), title=_("Findings"), hour_map=None, durations=(), typical_days=())
    assert "<h1>Findings</h1>" in render(view, "en")
    assert "<h1>품질 점검 결과</h1>" in render(view, "ko")


def test_hostile_names_stay_names(hostile):
    assert hostile.tree.xpath("//script") == []
    assert "<script" not in hostile.text
    assert "49" not in hostile.tree.xpath("//h1")[0].text_content()
    assert "<script>alert(1)</script>" in hostile.tree.xpath("//h1")[0].text_content()
    assert any("<script>" in key for key in hostile.words("//ul[@class='legend']/li"))


def test_synthetic_data_say_so_on_screen_on_every_printed_page_and_in_the_title(english, korean):
    assert "SYNTHETIC DATA" in english.words("//p[@class='synthetic']")[0]
    assert '@top-right{content:"SYNTHETIC DATA"' in english.text
    assert "synthetic" in english.words("//title")[0]
    assert '@top-right{content:"합성 데이터"' in korean.text
    measured = render(sample_view(synthetic=False), "en")
    assert "SYNTHETIC" not in measured
    assert "synthetic data" not in measured


def test_the_first_headline_stands_with_its_definition_base_hours_and_estimates(english):
    words = english.words("//article[contains(@class, 'first')]")[0]
    for part in ("38.1%", "exports not subtracted", "point not stated", "8,726 (missing: 34)", "3.1%"):
        assert part in words


def test_an_answer_that_cannot_be_given_names_its_reason(english):
    table = english.words("//table[caption='Share of the period']")[0]
    assert table.count("unavailable") == 3
    reasons = english.words("//figure[.//caption='Share of the period']//ol/li")
    assert reasons == ["Links were not measured.", "Thermal generation was not measured."]


def test_months_without_publication_are_never_zero(english):
    rows = english.words("//table[caption='Published curtailment']//tr")
    july = next(row for row in rows if row.startswith("Jul 2023"))
    assert july == "Jul 2023not publishednot publishednot published3"


def test_every_receipt_is_there_with_its_whole_hash_and_licence(english):
    words = english.words("//table[caption='Inputs']//tr")[1:]
    assert len(words) == 6
    for number, row in enumerate(words):
        assert f"{number:064x}" in row
        assert "KOGL type 1" in row


def test_findings_stand_in_island_time(english):
    row = english.words("//table[caption='What the quality checks found']//tr")[1]
    assert "2023-05-06 00:00" in row  # 3000 hours after the island's new year
    assert "These hours are not counted." in row


def test_every_table_has_heads_and_every_picture_a_sentence(english, korean):
    for page in (english, korean):
        for table in page.tree.xpath("//table"):
            assert table.xpath("./caption")
            assert all(th.get("scope") == "col" for th in table.xpath("./thead//th"))
            assert all(tr.xpath("./th[@scope='row']") for tr in table.xpath("./tbody/tr"))
        pictures = page.tree.xpath("//div[@role='img']")
        assert len(pictures) == 7
        assert all(len(picture.get("aria-label")) > 25 for picture in pictures)
        assert all(svg.get("aria-hidden") == "true" for svg in page.tree.xpath("//svg"))


def test_headings_go_down_one_level_at_a_time(english):
    levels = [int(e.tag[1]) for e in english.tree.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_a_section_of_another_room_stands_in_its_readers_part(english):
    assert "A page of later" in english.words("//section[@id='engineer']//h3")
    later = Section(title="For auditors", blocks=(), reader="auditor")
    page = render(
        replace(sample_view(), sections=(later,), hour_map=None, durations=(), typical_days=()), "en"
    )
    assert re.search(r'id="auditor".*<h3>For auditors</h3>', page, re.DOTALL)


def test_a_view_of_nothing_but_a_headline_is_a_page():
    whole = sample_view()
    bare = replace(
        whole, hour_map=None, monthly=None, durations=(), typical_days=(), extremes=(), episodes=(),
        curtailment=None, reconciliations=(), carbon=None, findings=(), notes=(), sections=(), receipts=(), lead=None,
    )  # fmt: skip
    assert "found nothing against the data" in render(bare, "en")


def test_a_period_without_a_single_value_is_a_page_too():
    whole = sample_view()
    nothing = tuple(float("nan") for _month in whole.monthly.months)
    blank = replace(
        whole,
        hour_map=replace(whole.hour_map, values=np.full((365, 24), np.nan)),
        monthly=replace(
            whole.monthly, shares=tuple(replace(line, values=nothing) for line in whole.monthly.shares),
            made_gwh=tuple(replace(line, values=nothing) for line in whole.monthly.made_gwh),
        ),
        durations=tuple(
            replace(d, curves=tuple(replace(c, values=np.full(10, np.nan)) for c in d.curves)) for d in whole.durations
        ),
        curtailment=replace(
            whole.curtailment, lines=tuple(replace(line, energy_mwh=nothing, events=nothing) for line in whole.curtailment.lines)
        ),
        carbon=replace(whole.carbon, monthly_tco2e_per_mwh=nothing),
    )  # fmt: skip
    page = render(blank, "ko")
    assert "12개월 가운데 12개월은 미공표" in page


def test_a_report_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("the old one")

    def refuse(*_args: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="no space"):
        write_report(path, sample_view(), "en")
    assert path.read_text() == "the old one"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_language_we_do_not_speak_and_a_view_without_headline_are_refused():
    with pytest.raises(ValueError, match="language"):
        render(sample_view(), "fr")
    with pytest.raises(ValueError, match="headline"):
        render(replace(sample_view(), headlines=()), "en")


def test_a_row_that_does_not_fit_its_columns_is_refused():
    with pytest.raises(ValueError, match="2 cells under 0 columns"):
        Table(title="x", columns=(), rows=(("a", "b"),))


def test_equal_reasons_share_one_note_also_inside_a_cell_of_lines():
    from tamna.serve.report.blocks import Column
    from tamna.serve.report.page import shown
    from tamna.serve.report.speak import Speaker

    cell = Missing(word="unavailable", reason="not measured")
    rows = (
        (cell, Lines((cell, ""))),
        (Amount(value=1.5, estimated=True), Amount(value=None, estimated=True)),
    )
    ready = shown(
        Table(title="t", columns=(Column("a"), Column("b")), rows=rows), Speaker("en", "Asia/Seoul")
    )
    assert ready["reasons"] == ["not measured"]
    assert ready["rows"][0][1].count("<sup>1</sup>") == 1
    assert ready["rows"][0][1].count('class="line"') == 1
    assert "*" in ready["rows"][1][0]
    assert ready["rows"][1][1] == "–"
