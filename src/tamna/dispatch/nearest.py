"""The softened answer beside a refusal: the schedule that breaks least, with what it breaks, when, by how much, at what price.

Which rules clash stands in the refusal itself (`tamna.optimise.clash`). Here is what would run all the same: the least
total of missed MW and MWh first, the least cost among such schedules second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.answer import schedule
from tamna.errors import Infeasible
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import System
    from tamna.lang import Message
    from tamna.optimise.clash import Clash, GivesWay
    from tamna.optimise.problem import Arrays, Problem, Steps
    from tamna.optimise.share import Share

BALANCE = f"balance/{ELECTRICITY}"
IN_MWH = ("/level", "/cycles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """One rule that one step of the softened schedule breaks.

    Attributes
    ----------
    rule, says
        Its name in the problem, and what is broken in words.
    by, unit
        How much of it, > 0, in MW, MWh or tCO2; without a unit: of a yes or no. [unit]
    price
        What that is counted with: its energy at the value of lost load; None where it is no energy or nothing says. [money]
    """

    rule: str
    says: Message
    step: int
    hour: str
    by: float
    unit: str
    price: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """The schedule of a window that breaks least.

    Attributes
    ----------
    cost
        Of what runs, without what is missed. [money]
    lost_per_mwh
        What a missed MWh is counted with: the dearest class of load; None where no class says. [money/MWh]
    """

    steps: Steps
    missed: tuple[Missed, ...]
    done: Schedule
    cost: float
    lost_per_mwh: float | None

    @property
    def missed_mwh(self) -> float:
        """Energy that is missed, over all steps. [MWh]"""
        hours = {"MW": self.steps.hours, "MWh": 1.0}
        return float(sum(m.by * hours.get(m.unit, 0.0) for m in self.missed))

    @property
    def price(self) -> float | None:
        """What all that is missed is counted with. [money]"""
        return None if self.lost_per_mwh is None else self.missed_mwh * self.lost_per_mwh

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        power = self.done.injection_mw.get(ELECTRICITY, {})
        return {
            "missed": [
                {"rule": m.rule, "hour": m.hour, "step": m.step, "by": m.by, "unit": m.unit, "price": m.price, "says": str(m.says)}
                for m in self.missed
            ],
            "missed_mwh": self.missed_mwh,
            "lost_per_mwh": self.lost_per_mwh,
            "price": self.price,
            "cost": self.cost,
            "hours": [self.steps.label(t) for t in range(self.steps.count)],
            "injection_mw": {k: [round(float(v), 3) + 0.0 for v in of] for k, of in power.items()},
        }  # fmt: skip


class NoSchedule(Infeasible):
    """No schedule keeps all rules; `nearest` is the one that breaks least, None where none was found in time."""

    nearest: Nearest | None = None


def no_schedule(problem: Problem, shares: Iterable[Share], clash: Clash, system: System) -> NoSchedule:
    """Give the refusal of a window with the softened schedule beside it."""
    refusal = NoSchedule(clash.error(problem.steps).mistakes)
    refusal.nearest = _nearest(problem, tuple(shares), clash, system)
    refusal.beside = None if refusal.nearest is None else refusal.nearest.as_dict()
    return refusal


def _nearest(problem: Problem, shares: tuple[Share, ...], clash: Clash, system: System) -> Nearest | None:
    if clash.softened is None:
        return None
    lost = max((c.lost_per_mwh for c in system.load_classes), default=None)
    arrays, steps = problem.arrays(), problem.steps
    missed = [_missed(g, arrays, steps, lost) for g in clash.gives_way]
    return Nearest(
        steps=steps,
        missed=tuple(sorted(missed, key=lambda m: (m.step, m.rule))),
        done=schedule(problem, shares, clash.softened),
        cost=clash.softened.objective,
        lost_per_mwh=lost,
    )


def _missed(gives: GivesWay, arrays: Arrays, steps: Steps, lost: float | None) -> Missed:
    by, unit = abs(gives.by), _unit(gives.name, arrays)
    hours = {"MW": steps.hours, "MWh": 1.0}.get(unit)
    return Missed(
        rule=gives.name,
        says=_in_words(gives, by, unit),
        step=gives.step,
        hour=steps.label(gives.step),
        by=by,
        unit=unit,
        price=None if lost is None or hours is None else by * hours * lost,
    )


def _unit(name: str, arrays: Arrays) -> str:
    """Tell what a rule is counted in."""
    if name.endswith(IN_MWH):
        return "MWh"
    if name == "co2/cap":
        return "tCO2"
    group = next(g for g in arrays.rows if g.name == name)
    inside = (arrays.row >= group.first) & (arrays.row < group.first + group.size)
    return "" if bool(np.all(arrays.integer[arrays.column[inside]])) else "MW"


def _in_words(gives: GivesWay, by: float, unit: str) -> Message:
    amount = f"{by:,.6g} {unit}".rstrip()
    if gives.name == BALANCE:
        short = gives.by < 0.0
        return (
            _("{amount} of demand find no supply", amount=amount)
            if short
            else _("{amount} are made that nobody takes", amount=amount)
        )
    return _("{says}: missed by {amount}", says=gives.says, amount=amount)
