"""NASA POWER: hour-starting UTC means, the fill value, and units from the answer."""

import json

import numpy as np
import pytest

import fake_answers as fake
from live_tools import answer, block_of, stamp
from tamna.errors import FetchError, SourceError
from tamna.sources.block import Kind
from tamna.sources.live import Spot
from tamna.sources.live.nasa_power import judge, read_power

JEJU = Spot(name="jeju", latitude=33.5, longitude=126.53)


def _read(document):
    return read_power([answer(json.dumps(document))], spot=JEJU)


def test_stamps_are_starts_and_the_fill_value_is_missing():
    radiation = block_of(_read(fake.power()), "nasa_power/jeju/radiation")
    assert radiation.valid_at[0] == stamp("2026-06-01T00:00:00")
    assert (radiation.unit, radiation.kind) == ("W/m2", Kind.MEAN)
    assert np.isnan(radiation.value).tolist() == [i == 1 for i in range(24)]


@pytest.mark.parametrize("fill", [-999, -999.0, -99999.0])
def test_the_fill_value_is_the_one_that_the_header_names(fill):
    assert np.isnan(block_of(_read(fake.power(fill=fill)), "nasa_power/jeju/radiation").value[1])


def test_units_are_converted_as_the_answer_names_them():
    assert block_of(_read(fake.power()), "nasa_power/jeju/pressure").value[0] == 1005
    document = fake.power(units={"ALLSKY_SFC_SW_DWN": "MJ/hr"})
    assert block_of(_read(document), "nasa_power/jeju/radiation").value[0] == pytest.approx(100.5e6 / 3600)


def test_the_empty_end_is_left_out():
    document = fake.power()
    cells = document["properties"]["parameter"]["T2M"]
    for label in list(cells)[20:]:
        cells[label] = -999.0
    assert len(block_of(_read(document), "nasa_power/jeju/temperature")) == 20


@pytest.mark.parametrize("standard", ["LST", "", "local"])
def test_solar_time_is_refused(standard):
    with pytest.raises(SourceError, match="not in UTC"):
        _read(fake.power(standard=standard))


def test_an_unknown_unit_and_an_unreadable_label_are_refused():
    with pytest.raises(SourceError, match="unit that we do not know"):
        _read(fake.power(units={"T2M": "K"}))
    document = fake.power()
    document["properties"]["parameter"]["T2M"] = {"2026060199": 1.0}
    with pytest.raises(SourceError, match="readable time"):
        _read(document)


def test_the_reason_of_a_refusal_is_told():
    body = json.dumps({"header": "x", "messages": ["end date is in the future"]})
    verdict = judge(answer(body, status=422))
    assert type(verdict.error) is FetchError
    assert "in the future" in str(verdict.error)


@pytest.mark.parametrize("body", ["{}", "[]", "1", "x", '{"properties": {"parameter": []}}'])
def test_what_is_no_table_is_refused(body):
    with pytest.raises(SourceError):
        read_power([answer(body)], spot=JEJU)
