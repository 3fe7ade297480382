"""Fetch into a store, be interrupted, go on: the store says what is held, and nothing comes twice."""

import random

import numpy as np
import pytest

from fake_server import GOOD, FakeServer, Reply
from live_tools import KEY, FakeClock, stamp
from tamna.errors import FetchError
from tamna.grid.clock import Period
from tamna.series import Store
from tamna.sources.block import Flag
from tamna.sources.live import Client, covered, fetch_since

SINCE, UNTIL = stamp("2026-06-04T15:00:00"), stamp("2026-06-10T15:00:00")


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("TAMNA_STATE", str(tmp_path / "state"))
    with FakeServer() as one:
        one.set_as_provider(monkeypatch, KEY)
        yield one


@pytest.fixture
def client():
    return Client(clock=FakeClock(), rng=random.Random(1))


def held_in(store, period):
    """What the integrator writes: spans of the stamps that the store has for a series and a source."""

    def have(series, source):
        if not store.has(f"{series}@{source}"):
            return ()
        got = store.read(f"{series}@{source}", period)
        return covered(got.valid_at[got.flag & Flag.MISSING == 0], got.resolution_s)

    return have


def _take(store, readings):
    for reading in readings:
        store.ingest([reading])


def test_an_interrupted_fetch_goes_on_from_the_store(server, client, tmp_path):
    store = Store.open(tmp_path / "store")
    wanted = Period(SINCE, UNTIL)
    server.answers("Smp", GOOD, GOOD, Reply(b"", 503))
    with pytest.raises(FetchError):
        _take(store, fetch_since("kpx.smp", SINCE, UNTIL, held_in(store, wanted), client=client))
    server.answers("Smp")
    server.asked.clear()
    _take(store, fetch_since("kpx.smp", SINCE, UNTIL, held_in(store, wanted), client=client))
    assert [q["date"] for _path, q in server.asked] == ["20260607", "20260608", "20260609", "20260610"]
    smp = store.read("jeju/smp@kpx_smp_api", wanted)
    assert np.isfinite(smp.value).sum() == 144
    assert list(fetch_since("kpx.smp", SINCE, UNTIL, held_in(store, wanted), client=client)) == []


def test_nothing_is_known_before_it_was_issued_or_retrieved(server, client, tmp_path):
    store = Store.open(tmp_path / "store")
    store.ingest(fetch_since("kma.forecast", stamp("2026-06-15T02:00:00"), client=client))
    store.ingest(fetch_since("open-meteo.forecast", stamp("2026-06-15T06:00:00"), client=client))
    tomorrow = Period(stamp("2026-06-16T00:00:00"), stamp("2026-06-16T06:00:00"))
    name = "forecast/jeju/temperature"
    early = store.read(f"{name}@kma_forecast", tomorrow, as_of=stamp("2026-06-15T04:00:00"))
    assert (early.issued_at == stamp("2026-06-15T02:00:00")).all()
    assert (early.known_at == stamp("2026-06-15T02:10:00")).all()
    none = store.read(f"{name}@open_meteo_forecast", tomorrow, as_of=stamp("2026-06-15T06:01:00"))
    assert not np.isfinite(none.value).any()
    some = store.read(f"{name}@open_meteo_forecast", tomorrow, as_of=stamp("2026-06-15T06:03:00"))
    assert np.isfinite(some.value).all()


def test_a_day_with_one_missing_stamp_is_not_averaged_as_if_whole(server, client, tmp_path):
    import fake_answers as fake

    store = Store.open(tmp_path / "store")
    rows = fake.jeju5m(skip={30})  # 02:30 in Korea
    server.answers("JejuSukub", Reply(fake.envelope(rows)))
    store.ingest(fetch_since("kpx.jeju-5min", stamp("2026-06-14T15:00:00"), client=client))
    hours = store.hours(
        "jeju/demand@kpx_jeju5m", Period(stamp("2026-06-14T16:00:00"), stamp("2026-06-14T20:00:00"))
    )
    assert np.isfinite(hours.value).tolist() == [True, False, True, True]
    assert hours.flag[1] & Flag.MISSING
    assert hours.unit == "MWh"


def test_a_revision_is_known_from_its_own_retrieval(server, client, tmp_path):
    import fake_answers as fake

    store = Store.open(tmp_path / "store")
    day = (stamp("2026-06-09T15:00:00"), stamp("2026-06-10T15:00:00"))
    store.ingest(fetch_since("kpx.smp", *day, client=client))
    client.clock.sleep(3 * 86400)
    server.answers("Smp", Reply(fake.envelope(fake.smp("20260610", jeju=200.0))))
    store.ingest(fetch_since("kpx.smp", *day, client=client))
    name = "jeju/smp@kpx_smp_api"
    assert store.read(name, Period(*day)).value[0] == 201.0
    before = store.read(name, Period(*day), as_of=stamp("2026-06-17T00:00:00"))
    assert before.value[0] == 101.0
