"""Confirmations of K-RE100 as a table: one line a paper, read into what a product file would say."""

from __future__ import annotations

import contextlib
import csv
import io
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from tamna.errors import InputError, Mistake, Place, gather
from tamna.grid.document import Document
from tamna.grid.explain import mistake
from tamna.grid.product import Paper
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tamna.grid.product import Product

__all__ = ["COLUMNS", "read_papers"]

COLUMNS: Final = ("number", "scheme", "first", "last", "volume_mwh", "plant")
_MOST_BYTES: Final = 10_000_000


def read_papers(path: Path, product: Product | None = None) -> tuple[Paper, ...]:
    """Read papers from CSV with the columns ``number, scheme, first, last, volume_mwh, plant``.

    The scheme is ``rec``, ``green_premium`` or ``ppa``; days are the island's, both inclusive; a plant may be left
    empty.

    Parameters
    ----------
    product
        Whose papers they are: each line must fit its plants and the papers that it has.

    Raises
    ------
    InputError
        Every line that is no paper or does not fit the product, with its column and what to do; a number that stands
        twice.
    """
    papers: list[tuple[int, Paper]] = []
    mistakes: list[Mistake] = []
    for line, row in _rows(path):
        try:
            papers.append((line, Paper.model_validate(_facts(row))))
        except ValidationError as error:
            mistakes += _named(error, row, path.name, line)
    mistakes += _twice(papers, path.name)
    if product is not None:
        for line, paper in papers:
            mistakes += _unfit(product, paper, path.name, line)
    gather(sorted(mistakes, key=lambda m: m.where.line or 0), InputError)
    return tuple(paper for _line, paper in papers)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each line of the table with its number."""
    where = Place(file=path.name)
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            _("cannot be read: {reason}", reason=str(error)), where=where, todo=_("Give a CSV file in UTF-8.")
        ) from error
    if len(raw) > _MOST_BYTES:
        raise InputError(_("is larger than {n} bytes", n=_MOST_BYTES), where=where)
    table = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [c for c in COLUMNS[:-1] if c not in (table.fieldnames or ())]
        if missing:
            raise InputError(
                _("a column is missing"),
                where=where,
                seen=", ".join(missing),
                todo=_("The columns are: {names}.", names=", ".join(COLUMNS)),
            )
        for row in table:
            yield table.line_num, row
    except csv.Error as error:
        raise InputError(
            _("cannot be read: {reason}", reason=str(error)),
            where=Place(file=path.name, line=table.line_num),
            todo=_("Give a CSV file in UTF-8."),
        ) from error


def _facts(row: dict[str, str]) -> dict[str, object]:
    """Give a line as a product file would hold it; only a volume that is a number becomes one."""
    facts: dict[str, object] = {k: v.strip() for k, v in row.items() if k in COLUMNS and v and v.strip()}
    volume = facts.get("volume_mwh")
    if isinstance(volume, str):
        with contextlib.suppress(ValueError):  # refused below, with its words
            facts["volume_mwh"] = float(volume)
    return facts


def _named(error: ValidationError, row: dict[str, str], file: str, line: int) -> Iterator[Mistake]:
    for one in error.errors(include_url=False):
        found = mistake(one, Document(file=file, data=_facts(row)), Paper)
        yield Mistake(
            what=found.what,
            where=Place(file=file, line=line, path=found.where.path),
            seen=found.seen,
            todo=found.todo,
        )


def _twice(papers: list[tuple[int, Paper]], file: str) -> Iterator[Mistake]:
    seen: set[str] = set()
    for line, paper in papers:
        if paper.number in seen:
            yield Mistake(
                what=_("a paper stands twice"),
                where=Place(file=file, line=line, path=paper.number),
                seen=paper.number,
                todo=_("A paper counts once: keep one of the lines."),
            )
        seen.add(paper.number)


def _unfit(product: Product, paper: Paper, file: str, line: int) -> Iterator[Mistake]:
    """Say what of a line the product does not know: its plant, or that it has the paper already."""
    plants = {plant.name: plant for plant in product.plants}
    where = Place(file=file, line=line, path="plant")
    if paper.plant is not None and paper.plant not in plants:
        todo = _("Known here: {names}.", names=", ".join(plants) or "–")
        yield Mistake(what=_("no such plant in the file"), where=where, seen=paper.plant, todo=todo)
    elif paper.plant is not None and plants[paper.plant].owner == "self":
        yield Mistake(what=_("what is its own needs no paper"), where=where, seen=paper.plant)
    if paper.number in {held.number for held in product.papers}:
        yield Mistake(
            what=_("the product's file has this paper already"),
            where=Place(file=file, line=line, path="number"),
            seen=paper.number,
            todo=_("A paper counts once: keep one of the lines."),
        )
