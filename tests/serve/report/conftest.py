"""Pages that several tests read, written once."""

from __future__ import annotations

import pytest
from lxml import html

from serve.report.sample import hostile_view, in_korean, sample_view
from tamna.serve.report import render


class Page:
    """A written page: its text, its tree, and what the parser had against it."""

    def __init__(self, text: str) -> None:
        self.text = text
        parser = html.HTMLParser(encoding="utf-8")
        self.tree = html.document_fromstring(text.encode("utf-8"), parser=parser)
        # libxml2 does not know HTML5's tags; everything else it says counts
        self.errors = [str(e) for e in parser.error_log if e.type_name != "HTML_UNKNOWN_TAG"]

    def words(self, *selectors: str) -> list[str]:
        """Text of all elements under any of the XPath `selectors`, in page order."""
        found = self.tree.xpath(" | ".join(selectors))
        return [" ".join((e if isinstance(e, str) else e.text_content()).split()) for e in found]


@pytest.fixture(scope="session")
def english() -> Page:
    return Page(render(sample_view(), "en"))


@pytest.fixture(scope="session")
def korean() -> Page:
    return Page(render(in_korean(sample_view()), "ko"))


@pytest.fixture(scope="session")
def hostile() -> Page:
    return Page(render(hostile_view(), "en"))
