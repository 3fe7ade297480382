"""A series as a file that others read: CSV for people and spreadsheets, Parquet for programs.

Columns: ``valid_at`` (UTC start of the interval, or the instant), the value under a name that
carries its unit (``demand_mwh``, ``smp_krw_per_kwh``), ``flag`` in words, ``known_at``,
``issued_at`` (forecasts only), ``source``.
"""

from __future__ import annotations

import csv
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import duckdb
import numpy as np

from tamna.lang import _
from tamna.series.segments import connect
from tamna.series.trouble import said
from tamna.series.units import slug
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.series.model import Series


def value_column(series: Series) -> str:
    """Name the value column: the last part of the series' name, and its unit."""
    quantity = series.name.partition("@")[0].rpartition("/")[2]
    return f"{quantity}_{slug(series.unit)}"


def flag_words(flag: int) -> str:
    """Write a flag in words: ``measured``, ``missing by_reader``.

    Examples
    --------
    >>> flag_words(Flag.MISSING | Flag.BY_READER)
    'missing by_reader'
    """
    words = [f.name.lower() for f in Flag if f & flag and f.name]
    return " ".join(words) or "measured"


def to_csv(series: Series, file: Path | TextIO) -> None:
    """Write `series` as CSV (UTF-8, UTC stamps with Z, shortest exact numbers, blank where missing).

    A path is written beside its name and then renamed: it is whole or as it was.
    """
    if not isinstance(file, Path):
        _write_csv(series, file)
        return

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as stream:
            _write_csv(series, stream)

    whole(file, write)


def to_parquet(series: Series, file: Path) -> None:
    """Write `series` as Parquet with its name, unit, kind, step [s] and sources in the metadata key ``tamna``."""
    about = {
        "series": series.name,
        "unit": series.unit,
        "kind": series.kind.value,
        "resolution_s": series.resolution_s,
        "sources": list(series.sources),
        "time": "UTC",
    }
    columns = _columns(series)
    stamps = {"valid_at", "known_at", "issued_at"}
    picked = ", ".join(
        f'"{c}"::TIMESTAMP AS "{c}"'
        if c in stamps
        else f'CASE WHEN isnan("{c}") THEN NULL ELSE "{c}" END AS "{c}"'
        if c == value_column(series)
        else f'"{c}"'
        for c in (name.replace('"', '""') for name in columns)
    )

    def write(path: Path) -> None:
        connection = connect()
        connection.register("rows", columns)
        connection.execute(
            f"COPY (SELECT {picked} FROM rows) TO {quoted(str(path))}"  # noqa: S608  (quoted names and path)
            f" (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false,"
            f" KV_METADATA {{tamna: {quoted(json.dumps(about, ensure_ascii=False))}}})"
        )
        connection.close()

    whole(file, write)


def _write_csv(series: Series, stream: TextIO) -> None:
    columns = _columns(series)
    texts: list[list[str]] = []
    for name, column in columns.items():
        if column.dtype.kind == "M":
            texts.append(_stamps(column))
        elif name == value_column(series):
            texts.append(["" if v != v else repr(v) for v in column.tolist()])  # noqa: PLR0124  (NaN)
        else:
            texts.append(column.tolist())
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*texts, strict=True))


def _columns(series: Series) -> dict[str, NDArray[Any]]:
    issued = {} if series.issued_at is None else {"issued_at": series.issued_at}
    bits, which = np.unique(series.flag, return_inverse=True)
    words = np.array([flag_words(int(b)) for b in bits] or [""], dtype=object)
    return {
        "valid_at": series.valid_at,
        value_column(series): series.value,
        "flag": words[which],
        "known_at": series.known_at,
        **issued,
        "source": np.array(series.sources, dtype=object)[series.source_code],
    }


def _stamps(stamps: Stamps) -> list[str]:
    text = np.datetime_as_string(stamps.astype("datetime64[s]"), unit="s").tolist()
    return ["" if t == "NaT" else f"{t}Z" for t in text]


def whole(file: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a file beside `file`, then rename it: it is there whole, or as it was before.

    Raises
    ------
    StoreError
        It could not be written.
    """
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        write(beside)
        beside.replace(file)
    except (OSError, duckdb.Error) as error:
        raise said(error, _("the file could not be written"), str(file)) from error
    finally:
        beside.unlink(missing_ok=True)


def quoted(text: str) -> str:
    """Write `text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
