"""Copies of what lies far away, in a folder of this machine that may be deleted at any time.

A copy is named by the hash of its bytes, so it cannot be out of date; it is hashed once by each
process before it is used. When the copies outgrow their limit, those unused for the longest time go,
but none that was used within the last minute: another process may be about to open it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tamna.errors import Place, StoreError, UsageError
from tamna.lang import _
from tamna.series.bucket import LocalBucket
from tamna.settings import setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_IN_USE_S = 60.0
_PRIVATE = 0o700


class Cache:
    """A folder of copies, each named ``<sha256>.parquet``, and a working folder for those who write.

    Parameters
    ----------
    root
        The folder; made when first needed, readable by its owner alone.
    limit_bytes
        How much the copies may take. [bytes]
    in_use_s
        For how long after its last use a copy is not removed. [s]
    """

    def __init__(self, root: Path, limit_bytes: int, *, in_use_s: float = _IN_USE_S) -> None:
        self.root = root
        self.limit_bytes = limit_bytes
        self.in_use_s = in_use_s
        self._whole: set[str] = set()

    @classmethod
    def by_setting(cls) -> Cache:
        """Give the cache that the settings name.

        Raises
        ------
        UsageError
            ``TAMNA_CACHE_MB`` is not a whole number.
        """
        limit = setting("TAMNA_CACHE_MB")
        if not limit.isascii() or not limit.isdecimal():
            raise UsageError(
                _("{variable} must be a whole number of megabytes", variable="TAMNA_CACHE_MB"), seen=limit
            )
        given = setting("TAMNA_CACHE")
        return cls(Path(given).expanduser() if given else _users(), int(limit) * 1_000_000)

    def held(self, sha256: str) -> Path | None:
        """Give the copy of what has this hash, or None; a copy that is not whole is removed."""
        path = self._path(sha256)
        try:
            if sha256 not in self._whole:
                with path.open("rb") as handle:
                    if hashlib.file_digest(handle, "sha256").hexdigest() != sha256:
                        path.unlink()
                        return None
                self._whole.add(sha256)
            # only the time of use: DuckDB keeps what it knows of a file until the file changes
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except FileNotFoundError:
            self._whole.discard(sha256)
            return None
        return path

    def take(self, sha256: str, chunks: Iterable[bytes]) -> Path:
        """Write bytes that should have this hash and make room; whoever uses them hashes them first."""
        path = self._path(sha256)
        coming = self.root / f".coming-{secrets.token_hex(8)}"
        with self._writable():
            self._make()
            handle = coming.open("xb", buffering=0)
        try:
            with handle:
                for chunk in chunks:  # what goes wrong in fetching is not the cache's trouble
                    with self._writable():
                        handle.write(chunk)
            with self._writable():
                coming.replace(path)
        finally:
            coming.unlink(missing_ok=True)
        self._whole.discard(sha256)
        self._make_room(path)
        return path

    def lend(self, sha256: str, file: Path) -> None:
        """Keep a file that was just written here as a copy too, if that costs nothing."""
        with contextlib.suppress(OSError):
            os.link(file, self._path(sha256))
            self._make_room(self._path(sha256))

    @contextlib.contextmanager
    def writing(self) -> Iterator[Path]:
        """Lend an empty working folder; folders of dead writers are swept first."""
        with contextlib.ExitStack() as stack:
            with self._writable():
                self._make()
                folder = stack.enter_context(LocalBucket(self.root).writing())
            yield folder

    def _path(self, sha256: str) -> Path:
        return self.root / f"{sha256}.parquet"

    def _make(self) -> None:
        self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)

    def _make_room(self, newest: Path) -> None:
        """Remove the copies unused for longest. A file that goes meanwhile was removed by another process."""
        found = []
        for path in (*self.root.glob("*.parquet"), *self.root.glob(".coming-*")):
            with contextlib.suppress(FileNotFoundError):
                found.append((path.stat().st_atime, path.stat().st_size, path))
        total = sum(size for _used, size, _path in found)
        for used, size, path in sorted(found):
            if total <= self.limit_bytes or time.time() - used < self.in_use_s:
                break
            if path != newest:
                path.unlink(missing_ok=True)
                total -= size

    @contextlib.contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                _("the cache could not be written"),
                where=Place(file=str(self.root)),
                seen=error.strerror,
                todo=_(
                    "Make room and give yourself the right to write there, or choose another folder with {variable}.",
                    variable="TAMNA_CACHE",
                ),
            ) from error


def _users() -> Path:
    """Give the folder where this user's programs keep copies."""
    home = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME", "") or home) / "tamna"
