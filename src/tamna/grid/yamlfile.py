"""The text of one YAML file that a person wrote, or what is wrong with the file before a line of it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.errors import GridError, Place
from tamna.grid.document import LIMIT_BYTES
from tamna.grid.explain import nearest
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tamna.lang import Message


def read_text(path: Path, missing: GridError, within: str | None = None) -> tuple[str, str]:
    """Read a file as UTF-8 text, up to a limit; give the text, and the file's name for what is said of it.

    Parameters
    ----------
    path
        The file.
    missing
        What to raise where there is none.
    within
        The file to read where `path` is a folder.

    Raises
    ------
    GridError
        `missing`; or not a file, not readable, too large, binary, not UTF-8.
    """
    shown = str(path)
    try:
        if within is not None and path.is_dir():
            path = path / within
            shown = str(path)
        if not path.exists():
            raise missing
        if not path.is_file():
            raise GridError(_("is not a file"), where=Place(file=shown), todo=_("Give a YAML file (.yaml)."))
        with path.open("rb") as file:
            raw = file.read(LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise GridError(
            _("cannot be read: {reason}", reason=reason),
            where=Place(file=shown[:200]),
            todo=_("Check the path and the file's permissions."),
        ) from error
    return _text(raw, shown), shown


def not_found(what: Message, shown: str, names: Sequence[str]) -> GridError:
    """Say that there is no such file, with the packaged name that was perhaps meant."""
    near = nearest(shown, names)
    return GridError(
        what,
        where=Place(file=shown[:200]),
        todo=_("Did you mean '{near}'?", near=near)
        if near
        else _("Give a path to a .yaml file, or one of: {names}.", names=", ".join(names)),
    )


def _text(raw: bytes, shown: str) -> str:
    place = Place(file=shown)
    if len(raw) > LIMIT_BYTES:
        raise GridError(
            _("is larger than {n} bytes", n=LIMIT_BYTES), where=place, todo=_("Is this the right file?")
        )
    if b"\x00" in raw:
        raise GridError(
            _("holds binary data, not text"), where=place, todo=_("Give a YAML text file saved as UTF-8.")
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GridError(
            _("is not UTF-8 text"),
            where=Place(file=shown, line=raw[: error.start].count(b"\n") + 1),
            todo=_("Save the file as UTF-8 (in Windows: Save as, encoding UTF-8)."),
        ) from error
