"""BDEW standard load profiles, both layouts brought to one unit: kW per MWh of yearly consumption.

``selp_series``: three typical weeks of quarter-hours, kW per 1,000 kWh a year, on stamps of January 2007
(three Mondays to Sundays: summer, winter, transition). ``g25, h25, l25``: kWh in a quarter-hour for about
1 GWh a year, by month and day type. Read alike, one would be four thousand times the other per unit and,
scaled alike, four times wrong: a quarter-hour's kWh is a quarter of its kW. Both become kW per MWh/a.

A profile is no history. Its stamps name typical days, in German local time:

- ``bdew/<profile>_<period>`` (selp): the weekday of the stamp is the weekday meant;
- ``bdew/<profile>_<saturday|holiday|workday>`` (2025): one day for each month, the first Saturday, Sunday
  or Wednesday of that month in 2025.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import to_utc
from tamna.lang import _
from tamna.sources.block import Flag, Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import moments, numbers
from tamna.sources.files import refuse
from tamna.sources.log import Log
from tamna.sources.sheet import Sheet, read_sheet, squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.sources.block import Block, Reading
    from tamna.sources.files import File

NAME, VERSION, SOURCE, UNIT, BERLIN = "bdew", 1, "bdew", "kW per MWh/a", "Europe/Berlin"
_QUARTER_S = 900
MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
DAY_TYPES = {"SA": ("saturday", 5), "FT": ("holiday", 6), "WT": ("workday", 2)}  # name, weekday of the stamp
_YEAR = 2025


def is_weeks(row: Sequence[str]) -> bool:
    """Header of the three typical weeks."""
    names = {squeeze(cell) for cell in row}
    return {"period", "weekday"} <= names and any(re.fullmatch(r"[hgl]\d", name) for name in names)


def is_months(row: Sequence[str]) -> bool:
    """Second header row of the monthly profiles: SA, FT, WT again and again."""
    return sum(cell in DAY_TYPES for cell in row) >= 3


def sniff(file: File) -> bool:
    """Recognise one of the two layouts."""
    return file.format == "csv" and (
        file.header(is_weeks) is not None
        or (file.header(is_months) is not None and any(set(MONTHS) & set(row) for row in file.rows[:3]))
    )


def read(file: File) -> Reading:
    """Read a profile file; every value becomes kW per MWh of yearly consumption.

    Raises
    ------
    SourceError
        An unknown period or day type, a unit other than kWh in the monthly layout, a missing quarter-hour.
    """
    log = Log(file.name)
    blocks, rows = _weeks(file, log) if file.header(is_weeks) is not None else _months(file, log)
    log.note("a profile: stamps are typical days in German local time, not history")
    return make_reading(log, file, reader=NAME, version=VERSION, source=SOURCE, blocks=blocks, rows=rows)


def _weeks(file: File, log: Log) -> tuple[list[Block], int]:
    sheet = read_sheet(file, file.header(is_weeks) or 0, log)
    period, weekday = sheet.find("period") or 0, sheet.find("weekday") or 0
    time = next((i for i, name in enumerate(sheet.header) if squeeze(name) in ("", "time", "timestamp")), 0)
    local = moments(sheet, time, log)
    log.check()
    days = (local.astype("datetime64[D]").astype(np.int64) + 3) % 7 + 1
    stated = numbers(sheet, weekday, log)
    for row in np.flatnonzero(days != stated)[:20]:
        log.wrong(
            _("the weekday is not that of the stamp"),
            row=sheet.line(int(row)),
            column=sheet.header[weekday],
            seen=sheet.seen(int(row), weekday),
            todo=_("Monday is 1."),
        )
    log.ignored[sheet.header[weekday]] = "follows from the stamp; checked"
    periods = sheet.frame[period].astype("string").fillna("")
    log.note("kW per 1,000 kWh a year, as stated: kW per MWh/a")
    blocks = []
    for i, name in enumerate(sheet.header):
        if i in (time, period, weekday):
            continue
        if not re.fullmatch(r"[hgl]\d", squeeze(name)):
            log.ignored[name] = "not a profile"
            continue
        values = numbers(sheet, i, log)
        for what in periods.unique():
            mine = periods.eq(what).to_numpy(dtype=bool)
            blocks.append(_profile(log, f"{squeeze(name)}_{what}", to_utc(local[mine], BERLIN), values[mine]))
    return blocks, len(sheet)


def _months(file: File, log: Log) -> tuple[list[Block], int]:
    second = file.header(is_months) or 0
    above, types = file.rows[second - 1], file.rows[second]
    unit = types[0].strip("[]").lower()
    if unit != "kwh":
        raise refuse(
            file.name,
            _("the monthly profiles are in kWh a quarter-hour"),
            seen=types[0],
            todo=_("Other units would be read wrong by a factor: describe the file in a tamna-mapping.yaml."),
        )
    if len(above) != len(types):
        raise refuse(
            file.name,
            _("the two header rows have a different number of cells"),
            seen=f"{len(above)}, {len(types)}",
            todo=_("Download it again."),
        )
    header = ["time", *(f"{month} {kind}" for month, kind in zip(above[1:], types[1:], strict=True))]
    sheet = _renamed(file, second, header, log)
    starts = _quarters(sheet, log)
    log.check()
    name = _profile_name(file)
    log.note("kWh a quarter-hour for about 1 GWh a year, x 4 / 1000: kW per MWh/a")
    blocks = []
    for kind, (label, weekday) in DAY_TYPES.items():
        stamps, values = [], []
        for month in range(1, 13):
            column = f"{MONTHS[month - 1]} {kind}"
            if column not in header:
                log.wrong(_("the column {name} is missing", name=column), todo=_("Download it again."))
                continue
            day = np.datetime64(first_weekday(_YEAR, month, weekday).isoformat(), "s")
            stamps.append(to_utc(day + starts, BERLIN))
            values.append(numbers(sheet, header.index(column), log) * 4 / 1000)
        log.check()
        blocks.append(_profile(log, f"{name}_{label}", np.concatenate(stamps), np.concatenate(values)))
    return blocks, len(sheet)


def first_weekday(year: int, month: int, weekday: int) -> date:
    """Give the first day of a month that is this weekday, Monday being 0."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7)


