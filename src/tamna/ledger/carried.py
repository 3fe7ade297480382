"""What carries energy on after it was claimed: through a storage, into hydrogen, over the lots of a product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.ledger.trace import NOTHING_LEFT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tamna.ledger.trace import Charge, Traced

__all__ = ["Batch", "LotShare", "Lots", "Window"]


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What one entry says of a storage over a period.

    Attributes
    ----------
    entry, claim
        The entry itself, and the claim over the storage's charging on which it rests.
    charge
        What went in, by origin.
    rows : (intervals,) of event.READ
        The discharge meter.
    efficiency
        What comes out of what went in, as a fraction of whole numbers.
    traced
        What left, by origin, by the book's own count.
    """

    entry: int
    claim: int
    charge: Charge
    rows: NDArray[np.void]
    efficiency: tuple[int, int]
    traced: Traced = NOTHING_LEFT


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Hydrogen that one entry made of the electricity of one claim.

    Attributes
    ----------
    rows : (intervals,) of event.MADE
        Mass and outside heat of each interval.
    wh
        Electricity of the claim's period. [Wh]
    """

    name: str
    converter: str
    claim: int
    rows: NDArray[np.void]
    wh: int

    @property
    def mg(self) -> int:
        """Mass. [mg]"""
        return int(self.rows["mg"].sum())


@dataclass(frozen=True, slots=True)
class LotShare:
    """One lot of a site's output: it lasts from `start` to `end` and weighs `weight` beside the others of an hour."""

    lot: str
    start: np.datetime64
    end: np.datetime64
    weight: int


@dataclass(frozen=True, slots=True)
class Lots:
    """How the energy of one claim is shared out over lots."""

    product: str
    claim: int
    shares: tuple[LotShare, ...]
