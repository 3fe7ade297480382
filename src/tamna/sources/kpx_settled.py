"""Jeju wind and PV settled in the market, long layout: ``datetime,태양광발전량(MWh),풍력발전량(MWh)``.

The label is the hour's start: PV begins in the hour in which the sun rises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.grid.clock import KOREA, to_utc
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import moments, numbers
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze
from tamna.sources.units import factor_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.sources.block import Reading
    from tamna.sources.files import File

NAME, VERSION = "kpx_settled", 1
SERIES = {"태양광발전량": "jeju/pv", "풍력발전량": "jeju/wind"}
TIMES = ("datetime", "일시", "timestamp")


def is_header(row: Sequence[str]) -> bool:
    """A time, and PV or wind generation, and no region."""
    names = {squeeze(cell) for cell in row}
    return bool(names & set(TIMES)) and bool(names & set(SERIES)) and not names & {"지역", "지역명"}


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def read(file: File) -> Reading:
    """Read settled wind and PV.

    Raises
    ------
    SourceError
        A time or number that cannot be read, a unit in the header that is no energy.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_header) or 0, log)
    time = next(i for i, name in enumerate(sheet.header) if squeeze(name) in TIMES)
    stamps = to_utc(moments(sheet, time, log), KOREA)
    blocks = []
    for i, name in enumerate(sheet.header):
        if i == time:
            continue
        series = SERIES.get(squeeze(name))
        if series is None:
            log.ignored[name] = "not one of wind and PV"
            continue
        factor = factor_to(log, name, "MWh")
        blocks.append(
            make_block(
                log,
                series=series,
                source="kpx_settled",
                unit="MWh",
                kind=Kind.SUM,
                resolution_s=3600,
                valid_at=stamps,
                value=numbers(sheet, i, log) * factor,
                column=name,
            )
        )
    log.note("label is the start of the hour")
    return make_reading(
        log, file, reader=NAME, version=VERSION, source="kpx_settled", blocks=blocks, rows=len(sheet)
    )
