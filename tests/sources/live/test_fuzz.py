"""Mutated answers: a reader gives blocks or a TamnaError, and never anything else."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fake_answers as fake
from live_tools import answer
from tamna.errors import TamnaError
from tamna.sources.live import (
    Spot,
    entsoe,
    kma_apihub,
    kma_asos,
    kma_forecast,
    kpx_fuel,
    kpx_jeju,
    kpx_smp,
    nasa_power,
    open_meteo,
)

JEJU = Spot(name="jeju", latitude=33.4996, longitude=126.5312)
PREVIOUS = ["temperature_2m_previous_day1", "wind_speed_10m_previous_day2"]
READERS = {
    "jeju5m json": (kpx_jeju.read_jeju5m, fake.envelope(fake.jeju5m(count=6))),
    "jeju5m xml": (kpx_jeju.read_jeju5m, fake.envelope_xml(fake.jeju5m(count=6, digits=14))),
    "national": (kpx_jeju.read_national5m, fake.national_page(fake.national_rows(count=4))),
    "smp": (kpx_smp.read_smp, fake.envelope(fake.smp(hours=[1, 2]))),
    "fuel market": (kpx_fuel.read_market, fake.envelope(fake.fuel(count=4))),
    "fuel system": (kpx_fuel.read_system, fake.envelope_xml(fake.fuel(count=4))),
    "asos": (kma_asos.read_asos, fake.envelope(fake.asos(hours=3))),
    "village": (lambda a: kma_forecast.read_forecast(a, spots=(JEJU,)), fake.envelope(fake.village(hours=2))),
    "apihub": (kma_apihub.read_apihub, fake.hub(hours=3).encode()),
    "archive": (
        lambda a: open_meteo.read_archive(a, spots=(JEJU,)),
        json.dumps(fake.meteo(open_meteo.ARCHIVE, hours=4)).encode(),
    ),
    "forecast": (
        lambda a: open_meteo.read_forecast(a, spots=(JEJU,)),
        json.dumps(fake.meteo(open_meteo.FORECAST, start=1781510400, hours=4)).encode(),
    ),
    "previous": (
        lambda a: open_meteo.read_previous(a, spots=(JEJU,)),
        json.dumps(fake.meteo(PREVIOUS, hours=4)).encode(),
    ),
    "power": (lambda a: nasa_power.read_power(a, spot=JEJU), json.dumps(fake.power(hours=4)).encode()),
    "load": (lambda a: entsoe.read_load(a, area="x"), fake.market([(1, 5), (3, 6)], curve="A03")),
    "generation zip": (
        lambda a: entsoe.read_generation(a, area="x"),
        fake.zipped(fake.market([(1, 5)], psr="B16")),
    ),
    "prices": (lambda a: entsoe.read_prices(a, area="x"), fake.market([(1, 5)], kind="price")),
}
JUDGES = [kma_apihub.judge, open_meteo.judge, nasa_power.judge, entsoe.judge]
PIECES = [
    b"",
    b"null",
    b"-999",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b"<",
    b">",
    b"9" * 30,
    b"1e400",
    b"NaN",
    b"\xff",
    b"\x00",
    "제".encode(),
    b"24",
    b"&",
    b",",
    b"\n",
    b"0",
]


def _check(reading):
    for block in reading.blocks:
        assert len(block) > 0
        assert (np.diff(block.valid_at) >= np.timedelta64(0)).all()
        assert np.isnan(block.value).tolist() == (block.flag & 2 > 0).tolist()
        assert not np.isinf(block.value).any()
        assert not np.isnat(block.valid_at).any()
    json.dumps(reading.receipt.as_dict())
    json.dumps([f.as_dict() for f in reading.findings])


def _tried(read, body):
    try:
        _check(read([answer(body)]))
    except TamnaError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_bytes_replaced_anywhere(name, data):
    read, body = READERS[name]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        gone = data.draw(st.integers(0, 12))
        body = body[:at] + data.draw(st.sampled_from(PIECES)) + body[at + gone :]
    _tried(read, body)


@pytest.mark.parametrize("name", READERS)
def test_cut_off_anywhere(name):
    read, body = READERS[name]
    for end in range(0, len(body), max(len(body) // 80, 1)):
        _tried(read, body[:end])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _somewhere(document, path, value):
    """Put `value` at a place of the document that `path` (numbers) leads to."""
    here, steps = document, list(path)
    while steps:
        keys = (
            list(here) if isinstance(here, dict) else list(range(len(here))) if isinstance(here, list) else []
        )
        if not keys:
            return
        key = keys[steps.pop(0) % len(keys)]
        if not steps or not isinstance(here[key], (dict, list)) or not here[key]:
            here[key] = value
            return
        here = here[key]


@pytest.mark.parametrize("name", [n for n, (_r, b) in READERS.items() if b[:1] == b"{"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_value_in_any_place_of_the_json(name, data):
    read, body = READERS[name]
    document = json.loads(body)
    for _ in range(data.draw(st.integers(1, 3))):
        _somewhere(
            document, data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=7)), data.draw(json_values)
        )
    _tried(read, json.dumps(document).encode())


@settings(max_examples=80, deadline=None)
@given(json_values, st.sampled_from([200, 400, 401, 429, 500]))
def test_no_judge_stumbles_over_any_json(document, status):
    from tamna.sources.live.envelope import judge

    for one in (judge, *JUDGES):
        verdict = one(answer(json.dumps(document), status=status))
        assert verdict.error is None or isinstance(verdict.error, TamnaError)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([200, 400, 403, 429, 503]))
def test_no_judge_stumbles_over_any_bytes(body, status):
    from tamna.sources.live.envelope import judge

    for one in (judge, *JUDGES):
        verdict = one(answer(body, status=status))
        assert verdict.error is None or isinstance(verdict.error, TamnaError)
