"""What is left of a zone's energy when what is claimed is out of it, and what its own meters say against the book (I8).

In an interval whose balance was measured, the zone used its load and its charging; what accounts of the zone claim by
right, each at most what it used, is out of that. The rest is the residual mix, and never below nothing. Where no
balance stands, it is not known: `unavailable`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.rules import Rule
from tamna.lang import _
from tamna.ledger.arrays import first_of
from tamna.ledger.event import BALANCE_IN, BALANCE_OUT
from tamna.ledger.nouns import Entitlement
from tamna.ledger.refusal import refuse
from tamna.ledger.resting import review

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.ledger.across import Balance
    from tamna.ledger.state import Draft, State

    Whole = NDArray[np.integer[Any]]
    Stamps = NDArray[np.datetime64]

__all__ = [
    "Residual",
    "claimed_wh",
    "closes",
    "crossed_wh",
    "doubt",
    "exported_wh",
    "fits",
    "residual",
    "told_by_export",
    "within",
]


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """A zone's residual mix by interval.

    Attributes
    ----------
    start : (intervals,) [UTC]
    available : (intervals,)
        Whether a balance stands; the figures are 0 where none does.
    total_wh, claimed_wh : (intervals,) [Wh]
        What the zone used, and what of it accounts of the zone claim by right.
    estimated : (intervals,)
        Whether a term of the balance is an estimate.
    """

    start: Stamps
    available: NDArray[np.bool_]
    total_wh: Whole
    claimed_wh: Whole
    estimated: NDArray[np.bool_]

    @property
    def residual_wh(self) -> Whole:
        """What is left for everybody who claims nothing. (intervals,) [Wh]"""
        return self.total_wh - self.claimed_wh


def residual(state: State, zone: str, start: Stamps) -> Residual:
    """Give the residual mix of a zone in the intervals of its balance that start at `start`."""
    there, total, claimed, estimated = (np.zeros(len(start), t) for t in (bool, np.int64, np.int64, bool))
    balance = state.balances.get(zone)
    if balance is not None and len(balance.rows) and len(start):
        begins = balance.rows["start"]
        where = np.minimum(np.searchsorted(begins, start), len(begins) - 1)
        there = (begins[where] == start) & balance.stands[where]
        rows = balance.rows[where[there]]
        total[there], estimated[there] = _used(rows), rows["estimated"] > 0
        claimed[there] = claimed_wh(state, zone, rows)
    return Residual(start, there, total, claimed, estimated)


def claimed_wh(book: Draft | State, zone: str, rows: NDArray[np.void]) -> NDArray[np.int64]:
    """Count what accounts of a zone claim by right in each interval, each at most what it used. (intervals,) [Wh]

    Parameters
    ----------
    rows : (intervals,)
        ``start`` and ``length_s``, rising; consumption in shorter intervals is added up within them.
    """
    backed: dict[str, NDArray[np.int64]] = {}
    numbers = {name: i for i, name in enumerate(book.accounts)}
    for one in book.cancellations.values():
        if one.entitlement is not Entitlement.LOCATION and book.accounts[one.account].zone == zone:
            load = book.loads[numbers[one.account]]
            wh = backed.setdefault(one.account, np.zeros(len(load.start), np.int64))
            wh[np.searchsorted(load.start, one.start)] += one.wh
    total = np.zeros(len(rows), np.int64)
    for name, wh in backed.items():
        load = book.loads[numbers[name]]
        where, inside = _in(rows, load.start)
        np.add.at(total, where[inside], np.minimum(wh, load.wh)[inside])
    return total


def crossed_wh(
    book: Draft | State, zone: str, rows: NDArray[np.void], *, into: bool
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Add up what links brought into a zone, or took out of it, and say where that is known of all. (intervals,) [Wh]

    What comes in counts as it arrives, what goes out as it is sent.
    """
    total, known = np.zeros(len(rows), np.int64), np.ones(len(rows), bool)
    mine = [(name, link) for name, link in book.links.items() if zone in link.ends]
    for name, link in mine:
        flow = book.flows[name][link.ends.index(zone) ^ int(into)]
        where, inside = _in(rows, flow.start)
        seconds = np.zeros(len(rows), np.int64)
        np.add.at(total, where[inside], (flow.delivered_wh if into else flow.sent_wh)[inside])
        np.add.at(seconds, where[inside], flow.length_s[inside])
        known &= seconds == rows["length_s"]
    return total, known & bool(mine)


