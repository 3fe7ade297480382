"""Stores on a disk and on S3, for the same tests."""

from __future__ import annotations

import itertools

import pytest

from s3_server import TOKEN, S3Server
from tamna.series.bucket import LocalBucket
from tamna.series.s3 import S3Bucket
from tamna.series.store import Store

_NUMBER = itertools.count()
_NOT_OURS = (
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT",
    "AWS_SESSION_TOKEN",
    "AWS_DEFAULT_REGION",
)


class LocalHome:
    """A folder for a store, and what lies in it."""

    remote = False

    def __init__(self, folder):
        self.location = str(folder)
        self.folder = folder

    def open(self):
        return Store.open(self.location)

    def bucket(self):
        return LocalBucket(self.folder, wait_s=0.1)

    def held(self):
        """Give the keys of the store and their bytes, without what writers need while they write."""
        return {
            str(p.relative_to(self.folder)): p.read_bytes()
            for p in self.folder.rglob("*")
            if p.is_file() and p.name != ".lock"
        }

    def write(self, key, data):
        (self.folder / key).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / key).write_bytes(data)

    def remove(self, key):
        (self.folder / key).unlink()

    def age(self):
        """Let what lies there be old."""


class S3Home:
    """A prefix of a bucket for a store, and what lies under it."""

    remote = True

    def __init__(self, server, prefix, cache):
        self.server = server
        self.prefix = prefix
        self.cache = cache
        self.location = f"s3://jeju/{prefix}"

    def open(self):
        return Store.open(self.location)

    def bucket(self, **more):
        return S3Bucket(self.location, **more)

    def held(self):
        return self.server.keys("jeju", self.prefix)

    def write(self, key, data):
        self.server.write("jeju", f"{self.prefix}/{key}", data)
        self._forget()

    def remove(self, key):
        self.server.remove("jeju", f"{self.prefix}/{key}")
        self._forget()

    def age(self):
        self.server.age("jeju", hours=2)

    def _forget(self):
        for copy in self.cache.glob("*.parquet"):
            copy.unlink()


@pytest.fixture(scope="session")
def s3_server():
    server = S3Server().start()
    server.make_bucket("jeju")
    yield server
    server.stop()


@pytest.fixture
def s3_home(s3_server, tmp_path, monkeypatch):
    """Give an empty prefix on S3; the environment holds what is needed to reach it."""
    for name in _NOT_OURS:
        monkeypatch.delenv(name, raising=False)
    for name, value in s3_server.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    monkeypatch.setenv("TAMNA_CACHE", str(tmp_path / "cache"))
    s3_server.requests.clear()
    yield S3Home(s3_server, f"islands/제주 {next(_NUMBER)}", tmp_path / "cache")
    left, s3_server.faults[:] = list(s3_server.faults), []
    assert left == [], "a fault that the test asked for never happened"


@pytest.fixture(params=["disk", "s3"])
def home(request, tmp_path):
    """Give an empty place for a store: on a disk, then on S3."""
    if request.param == "s3":
        return request.getfixturevalue("s3_home")
    return LocalHome(tmp_path / "store")
