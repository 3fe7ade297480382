"""A CSV, Parquet or Excel file of anybody's, read as its mapping says."""

from __future__ import annotations

import re
import tempfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd

from tamna.grid.clock import interval_start, to_utc_in_order
from tamna.lang import _
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import moments, numbers, seconds
from tamna.sources.files import refuse
from tamna.sources.issued import SLACK_S, check_issues, check_unit, issue_findings
from tamna.sources.log import Log
from tamna.sources.sheet import Sheet, read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Block, Reading
    from tamna.sources.files import File
    from tamna.sources.mapping import Column, FileMapping, Time

    _Place = tuple[NDArray[np.int64], dict[str, str]]
    """The rows of one place, and the texts that stand for it in the names of its series."""

NAME, VERSION = "mapped", 2


def read_mapped(file: File, mapping: FileMapping) -> Reading:
    """Read `file` as `mapping` says.

    Raises
    ------
    SourceError
        A column that the mapping names and the file lacks, a time in none of the formats, a cell that is
        no number; a forecast issued after the time it speaks of or in the future; weather in another unit.
    """
    log = Log(file.name)
    sheet = _sheet(file, mapping, log)
    at = _column(sheet, mapping.time.column, log)
    base = None if mapping.issued_at is None else _column(sheet, mapping.issued_at.column, log)
    by = {name: _column(sheet, column, log) for name, column in mapping.by.items()}
    used = {name: _column(sheet, name, log) for name in mapping.columns}
    log.check()
    places = list(_places(sheet, by))
    stamps = _times(sheet, at, mapping.time, places, log)
    issued = (
        None
        if mapping.issued_at is None or base is None
        else _times(sheet, base, mapping.issued_at, places, log)
    )
    log.check()
    if issued is not None and base is not None:
        check_issues(log, sheet, base, end=_ends(stamps, mapping), issued=issued, opened_at=file.opened_at)
    _check_published(log, mapping, None if len(stamps) == 0 else _ends(stamps, mapping).max(), file.opened_at)
    log.check()
    for i, name in enumerate(sheet.header):
        if i not in {at, base, *by.values(), *used.values()}:
            log.ignored[name or f"column {i + 1}"] = "not named in the mapping"
    blocks = [
        block
        for name, column in mapping.columns.items()
        for block in _blocks(
            sheet, used[name], column, mapping, stamps=stamps, issued=issued, places=places, log=log
        )
    ]
    log.findings += issue_findings(blocks)
    log.note(
        f"read by the mapping entry {mapping.match!r}: {mapping.time.label} label, {mapping.time.timezone}"
    )
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=mapping.source, blocks=blocks, rows=len(sheet),
        described_by=mapping.sha256, retrieved_at=mapping.published_at,
    )  # fmt: skip


def _sheet(file: File, mapping: FileMapping, log: Log) -> Sheet:
    if file.format == "parquet":
        return read_parquet(file)
    if file.format not in ("csv", "html", "xlsx", "xls"):
        raise refuse(
            file.name,
            _("the mapping names a file that is no table"),
            seen=file.format,
            todo=_("Give CSV, Parquet or Excel."),
        )
    header = file.header(lambda row: mapping.time.column in row)
    if header is None:
        raise refuse(
            file.name,
            _(
                "the time column {name} of the mapping is not in the first rows",
                name=repr(mapping.time.column),
            ),
            seen=", ".join(file.rows[0])[:80] if file.rows else "",
            todo=_("Write the name as the header does."),
        )
    return read_sheet(file, header, log)


