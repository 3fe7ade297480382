"""What holds no series: texts, PDFs, benchmark cases. Named, so that nobody wonders what became of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.sources.block import NotSeries
from tamna.sources.files import refuse
from tamna.sources.html import plain_title
from tamna.sources.sheet import squeeze

if TYPE_CHECKING:
    from tamna.errors import SourceError
    from tamna.lang import Message
    from tamna.sources.files import File

_TABLE_NAMES = (".csv", ".tsv", ".xls", ".xlsx", ".parquet")
_BY_FORMAT: dict[str, Message] = {
    "pdf": _("a PDF document"),
    "image": _("an image"),
    "database": _("a database file"),
    "program": _("a program"),
}


def name_other(file: File) -> NotSeries:
    """Say what a file is that no reader knows, or why it is no data although it calls itself so.

    Raises
    ------
    SourceError
        The file calls itself a table (.csv, .xls, .xlsx) and is an error page, JSON, or a table of an
        unknown layout.
    """
    known = _BY_FORMAT.get(file.format) or _benchmark(file)
    if known is not None:
        return NotSeries(name=file.name, what=known)
    table = file.name.lower().endswith(_TABLE_NAMES)
    if file.format in ("html", "xml"):
        if table or file.format == "xml":
            raise _page(file)
        return NotSeries(name=file.name, what=_("a web page without a table of hours"))
    if file.format == "json":
        if table:
            raise refuse(
                file.name,
                _("JSON, where the name promises a table"),
                seen=file.text[:60],
                todo=_("Ask the portal for CSV, or write the answer to a .json file."),
            )
        return NotSeries(name=file.name, what=_("a JSON document of an unknown kind"))
    if table:
        raise unknown_table(file)
    return NotSeries(name=file.name, what=_("a text"))


def unknown_table(file: File) -> SourceError:
    """Make the refusal of a table that no reader knows."""
    if "\ufffd" in file.text[:5000]:
        return refuse(
            file.name,
            _("the header has lost its letters (the file was saved in another encoding)"),
            seen=file.text[:60],
            todo=_("Download it again and do not save it from a spreadsheet."),
        )
    first = next((row for row in file.rows if any(row)), ())
    return refuse(
        file.name,
        _("a table of an unknown layout"),
        seen=", ".join(first)[:100],
        todo=_("Describe it in a tamna-mapping.yaml beside it: time column, columns, units."),
    )


def _benchmark(file: File) -> Message | None:
    if file.format == "hdf5":
        return _("an HDF5 file (such as a PRAS system): a benchmark case, not a series")
    if file.format == "csv" and file.rows:
        names = {squeeze(cell) for row in file.rows[:1] for cell in row}
        if {"zoneid", "timestamp"} <= names and any(re.fullmatch(r"var\d+|power", name) for name in names):
            return _("GEFCom2014 solar track: a benchmark folder; a mapping file makes series of it")
    if file.format == "json":
        try:
            keys = set(json.loads(file.text))
        except (ValueError, RecursionError, TypeError):
            return None
        if {"time_periods", "thermal_generators"} <= keys:
            return _("a PGLib-UC unit-commitment instance: a benchmark case")
    return None


def _page(file: File) -> SourceError:
    answer = re.search(
        r"<(?:returnAuthMsg|resultMsg|errMsg|message)>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</",
        file.text[:20_000],
        re.DOTALL,
    )
    if file.format == "xml":
        return refuse(
            file.name,
            _("an XML answer of the portal, not data"),
            seen=answer[1] if answer else file.text[:60],
            todo=_("Check the service key and the request, then download again."),
        )
    return refuse(
        file.name,
        _("an HTML page without a table of hours (an error page of the portal?)"),
        seen=plain_title(file.text) or " ".join(re.sub(r"<[^>]+>", " ", file.text[:400]).split())[:60],
        todo=_("Log in or repeat the request, then download again."),
    )
