"""The raw entries of a grid file, as the checks that look across them read it: nothing is built or refused here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.grid.document import Document, Path


def entries(document: Document, section: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Give the groups of a section with their places."""
    found = document.data.get(section)
    for number, item in enumerate(found if isinstance(found, list) else []):
        if isinstance(item, dict):
            yield (section, number), item


def number_of(value: Any) -> float | None:
    """Give a bare number or a figure's value; None where it is neither."""
    if isinstance(value, dict):
        value = value.get("value", value.get("use"))
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
