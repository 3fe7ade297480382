"""Files to start from: an island of one's own, and a mapping for one's own data."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from importlib import resources
from pathlib import Path

from tamna.errors import UsageError
from tamna.grid.load import FILE_NAME
from tamna.lang import _

MAPPING_NAME = "tamna-mapping.yaml"  # what sources looks for beside data files
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def starter(name: str) -> str:
    """Write a small, commented grid file for an island called `name`.

    Raises
    ------
    UsageError
        The name cannot stand in a path or a series name.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            _("is not a usable name"),
            seen=name,
            todo=_("Use small letters, digits, '-' and '_', such as my-island."),
        )
    return _read("starter.yaml").replace("@NAME@", name)


def starter_mapping(name: str) -> str:
    """Write a commented example of a mapping: how one's own CSV files become series."""
    return _read(MAPPING_NAME).replace("@NAME@", name)


def write_starter(folder: Path | str) -> tuple[Path, ...]:
    """Make `folder` with an ``island.yaml`` and a ``tamna-mapping.yaml`` in it; the folder names the island.

    Nothing that exists is replaced; each file appears whole or not at all.

    Raises
    ------
    UsageError
        The name is not usable, a file is already there, or the folder cannot be written.
    """
    folder = Path(folder)
    name = folder.resolve().name
    texts = {folder / FILE_NAME: starter(name), folder / MAPPING_NAME: starter_mapping(name)}
    try:
        for path in texts:
            if os.path.lexists(path):
                raise _exists(path)
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            _write_new(path, text)
    except OSError as error:
        raise UsageError(
            _("cannot be written: {reason}", reason=error.strerror or str(error)),
            seen=str(folder),
            todo=_("Choose a folder that you may write to."),
        ) from error
    return tuple(texts)


def _write_new(path: Path, text: str) -> None:
    """Write beside, then link into place: fails where the name is taken, never half-written."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o644)
        try:
            os.link(beside, path)
        except FileExistsError:
            raise _exists(path) from None
    finally:
        with suppress(FileNotFoundError):
            Path(beside).unlink()


def _exists(path: Path) -> UsageError:
    return UsageError(
        _("exists already and is not replaced"),
        seen=str(path),
        todo=_("Choose another name, or move the file away first."),
    )


def _read(name: str) -> str:
    return (resources.files("tamna.grid") / "templates" / name).read_text("utf-8")
