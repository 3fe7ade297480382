"""What leads from zone to zone, what it carried, and what a zone's own meters say of it as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.integer[Any]]

__all__ = ["Balance", "Crossing", "Delivery", "Flow", "Link", "other_end"]


class Delivery(StrEnum):
    """How it is known what arrived: by a meter at the far end, or by the link's declared loss."""

    METERED = "metered"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A cable between two zones, or several that are metered as one.

    Attributes
    ----------
    ends
        The two zones.
    capacity_w
        What it can send at most, either way. [W]
    both_ways
        Whether it can send in both directions within one interval: a voltage-source converter, or several cables.
    loss_permille
        Lost energy over sent energy, where only one end is metered. [1/1000]
    """

    name: str
    ends: tuple[str, str]
    capacity_w: int
    both_ways: bool = False
    loss_permille: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """What a link carried one way, in time order, without overlap.

    Attributes
    ----------
    start, length_s : (intervals,) [UTC; s]
        The interval.
    sent_wh, delivered_wh : (intervals,) [Wh]
        What one end sent and the other got, by the latest reading.
    estimated : (intervals,)
        Whether that reading is an estimate.
    used_wh : (intervals,) [Wh]
        What of `sent_wh` is spoken for by cancellations, all accounts and plants together.
    """

    start: NDArray[np.datetime64]
    length_s: Whole
    sent_wh: Whole
    delivered_wh: Whole
    estimated: NDArray[np.bool_]
    used_wh: Whole

    @property
    def open_wh(self) -> NDArray[np.int64]:
        """What certificates may take in all: what was sent, where a meter says so (I4). (intervals,) [Wh]"""
        return np.where(self.estimated, 0, self.sent_wh).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """How the watt-hours of one cancellation came over a link.

    Attributes
    ----------
    way
        0 from the link's first end to its second, 1 back.
    cancelled_wh, carried_wh : (intervals,) [Wh]
        Certificates that stand cancelled, and of these what the link carried: the rest backs nothing since the flow
        was corrected. The load that they back is ``floor(carried x delivered / sent)``: certificates also cover the loss.
    """

    link: str
    way: int
    cancelled_wh: Whole
    carried_wh: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """What a zone's own meters say of it.

    Attributes
    ----------
    rows : (intervals,) of event.BALANCED
        In time order, without overlap; what was not measured has no row.
    tolerance_permille : (intervals,) [1/1000]
        How much of what came in may stay unexplained, as declared with the row.
    stands : (intervals,)
        False where other evidence of the book came to contradict the row; it waits for its correction.
    """

    rows: NDArray[np.void]
    tolerance_permille: Whole
    stands: NDArray[np.bool_]


def other_end(link: Link, zone: str) -> str | None:
    """Give the zone that the link leads to from `zone`; None where it does not touch it."""
    first, second = link.ends
    return second if zone == first else first if zone == second else None
