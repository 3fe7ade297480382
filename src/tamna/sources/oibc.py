"""OIBC Challenge 2024: weather forecasts as issued and observations, at three places that only have names.

Times are Unix seconds; forecasts carry when they were issued (``base_ts``). Rain is a rate over the hour
before. Two header rows stand inside, where three files were joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tamna.grid.clock import HOUR
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import numbers, seconds
from tamna.sources.issued import check_issues, check_unit, issue_findings
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.sources.block import Reading
    from tamna.sources.files import File
    from tamna.sources.sheet import Sheet

NAME, VERSION = "oibc", 1
QUANTITIES: dict[str, tuple[str, str]] = {
    "cloud": ("cloud_cover", "%"),
    "temp": ("temperature", "degC"),
    "tempmax": ("temperature_max", "degC"),
    "tempmin": ("temperature_min", "degC"),
    "humidity": ("humidity", "%"),
    "groundpress": ("pressure", "hPa"),
    "windspeed": ("wind_speed", "m/s"),
    "winddir": ("wind_direction", "deg"),
    "rain": ("precipitation", "mm/h"),
    "snow": ("snowfall", "mm/h"),
}


def is_header(row: Sequence[str]) -> bool:
    """Location, ts, temp and wind."""
    return {"location", "ts", "temp", "windspeed"} <= {squeeze(cell) for cell in row}


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def read(file: File) -> Reading:
    """Read forecasts into ``forecast/<place>/...``, observations into ``observed/<place>/...``.

    Raises
    ------
    SourceError
        A time or number that cannot be read; a forecast issued after the time it speaks of or in the future; a
        column that as a whole is in another unit.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_header) or 0, log)
    at, place = sheet.find("ts") or 0, sheet.find("location") or 0
    base = sheet.find("base_ts")
    stamps = seconds(sheet, at, log)
    issued = None if base is None else seconds(sheet, base, log)
    log.check()
    if issued is not None:
        check_issues(log, sheet, base or 0, end=stamps, issued=issued, opened_at=file.opened_at)
    folder, source = ("observed", "oibc_observed") if issued is None else ("forecast", "oibc_forecast")
    codes, places = pd.factorize(sheet.frame[place].astype("string").fillna("").str.strip())
    blocks = []
    temperature = _column(sheet, "temp", log)
    for i, name in enumerate(sheet.header):
        key = squeeze(name)
        if i in (at, place, base):
            continue
        if key not in QUANTITIES:
            log.ignored[name] = "unknown quantity"
            continue
        values = numbers(sheet, i, log)
        if key in ("tempmax", "tempmin") and np.array_equal(values, temperature, equal_nan=True):
            log.ignored[name] = "equals temp in every row"
            continue
        quantity, unit = QUANTITIES[key]
        check_unit(log, quantity, unit, values, column=name)
        rate = unit == "mm/h" and issued is not None
        for code, where in enumerate(places):
            mine = codes == code
            blocks.append(
                make_block(
                    log,
                    series=f"{folder}/{_slug(str(where))}/{quantity}",
                    source=source,
                    unit=unit,
                    kind=Kind.MEAN if rate else Kind.INSTANT,
                    resolution_s=3600 if issued is not None else 1800,
                    valid_at=stamps[mine] - (HOUR if rate else np.timedelta64(0, "s")),
                    value=values[mine],
                    issued_at=None if issued is None else issued[mine],
                    column=name,
                )
            )
    log.findings += issue_findings(blocks)
    log.note("times are Unix seconds (UTC); rain and snow taken as a rate over the hour before")
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=source, blocks=blocks, rows=len(sheet)
    )


def _column(sheet: Sheet, name: str, log: Log) -> NDArray[np.float64]:
    column = sheet.find(name)
    return np.empty(0) if column is None else numbers(sheet, column, Log(log.file))


def _slug(place: str) -> str:
    return "-".join(place.lower().split()).replace("/", "-")
