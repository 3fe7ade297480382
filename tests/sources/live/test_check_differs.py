"""Answers that are not as documented, for every source: the check names what differs, and nothing else."""

import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

import fake_answers as fake
from fake_server import Reply, good, json_reply
from live_tools import KEY, has_no_secret
from tamna.sources.live import FETCHERS, check, check_each, differences

ENVELOPED = {
    "kpx.jeju-5min": ("currPwrTot", "baseDatetime"),
    "kpx.smp": ("smp", "date"),
    "kpx.fuel-mix": ("fuelPwr9", "baseDateTime"),
    "kpx.fuel-mix-system": ("fuelPwrTot", "baseDatetime"),
    "kma.asos": ("ta", "tm"),
    "kma.forecast": ("fcstValue", "fcstDate"),
}
"""A field that is read, and the one that bears the time."""


def changing(server, change):
    """Let every documented good answer pass through `change` before it is sent."""
    server._reply = lambda path, query: change(good(path, query), path)


def rows_changed(server, change):
    """Change each row of an envelope in place."""

    def changed(reply, _path):
        document = json.loads(reply.body)
        (inner,) = document.values()
        for row in inner["body"]["items"]["item"]:
            change(row)
        return json_reply(document)

    changing(server, changed)


def harmful(report):
    return {(d.kind, d.field) for d in report.differences if d.harms}


@pytest.mark.parametrize("name", ENVELOPED)
def test_a_missing_field_is_named(server, client, name):
    field, _time = ENVELOPED[name]
    rows_changed(server, lambda row: row.pop(field))
    report = check(name, client=client)
    assert report.verdict == "differs"
    assert ("missing", field) in harmful(report)


@pytest.mark.parametrize("name", ENVELOPED)
def test_a_renamed_field_is_named_with_its_new_name(server, client, name):
    field, _time = ENVELOPED[name]
    rows_changed(server, lambda row: row.update({f"{field}Val": row.pop(field)}))
    report = check(name, client=client)
    assert ("renamed", field) in harmful(report)
    assert f"{field}Val" in {d.seen for d in report.differences}


@pytest.mark.parametrize("name", ENVELOPED)
def test_a_new_field_is_named_and_does_no_harm(server, client, name):
    rows_changed(server, lambda row: row.update(ess=3))
    report = check(name, client=client)
    assert report.ok
    assert [(d.kind, d.field, d.seen) for d in report.differences if d.kind == "new"] == [
        ("new", "ess", "number")
    ]


@pytest.mark.parametrize("name", sorted(set(ENVELOPED) - {"kma.forecast"}))
def test_text_where_a_number_is_documented_is_named(server, client, name):
    field, _time = ENVELOPED[name]
    rows_changed(server, lambda row: row.update({field: "점검중"}))
    assert ("type", field) in harmful(check(name, client=client))


def test_a_category_of_the_forecast_that_is_missing_renamed_or_text_is_named(server, client):
    def change(row):
        if row["category"] == "TMP":
            row["category"] = "T1H"
        if row["category"] == "WSD":
            row["fcstValue"] = "약간 강함"

    rows_changed(server, change)
    report = check("kma.forecast", client=client)
    assert {("missing", "category TMP"), ("type", "category WSD")} <= harmful(report)
    assert "category T1H" in {d.field for d in report.differences}


@pytest.mark.parametrize("name", ["kpx.jeju-5min", "kpx.fuel-mix", "kpx.fuel-mix-system", "kma.asos"])
def test_stamps_in_utc_are_told_as_another_clock(server, client, name):
    _field, time = ENVELOPED[name]
    form = "%Y-%m-%d %H:%M" if name == "kma.asos" else "%Y%m%d%H%M%S"

    def earlier(row):
        text = row[time]
        moment = datetime.strptime(
            text, form[: 2 * len(text)] if name == "kma.asos" else form[: len(text) - 2]
        )
        row[time] = (moment - timedelta(hours=9)).strftime(form)[: len(text)]

    rows_changed(server, earlier)
    (told,) = [d for d in check(name, client=client).differences if d.harms]
    assert told.kind == "times"


@pytest.mark.parametrize("text", ["1781481600", "2026-06-15T00:05:00+09:00"])
def test_a_stamp_of_another_form_is_told(server, client, text):
    rows_changed(server, lambda row: row.update(baseDatetime=text))
    assert ("type", "baseDatetime") in harmful(check("kpx.jeju-5min", client=client))


