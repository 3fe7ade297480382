"""What a block hands back, and the one balance that sums it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.optimise.terms import Algebra, Terms, total_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tamna.optimise.problem import Problem

ELECTRICITY, HYDROGEN = "electricity", "hydrogen"
"""Buses of one island: power [MW], and hydrogen as power on its lower heating value [MW]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one asset adds to the whole; every expression has one row a step.

    Attributes
    ----------
    name
        Of the asset.
    injection_mw
        By bus: what it puts in, what it takes out being negative. [MW]
    cost
        What it costs in a step. [money]
    up_mw, down_mw
        Limits of the reserve that it can hold ready, more and less power than scheduled; each of them holds, and
        nothing is held where there is none. [MW]
    up_ramp_mw
        Limit of the reserve upward that its ramp leaves within a step; more where a product has longer. None: no such limit. [MW]
    up_mwh, down_mwh
        Energy that it could give, or take, at the meter beyond its schedule; None where energy is no limit. [MWh]
    up_before_mwh, down_before_mwh
        The same at the beginning of the step, its schedule of the step not counted; asked only where a product lasts less
        than a step. [MWh]
    ramp_up_mw_per_h, ramp_down_mw_per_h
        How fast reserve comes. [MW/h]
    emitted_t
        CO2 of a step; None where there is none. [tCO2]
    infeed_mw, outfeed_mw
        What one failure of it takes away from supply, or from demand: at least each of these. [MW]
    on
        1 while its machine turns with the grid, 0 while it does not; None where it has none. [-]
    strength_needed_mva
        Short-circuit power that what it carries asks for; None where it asks for none. [MVA]
    """

    name: str
    injection_mw: Mapping[str, Algebra] = field(default_factory=dict)
    cost: Algebra | None = None
    up_mw: tuple[Algebra, ...] = ()
    down_mw: tuple[Algebra, ...] = ()
    up_ramp_mw: Algebra | None = None
    up_mwh: Algebra | None = None
    down_mwh: Algebra | None = None
    up_before_mwh: Algebra | None = None
    down_before_mwh: Algebra | None = None
    ramp_up_mw_per_h: float = math.inf
    ramp_down_mw_per_h: float = math.inf
    emitted_t: Algebra | None = None
    infeed_mw: tuple[Algebra, ...] = ()
    outfeed_mw: tuple[Algebra, ...] = ()
    on: Algebra | None = None
    strength_needed_mva: Algebra | None = None


def add_balance(problem: Problem, shares: Iterable[Share]) -> None:
    r"""What is put in is taken out, on every bus in every step; and the shares' cost is what is minimised.

    .. math:: \sum_k p_{k,b,t} = 0, \qquad \min \sum_k \sum_t c_{k,t}

    Rows are named ``balance/<bus>``; their duals over the step's length are the price there. The balance does not
    know what kinds of asset exist.
    """
    shares = tuple(shares)
    for bus in sorted({bus for share in shares for bus in share.injection_mw}):
        problem.rows(
            f"balance/{bus}",
            total_of((s.injection_mw[bus] for s in shares if bus in s.injection_mw), problem.steps.count),
            equal=0.0,
            says=_("supply equals demand on '{bus}'", bus=bus),
        )
    for share in shares:
        if share.cost is not None:
            problem.minimise(share.cost)


def cost_of(share: Share, problem: Problem) -> Terms:
    """Give the share's cost a step, 0 where it has none [money]."""
    return problem.nothing() if share.cost is None else share.cost.expanded()
