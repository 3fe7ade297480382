"""Findings of a store, kept: the checks look at all it holds, and the next question is about the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.series.kept import kept, key_of
from tamna.series.quality.held import check

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tamna.grid.model import Island
    from tamna.series.store import Store
    from tamna.sources.block import Finding

ROOMS = ("series", "grid", "sources")
"""Whose code the findings follow from."""


def check_again(
    store: Store,
    island: Island | None = None,
    *,
    folder: Path | None = None,
    readers: bool = True,
    only: Collection[str] | None = None,
) -> list[Finding]:
    """Find what is wrong with all that `store` holds, as `held.check` does, or take up what was found.

    Parameters
    ----------
    folder
        Where findings are kept between calls; without one they are found anew.
    """
    asked = ("check", readers, None if only is None else sorted(only))
    return kept(
        folder,
        "findings",
        key_of(store, island, ROOMS, *asked) if folder is not None else "",
        lambda: check(store, island, readers=readers, only=only),
    )
