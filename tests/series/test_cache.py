from __future__ import annotations

import hashlib
import os
import stat
import sys

import pytest

from tamna.errors import StoreError, UsageError
from tamna.series.cache import Cache


def take(cache, data, chunk=100):
    digest = hashlib.sha256(data).hexdigest()
    return digest, cache.take(digest, (data[i : i + chunk] for i in range(0, len(data), chunk)))


def aged(path, seconds):
    at = path.stat()
    os.utime(path, (at.st_atime - seconds, at.st_mtime))


def test_what_was_taken_is_held_whole_by_this_and_other_processes(tmp_path):
    digest, path = take(Cache(tmp_path / "c", 10_000), b"x" * 1234)
    assert path.read_bytes() == b"x" * 1234
    for cache in (Cache(tmp_path / "c", 10_000), Cache(tmp_path / "c", 10_000)):
        assert cache.held(digest) == path
        assert cache.held("0" * 64) is None


def test_the_folder_is_the_owners_alone(tmp_path):
    take(Cache(tmp_path / "c", 10_000), b"x")
    assert stat.S_IMODE((tmp_path / "c").stat().st_mode) == 0o700


def test_a_copy_that_is_not_whole_is_not_held_and_goes(tmp_path):
    digest, path = take(Cache(tmp_path, 10_000), b"x" * 1234)
    path.write_bytes(b"x" * 1233)
    assert Cache(tmp_path, 10_000).held(digest) is None
    assert not path.exists()


def test_a_fetch_that_breaks_off_leaves_nothing(tmp_path):
    def broken():
        yield b"x"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        Cache(tmp_path, 10_000).take("0" * 64, broken())
    assert list(tmp_path.iterdir()) == []


def test_copies_unused_for_longest_go_first_and_the_newest_stays(tmp_path):
    cache = Cache(tmp_path, 2500)
    first, second = take(cache, b"1" * 1000), take(cache, b"2" * 1000)
    for number, (digest, path) in enumerate((first, second)):
        aged(path, 1000 - number)
        assert path.exists(), digest
    assert cache.held(first[0])  # used again
    _digest, third = take(cache, b"3" * 1000)
    assert {p for p in tmp_path.iterdir() if p.suffix == ".parquet"} == {first[1], third}
    aged(first[1], 1000)
    _digest, large = take(cache, b"4" * 9000)
    aged(third, 1000)
    assert large.exists()
    assert not first[1].exists()


def test_a_copy_that_is_in_use_stays_although_there_is_no_room(tmp_path):
    cache = Cache(tmp_path, 0)
    _digest, first = take(cache, b"1" * 1000)
    _digest, second = take(cache, b"2" * 1000)
    assert first.exists()
    aged(first, 61)
    take(cache, b"3" * 1000)
    assert not first.exists()
    assert second.exists()


def test_use_does_not_change_what_duckdb_looks_at(tmp_path):
    cache = Cache(tmp_path, 10_000)
    digest, path = take(cache, b"x")
    aged(path, 100)
    before = path.stat()
    cache.held(digest)
    after = path.stat()
    assert after.st_mtime_ns == before.st_mtime_ns
    assert after.st_atime_ns > before.st_atime_ns


def test_what_a_killed_process_had_begun_to_take_goes_when_there_is_no_room(tmp_path):
    left = tmp_path / ".coming-0"
    left.write_bytes(b"x" * 1000)
    aged(left, 61)
    take(Cache(tmp_path, 10), b"1")
    assert not left.exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for act in (lambda c: take(c, b"x"), lambda c: c.writing().__enter__()):
        with pytest.raises(StoreError, match=r"cache could not be written.*TAMNA_CACHE"):
            act(Cache(tmp_path / "file" / "c", 10))


def test_the_settings_say_where_and_how_much(tmp_path, monkeypatch):
    monkeypatch.setenv("TAMNA_CACHE", str(tmp_path))
    monkeypatch.setenv("TAMNA_CACHE_MB", "3")
    cache = Cache.by_setting()
    assert (cache.root, cache.limit_bytes) == (tmp_path, 3_000_000)
    monkeypatch.delenv("TAMNA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    assert Cache.by_setting().root == tmp_path / "user" / "tamna"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    at = "Library/Caches" if sys.platform == "darwin" else ".cache"
    assert Cache.by_setting().root == tmp_path / "home" / at / "tamna"


@pytest.mark.parametrize("wrong", ["2 GB", "-1", "1.5", "٣"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch, wrong):
    monkeypatch.setenv("TAMNA_CACHE_MB", wrong)
    with pytest.raises(UsageError, match="TAMNA_CACHE_MB must be a whole number"):
        Cache.by_setting()
