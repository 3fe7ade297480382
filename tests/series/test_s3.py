"""What can go wrong between a store and its bucket; what goes right is in test_store, for disk and S3 alike."""

from __future__ import annotations

import sys
import traceback

import pytest

from s3_server import KEY, SECRET, TOKEN, checking_credentials
from series.making import demand, period, year
from tamna.errors import MissingExtra, StoreError
from tamna.lang import speaking
from tamna.series import drafting
from tamna.series.store import Store


def ingest(home, *numbers):
    return home.open().ingest([demand([n], [float(n)], name=f"{n}.csv") for n in numbers])


def values(home):
    store = home.open()
    assert store.verify() == ()
    return store.read("jeju/demand", period(0, 99)).value.tolist()


def segments(home):
    return {key for key in home.held() if key.startswith("segments/")}


# --- answers that go astray


@pytest.mark.parametrize("status", [None, 500])
def test_an_ingest_whose_answer_was_lost_knows_that_it_was_stored(s3_home, status):
    ingest(s3_home, 0)
    s3_home.server.fail("PUT", "manifest.json", status=status, after=True)
    report = ingest(s3_home, 1)
    assert [r.name for r in report.added] == ["1.csv"]
    assert values(s3_home) == [0, 1]


@pytest.mark.parametrize("part", ["segments", "manifest.json"])
@pytest.mark.parametrize(
    ("status", "code"), [(None, ""), (503, "SlowDown"), (409, "ConditionalRequestConflict")]
)
def test_a_put_that_was_not_carried_out_is_tried_again(s3_home, part, status, code):
    ingest(s3_home, 0)
    s3_home.server.fail("PUT", part, status=status, code=code, times=2)
    assert len(ingest(s3_home, 1).added) == 1
    assert values(s3_home) == [0, 1]


def test_a_lost_answer_is_not_taken_for_ones_own_when_another_writer_was_first(s3_home):
    ingest(s3_home, 0)
    bucket = s3_home.bucket()
    _data, tag = bucket.read_tagged("manifest.json")
    ingest(s3_home, 1)
    s3_home.server.fail("PUT", "manifest.json", status=500)
    assert not bucket.swap("manifest.json", b"mine", tag)
    assert values(s3_home) == [0, 1]


def test_what_nobody_can_know_is_said(s3_home):
    ingest(s3_home, 0)
    store = s3_home.open()
    s3_home.server.fail("PUT", "manifest.json", after=True)
    # two looks before the put, for founding and for adding; the third is for the lost answer
    s3_home.server.fail("GET", "manifest.json", status=403, code="AccessDenied", skip=3)
    with pytest.raises(StoreError, match="not known whether the ingest was stored"):
        store.ingest([demand([1], [1.0], name="1.csv")])
    assert len(ingest(s3_home, 1).unchanged) == 1
    assert values(s3_home) == [0, 1]


# --- sweeping


def test_what_a_killed_writer_left_stays_for_an_hour_and_then_goes(s3_home):
    ingest(s3_home, 0)
    s3_home.write("segments/" + "a" * 64 + ".parquet", b"nobody names me")
    ingest(s3_home, 1)
    assert len(segments(s3_home)) == 3
    s3_home.age()
    ingest(s3_home, 2)
    assert len(segments(s3_home)) == 3
    assert values(s3_home) == [0, 1, 2]


def test_a_writer_that_slept_through_a_sweep_puts_its_segments_again(s3_home, monkeypatch):
    monkeypatch.setattr(drafting, "_SEGMENT_ROWS", 1)
    ingest(s3_home, 0)
    before = segments(s3_home)

    def slowly():
        yield demand([1], [1.0], name="1.csv")
        put = segments(s3_home) - before
        assert len(put) == 1, "the segment is there and nobody names it yet"
        s3_home.age()
        ingest(s3_home, 2)
        assert not put & segments(s3_home), "the sweep took it"
        yield demand([3], [3.0], name="3.csv")

    assert len(s3_home.open().ingest(slowly()).added) == 2
    assert values(s3_home) == [0, 1, 2, 3]
    assert sum(key.endswith(".1.parquet") for key in segments(s3_home)) == 2


