"""The wide layout of KPX: one row a day, 24 columns that name the hour's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import hour_ending
from tamna.lang import _
from tamna.sources.cells import days as read_days
from tamna.sources.cells import numbers, parse_hour
from tamna.sources.sheet import squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.log import Log
    from tamna.sources.sheet import Sheet

DAY_NAMES = ("거래일", "거래일자", "날짜", "일자", "기준일", "기준일자", "구분", "기간", "date", "day")


def is_wide(row: Sequence[str]) -> bool:
    """Tell whether a row is a header with at least half a day of hour labels."""
    return sum(parse_hour(cell) is not None and not cell.isdigit() for cell in row) >= 12


def day_column(sheet: Sheet, log: Log, names: Sequence[str] = DAY_NAMES) -> int:
    """Find the column of dates; note a mistake where there is none."""
    wanted = {squeeze(name) for name in names}
    for i, name in enumerate(sheet.header):
        if squeeze(name) in wanted:
            return i
    log.wrong(
        _("the column of dates is missing"),
        row=int(sheet.lines[0]) - 1,
        seen=", ".join(sheet.header[:4]),
        todo=_("Name it 거래일자 or 날짜."),
    )
    log.check()
    return 0


def hour_columns(sheet: Sheet, log: Log) -> list[int]:
    """Find the columns of hours 1..24, wherever they stand; refuse 23, 25, or 0..23."""
    at: dict[int, int] = {}
    for i, name in enumerate(sheet.header):
        hour = parse_hour(name)
        if hour is not None and hour in at:
            log.wrong(_("two columns name the same hour"), column=name, todo=_("Keep one of them."))
        elif hour is not None:
            at[hour] = i
    row = int(sheet.lines[0]) - 1
    if 0 in at and 24 not in at:
        log.wrong(
            _("hours are labelled 0..23, where this layout has hour-ending labels 1..24"),
            row=row,
            todo=_("Say in a mapping file which label it is."),
        )
    else:
        for hour in sorted(set(range(1, 25)) - set(at)):
            log.wrong(
                _("the column of hour {hour} is missing", hour=hour), row=row, todo=_("Download it again.")
            )
        for hour in sorted(set(at) - set(range(1, 25))):
            log.wrong(
                _("a day has 24 hours, not hour {hour}", hour=hour),
                row=row,
                column=sheet.header[at[hour]],
                todo=_("Remove the column."),
            )
    log.check()
    return [at[hour] for hour in range(1, 25)]


def read_wide(sheet: Sheet, day: int, hours: Sequence[int], log: Log) -> tuple[Stamps, NDArray[np.float64]]:
    """Read the days (local midnights) and the values (days, 24)."""
    midnights = read_days(sheet, day, log)
    values = np.column_stack([numbers(sheet, column, log) for column in hours])
    return midnights, values


def flatten(midnights: Stamps, values: NDArray[np.float64]) -> tuple[Stamps, NDArray[np.float64]]:
    """Give the UTC start of every hour and its value, in one row after the other."""
    labels = np.tile(np.arange(1, 25), len(midnights))
    return hour_ending(np.repeat(midnights, 24), labels), values.reshape(-1)
