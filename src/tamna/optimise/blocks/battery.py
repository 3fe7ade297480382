r"""A battery: two flows at the meter, one level, one law.

.. math::
    e_t &= e_{t-1} + h\,(\eta_c\, c_t - d_t / \eta_d), \qquad 0 \le e_t \le E \\
    0 &\le c_t \le P_c, \qquad 0 \le d_t \le P_d, \qquad \text{cost}_t = h\, k\, d_t

:math:`e_{-1}` is the start, or :math:`e_{T-1}` where the period closes on itself. Charging and discharging at once
burns energy, which pays only where energy has a price below zero; `exclusive` then forbids it with a yes or no a step,
:math:`c_t \le P_c b_t,\; d_t \le P_d (1 - b_t)`. A limit on cycles: :math:`\sum_{t \in \text{day}} h\, d_t \le N E`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, finite, fraction, ordered
from tamna.optimise.blocks.day import Clock, add_daily
from tamna.optimise.blocks.level import add_level
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import first, lag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.errors import Mistake
    from tamna.optimise.problem import Problem
    from tamna.optimise.terms import Columns

KIND = _("battery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """A battery, measured on the AC side of its meter.

    Attributes
    ----------
    charge_mw, discharge_mw
        Largest flows at the meter. [MW]
    energy_mwh
        Usable energy between empty and full. [MWh]
    charging, discharging
        Stored over taken in, and given out over taken from the store, in (0, 1]. [-]
    wear_per_mwh
        Cost of a discharged MWh. [money/MWh]
    cycles_per_day
        Most full discharges between two midnights. [1/d]
    """

    name: str
    charge_mw: float
    discharge_mw: float
    energy_mwh: float
    charging: float = 1.0
    discharging: float = 1.0
    wear_per_mwh: float = 0.0
    cycles_per_day: float = np.inf

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("charge_mw", "discharge_mw", "energy_mwh", "wear_per_mwh", "cycles_per_day")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})
        sizes = ("charge_mw", "discharge_mw", "energy_mwh", "wear_per_mwh")
        given = {k: v for k in sizes if not np.isnan(v := getattr(self, k))}
        yield from finite(KIND, self.name, given)
        yield from fraction(KIND, self.name, {"charging": self.charging, "discharging": self.discharging})


def add_battery(
    problem: Problem,
    battery: Battery,
    *,
    start_mwh: float | None = None,
    end_at_least_mwh: float = 0.0,
    exclusive: bool = False,
    clock: Clock | None = None,
) -> Share:
    """Add a battery: columns ``<name>/charge, discharge, level``, and ``charging`` where `exclusive`.

    Parameters
    ----------
    start_mwh
        Level before the first step; None: the period closes on itself, the level at its end is that before it. [MWh]
    end_at_least_mwh
        Level to reach in the last step. [MWh]
    """
    mistakes = [*battery.mistakes()]
    mistakes += ordered(
        KIND, battery.name, ("start_mwh", start_mwh or 0.0), ("energy_mwh", battery.energy_mwh)
    )
    mistakes += ordered(
        KIND, battery.name, ("end_at_least_mwh", end_at_least_mwh), ("energy_mwh", battery.energy_mwh)
    )
    mistakes += at_least(KIND, battery.name, {"start_mwh": start_mwh or 0.0})
    if problem.note(mistakes):
        return Share(name=battery.name)
    name, h = battery.name, problem.steps.hours
    charge = problem.columns(
        f"{name}/charge",
        upper=battery.charge_mw,
        says=_("'{name}' charges with at most its power", name=name),
    )
    discharge = problem.columns(
        f"{name}/discharge", upper=battery.discharge_mw, says=_("'{name}' gives at most its power", name=name)
    )
    level = add_level(
        problem,
        name,
        inflow_mw=charge * battery.charging - discharge / battery.discharging,
        capacity_mwh=battery.energy_mwh,
        start_mwh=start_mwh,
        end_at_least_mwh=end_at_least_mwh,
    )
    if np.isfinite(battery.cycles_per_day):
        limit = battery.cycles_per_day * battery.energy_mwh
        says = _("'{name}' makes at most {n} cycles a day", name=name, n=f"{battery.cycles_per_day:g}")
        add_daily(problem, f"{name}/cycles", discharge * h, limit=limit, clock=clock or Clock(), says=says)
    if exclusive:
        _one_way(problem, battery, charge, discharge)
    net = discharge - charge
    before = lag(level, cyclic=start_mwh is None) + first(start_mwh or 0.0, problem.steps.count)
    return Share(
        name=name,
        injection_mw={ELECTRICITY: net},
        cost=discharge * (h * battery.wear_per_mwh),
        up_mw=(battery.discharge_mw - net,),
        down_mw=(battery.charge_mw + net,),
        up_mwh=level * battery.discharging,
        down_mwh=(battery.energy_mwh - level) / battery.charging,
        up_before_mwh=before * battery.discharging,
        down_before_mwh=(battery.energy_mwh - before) / battery.charging,
        infeed_mw=(discharge,),
        outfeed_mw=(charge,),
    )


def _one_way(problem: Problem, battery: Battery, charge: Columns, discharge: Columns) -> None:
    name = battery.name
    way = problem.columns(
        f"{name}/charging", upper=1.0, integer=True, says=_("'{name}' charges, or not", name=name)
    )
    says = _("'{name}' does not charge and discharge at once", name=name)
    problem.rows(f"{name}/charging_only", charge - battery.charge_mw * way, upper=0.0, says=says)
    problem.rows(
        f"{name}/discharging_only",
        discharge + battery.discharge_mw * way,
        upper=battery.discharge_mw,
        says=says,
    )
