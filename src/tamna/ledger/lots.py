"""A site's hours shared out over the lots of its product: trays of eggs, a day's milk, a truck of hydrogen (I7).

Every lot lasts for a time and has a weight: what of the site's output it is. In each interval the site's energy, and
each part of it that is claimed, is shared out over the lots of that interval by weight, in whole watt-hours that add
up exactly (largest remainder). No lot gets more claimed energy in an interval than it used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.lang import _
from tamna.ledger.carried import Lots, LotShare
from tamna.ledger.claiming import hours_of
from tamna.ledger.event import CLAIM, CLAIM_PARTS
from tamna.ledger.facts import maybe_entries, moment, text, whole
from tamna.ledger.load import covering
from tamna.ledger.refusal import refuse
from tamna.ledger.state import Standing
from tamna.ledger.stated import stated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.ledger.event import Event
    from tamna.ledger.state import Draft

    Whole = NDArray[np.integer[Any]]

__all__ = ["lot", "lot_hours", "share_out", "shared"]

_MOST_WEIGHT: Final = 2**40
_MOST_CELLS: Final = 50_000_000  # lots x intervals of one entry


def share_out(draft: Draft, event: Event) -> None:
    """Write how the energy of a claim is shared out.

    Raises
    ------
    LedgerError
        The claim is not good or shared out already; a lot is longer than it; an interval with load has no lot.
    """
    about = event.about
    number, product = whole(about, "claim"), text(about, "product")
    claim = draft.claims.get(number)
    if claim is None or claim.standing is not Standing.GOOD:
        refuse(_("lots rest on a good claim"), of=product, seen=number)
    if draft.bound.get(claim.account) == "storage":
        refuse(_("what is stored comes out again and is no product yet"), of=product, seen=claim.account)
    replaced = maybe_entries(about, "replaces")
    for old in replaced:
        held = draft.lots.get(old)
        if held is None or (held.product, draft.claims[held.claim].account) != (product, claim.account):
            refuse(_("no such sharing to replace"), of=product, seen=old)
    if any(one.claim == number for entry, one in draft.lots.items() if entry not in replaced):
        refuse(_("the claim is shared out already"), of=product, seen=number)
    shares = tuple(_share(product, s) for s in about.get("lots") or [{}])
    if len({s.lot for s in shares}) != len(shares):
        refuse(_("two lots of one name"), of=product)
    for one in shares:
        if not claim.start <= one.start < one.end <= claim.end:
            refuse(_("the lot is longer than the claim it is a part of"), of=one.lot, hour=one.start)
    lots = Lots(product, number, shares)
    lot_hours(draft, lots)
    for old in replaced:
        del draft.lots[old]
    for entry in [e for e, rows in draft.lot_rows.items() if rows[0] in replaced]:
        draft.lots_written.discard(draft.lot_rows.pop(entry))
    draft.lots[draft.size] = lots


def lot(draft: Draft, event: Event) -> None:
    """Write the hours of one lot; they follow from the sharing."""
    number, name = whole(event.about, "lots"), text(event.about, "lot")
    lots = draft.lots.get(number)
    share = None if lots is None else draft.shares_of(number).get(name)
    if lots is None or share is None:
        refuse(_("no such lot in the book"), of=name, seen=number)
    if draft.claims[lots.claim].standing is not Standing.GOOD:
        refuse(_("lots rest on a good claim"), of=name, seen=lots.claim)
    said = (
        event.about.get("account"),
        event.about.get("product"),
        moment(event.about, "start"),
        moment(event.about, "end"),
    )
    claim = draft.claims[lots.claim]
    policy = stated(draft.cancellations[c] for c in claim.cancellations)
    if (
        said != (claim.account, lots.product, share.start, share.end)
        or event.about.get("stated", {}) != policy
    ):
        refuse(_("the lot says what its sharing does not"), of=name)
    if (number, name) in draft.lots_written:
        refuse(_("this lot stands in the book"), of=name)
    if number not in draft.lot_tables:
        draft.lot_tables[number] = lot_hours(draft, lots)
    rows = draft.lot_tables[number][name]
    if event.rows.tobytes() != rows.tobytes():
        refuse(_("the hours of the lot are not those of the book"), of=name)
    draft.lot_rows[draft.size] = (number, name)
    draft.lots_written.add((number, name))


def lot_hours(draft: Draft, lots: Lots) -> dict[str, NDArray[np.void]]:
    """Give the hours of every lot of a sharing, each (intervals,) of `event.CLAIM`."""
    claim = draft.claims[lots.claim]
    used = draft.loads[draft.account(claim.account)]
    where = covering(used, claim.account, claim.start, claim.end)
    hours = hours_of(used, where, [draft.cancellations[c] for c in claim.cancellations])
    for one in lots.shares:
        covering(used, one.lot, one.start, one.end)  # a lot cuts no interval
    if len(hours) * len(lots.shares) > _MOST_CELLS:
        refuse(
            _("too many lots and intervals in one entry"), of=lots.product, todo=_("Claim shorter periods.")
        )
    weight = np.array(
        [np.where((hours["start"] >= s.start) & (hours["start"] < s.end), s.weight, 0) for s in lots.shares],
        np.int64,
    ).T
    for i in np.flatnonzero((weight.sum(axis=1) == 0) & (hours["load_wh"] > 0))[:1]:
        refuse(
            _("no lot covers this interval"), of=lots.product, hour=hours["start"][i],
            todo=_("Give the rest of the output a lot of its own."),
        )  # fmt: skip
    parts = shared({name: hours[name] for name in ("load_wh", *(f"{p}_wh" for p in CLAIM_PARTS))}, weight)
    out = {}
    for k, one in enumerate(lots.shares):
        mine = weight[:, k] > 0
        rows = np.zeros(int(mine.sum()), CLAIM)
        for name in ("start", "length_s", "estimated"):
            rows[name] = hours[name][mine]
        for name, wh in parts.items():
            rows[name] = wh[mine, k]
        out[one.lot] = rows
    return out


def shared(columns: Mapping[str, Whole], weight: Whole) -> dict[str, Whole]:
    """Share each column out over lots; the first is the load, and the others lie within each lot's load.

    Parameters
    ----------
    columns : each (intervals,) [Wh]
        The load, then its parts; the parts together are at most the load.
    weight : (intervals, lots) [-]
        Whole, >= 0.

    Returns
    -------
    each (intervals, lots) [Wh]
        Sums over lots are the columns exactly.

    Examples
    --------
    >>> two = shared({"load_wh": np.array([7]), "self_wh": np.array([5])}, np.array([[1, 1]]))
    >>> two["load_wh"].tolist(), two["self_wh"].tolist()
    ([[4, 3]], [[3, 2]])
    """
    (first, load), *parts = columns.items()
    free = np.where(weight > 0, np.iinfo(np.int64).max, 0)
    out = {first: _largest_remainder(load.astype(np.int64), weight, free)}
    rest = out[first].copy()
    for name, wh in parts:
        out[name] = _largest_remainder(wh.astype(np.int64), weight, rest)
        rest -= out[name]
    return out


def _largest_remainder(total: Whole, weight: Whole, most: Whole) -> Whole:
    """Share `total` (intervals,) by `weight` (intervals, lots), no lot above `most`."""
    whole_weight = np.maximum(weight.sum(axis=1), 1)[:, None]
    exact = (
        total[:, None].astype(object) * weight.astype(object)
        if _too_large(total, weight)
        else total[:, None] * weight
    )
    part: Whole = np.minimum((exact // whole_weight).astype(np.int64), most)
    remainder = (exact % whole_weight).astype(np.float64) / whole_weight
    left = total - part.sum(axis=1)
    rank_by = np.where(weight > 0, remainder, -1.0)
    while (left > 0).any():
        able = (most > part) & (weight > 0)
        order = np.argsort(np.where(able, -rank_by, 2.0), axis=1, kind="stable")
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
        gift = able & (place < left[:, None])
        assert gift.any()
        part += gift
        left = total - part.sum(axis=1)
    return part


def _too_large(total: Whole, weight: Whole) -> bool:
    return bool(len(total)) and int(total.max()) * int(weight.max(initial=0)) >= 2**62


def _share(product: str, facts: Any) -> LotShare:
    if not isinstance(facts, dict):
        refuse(_("a lot has a name, a period and a weight"), of=product)
    one = LotShare(text(facts, "lot"), moment(facts, "start"), moment(facts, "end"), whole(facts, "weight"))
    if not 0 < one.weight <= _MOST_WEIGHT:
        refuse(_("a lot has a name, a period and a weight"), of=one.lot, seen=one.weight)
    return one
