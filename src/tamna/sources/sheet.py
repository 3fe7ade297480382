"""A table with a header, out of CSV, HTML or a workbook alike; it knows the line of every row.

Rows of another width than the header, footnotes, repeated headers and blank rows are found here.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tamna.errors import Place, SourceError
from tamna.lang import _
from tamna.sources.files import clean, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tamna.sources.files import File
    from tamna.sources.log import Log

_PLAIN = re.compile(r"\s*(-?\d+(\.\d+)?([eE][+-]?\d+)?)?\s*")
_TOTALS = ("합계", "총계", "소계", "계", "평균", "total", "sum", "average", "mean")


@dataclass(frozen=True, eq=False)
class Sheet:
    """Columns by position; `header` is cleaned text, `lines` the file's line (or row) of every row, from 1."""

    header: tuple[str, ...]
    frame: pd.DataFrame
    lines: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.frame)

    def line(self, row: int) -> int:
        """Give the line of the file, from 1, that row `row` stands on."""
        return int(self.lines[row])

    def seen(self, row: int, column: int) -> str:
        """Give the text of one cell."""
        value: Any = self.frame.iloc[int(row), column]
        return "" if pd.isna(value) else str(value)

    def find(self, *names: str) -> int | None:
        """Find a column by one of its names, whatever its spaces, letter case and unit in brackets."""
        wanted = {squeeze(name) for name in names}
        return next((i for i, cell in enumerate(self.header) if squeeze(cell) in wanted), None)

    def only(self, rows: NDArray[np.bool_]) -> Sheet:
        """Keep the rows where `rows` is true."""
        return Sheet(self.header, self.frame.loc[rows].reset_index(drop=True), self.lines[rows])


@lru_cache(maxsize=8192)
def squeeze(name: str) -> str:
    """Give a column name without spaces, case and what stands in brackets."""
    return re.sub(r"\(.*?\)|\[.*?\]|\s|_", "", clean(name)).lower()


def unit_of(name: str) -> str:
    """Give what stands in the last brackets of a column name, lower case: ``mwh``."""
    found = re.findall(r"[(\[]([^)\]]*)[)\]]", clean(name))
    return found[-1].strip().lower() if found else ""


def read_sheet(file: File, header_row: int, log: Log, *, header: tuple[str, ...] | None = None) -> Sheet:
    """Read the table of `file` whose header is row `header_row` (from 0), under other names if given.

    Raises
    ------
    SourceError
        Two columns of one name, rows of another width, a file that ends inside a row, no rows at all,
        more rows or columns than the limits.
    """
    header = header or file.rows[header_row]
    while header and not header[-1]:
        header = header[:-1]
    if len(header) > file.limits.columns:
        raise refuse(
            file.name,
            _("more than {most} columns", most=file.limits.columns),
            seen=len(header),
            todo=_("This is not a table of series; give the columns that matter."),
        )
    _check_names(file, header, header_row)
    sheet = _quick(file, header, header_row, log) or _careful(file, header, header_row, log)
    if len(sheet) > file.limits.rows:
        raise refuse(
            file.name,
            _("more than {most} rows", most=file.limits.rows),
            seen=len(sheet),
            todo=_("Split it by year."),
        )
    sheet = _without_stray_headers(sheet, log)
    if not len(sheet):
        raise refuse(
            file.name, _("there is a header and no row below it"), todo=_("Download the data again.")
        )
    if not file.whole and file.format == "html":
        raise refuse(file.name, _("the page ends in the middle of its table"), todo=_("Download it again."))
    return sheet


def _check_names(file: File, header: Sequence[str], header_row: int) -> None:
    named = [name for name in header if name]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise SourceError(
            _("two columns have the same name"),
            where=Place(file=file.name, row=header_row + 1),
            seen=", ".join(twice),
            todo=_("Keep one of them, or name them apart."),
        )


def _quick(file: File, header: Sequence[str], header_row: int, log: Log) -> Sheet | None:
    """Parse a plain text table in one stroke; None where a row needs a closer look."""
    if file.format != "csv" or '"' in file.text or not file.whole:
        return None
    *above, body = file.text.split("\n", header_row + 1)
    again = above[header_row].removeprefix("\ufeff")
    lines = None
    if f"{again}\n" in body:  # files joined with their headers
        rows = body.split("\n")[:-1]
        lines = np.array([i for i, row in enumerate(rows) if row != again], dtype=np.int64)
        log.note(f"{len(rows) - len(lines)} header rows inside the table left out")
        body = "".join(f"{row}\n" for row in rows if row != again)
    raw = np.frombuffer(body.encode("utf-8"), dtype=np.uint8)
    ends = np.flatnonzero(raw == ord("\n"))
    cuts = np.flatnonzero(raw == ord(file.delimiter))
    widths = np.diff(np.searchsorted(cuts, ends), prepend=0) + 1
    if not len(ends) or (widths != len(header)).any():
        return None
    try:
        frame = pd.read_csv(
            io.StringIO(body),
            header=None,
            sep=file.delimiter,
            keep_default_na=False,
            na_values=[""],
            low_memory=False,
            skip_blank_lines=False,
            quoting=csv.QUOTE_NONE,
        )
    except (ValueError, pd.errors.ParserError, OverflowError):
        return None
    if len(frame) != len(ends) or frame.isna().all(axis=1).any() or frame[0].isin(_TOTALS).any():
        return None
    lines = np.arange(len(frame), dtype=np.int64) if lines is None else lines
    return Sheet(tuple(header), frame, lines + header_row + 2)


