"""A fake provider, a clock that jumps instead of waiting, and a client over both."""

import random

import pytest

from fake_server import FakeServer
from live_tools import KEY, FakeClock
from tamna.sources.live import Client, Limits, QuotaBook


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("TAMNA_STATE", str(tmp_path / "state"))
    with FakeServer() as one:
        one.set_as_provider(monkeypatch, KEY)
        yield one


@pytest.fixture
def client(clock, tmp_path):
    limits = Limits(timeout_s=2.0, body_bytes=3_000_000)
    return Client(
        clock=clock, limits=limits, rng=random.Random(1), book=QuotaBook(tmp_path / "state" / "quota")
    )
