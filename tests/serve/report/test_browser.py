"""The page in the system's own Chromium: nothing asked for, nothing complained of, nothing cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.browser


def opened(browser, path: Path, width: int):
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri())
    return page, asked, said


@pytest.mark.parametrize("which", ["english", "korean", "hostile"])
@pytest.mark.parametrize("width", [360, 1100])
def test_a_page_asks_for_nothing_says_nothing_and_fits(browser, request, tmp_path, which, width):
    path = tmp_path / "report.html"
    path.write_text(request.getfixturevalue(which).text, "utf-8")
    page, asked, said = opened(browser, path, width)
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.body.scrollWidth") <= width
    # our stylesheet was let in by the policy, and the drawing of this width is the one that shows
    assert page.evaluate("getComputedStyle(document.querySelector('.headline.first')).display") == "grid"
    shows = page.evaluate("getComputedStyle(document.querySelector('.panel .narrow')).display")
    assert shows == ("block" if width == 360 else "none")
    page.close()


def test_paper_is_a4_starts_every_part_on_its_own_page_and_draws_wide(browser, english, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(english.text, "utf-8")
    page, _asked, said = opened(browser, path, 360)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.panel .narrow')).display") == "none"
    assert page.evaluate("getComputedStyle(document.querySelector('.part')).breakBefore") == "page"
    paper = page.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert b"/MediaBox [0 0 594.95996 841.91998]" in paper or b"/MediaBox [0 0 595" in paper
    assert 6 <= paper.count(b"/Type /Page\n") <= 12
    assert said == []
    page.close()


def test_a_wide_table_on_a_phone_is_read_downwards_with_its_headings(browser, english, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(english.text, "utf-8")
    page, _asked, _said = opened(browser, path, 360)
    stacked = page.locator(".stack").first
    assert stacked.locator("td").first.evaluate("e => getComputedStyle(e).display") == "block"
    heading = stacked.locator("thead th").nth(1).text_content()
    assert heading in stacked.locator("td").first.evaluate("e => getComputedStyle(e, '::before').content")
    assert page.evaluate(
        "[...document.querySelectorAll('.stack .scroll')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    page.close()
