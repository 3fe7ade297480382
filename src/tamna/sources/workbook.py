"""Excel workbooks, through calamine: the sheet with most rows, as rows of text."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.sources.files import File


def first_sheet(file: File) -> list[list[str]]:
    """Give the cells of the longest sheet; whole numbers without ``.0``, dates as ISO text.

    Raises
    ------
    SourceError
        The workbook is damaged, protected by a password, or larger than the limits.
    """
    from tamna.sources.files import refuse

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        sheet = max(sheets, key=lambda s: s.height, default=None)
        if sheet is None:
            return []
        if sheet.height > file.limits.rows or sheet.width > file.limits.columns:
            raise refuse(
                file.name,
                _("the table has more rows or columns than are read"),
                seen=f"{sheet.height} x {sheet.width}",
                todo=_("Split it."),
            )
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise refuse(
            file.name, _("the workbook is damaged or cut off"), seen=str(error), todo=_("Download it again.")
        ) from error
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, (date, time, timedelta)):
        return str(cell)
    return str(cell)
