"""Where the bytes of a store lie: a small protocol, and a folder of the local disk (S3: `tamna.series.s3`).

Everything but one manifest is written once and never changed; the manifest is replaced by
compare-and-swap on a tag, and the caller tries again when somebody else was first. So a store
is right without any lock that outlives a process; an object store with conditional put fits too.

Promises of a bucket:

- a key is either absent or whole: no reader ever sees half of it;
- `swap` changes the manifest if and only if it returns True;
- what a killed process left is invisible, and removed by a later writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Protocol

from tamna.errors import Place, StoreBusy
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


Retire = Callable[[Collection[str]], Collection[str]]
"""Of some keys, give those that nobody names and, whatever is being written now, nobody will."""


class Unconfirmed(OSError):
    """The change is made, and the disk did not confirm that it will survive a power cut."""


class Bucket(Protocol):
    """Keys are relative names with slashes: ``manifest.json``, ``segments/<sha256>.parquet``."""

    def list(self, prefix: str) -> tuple[str, ...]:
        """Name the keys that begin with `prefix`, sorted."""

    def strangers(self) -> tuple[str, ...]:
        """Name what lies there that no store made."""

    def get(self, key: str) -> bytes:
        """Give the bytes of `key`."""

    def fetch(self, key: str, *, anew: bool = False) -> Path:
        """Give a local file with the bytes of `key`, for DuckDB to read; `anew` trusts no copy.

        Raises
        ------
        FileNotFoundError
            There is no such key (or, of a bucket on this disk, opening the file says so).
        """

    def put_new(self, key: str, file: Path) -> None:
        """Make `key` of `file` (inside `writing`); a key that exists already stays: its name has its hash."""

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Give the bytes of `key` and the tag that `swap` compares, or None where it is absent."""

    def swap(self, key: str, data: bytes, tag: str | None) -> bool:
        """Replace `key` if its tag still is `tag` (None: if it is absent); say whether it was replaced."""

    def writing(self) -> AbstractContextManager[Path]:
        """Lend an empty working folder that is gone afterwards, however the process ends."""

    def collect(self, prefix: str, keep: Callable[[], Collection[str]], retire: Retire) -> None:
        """Remove keys of `prefix` that `keep` does not name and no living writer may be about to name.

        A bucket that cannot know who is writing asks `retire` instead, which makes it certain.
        """


class Disk:
    """The few calls that change a disk, in one place so that tests can let each of them fail."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a whole file and wait until the disk has it."""
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def sync(self, path: Path) -> None:
        """Wait until the disk has a file, or a folder's names."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file its name in one step, replacing what had it."""
        old.replace(new)

    def make_folder(self, path: Path) -> None:
        """Make a folder and its parents."""
        path.mkdir(parents=True, exist_ok=True)


class LocalBucket:
    """A folder. Writers take a short advisory lock to swap; readers need none.

    Layout: the keys as files, ``.lock``, ``.work/<token>/`` of living writers (each holds a lock
    on its ``alive`` file, which ends with the process), ``<key>.previous`` beside a swapped key.
    """

    def __init__(self, root: Path, *, disk: Disk | None = None, wait_s: float = 30.0) -> None:
        self.root = root
        self.disk = disk or Disk()
        self.wait_s = wait_s
        self._work: Path | None = None

    def list(self, prefix: str) -> tuple[str, ...]:
        """Name the keys that begin with `prefix`, sorted."""
        folder = self.root / prefix
        if not folder.is_dir():
            return ()
        return tuple(sorted(f"{prefix}{p.name}" for p in folder.iterdir() if p.is_file()))

    def strangers(self) -> tuple[str, ...]:
        """Name what lies in the folder that no store made."""
        if not self.root.is_dir():
            return ()
        ours = (".lock", ".work", "manifest.json", "segments")
        return tuple(sorted(p.name for p in self.root.iterdir() if not p.name.startswith(ours)))

    def get(self, key: str) -> bytes:
        """Give the bytes of `key`."""
        return (self.root / key).read_bytes()

    def fetch(self, key: str, *, anew: bool = False) -> Path:  # noqa: ARG002  (there is no copy to distrust)
        """Give the file itself."""
        return self.root / key

    def put_new(self, key: str, file: Path) -> None:
        """Move `file` to its key, whole and on the disk before it has its name."""
        target = self.root / key
        if target.exists():
            return
        self.disk.make_folder(target.parent)
        self.disk.sync(file)
        self.disk.rename(file, target)
        self.disk.sync(target.parent)

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Give the bytes of `key` and their hash, which is the tag."""
        try:
            data = self.get(key)
        except FileNotFoundError:
            return None
        return data, _tag(data)

    def swap(self, key: str, data: bytes, tag: str | None) -> bool:
        """Replace `key` under the lock, keeping what it was as ``<key>.previous``."""
        target, coming, going = (self.root / f"{key}{end}" for end in ("", ".coming", ".going"))
        with self._locked():
            now = self.read_tagged(key)
            if (now[1] if now else None) != tag:
                return False
            try:
                self.disk.write(coming, data)
                if now:
                    self.disk.write(going, now[0])
                    self.disk.rename(going, self.root / f"{key}.previous")
                self.disk.rename(coming, target)
            except BaseException:
                for left in (coming, going):
                    left.unlink(missing_ok=True)
                raise
            try:
                self.disk.sync(self.root)
            except OSError as error:
                raise Unconfirmed(error.errno, error.strerror, str(target)) from error
        return True

    @contextlib.contextmanager
    def writing(self) -> Iterator[Path]:
        """Lend ``.work/<token>/``; folders of dead writers are swept first."""
        self.disk.make_folder(self.root)
        with self._locked():
            self._sweep()
            mine = self.root / ".work" / secrets.token_hex(8)
            self.disk.make_folder(mine)
            alive = os.open(mine / "alive", os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(alive, fcntl.LOCK_EX)
        self._work = mine
        try:
            yield mine
        finally:
            self._work = None
            shutil.rmtree(mine, ignore_errors=True)
            os.close(alive)

    def collect(self, prefix: str, keep: Callable[[], Collection[str]], retire: Retire) -> None:  # noqa: ARG002  (the lock knows who is writing)
        """Remove stale keys, unless another writer lives: it may have put what it has not named yet."""
        with self._locked():
            self._sweep()
            others = set((self.root / ".work").iterdir()) - {self._work}
            if others:
                return
            for key in set(self.list(prefix)) - set(keep()):
                (self.root / key).unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove the working folders whose writer is dead. Under the lock, so none is just being made."""
        for folder in (self.root / ".work").glob("*"):
            try:
                alive = os.open(folder / "alive", os.O_RDWR)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            try:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            else:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(alive)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            self._wait_for(handle)
            yield
        finally:
            os.close(handle)

    def _wait_for(self, handle: int) -> None:
        until = time.monotonic() + self.wait_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise StoreBusy(
                        _("another process is writing to the store"),
                        where=Place(file=str(self.root)),
                        todo=_("Wait until it is done and try again; nothing was changed."),
                    ) from error
                time.sleep(0.01)
            else:
                return


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
