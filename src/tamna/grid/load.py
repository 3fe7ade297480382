"""A grid file to an `Island`, or every mistake of the file at once."""

from __future__ import annotations

from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tamna.errors import GridError, Place, gather
from tamna.grid.crosscheck import cross_mistakes
from tamna.grid.document import Document, parse
from tamna.grid.explain import at, mistakes
from tamna.grid.model import Island
from tamna.grid.yamlfile import not_found, read_text
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

FILE_NAME = "island.yaml"
PLANT = (
    "thermal", "links", "batteries", "electrolysers", "hydrogen_stores", "fuel_cells", "ev_fleets", "loads",
    "hydrogen_users", "condensers", "contracts", "reserves", "synchronous", "load_classes", "co2", "sites", "settlements",
)  # fmt: skip
"""What can be left out where only the hours are looked at; then fleets, too: what they gave is known without them."""


def packaged_islands() -> tuple[str, ...]:
    """List the names of the islands that come with tamna."""
    return tuple(sorted(f.name.removesuffix(".yaml") for f in _shelf().iterdir() if f.name.endswith(".yaml")))


def load_island(name_or_path: str | Path) -> Island:
    """Read an island: a packaged one by name, or a grid file, or a folder with an ``island.yaml``.

    Raises
    ------
    GridError
        With every mistake of the file, each with its line and path: what is wrong, what was seen,
        what to do now. Nothing else is raised, whatever the file holds.
    """
    text, shown = _read(name_or_path)
    return read_island(text, shown)


def read_island(text: str, file: str = FILE_NAME) -> Island:
    """Read the text of a grid file; `file` is the name that mistakes show.

    Raises
    ------
    GridError
        As `load_island`.
    """
    document = parse(text, file)
    if document.data is None and not document.mistakes:
        raise GridError(
            _("the file holds nothing"),
            where=Place(file=file),
            todo=_("Run 'tamna init my-island' for a file to start from."),
        )
    return _build(document)


def bare_island(name_or_path: str | Path) -> Island | None:
    """Read an island without the plant that stands on it; None where what is left is wrong too.

    For who has been refused an island and wants to know what else is wrong: its hours can be looked at all the same.
    """
    with suppress(GridError):
        document = parse(*_read(name_or_path))
        data = document.data if isinstance(document.data, dict) else {}
        for without in (PLANT, (*PLANT, "fleets")):
            left = {name: part for name, part in data.items() if name not in without}
            with suppress(GridError):
                return _build(Document(file=document.file, data=left))
    return None


def island_from(data: Mapping[str, Any], file: str = "island") -> Island:
    """Build an island from plain data (dicts, lists, numbers, text) under the same checks.

    Raises
    ------
    GridError
        As `load_island`, without lines.
    """
    return _build(Document(file=file, data=dict(data)))


def _build(document: Document) -> Island:
    found = list(document.mistakes)
    island: Island | None = None
    if isinstance(document.data, dict):
        try:
            island = Island.model_validate(document.data)
        except ValidationError as error:
            found += mistakes(error, document)
        except RecursionError:  # plain data from Python can nest without end, a file cannot
            found.append(at(document, (), _("nested too deep")))
        found += cross_mistakes(document)
    elif not found:
        found.append(
            at(
                document,
                (),
                _("a grid file is a group of names and values"),
                seen=str(document.data),
                todo=_("Run 'tamna init my-island' for a file to start from."),
            )
        )
    gather(sorted(found, key=lambda m: m.where.line or 0), GridError)
    if island is None:  # a refusal always comes with mistakes
        raise GridError(_("the file cannot be read as a grid"), where=Place(file=document.file))
    return island


def _shelf() -> Traversable:
    return resources.files("tamna.grid") / "islands"


def _read(name_or_path: str | Path) -> tuple[str, str]:
    shown = str(name_or_path)
    if isinstance(name_or_path, str) and name_or_path in packaged_islands():
        return (_shelf() / f"{name_or_path}.yaml").read_text("utf-8"), f"{name_or_path}.yaml"
    what = _("no such grid file, and no packaged island of this name")
    return read_text(Path(name_or_path), not_found(what, shown, packaged_islands()), FILE_NAME)
