"""The data.go.kr envelope opens in every shape it comes in, and every result code has its end."""

import json

import pytest

import fake_answers as fake
from fake_server import Reply
from live_tools import answer
from tamna.errors import FetchError, KeyRefused, QuotaReached, SourceError, TamnaError
from tamna.sources.live import fetcher, kpx_jeju
from tamna.sources.live.envelope import EmptyBody, judge, opened, rows_of
from tamna.sources.live.session import Options, Part, Session, since_long

ROWS = [{"a": 1, "b": "x"}, {"a": 2.50, "b": None}]


@pytest.mark.parametrize("root", ["response", None, "tbAllSumperfuel5mResponse"])
def test_any_root_will_do(root):
    assert [dict(r) for r in opened(answer(fake.envelope(ROWS, root=root))).rows] == [
        {"a": "1", "b": "x"},
        {"a": "2.5", "b": ""},
    ]


@pytest.mark.parametrize(
    ("items", "count"), [("item", 2), ("list", 2), ("single", 1), ("empty", 0), ("none", 0)]
)
def test_items_come_as_list_object_text_or_nothing(items, count):
    page = opened(answer(fake.envelope(ROWS, items=items, total=count)))
    assert (len(page.rows), page.total, page.code) == (count, count, "00")


def test_numbers_as_text_and_as_numbers_read_alike():
    text = opened(answer(fake.envelope([{"v": "007.50"}, {"v": "12"}]))).rows
    bare = opened(answer(fake.envelope([{"v": 7.5}, {"v": 12}]))).rows
    assert [r["v"] for r in text] == ["007.50", "12"]
    assert [r["v"] for r in bare] == ["7.5", "12"]


@pytest.mark.parametrize("root", ["response", "tbAllSumperfuel5mResponse"])
def test_xml_though_json_was_asked_reads_alike(root):
    page = opened(answer(fake.envelope_xml(ROWS[:1], total=9, root=root)))
    assert (dict(page.rows[0]), page.total) == ({"a": "1", "b": "x"}, 9)


def test_utf8_under_a_latin_header_and_cp949_are_read():
    body = fake.envelope([{"areaName": "제주"}])
    latin = answer(body, content_type="application/json;charset=ISO-8859-1")
    assert opened(latin).rows[0]["areaName"] == "제주"
    assert opened(answer(b"\xef\xbb\xbf" + body)).rows[0]["areaName"] == "제주"
    assert opened(answer(body.decode().encode("cp949"))).rows[0]["areaName"] == "제주"


@pytest.mark.parametrize("code", ["01", "02", "04", "05", "23"])
@pytest.mark.parametrize("form", ["json", "xml", "gateway"])
def test_these_codes_are_tried_again(code, form):
    verdict = judge(answer(_refusal(form, code)))
    assert verdict.again
    assert isinstance(verdict.error, FetchError)


@pytest.mark.parametrize("code", ["20", "21", "30", "31", "32", "33"])
@pytest.mark.parametrize("form", ["json", "xml", "gateway"])
def test_these_codes_are_about_the_key_and_final(code, form):
    verdict = judge(answer(_refusal(form, code)))
    assert not verdict.again
    assert isinstance(verdict.error, KeyRefused)
    assert code in str(verdict.error)


@pytest.mark.parametrize("form", ["json", "xml", "gateway"])
def test_code_22_is_the_days_quota(form):
    verdict = judge(answer(_refusal(form, "22")))
    assert not verdict.again
    assert isinstance(verdict.error, QuotaReached)


@pytest.mark.parametrize("code", ["10", "11", "12", "99", "77", "", "abc"])
def test_other_codes_are_plain_refusals(code):
    verdict = judge(answer(_refusal("json", code)))
    assert not verdict.again
    assert type(verdict.error) is FetchError


@pytest.mark.parametrize("code", ["00", "0", "0000", "03"])
def test_no_data_is_an_answer(code):
    verdict = judge(answer(fake.envelope([], code=code, items="empty")))
    assert verdict.error is None


def _refusal(form, code):
    if form == "gateway":
        return fake.gateway_error(code, "SERVICE_KEY_IS_NOT_REGISTERED_ERROR")
    return (fake.envelope_xml if form == "xml" else fake.envelope)([], code=code, message="SOME_ERROR")


