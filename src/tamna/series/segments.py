"""Rows on disk: Parquet written and read by DuckDB, from and to numpy arrays.

Columns of a segment: ``block`` (its number; what each number is stands in the manifest and in the
file's own metadata), ``valid_at``, ``issued_at`` (null unless a forecast), ``known_at`` (UTC),
``value``, ``flag``. Blocks stand in order of series, source and time, in row groups of 61,440 rows,
so that one series of one year touches a few of them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from tamna.errors import Place, StoreError
from tamna.lang import _
from tamna.series.manifest import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid.clock import Period, Stamps
    from tamna.lang import Message
    from tamna.series.bucket import Bucket
    from tamna.series.manifest import Entry

_ROW_GROUP = 61_440
UNISSUED = np.datetime64(np.iinfo(np.int64).min + 1, "s")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Raw rows, as publications gave them; `reading` numbers the publication, `issued_at` may be UNISSUED."""

    valid_at: Stamps
    issued_at: Stamps
    known_at: Stamps
    value: NDArray[np.float64]
    flag: NDArray[np.uint16]
    reading: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.valid_at)

    def at(self, which: NDArray[Any]) -> Rows:
        """Give the rows that an index or mask picks."""
        return Rows(**{name: getattr(self, name)[which] for name in self.__slots__})


def connect() -> duckdb.DuckDBPyConnection:
    """Open DuckDB in memory: 2 threads, 512 MB, no extension fetched or loaded from anywhere."""
    connection = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": "512MB",
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        }
    )
    connection.execute("SET parquet_metadata_cache = true")
    return connection


class Shelf:
    """Writes segments, and reads rows from them; each segment is hashed once before it is believed."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._connection = connect()
        self._whole: set[str] = set()

    def write(
        self, file: Path, columns: Mapping[str, NDArray[Any]], about: Mapping[str, Any], sweeps: int
    ) -> Segment:
        """Write rows to `file` with `about` in its metadata and put it under its hash."""
        cursor = self._connection.cursor()
        cursor.register("rows", dict(columns))
        cursor.execute(
            "COPY (SELECT block, valid_at::TIMESTAMP AS valid_at, issued_at::TIMESTAMP AS issued_at,"  # noqa: S608  (quoted path and text)
            f" known_at::TIMESTAMP AS known_at, value, flag FROM rows) TO {_quoted(str(file))}"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}, USE_TMP_FILE false,"
            f" KV_METADATA {{tamna: {_quoted(json.dumps(about, ensure_ascii=False))}}})"
        )
        cursor.unregister("rows")
        digest = _digest(file)
        segment = Segment(
            key=_key(digest, sweeps),
            sha256=digest,
            size_bytes=file.stat().st_size,
            rows=len(columns["block"]),
        )
        self._bucket.put_new(segment.key, file)
        return segment

    def put_again(self, file: Path, segment: Segment, sweeps: int) -> Segment:
        """Put a segment under the key that a writer who began after `sweeps` sweeps would give it."""
        again = replace(segment, key=_key(segment.sha256, sweeps))
        self._bucket.put_new(again.key, file)
        return again

    def rows(self, segments: Mapping[str, Segment], entries: Sequence[Entry], period: Period) -> Rows:
        """Read the rows of `entries` with ``valid_at`` in `period`, in the order in which they were stored.

        Raises
        ------
        StoreError
            A segment is absent, is not what was written, or cannot be read.
        """
        found: list[Rows] = []
        for key in dict.fromkeys(e.segment for e in entries):
            if key not in self._whole:
                self.check(segments[key])
            found.append(self._read(key, [e for e in entries if e.segment == key], period))
        if not found:
            return _NONE
        return Rows(**{name: np.concatenate([getattr(r, name) for r in found]) for name in Rows.__slots__})

    def check(self, segment: Segment, *, anew: bool = False) -> None:
        """Hash a segment; `anew` hashes what lies in the bucket now, not a copy of it.

        Raises
        ------
        StoreError
            It is absent or is not what was written.
        """
        try:
            file = self._bucket.fetch(segment.key, anew=anew)
            whole = file.stat().st_size == segment.size_bytes and _digest(file) == segment.sha256
        except FileNotFoundError:
            raise _lost(_("a segment of the store is missing"), segment.key) from None
        if not whole:
            raise _lost(_("a segment of the store is damaged"), segment.key)
        self._whole.add(segment.key)

    def _read(self, key: str, entries: Sequence[Entry], period: Period) -> Rows:
        codes = sorted(e.code for e in entries)
        reading = np.zeros(codes[-1] - codes[0] + 1, dtype=np.int64)
        for entry in entries:
            reading[entry.code - codes[0]] = entry.reading
        among = "" if len(codes) == len(reading) else f" AND block IN ({', '.join(map(str, codes))})"
        issued = ", issued_at" if any(e.forecast for e in entries) else ""
        try:
            got: dict[str, Any] = (
                self._connection.cursor()
                .execute(
                    f"SELECT block, valid_at, known_at, value, flag{issued}"  # noqa: S608  (numbers and a quoted path)
                    f" FROM read_parquet({_quoted(str(self._bucket.fetch(key)))})"
                    f" WHERE block BETWEEN {codes[0]} AND {codes[-1]}{among}"
                    f" AND valid_at >= TIMESTAMP '{period.start}' AND valid_at < TIMESTAMP '{period.end}'"
                )
                .fetchnumpy()
            )
        except duckdb.Error as error:
            raise _lost(_("a segment of the store is damaged"), key) from error
        n = len(got["block"])
        return Rows(
            valid_at=got["valid_at"].astype("datetime64[s]"),
            issued_at=np.ma.filled(got["issued_at"].astype("datetime64[s]"), UNISSUED)
            if issued
            else np.full(n, UNISSUED),
            known_at=got["known_at"].astype("datetime64[s]"),
            value=np.ma.filled(got["value"], np.nan),
            flag=np.asarray(got["flag"], dtype=np.uint16),
            reading=reading[got["block"].astype(np.int64) - codes[0]],
        )


def _key(digest: str, sweeps: int) -> str:
    return f"segments/{digest}.parquet" if not sweeps else f"segments/{digest}.{sweeps}.parquet"


def _digest(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _lost(what: Message, key: str) -> StoreError:
    return StoreError(
        what,
        where=Place(file=key),
        todo=_("Put the file back from a copy of the store, or ingest the original files into a new store."),
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_NONE = Rows(
    valid_at=np.empty(0, "datetime64[s]"),
    issued_at=np.empty(0, "datetime64[s]"),
    known_at=np.empty(0, "datetime64[s]"),
    value=np.empty(0),
    flag=np.empty(0, np.uint16),
    reading=np.empty(0, np.int64),
)
