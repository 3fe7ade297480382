"""One real call a source, and what differs from the documented shape."""

import json

import pytest

import fake_answers as fake
from fake_server import Reply, json_reply
from live_tools import KEY, answer
from tamna.lang import speaking
from tamna.sources.live import FETCHERS, check, differences
from tamna.sources.live.envelope_shape import kind, observe


@pytest.mark.parametrize("name", FETCHERS)
def test_the_documented_answer_shows_no_difference(server, client, name):
    report = check(name, client=client)
    assert report.ok, report.as_dict()
    assert [d for d in report.differences if d.kind != "new"] == []
    assert report.fields > 0
    assert KEY not in json.dumps(report.as_dict())


def _changed(rows, **changes):
    return Reply(fake.envelope([{k: v for k, v in (row | changes).items() if v is not None} for row in rows]))


def test_missing_new_and_other_types_are_told(server, client):
    server.answers(
        "JejuSukub", _changed(fake.jeju5m(count=5), currNtPwrTot=None, essPwr=3, currPwrTot="점검")
    )
    report = check("kpx.jeju-5min", client=client)
    assert not report.ok
    assert {(d.kind, d.field) for d in report.differences} == {
        ("missing", "currNtPwrTot"),
        ("new", "essPwr"),
        ("type", "currPwrTot"),
    }


def test_a_new_field_alone_does_no_harm(server, client):
    server.answers("JejuSukub", _changed(fake.jeju5m(count=5), essPwr=3))
    report = check("kpx.jeju-5min", client=client)
    assert report.ok
    assert [str(d) for d in report.differences] == ["essPwr: in the answer (number), not documented"]


def test_another_unit_is_told(server, client):
    names = FETCHERS["open-meteo.forecast"].shape
    document = fake.meteo([n for n in names if n in fake.METEO_UNITS])
    document["hourly_units"]["wind_speed_10m"] = "km/h"
    server.answers("/v1/forecast", json_reply(document))
    report = check("open-meteo.forecast", client=client)
    assert [(d.kind, d.field, d.expected, d.seen) for d in report.differences] == [
        ("unit", "wind_speed_10m", "m/s", "km/h")
    ]


def test_solar_time_is_told(server, client):
    server.answers("/api/temporal", json_reply(fake.power(standard="LST")))
    told, refused = check("nasa.power", client=client).differences
    assert refused.kind == "reader"
    assert (told.field, told.expected, told.seen) == ("time_standard", "UTC", "LST")


def test_a_refusal_stands_in_the_report(server, client):
    server.answers("Smp", Reply(fake.gateway_error("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR")))
    report = check("kpx.smp", client=client)
    assert not report.ok
    assert "the key is not registered" in str(report.refusal)


def test_an_answer_without_rows_is_no_proof(server, client):
    server.answers("Smp", Reply(fake.envelope([], items="empty")))
    assert "holds no rows" in str(check("kpx.smp", client=client).refusal)


def test_a_source_without_its_key_is_skipped_without_a_call(server, client, monkeypatch):
    monkeypatch.delenv("TAMNA_ENTSOE_TOKEN")
    report = check("entsoe.load", client=client)
    assert "TAMNA_ENTSOE_TOKEN" in str(report.skipped)
    assert server.asked == []


def test_one_call_is_made(server, client):
    check("kpx.smp", client=client)
    assert len(server.asked) == 1


def test_differences_speak_korean():
    (told,) = differences({"ta": "number"}, {})
    with speaking("ko"):
        assert "ta" in str(told)


def test_an_empty_column_says_nothing_of_its_type():
    assert differences({"rn": "number"}, {"rn": "empty"}) == ()
    assert observe([answer(fake.envelope(fake.asos()))])["rn"] == "empty"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-01 00:00", "stamp"),
        ("20260601", "stamp"),
        ("20260601000000", "stamp"),
        ("-3.5", "number"),
        ("육지", "text"),
    ],
)
def test_kinds_of_cells(text, expected):
    assert kind(text) == expected
