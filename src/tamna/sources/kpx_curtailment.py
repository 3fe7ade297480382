"""Curtailed energy and events of Jeju wind and PV: one row an event day, MWh an hour.

The publication lists only days with curtailment. Within a year that has rows, a day without one had
none: zeros are implied and flagged so. A year without rows is not published: it stays missing. The last
year of a file reaches to the end that the file's name states (``2017_2023.2``), at least to its last row.
PV rows count events and carry no MWh.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, KOREA, hour_ending, to_utc
from tamna.lang import _
from tamna.sources.block import Finding, Flag, Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import numbers
from tamna.sources.hourly import day_column, hour_columns, is_wide, read_wide
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Block, Reading
    from tamna.sources.files import File
    from tamna.sources.sheet import Sheet

NAME, VERSION, SOURCE = "kpx_curtailment", 1, "kpx_curtailment"
CLASSES = {"풍력": "wind", "태양광": "pv"}
_ROUNDING = 0.5  # MWh; the published total of a day is rounded


def sniff(file: File) -> bool:
    """A wide table with the day's total or the count of the year."""
    header = file.header(is_wide) if file.format == "csv" else None
    names = set() if header is None else {squeeze(cell) for cell in file.rows[header]}
    return bool(names & {"총제어량", "연도별시행회차"})


def read(file: File) -> Reading:
    """Read curtailment into hours of MWh and days of events.

    Raises
    ------
    SourceError
        A class other than wind and PV, a missing hour, a cell that is no number.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_wide) or 0, log)
    day = day_column(sheet, log, ("기준일", "기준일자", "거래일", "날짜"))
    hours = hour_columns(sheet, log)
    midnights, values = read_wide(sheet, day, hours, log)
    kind = sheet.find("구분", "연료원")
    kinds = sheet.frame[kind].astype("string").fillna("").str.strip() if kind is not None else None
    if kinds is None:
        log.wrong(_("the column {name} is missing", name="구분"), todo=_("Download the file again."))
        log.check()
        raise AssertionError  # log.check raised
    for row in np.flatnonzero(~kinds.isin(list(CLASSES)).to_numpy(dtype=bool))[:20]:
        log.wrong(
            _("neither wind nor PV"),
            row=sheet.line(int(row)),
            column=sheet.header[kind or 0],
            seen=sheet.seen(int(row), kind or 0),
            todo=_("Known are 풍력 and 태양광."),
        )
    log.check()
    _check_totals(log, sheet, midnights, values, kinds.to_numpy())
    blocks: list[Block] = []
    for word, name in CLASSES.items():
        mine = kinds.eq(word).to_numpy(dtype=bool)
        if mine.any():
            blocks += _blocks(log, name, midnights[mine], values[mine], stated_end(file.name))
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=SOURCE, blocks=blocks, rows=len(sheet)
    )


def stated_end(name: str) -> np.datetime64 | None:
    """Give the day after the last month that the file's name states (``_2017_2023.2``), if it does."""
    found = re.findall(r"(20\d\d)[.\-]?(1[0-2]|0?[1-9])?(?!\d)", name)
    if not found:
        return None
    year, month = found[-1]
    last = np.datetime64(f"{year}-{int(month or 12):02d}", "M") + np.timedelta64(1, "M")
    end: np.datetime64 = last.astype("datetime64[s]")
    return end


def published(midnights: Stamps, end: np.datetime64 | None) -> Stamps:
    """Give every local day that the publication speaks of: the years with rows, the last one to its end."""
    years = np.unique(midnights.astype("datetime64[Y]"))
    last = midnights.max() + DAY
    if end is not None and end.astype("datetime64[Y]") in (years[-1], years[-1] + 1):
        last = max(last, min(end, (years[-1] + 1).astype("datetime64[s]")))
    parts = [
        np.arange(
            year.astype("datetime64[s]"),
            min((year + 1).astype("datetime64[s]"), last),
            DAY,
        )
        for year in years
    ]
    days: Stamps = np.concatenate(parts)
    return days


def _blocks(
    log: Log, name: str, midnights: Stamps, values: NDArray[np.float64], end: np.datetime64 | None
) -> Iterator[Block]:
    every = published(midnights, end)
    at = np.searchsorted(every, midnights)
    counts = np.zeros(len(every))
    np.add.at(counts, at, 1.0)
    implied = np.where(counts > 0, Flag.MEASURED, Flag.IMPLIED).astype(np.uint16)
    log.note(
        f"{name}: {len(midnights)} event days; days without a row are zero from {str(every[0])[:10]} "
        f"to {str(every[-1])[:10]}, except years without rows"
    )
    yield make_block(
        log, series=f"jeju/{name}_curtailment_events", source=SOURCE, unit="1", kind=Kind.SUM,
        resolution_s=86400, valid_at=to_utc(every, KOREA), value=counts, flag=implied,
    )  # fmt: skip
    if np.isnan(values).all():
        log.ignored[f"{name}: 1시..24시, 총제어량"] = "blank in every row: counted, no MWh published"
        return
    quiet = np.setdiff1d(every, midnights)
    days = np.concatenate([quiet, midnights])
    energy = np.concatenate([np.zeros((len(quiet), 24)), values])
    flags = np.concatenate(
        [np.full(len(quiet) * 24, Flag.IMPLIED), np.zeros(len(midnights) * 24, dtype=np.uint16)]
    )
    order = np.argsort(days, kind="stable")
    labels = np.tile(np.arange(1, 25), len(days))
    yield make_block(
        log, series=f"jeju/{name}_curtailment", source=SOURCE, unit="MWh", kind=Kind.SUM, resolution_s=3600,
        valid_at=hour_ending(np.repeat(days[order], 24), labels), value=energy[order].reshape(-1),
        flag=flags.reshape(-1, 24)[order].reshape(-1).astype(np.uint16),
    )  # fmt: skip


def _check_totals(
    log: Log, sheet: Sheet, midnights: Stamps, values: NDArray[np.float64], kinds: NDArray[np.object_]
) -> None:
    """Hold the published total of each day against its hours, and the count of the year against its rows."""
    total, count = sheet.find("총제어량"), sheet.find("연도별 시행회차")
    if total is not None:
        stated = numbers(sheet, total, log)
        off = np.abs(np.nansum(values, axis=1) - stated) > _ROUNDING
        for row in np.flatnonzero(off):
            start = to_utc(midnights[row : row + 1], KOREA)[0]
            log.findings.append(
                Finding(
                    kind="source_disagreement",
                    series=f"jeju/{CLASSES[kinds[row]]}_curtailment",
                    source=SOURCE,
                    start=start,
                    end=start + DAY,
                    size=float(np.nansum(values[row]) - stated[row]),
                    unit="MWh",
                    text=_(
                        "row {row}: the hours do not add up to the published total", row=sheet.line(int(row))
                    ),
                    consequence=_("The hours are kept."),
                )
            )
        log.ignored[sheet.header[total]] = "sum of the hours; checked"
    if count is not None:
        log.ignored[sheet.header[count]] = "counts the rows of a year; checked"
        given = numbers(sheet, count, log)
        for word in CLASSES:
            mine = kinds == word
            for year in np.unique(midnights[mine].astype("datetime64[Y]")):
                rows = mine & (midnights.astype("datetime64[Y]") == year)
                if int(np.nanmax(given[rows])) != int(rows.sum()):
                    log.note(
                        f"{word} {year}: {int(rows.sum())} rows, numbered up to {np.nanmax(given[rows]):g}"
                    )
