"""Confirmations of K-RE100 as a table: one line a paper, read into what a product file would say."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from tamna.errors import InputError, Mistake, Place, gather
from tamna.grid.explain import mistake
from tamna.grid.document import Document
from tamna.grid.product import Paper
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["COLUMNS", "read_papers"]

COLUMNS: Final = ("number", "scheme", "first", "last", "volume_mwh", "plant")
_MOST_BYTES: Final = 10_000_000


def read_papers(path: Path) -> tuple[Paper, ...]:
    """Read papers from CSV with the columns ``number, scheme, first, last, volume_mwh, plant``.

    The scheme is ``rec``, ``green_premium`` or ``ppa``; days are the island's, both inclusive; a plant may be left
    empty.

    Raises
    ------
    InputError
        Every line that is no paper, with its column and what to do; a number that stands twice.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            _("cannot be read: {reason}", reason=str(error)), where=Place(file=path.name), todo=_("Give a CSV file in UTF-8.")
        ) from error
    if len(raw) > _MOST_BYTES:
        raise InputError(_("is larger than {n} bytes", n=_MOST_BYTES), where=Place(file=path.name))
    table = csv.DictReader(text.splitlines())
    missing = [c for c in COLUMNS[:-1] if c not in (table.fieldnames or ())]
    if missing:
        raise InputError(
            _("a column is missing"),
            where=Place(file=path.name),
            seen=", ".join(missing),
            todo=_("The columns are: {names}.", names=", ".join(COLUMNS)),
        )
    papers: list[Paper] = []
    mistakes: list[Mistake] = []
    for line, row in enumerate(table, start=2):
        try:
            papers.append(Paper.model_validate(_facts(row)))
        except ValidationError as error:
            mistakes += _named(error, row, path.name, line)
    gather([*mistakes, *_twice(papers, path.name)], InputError)
    return tuple(papers)


def _facts(row: dict[str, str]) -> dict[str, object]:
    """Give a line as a product file would hold it; only a volume that is a number becomes one."""
    facts: dict[str, object] = {k: v.strip() for k, v in row.items() if k in COLUMNS and v and v.strip()}
    volume = facts.get("volume_mwh")
    if isinstance(volume, str):
        try:
            facts["volume_mwh"] = float(volume)
        except ValueError:
            pass  # refused below, with its words
    return facts


def _named(error: ValidationError, row: dict[str, str], file: str, line: int) -> Iterator[Mistake]:
    for one in error.errors(include_url=False):
        found = mistake(one, Document(file=file, data=_facts(row)), Paper)
        yield Mistake(
            what=found.what, where=Place(file=file, line=line, path=found.where.path), seen=found.seen, todo=found.todo
        )


def _twice(papers: list[Paper], file: str) -> Iterator[Mistake]:
    seen: set[str] = set()
    for paper in papers:
        if paper.number in seen:
            yield Mistake(
                what=_("a paper stands twice"),
                where=Place(file=file, path=paper.number),
                seen=paper.number,
                todo=_("A paper counts once: keep one of the lines."),
            )
        seen.add(paper.number)
