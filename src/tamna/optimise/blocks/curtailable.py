r"""Wind and PV: what the weather allows, less what is curtailed.

.. math:: \underline g_t \le g_t \le \hat g_t, \qquad \text{cost}_t = h\,(c\,g_t + k\,(\hat g_t - g_t))

with potential :math:`\hat g_t`, a part :math:`\underline g_t` that cannot be held back, cost c of what is made and k of what is curtailed (a price of lost energy, or a rank:
what is cheaper to curtail goes first).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, Place
from tamna.lang import _
from tamna.optimise.blocks.checks import within
from tamna.optimise.share import ELECTRICITY, Share

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]

KIND = _("fleet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtailable:
    """A fleet whose output can be held back.

    Attributes
    ----------
    cost_per_mwh, curtailment_cost_per_mwh
        Of what is made, and of what is held back. [money/MWh]
    """

    name: str
    cost_per_mwh: float = 0.0
    curtailment_cost_per_mwh: float = 0.0


def add_curtailable(
    problem: Problem, fleet: Curtailable, *, potential_mw: ArrayLike, must_take_mw: ArrayLike = 0.0
) -> Share:
    """Add a fleet: column ``<name>/power``. Upward reserve counts by the potential only.

    Parameters
    ----------
    potential_mw : number or (steps,), >= 0 [MW]
        What the weather allows.
    must_take_mw : number or (steps,), >= 0 [MW]
        What cannot be held back.
    """
    name, h = fleet.name, problem.steps.hours
    potential = problem.profile(f"{KIND} '{name}', potential_mw", _("the potential"), potential_mw)
    if refuse_negative(problem, name, potential):
        potential = np.maximum(potential, 0.0)
    tied = problem.profile(
        f"{KIND} '{name}', must_take_mw", _("the part that cannot be held back"), must_take_mw
    )
    if refuse_tied(problem, name, tied, potential):
        tied = np.clip(tied, 0.0, potential)
    power = problem.columns(
        f"{name}/power",
        lower=tied,
        upper=potential,
        says=_("'{name}' gives at most what the weather allows", name=name),
    )
    held = fleet.curtailment_cost_per_mwh
    return Share(
        name=name,
        injection_mw={ELECTRICITY: power},
        cost=power * (h * (fleet.cost_per_mwh - held)) + h * held * potential,
        up_mw=(potential - power,),
        down_mw=(power - tied,),
    )


def refuse_tied(problem: Problem, name: str, tied: Floats, potential: Floats) -> bool:
    """Note hours in which what cannot be held back is below zero, or more than the potential, (steps,) [MW]."""
    says = _("what cannot be held back lies outside what the weather allows")
    return within(problem, f"{KIND} '{name}', must_take_mw", tied, (0.0, potential), says)


def refuse_negative(problem: Problem, name: str, potential: Floats) -> bool:
    """Note hours in which a fleet's potential lies below zero, (steps,) [MW]; tells whether there was one."""
    negative = np.flatnonzero(potential < 0.0)
    if not len(negative):
        return False
    return problem.note(
        [
            Mistake(
                what=_("the potential is below zero"),
                where=Place(path=f"{KIND} '{name}', potential_mw, {problem.steps.label(int(negative[0]))}"),
                seen=f"{potential[negative[0]]:g}",
                todo=_("Count station use as demand, and give 0 here."),
            )
        ]
    )
