from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest

from tamna.errors import StoreBusy
from tamna.series.bucket import LocalBucket

_SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def anywhere(home):
    with home.bucket().writing():
        pass
    return home.bucket()


@pytest.fixture
def bucket(tmp_path):
    with LocalBucket(tmp_path).writing():
        pass
    return LocalBucket(tmp_path, wait_s=0.1)


def test_a_swap_happens_only_if_the_tag_still_holds(anywhere):
    assert anywhere.read_tagged("m") is None
    assert anywhere.swap("m", b"1", None)
    assert not anywhere.swap("m", b"2", None)
    _data, tag = anywhere.read_tagged("m")
    assert anywhere.swap("m", b"2", tag)
    assert not anywhere.swap("m", b"3", tag)
    assert anywhere.read_tagged("m")[0] == b"2"
    assert anywhere.get("m.previous") == b"1"


def test_a_key_that_exists_stays_as_it_is(anywhere):
    with anywhere.writing() as work:
        for text in ("first", "second"):
            (work / "x").write_text(text)
            anywhere.put_new("segments/x", work / "x")
    assert anywhere.get("segments/x") == b"first"
    assert anywhere.list("segments/") == ("segments/x",)
    assert anywhere.fetch("segments/x", anew=True).read_bytes() == b"first"
    with pytest.raises(FileNotFoundError):
        anywhere.fetch("segments/y").read_bytes()


def _unasked(keys):
    raise AssertionError("a disk knows by its locks who is writing")


def test_stale_keys_go_when_nobody_else_writes_and_stay_while_somebody_does(bucket, tmp_path):
    with bucket.writing() as work:
        for name in ("kept", "stale"):
            (work / name).write_text(name)
            bucket.put_new(f"segments/{name}", work / name)
        with LocalBucket(tmp_path).writing():
            bucket.collect("segments/", lambda: ["segments/kept"], retire=_unasked)
            assert bucket.list("segments/") == ("segments/kept", "segments/stale")
        bucket.collect("segments/", lambda: ["segments/kept"], retire=_unasked)
    assert bucket.list("segments/") == ("segments/kept",)


def test_a_lock_that_is_held_is_said_after_a_wait(bucket, tmp_path):
    with LocalBucket(tmp_path)._locked(), pytest.raises(StoreBusy, match="another process"):
        bucket.swap("m", b"1", None)


def _hold(root, ready):
    with LocalBucket(root).writing() as work:
        (work / "half").write_bytes(b"x" * 1000)
        ready.set()
        time.sleep(60)


def test_what_a_killed_writer_left_is_swept_by_the_next(bucket, tmp_path):
    ready = _SPAWN.Event()
    process = _SPAWN.Process(target=_hold, args=(tmp_path, ready))
    process.start()
    assert ready.wait(60)
    left = set((tmp_path / ".work").iterdir())
    assert len(left) == 1
    with bucket.writing() as work:
        assert set((tmp_path / ".work").iterdir()) == {*left, work}, "a living writer was swept"
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with bucket.writing() as work:
        assert set((tmp_path / ".work").iterdir()) == {work}
