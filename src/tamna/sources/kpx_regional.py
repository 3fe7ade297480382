"""Regional PV and wind of all provinces, long layout: a row an hour and region, hour-ending labels 1..24.

Four header variants; in one of them PV and wind stand in rows (연료원) instead of columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tamna.grid.clock import HOUR, KOREA, hour_ending, to_utc
from tamna.lang import _
from tamna.sources.block import Finding, Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import days, hours, numbers
from tamna.sources.hourly import DAY_NAMES
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze
from tamna.sources.units import factor_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Block, Reading
    from tamna.sources.files import File
    from tamna.sources.sheet import Sheet

NAME, VERSION, SOURCE = "kpx_regional", 1, "kpx_regional"
FUELS = {"태양광": "pv", "풍력": "wind"}
REGIONS = {
    "제주": "jeju", "서울": "kr/seoul", "부산": "kr/busan", "대구": "kr/daegu", "인천": "kr/incheon",
    "광주": "kr/gwangju", "대전": "kr/daejeon", "울산": "kr/ulsan", "세종": "kr/sejong", "경기": "kr/gyeonggi",
    "강원": "kr/gangwon", "충청북": "kr/chungbuk", "충북": "kr/chungbuk", "충청남": "kr/chungnam",
    "충남": "kr/chungnam", "전라북": "kr/jeonbuk", "전북": "kr/jeonbuk", "전라남": "kr/jeonnam",
    "전남": "kr/jeonnam", "경상북": "kr/gyeongbuk", "경북": "kr/gyeongbuk", "경상남": "kr/gyeongnam",
    "경남": "kr/gyeongnam", "육지": "kr/mainland",
}  # fmt: skip
_ENDINGS = ("특별자치도", "특별자치시", "특별시", "광역시", "도", "시")


def is_header(row: Sequence[str]) -> bool:
    """A region, and generation."""
    names = {squeeze(cell) for cell in row}
    return bool(names & {"지역", "지역명"}) and any("발전량" in name for name in names)


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def region(name: str) -> str | None:
    """Give the folder of a region's series: ``제주특별자치도`` is ``jeju``, ``전라남도`` ``kr/jeonnam``."""
    plain = name.strip()
    for ending in _ENDINGS:
        if plain.endswith(ending) and plain.removesuffix(ending) in REGIONS:
            return REGIONS[plain.removesuffix(ending)]
    return REGIONS.get(plain)


