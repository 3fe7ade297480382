"""A file before anybody knows what it is: its bytes, what kind of container it is, its first rows.

Everything that could hurt (a zip bomb, a line of 2 GB, an entity bomb, bytes of another encoding) is
stopped here, with constants that one can read, so that the readers see only plain rows of text.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import unicodedata
import zipfile
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Place, SourceError
from tamna.lang import Message, _
from tamna.sources.html import first_table, is_closed, plain_title

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MIB = 1024 * 1024
HEAD_ROWS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is refused before it is read.

    Attributes
    ----------
    file_bytes
        Largest file. [B]
    line_bytes
        Longest line of a text file. [B]
    rows, columns
        Most rows and columns of one table.
    unpacked_bytes, unpacked_ratio
        Largest size of an .xlsx unpacked, and how many times its packed size that may be once it is
        larger than `unpacked_floor`. [B], [-]
    """

    file_bytes: int = 512 * _MIB
    line_bytes: int = 1 * _MIB
    rows: int = 5_000_000
    columns: int = 1_000
    unpacked_bytes: int = 512 * _MIB
    unpacked_ratio: int = 100
    unpacked_floor: int = 8 * _MIB


LIMITS = Limits()

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89HDF", "hdf5"),
    (b"PAR1", "parquet"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x1f\x8b", "packed"),
    (b"BZh", "packed"),
    (b"\xfd7zXZ", "packed"),
    (b"7z\xbc\xaf", "packed"),
    (b"Rar!", "packed"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"SQLite format 3", "database"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)


@dataclass(frozen=True)
class File:
    """A file as found. `format` is csv, html, xml, json, xlsx, xls, parquet, pdf, hdf5, text... by content.

    `rows` are the first rows as clean text (no BOM, spaces or full-width letters), for sniffing;
    `hint` is its own name and its folder's, lower case: of use only where the content cannot say.
    `opened_at` is when its bytes were read (UTC): nothing in it can have been issued later.
    """

    name: str
    folder: str
    data: bytes
    format: str
    encoding: str
    text: str
    limits: Limits
    opened_at: np.datetime64 | None = None

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the bytes as found."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def hint(self) -> str:
        """Own name and folder name, composed and in lower case."""
        return clean(f"{self.folder}/{self.name}").lower()

    @cached_property
    def grid(self) -> list[list[str]]:
        """All cells of the first table of an HTML page or workbook; empty for other formats."""
        if self.format == "html":
            return first_table(self.text)
        if self.format in ("xlsx", "xls"):
            from tamna.sources.workbook import first_sheet

            return first_sheet(self)
        return []

    @cached_property
    def delimiter(self) -> str:
        """Separator of a text table: comma, unless the first lines hold only others."""
        head = self.text[:20_000]
        counts = {d: head.count(d) for d in ",;\t|"}
        best = max(counts, key=lambda d: counts[d])
        return "," if counts[","] * 3 >= counts[best] else best

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """First rows, cleaned."""
        if self.format == "csv":
            lines = islice(self.text.splitlines(), HEAD_ROWS)
            # strict=False: a broken quote is found where the whole table is read
            raw = [next(csv.reader([line], delimiter=self.delimiter), []) for line in lines]
        else:
            raw = self.grid[:HEAD_ROWS]
        return tuple(tuple(clean(cell) for cell in row) for row in raw)

    @cached_property
    def title(self) -> str:
        """Words around the table: the HTML title and caption, or the rows above the header."""
        above = " ".join(cell for row in self.rows[:3] for cell in row if cell)
        return clean(plain_title(self.text) + " " + above) if self.format == "html" else above

    def header(self, fits: Callable[[tuple[str, ...]], bool]) -> int | None:
        """Find the first of the first rows that `fits`, counted from 0."""
        return next((i for i, row in enumerate(self.rows) if row and fits(row)), None)

    @property
    def whole(self) -> bool:
        """Whether the end of the text looks like an end: a line end, a closed table."""
        if self.format == "html":
            return is_closed(self.text)
        return self.format != "csv" or self.text.endswith("\n")


@lru_cache(maxsize=8192)
def clean(cell: str) -> str:
    """Give a cell without BOM, outer spaces, doubled spaces, full-width forms or split Hangul."""
    return " ".join(unicodedata.normalize("NFKC", cell).replace("\ufeff", "").split())


def open_file(path: Path, limits: Limits = LIMITS) -> File:
    """Read the bytes of `path` and find out what kind of file it is.

    Raises
    ------
    SourceError
        Absent, a folder, unreadable, empty, too large, packed, or text in no known encoding.
    """
    data = _bytes(path, limits)
    name, folder = path.name, path.parent.name
    opened_at = np.datetime64("now", "s")
    if not data.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise refuse(name, _("the file is empty"), todo=_("Download it again."))
    kind = next((k for magic, k in _MAGIC if data.startswith(magic)), None)
    if data.startswith(b"PK\x03\x04"):
        kind = _zip(name, data, limits)
    if kind == "packed":
        raise refuse(
            name, _("the file is packed (gzip or similar)"), todo=_("Unpack it and give what is inside.")
        )
    if kind is not None:
        return File(name, folder, data, kind, "", "", limits, opened_at)
    text, encoding = _decode(name, data)
    kind = _text_format(name, text, limits)
    if kind == "csv":
        _check_lines(name, text, limits)
        text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return File(name, folder, data, kind, encoding, text, limits, opened_at)


def fingerprint(path: Path, limits: Limits = LIMITS) -> str:
    """Hash a file's bytes as `File.sha256` does; empty for all that is refused unread (a pipe, a device, 2 GB)."""
    try:
        if not path.is_file() or path.stat().st_size > limits.file_bytes:
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError, RuntimeError):  # RuntimeError: a loop of links, before Python 3.13
        return ""


