"""The one way to the network: every try ends in an answer, a refusal, or a retry that stops."""

import gzip
import logging
import zlib

import pytest

from fake_server import Reply, gzipped
from live_tools import KEY, everything_said, has_no_secret, stamp
from tamna.errors import FetchError, KeyRefused, QuotaReached, TamnaError, UsageError
from tamna.sources.live import Client, Limits, Quota
from tamna.sources.live.http import Answer, Request, Verdict, by_status, check_address, unpacked
from tamna.sources.live.keys import Secret

QUOTA = Quota(per_day=1000)


@pytest.fixture
def ask(server, client):
    def get(path="/x", **parameters):
        request = Request(
            base=server.url,
            path=path,
            parameters=parameters,
            key_name="key",
            key=Secret("TAMNA_DATA_GO_KR_KEY", KEY),
        )
        return client.get(request, name="test", quota=QUOTA, judge=by_status)

    return get


def test_an_answer_carries_body_type_time_and_a_masked_address(ask, server):
    server.answers("/x", Reply(b"hello", content_type="text/plain"))
    got = ask(day="20260615")
    assert (got.body, got.content_type, got.retrieved) == (
        b"hello",
        "text/plain",
        stamp("2026-06-15T06:02:00"),
    )
    assert got.address == server.url + "/x?key=***&day=20260615"
    assert server.asked == [("/x", {"key": KEY, "day": "20260615"})]


def test_a_key_that_the_provider_echoes_is_masked_in_the_body(ask, server):
    server.answers("/x", Reply(f"bad key {KEY} or s3cret%2fKey%2Bof%3D%3DNobody".encode()))
    assert ask().body == b"bad key *** or ***"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_trouble_that_may_pass_is_tried_again_with_growing_pauses(ask, server, clock, status):
    server.answers("/x", Reply(b"busy", status), Reply(b"busy", status), Reply(b"ok"))
    assert ask().body == b"ok"
    first, second = clock.slept
    assert 0.5 <= first <= 1.0 <= second <= 2.0


def test_trouble_that_does_not_pass_stops(ask, server, clock):
    server.answers("/x", Reply(b"busy", 503))
    with pytest.raises(FetchError, match=r"trouble of its own \(gave up after 5 tries\).*HTTP 503"):
        ask()
    assert len(server.asked) == 5
    assert len(clock.slept) == 4


@pytest.mark.parametrize(
    ("status", "error"), [(400, FetchError), (401, KeyRefused), (403, KeyRefused), (404, FetchError)]
)
def test_a_refusal_is_not_tried_again(ask, server, status, error):
    server.answers("/x", Reply(b"no", status))
    with pytest.raises(error, match=f"HTTP {status}"):
        ask()
    assert len(server.asked) == 1


@pytest.mark.parametrize("asked", ["30", "Mon, 15 Jun 2026 06:02:30 GMT"])
def test_the_pause_that_the_provider_asks_for_is_kept(ask, server, clock, asked):
    server.answers("/x", Reply(b"", 429, headers={"Retry-After": asked}), Reply(b"ok"))
    assert ask().body == b"ok"
    assert clock.slept == [30.0]


@pytest.mark.parametrize("asked", ["soon", "-5", "1e9", "Mon, 99 Jun 2026", ""])
def test_a_pause_that_cannot_be_read_is_our_own(ask, server, clock, asked):
    server.answers("/x", Reply(b"", 429, headers={"Retry-After": asked}), Reply(b"ok"))
    ask()
    assert clock.slept[0] <= 1.0


def test_a_pause_beyond_the_deadline_is_not_waited_for(ask, server, clock):
    server.answers("/x", Reply(b"", 429, headers={"Retry-After": "86400"}))
    with pytest.raises(FetchError, match="too many calls"):
        ask()
    assert clock.slept == []


def test_a_slow_answer_times_out_and_is_tried_again(server, clock):
    server.answers("/x", Reply(b"late", behave="hang", wait_s=3), Reply(b"ok"))
    client = Client(clock=clock, limits=Limits(timeout_s=0.1))
    got = client.get(Request(base=server.url, path="/x"), name="test", quota=QUOTA, judge=by_status)
    assert got.body == b"ok"


def test_an_answer_that_drips_for_ever_meets_the_deadline(server):
    class Rushing:
        """Every look at this clock costs ten seconds."""

        def __init__(self):
            self.t = 0.0

        def now(self):
            return stamp("2026-06-15T06:02:00")

        def monotonic(self):
            self.t += 10
            return self.t

        def sleep(self, seconds):
            self.t += seconds

    server.answers("/x", Reply(b"x" * 40, behave="drip", wait_s=0.002))
    client = Client(clock=Rushing(), limits=Limits(deadline_s=100))
    with pytest.raises(FetchError, match="no answer in time"):
        client.get(Request(base=server.url, path="/x"), name="test", quota=QUOTA, judge=by_status)


@pytest.mark.parametrize("behave", ["reset", "quiet", "short"])
def test_a_broken_connection_is_tried_again_and_then_told(ask, server, behave):
    server.answers("/x", Reply(b"part", behave=behave), Reply(b"ok"))
    assert ask().body == b"ok"
    server.answers("/x", Reply(b"part", behave=behave))
    with pytest.raises(FetchError, match="gave up after 5 tries"):
        ask()


def test_nobody_listening_is_told(clock):
    client = Client(clock=clock, limits=Limits(tries=2, timeout_s=1))
    with pytest.raises(FetchError, match="cannot be reached"):
        client.get(Request(base="http://127.0.0.1:9", path="/x"), name="test", quota=QUOTA, judge=by_status)


