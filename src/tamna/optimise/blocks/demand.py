r"""Demand, with load shedding by class: :math:`-D_t + \sum_k s_{k,t}`, :math:`0 \le s_{k,t} \le \phi_k D_t`.

Each class is a share :math:`\phi_k` of the demand with its value of lost load :math:`V_k`; cost of a step
:math:`h \sum_k V_k s_{k,t}`. The cheapest class goes first by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, Place
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, fraction
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import total_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from tamna.optimise.problem import Problem

KIND = _("demand")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadClass:
    """A class of load: its share of the demand, and what a lost MWh of it is worth [-, money/MWh]."""

    name: str
    share: float
    lost_per_mwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A load with a name of its own, beside the demand of all: a site, buses, trucks that take hydrogen away.

    Attributes
    ----------
    bus
        What it takes: electricity, or hydrogen as power on the lower heating value.
    classes
        What of it may go unserved, at what cost.
    """

    name: str
    bus: str = ELECTRICITY
    classes: tuple[LoadClass, ...] = ()


def add_demand(
    problem: Problem,
    name: str,
    *,
    demand_mw: ArrayLike,
    classes: tuple[LoadClass, ...] = (),
    bus: str = ELECTRICITY,
    one_place: bool = False,
) -> Share:
    """Add demand on a bus, and a column ``<name>/<class>_unserved`` for each class that may be shed.

    Parameters
    ----------
    demand_mw : number or (steps,), >= 0 [MW]
    classes
        Their shares add up to 1 at most; what is in none can never be shed.
    one_place
        Whether one failure takes all of it away: a load with a name of its own, not the demand of all.
    """
    mistakes: list[Mistake] = []
    for c in classes:
        mistakes += fraction(KIND, name, {f"{c.name}, share": c.share})
        mistakes += at_least(KIND, name, {f"{c.name}, lost_per_mwh": c.lost_per_mwh})
    if sum(c.share for c in classes) > 1.0 + 1e-9:
        mistakes.append(
            Mistake(
                what=_("the classes of load add up to more than the demand"),
                where=Place(path=f"{KIND} '{name}'"),
                seen=f"{sum(c.share for c in classes):g}",
                todo=_("Let their shares add up to 1 at most."),
            )
        )
    demand = problem.profile(f"{KIND} '{name}'", _("the demand"), demand_mw)
    if problem.note(mistakes):
        return Share(name=name)
    shed = [
        problem.columns(
            f"{name}/{c.name}_unserved",
            upper=np.maximum(demand, 0.0) * c.share,
            says=_("of '{name}', class '{kind}', no more is shed than is asked for", name=name, kind=c.name),
        )
        for c in classes
    ]
    h = problem.steps.hours
    served = demand - total_of(shed, len(demand))
    return Share(
        name=name,
        injection_mw={bus: total_of(shed, len(demand)) - demand},
        outfeed_mw=(served,) if one_place and bus == ELECTRICITY else (),
        cost=total_of([s * (h * c.lost_per_mwh) for s, c in zip(shed, classes, strict=True)], len(demand)),
    )