@pytest.mark.parametrize(
    ("name", "field", "factor"),
    [
        ("kpx.jeju-5min", "currPwrTot", 1000),
        ("kpx.smp", "smp", 1000),
        ("kpx.fuel-mix", "fuelPwrTot", 1000),
        ("kma.asos", "pa", 0.1),
        ("kma.asos", "icsr", 277.78),
        ("kma.asos", "dc10Tca", 10),
    ],
)
def test_another_unit_shows_in_the_size(server, client, name, field, factor):
    def change(row):
        if row[field]:
            row[field] = str(float(row[field]) * factor)

    rows_changed(server, change)
    assert {d.kind for d in check(name, client=client).differences if d.harms} == {"size"}


WRONG = {
    "web page": (
        Reply(b"<!DOCTYPE html><html><body>busy</body></html>", content_type="text/html"),
        "web page",
    ),
    "gateway": (
        Reply(fake.gateway_error("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR")),
        "used up",
    ),
    "quota": (Reply(fake.envelope([], code="22", message="LIMITED")), "used up"),
    "key": (Reply(fake.gateway_error("30", f"NOT_REGISTERED {KEY}")), "not registered"),
    "no rows": (Reply(fake.envelope([], items="none")), "no rows"),
    "other structure": (Reply(b'{"rows": [{"a": 1}], "n": 1}'), "not the documented envelope"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("name", ENVELOPED)
def test_no_data_is_told_by_its_reason(server, client, name, case):
    reply, said = WRONG[case]
    changing(server, lambda _good, _path: reply)
    report = check(name, client=client)
    assert not report.ok
    assert said in str(report.refusal)
    assert has_no_secret(json.dumps(report.as_dict()))
    assert report.verdict == {"no rows": "no data", "gateway": "no calls left", "quota": "no calls left"}.get(
        case, "refused"
    )


@pytest.mark.parametrize("name", [n for n in FETCHERS if n.startswith("open-meteo")])
def test_open_meteo_variables_units_and_clocks_are_compared(server, client, name):
    def change(reply, _path):
        document = json.loads(reply.body)
        variables = [n for n in document["hourly"] if n != "time"]
        gone, other, bare = variables[:3]
        del document["hourly"][gone]
        document["hourly_units"][other] = "stone"
        del document["hourly_units"][bare]
        document["hourly"]["snow_height"] = document["hourly"][other]
        document["utc_offset_seconds"] = 32400
        return json_reply(document)

    changing(server, change)
    report = check(name, client=client)
    kinds = sorted(d.kind for d in report.differences)
    assert [k for k in kinds if k != "reader"] == ["clock", "missing", "new", "unit", "unit"]
    assert "no unit" in {d.seen for d in report.differences}


def test_iso_stamps_where_unix_seconds_were_asked_for_are_told(server, client):
    names = FETCHERS["open-meteo.forecast"].shape
    document = fake.meteo([n for n in names if n in fake.METEO_UNITS], iso=True, start=1781481600, hours=72)
    changing(server, lambda _good, _path: json_reply(document))
    told = {(d.kind, d.field): d.seen for d in check("open-meteo.forecast", client=client).differences}
    assert told == {("clock", "time"): "iso8601"}


def test_a_parameter_that_nasa_describes_and_does_not_give_is_missing(server, client):
    def change(reply, _path):
        document = json.loads(reply.body)
        del document["properties"]["parameter"]["T2M"]
        document["parameters"]["PS"]["units"] = "hPa"
        return json_reply(document)

    changing(server, change)
    assert {("missing", "T2M"), ("unit", "PS")} <= harmful(check("nasa.power", client=client))


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("entsoe.load", b"MAW", b"KWH", ("unit", "quantity")),
        ("entsoe.prices", b"EUR", b"GBP", ("unit", "price.amount")),
        ("entsoe.load", b"<quantity>", b"<amount>", ("missing", "quantity")),
        ("entsoe.load", b"PT60M", b"P7D", ("unit", "resolution")),
        ("entsoe.load", b"00Z<", b"00+02:00<", ("clock", "timeInterval")),
        ("entsoe.load", b"<type>A65</type>", b"", ("missing", "type")),
        ("entsoe.generation", b"psrType", b"productionType", ("missing", "psrType")),
    ],
)
def test_a_market_document_that_differs_is_told(server, client, name, old, new, told):
    def change(reply, _path):
        body = reply.body.replace(old, new)
        if old == b"<quantity>":
            body = body.replace(b"</quantity>", b"</amount>")
        return Reply(body, content_type="text/xml")

    changing(server, change)
    assert told in harmful(check(name, client=client))


