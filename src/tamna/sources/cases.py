"""The input of the benchmark cases: Jeju 2023, hour-starting KST: demand, capacity factors, mainland SMP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tamna.grid.clock import KOREA, to_utc
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import moments, numbers
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.sources.block import Reading
    from tamna.sources.files import File

NAME, VERSION, SOURCE = "cases", 1, "cases"
COLUMNS = {
    "demandmw": ("demand", "MW"),
    "windcf": ("wind_cf", "1"),
    "pvcf": ("pv_cf", "1"),
    "mainlandsmpkrwperkwh": ("mainland_smp", "KRW/kWh"),
}


def is_header(row: Sequence[str]) -> bool:
    """The time column says itself what it is."""
    return "hourstartkst" in {squeeze(cell) for cell in row}


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def read(file: File) -> Reading:
    """Read a case's profiles into ``cases/jeju_<year>/...``.

    Raises
    ------
    SourceError
        A time or number that cannot be read.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_header) or 0, log)
    time = sheet.find("hour_start_kst") or 0
    local = moments(sheet, time, log)
    log.check()
    years = sorted(set(re.findall(r"\d{4}", f"{str(local.min())[:4]} {str(local.max())[:4]}")))
    blocks = []
    for i, name in enumerate(sheet.header):
        if i == time:
            continue
        if squeeze(name) not in COLUMNS:
            log.ignored[name] = "unknown column"
            continue
        quantity, unit = COLUMNS[squeeze(name)]
        blocks.append(
            make_block(
                log,
                series=f"cases/jeju_{'_'.join(years)}/{quantity}",
                source=SOURCE,
                unit=unit,
                kind=Kind.MEAN,
                resolution_s=3600,
                valid_at=to_utc(local, KOREA),
                value=numbers(sheet, i, log),
                column=name,
            )
        )
    log.note("label is the start of the hour")
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=SOURCE, blocks=blocks, rows=len(sheet)
    )
