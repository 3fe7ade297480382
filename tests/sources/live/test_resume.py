"""A fetch goes on where it stopped, and asks for nothing twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fake_answers as fake
from fake_server import Reply
from live_tools import stamp
from tamna.errors import FetchError, QuotaReached, UsageError
from tamna.grid.clock import HOUR, Period
from tamna.sources.live import FETCHERS, Area, Options, Spot, covered, fetch_since, uncovered

SINCE, UNTIL = stamp("2026-06-04T15:00:00"), stamp("2026-06-10T15:00:00")  # six Korean days


def _keep(kept, readings):
    """Take readings one by one into a list, as a store would: what came before a stop is there."""
    for reading in readings:
        kept.append(reading)


def _days(server):
    return [q["date"] for _path, q in server.asked]


def test_a_day_a_call_for_prices(server, client):
    readings = list(fetch_since("kpx.smp", SINCE, UNTIL, client=client))
    assert _days(server) == ["20260605", "20260606", "20260607", "20260608", "20260609", "20260610"]
    assert [len(r.blocks[0]) for r in readings] == [24] * 6


def test_what_is_held_is_not_asked_for_again(server, client):
    held = (Period(SINCE, SINCE + 48 * HOUR), Period(SINCE + 96 * HOUR, SINCE + 120 * HOUR))
    list(fetch_since("kpx.smp", SINCE, UNTIL, held, client=client))
    assert _days(server) == ["20260607", "20260608", "20260610"]


def test_all_held_asks_nothing(server, client):
    assert list(fetch_since("kpx.smp", SINCE, UNTIL, (Period(SINCE, UNTIL),), client=client)) == []
    assert server.asked == []


def test_a_fetch_cut_off_anywhere_goes_on_there(server, client):
    """The store is a list here: each reading is kept before the next is asked for."""
    kept = []
    server.answers(
        "Smp", *[Reply(fake.envelope(fake.smp(f"202606{d:02d}"))) for d in (5, 6, 7)], Reply(b"", 503)
    )
    with pytest.raises(FetchError):
        _keep(kept, fetch_since("kpx.smp", SINCE, UNTIL, client=client))
    assert len(kept) == 3
    server.answers("Smp")
    server.asked.clear()
    stamps = np.concatenate([r.blocks[0].valid_at for r in kept])
    kept += fetch_since("kpx.smp", SINCE, UNTIL, covered(stamps, 3600), client=client)
    assert _days(server) == ["20260608", "20260609", "20260610"]
    hours = np.concatenate([r.blocks[0].valid_at for r in kept])
    assert len(hours) == len(np.unique(hours)) == 144


def test_a_day_with_a_hole_is_asked_for_again_and_only_from_the_hole(server, client):
    hours = Period(SINCE, UNTIL).stamps()
    held = covered(np.delete(hours, 30), 3600)
    list(
        fetch_since(
            "kma.asos",
            SINCE,
            UNTIL,
            lambda _series, _source: held,
            client=client,
            options=Options(stations=("184",)),
        )
    )
    ((_path, query),) = server.asked
    assert (query["startDt"], query["startHh"], query["endHh"]) == ("20260606", "06", "06")


def test_the_quota_stops_in_the_middle_and_tomorrow_goes_on(server, client, monkeypatch):
    monkeypatch.setenv("TAMNA_FETCH_QUOTAS", "kpx.smp=4")
    kept = []
    with pytest.raises(QuotaReached):
        _keep(kept, fetch_since("kpx.smp", SINCE, UNTIL, client=client))
    assert len(kept) == 4
    client.clock.sleep(86400)
    held = covered(np.concatenate([r.blocks[0].valid_at for r in kept]), 3600)
    assert len(list(fetch_since("kpx.smp", SINCE, UNTIL, held, client=client))) == 2


def test_when_the_provider_says_22_no_more_calls_go_out_that_day(server, client):
    server.answers("Smp", Reply(fake.gateway_error("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR")))
    for _again in range(2):
        with pytest.raises(QuotaReached):
            list(fetch_since("kpx.smp", SINCE, UNTIL, client=client))
    assert len(server.asked) == 1


def test_each_station_is_asked_by_itself_and_looked_up_by_itself(server, client):
    looked = []

    def have(series, source):
        looked.append((series, source))
        return (Period(SINCE, UNTIL),) if "/185/" in series else ()

    readings = list(fetch_since("kma.asos", SINCE, UNTIL, have, client=client))
    assert [q["stnIds"] for _p, q in server.asked] == ["184", "188", "189"]
    assert looked[0] == ("asos/184/temperature", "kma_asos_api")
    assert len(readings) == 3


def test_five_minutes_are_of_today_and_go_on_from_noon(server, client):
    today = stamp("2026-06-14T15:00:00")
    (reading,) = fetch_since("kpx.jeju-5min", today, client=client)
    held = covered(reading.blocks[0].valid_at, 300)
    assert held == (Period(today, stamp("2026-06-15T06:00:00")),)
    server.asked.clear()
    assert list(fetch_since("kpx.jeju-5min", today, None, held, client=client)) != []
    assert len(server.asked) == 1


def test_what_is_no_longer_on_offer_is_said_once(server, client):
    (reading,) = fetch_since("kpx.jeju-5min", stamp("2026-06-10T00:00:00"), client=client)
    (told,) = [f for f in reading.findings if "does not hold the time before" in str(f.text)]
    assert told.end == stamp("2026-06-14T15:00:00")


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("kpx.jeju-5min", "2026-06-01T00:00:00", "2026-06-02T00:00:00"),
        ("kma.asos", "2026-06-15T00:00:00", None),
        ("kpx.smp", "2026-06-10T00:00:00", "2026-06-09T00:00:00"),
    ],
)
def test_a_time_that_is_not_on_offer_is_refused_without_a_call(server, client, name, since, until):
    with pytest.raises(UsageError, match="holds nothing of that time"):
        list(fetch_since(name, stamp(since), until and stamp(until), client=client))
    assert server.asked == []


def test_forecasts_go_on_by_issue(server, client):
    since = stamp("2026-06-14T15:00:00")
    first = list(fetch_since("kma.forecast", since, client=client))
    assert [q["base_time"] for _p, q in server.asked if q["pageNo"] == "1"] == [
        "0200",
        "0500",
        "0800",
        "1100",
        "1400",
    ]
    issued = np.unique(np.concatenate([r.blocks[0].issued_at for r in first]))
    server.asked.clear()
    assert list(fetch_since("kma.forecast", since, None, covered(issued, 10800), client=client)) == []
    assert server.asked == []


@pytest.mark.parametrize("name", FETCHERS)
def test_every_source_fetches_its_documented_answer_into_blocks(server, client, name):
    now = client.clock.now()
    offered = FETCHERS[name].offers(now)
    since = max(offered.start, min(offered.end, now) - 26 * HOUR)
    until = min(offered.end, now + HOUR)
    options = Options(
        stations=("184",),
        spots=(Spot(name="jeju", latitude=33.5, longitude=126.53),),
        areas=(Area(name="ireland", eic="10Y1001A1001A59C"),),
    )
    readings = list(fetch_since(name, since, until, client=client, options=options))
    assert readings
    for reading in readings:
        assert reading.blocks
        assert "***" in reading.receipt.name or FETCHERS[name].key_variable is None
        assert not [f for f in reading.findings if f.kind in {"truncated", "impossible_value", "duplicate"}]
        for block in reading.blocks:
            assert block.source == FETCHERS[name].source
            assert (block.known_at <= now + HOUR).all()
            assert (np.diff(block.valid_at) >= np.timedelta64(0)).all()
    assert (
        any(
            part.series == b.series
            for part in FETCHERS[name].parts(options)
            for r in readings
            for b in r.blocks
        )
        or name == "entsoe.generation"
    )


def test_a_source_that_is_not_there_names_those_that_are():
    with pytest.raises(UsageError, match=r"kpx\.jeju-5min"):
        list(fetch_since("kpx.nonsense", SINCE))


def test_without_a_key_nothing_is_sent(server, client, monkeypatch):
    monkeypatch.delenv("TAMNA_DATA_GO_KR_KEY")
    with pytest.raises(FetchError, match="TAMNA_DATA_GO_KR_KEY"):
        list(fetch_since("kpx.smp", SINCE, UNTIL, client=client))
    assert server.asked == []


hours = st.lists(st.integers(0, 60), max_size=20)


@given(hours, st.integers(0, 50), st.integers(1, 20))
def test_held_and_open_never_overlap_and_leave_nothing_out(held, start, length):
    base = stamp("2026-06-01T00:00:00")
    at = (
        base + np.array(sorted(set(held)), dtype="int64") * HOUR
        if held
        else np.array([], dtype="datetime64[s]")
    )
    wanted = Period(base + start * HOUR, base + (start + length) * HOUR)
    open_ = uncovered(wanted, covered(at, 3600))
    got = {s for p in open_ for s in p.stamps().tolist()}
    assert got == set(wanted.stamps().tolist()) - set(at.tolist())
