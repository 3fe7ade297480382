"""Any file gets an answer: a reading, a name, or a refusal; never a traceback."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources import samples
from tamna.errors import SourceError
from tamna.sources import NotSeries, Reading, read_file, read_paths

FILES = {
    "전력수요.csv": samples.wide().encode(),
    "regional.csv": samples.regional().encode("cp949"),
    "settled.csv": samples.settled().encode(),
    "smp.csv": samples.smp_hourly().encode(),
    "smp_jeju.xlsx": samples.workbook(samples.smp_rows()),
    "제어량_2023.csv": samples.curtailment().encode("cp949"),
    "forecast.xls": samples.forecast_html().encode("euc-kr"),
    "kma.csv": samples.kma().encode("cp949"),
    "meteo.csv": samples.open_meteo().encode(),
    "oibc.csv": samples.oibc_forecast().encode(),
    "market.csv": samples.market().encode(),
    "g25.csv": samples.bdew_months().encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_every_layout_is_found_by_its_content(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    assert isinstance(read_file(path), Reading)


@pytest.mark.parametrize(
    "name",
    [
        "regional.csv",
        "settled.csv",
        "smp.csv",
        "forecast.xls",
        "kma.csv",
        "meteo.csv",
        "oibc.csv",
        "market.csv",
    ],
)
def test_a_renamed_file_reads_the_same(tmp_path, name):
    answers = []
    for other in (name, "download (3).bin"):
        (tmp_path / other).write_bytes(FILES[name])
        answers.append({(b.series, b.source, len(b)) for b in read_file(tmp_path / other).blocks})
    assert answers[0] == answers[1]


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    name=st.sampled_from(sorted(FILES)),
    cut=st.tuples(st.floats(0, 1), st.integers(0, 40)),
    put=st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b",", b"\n", b'"', b"-", b"99999999", b"\x00", b"<", b"\xb0"]),
    ),
)
def test_a_file_damaged_anywhere_is_read_or_refused_and_never_a_traceback(tmp_path, name, cut, put):
    data = FILES[name]
    at = int(cut[0] * len(data))
    path = tmp_path / name
    path.write_bytes(data[:at] + put + data[at + cut[1] :])
    (_path, answer), *_none = read_paths([path])
    assert isinstance(answer, (Reading, NotSeries, SourceError))
    if isinstance(answer, SourceError):
        assert name in str(answer)
        assert "does not hold together" not in str(answer)  # the net of last resort
        assert all(m.todo for m in answer.mistakes[:20])


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("README.md", b"# words, and a comma\n", "a text"),
        ("LICENSE", b"MIT License\n", "a text"),
        ("MODEL.pdf", b"%PDF-1.5 ...", "a PDF document"),
        ("rts.pras", b"\x89HDF\r\n\x1a\n", "HDF5"),
        ("case.json", b'{"time_periods": 48, "thermal_generators": {}}', "PGLib-UC"),
        ("other.json", b'{"a": 1}', "a JSON document"),
        ("test1.csv", b",ZONEID,TIMESTAMP,VAR78\n1,1,2013-04-01 01:00:00,0.5\n", "GEFCom2014"),
        ("train.csv", b"ZONEID,TIMESTAMP,POWER\n1,20120401 01:00,0.75\n", "GEFCom2014"),
        ("page.html", b"<html><body><p>hello</p></body></html>", "a web page"),
    ],
)
def test_what_holds_no_series_is_named(tmp_path, name, content, what):
    (tmp_path / name).write_bytes(content)
    answer = read_file(tmp_path / name)
    assert isinstance(answer, NotSeries)
    assert what in str(answer.what)


def test_the_same_bytes_give_the_same_reading(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "kma.csv").write_bytes(FILES["kma.csv"])
    first, second = (read_file(tmp_path / folder / "kma.csv") for folder in ("a", "b"))
    assert first.receipt == second.receipt
    assert all((x.value == y.value).all() for x, y in zip(first.blocks[:1], second.blocks[:1], strict=True))


def test_what_no_reader_foresaw_is_a_refusal_too(tmp_path, monkeypatch):
    from tamna.sources import kpx_settled, reading

    def stumble(_file: object) -> Reading:
        raise KeyError("x")

    broken = reading.Reader("kpx_settled", 1, kpx_settled.sniff, stumble)
    monkeypatch.setattr(reading, "READERS", (broken,))
    (tmp_path / "a.csv").write_bytes(FILES["settled.csv"])
    with pytest.raises(SourceError, match="looks like kpx_settled and does not hold together"):
        read_file(tmp_path / "a.csv")
