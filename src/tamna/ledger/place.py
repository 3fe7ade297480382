"""What an account used of its place's own mix: plants whose attribute went elsewhere, set against what is left.

In an hour in which the zone used L and its plants gave R, whoever used U Wh that nobody else is set against used
``floor(U x R / L)`` of them; where the zone exports, the declared export rule says what goes along (`mix`). What is
matched by right is out of L already: the rest of the zone shares the rest of the energy (residual mix). It is evidence
of the place and no claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.rules import Rule
from tamna.ledger.event import MOVE, Event, Kind
from tamna.ledger.line import find, sizes
from tamna.ledger.mix import leaving
from tamna.ledger.nouns import Entitlement, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.ledger.line import Line
    from tamna.ledger.state import State

    Whole = NDArray[np.integer[Any]]

__all__ = ["place"]


def place(
    state: State,
    at: np.datetime64,
    account: str,
    zone_account: str,
    devices: Sequence[str],
    *,
    start: np.datetime64,
    end: np.datetime64,
    rule: Rule = Rule.THERMAL_FIRST,
) -> Event | None:
    """Make the cancellation, as evidence of the place, of what an account used of its zone's mix.

    Parameters
    ----------
    zone_account
        The account whose consumption is all of the zone's.
    devices
        Plants of the zone whose attribute went elsewhere.
    rule
        What an export of the zone is taken to carry off (`mix`).

    Returns
    -------
    Event or None
        None where nothing is left, or the zone's consumption is not known.
    """
    load, zone = state.load(account), state.load(zone_account)
    inside = np.flatnonzero((load.start >= start) & (load.start < end))
    stamps = load.start[inside]
    placed = _placed(state, account, stamps)
    by_right = load.allotted_wh[inside].astype(np.int64) - placed
    free = np.maximum(load.wh[inside].astype(np.int64) - by_right, 0)
    where = np.minimum(np.searchsorted(zone.start, stamps), max(len(zone.start) - 1, 0))
    known = (zone.start[where] == stamps) if len(zone.start) else np.zeros(len(stamps), bool)
    total = np.zeros(len(stamps), np.int64)
    total[known] = zone.wh[where[known]]
    out, told = leaving(state, state.accounts[zone_account].zone, stamps, load.length_s[inside], rule)
    total = np.where(told & known, total + out - by_right, 0)
    lines = [state.line(name) for name in devices]
    given = np.array([_issued(line, stamps, load.length_s[inside]) for line in lines]).reshape(len(lines), -1)
    sums = np.minimum(np.cumsum(given, axis=0), np.maximum(total, 0))
    cuts = np.array([_share(free, s, total) for s in sums]).reshape(len(lines), -1)
    due = np.diff(cuts, axis=0, prepend=0)
    open_yet = np.maximum(cuts[-1] - placed, 0) if len(cuts) else placed  # an earlier matching stands
    wanted = np.diff(np.minimum(np.cumsum(due, axis=0), open_yet), axis=0, prepend=0)
    numbers = {name: i for i, name in enumerate(state.devices)}
    rows = [
        row
        for name, line, wh in zip(devices, lines, wanted, strict=True)
        for row in _first_active(line, numbers[name], stamps, wh)
    ]
    if not rows:
        return None
    rows.sort(key=lambda r: r[1])
    facts = {
        "account": account,
        "entitlement": str(Entitlement.LOCATION),
        "policy": "residual mix of the zone",
        "export_rule": str(rule),
    }
    return Event(Kind.CANCEL, at, facts, np.array(rows, MOVE))


def _placed(state: State, account: str, stamps: NDArray[np.datetime64]) -> Whole:
    """Give what stands cancelled for the account as evidence of the place already. (intervals,) [Wh]"""
    wh = np.zeros(len(stamps), np.int64)
    for one in state.cancellations.values():
        if one.account == account and one.entitlement is Entitlement.LOCATION:
            mine = np.isin(one.start, stamps)
            np.add.at(wh, np.searchsorted(stamps, one.start[mine]), one.wh[mine].astype(np.int64))
    return wh


def _issued(line: Line, stamps: NDArray[np.datetime64], length_s: Whole) -> Whole:
    """Give what was issued in each interval; 0 where nothing, or for another length."""
    row = find(line, stamps)
    there = row >= 0
    there[there] = line.length_s[row[there]] == length_s[there]
    wh = np.zeros(len(stamps), np.int64)
    wh[there] = (line.base[row + 1] - line.base[row])[there]
    return wh


def _share(used: Whole, part: Whole, whole: Whole) -> Whole:
    """Give ``floor(used x part / whole)`` exactly; 0 where there is no whole."""
    exact = used.astype(object) * part.astype(object) // np.maximum(whole, 1).astype(object)
    return np.where(whole > 0, exact.astype(np.int64), 0)


def _first_active(
    line: Line, number: int, stamps: NDArray[np.datetime64], wanted: Whole
) -> list[tuple[int, np.datetime64, int, int]]:
    """Take the first active ids of each interval, as many as are wanted and there."""
    row_of, size = np.searchsorted(line.base, line.at, side="right") - 1, sizes(line)
    rows = find(line, stamps)
    found = []
    for stamp, row, wh in zip(stamps, rows.tolist(), wanted.tolist(), strict=True):
        left = wh
        first, last = np.searchsorted(row_of, [row, row + 1]) if row >= 0 and left else (0, 0)
        for piece in range(int(first), int(last)):
            if left and line.status[piece] == Status.ACTIVE:
                low = int(line.at[piece] - line.base[row])
                take = min(left, int(size[piece]))
                found.append((number, stamp, low, low + take))
                left -= take
    return found