def test_a_giant_is_refused_by_its_announced_length_and_by_what_comes(ask, server):
    server.answers("/x", Reply(b" " * 4_000_000))
    with pytest.raises(FetchError, match="larger than the limit"):
        ask()
    server.answers("/x", Reply(behave="endless"))
    with pytest.raises(FetchError, match="larger than the limit"):
        ask()


def test_gzip_is_unpacked_and_a_bomb_is_not(ask, server):
    server.answers("/x", gzipped(b"packed"))
    assert ask().body == b"packed"
    server.answers("/x", gzipped(b""))
    assert ask().body == b""
    server.answers("/x", gzipped(b"0" * 30_000_000))
    with pytest.raises(FetchError, match="larger than the limit"):
        ask()


def test_a_bomb_never_takes_more_than_its_limit():
    assert unpacked(zlib.compress(b"0" * 10_000), 100) is None
    assert unpacked(gzip.compress(b"0" * 100), 100) == b"0" * 100


@pytest.mark.parametrize(
    "body", [gzip.compress(b"packed" * 99)[:-12], b"not gzip at all"], ids=["cut off", "not gzip"]
)
def test_broken_gzip_is_a_broken_answer(ask, server, body):
    server.answers("/x", Reply(body, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(FetchError, match="broke off"):
        ask()


def test_an_unknown_packing_is_refused(ask, server):
    server.answers("/x", Reply(b"?", headers={"Content-Encoding": "br"}))
    with pytest.raises(FetchError, match="did not ask for"):
        ask()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x",
        "http://127.0.0.1:1/x",
        "//evil.example/",
        "ftp://127.0.0.1/",
        "",
        "http://[bad",
    ],
)
def test_a_redirect_to_another_place_is_refused(ask, server, target):
    server.answers("/x", Reply(b"", 302, headers={"Location": target}))
    with pytest.raises(FetchError, match="sends us to another place"):
        ask()
    assert len(server.asked) == 1


def test_a_redirect_on_the_same_host_is_followed_and_a_circle_is_not(ask, server):
    server.answers("/x", Reply(b"", 302, headers={"Location": "/y?a=1"}))
    server.answers("/y", Reply(b"there"))
    assert ask().body == b"there"
    server.answers("/y", Reply(b"", 301, headers={"Location": "/x"}))
    with pytest.raises(FetchError, match="circles"):
        ask()


@pytest.mark.parametrize(
    "base",
    [
        "http://apis.data.go.kr",
        "ftp://x",
        "file:///etc/passwd",
        "https://user:pw@host",
        "",
        "https://",
        "http://[::bad",
    ],
)
def test_only_https_is_asked_and_plain_http_on_this_machine_alone(base):
    with pytest.raises(UsageError, match="https only"):
        check_address(base)


@pytest.mark.parametrize(
    "base", ["https://apis.data.go.kr", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:80"]
)
def test_these_are_asked(base):
    check_address(base)


def test_the_loopback_is_asked_directly_whatever_proxy_is_set(ask, server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.answers("/x", Reply(b"direct"))
    assert ask().body == b"direct"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(f"key {KEY} is wrong".encode(), 401, "text/plain"),
        Reply(b"", 503),
        Reply(behave="reset"),
        Reply(b"", 302, headers={"Location": f"https://evil.example/?key={KEY}"}),
        Reply(b"", 302, headers={"Location": f"https://{KEY[:6]}.example/"}),
        Reply(b"x" * 10, behave="short"),
        Reply(b"x", headers={"Content-Encoding": KEY.replace("/", "")}),
    ],
)
def test_no_refusal_holds_the_key_in_any_form(ask, server, reply, caplog):
    caplog.set_level(logging.DEBUG)
    server.answers("/x", reply)
    with pytest.raises(TamnaError) as caught:
        ask()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert has_no_secret(everything_said(caught.value))
    assert has_no_secret(caplog.text)


def test_a_request_shows_no_key():
    request = Request(base="https://x.example", path="/p", key_name="k", key=Secret("V", KEY))
    assert has_no_secret(repr(request) + str(request) + request.address)
    assert "k=s3cret%2FKey%2Bof%3D%3DNobody" in request.url()


def test_the_days_quota_stops_before_the_call(ask, server, monkeypatch):
    monkeypatch.setenv("TAMNA_FETCH_QUOTAS", "test=2")
    server.answers("/x", Reply(b"ok"))
    ask()
    ask()
    with pytest.raises(QuotaReached, match="all 2 calls"):
        ask()
    assert len(server.asked) == 2


def test_retries_count_against_the_quota(ask, server, monkeypatch):
    monkeypatch.setenv("TAMNA_FETCH_QUOTAS", "test=3")
    server.answers("/x", Reply(b"busy", 503))
    with pytest.raises(QuotaReached):
        ask()
    assert len(server.asked) == 3


def test_the_pause_between_calls_is_kept(server, clock):
    client = Client(clock=clock)
    server.answers("/x", Reply(b"ok"))
    for _ in range(3):
        client.get(
            Request(base=server.url, path="/x"),
            name="t",
            quota=Quota(per_day=9, pause_s=0.5),
            judge=by_status,
        )
    assert clock.slept == [0.5, 0.5]


def test_a_judge_may_ask_for_a_longer_pause(server, client, clock):
    server.answers("/x", Reply(b"1"), Reply(b"2"))

    def judge(answer: Answer) -> Verdict:
        again = FetchError(by_status(answer, "").error.mistakes[0].what) if answer.status != 200 else None
        return (
            Verdict()
            if answer.body == b"2"
            else Verdict(error=again or FetchError(_text()), again=True, pause_s=60)
        )

    assert client.get(Request(base=server.url, path="/x"), name="t", quota=QUOTA, judge=judge).body == b"2"
    assert clock.slept == [60]


def _text():
    from tamna.lang import _

    return _("no answer in time")
