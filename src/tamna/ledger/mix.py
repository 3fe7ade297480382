r"""What of a zone's renewables is evidence of the place while the zone exports: the declared export rule.

With renewables :math:`R`, load :math:`L` and export :math:`X` of an hour, imports counted as not renewable, and a
balance that closes (`grid.rules` has the rules in full):

==============  ==================  ===================================================================================
rule            share of a load     what it takes an export to carry off
==============  ==================  ===================================================================================
thermal-first   min(R, L) / L       what is not renewable, as far as it goes
coverage        min(R, L) / L       nothing: renewables count at home, up to all that was used; no load is more than full
proportional    R / (L + X)         the hour's own mix; where the export is not known the share is unavailable: nothing
==============  ==================  ===================================================================================

For a single load thermal-first and coverage say the same: they part where a period's surplus is counted, and a load
of an hour has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.rules import Rule
from tamna.ledger.event import BALANCE_IN
from tamna.ledger.line import find, sizes
from tamna.ledger.residual import exported_wh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.ledger.state import State

    Whole = NDArray[np.integer[Any]]
    Stamps = NDArray[np.datetime64]

__all__ = ["leaving", "staying"]


def leaving(
    state: State, zone: str, stamps: Stamps, length_s: Whole, rule: Rule
) -> tuple[Whole, NDArray[np.bool_]]:
    """Give what shares the zone's mix beside its load, and where the rule can be told. (intervals,) [Wh]

    Returns
    -------
    wh, known : (intervals,)
        The zone's export under the proportional rule; nothing under the others, which need not know it.
    """
    if rule is not Rule.PROPORTIONAL:
        return np.zeros(len(stamps), np.int64), np.ones(len(stamps), bool)
    return exported_wh(state, zone, _spans(stamps, length_s))


def staying(state: State, devices: Sequence[str], stamps: Stamps, rule: Rule) -> Whole | None:
    """Give what of plants of one zone may still be evidence of the place in each interval; None: all. (stamps,) [Wh]

    Under the proportional rule that is their output times what stays of all that came into the zone's grid, by its
    balance; nothing where no balance stands.
    """
    if rule is not Rule.PROPORTIONAL or not devices:
        return None
    zone = state.devices[devices[0]].zone
    issued, placed = np.zeros(len(stamps), np.int64), np.zeros(len(stamps), np.int64)
    length_s = np.zeros(len(stamps), np.int64)
    for name in devices:
        line = state.line(name)
        row = find(line, stamps)
        there = row >= 0
        issued[there] += (line.base[row + 1] - line.base[row])[there]
        length_s[there] = line.length_s[row[there]]
        size = sizes(line)
        for i in np.flatnonzero(there).tolist():
            first, last = np.searchsorted(line.at, line.base[[row[i], row[i] + 1]])
            placed[i] += size[first:last][line.ref[first:last] >= 0].sum()
    balance = state.balances.get(zone)
    export, known = exported_wh(state, zone, _spans(stamps, length_s))
    came = np.zeros(len(stamps), np.int64)
    if balance is not None and len(balance.rows):
        where = np.minimum(np.searchsorted(balance.rows["start"], stamps), len(balance.rows) - 1)
        found = balance.rows[where]
        known &= balance.stands[where] & (found["start"] == stamps) & (found["length_s"] == length_s)
        came = np.sum([found[f"{term}_wh"].astype(np.int64) for term in BALANCE_IN], axis=0)
    else:
        known = np.zeros(len(stamps), bool)
    stays = np.maximum(came - export, 0)
    part = issued.astype(object) * stays.astype(object) // np.maximum(came, 1).astype(object)
    most: Whole = np.maximum(np.where(known, part, 0).astype(np.int64) - placed, 0)
    return most


def _spans(stamps: Stamps, length_s: Whole) -> NDArray[np.void]:
    rows = np.zeros(len(stamps), [("start", "<M8[s]"), ("length_s", "<u4")])
    rows["start"], rows["length_s"] = stamps, length_s
    return rows
