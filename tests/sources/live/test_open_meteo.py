"""Open-Meteo: the answer's own units, the hour before, nulls, arrays, and honest issue times."""

import json

import numpy as np
import pytest

import fake_answers as fake
from live_tools import NOW, answer, block_of, stamp
from tamna.errors import FetchError, KeyRefused, QuotaReached, SourceError
from tamna.sources.live import Spot
from tamna.sources.live.open_meteo import ARCHIVE, FORECAST, judge, read_archive, read_forecast, read_previous

JEJU = Spot(name="jeju", latitude=33.5, longitude=126.53)
GOSAN = Spot(name="gosan", latitude=33.29, longitude=126.16)


def _archive(document, spots=(JEJU,)):
    return read_archive([answer(json.dumps(document))], spots=spots)


def test_instants_stay_and_radiation_moves_an_hour_back():
    reading = _archive(fake.meteo(ARCHIVE))
    assert block_of(reading, "open_meteo/jeju/temperature").valid_at[0] == stamp("2026-06-01T00:00:00")
    assert block_of(reading, "open_meteo/jeju/radiation").valid_at[0] == stamp("2026-05-31T23:00:00")
    assert block_of(reading, "open_meteo/jeju/wind_speed_100m").unit == "m/s"


def test_the_unit_in_the_answer_counts_not_the_one_asked_for():
    document = fake.meteo(["wind_speed_10m"], units={"wind_speed_10m": "km/h"})
    assert block_of(_archive(document), "open_meteo/jeju/wind_speed").value[0] == pytest.approx(10 / 3.6)


@pytest.mark.parametrize("unit", [None, "undefined", "furlong", "°C", 7])
def test_a_missing_or_strange_unit_is_refused(unit):
    units = {} if unit is None else {"wind_speed_10m": unit}
    with pytest.raises(SourceError, match="km/h or m/s"):
        _archive(fake.meteo(["wind_speed_10m"], units=units))


def test_no_units_at_all_are_refused():
    document = fake.meteo(ARCHIVE)
    del document["hourly_units"]
    with pytest.raises(SourceError):
        _archive(document)


def test_iso_text_is_in_the_answers_own_offset():
    document = fake.meteo(["temperature_2m"], iso=True, offset=32400)
    assert block_of(_archive(document), "open_meteo/jeju/temperature").valid_at[0] == stamp(
        "2026-06-01T00:00:00"
    )


def test_nulls_inside_are_missing_and_the_empty_end_is_left_out():
    document = fake.meteo(["temperature_2m"], nulls=5)
    document["hourly"]["temperature_2m"][3] = None
    block = block_of(_archive(document), "open_meteo/jeju/temperature")
    assert len(block) == 19
    assert np.isnan(block.value).tolist() == [i == 3 for i in range(19)]


def test_many_places_come_as_an_array():
    reading = _archive([fake.meteo(["temperature_2m"]), fake.meteo(["temperature_2m"])], (JEJU, GOSAN))
    assert {b.series for b in reading.blocks} == {
        "open_meteo/jeju/temperature",
        "open_meteo/gosan/temperature",
    }
    with pytest.raises(SourceError, match="1 places in the answer in place of 2"):
        _archive(fake.meteo(["temperature_2m"]), (JEJU, GOSAN))


def test_columns_of_unequal_length_are_refused():
    document = fake.meteo(["temperature_2m"])
    document["hourly"]["temperature_2m"].pop()
    with pytest.raises(SourceError, match="not as long"):
        _archive(document)


def test_a_forecast_is_dated_by_its_retrieval_and_starts_there():
    document = fake.meteo(FORECAST, start=1781481600, hours=48)
    block = block_of(
        read_forecast([answer(json.dumps(document))], spots=(JEJU,)), "forecast/jeju/temperature"
    )
    assert block.valid_at[0] == stamp("2026-06-15T07:00:00")
    assert (block.issued_at == NOW).all()
    assert (block.known_at == NOW).all()
    assert block.source == "open_meteo_forecast"


def test_a_previous_run_is_issued_its_days_before_and_known_some_hours_later():
    names = ["wind_speed_10m_previous_day1", "wind_speed_10m_previous_day2", "wind_speed_10m"]
    document = fake.meteo(names, start=1780272000)
    reading = read_previous([answer(json.dumps(document))], spots=(JEJU,))
    block = block_of(reading, "forecast/jeju/wind_speed")
    assert len(block) == 48
    lead = (block.valid_at - block.issued_at) / np.timedelta64(1, "h")
    assert sorted(set(lead.tolist())) == [24, 48]
    assert (block.known_at - block.issued_at == np.timedelta64(7, "h")).all()
    assert reading.receipt.ignored == {"wind_speed_10m": "not asked for"}


def test_a_reason_is_told():
    body = '{"error":true,"reason":"Parameter \'end_date\' is out of allowed range"}'
    verdict = judge(answer(body, status=400))
    assert not verdict.again
    assert "out of allowed range" in str(verdict.error)
    with pytest.raises(FetchError, match="out of allowed range"):
        _archive(json.loads(body))


@pytest.mark.parametrize(("span", "final"), [("Minutely", False), ("Hourly", True), ("Daily", True)])
def test_a_limit_of_a_minute_is_waited_for_and_a_longer_one_is_a_quota(span, final):
    body = f'{{"error":true,"reason":"{span} API request limit exceeded. Please try again later."}}'
    verdict = judge(answer(body, status=429))
    assert isinstance(verdict.error, QuotaReached) is final
    assert verdict.again is not final
    assert verdict.pause_s == (None if final else 60)


@pytest.mark.parametrize(("status", "kind"), [(401, KeyRefused), (404, FetchError), (500, FetchError)])
def test_plain_errors_are_judged_by_their_status(status, kind):
    assert isinstance(judge(answer(b"<html>oops</html>", status=status)).error, kind)


@pytest.mark.parametrize(
    "body", ["[]", "[1]", "1", "null", '{"hourly": 3}', '{"hourly": {"time": "x"}}', "<html></html>", ""]
)
def test_what_is_no_table_is_refused(body):
    with pytest.raises(SourceError):
        read_archive([answer(body)], spots=(JEJU,))


def test_the_paid_hosts_are_asked_with_a_key_and_the_free_ones_without(monkeypatch):
    from tamna.sources.live import open_meteo
    from tamna.sources.live.session import Options, Part

    class Session:
        options = Options()

        def get(self, request, _judge):
            self.request = request

    monkeypatch.delenv("TAMNA_OPEN_METEO_URL", raising=False)
    for key, host in (("", "https://archive-api."), ("a-paid-key-1234", "https://customer-archive-api.")):
        monkeypatch.setenv("TAMNA_OPEN_METEO_KEY", key)
        session = Session()
        open_meteo._ask(session, Part("jeju", "x"), "archive", {})
        assert session.request.base.startswith(host)
        assert ("apikey=***" in session.request.address) is bool(key)
