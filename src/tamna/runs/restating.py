"""What a corrected meter does to a book: readings restated, claims put under review, lots taken back and made again.

Nothing is edited: old readings, claims and lots stay in the journal as history, and only what stands now changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamna.grid.clock import iso
from tamna.ledger.state import Claim, Standing, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Correction", "Doubted", "GivenBack", "Remade", "Restated", "Salts", "restated"]

Salts = Callable[..., str] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correction:
    """Readings of one meter that the store holds otherwise than the book did.

    Attributes
    ----------
    entry
        The entry of the journal that corrects them.
    name, load
        An account's consumption (`load`), or a device's output.
    start : (intervals,) [UTC]
    before_wh, after_wh : (intervals,) [Wh]
    estimated : (intervals,)
        Whether the reading is an estimate now; where the energy is the same, this is what was corrected.
    claims
        Entries of the claims that it put under review.
    """

    entry: int
    name: str
    load: bool
    start: NDArray[np.datetime64]
    before_wh: NDArray[np.int64]
    after_wh: NDArray[np.int64]
    estimated: NDArray[np.bool_]
    claims: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GivenBack:
    """Evidence of the place that no longer stands against an account's load, for the mix was metered otherwise since.

    Attributes
    ----------
    entry
        The entry of the journal that gives it back.
    name
        The account.
    start : (intervals,) [UTC]
    wh
        In all of them. [Wh]
    claims
        Entries of the claims that it put under review; none that a correction had put there before.
    """

    entry: int
    name: str
    start: NDArray[np.datetime64]
    wh: int
    claims: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """A claim that did not stand: `again` is the entry that took its place, None while it stays under review."""

    entry: int
    claim: Claim
    again: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A lot whose certificate was taken back: `again` is the entry of the lot as it stands now, or None."""

    product: str
    name: str
    entry: int
    again: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Restated:
    """What corrections did to a book; nothing of it where no reading was corrected and nothing was under review."""

    corrections: tuple[Correction, ...] = ()
    returned: tuple[GivenBack, ...] = ()
    claims: tuple[Doubted, ...] = ()
    lots: tuple[Remade, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Say it as JSON would."""
        return {
            "meters": [
                {
                    "entry": c.entry,
                    "name": c.name,
                    "of": "consumption" if c.load else "output",
                    "intervals": len(c.start),
                    "first": iso(c.start[0]),
                    "last": iso(c.start[-1]),
                    "before_wh": int(c.before_wh.sum()),
                    "after_wh": int(c.after_wh.sum()),
                    "estimated_now": int(c.estimated.sum()),
                    "claims_under_review": list(c.claims),
                }
                for c in self.corrections
            ],
            "evidence_given_back": [
                {
                    "entry": r.entry,
                    "account": r.name,
                    "intervals": len(r.start),
                    "first": iso(r.start[0]),
                    "last": iso(r.start[-1]),
                    "wh": r.wh,
                    "claims_under_review": list(r.claims),
                }
                for r in self.returned
            ],
            "claims": [
                {
                    "entry": d.entry,
                    "account": d.claim.account,
                    "start": iso(d.claim.start),
                    "end": iso(d.claim.end),
                    "claimed_again": d.again,
                }
                for d in self.claims
            ],
            "lots": [
                {"product": r.product, "name": r.name, "taken_back": r.entry, "issued_again": r.again}
                for r in self.lots
            ],
        }


def restated(
    before: State, after: State, corrections: Sequence[Correction], returned: Sequence[GivenBack] = ()
) -> Restated:
    """Compare a book before and after: which claims and lots no longer stand, and what took their place.

    Lots that were taken back earlier (another product's run corrected a meter that both use) and are issued again
    now are among them; claims of other accounts that stay under review too.
    """
    claims = tuple(
        Doubted(entry=entry, claim=one, again=_successor(after, one))
        for entry, one in before.claims.items()
        if one.standing is not Standing.REPLACED
        and (after.claims[entry].standing is not one.standing or one.standing is Standing.REVIEW)
    )
    now = {_lot(after, entry): entry for entry in after.lot_rows if _stands(after, entry)}
    lots = tuple(
        Remade(
            product=_lot(before, entry)[1],
            name=_lot(before, entry)[2],
            entry=entry,
            again=now.get(_lot(before, entry)),
        )
        for entry in before.lot_rows
        if not (entry in after.lot_rows and _stands(after, entry))
        and (_stands(before, entry) or _lot(before, entry) in now)
    )
    return Restated(corrections=tuple(corrections), returned=tuple(returned), claims=claims, lots=lots)


def _successor(after: State, old: Claim) -> int | None:
    """Give the good claim that covers what a claim covered."""
    return next(
        (
            entry
            for entry, one in after.claims.items()
            if one.standing is Standing.GOOD
            and one.account == old.account
            and one.start <= old.start
            and one.end >= old.end
        ),
        None,
    )


def _stands(state: State, lot: int) -> bool:
    return state.claims[state.lots[state.lot_rows[lot][0]].claim].standing is Standing.GOOD


def _lot(state: State, lot: int) -> tuple[str, str, str]:
    """Name a lot: whose, of which product, and its mark."""
    sharing, name = state.lot_rows[lot]
    one = state.lots[sharing]
    return state.claims[one.claim].account, one.product, name
