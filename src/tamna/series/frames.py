"""Write a table as Parquet, with what each column means in its metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tamna.series.export import quoted, whole
from tamna.series.segments import connect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


def write_frame(table: pd.DataFrame, file: Path, meanings: Mapping[str, str]) -> None:
    """Write `table` as Parquet, whole or not at all; stamps must be UTC.

    Parameters
    ----------
    meanings
        By name, prefix (ending in ``_``) or suffix (starting with ``_``) of a column: its unit and
        meaning, kept in the file's metadata under the key ``tamna``.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    about = {
        column: meaning
        for column in map(str, table.columns)
        for key, meaning in meanings.items()
        if _fits(column, key)
    }
    plain = table.copy(deep=False)
    for name in plain.select_dtypes("datetimetz"):
        plain[name] = plain[name].dt.tz_convert("UTC").dt.tz_localize(None)
    picked = ", ".join(
        f'CASE WHEN isnan("{name}") THEN NULL ELSE "{name}" END AS "{name}"'
        if plain[name].dtype.kind == "f"
        else f'"{name}"'
        for name in map(str, plain.columns)
    )

    def write(path: Path) -> None:
        connection = connect()
        connection.register("rows", plain)
        connection.execute(
            f"COPY (SELECT {picked} FROM rows) TO {quoted(str(path))}"  # noqa: S608  (our own column names, quoted path)
            f" (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false,"
            f" KV_METADATA {{tamna: {quoted(json.dumps(about, ensure_ascii=False))}}})"
        )
        connection.close()

    whole(file, write)


def _fits(column: str, key: str) -> bool:
    return (
        column == key
        or (key.endswith("_") and column.startswith(key))
        or (key.startswith("_") and column.endswith(key))
    )
