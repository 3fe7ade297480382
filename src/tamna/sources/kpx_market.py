"""Jeju's real-time operation and prices (through OIBC 2024). A label belongs to a column, not to a file.

``market_hourly``: power columns are instants at the stamp, in kW; prices belong to the interval that ends
at the stamp, the real-time one being a single 15-minute value; the time text is UTC. The price files have
Unix seconds at the interval's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.grid.clock import Label, interval_start
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import moments, numbers, seconds
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze
from tamna.sources.units import factor_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from tamna.sources.block import Reading
    from tamna.sources.files import File

NAME, VERSION = "kpx_market", 1


@dataclass(frozen=True, slots=True)
class Column:
    """What one column is: series, unit, kind, length of its interval, and what its label says."""

    series: str
    unit: str
    kind: Kind
    resolution_s: int
    label: Label


def _power(series: str) -> Column:
    return Column(f"jeju/{series}", "MW", Kind.INSTANT, 3600, Label.INSTANT)


def _price(series: str, resolution_s: int) -> Column:
    return Column(f"jeju/{series}", "KRW/kWh", Kind.MEAN, resolution_s, Label.END)


COLUMNS: dict[str, Column] = {
    "실시간임시가격": _price("price_rt_provisional", 900),
    "실시간확정가격": _price("price_rt", 900),
    "하루전가격": _price("price_da", 3600),
    "공급능력": _power("supply_capacity"),
    "현재수요": _power("demand"),
    "풍력발전량": _power("wind"),
    "신재생발전량총합": _power("renewables"),
    "공급예비력": _power("supply_reserve"),
    "운영예비력": _power("operating_reserve"),
}


def is_header(row: Sequence[str]) -> bool:
    """Time column ``ts`` and at least one known column."""
    names = {squeeze(cell) for cell in row}
    return "ts" in names and bool(names & set(COLUMNS))


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def read(file: File) -> Reading:
    """Read real-time operation, or one of the two price files.

    Raises
    ------
    SourceError
        A time or number that cannot be read, a unit that is none of power or price.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_header) or 0, log)
    time = sheet.find("ts") or 0
    unix = sheet.frame[time].dtype.kind in "if"
    stamps = seconds(sheet, time, log) if unix else moments(sheet, time, log)
    log.note("times are Unix seconds (UTC)" if unix else "time text is UTC")
    source = _source(sheet.header)
    blocks = []
    for i, name in enumerate(sheet.header):
        column = COLUMNS.get(squeeze(name))
        if i == time:
            continue
        if column is None:
            log.ignored[name] = "unknown column"
            continue
        value = numbers(sheet, i, log) * factor_to(log, name, column.unit)
        log.note(f"{name}: {column.label} label, {column.resolution_s} s")
        blocks.append(
            make_block(
                log,
                series=column.series,
                source=source,
                unit=column.unit,
                kind=column.kind,
                resolution_s=column.resolution_s,
                value=value,
                column=name,
                valid_at=interval_start(stamps, column.label, column.resolution_s),
            )
        )
    _check_grid(log, stamps)
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=source, blocks=blocks, rows=len(sheet)
    )


def _source(header: Sequence[str]) -> str:
    names = {squeeze(cell) for cell in header}
    if any(COLUMNS[name].unit == "MW" for name in names & set(COLUMNS)):
        return "kpx_realtime"
    return "kpx_price_da" if "하루전가격" in names else "kpx_price_rt"


def _check_grid(log: Log, stamps: np.ndarray) -> None:
    off = int((stamps.astype("int64") % 900 != 0).sum())
    if off:
        log.note(f"{off} stamps do not lie on a quarter of an hour")
