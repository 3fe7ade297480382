"""The API hub's text table: 46 columns, its own missing values, and an end that must be there."""

import numpy as np
import pytest

import fake_answers as fake
from live_tools import answer, block_of, stamp
from tamna.errors import FetchError, KeyRefused, SourceError
from tamna.sources.live.kma_apihub import COLUMNS, judge, read_apihub


def _read(text, encoding="utf-8"):
    return read_apihub([answer(text.encode(encoding), content_type="text/plain")])


def test_there_are_46_columns():
    assert len(COLUMNS) == 46
    assert list(COLUMNS) == fake.HUB_NAMES


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_minus_nine_degrees_is_weather_and_minus_nine_elsewhere_is_nothing(encoding):
    reading = _read(fake.hub(), encoding)
    assert (block_of(reading, "asos/184/temperature").value == -9.0).all()
    assert np.isnan(block_of(reading, "asos/184/temperature").value).sum() == 0
    names = {b.series for b in reading.blocks}
    assert "asos/184/ground_temperature" not in names  # -99.0 all along
    assert "asos/184/precipitation" not in names  # -9.0 all along


def test_direction_is_in_tens_and_radiation_belongs_to_the_hour_before():
    reading = _read(fake.hub())
    assert block_of(reading, "asos/184/wind_direction").value[0] == 320
    radiation = block_of(reading, "asos/184/radiation")
    assert radiation.value[0] == pytest.approx(500)
    assert radiation.valid_at[0] == stamp("2026-05-31T14:00:00")


def test_three_hourly_winter_rain_is_not_taken_for_hourly():
    summer = _read(fake.hub("202606010000", cells={"RN": "3.0"}))
    winter = _read(fake.hub("202601010000", cells={"RN": "3.0"}))
    assert block_of(summer, "asos/184/precipitation").value[0] == 3
    assert "asos/184/precipitation" not in {b.series for b in winter.blocks}
    assert "RN" in winter.receipt.ignored


def test_a_text_that_breaks_off_is_asked_for_again_and_never_read():
    text = fake.hub(end=False)
    verdict = judge(answer(text))
    assert verdict.again
    with pytest.raises(SourceError, match="broke off"):
        _read(text)


@pytest.mark.parametrize(("status", "kind"), [("401", KeyRefused), ("403", KeyRefused), ("400", FetchError)])
def test_errors_are_json(status, kind):
    body = f'{{"result": {{"status": {status}, "message": "유효한 인증키가 아닙니다."}}}}'
    for code in (200, int(status)):
        verdict = judge(answer(body, status=code))
        assert type(verdict.error) is kind
        assert not verdict.again
        assert "인증키" in str(verdict.error)


def test_rows_of_another_width_are_refused_with_their_lines():
    lines = fake.hub(hours=4).splitlines()
    lines[4] += " 1"
    with pytest.raises(SourceError, match="47 columns in place of 46") as caught:
        _read("\n".join(lines))
    assert caught.value.mistakes[0].where.line == 5


def test_no_rows_are_no_blocks():
    assert _read(fake.hub(hours=0)).blocks == ()


def test_a_web_page_is_said():
    with pytest.raises(SourceError, match="web page"):
        _read("<html><body>점검</body></html>")