def _careful(file: File, header: Sequence[str], header_row: int, log: Log) -> Sheet:
    """Parse row by row: drop blank rows and footnotes, refuse rows of another width."""
    width = len(header)
    rows = _csv_rows(file) if file.format == "csv" else file.grid
    rows = rows[header_row + 1 :]
    kept: list[list[str]] = []
    lines: list[int] = []
    last_full = next((i for i in reversed(range(len(rows))) if _data_like(rows[i], width)), -1)
    for i, found in enumerate(rows):
        line = header_row + 2 + i
        row = _trim(found, width) if len(found) > width else found
        if not any(row) or not any(cell.strip() for cell in row):
            continue
        if i > last_full or row[0].strip().lower() in _TOTALS:
            if len(row) < width and _starts_like(row, kept):
                _cut_off(file, log, line, row, width)
            else:
                log.note(f"row {line} is no data and was left out: {clean(' '.join(row))[:60]}")
            continue
        if len(row) != width:
            _other_width(file, log, line, row, width, last=i == len(rows) - 1)
            continue
        kept.append(row)
        lines.append(line)
    if file.format == "csv" and not file.whole:
        log.note("no line end after the last row: its last value is flagged suspect")
        log.cut_column = header[-1]
    columns = zip(*kept, strict=True) if kept else [()] * width
    return Sheet(tuple(header), _numeric_where_plain(columns), np.asarray(lines, dtype=np.int64))


def _csv_rows(file: File) -> list[list[str]]:
    csv.field_size_limit(file.limits.line_bytes)
    try:
        lines = file.text.split("\n")
        if lines and not lines[-1]:
            lines.pop()
        rows = list(csv.reader(lines, delimiter=file.delimiter))
        if len(rows) == len(lines):
            return rows
        # a quote that is never closed swallows the lines after it: read each line for itself
        return [next(csv.reader([line], delimiter=file.delimiter), []) for line in lines]
    except csv.Error as error:
        raise refuse(
            file.name, _("the rows cannot be told apart"), seen=str(error), todo=_("Download it again.")
        ) from error


def _trim(row: Sequence[str], width: int) -> list[str]:
    cells = list(row)
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    return cells


def _data_like(row: Sequence[str], width: int) -> bool:
    """Tell a row of data from a footnote: as wide as the header, and a digit in its first cells."""
    cells = _trim(row, width)
    return len(cells) >= width and any(re.search(r"\d", cell) for cell in cells[1:])


def _starts_like(row: Sequence[str], kept: Sequence[Sequence[str]]) -> bool:
    shape = re.sub(r"\d", "9", row[0].strip())
    return bool(kept) and shape == re.sub(r"\d", "9", kept[-1][0].strip())


def _cut_off(file: File, log: Log, line: int, row: Sequence[str], width: int) -> None:
    log.wrong(
        _("the file ends in the middle of a row: {n} of {width} cells", n=len(row), width=width),
        row=line,
        seen=file.delimiter.join(row)[-60:],
        todo=_("Download it again."),
    )


def _other_width(file: File, log: Log, line: int, row: Sequence[str], width: int, *, last: bool) -> None:
    if last and len(row) < width:
        _cut_off(file, log, line, row, width)
        return
    todo = (
        _("A thousands comma without quotes, or a cell too many: save the file again.")
        if len(row) > width
        else _("Cells are missing in this row: download the file again.")
    )
    log.wrong(
        _("the row has {n} cells, the header {width}", n=len(row), width=width),
        row=line,
        seen=file.delimiter.join(row)[:60],
        todo=todo,
    )


def _numeric_where_plain(columns: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Make numbers of columns that are plain numbers or blank; leave text for a closer look."""
    made: dict[int, Any] = {}
    for i, cells in enumerate(columns):
        if isinstance(cells, np.ndarray):
            made[i] = cells
            continue
        distinct = set(cells)
        if all(_PLAIN.fullmatch(cell) for cell in distinct):
            value = {cell: float(cell) if cell.strip() else np.nan for cell in distinct}
            made[i] = np.array([value[cell] for cell in cells], dtype=np.float64)
        else:
            made[i] = pd.array(list(cells), dtype="str")
    return pd.DataFrame(made)


def _without_stray_headers(sheet: Sheet, log: Log) -> Sheet:
    """Drop rows that repeat the header, as joined files carry them."""
    for column, name in enumerate(sheet.header):
        cells = sheet.frame[column]
        if not name or cells.dtype.kind in "ifb":
            continue
        stray = (cells == name).fillna(value=False).to_numpy(dtype=bool)
        if not stray.any():
            return sheet
        log.note(f"{int(stray.sum())} header rows inside the table left out")
        kept = sheet.only(~stray)
        columns = [_as_found(kept.frame[i]) for i in range(len(kept.header))]
        return Sheet(kept.header, _numeric_where_plain(columns), kept.lines)
    return sheet


def _as_found(cells: pd.Series[Any]) -> Any:
    """Give a text column as its texts, a column of numbers as its array."""
    if cells.dtype.kind in "ifb":
        return cells.to_numpy()
    return [str(cell) for cell in cells.fillna("")]
