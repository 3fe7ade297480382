"""Text to numbers, days, moments and hours: strict, with the row and column of everything refused.

Nothing is guessed: ``1.234,5`` or ``12.3MW`` or 30 February is a mistake with its place, never a number.
Each distinct text is read once, so that a long column costs little.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.log import Log
    from tamna.sources.sheet import Sheet

FIRST_YEAR, LAST_YEAR = 1950, 2100
_BLANK = frozenset(
    {"", "-", "--", "---", ".", "–", "—", "―", "na", "n/a", "#n/a", "nan", "null", "none", "결측"}
)
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_COMMA_DECIMAL = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+")
_WITH_UNIT = re.compile(r"[+-]?[\d.,]+\s*[^\d\s.,+-][^\d]*")
_DAY = re.compile(r"(\d{4})\s?([-./])\s?(\d{1,2})\s?\2\s?(\d{1,2})\.?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(\.0)?")
_KOREAN_DAY = re.compile(r"(\d{4})년 ?(\d{1,2})월 ?(\d{1,2})일")
_AMBIGUOUS_DAY = re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{2,4}")
_CLOCK = re.compile(r"(.*?)[ T]+(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:\.0+)?)?")
_HOUR = re.compile(r"(?:H|h)?(\d{1,2})\s?(?:시|h|H|:00)?(?:\.0)?")


class _BadCell(Exception):
    def __init__(self, what: Message, todo: Message | None = None) -> None:
        self.what, self.todo = what, todo
        super().__init__()


def parse_number(text: str) -> float:
    """Read one cell; NaN for blank and the usual words for missing."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip().strip("'\"").strip()
    if plain.lower() in _BLANK:
        return float("nan")
    if _PLAIN.fullmatch(plain):
        return float(plain)
    if _THOUSANDS.fullmatch(plain):
        return float(plain.replace(",", ""))
    if _COMMA_DECIMAL.fullmatch(plain):
        raise _BadCell(_("a decimal comma"), _("Write the decimal point as a point: 12.5."))
    if plain.lower().lstrip("+-") in ("inf", "infinity", "∞"):
        raise _BadCell(_("an infinite number"), _("Leave the cell blank where there is no value."))
    if plain.startswith("#"):
        raise _BadCell(_("an Excel error instead of a number"), _("Mend the formula and save again."))
    if _WITH_UNIT.fullmatch(plain):
        raise _BadCell(
            _("letters behind a number"), _("Put the unit into the header, only the number into the cell.")
        )
    raise _BadCell(_("text where a number belongs"), _("Leave the cell blank where there is no value."))


def parse_day(text: str) -> date:
    """Read one date, year first; refuse others rather than guess which is the month."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.fullmatch(plain)
    if found:
        parts = (found[1], found[3], found[4])
    else:
        found = _COMPACT_DAY.fullmatch(plain) or _KOREAN_DAY.fullmatch(plain)
        if found is None:
            raise _no_day(plain)
        parts = (found[1], found[2], found[3])
    year, month, day = (int(part) for part in parts)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _BadCell(
            _("a year outside {first}..{last}", first=FIRST_YEAR, last=LAST_YEAR), _("Correct the date.")
        )
    try:
        return date(year, month, day)
    except ValueError:
        raise _BadCell(_("a date that the calendar does not have"), _("Correct the date.")) from None


def _no_day(plain: str) -> _BadCell:
    year_first = _("Write the date as 2023-01-31.")
    if not plain:
        return _BadCell(_("the date is missing"), year_first)
    if _AMBIGUOUS_DAY.fullmatch(plain):
        return _BadCell(_("a date whose day and month cannot be told apart"), year_first)
    if re.fullmatch(r"[2-6]\d{4}(\.\d+)?", plain):
        guess = date(1899, 12, 30) + timedelta(days=int(float(plain)))
        return _BadCell(
            _("an Excel day number instead of a date (it may mean {day})", day=guess.isoformat()), year_first
        )
    return _BadCell(_("not a date"), year_first)


def parse_moment(text: str) -> np.datetime64:
    """Read one local time ``2023-01-01 01:00``; 24:00 is the end of that day, a date alone its start."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _CLOCK.fullmatch(plain)
    if found is None:
        return np.datetime64(parse_day(plain), "s")
    hour, minute, second = int(found[2]), int(found[3] or 0), int(found[4] or 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise _BadCell(_("a time that no clock shows"), _("Hours are 00..24, 24:00 ends the day."))
    day = parse_day(found[1])
    moment = datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute, seconds=second)  # noqa: DTZ001 - local wall-clock time by definition
    return np.datetime64(moment, "s")


def parse_hour(text: str) -> int | None:
    """Read an hour label (``1시``, ``01``, ``1h``, ``24:00``); None where it is none."""
    found = _HOUR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found[1]) if found else None


