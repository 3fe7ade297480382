"""KPX's yearly lists (년도별 ... 리스트): the day-ahead demand forecast and SMP, one row a day, 1h..24h.

The forecast comes as an HTML page that calls itself .xls, SMP as a workbook; both say in their title
what they are, in which unit, but not for which system: magnitude tells that of a demand (Jeju has never
had 2 GW), the file name that of a price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import numbers
from tamna.sources.files import refuse
from tamna.sources.hourly import day_column, flatten, hour_columns, is_wide, read_wide
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.sources.block import Reading
    from tamna.sources.files import File
    from tamna.sources.sheet import Sheet

NAME, VERSION = "kpx_yearly", 1
_EXTREMES = {"최소": np.fmin, "최대": np.fmax}
_JEJU_NEVER_MW = 5_000.0
_ROUNDING = 0.02


def sniff(file: File) -> bool:
    """A page or workbook with 24 hours and a title that names a demand forecast or SMP."""
    if file.format not in ("html", "xlsx", "xls", "csv") or file.header(is_wide) is None:
        return False
    title = file.title.replace(" ", "")
    return file.format != "csv" or "계통한계가격" in title or "수요예측" in title


def read(file: File) -> Reading:
    """Read a yearly list.

    Raises
    ------
    SourceError
        Neither SMP nor a demand forecast; not told whether of Jeju or the mainland; a broken table.
    """
    log = Log(file.name)
    title = file.title.replace(" ", "")
    sheet = read_sheet(file, file.header(is_wide) or 0, log)
    day, hours = day_column(sheet, log), hour_columns(sheet, log)
    midnights, values = read_wide(sheet, day, hours, log)
    log.check()
    if "계통한계가격" in title or "smp" in title.lower() or "smp" in file.hint:
        series, source, unit = f"{_system(file)}/smp", "kpx_smp", "KRW/kWh"
    elif "수요예측" in title or "forecast" in file.hint:
        with np.errstate(invalid="ignore"):
            island = float(np.nanmedian(values)) < _JEJU_NEVER_MW
        series = ("jeju" if island else "mainland") + "/demand_forecast"
        source, unit = "kpx_bidforecast", "MW"
        log.note("system told by magnitude: " + ("Jeju" if island else "mainland"))
    else:
        raise refuse(
            file.name,
            _("a table of 24 hours a day whose title tells neither SMP nor a demand forecast"),
            seen=title[:60],
            todo=_("Describe the file in a tamna-mapping.yaml beside it."),
        )
    _check_derived(log, sheet, day, hours, values)
    log.note("columns name the end of the hour")
    valid_at, value = flatten(midnights, values)
    block = make_block(
        log, series=series, source=source, unit=unit, kind=Kind.MEAN, resolution_s=3600,
        valid_at=valid_at, value=value,
    )  # fmt: skip
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=source, blocks=[block], rows=len(sheet)
    )


def _system(file: File) -> str:
    """Tell Jeju from the mainland by the name of the file, then of its folder, then by the title."""
    for text in (file.name, file.folder, file.title):
        lower = text.lower()
        jeju, mainland = "jeju" in lower or "제주" in text, "mainland" in lower or "육지" in text
        if jeju != mainland:
            return "jeju" if jeju else "mainland"
    raise refuse(
        file.name,
        _("a list of SMP that does not say whether of Jeju or the mainland"),
        seen=file.title[:60],
        todo=_(
            "Put jeju or mainland (제주, 육지) into the file name, or describe it in a tamna-mapping.yaml."
        ),
    )


def _check_derived(log: Log, sheet: Sheet, day: int, hours: list[int], values: NDArray[np.float64]) -> None:
    """Minimum, maximum and mean are no series; where the extremes contradict the hours, say so."""
    for i, name in enumerate(sheet.header):
        if i == day or i in hours:
            continue
        law = _EXTREMES.get(name)
        if name == "평균":
            log.ignored[name] = "a weighted mean of the 24 hours"
            continue
        if law is None:
            log.ignored[name or f"column {i + 1}"] = "not an hour of the day"
            continue
        stated = numbers(sheet, i, log)
        there = ~np.isnan(values).all(axis=1) & ~np.isnan(stated)
        off = np.abs(law.reduce(values[there], axis=1) - stated[there]) > _ROUNDING
        log.ignored[name] = "follows from the 24 hours" + (
            f"; differs on {int(off.sum())} of {int(there.sum())} days" if off.any() else ""
        )
