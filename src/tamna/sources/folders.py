"""Which files a path names: itself, or all below it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tamna.errors import UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def find_files(paths: Iterable[Path | str]) -> list[Path]:
    """List the files that `paths` name, folders with all below them, each once.

    Hidden files and series stores (our own, laid beside the data) are left out; links to folders are
    followed, each folder once. A folder that may not be read stands in the list itself, so that it is
    refused by name and not passed over.

    Raises
    ------
    UsageError
        A path is empty.
    """
    found: dict[Path, None] = {}
    for named in paths:
        if not str(named):
            raise UsageError(
                _("an empty path"), seen="''", todo=_("Name a file or a folder; . is this folder.")
            )
        path = Path(named)
        found |= dict.fromkeys(sorted(_below(path)) if os.path.isdir(path) else [path])  # noqa: PTH112 (of any name: Path.is_dir raises for a long one)
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    barred: list[Path] = []
    seen: set[str] = set()
    walk = os.walk(folder, followlinks=True, onerror=lambda error: barred.append(Path(error.filename)))
    for at, folders, files in walk:
        real = os.path.realpath(at)
        if real in seen or (at != str(folder) and _is_store(folders, files)):
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(at, name) for name in files if not name.startswith("."))
    yield from barred


def _is_store(folders: Iterable[str], files: Iterable[str]) -> bool:
    """Whether a folder with these in it is a series store, whose segments are no public files."""
    return "manifest.json" in files and "segments" in folders
