"""Where one more MW of an hour would come from: how everything moves with it, in that hour and in others.

A price is often no single asset's: a unit gives more, a floor lacks less, a store gives up what it had kept for the evening.
With :math:`B` the basis of the answer and :math:`e_t` the hour's row of the balance, all that moves is :math:`B^{-1} e_t`;
its costs add up to the price, so that the sentence and the price cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.floor import BELOW
from tamna.lang import Message, _
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.system import System
    from tamna.optimise.problem import Steps
    from tamna.optimise.share import Share
    from tamna.optimise.solution import Solution
    from tamna.optimise.solver import Model

    Floats = NDArray[np.float64]

BALANCE = f"balance/{ELECTRICITY}"
NEAR_MW = 5e-3
"""Moves by less are not told, of one MW."""
MOST_TOLD = 4
CALLED: Mapping[str, Message] = {
    "demand": _("load that is not served"),
    "surplus": _("energy that somebody takes"),
    BELOW: _("what units and links lack of their floor"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What one thing does with one more MW of demand in an hour.

    Attributes
    ----------
    name
        Of an asset, or of what is missing: a key of `CALLED`, or a product of reserve.
    mw
        What it puts in more, or what is missing more. [MW]
    asset
        Whether it is an asset that puts power in or takes it.
    elsewhere
        The hour, where it is another one.
    """

    name: str
    mw: float
    asset: bool = True
    elsewhere: str = ""

    @property
    def said(self) -> str:
        """Tell it: who, and by how much."""
        name = CALLED.get(self.name) or (
            self.name if self.asset else _("what is missing of '{name}'", name=self.name)
        )
        said = f"{name} {self.mw:+.1f} MW"
        return f"{said} ({self.elsewhere})" if self.elsewhere else said


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """Asks an answer without whole numbers what would move; the solver is asked for one hour at a time.

    Attributes
    ----------
    model
        Just solved; `found` is its answer.
    """

    system: System
    shares: Sequence[Share]
    model: Model
    found: Solution
    steps: Steps

    def at(self, step: int) -> tuple[Move, ...]:
        """Give what moves with one more MW of demand in a step, its own hour first; nothing where no basis is left."""
        moved = self.model.shift(self.found.rows[BALANCE].first + step)
        if moved is None:
            return ()
        mine = [m for m in self._of(moved, step) if abs(m.mw) > NEAR_MW]
        return tuple(
            sorted(mine, key=lambda m: (bool(m.elsewhere), not m.asset, -round(abs(m.mw), 6), m.name))
        )

    def _of(self, moved: Floats, step: int) -> Iterator[Move]:
        for share in self.shares:
            if ELECTRICITY in share.injection_mw:
                terms = share.injection_mw[ELECTRICITY].expanded()
                yield from self._each(share.name, terms.value(moved) - terms.constant, step, asset=True)
        missing = {BELOW: BELOW} | {p.name: f"{p.name}/short" for p in self.system.reserves}
        for name, column in missing.items():
            if column in self.found.columns:
                mw = moved[self.found.columns[column].place]
                yield from self._each(name, mw, step, asset=False)

    def _each(self, name: str, mw: Floats, step: int, *, asset: bool) -> Iterator[Move]:
        for t in np.flatnonzero(np.abs(mw) > NEAR_MW):
            elsewhere = "" if t == step else self.steps.label(int(t))
            yield Move(name=name, mw=float(mw[t]), asset=asset, elsewhere=elsewhere)


def givers(moves: Sequence[Move]) -> tuple[str, ...]:
    """Name the assets that put more in, in the hour itself."""
    return tuple(m.name for m in moves if m.asset and m.mw > 0.0 and not m.elsewhere)


def in_words(moves: Sequence[Move]) -> str:
    """Tell the moves, the largest of the hour itself first; what is left out is counted."""
    told = ", ".join(m.said for m in moves[:MOST_TOLD])
    more = len(moves) - MOST_TOLD
    return str(_("{told} and {n} more moves", told=told, n=more)) if more > 0 else told
