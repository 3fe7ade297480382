"""Broken input: each kind is a clear refusal with its place, or a flagged reading; never a traceback."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from sources import samples
from sources.samples import HOURS, table, wide
from tamna.errors import SourceError
from tamna.sources import Flag, Limits, NotSeries, Reading, read_file, read_paths

DEMAND = "시간별 제주전력수요_2023.csv"
REGIONAL = "지역별 시간별 태양광 및 풍력 발전량.csv"
SUSPECT = int(Flag.SUSPECT | Flag.BY_READER)
LINES = wide().splitlines(keepends=True)


def cell(row: int, column: int, text: str) -> str:
    """Demand with one cell replaced; row and column as the file counts them, from 1 (1 is the header)."""
    rows = [line.rstrip("\n").split(",") for line in LINES]
    rows[row - 1][column - 1] = text
    return "".join(",".join(r) + "\n" for r in rows)


def without_column(at: int) -> str:
    return "".join(
        ",".join(c for i, c in enumerate(line.rstrip().split(",")) if i != at) + "\n" for line in LINES
    )


def with_column(name: str) -> str:
    return LINES[0].rstrip() + f",{name}\n" + "".join(line.rstrip() + ",7\n" for line in LINES[1:])


def swapped_columns() -> str:
    """Dates under 1시 and the first hour under 거래일자."""
    rows = [line.rstrip("\n").split(",") for line in LINES]
    return (
        rows[0][0]
        + ","
        + ",".join(rows[0][1:])
        + "\n"
        + "".join(",".join([r[1], r[0], *r[2:]]) + "\n" for r in rows[1:])
    )


KMA = samples.kma().splitlines(keepends=True)
SETTLED = samples.settled()

# name, file name, content, words that the message must hold: place, what, what was seen, what to do
REFUSED: list[tuple[str, str, str | bytes, list[str]]] = [
    ("empty file", DEMAND, b"", ["the file is empty", "Download it again"]),
    ("only blank lines", DEMAND, b"\n\n\r\n", ["the file is empty"]),
    ("only a header", DEMAND, LINES[0], ["a header and no row below it"]),
    ("truncated in a row", DEMAND, wide()[:-70], ["row 4", "ends in the middle of a row", "of 25 cells"]),
    ("truncated workbook", "smp_jeju_2013.xlsx", samples.workbook(samples.smp_rows())[:-200], ["damaged or cut off"]),
    ("truncated page", "jeju.xls", samples.forecast_html(closed=False), ["ends in the middle of its table"]),
    ("wrong bytes in UTF-8", DEMAND, wide().encode()[:300] + b"\xff\xfe" + wide().encode()[300:], ["3", "no UTF-8 text", "ff fe"]),
    ("wrong bytes in CP949", DEMAND, wide().encode("cp949")[:300] + b"\xff\xff" + wide().encode("cp949")[300:], ["no CP949 text", "ff"]),
    ("lost letters", DEMAND, wide().replace("거래일자", "\ufffd\ufffd").replace("시", "\ufffd"), ["lost its letters", "another encoding"]),
    ("swapped columns", DEMAND, swapped_columns(), ["row 2", "column '거래일자'", "not a date", "got 600"]),
    ("text in a number", DEMAND, cell(3, 5, "점검중"), ["row 3", "column '4시'", "text where a number belongs", "점검중", "Leave the cell blank"]),
    ("unit in a cell", DEMAND, cell(3, 5, "613MWh"), ["row 3, column '4시'", "letters behind a number", "613MWh", "into the header"]),
    ("Excel error", DEMAND, cell(2, 2, "#DIV/0!"), ["row 2", "an Excel error", "#DIV/0!"]),
    ("mixed units in a row", DEMAND, "".join([LINES[0], LINES[1].replace(",60", ",60000"), LINES[2]]), ["row 2", "mixes MWh and a thousandth of it", "split the file"]),
    ("duplicate headers", DEMAND, wide().replace("4시", "3시", 1).replace("13시,13시", "13시,14시"), ["row 1", "two columns have the same name", "3시"]),
    ("one hour under two names", DEMAND, wide().replace("14시", "13h", 1), ["name the same hour", "13h"]),
    ("missing hour column", DEMAND, without_column(7), ["the column of hour 7 is missing"]),
    ("missing 24시", DEMAND, without_column(24), ["the column of hour 24 is missing"]),
    ("25 hour columns", DEMAND, with_column("25시"), ["24 hours, not hour 25", "column '25시'"]),
    ("hours 0..23 in a wide table", DEMAND, wide().replace(",".join(HOURS), ",".join(f"{h}시" for h in range(24))), ["labelled 0..23", "mapping file"]),
    ("date column missing", DEMAND, without_column(0), ["the column of dates is missing", "거래일자"]),
    ("HTML error page called csv", DEMAND, "<html><head><title>서비스 점검 안내</title></head><body>error</body></html>", ["an HTML page", "서비스 점검 안내", "download again"]),
    ("HTML error page called xls", "jeju.xls", "<!DOCTYPE html><html><body><h1>500 Internal Error</h1></body></html>", ["an HTML page", "500 Internal Error"]),
    ("portal's XML error", DEMAND, "<?xml version='1.0'?><OpenAPI_ServiceResponse><cmmMsgHeader><returnAuthMsg>SERVICE_KEY_IS_NOT_REGISTERED_ERROR</returnAuthMsg></cmmMsgHeader></OpenAPI_ServiceResponse>", ["XML answer", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "service key"]),
    ("JSON called csv", DEMAND, '{"response": {"body": {"items": []}}}', ["JSON, where the name promises a table"]),
    ("zip bomb", "smp_jeju.xlsx", samples.packed({"xl/workbook.xml": "x", "xl/sheet1.xml": b"0" * 40_000_000}), ["zip bomb", "unpacked", "Do not open it"]),
    ("zip of files called csv", DEMAND, samples.packed({"a.csv": wide()}), ["packed", "a.csv", "Unpack it"]),
    ("gzip called csv", DEMAND, gzip.compress(wide().encode()), ["packed", "Unpack it"]),
    ("billion laughs", "jeju.xls", samples.forecast_html(extra='<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'), ["entity bomb"]),
    ("billion laughs in XML", "x.csv", '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">]><l>&a;</l>', ["entity bomb"]),
    ("NUL bytes", DEMAND, wide().replace("거", "\x00", 1), [":1", "NUL bytes", "UTF-8"]),
    ("30 February", DEMAND, cell(3, 1, "2023-02-30"), ["row 3", "a date that the calendar does not have", "2023-02-30"]),
    ("29 February of 2023", DEMAND, cell(3, 1, "20230229"), ["row 3", "the calendar does not have"]),
    ("year 0203", DEMAND, cell(3, 1, "0203-01-01"), ["row 3", "a year outside 1950..2100", "0203-01-01"]),
    ("year 9999", DEMAND, cell(3, 1, "9999-12-31"), ["a year outside 1950..2100", "9999-12-31"]),
    ("date missing", DEMAND, cell(3, 1, ""), ["row 3", "the date is missing"]),
    ("Excel day numbers", DEMAND, cell(3, 1, "44928"), ["row 3", "an Excel day number", "2023-01-02"]),
    ("month and day unclear", DEMAND, cell(3, 1, "01/02/2023"), ["row 3", "day and month cannot be told apart", "2023-01-31"]),
    ("infinite number", DEMAND, cell(3, 5, "inf"), ["row 3", "an infinite number"]),
    ("infinite in a numeric column", "x.csv", SETTLED.replace("0.25", "-inf", 1), ["row 2", "an infinite number", "태양광발전량"]),
    ("decimal comma", DEMAND, cell(3, 5, '"613,5"'), ["row 3", "a decimal comma", "613,5", "12.5"]),
    ("German number", DEMAND, cell(3, 5, '"1.613,5"'), ["row 3", "a decimal comma"]),
    ("thousands comma without quotes", DEMAND, cell(3, 5, "1,613"), ["row 3", "has 26 cells, the header 25", "thousands comma"]),
    ("thousands of columns", DEMAND, table(["날짜", *HOURS, *(f"c{i}" for i in range(3000))], [["2023-01-01", *([1] * 3024)]]), ["more than 1000 columns", "3025"]),
    ("short row in the middle", DEMAND, LINES[0] + "2023-01-01,600,601\n" + LINES[2] + LINES[3], ["row 2", "has 3 cells, the header 25", "Cells are missing"]),
    ("all cells blank", DEMAND, table(["날짜", *HOURS], [["2023-01-01", *([""] * 24)]]), ["not one value", "Download"]),
    ("nothing tells what it is", "data.csv", wide(), ["neither its name nor its folder", "data.csv", "tamna-mapping.yaml"]),
    ("unknown layout", "x.csv", "a,b\n1,2\n", ["unknown layout", "a, b", "tamna-mapping.yaml"]),
    ("SMP of which system", "smp.xlsx", samples.workbook(samples.smp_rows()), ["whether of Jeju or the mainland", "mapping"]),
    ("unknown region", REGIONAL, samples.regional().replace("전라남도", "평안남도"), ["row 26", "an unknown region", "평안남도"]),
    ("unknown fuel", REGIONAL, "거래일자,거래시간,지역,연료원,발전량(MWh)\n2023-12-01,1,제주,조력,1\n", ["row 2", "an unknown fuel", "조력"]),
    ("hour 25 in a long file", REGIONAL, samples.regional(range(1, 26)), ["row 26", "not an hour of the day", "25"]),
    ("hours 0 and 24 in a long file", REGIONAL, samples.regional(range(25)), ["labelled both 0 and 24"]),
    ("hour column missing", REGIONAL, samples.regional(header="거래일자,순번,지역,태양광발전량(MWh),풍력발전량(MWh)"), ["the column 거래시간 is missing"]),
    ("unit that is no energy", REGIONAL, samples.regional().replace("(MWh)", "(Gcal)", 1), ["column '태양광발전량(Gcal)'", "not one of", "gcal"]),
    ("a time no clock shows", "x.csv", SETTLED.replace("2022-01-01 05:00:00", "2022-01-01 25:00:00"), ["row 7", "no clock shows", "25:00"]),
    ("time is text", "x.csv", SETTLED.replace("2022-01-01 05:00:00", "다섯시"), ["row 7", "column 'datetime'", "not a date"]),
    ("timestamp against its hour", "smp.csv", samples.smp_hourly().replace("2021-01-01,7,", "2021-01-01,8,"), ["row 8", "contradict the timestamp"]),
    ("station is text", "kma.csv", KMA[0] + KMA[1].replace("184,", "제주시,", 1), ["row 2", "column '지점'"]),
    ("ASOS in Fahrenheit", "kma.csv", samples.kma().replace("기온(°C)", "기온(°F)", 1), ["a unit other than KMA's °c", "°f"]),
    ("Unix milliseconds", "x.csv", samples.oibc_forecast().replace("1709305200", "1709305200000"), ["row 2", "column 'ts'", "not a time in Unix seconds"]),
    ("issue after validity", "x.csv", samples.oibc_forecast().replace("1709258400,1709305200", "1709305200,1709258400", 1), ["row 2", "issued after the time", "swapped"]),
    ("Open-Meteo in UTC without metadata", "x.csv", "timestamp,temperature_2m,shortwave_radiation\n" + "".join(f"2023-01-{1 + i // 24:02d} {i % 24:02d}:00:00,3,{max(0, 300 - 50 * abs(i % 24 - 4))}\n" for i in range(120)), ["does not stand where Jeju's does", "4.1"]),
    ("Open-Meteo, unknown zone", "x.csv", samples.open_meteo("Mars/Base"), ["unknown time zone", "Mars/Base"]),
    ("profile in kW", "g25.csv", samples.bdew_months("[kW]"), ["kWh a quarter-hour", "by a factor"]),
    ("profile that lost a quarter-hour", "g25.csv", "".join(samples.bdew_months().splitlines(keepends=True)[:-3]), ["96 quarter-hours", "got 93"]),
    ("neither wind nor PV", "제어량.csv", samples.curtailment().replace("태양광", "지열"), ["row 4", "neither wind nor PV", "지열"]),
    ("damaged Parquet", "x.parquet", b"PAR1" + b"\0" * 50, ["an unknown layout"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "words"), [pytest.param(*c[1:], id=c[0]) for c in REFUSED])
def test_a_broken_file_is_refused_with_its_place_and_what_to_do(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(SourceError) as refused:
        read_file(path)
    text = str(refused.value)
    assert name in text
    for word in words:
        assert word in text, text
    assert all(m.todo for m in refused.value.mistakes), text
    assert refused.value.exit_code == 2


def read(tmp_path: Path, name: str, content: str | bytes, **more) -> Reading:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    answer = read_file(path, **more)
    assert isinstance(answer, Reading)
    return answer


def values(reading: Reading) -> np.ndarray:
    (block,) = reading.blocks
    return block.value


WHOLE = np.array([samples.demand(d, h) for d in range(3) for h in range(24)], dtype=float)

# what a person would read without a word is read without loss
READ_ANYWAY: list[tuple[str, str | bytes, str]] = [
    ("BOM", "\ufeff" + wide(), "utf-8-sig"),
    ("CP949", wide().encode("cp949"), "cp949"),
    ("UTF-16", wide().encode("utf-16"), "utf-16"),
    ("CRLF", wide().replace("\n", "\r\n"), ""),
    ("old Mac line ends", wide().replace("\n", "\r"), ""),
    ("spaces inside header cells", wide().replace("시,", "시 , "), ""),
    ("semicolons", wide().replace(",", ";"), ""),
    ("tabs", wide().replace(",", "\t"), ""),
    ("thousands commas in quotes", wide().replace(",600.0,", ',"600.0",').replace("600,", '"600",'), ""),
    ("full-width digits", cell(2, 2, "６００"), ""),
    ("slashes in dates", wide().replace("2023-01-0", "2023/01/0"), ""),
    ("compact dates", wide().replace("2023-01-0", "2023010"), ""),
    ("dates in two year-first formats", cell(3, 1, "2023.01.02"), ""),
    ("dates out of order", LINES[0] + LINES[3] + LINES[1] + LINES[2], "sorted"),
    ("footnote at the end", wide() + "※ 자료: 전력거래소\n", "left out: ※ 자료"),
    ("sum at the end", wide() + "합계," + ",".join(["1860"] * 24) + "\n", "left out: 합계"),
    ("blank rows at the end", wide() + "," * 24 + "\n\n", ""),
    ("merged header above", "제주 전력수요 (MWh)" + "," * 24 + "\n" + wide(), ""),
    ("header again inside", LINES[0] + LINES[1] + LINES[0] + LINES[2] + LINES[3], "1 header rows inside"),
    ("a day twice, identical", wide() + LINES[2], ""),
    ("hours in another order", "\n".join(",".join([r[0], *r[:0:-1]]) for r in (x.split(",") for x in wide().split())) + "\n", ""),
    ("an extra column", with_column("비고"), ""),
    ("all in kWh", wide(scale=1000), "rows in kWh"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "note"), [pytest.param(*c[1:], id=c[0]) for c in READ_ANYWAY])
def test_an_odd_but_clear_file_is_read_without_loss(tmp_path, content, note):
    reading = read(tmp_path, DEMAND, content)
    np.testing.assert_allclose(values(reading), WHOLE)
    assert (reading.blocks[0].flag == 0).all()
    assert note in " | ".join(reading.receipt.notes)


def test_blank_and_dash_are_missing_and_flagged(tmp_path):
    reading = read(tmp_path, DEMAND, cell(2, 2, "").replace("601,", "-,", 1))
    block = reading.blocks[0]
    assert np.isnan(block.value[:2]).all()
    assert (block.flag[:2] == Flag.MISSING).all()
    assert block.flag[2:].sum() == 0


def test_days_that_occur_twice_and_disagree_keep_the_last_row_and_are_suspect(tmp_path):
    reading = read(tmp_path, DEMAND, wide() + LINES[2].replace(",610,", ",777,"))
    block = reading.blocks[0]
    assert block.value[24] == 777
    assert block.flag[24] == SUSPECT
    assert block.flag.astype(bool).sum() == 1
    kinds = {(f.kind, f.unit, f.size) for f in reading.findings}
    assert kinds == {("duplicate", "MWh", 167.0), ("duplicate", "rows", 23.0)}


def test_negative_energy_is_kept_flagged_and_reported(tmp_path):
    reading = read(tmp_path, "제주 풍력 발전량.csv", cell(2, 3, "-5"))
    assert reading.blocks[0].flag[1] == SUSPECT
    (finding,) = [f for f in reading.findings if f.kind == "negative_energy"]
    assert finding.size == -5


def test_a_number_that_is_none_becomes_missing_and_suspect(tmp_path):
    reading = read(tmp_path, DEMAND, cell(2, 3, "3.40282E+38"))
    block = reading.blocks[0]
    assert np.isnan(block.value[1])
    assert block.flag[1] == SUSPECT | Flag.MISSING
    (finding,) = reading.findings
    assert finding.kind == "impossible_value"
    assert finding.start == np.datetime64("2022-12-31T16:00:00")


def test_an_outlier_a_thousand_times_too_large_does_not_change_the_unit_of_its_row(tmp_path):
    reading = read(tmp_path, DEMAND, cell(2, 3, "601000"))
    block = reading.blocks[0]
    assert block.value[0] == 600
    assert block.flag[1] == SUSPECT
    assert reading.findings[0].kind == "impossible_value"


def test_the_last_row_without_a_line_end_is_read_and_its_last_value_not_trusted(tmp_path):
    reading = read(tmp_path, DEMAND, wide()[:-2])
    block = reading.blocks[0]
    assert block.flag[-1] == SUSPECT
    assert (block.flag[:-1] == 0).all()
    assert "no line end" in " ".join(reading.receipt.notes)


def test_a_unit_in_the_header_is_obeyed(tmp_path):
    mega = read(tmp_path, "a.csv", samples.regional())
    kilo = read(tmp_path, "b.csv", samples.regional().replace("태양광발전량(MWh)", "태양광발전량(kWh)"))
    pv = [next(b for b in r.blocks if b.series == "jeju/pv") for r in (mega, kilo)]
    np.testing.assert_allclose(pv[1].value, pv[0].value / 1000)


def test_hours_0_to_23_in_a_long_file_start_their_hour_and_are_reported(tmp_path):
    reading = read(tmp_path, "a.csv", samples.regional(range(24)))
    pv = next(b for b in reading.blocks if b.series == "jeju/pv")
    assert pv.valid_at[0] == np.datetime64("2023-02-28T15:00:00")
    assert [f.kind for f in reading.findings] == ["hour_label"]


def test_a_long_file_without_hour_24_has_a_gap_and_not_a_shift(tmp_path):
    reading = read(tmp_path, "a.csv", samples.regional(range(1, 24)))
    pv = next(b for b in reading.blocks if b.series == "jeju/pv")
    assert len(pv) == 23
    assert pv.valid_at[0] == np.datetime64("2023-02-28T15:00:00")
    assert pv.value[0] == 1.5


def test_all_mistakes_of_a_file_come_at_once(tmp_path):
    path = tmp_path / DEMAND
    path.write_text(cell(2, 2, "abc").replace("2023-01-03", "2023-13-03").replace("612,", "x,"))
    with pytest.raises(SourceError) as refused:
        read_file(path)
    assert {m.where.row for m in refused.value.mistakes} == {2, 3, 4}


def test_many_mistakes_of_a_kind_are_counted_and_not_listed(tmp_path):
    path = tmp_path / DEMAND
    rows = [[d, *(["x"] * 24)] for d in samples.days(50)]
    path.write_text(table(["날짜", *HOURS], rows))
    with pytest.raises(SourceError) as refused:
        read_file(path)
    assert len(refused.value.mistakes) == 21
    assert "1180 more mistakes" in str(refused.value)


def test_a_line_beyond_the_limit_is_refused_by_its_number(tmp_path):
    path = tmp_path / DEMAND
    path.write_text(LINES[0] + LINES[1] + "1" * 5000)
    with pytest.raises(SourceError, match=r":3: a line is longer than 1000 bytes"):
        read_file(path, limits=Limits(line_bytes=1000))


def test_files_rows_and_columns_beyond_the_limits_are_refused(tmp_path):
    path = tmp_path / DEMAND
    path.write_text(wide(30))
    with pytest.raises(SourceError, match="larger than 0 MiB"):
        read_file(path, limits=Limits(file_bytes=100))
    with pytest.raises(SourceError, match="more than 10 rows"):
        read_file(path, limits=Limits(rows=10))
    with pytest.raises(SourceError, match="more than 20 columns"):
        read_file(path, limits=Limits(columns=20))


def test_what_is_no_readable_file_is_refused(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SourceError, match="this is a folder"):
        read_file(tmp_path / "folder.csv")
    with pytest.raises(SourceError, match="no such file"):
        read_file(tmp_path / "absent.csv")
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    with pytest.raises(SourceError, match="cannot be read"):
        read_file(loop)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SourceError, match="not a plain file"):
        read_file(tmp_path / "pipe.csv")


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = tmp_path / DEMAND
    path.write_text(wide())

    def forbidden(_self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    with pytest.raises(SourceError, match=r"cannot be read \(got Permission denied\)"):
        read_file(path)


def test_a_broken_file_among_good_ones_stops_nothing(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    (tmp_path / DEMAND).write_text(wide())
    (tmp_path / "README.md").write_text("# words\n")
    (tmp_path / ".hidden.csv").write_text("x,y\n1,2\n")
    answers = {path.name: type(answer) for path, answer in read_paths([tmp_path])}
    assert answers == {"README.md": NotSeries, "a.csv": SourceError, DEMAND: Reading}


def test_any_refusal_can_be_read_in_korean(tmp_path):
    from tamna.lang import speaking

    path = tmp_path / DEMAND
    path.write_text(cell(3, 5, "점검중"))
    with pytest.raises(SourceError) as refused, speaking("ko"):
        read_file(path)
    with speaking("ko"):
        assert "숫자" in str(refused.value)
