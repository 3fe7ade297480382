"""A full disk, wherever it strikes: said clearly, nothing lost, nothing left behind."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
from contextlib import contextmanager
from itertools import count

import pytest

from series.making import demand, period, year
from tamna.errors import StoreError
from tamna.series.bucket import Disk, LocalBucket
from tamna.series.store import Store


class FullDisk(Disk):
    """Fails at the k-th call with ENOSPC, a write after half of its bytes."""

    def __init__(self, fails_at):
        self.left = fails_at

    def _call(self):
        self.left -= 1
        if self.left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(self, path, data):
        try:
            self._call()
        except OSError:
            path.write_bytes(data[: len(data) // 2])
            raise
        super().write(path, data)

    def sync(self, path):
        self._call()
        super().sync(path)

    def rename(self, old, new):
        self._call()
        super().rename(old, new)

    def make_folder(self, path):
        self._call()
        super().make_folder(path)


def files(folder):
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.endswith(".previous")
    }


@pytest.mark.parametrize("founded", [True, False])
def test_a_disk_that_is_full_at_any_step_costs_nothing(tmp_path, founded):
    said = []
    for k in count(1):
        folder = tmp_path / str(k)
        if founded:
            Store.open(folder).ingest([demand([0], [7.0])])
        before = files(folder) if founded else {}
        disk = FullDisk(k)
        store = Store(LocalBucket(folder, disk=disk), "store")
        try:
            store.ingest([demand([1], [8.0], name="b")])
        except StoreError as error:
            said.append(str(error))
        else:
            if disk.left > 0:
                break
        again = Store.open(folder)
        whole = len(again.receipts()) == 1 + founded
        if whole:
            assert "everything was stored" in said[-1]
        else:
            assert "The disk is full" in said[-1]
            assert "still there" in said[-1]
            assert len(again.receipts()) == int(founded)
        if founded:
            assert again.read("jeju/demand", period(0, 1)).value.tolist() == [7.0]
            assert before.keys() - files(folder).keys() == set()
        assert [p for p in folder.rglob("*") if p.name.endswith((".coming", ".going"))] == []
        assert not (folder / ".work").exists() or list((folder / ".work").iterdir()) == []
        again.ingest([demand([1], [8.0], name="b")])
        assert again.read("jeju/demand", period(1, 2)).value.tolist() == [8.0]
    assert len(said) >= 8, "the disk failed at too few steps for this to be a test"
    assert sum("everything was stored" in text for text in said) == 1


@contextmanager
def tiny_disk(path, size):
    path.mkdir()
    made = shutil.which("mount") and os.geteuid() == 0
    if (
        not made
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path)],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip("a tiny disk needs root and mount")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill(store):
    for number in range(1, 40):
        store.ingest([year(number, rows=10_000)])


def test_a_real_disk_that_runs_full_keeps_what_it_had(tmp_path):
    with tiny_disk(tmp_path / "disk", "2m") as disk:
        store = Store.open(disk / "store")
        store.ingest([year(0, rows=10_000)])
        with pytest.raises(StoreError, match=r"still there.*disk is full"):
            fill(store)
        held = [r.name for r in Store.open(disk / "store").receipts()]
        assert held
        assert held == [f"{n}.csv" for n in range(len(held))]
        assert Store.open(disk / "store").verify() == ()
        assert list((disk / "store" / ".work").iterdir()) == []
        assert len(list((disk / "store" / "segments").iterdir())) <= len(held)


def test_a_limit_on_file_size_is_said_and_leaves_nothing(tmp_path):
    store = Store.open(tmp_path / "store")
    store.ingest([demand([0], [7.0])])
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
        with pytest.raises(StoreError, match=r"still there.*larger than the system allows"):
            store.ingest([year(1, rows=50_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert len(Store.open(tmp_path / "store").receipts()) == 1
    assert list((tmp_path / "store" / ".work").iterdir()) == []
