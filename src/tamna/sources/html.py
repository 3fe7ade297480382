"""HTML pages that call themselves .xls: the first table with hours in it, as rows of text.

The parser loads nothing from anywhere: no network, no external entities, no huge trees.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree, html

if TYPE_CHECKING:
    from collections.abc import Iterable


def first_table(text: str) -> list[list[str]]:
    """Give the cells of the table with most rows; commented-out cells are no cells."""
    root = _parse(text)
    if root is None:
        return []
    tables = [_cells(table) for table in root.iter("table")]
    return max(tables, key=len, default=[])


def plain_title(text: str) -> str:
    """Give the words of title, caption and headings of a page."""
    root = _parse(text[:50_000])
    if root is None:
        return ""
    words = [
        " ".join(str(part) for part in element.itertext())
        for tag in ("title", "caption", "h1", "h2")
        for element in root.iter(tag)
    ]
    return " ".join(" ".join(words).split())


def is_closed(text: str) -> bool:
    """Tell whether the last table that was opened is closed again."""
    lower = text.lower()
    return lower.count("</table") >= len(re.findall(r"<table\b", lower))


def _parse(text: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, encoding="utf-8")
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _cells(table: html.HtmlElement) -> list[list[str]]:
    rows: Iterable[html.HtmlElement] = table.iter("tr")
    return [
        ["".join(str(part) for part in cell.itertext()).strip() for cell in row if cell.tag in ("td", "th")]
        for row in rows
    ]
