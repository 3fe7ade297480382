"""What fields the rows of a data.go.kr answer have, and what kind of text stands in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamna.sources.live.envelope import rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamna.sources.live.http import Answer


def observe(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Give each field's kind over all rows: ``stamp``, ``number``, ``text``, or ``empty``."""
    rows, _short_by = rows_of(tuple(answers))
    cells: dict[str, set[str]] = {}
    for row in rows:
        for name, text in row.items():
            if len(cells) < 200 or name in cells:
                cells.setdefault(name, set()).add(kind(text))
    return {name: widest(kinds) for name, kinds in cells.items()}


def kind(text: str) -> str:
    """Say what a cell is.

    >>> kind("202506010005"), kind("1,234.5"), kind("제주"), kind("")
    ('stamp', 'number', 'text', 'empty')
    """
    text = text.strip()[:60]
    if not text:
        return "empty"
    if re.fullmatch(r"(19|20)\d{2}-?[01]\d-?[0-3]\d([ T]?\d{2}:?\d{2}(:?\d{2})?)?", text):
        return "stamp"
    return "number" if re.fullmatch(r"[+-]?[\d,]*\.?\d+", text) else "text"


def widest(kinds: set[str]) -> str:
    """Give the one kind of all cells that are not empty, or ``text`` where they differ."""
    filled = kinds - {"empty"}
    if not filled:
        return "empty"
    return next(iter(filled)) if len(filled) == 1 else "text"
