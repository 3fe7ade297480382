"""A store, opened as an island sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.series import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.grid import Island


def open_store(location: str | Path, island: Island | None = None) -> Store:
    """Open a store; the island's declared order of sources splices its series."""
    return Store.open(location, default_sources=island.default_sources if island else None)
