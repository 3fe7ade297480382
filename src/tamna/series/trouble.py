"""What a disk or a bucket says when it cannot, in words a person can act on."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from tamna.errors import Mistake, Place, StoreError
from tamna.lang import _

if TYPE_CHECKING:
    import duckdb

    from tamna.lang import Message

_TODO: dict[int, Message] = {
    errno.ENOSPC: _("The disk is full: make room, or give a folder on another disk with --store."),
    errno.EDQUOT: _("Your disk quota is used up: make room, or give a folder on another disk with --store."),
    errno.EFBIG: _("The file would be larger than the system allows: raise the limit, or use another disk."),
    errno.EACCES: _("You may not write there: change the permissions, or give another folder with --store."),
    errno.EPERM: _("You may not write there: change the permissions, or give another folder with --store."),
    errno.EROFS: _("The disk is read-only: give a folder on another disk with --store."),
    errno.ENOTDIR: _("Part of the path is a file: give a folder with --store."),
    errno.ENOLCK: _("The disk cannot lock files (some network disks cannot): give a folder on a local disk."),
}
_WORDS = {
    "no space left": errno.ENOSPC,
    "quota exceeded": errno.EDQUOT,
    "file too large": errno.EFBIG,
    "permission denied": errno.EACCES,
    "read-only file system": errno.EROFS,
}


class Trouble(OSError):
    """A bucket that is not a disk could not: what it was, and what to do now."""

    def __init__(self, what: Message, todo: Message, detail: str = "") -> None:
        super().__init__(errno.EIO, f"{what}, {detail}" if detail else str(what))
        self.todo = todo


def said(error: OSError | duckdb.Error, failed: Message, place: str) -> StoreError:
    """Say what failed, what the system said, and what to do now."""
    number = error.errno if isinstance(error, OSError) else _number_in(str(error))
    seen = error.strerror if isinstance(error, OSError) else str(error)
    todo = (
        error.todo
        if isinstance(error, Trouble)
        else _TODO.get(number or 0, _("Check the disk and try again."))
    )
    return StoreError([Mistake(what=failed, where=Place(file=place), seen=seen, todo=todo)])


def _number_in(text: str) -> int | None:
    """Find in DuckDB's words which error of the system it met."""
    text = text.lower()
    return next((number for words, number in _WORDS.items() if words in text), None)