def numbers(sheet: Sheet, column: int, log: Log) -> NDArray[np.float64]:
    """Read a column of numbers; blank is NaN, anything else that is no number a mistake with its place."""
    cells = sheet.frame[column]
    if cells.dtype.kind in "if":
        values = cells.to_numpy(dtype=np.float64)
        for row in np.flatnonzero(np.isinf(values))[:50]:
            log.wrong(
                _("an infinite number"),
                row=sheet.line(row),
                column=sheet.header[column],
                todo=_("Leave the cell blank where there is no value."),
            )
        return values
    if cells.dtype.kind == "b":
        cells = cells.astype(str)
    return np.asarray(_each(sheet, column, parse_number, float("nan"), log), dtype=np.float64)


def days(sheet: Sheet, column: int, log: Log) -> Stamps:
    """Read a column of dates as local midnights [datetime64[s]]; NaT where a mistake was noted."""
    found = _each(sheet, column, parse_day, None, log)
    return np.asarray(found, dtype="datetime64[D]").astype("datetime64[s]")


def moments(sheet: Sheet, column: int, log: Log) -> Stamps:
    """Read a column of local times; NaT where a mistake was noted."""
    cells = sheet.frame[column]
    stamps: Stamps = np.full(len(sheet), np.datetime64("NaT"), dtype="datetime64[s]")
    if cells.dtype.kind not in "ifb":  # the usual shape in one stroke; what does not fit is read one by one
        text = cells.str.replace("T", " ", regex=False)
        form = "%Y-%m-%d %H:%M:%S" if text.str.len().max() > 16 else "%Y-%m-%d %H:%M"
        quick = pd.to_datetime(text, format=form, errors="coerce")
        fits = quick.dt.year.between(FIRST_YEAR, LAST_YEAR).to_numpy(dtype=bool)
        stamps[fits] = quick.to_numpy().astype("datetime64[s]")[fits]
    rest = np.isnat(stamps)
    if rest.any():
        found = _each(sheet.only(rest), column, parse_moment, np.datetime64("NaT"), log)
        stamps[rest] = np.asarray(found, dtype="datetime64[s]")
    return stamps


def seconds(sheet: Sheet, column: int, log: Log) -> Stamps:
    """Read a column of Unix seconds as UTC."""
    values = numbers(sheet, column, log)
    first, last = (datetime(year, 1, 1).timestamp() for year in (FIRST_YEAR + 30, LAST_YEAR))  # noqa: DTZ001 - a rough bound
    bad = ~((values >= first) & (values <= last))
    for row in np.flatnonzero(bad)[:50]:
        log.wrong(
            _("not a time in Unix seconds"),
            row=sheet.line(row),
            column=sheet.header[column],
            seen=sheet.seen(row, column),
            todo=_("Give whole seconds since 1970-01-01 00:00 UTC."),
        )
    stamps: Stamps = np.where(bad, 0, values).astype("int64").astype("datetime64[s]")
    return stamps


def hours(sheet: Sheet, column: int, log: Log) -> NDArray[np.int64]:
    """Read a column of hour labels; -1 where a mistake was noted."""

    def read(text: str) -> int:
        hour = parse_hour(text)
        if hour is None or hour > 24:
            raise _BadCell(_("not an hour of the day"), _("Hours are 1..24, ending."))
        return hour

    return np.asarray(_each(sheet, column, read, -1, log), dtype=np.int64)


def _each(sheet: Sheet, column: int, read: Callable[[str], Any], bad: Any, log: Log) -> list[Any]:
    """Read every distinct text of a column once; write down each row that cannot be read."""
    cells = sheet.frame[column]
    if cells.dtype.kind in "iuf":
        whole = cells.fillna(-1).mod(1).eq(0).all()
        cells = (cells.astype("Int64") if whole else cells).astype("string").fillna("")
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    values: list[Any] = []
    problems: dict[int, _BadCell] = {}
    for code, text in enumerate(distinct):
        try:
            values.append(read(str(text)))
        except _BadCell as problem:
            values.append(bad)
            problems[code] = problem
    if (codes < 0).any():  # blank
        try:
            blank = read("")
        except _BadCell as problem:
            blank, problems[-1] = bad, problem
        values.append(blank)  # codes of -1 take the last
    if problems:
        for row in np.flatnonzero(np.isin(codes, list(problems))):
            found = problems[int(codes[row])]
            log.wrong(
                found.what,
                row=sheet.line(int(row)),
                column=sheet.header[column],
                seen=sheet.seen(int(row), column),
                todo=found.todo,
            )
    table = np.empty(len(values), dtype=object)
    table[:] = values
    return list(table[codes]) if values else []