def test_a_sweep_that_another_writer_overtakes_removes_nothing(s3_home, monkeypatch):
    ingest(s3_home, 0)
    s3_home.write("segments/" + "a" * 64 + ".parquet", b"a writer is about to name me")
    s3_home.age()
    store = s3_home.open()
    swap = store._bucket.swap
    swaps = []

    def overtaken(key, data, tag):
        swaps.append(tag)
        if len(swaps) == 2:  # the first is the ingest's, the second the sweep's
            with monkeypatch.context() as m:
                m.setattr(Store, "_collect", lambda self: None)
                ingest(s3_home, 2)
        return swap(key, data, tag)

    store._bucket.swap = overtaken
    store.ingest([demand([1], [1.0], name="1.csv")])
    assert len(swaps) == 2
    assert "segments/" + "a" * 64 + ".parquet" in segments(s3_home)
    s3_home.remove("segments/" + "a" * 64 + ".parquet")
    assert values(s3_home) == [0, 1, 2]


# --- refusals


@pytest.mark.parametrize("header", ["If-None-Match", "If-Match"])
def test_a_server_that_ignores_conditions_is_refused_before_anything_is_written(s3_home, header):
    s3_home.server.ignored = header
    try:
        with pytest.raises(StoreError, match="does not look at the condition"):
            ingest(s3_home, 0)
    finally:
        s3_home.server.ignored = None
    assert s3_home.held() == {}


def refused(home, match, act=None):
    """Hold that opening is refused in these words, and that no secret is in any word of it."""
    with pytest.raises(StoreError, match=match) as caught:
        (act or home.open)()
    said = "".join(traceback.format_exception(caught.value))
    with speaking("ko"):
        said += str(caught.value) + repr(caught.value.mistakes[0].as_dict())
    for secret in (KEY, SECRET, TOKEN):
        assert secret not in said
    return str(caught.value)


def test_a_key_that_the_server_does_not_know_is_told(s3_home):
    checking_credentials(on=True)
    try:
        said = refused(s3_home, "could not be read.*refused the credentials.*InvalidAccessKeyId")
    finally:
        checking_credentials(on=False)
    assert "AWS_SECRET_ACCESS_KEY" in said


def test_an_answer_that_echoes_a_secret_is_not_repeated(s3_home):
    s3_home.server.fail("GET", "manifest.json", status=403, code="AccessDenied")
    refused(s3_home, "denied access, 403 AccessDenied.*s3:ListBucket")
    store = s3_home.open()
    s3_home.server.fail("PUT", "probe/", status=403, code="SignatureDoesNotMatch")
    refused(s3_home, "nothing of it was.*refused the credentials", lambda: store.ingest([demand([0], [1.0])]))
    assert s3_home.held() == {}


def test_a_bucket_that_does_not_exist_is_told_and_is_not_an_empty_store(s3_home):
    said = refused(s3_home, "bucket does not exist", lambda: Store.open("s3://no-such-bucket/x"))
    assert "s3://no-such-bucket/x" in said


def test_no_credentials_are_told_before_anything_is_asked(s3_home, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    refused(s3_home, "no credentials.*AWS_SECRET_ACCESS_KEY")
    assert s3_home.server.requests == []


def test_no_network_is_told(s3_home, monkeypatch):
    monkeypatch.setenv("TAMNA_S3_ENDPOINT", "http://127.0.0.1:9")
    refused(s3_home, "could not be reached.*TAMNA_S3_ENDPOINT")


def test_a_network_that_goes_while_reading_says_nothing_of_the_segments(s3_home):
    ingest(s3_home, 0)
    store = s3_home.open()
    s3_home.server.fail("GET", "segments/", status=503, code="SlowDown", times=6)
    refused(s3_home, "could not be read.*overloaded", store.verify)


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(MissingExtra, match=r"obstore.*pip install 'tamna\[s3\]'"):
        Store.open("s3://bucket/store")


# --- copies


def fetched(home):
    return sum(method == "GET" and "/segments/" in path for method, path in home.server.requests)


def test_a_segment_is_fetched_once_for_all_processes_and_again_to_verify_it(s3_home):
    s3_home.open().ingest([year(1, rows=500)])
    s3_home._forget()
    for _process in range(2):
        s3_home.open().read("asos/1/0", period(500, 600))
        s3_home.open().read("asos/1/1", period(500, 600))
    assert fetched(s3_home) == 1
    assert s3_home.open().verify() == ()
    assert fetched(s3_home) == 2


def test_what_was_just_written_need_not_be_fetched(s3_home):
    ingest(s3_home, 0, 1)
    assert s3_home.open().read("jeju/demand", period(0, 2)).value.tolist() == [0, 1]
    assert fetched(s3_home) == 0


def test_a_damaged_copy_is_fetched_again(s3_home):
    ingest(s3_home, 0)
    (copy,) = s3_home.cache.glob("*.parquet")
    copy.chmod(0o600)
    copy.write_bytes(copy.read_bytes()[:-1])
    assert s3_home.open().read("jeju/demand", period(0, 1)).value.tolist() == [0]
    assert fetched(s3_home) == 1
