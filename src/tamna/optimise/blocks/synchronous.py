r"""Synchronous support: machines that turn with the grid give it short-circuit power and inertia.

With unit or condenser k turning :math:`u_{k,t}`, its short-circuit power :math:`S_k` and inertia :math:`H_k`, requirements
:math:`S_t, H_t` and LCC links l that carry :math:`i_{l,t} + x_{l,t}` at a ratio :math:`\rho_l`:

.. math::
    \sum_k S_k u_{k,t} + s_t &\ge S_t, \qquad
    \sum_k S_k u_{k,t} + s_t \ge \sum_l \rho_l\,(i_{l,t} + x_{l,t}), \qquad
    \sum_k H_k u_{k,t} + z_t \ge H_t \\
    \text{cost}_t &= h\,(V_S s_t + V_H z_t)

A **condenser** turns without fuel and takes its losses from the grid: :math:`\text{injection}_t = -L u_t`,
:math:`v_t \ge u_t - u_{t-1}`, :math:`\text{cost}_t = C v_t`. A unit that can run as one is either:
:math:`u_t + u^{\text{unit}}_t \le 1`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, place
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import first, lag, total_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import ArrayLike

    from tamna.optimise.problem import Problem
    from tamna.optimise.terms import Algebra, Columns

KIND, CONDENSER = _("synchronous support"), _("condenser")
NAME = "synchronous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the unit or condenser `name` gives while it turns: short-circuit power [MVA] and inertia [MW s]."""

    name: str
    strength_mva: float = 0.0
    inertia_mws: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condenser:
    """A machine that turns for the grid's sake.

    Attributes
    ----------
    loss_mw
        What it takes while it turns. [MW]
    start_cost
        Of getting it to turn. [money]
    of
        Name of the thermal unit that runs as this condenser when it burns nothing; None: a machine of its own.
    """

    name: str
    loss_mw: float = 0.0
    start_cost: float = 0.0
    of: str | None = None

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        yield from at_least(CONDENSER, self.name, {"loss_mw": self.loss_mw, "start_cost": self.start_cost})


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronous:
    """Who supports the grid, and what support that is missing costs.

    Attributes
    ----------
    machines
        Units and condensers by name.
    short_per_mva_h, short_per_mws_h
        Price of what is missing for an hour; inf: nothing may be. [money/(MVA h), money/(MW s h)]
    """

    machines: tuple[Machine, ...] = ()
    short_per_mva_h: float = np.inf
    short_per_mws_h: float = np.inf

    def mistakes(self, known: set[str]) -> Iterator[Mistake]:
        """Find what cannot be meant, machines that are not among the `known` names too."""
        prices = {"short_per_mva_h": self.short_per_mva_h, "short_per_mws_h": self.short_per_mws_h}
        yield from at_least(KIND, NAME, prices)
        for m in self.machines:
            yield from at_least(KIND, m.name, {"strength_mva": m.strength_mva, "inertia_mws": m.inertia_mws})
            if m.name not in known:
                yield Mistake(
                    what=_("no unit or condenser has this name"),
                    where=place(KIND, NAME, "machines"),
                    seen=m.name,
                    todo=_("Known: {names}.", names=", ".join(sorted(known))),
                )


def add_condenser(
    problem: Problem, condenser: Condenser, *, turning: bool = False, unit_on: Algebra | None = None,
    available: ArrayLike = 1.0,
) -> Share:  # fmt: skip
    """Add a condenser: columns ``<name>/on``, and ``start`` where a start costs something.

    Parameters
    ----------
    turning
        Whether it turned just before the first step.
    unit_on
        1 while the unit that it is burns fuel, (steps,). [-]
    available : number or (steps,)
        0 where it is out of service. [-]
    """
    if problem.note(condenser.mistakes()):
        return Share(name=condenser.name)
    name, n = condenser.name, problem.steps.count
    in_service = problem.profile(f"{CONDENSER} '{name}'", _("availability"), available) > 0.0
    says = _("'{name}' turns, or not", name=name)
    on = problem.columns(f"{name}/on", upper=in_service.astype(np.float64), integer=True, says=says)
    if unit_on is not None:
        says = _("'{name}' burns fuel or runs as a condenser, not both", name=name)
        problem.rows(f"{name}/either", on + unit_on, upper=1.0, says=says)
    cost: Algebra | None = None
    if condenser.start_cost:
        says = _("'{name}' pays for each start", name=name)
        start = problem.columns(f"{name}/start", upper=1.0, says=says)
        problem.rows(f"{name}/starts", on - lag(on) - start, upper=first(float(turning), n), says=says)
        cost = start * condenser.start_cost
    return Share(name=name, injection_mw={ELECTRICITY: on * -condenser.loss_mw}, cost=cost, on=on)


def add_synchronous(
    problem: Problem, need: Synchronous, shares: Iterable[Share], *, strength_mva: ArrayLike = 0.0,
    inertia_mws: ArrayLike = 0.0,
) -> Share:  # fmt: skip
    """Add the requirement: columns ``synchronous/short_mva, short_mws``, rows for the grid, the LCC links, inertia.

    Parameters
    ----------
    shares
        Of all assets: those that turn, and links that need a strong grid.
    strength_mva, inertia_mws : number or (steps,)
        What is required in any case. [MVA, MW s]
    """
    shares = tuple(shares)
    turning = {s.name: s.on for s in shares if s.on is not None}
    strength = problem.profile(f"{KIND}, strength_mva", _("the requirement"), strength_mva)
    inertia = problem.profile(f"{KIND}, inertia_mws", _("the requirement"), inertia_mws)
    refused = {s.name for s in shares if not s.injection_mw}
    if problem.note(need.mistakes(set(turning) | refused)) or refused & {m.name for m in need.machines}:
        return Share(name=NAME)
    n, h = problem.steps.count, problem.steps.hours
    short_mva = _short(problem, "short_mva", need.short_per_mva_h)
    short_mws = _short(problem, "short_mws", need.short_per_mws_h)
    given = total_of([turning[m.name] * m.strength_mva for m in need.machines] + [short_mva], n)
    says = _("machines that turn give the short-circuit power that is required")
    problem.rows(f"{NAME}/strength", given, lower=strength, says=says)
    needed = [s.strength_needed_mva for s in shares if s.strength_needed_mva is not None]
    if needed:
        says = _("machines that turn give the short-circuit power that LCC links need")
        problem.rows(f"{NAME}/links", given - total_of(needed, n), lower=0.0, says=says)
    turned = total_of([turning[m.name] * m.inertia_mws for m in need.machines] + [short_mws], n)
    says = _("machines that turn give the inertia that is required")
    problem.rows(f"{NAME}/inertia", turned, lower=inertia, says=says)
    prices = (short_mva, need.short_per_mva_h), (short_mws, need.short_per_mws_h)
    cost = total_of([s * (h * price) for s, price in prices if np.isfinite(price)], n)
    return Share(name=NAME, cost=cost)


def _short(problem: Problem, what: str, price: float) -> Columns:
    return problem.columns(
        f"{NAME}/{what}", upper=np.inf if np.isfinite(price) else 0.0, says=_("support that is missing")
    )