def test_the_gateways_error_is_read_from_json_too():
    body = {
        "OpenAPI_ServiceResponse": {"cmmMsgHeader": {"returnAuthMsg": "X_ERROR", "returnReasonCode": "30"}}
    }
    assert opened(answer(json.dumps(body))).code == "30"


@pytest.mark.parametrize(
    ("status", "kind", "again"),
    [(401, KeyRefused, False), (403, KeyRefused, False), (429, FetchError, True), (502, FetchError, True)],
)
def test_the_gateways_plain_text_is_judged_by_its_status(status, kind, again):
    verdict = judge(answer(b"Unauthorized", status=status, content_type="text/plain"))
    assert isinstance(verdict.error, kind)
    assert verdict.again is again
    assert "Unauthorized" in str(verdict.error)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<!DOCTYPE html><html><body>maintenance</body></html>", "web page"),
        (b"<html><body>x</body></html>", "web page"),
        (b"not json", "not JSON"),
        (b'{"response": {"body": ', "not JSON"),
        (b"[1, 2]", "not the documented envelope"),
        (b'{"a": 1, "b": 2}', "not the documented envelope"),
        (b'"text"', "not the documented envelope"),
        (b"<root><x/></root>", "not the documented envelope"),
        (b"<root><x>", "not XML"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><response>&a;</response>', "not XML"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe\x81\x00\xff\xff", "not text"),
        (b'{"response":{"body":{"items":{"item":[1,2]}}}}', "not the documented ones"),
        (b"1" * 5000, "not the documented envelope"),
    ],
)
def test_what_is_no_envelope_is_said(body, what):
    with pytest.raises(SourceError, match=what):
        opened(answer(body))
    assert isinstance(judge(answer(body)).error, SourceError)


def test_an_external_entity_is_never_fetched(tmp_path):
    (tmp_path / "secret").write_text("inside")
    body = f'<!DOCTYPE r [<!ENTITY a SYSTEM "file://{tmp_path}/secret">]><response><body><items><item><v>&a;</v></item></items></body></response>'
    with pytest.raises(SourceError):
        opened(answer(body))


def test_an_empty_body_is_its_own_refusal():
    with pytest.raises(EmptyBody):
        opened(answer(b"  \n"))


def test_a_refusal_inside_the_pages_is_raised():
    with pytest.raises(KeyRefused):
        rows_of((answer(fake.envelope(ROWS)), answer(fake.gateway_error("30", "X"))))


def test_pages_are_asked_until_all_rows_are_there(server, client):
    rows = fake.jeju5m(count=25)
    pages = [fake.envelope(rows[i : i + 10], total=25) for i in (0, 10, 20)]
    server.answers("JejuSukub", *map(Reply, pages))
    reading = _jeju(client)
    assert [q["pageNo"] for _p, q in server.asked] == ["1", "2", "3"]
    assert len(reading.blocks[0]) == 25
    assert not [f for f in reading.findings if f.kind == "truncated"]


def test_an_empty_page_ends_the_paging_and_the_loss_is_told(server, client):
    rows = fake.smp(hours=range(1, 23))
    server.answers(
        "Smp", Reply(fake.envelope(rows, total=96)), Reply(fake.envelope([], total=96, items="empty"))
    )
    (reading,) = [
        fetcher("kpx.smp").fetch(
            _session(client, "kpx.smp"), Part("all", "x"), since_long("2026-06-14T15:00", _now())
        )
    ]
    (told,) = [f for f in reading.findings if f.kind == "truncated"]
    assert told.size == 96 - len(rows)


def test_where_nothing_comes_fewer_rows_are_asked(server, client):
    server.answers("JejuSukub", Reply(b""), Reply(b""), Reply(fake.envelope(fake.jeju5m(count=5))))
    assert len(_jeju(client).blocks[0]) == 5
    assert [q["numOfRows"] for _p, q in server.asked] == ["300", "150", "75"]


def test_where_nothing_ever_comes_it_stops(server, client):
    server.answers("JejuSukub", Reply(b""))
    with pytest.raises(TamnaError, match="empty"):
        _jeju(client)
    assert len(server.asked) <= 6


def _now():
    import numpy as np

    return np.datetime64("2026-06-15T06:02:00", "s")


def _session(client, name):
    return Session(client, name, fetcher(name).quota, Options())


def _jeju(client):
    return kpx_jeju.fetch_jeju5m(
        _session(client, "kpx.jeju-5min"), Part("all", "jeju/demand"), kpx_jeju.today(_now())
    )