def read_parquet(file: File) -> Sheet:
    """Read a Parquet file of plain columns.

    Raises
    ------
    SourceError
        It is damaged, or larger than the limits.
    """
    with tempfile.NamedTemporaryFile(suffix=".parquet") as copy:
        copy.write(file.data)
        copy.flush()
        try:
            with duckdb.connect() as connection:
                connection.execute("SET TimeZone='UTC'")
                find = "SELECT count(*) FROM read_parquet(?)"
                (rows,) = connection.execute(find, [copy.name]).fetchone() or (0,)
                columns = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [copy.name]).fetchall()
                if rows > file.limits.rows or len(columns) > file.limits.columns:
                    raise refuse(
                        file.name,
                        _("the table has more rows or columns than are read"),
                        seen=f"{rows} x {len(columns)}",
                        todo=_("Split it."),
                    )
                arrays = connection.execute("SELECT * FROM read_parquet(?)", [copy.name]).fetchnumpy()
        except duckdb.Error as error:
            raise refuse(
                file.name,
                _("the Parquet file is damaged or cut off"),
                seen=str(error).splitlines()[0],
                todo=_("Write it again."),
            ) from error
    if not rows:
        raise refuse(
            file.name, _("there is a header and no row below it"), todo=_("Download the data again.")
        )
    header = tuple(str(name) for name, *_type in columns)
    zoned = {str(name) for name, kind, *_rest in columns if "TIME ZONE" in kind}
    frame = pd.DataFrame(
        {i: _cells(np.ma.asarray(arrays[name]), zoned=name in zoned) for i, name in enumerate(header)}
    )
    return Sheet(header, frame, np.arange(1, len(frame) + 1, dtype=np.int64))


def _cells(values: NDArray[Any], *, zoned: bool) -> pd.Series[Any]:
    """Give a column with its blanks: NaN in numbers, NaT in times, None in text."""
    mask = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    if plain.dtype.kind in "iufb":
        return pd.Series(np.where(mask, np.nan, plain.astype(np.float64)))
    if plain.dtype.kind == "M":
        times = pd.DatetimeIndex(np.where(mask, np.datetime64("NaT"), plain))
        return pd.Series(times.tz_localize("UTC") if zoned else times)
    return pd.Series(plain.astype(object), dtype="str").mask(mask)


def _column(sheet: Sheet, name: str, log: Log) -> int:
    if name in sheet.header:
        return sheet.header.index(name)
    found = sheet.find(name)
    if found is None:
        log.wrong(
            _("the column {name} of the mapping is not in the file", name=repr(name)),
            seen=", ".join(sheet.header)[:100],
            todo=_("Write the name as the header does."),
        )
    return found or 0


def _times(sheet: Sheet, column: int, time: Time, places: list[_Place], log: Log) -> Stamps:
    """Give the UTC stamps of a column; the rows of each place stand in an order of their own."""
    cells = sheet.frame[column]
    if cells.dtype.kind == "M":
        for row in np.flatnonzero(cells.isna())[:50]:
            log.wrong(
                _("the date is missing"),
                row=sheet.line(int(row)),
                column=sheet.header[column],
                todo=_("Write the date as 2023-01-31."),
            )
        log.check()
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        stamps: Stamps = cells.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[s]")
        return stamps
    if time.formats == ("unix",):
        return seconds(sheet, column, log)
    if cells.dtype.kind == "M":
        local: Stamps = cells.to_numpy().astype("datetime64[s]")
    elif time.formats:
        return _formatted(sheet, column, time, places, log)
    else:
        local = moments(sheet, column, log)
    return _utc(local, time.timezone, places)


def _utc(local: Stamps, timezone: str, places: list[_Place]) -> Stamps:
    if timezone == "UTC":
        return local
    stamps = local.copy()
    for rows, _names in places:
        stamps[rows] = to_utc_in_order(local[rows], timezone)
    return stamps


