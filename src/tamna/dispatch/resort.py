r"""The last resort: what happens to energy that nobody takes, at a price that nobody pays willingly.

.. math:: \sum_k p_{k,t} = e_t, \qquad \text{cost}_t = h\,V e_t

In a plan made with open eyes it is 0; a day that comes otherwise than foreseen, with units held on, may need it: a unit
would be switched off in haste. Shortage has its prices elsewhere (`demand`, `reserve`), and a floor gives way at its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.dispatch.assumed import Assumed
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY, Share

if TYPE_CHECKING:
    from tamna.optimise.problem import Problem

SURPLUS = "surplus"
"""Name of the share, and of its column behind a ``/mw``."""
TAKEN = Assumed(
    path="surplus, price_of_what_nobody_takes", value=5_000_000, low=1_000_000, high=10_000_000, unit="KRW/MWh",
    why=_("switching a unit off in haste puts the island at risk; no price of it is published"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Resort:
    """The price of energy that nobody takes. [money/MWh]"""

    surplus_per_mwh: float = TAKEN.value


def add_resort(problem: Problem, resort: Resort) -> Share:
    """Add ``surplus/mw``."""
    left = problem.columns(f"{SURPLUS}/mw", says=_("energy that nobody takes"))
    cost = left * (problem.steps.hours * resort.surplus_per_mwh)
    return Share(name=SURPLUS, injection_mw={ELECTRICITY: -1.0 * left}, cost=cost)
