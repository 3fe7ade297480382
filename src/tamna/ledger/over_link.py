"""What a link still has room for, and what a load beyond it takes of certificates: the loss is theirs to cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.ledger.crossing import needed_wh, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.ledger.state import State

    Whole = NDArray[np.integer[Any]]
    Stamps = NDArray[np.datetime64]

__all__ = ["over_link"]


def over_link(
    state: State, name: str, accounts: Sequence[str], stamps: Stamps, asked: tuple[Whole, Whole]
) -> tuple[tuple[Whole, Whole], Whole]:
    """Turn what accounts ask for into what it takes at the other end of a link, and give the most of each hour.

    Parameters
    ----------
    accounts
        Of one zone, with intervals of one length.
    asked : hours and energies, both (demands,)
        Which of the `stamps`, and the load that is open. [Wh]

    Returns
    -------
    asked : hours and energies, both (demands,)
        Energies as certificates. [Wh]
    most : (stamps,) [Wh]
        What the link sent and nobody took yet; 0 where nothing is known of it.
    """
    link = state.links[name]
    flow = state.flows[name][1 - link.ends.index(state.accounts[accounts[0]].zone)]
    rows, there = rows_of(flow, stamps)
    there &= _length_s(state, accounts, stamps) == (flow.length_s[rows] if len(flow.start) else 0)
    sent, delivered, used = (
        np.where(there, column[rows].astype(np.int64) if len(column) else 0, 0)
        for column in (flow.open_wh, flow.delivered_wh, flow.used_wh)
    )
    hour, wh = asked
    most = np.where((delivered > 0) & (sent > 0), sent - used, 0)
    return (hour, np.maximum(needed_wh(wh, sent[hour], delivered[hour]), 1)), most


def _length_s(state: State, accounts: Sequence[str], stamps: Stamps) -> Whole:
    """Give how long the interval of each stamp is in the meters of the accounts; 0 in none's. (stamps,) [s]"""
    numbers = {name: i for i, name in enumerate(state.accounts)}
    found = np.zeros(len(stamps), np.int64)
    for name in accounts:
        load = state.loads[numbers[name]]
        if len(load.start):
            where = np.minimum(np.searchsorted(load.start, stamps), len(load.start) - 1)
            mine = load.start[where] == stamps
            found[mine] = load.length_s[where[mine]]
        if found.all():
            break
    return found
