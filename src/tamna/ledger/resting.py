"""What rests on what: a charge that is doubted makes everything doubtful that came out of the storage since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.ledger.state import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.ledger.carried import Window
    from tamna.ledger.line import Line
    from tamna.ledger.state import Draft

__all__ = ["doubtful", "review"]


def review(draft: Draft, claims: Iterable[Any]) -> None:
    """Put claims under review, and through storages the claims that rest on these (I9)."""
    todo = [int(c) for c in claims]
    while todo:
        entry = todo.pop()
        if entry < 0 or draft.claims[entry].standing is not Standing.GOOD:
            continue
        draft.claims[entry] = replace(draft.claims[entry], standing=Standing.REVIEW)
        for name, windows in draft.windows.items():
            since = next((w for w in windows if w.claim == entry), None)
            if since is not None:
                todo += [draft.cancellations[ref].claim for ref in _drawn(draft, name, since)]


def doubtful(draft: Draft) -> set[int]:
    """Give the cancellations of energy out of a storage whose charging does not stand."""
    found: set[int] = set()
    for name, windows in draft.windows.items():
        since = next((w for w in windows if draft.claims[w.claim].standing is not Standing.GOOD), None)
        if since is not None:
            found |= set(_drawn(draft, name, since))
    return found


def _drawn(draft: Draft, storage: str, since: Window) -> Iterable[int]:
    """Give the entries that cancelled what left a storage in a window or after it."""
    one, start = draft.storages[storage], draft.claims[since.claim].start
    for device in (one.device, one.place):
        line = draft.lines[draft.device(device)]
        yield from np.unique(_refs(line, start)).tolist()


def _refs(line: Line, start: np.datetime64) -> NDArray[Any]:
    row = np.searchsorted(line.base, line.at, side="right") - 1
    return line.ref[(line.ref >= 0) & line.live[row] & (line.start[row] >= start)]