def _profile(log: Log, name: str, valid_at: np.ndarray, value: np.ndarray) -> Block:
    return make_block(
        log, series=f"bdew/{name}", source=SOURCE, unit=UNIT, kind=Kind.MEAN, resolution_s=_QUARTER_S,
        valid_at=valid_at, value=value, flag=np.full(len(value), Flag.ESTIMATED, dtype=np.uint16),
    )  # fmt: skip


def _renamed(file: File, second: int, header: list[str], log: Log) -> Sheet:
    """Read the table below two header rows, under joined names."""
    twice = {name for name in header if header.count(name) > 1}
    if twice:
        raise refuse(
            file.name,
            _("two columns have the same name"),
            seen=", ".join(sorted(twice)),
            todo=_("Keep one of them."),
        )
    return read_sheet(file, second, log, header=tuple(header))


def _quarters(sheet: Sheet, log: Log) -> np.ndarray:
    """Read ``00:15-00:30`` as seconds since midnight; refuse rows that are not the 96 in order."""
    texts = sheet.frame[0].astype("string").fillna("").str.strip()
    wanted = [f"{m // 60:02d}:{m % 60:02d}" for m in range(0, 1440, 15)]
    for row, text in enumerate(texts):
        if row >= 96 or not text.startswith(wanted[row]):
            log.wrong(
                _("not the quarter-hour expected here"),
                row=sheet.line(row),
                column=sheet.header[0],
                seen=text,
                todo=_("A day has 96 quarter-hours from 00:00-00:15 on."),
            )
            break
    if len(texts) < 96:
        log.wrong(_("a day has 96 quarter-hours"), seen=len(texts), todo=_("Download it again."))
    return (np.arange(min(len(texts), 96)) * _QUARTER_S).astype("timedelta64[s]")


def _profile_name(file: File) -> str:
    found = re.search(r"(?<![a-z0-9])([hgl]25|p25|s25)(?![0-9])", file.name.lower())
    if found:
        return found[1]
    raise refuse(
        file.name,
        _("a monthly BDEW profile whose name does not tell which (h25, g25, l25)"),
        todo=_("Put the profile's name into the file name."),
    )
