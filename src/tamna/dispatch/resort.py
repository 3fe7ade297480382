r"""The last resort: what happens where nothing else can, at a price that nobody pays willingly, so that no hour is without an answer.

.. math:: \sum_k p_{k,t} = e_t, \qquad \sum_{k \in \text{thermal, links}} p_{k,t} + f_t \ge F_t, \qquad
    \text{cost}_t = h\,(V_e e_t + V_f f_t)

Energy :math:`e_t` that nobody takes (a unit would be switched off in haste), and what the floor lacks :math:`f_t`. In a
plan made with open eyes both are 0; a day that comes otherwise than foreseen, with units held on, may need them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.dispatch.assumed import Assumed
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY, Share

if TYPE_CHECKING:
    from tamna.optimise.problem import Problem

SURPLUS, BELOW_FLOOR = "surplus", "floor_short"
"""Names of the two shares, and of their columns behind a ``/mw``."""
TAKEN = Assumed(
    path="surplus, price_of_what_nobody_takes", value=5_000_000, low=1_000_000, high=10_000_000, unit="KRW/MWh",
    why=_("switching a unit off in haste puts the island at risk; no price of it is published"),
)  # fmt: skip
LACKING = Assumed(
    path="floor, price_of_what_is_missing", value=1_000_000, low=300_000, high=3_000_000, unit="KRW/MWh",
    why=_("wind and PV are held back before must-run units and links go below their floor"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Resort:
    """Prices of the last resort: of energy that nobody takes, and of what the floor lacks. [money/MWh]"""

    surplus_per_mwh: float = TAKEN.value
    below_floor_per_mwh: float = LACKING.value


def add_resort(problem: Problem, resort: Resort) -> tuple[Share, Share]:
    """Add ``surplus/mw`` and ``floor_short/mw``.

    Returns
    -------
    tuple
        The share of the surplus, for the balance; and that of the floor, whose injection counts for the floor only.
    """
    h = problem.steps.hours
    left = problem.columns(f"{SURPLUS}/mw", says=_("energy that nobody takes"))
    lacks = problem.columns(f"{BELOW_FLOOR}/mw", says=_("what must-run units and links lack of their floor"))
    return (
        Share(
            name=SURPLUS, injection_mw={ELECTRICITY: -1.0 * left}, cost=left * (h * resort.surplus_per_mwh)
        ),
        Share(
            name=BELOW_FLOOR,
            injection_mw={ELECTRICITY: lacks},
            cost=lacks * (h * resort.below_floor_per_mwh),
        ),
    )