def exported_wh(
    book: Draft | State, zone: str, rows: NDArray[np.void]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give what a zone sent away: by its balance, else by its links; and where that is known. (intervals,) [Wh]"""
    sent, known = crossed_wh(book, zone, rows, into=False)
    balance = book.balances.get(zone)
    if balance is not None and len(balance.rows) and len(rows):
        where = np.minimum(np.searchsorted(balance.rows["start"], rows["start"]), len(balance.rows) - 1)
        found = balance.rows[where]
        same = (found["start"] == rows["start"]) & (found["length_s"] == rows["length_s"])
        same &= balance.stands[where]
        sent[same], known = found["export_wh"][same].astype(np.int64), known | same
    return sent, known


def closes(rows: NDArray[np.void], tolerance_permille: Whole) -> NDArray[np.bool_]:
    """Say of each interval whether what came in and what went out differ by no more than the tolerance of what came in."""
    came, went = (
        np.sum([rows[f"{term}_wh"].astype(np.int64) for term in terms], axis=0)
        for terms in (BALANCE_IN, BALANCE_OUT)
    )
    return np.asarray(np.abs(came - went) * 1000 <= came * tolerance_permille.astype(np.int64))


def fits(book: Draft | State, zone: str, rows: NDArray[np.void]) -> NDArray[np.bool_]:
    """Say of each interval of a balance whether the links' evidence is its import and export, and the claims within it."""
    good = claimed_wh(book, zone, rows) <= _used(rows)
    for term, into in (("import_wh", True), ("export_wh", False)):
        crossed, known = crossed_wh(book, zone, rows, into=into)
        said = rows[term].astype(np.int64)
        good &= np.where(known, said == crossed, said >= crossed)
    return good


def doubt(draft: Draft, zones: Iterable[str], start: Stamps) -> None:
    """Let a balance no longer stand where evidence that came since contradicts it (I9)."""
    for zone in zones:
        balance = draft.balances.get(zone)
        mine = _touched(balance, start)
        if balance is not None and len(mine):
            stands = balance.stands.copy()
            stands[mine] &= fits(draft, zone, balance.rows[mine])
            draft.balances[zone] = replace(balance, stands=stands)
            review(draft, told_by_export(draft, [zone], balance.rows["start"][balance.stands & ~stands]))


def told_by_export(draft: Draft, zones: Iterable[str], start: Stamps) -> list[int]:
    """Give the claims whose evidence of the place was counted with what a zone exported in any of these hours."""
    hours, inside = np.unique(start.astype("M8[h]")), set(zones)
    return [
        one.claim
        for one in draft.cancellations.values()
        if one.export_rule == Rule.PROPORTIONAL
        and draft.accounts[one.account].zone in inside
        and one.wh[np.isin(one.start.astype("M8[h]"), hours)].any()
    ]


def within(draft: Draft, accounts: Iterable[str], start: Stamps) -> None:
    """Refuse what would be claimed beyond all that a zone used, where its balance stands.

    Raises
    ------
    LedgerError
        I8: the residual mix would be below nothing.
    """
    for zone in dict.fromkeys(draft.accounts[name].zone for name in accounts):
        balance = draft.balances.get(zone)
        mine = _touched(balance, start)
        if balance is not None and len(mine):
            rows = balance.rows[mine[balance.stands[mine]]]
            total, claimed = _used(rows), claimed_wh(draft, zone, rows)
            for i in first_of(claimed > total):
                refuse(
                    _("I8: more is claimed in the zone than it used ({wh} Wh)", wh=int(total[i])),
                    of=zone,
                    hour=rows["start"][i],
                    seen=f"{int(claimed[i])} Wh",
                    todo=_("Correct the account's reading or the zone's balance first."),
                )


def _used(rows: NDArray[np.void]) -> NDArray[np.int64]:
    return np.asarray((rows["load_wh"] + rows["charge_wh"]).astype(np.int64))


def _touched(balance: Balance | None, start: Stamps) -> NDArray[np.int64]:
    """Give the rows of a balance in which any of the intervals that start at `start` lies."""
    if balance is None:
        return np.empty(0, np.int64)
    where, inside = _in(balance.rows, start)
    return np.unique(where[inside])


def _in(rows: NDArray[np.void], start: Stamps) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Say in which of the rising intervals each `start` lies, and whether in any."""
    if not len(rows):
        return np.zeros(len(start), np.int64), np.zeros(len(start), bool)
    begins = rows["start"].copy()
    where = begins.searchsorted(start, side="right") - 1
    end = begins[where] + rows["length_s"][where].astype("m8[s]")
    return np.maximum(where, 0), (where >= 0) & (start < end)
