"""Every documented good and bad answer, for every source: data, a clear refusal, or a retry that stops.

The other tests say what each case means; this one holds that none of them ends in anything else.
"""

import gzip
import logging

import pytest

import fake_answers as fake
from fake_server import GOOD, Reply, gzipped, json_reply
from live_tools import KEY, everything_said, has_no_secret
from tamna.errors import QuotaReached, TamnaError
from tamna.sources.live import FETCHERS, Options, fetch_since

CODES = ["01", "02", "04", "05", "10", "11", "12", "20", "21", "22", "23", "30", "31", "32", "33", "99"]
HTML = "<!DOCTYPE html><html><body>서비스 점검</body></html>"
REFUSALS = {
    **{f"code {c} json": Reply(fake.envelope([], code=c, message=f"E {KEY}")) for c in CODES},
    **{f"code {c} gateway": Reply(fake.gateway_error(c, f"E {KEY}")) for c in CODES},
}
BAD = {
    **{
        f"HTTP {s}": Reply(f"no {KEY}".encode(), s, "text/plain")
        for s in (400, 401, 403, 404, 418, 429, 500, 502, 503, 504)
    },
    "empty body": Reply(b""),
    "blank body": Reply(b" \r\n "),
    "web page": Reply(HTML.encode(), content_type="text/html"),
    "web page cp949": Reply(HTML.encode("cp949"), content_type="text/html"),
    "not json": Reply(b"{'a': 1}"),
    "half json": Reply(b'{"response":{"header":{"resultCode":"00"},"body":{"items":{"item":[{"a'),
    "deep json": Reply(b"[" * 200_000),
    "binary": Reply(bytes(range(256)) * 20),
    "half xml": Reply(b"<response><header><resultCode>00"),
    "entities": Reply(b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY c "&b;&b;">]><a>&c;</a>'),
    "number alone": Reply(b"42"),
    "null": Reply(b"null"),
    "list of nothing": Reply(b"[]"),
    "broken gzip": Reply(gzip.compress(b"x" * 999)[:-9], headers={"Content-Encoding": "gzip"}),
    "gzip bomb": gzipped(b"0" * 20_000_000),
    "broken zip": Reply(b"PK\x03\x04" + b"\0" * 90),
    "reset": Reply(behave="reset"),
    "closed": Reply(behave="quiet"),
    "short": Reply(b"x" * 50, behave="short"),
    "endless": Reply(behave="endless"),
    "redirect away": Reply(b"", 302, headers={"Location": f"https://evil.example/?k={KEY}"}),
    "redirect to plain http": Reply(b"", 301, headers={"Location": "http://apis.data.go.kr/"}),
    "redirect in circles": Reply(b"", 307, headers={"Location": "/"}),
    "wait a day": Reply(b"", 429, headers={"Retry-After": "86400"}),
}
# these are answers, not refusals: nothing to hold
NOTHING = {
    "no rows": Reply(fake.envelope([], items="empty")),
    "code 03": Reply(fake.envelope([], code="03", message="NODATA_ERROR", items="none")),
    "code 03 gateway": Reply(fake.gateway_error("03", "NODATA_ERROR")),
    "code 03 xml": Reply(fake.envelope_xml([], code="03")),
}
ENVELOPED = [n for n, f in FETCHERS.items() if f.key_variable == "TAMNA_DATA_GO_KR_KEY"]


def _fetch(name, client):
    now = client.clock.now()
    offered = FETCHERS[name].offers(now)
    since = max(offered.start, min(offered.end, now) - 3_600 * 2)
    return list(
        fetch_since(
            name, since, min(offered.end, now + 3600), client=client, options=Options(stations=("184",))
        )
    )


EVERY = [(name, case) for name in FETCHERS for case in BAD] + [
    (name, case) for name in ENVELOPED for case in REFUSALS
]


@pytest.mark.parametrize(("name", "case"), EVERY)
def test_every_bad_answer_ends_in_a_refusal_that_hides_the_key(server, client, caplog, name, case):
    caplog.set_level(logging.DEBUG)
    server.answers("/", (BAD | REFUSALS)[case])
    with pytest.raises(TamnaError) as caught:
        _fetch(name, client)
    said = everything_said(caught.value)
    assert has_no_secret(said + caplog.text)
    assert str(caught.value)
    assert len(server.asked) <= 8


@pytest.mark.parametrize("case", NOTHING)
@pytest.mark.parametrize("name", ENVELOPED)
def test_nothing_to_give_is_a_reading_without_blocks(server, client, name, case):
    server.answers("/", NOTHING[case])
    for reading in _fetch(name, client):
        assert reading.blocks == ()


@pytest.mark.parametrize("name", FETCHERS)
def test_trouble_that_passes_ends_in_data(server, client, name):
    for trouble in (Reply(b"busy", 503), Reply(behave="reset"), Reply(b"", 500)):
        server.answers("/", trouble, GOOD)
        assert _fetch(name, client)


BANS = {
    "entsoe.load": (Reply(b"", 429), True),
    "open-meteo.archive": (
        json_reply({"error": True, "reason": "Hourly API request limit exceeded."}, 429),
        True,
    ),
    "open-meteo.forecast": (
        json_reply({"error": True, "reason": "Daily API request limit exceeded."}, 429),
        False,
    ),
    "kpx.smp": (Reply(fake.gateway_error("22", "LIMITED")), False),
}


@pytest.mark.parametrize("name", BANS)
def test_a_ban_of_minutes_does_not_close_the_day_and_a_used_up_day_does(server, client, name):
    ban, passes = BANS[name]
    server.answers("/", ban, GOOD)
    with pytest.raises(QuotaReached):
        _fetch(name, client)
    if passes:
        assert _fetch(name, client)
    else:
        with pytest.raises(QuotaReached, match="calls of today are used"):
            _fetch(name, client)
        assert len(server.asked) == 1