def _formatted(sheet: Sheet, column: int, time: Time, places: list[_Place], log: Log) -> Stamps:
    """Read times by their formats; one with ``%z`` carries its own offset, whatever the zone of the file."""
    cells, formats = sheet.frame[column], time.formats
    text = cells.astype("Int64").astype("string") if cells.dtype.kind in "iuf" else cells
    local: Stamps = np.full(len(sheet), np.datetime64("NaT"), dtype="datetime64[s]")
    zoned = local.copy()
    for form in formats:
        offset = "%z" in form
        found = pd.to_datetime(text, format=form, errors="coerce", utc=offset)
        plain = (found.dt.tz_localize(None) if offset else found).to_numpy().astype("datetime64[s]")
        target = zoned if offset else local
        np.copyto(target, plain, where=np.isnat(zoned) & np.isnat(local))
    stamps = np.where(np.isnat(zoned), _utc(local, time.timezone, places), zoned)
    for row in np.flatnonzero(np.isnat(stamps))[:50]:
        log.wrong(
            _("a time in none of the formats {formats}", formats=", ".join(formats)),
            row=sheet.line(int(row)),
            column=sheet.header[column],
            seen=sheet.seen(int(row), column),
            todo=_("Correct the time, or add its format to the mapping."),
        )
    return stamps


def _ends(stamps: Stamps, mapping: FileMapping) -> Stamps:
    """Give the end of what each row speaks of; an instant ends where it stands."""
    ends = [
        interval_start(stamps, column.label or mapping.time.label, mapping.resolution)
        + np.timedelta64(0 if column.kind is Kind.INSTANT else mapping.resolution, "s")
        for column in mapping.columns.values()
    ]
    return np.asarray(np.max(ends, axis=0), dtype="datetime64[s]")


def _check_published(
    log: Log, mapping: FileMapping, end: np.datetime64 | None, opened_at: np.datetime64 | None
) -> None:
    """Write down a moment of publication that cannot be: it decides which of two readings holds, for ever.

    Forecasts are given out before what they speak of; readings are not, except that a day may be named for its end.
    """
    if mapping.published is None:
        return
    told = np.datetime64(mapping.published_at.removesuffix("Z"), "s")
    todo = _("Correct published: in the mapping.")
    if opened_at is not None and told > opened_at + np.timedelta64(SLACK_S, "s"):
        log.wrong(_("published in the future"), seen=str(mapping.published), todo=todo)
    latest = told + np.timedelta64(0 if isinstance(mapping.published, datetime) else 86_400, "s")
    if end is not None and mapping.issued_at is None and latest < end:
        log.wrong(_("published before what it tells had happened"), seen=str(mapping.published), todo=todo)


def _blocks(
    sheet: Sheet,
    at: int,
    column: Column,
    mapping: FileMapping,
    *,
    stamps: Stamps,
    issued: Stamps | None,
    places: list[_Place],
    log: Log,
) -> Iterator[Block]:
    factor, offset = column.scale()
    value = numbers(sheet, at, log) * factor + offset
    check_unit(log, column.series.rpartition("/")[2], column.unit, value, column=sheet.header[at])
    valid_at = interval_start(stamps, column.label or mapping.time.label, mapping.resolution)
    for rows, names in places:
        series = column.series.format(**names)
        yield make_block(
            log, series=series, source=mapping.source, unit=column.unit, kind=column.kind,
            resolution_s=mapping.resolution, valid_at=valid_at[rows], value=value[rows],
            issued_at=None if issued is None else issued[rows], column=sheet.header[at], delay_s=mapping.delay,
        )  # fmt: skip


def _places(sheet: Sheet, by: dict[str, int]) -> Iterator[_Place]:
    """Give the rows of each combination of the ``by`` columns, with the texts for the series' names."""
    if not by:
        yield np.arange(len(sheet)), {}
        return
    texts = pd.DataFrame(
        {name: sheet.frame[column].astype("string").fillna("") for name, column in by.items()}
    )
    for key, rows in texts.groupby(list(by), sort=True).indices.items():
        parts = key if isinstance(key, tuple) else (key,)
        yield np.asarray(rows), {name: _slug(str(part)) for name, part in zip(by, parts, strict=True)}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_.-]+", "-", text.strip().lower()).strip("-") or "none"
