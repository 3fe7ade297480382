"""Shelf pages and labels of lots whose certificates lie in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import LANGUAGES
from tamna.ledger.canonical import parse
from tamna.serve.report.page import write_page
from tamna.serve.shelf.label import label
from tamna.serve.shelf.page import page
from tamna.settings import setting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["write_pages"]


def write_pages(folder: Path, lots: Sequence[str], timezone: str) -> list[Path]:
    """Write the page and the label of each lot in every language; a lot without a shelf certificate has none."""
    link, written = setting("TAMNA_SHELF_LINK"), []
    for name in lots:
        file = folder / "shelf" / f"{name}.json"
        if not file.exists():
            continue
        certificate = parse(file.read_bytes())
        listed = folder / "status.json"
        status = parse(listed.read_bytes()) if listed.exists() else None
        for lang in LANGUAGES:
            at = folder / "shelf" / f"{name}.{lang}.html"
            written.append(
                write_page(at, page(certificate, lang, link=link, timezone=timezone, status=status))
            )
            write_page(folder / "shelf" / f"{name}.{lang}.svg", label(certificate, lang, link=link))
    return written