def refuse(name: str, what: Message, *, seen: object = None, todo: Message | None = None) -> SourceError:
    """Make the refusal of the whole file `name`."""
    return SourceError(what, where=Place(file=name), seen=seen, todo=todo)


def _bytes(path: Path, limits: Limits) -> bytes:
    try:
        if path.is_dir():
            if not os.access(path, os.R_OK | os.X_OK):
                raise refuse(
                    path.name,
                    _("the folder may not be read, nor what lies in it"),
                    todo=_("Check its permissions and links."),
                )
            raise refuse(path.name, _("this is a folder, not a file"), todo=_("Name the files inside it."))
        if path.exists() and not path.is_file():
            raise refuse(path.name, _("this is not a plain file"), todo=_("Give a file on disk."))
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise refuse(
                path.name,
                _("the file is larger than {most} MiB", most=limits.file_bytes // _MIB),
                seen=f"{size} B",
                todo=_("Split it by year."),
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise refuse(
            path.name, _("there is no such file"), seen=str(path), todo=_("Check the path.")
        ) from error
    except (
        OSError,
        RuntimeError,
        ValueError,
    ) as error:  # RuntimeError: a loop of links; ValueError: NUL in a name
        raise refuse(
            path.name[:80],
            _("the file cannot be read"),
            seen=getattr(error, "strerror", None) or str(error),
            todo=_("Check its permissions and links."),
        ) from error


def _zip(name: str, data: bytes, limits: Limits) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise refuse(
            name,
            _("the workbook is damaged or cut off"),
            seen=str(error),
            todo=_("Download it again."),
        ) from error
    unpacked = sum(m.file_size for m in members)
    most = max(limits.unpacked_floor, limits.unpacked_ratio * len(data))
    if unpacked > min(limits.unpacked_bytes, most):
        raise refuse(
            name,
            _("the workbook would unpack to more than is plausible; it may be a zip bomb"),
            seen=_("{packed} B packed, {unpacked} B unpacked", packed=len(data), unpacked=unpacked),
            todo=_("Do not open it; ask the sender, or save it as CSV in a program you trust."),
        )
    names = {m.filename for m in members}
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise refuse(
        name,
        _("the file is packed (gzip or similar)"),
        seen=", ".join(sorted(names)[:3]),
        todo=_("Unpack it and give what is inside."),
    )


def _decode(name: str, data: bytes) -> tuple[str, str]:
    for bom, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise _undecodable(name, data, error, "UTF-16") from error
    if b"\x00" in data:
        raise SourceError(
            _("the file holds NUL bytes: it is not text, or it is damaged"),
            where=Place(file=name, line=data[: data.index(b"\x00")].count(b"\n") + 1),
            todo=_("Download it again, or save it as CSV in UTF-8."),
        )
    try:
        return data.decode("utf-8-sig"), "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    except UnicodeDecodeError as error:
        # letters that already decoded as UTF-8 before the bad byte: the file is UTF-8 and damaged
        if any(byte >= 0x80 for byte in data[: error.start].removeprefix(b"\xef\xbb\xbf")) or data[:3] == (
            b"\xef\xbb\xbf"
        ):
            raise _undecodable(name, data, error, "UTF-8") from error
    try:
        return data.decode("cp949"), "cp949"
    except UnicodeDecodeError as error:
        raise _undecodable(name, data, error, "CP949") from error


def _undecodable(name: str, data: bytes, error: UnicodeDecodeError, encoding: str) -> SourceError:
    return SourceError(
        _("bytes that are no {encoding} text", encoding=encoding),
        where=Place(file=name, line=data[: error.start].count(b"\n") + 1),
        seen=data[error.start : error.start + 4].hex(" "),
        todo=_("Download it again, or save it as CSV in UTF-8."),
    )


def _text_format(name: str, text: str, limits: Limits) -> str:
    start = text[:2000].lstrip("\ufeff \r\n\t").lower()
    if start.startswith("<"):
        if "<!entity" in text[:20_000].lower():
            raise refuse(
                name,
                _("the page declares entities, which data never needs; it may be an entity bomb"),
                todo=_("Do not open it; download the data again from the portal."),
            )
        if len(text) > limits.unpacked_bytes // 8:
            raise refuse(name, _("the page is too large to be a table"), todo=_("Split it by year."))
        page = "<html" in start or "<table" in start or start.startswith("<!doctype html")
        return "html" if page else "xml"
    if start.startswith(("{", "[{", "[[", "[\n", "[\r", "[ {")):
        return "json"
    return "csv"


def _check_lines(name: str, text: str, limits: Limits) -> None:
    """Refuse a line longer than the limit; looks at slices, never at a copy of the line."""
    at, number = 0, 1
    if len(text) <= limits.line_bytes:
        return
    while at < len(text):
        # jump: if a line end lies within the limit, go to the last one in the window
        window = text.rfind("\n", at, at + limits.line_bytes)
        if window < 0:
            window = text.rfind("\r", at, at + limits.line_bytes)
        if window < 0:
            if len(text) - at <= limits.line_bytes:
                return
            raise SourceError(
                _("a line is longer than {most} bytes", most=limits.line_bytes),
                where=Place(file=name, line=number),
                seen=text[at : at + 60],
                todo=_("This is not a table of rows; download it again."),
            )
        number += text.count("\n", at, window + 1)
        at = window + 1