def read(file: File) -> Reading:
    """Read a regional file into ``jeju/wind``, ``jeju/pv`` and ``kr/<region>/wind|pv``.

    Raises
    ------
    SourceError
        An unknown region or fuel, an hour beyond 24, a number or date that cannot be read.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_header) or 0, log)
    day, hour, place = _column(sheet, log, *DAY_NAMES), _column(sheet, log, "거래시간", "시간"), 0
    place = _column(sheet, log, "지역", "지역명")
    log.check()
    valid_at = _stamps(log, days(sheet, day, log), hours(sheet, hour, log))
    where = _named(sheet, place, region, log)
    fuel = sheet.find("연료원", "발전원")
    parts = (
        _by_row(sheet, log, fuel, {day, hour, place})
        if fuel is not None
        else _by_column(sheet, log, {day, hour, place})
    )
    blocks = [
        block
        for what, rows, values in parts
        for block in _blocks(log, what, rows, where=where, valid_at=valid_at, values=values)
    ]
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=SOURCE, blocks=blocks, rows=len(sheet)
    )


def _column(sheet: Sheet, log: Log, *names: str) -> int:
    found = sheet.find(*names)
    if found is None:
        log.wrong(
            _("the column {name} is missing", name=names[0]),
            row=int(sheet.lines[0]) - 1,
            seen=", ".join(sheet.header),
            todo=_("Download the file again."),
        )
    return found or 0


def _stamps(log: Log, midnights: Stamps, labels: NDArray[np.int64]) -> Stamps:
    """Hours 1..24 end; a file that counts 0..23 starts them: said, not guessed silently."""
    if (labels == 0).any() and (labels == 24).any():
        log.wrong(
            _("hours are labelled both 0 and 24"), todo=_("One file has labels 1..24 (ending) or 0..23.")
        )
    if (labels == 0).any():
        log.note("hours 0..23: label is the start of the hour")
        log.findings.append(
            Finding(
                kind="hour_label",
                series="jeju/pv",
                source=SOURCE,
                start=midnights.min(),
                end=midnights.max() + 24 * HOUR,
                size=1.0,
                unit="h",
                text=_("hours are labelled 0..23, where this publication has 1..24"),
                consequence=_("Read as the start of the hour; compare with another source."),
            )
        )
        return to_utc(midnights + np.maximum(labels, 0) * HOUR, KOREA)
    log.note("hours 1..24: label is the end of the hour")
    return hour_ending(midnights, np.maximum(labels, 1))


def _named(sheet: Sheet, column: int, meaning: object, log: Log) -> NDArray[np.object_]:
    codes, names = pd.factorize(sheet.frame[column].astype("string").fillna(""))
    slugs = [region(str(name)) for name in names] if meaning is region else []
    for code, slug in enumerate(slugs):
        if slug is None:
            log.wrong(
                _("an unknown region"),
                row=sheet.line(int(np.flatnonzero(codes == code)[0])),
                column=sheet.header[column],
                seen=names[code],
                todo=_("Correct the name, or remove its rows."),
            )
    return np.array([slug or "" for slug in slugs], dtype=object)[codes]


def _by_column(
    sheet: Sheet, log: Log, used: set[int]
) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]:
    every = np.ones(len(sheet), dtype=bool)
    for i, name in enumerate(sheet.header):
        if i in used:
            continue
        what = next((slug for word, slug in FUELS.items() if word in name), None)
        if what is None:
            log.ignored[name] = "not one of wind and PV"
            continue
        yield what, every, numbers(sheet, i, log) * factor_to(log, name, "MWh")


def _by_row(
    sheet: Sheet, log: Log, fuel: int, used: set[int]
) -> Iterator[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]:
    energy = next((i for i, name in enumerate(sheet.header) if "발전량" in name or "거래량" in name), None)
    if energy is None:
        log.wrong(_("the column {name} is missing", name="발전량"), todo=_("Download the file again."))
        return
    for i, name in enumerate(sheet.header):
        if i not in {*used, fuel, energy}:
            log.ignored[name] = "not one of wind and PV"
    values = numbers(sheet, energy, log) * factor_to(log, sheet.header[energy], "MWh")
    kinds = sheet.frame[fuel].astype("string").fillna("").str.strip()
    for word in kinds.unique():
        if word in FUELS:
            yield FUELS[word], kinds.eq(word).to_numpy(dtype=bool), values
        else:
            row = int(np.flatnonzero(kinds.eq(word))[0])
            log.wrong(
                _("an unknown fuel"),
                row=sheet.line(row),
                column=sheet.header[fuel],
                seen=word,
                todo=_("Known are 태양광 and 풍력."),
            )


def _blocks(
    log: Log,
    what: str,
    rows: NDArray[np.bool_],
    *,
    where: NDArray[np.object_],
    valid_at: Stamps,
    values: NDArray[np.float64],
) -> Iterator[Block]:
    codes, places = pd.factorize(where[rows])
    stamps, numbers_there = valid_at[rows], values[rows]
    for code, place in enumerate(places):
        mine = codes == code
        series = f"{place}/{what}"
        if np.isnan(numbers_there[mine]).all():
            log.ignored[series] = "blank in every row"
            continue
        yield make_block(
            log, series=series, source=SOURCE, unit="MWh", kind=Kind.SUM, resolution_s=3600,
            valid_at=stamps[mine], value=numbers_there[mine],
            column=log.cut_column if rows[-1] and mine[-1] else series,
        )  # fmt: skip