@pytest.mark.parametrize("name", [n for n in FETCHERS if n.startswith("entsoe")])
def test_a_market_document_without_data_is_told_by_its_own_words(server, client, name):
    for text, verdict in (
        ("No matching data found", "no data"),
        ("Amount of requested data exceeds", "refused"),
    ):
        changing(server, lambda _g, _p, text=text: Reply(fake.acknowledgement(text), content_type="text/xml"))
        report = check(name, client=client)
        assert report.verdict == verdict
        assert verdict == "no data" or text in str(report.refusal)


def test_a_page_with_another_column_or_order_is_told(server, client):
    def wider(_reply, _path):
        return Reply(fake.national_page([[*row, "1"] for row in fake.national_rows("2026-06-14")], cells=9))

    changing(server, wider)
    assert ("unit", "cells") in harmful(check("kpx.national-5min", client=client))

    def swapped(_reply, _path):
        rows = [[r[0], *r[2:5], r[1], *r[5:]] for r in fake.national_rows("2026-06-14")]
        return Reply(fake.national_page(rows))

    changing(server, swapped)
    assert {d.kind for d in check("kpx.national-5min", client=client).differences} == set()

    def turned(_reply, _path):
        return Reply(fake.national_page([[r[0], *r[:0:-1]] for r in fake.national_rows("2026-06-14")]))

    changing(server, turned)
    assert ("size", "kr/national/supply_capacity") in harmful(check("kpx.national-5min", client=client))


def test_a_table_of_the_hub_that_lost_its_end_or_a_column_is_told(server, client):
    def narrower(reply, _path):
        lines = reply.body.decode("cp949").splitlines()
        cut = [line if "7777" in line else line.rsplit(" ", 1)[0] for line in lines]
        return Reply("\n".join(cut).encode("cp949"), content_type="text/plain")

    changing(server, narrower)
    assert ("missing", "IX") in {(d.kind, d.field) for d in check("kma.apihub", client=client).differences}
    changing(server, lambda reply, _p: Reply(reply.body.replace(b"#7777END", b"")))
    assert "broke off" in str(check("kma.apihub", client=client).refusal)


def test_headings_in_two_lines_do_not_pass_for_lost_columns(server, client):
    def folded(reply, _path):
        text = reply.body.decode("cp949").replace("GST_WD GST_WS GST_TM", "GST GST GST")
        return Reply(text.encode("cp949"), content_type="text/plain")

    changing(server, folded)
    assert check("kma.apihub", client=client).differences == ()


@pytest.mark.parametrize("name", FETCHERS)
def test_a_check_makes_one_call(server, client, name):
    check(name, client=client)
    assert len(server.asked) == 1


def test_a_host_that_is_silent_is_asked_for_one_source_only(server, client):
    changing(server, lambda _good, _path: Reply(behave="hang", wait_s=30))
    reports = list(check_each(["kpx.smp", "kpx.fuel-mix", "kma.asos"], client=client))
    assert [r.verdict for r in reports] == ["no answer"] * 3
    assert len({urlsplit(path).path for path, _query in server.asked}) == 1
    assert "a moment ago" in str(reports[2].refusal)


def test_the_loss_of_a_field_that_nobody_reads_does_no_harm(server, client):
    rows_changed(server, lambda row: row.pop("m005Te"))
    report = check("kma.asos", client=client)
    assert report.ok
    assert [d.kind for d in report.differences] == ["absent"]


def test_a_field_is_renamed_once():
    told = differences({"windPwr": "number", "windPwr2": "number"}, {"windPower": "number"})
    assert sorted(d.kind for d in told) == ["missing", "renamed"]


@pytest.mark.parametrize(
    ("name", "variable", "value"),
    [
        ("kpx.smp", "TAMNA_DATA_GO_KR_KEY", "short"),
        ("kpx.smp", "TAMNA_DATA_GO_KR_URL", "http://example.com"),
        ("open-meteo.forecast", "TAMNA_OPEN_METEO_URL", "ftp://example.com"),
    ],
)
def test_a_setting_at_fault_is_not_blamed_on_the_provider(server, client, monkeypatch, name, variable, value):
    monkeypatch.setenv(variable, value)
    assert check(name, client=client).verdict == "not sent"
    assert server.asked == []
