"""Hourly SMP of Jeju and the mainland, a third party's copy of EPSIS: hours 01:00..24:00, ending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.grid.clock import HOUR, KOREA, to_utc
from tamna.lang import _
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import days, hours, moments, numbers
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.sources.block import Reading
    from tamna.sources.files import File

NAME, VERSION = "epsis", 1
SERIES = {"smpjeju": "jeju/smp", "smpmainland": "mainland/smp"}
_REASONS = {
    "smpmax": "made up by the copier: a factor on the SMP",
    "smpmin": "made up by the copier: a factor on the SMP",
    "source": "text",
    "issynthetic": "text",
    "date": "part of the timestamp",
    "hour": "part of the timestamp",
}


def is_header(row: Sequence[str]) -> bool:
    """A timestamp and smp_jeju or smp_mainland."""
    names = {squeeze(cell) for cell in row}
    return "timestamp" in names and bool(names & set(SERIES))


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def read(file: File) -> Reading:
    """Read hourly SMP.

    Raises
    ------
    SourceError
        A time or number that cannot be read; date and hour columns that contradict the timestamp.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_header) or 0, log)
    time = sheet.find("timestamp") or 0
    local = moments(sheet, time, log)
    day, hour = sheet.find("date"), sheet.find("hour")
    if day is not None and hour is not None:
        stated = days(sheet, day, log) + hours(sheet, hour, log) * HOUR
        log.check()
        for row in (stated != local).nonzero()[0][:20]:
            log.wrong(
                _("date and hour contradict the timestamp"),
                row=sheet.line(int(row)),
                seen=sheet.seen(int(row), time),
                todo=_("Download it again."),
            )
    valid_at = to_utc(local, KOREA) - HOUR
    blocks = []
    for i, name in enumerate(sheet.header):
        key = squeeze(name)
        if key in SERIES:
            blocks.append(
                make_block(
                    log,
                    series=SERIES[key],
                    source="epsis",
                    unit="KRW/kWh",
                    kind=Kind.MEAN,
                    resolution_s=3600,
                    valid_at=valid_at,
                    value=numbers(sheet, i, log),
                    column=name,
                )
            )
        elif i != time:
            log.ignored[name] = _REASONS.get(key, "not one of the SMP columns")
    log.note("label is the end of the hour, 24:00 ends the day")
    return make_reading(
        log, file, reader=NAME, version=VERSION, source="epsis", blocks=blocks, rows=len(sheet)
    )
