r"""A hydrogen store and a fuel cell, in power and energy on the lower heating value.

Store: :math:`e_t = e_{t-1} + h\, (i_t - o_t)`; its share on the hydrogen bus is :math:`o_t - i_t`, written as one free
flow within :math:`\pm F`. Fuel cell: electricity :math:`f_t`, hydrogen :math:`-f_t / \eta`, :math:`0 \le f_t \le P`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, fraction, ordered
from tamna.optimise.blocks.level import add_level
from tamna.optimise.share import ELECTRICITY, HYDROGEN, Share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.errors import Mistake
    from tamna.optimise.problem import Problem

STORE, CELL = _("hydrogen store"), _("fuel cell")
MWH_PER_KG = 0.03333
"""Lower heating value of hydrogen (33.33 kWh/kg)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HydrogenStore:
    """A store of hydrogen: usable content on the LHV [MWh], and the largest flow in or out [MW]."""

    name: str
    energy_mwh: float
    flow_mw: float = np.inf

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        yield from at_least(STORE, self.name, {"energy_mwh": self.energy_mwh, "flow_mw": self.flow_mw})


@dataclass(frozen=True, slots=True, kw_only=True)
class FuelCell:
    """A plant that makes electricity from hydrogen: output [MW], efficiency on the LHV [-]."""

    name: str
    power_mw: float
    efficiency: float

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        yield from at_least(CELL, self.name, {"power_mw": self.power_mw})
        yield from fraction(CELL, self.name, {"efficiency": self.efficiency})


def add_hydrogen_store(
    problem: Problem, store: HydrogenStore, *, start_mwh: float | None = None, end_at_least_mwh: float = 0.0
) -> Share:
    """Add a store: columns ``<name>/outflow`` (negative: in) and ``<name>/level``.

    Parameters
    ----------
    start_mwh
        Content before the first step; None: the period closes on itself. [MWh]
    """
    mistakes = [*store.mistakes()]
    mistakes += ordered(STORE, store.name, ("start_mwh", start_mwh or 0.0), ("energy_mwh", store.energy_mwh))
    mistakes += ordered(
        STORE, store.name, ("end_at_least_mwh", end_at_least_mwh), ("energy_mwh", store.energy_mwh)
    )
    mistakes += at_least(STORE, store.name, {"start_mwh": start_mwh or 0.0})
    if problem.note(mistakes):
        return Share(name=store.name)
    outflow = problem.columns(
        f"{store.name}/outflow",
        lower=-store.flow_mw,
        upper=store.flow_mw,
        says=_("'{name}' fills and empties no faster than it can", name=store.name),
    )
    add_level(
        problem,
        store.name,
        inflow_mw=-outflow,
        capacity_mwh=store.energy_mwh,
        start_mwh=start_mwh,
        end_at_least_mwh=end_at_least_mwh,
    )
    return Share(name=store.name, injection_mw={HYDROGEN: outflow})


def add_fuel_cell(problem: Problem, cell: FuelCell) -> Share:
    """Add a fuel cell: column ``<name>/power``."""
    if problem.note(cell.mistakes()):
        return Share(name=cell.name)
    power = problem.columns(
        f"{cell.name}/power", upper=cell.power_mw, says=_("'{name}' gives at most its power", name=cell.name)
    )
    injection = {ELECTRICITY: power, HYDROGEN: power / -cell.efficiency}
    return Share(name=cell.name, injection_mw=injection, infeed_mw=(power,))
