r"""A plant that makes hydrogen from electricity: off, on standby, or between its lowest and highest load.

With power of production :math:`q_t`, on :math:`u_t`, standby :math:`z_t` and started :math:`v_t` in {0, 1}, rating P,
lowest load :math:`\mu`, standby use :math:`\sigma`, ramps R a step:

.. math::
    \mu P u_t &\le q_t \le P u_t, \qquad u_t + z_t \le 1 \\
    v_t &\ge (u_t + z_t) - (u_{t-1} + z_{t-1}) \\
    q_t - q_{t-1} &\le R + (\mu P - R)^+ (1 - u_{t-1}), \qquad q_{t-1} - q_t \le R + (\mu P - R)^+ (1 - u_t) \\
    \text{hydrogen}_t &= \eta\, q_t , \qquad \text{electricity}_t = -(q_t + \sigma P z_t), \qquad
    \text{cost}_t = C v_t + h k\, q_t

A curve of efficiency falling with load is given as segments, each with its own :math:`\eta_s`, filled from the best on:
:math:`q_t = \sum_s q_{s,t}`, :math:`\text{hydrogen}_t = \sum_s \eta_s q_{s,t}`. A cold start may take :math:`K` steps
of warming up, at standby use: :math:`u_t + \sum_{k<K} v_{t-k} \le 1`. Drying or compression may limit the flow:
:math:`\text{hydrogen}_t \le F`. Without lowest load, standby and start
cost no yes or no is needed: one flow. Hydrogen is power on the lower heating value (33.33 kWh/kg).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, fraction, place
from tamna.optimise.blocks.thermal_unit import FOREVER_H
from tamna.optimise.share import ELECTRICITY, HYDROGEN, Share
from tamna.optimise.terms import Columns, Terms, constant, first, lag, total_of, window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.optimise.problem import Problem

KIND = _("electrolyser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of the load: its width over the rating, and hydrogen (LHV) over electricity in it [-, -]."""

    share: float
    efficiency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrolyser:
    """A plant that makes hydrogen.

    Attributes
    ----------
    power_mw
        Rating at the meter. [MW]
    pieces
        Efficiency from the lowest load up, falling; shares add up to 1. One piece: one efficiency.
    min_load, standby
        Lowest load, and use while waiting warm, over the rating. [-]
    start_cost
        Of a cold start; from standby it is free. [money]
    wear_per_mwh
        Degradation, per MWh taken in. [money/MWh]
    ramp_mw_per_h
        Largest change while on. [MW/h]
    start_h
        From cold to the first hydrogen. [h]
    hydrogen_mw
        Largest flow of hydrogen (LHV). [MW]
    """

    name: str
    power_mw: float
    pieces: tuple[Piece, ...]
    min_load: float = 0.0
    standby: float = 0.0
    start_cost: float = 0.0
    wear_per_mwh: float = 0.0
    ramp_mw_per_h: float = np.inf
    start_h: float = 0.0
    hydrogen_mw: float = np.inf

    @property
    def commits(self) -> bool:
        """Whether on and off make a difference."""
        return bool(self.min_load or self.start_cost or self.start_h)

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("power_mw", "start_cost", "wear_per_mwh", "ramp_mw_per_h", "start_h", "hydrogen_mw")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})
        yield from fraction(
            KIND, self.name, {"min_load": self.min_load, "standby": self.standby}, above_zero=False
        )
        for number, piece in enumerate(self.pieces, 1):
            yield from fraction(KIND, self.name, {f"piece {number}, efficiency": piece.efficiency})
        found = [p.efficiency for p in self.pieces]
        if found != sorted(found, reverse=True) or abs(sum(p.share for p in self.pieces) - 1.0) > 1e-9:
            yield Mistake(
                what=_("the pieces of the efficiency curve must fall and add up to the whole load"),
                where=place(KIND, self.name, "pieces"),
                seen=", ".join(f"{p.share:g}: {p.efficiency:g}" for p in self.pieces),
                todo=_("Sort them from the best on, and let their shares add up to 1."),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrolyserState:
    """What the plant was before the first step: warm (on or standby) or not, for how long [h], and its load [MW]."""

    warm: bool = False
    mw: float = 0.0
    hours: float = FOREVER_H


def add_electrolyser(problem: Problem, plant: Electrolyser, state: ElectrolyserState | None = None) -> Share:
    """Add a plant: columns ``<name>/power_1...``, and ``on, standby, start`` where it commits."""
    if problem.note(plant.mistakes()):
        return Share(name=plant.name)
    name, h = plant.name, problem.steps.hours
    state = state or ElectrolyserState()
    pieces = [
        problem.columns(
            f"{name}/power_{k}",
            upper=plant.power_mw * p.share,
            says=_("'{name}' takes at most its power", name=name),
        )
        for k, p in enumerate(plant.pieces, 1)
    ]
    power = total_of(pieces, problem.steps.count)
    on, waiting, starting = _states(problem, plant, state, power) if plant.commits else (None, None, None)
    _ramps(problem, plant, state, power, on)
    made = total_of(
        [c * p.efficiency for c, p in zip(pieces, plant.pieces, strict=True)], problem.steps.count
    )
    if np.isfinite(plant.hydrogen_mw):
        says = _("'{name}' makes no more hydrogen than can be dried and compressed", name=name)
        problem.rows(f"{name}/hydrogen", made, upper=plant.hydrogen_mw, says=says)
    used = power if waiting is None else power + waiting * (plant.standby * plant.power_mw)
    cost = power * (h * plant.wear_per_mwh)
    return Share(
        name=name,
        injection_mw={ELECTRICITY: -used, HYDROGEN: made},
        cost=cost if starting is None else cost + starting * plant.start_cost,
        up_mw=(power if on is None else power - plant.min_load * plant.power_mw * on,),
        down_mw=((constant(1.0, power.size) if on is None else on) * plant.power_mw - power,),
        ramp_up_mw_per_h=plant.ramp_mw_per_h,
        ramp_down_mw_per_h=plant.ramp_mw_per_h,
        outfeed_mw=(used,),
    )


def _states(
    problem: Problem, plant: Electrolyser, state: ElectrolyserState, power: Terms
) -> tuple[Columns, Columns, Columns]:
    name, n = plant.name, problem.steps.count
    warming = problem.steps.whole(plant.start_h)
    still = max(0, warming - int(state.hours / problem.steps.hours + 1e-9)) if state.warm else 0
    highest = np.ones(n)
    highest[:still] = 0.0
    on, waiting, starting = (
        problem.columns(
            f"{name}/{what}", upper=most, integer=True, says=_("'{name}' is off, on standby or on", name=name)
        )
        for what, most in (("on", highest), ("standby", 1.0), ("start", 1.0))
    )
    says = _("'{name}' is off, or between its lowest load and its power", name=name)
    problem.rows(f"{name}/most", power - plant.power_mw * on, upper=0.0, says=says)
    problem.rows(f"{name}/least", power - plant.min_load * plant.power_mw * on, lower=0.0, says=says)
    warm = on + waiting
    says = _("'{name}' pays for each cold start", name=name)
    problem.rows(f"{name}/one_state", warm, upper=1.0, says=says)
    problem.rows(f"{name}/starts", warm - lag(warm) - starting, upper=first(float(state.warm), n), says=says)
    if warming:
        says = _("'{name}' warms up for {h} h before it makes hydrogen", name=name, h=f"{plant.start_h:g}")
        problem.rows(f"{name}/warming", on + window(starting, 0, warming - 1), upper=1.0, says=says)
    return on, waiting, starting


def _ramps(
    problem: Problem, plant: Electrolyser, state: ElectrolyserState, power: Terms, on: Columns | None
) -> None:
    rise, least, n = plant.ramp_mw_per_h * problem.steps.hours, plant.min_load * plant.power_mw, power.size
    if max(rise, least) >= plant.power_mw:
        return
    change, before = power - lag(power), first(state.mw, n)
    says = _("'{name}' changes no faster than its ramp", name=plant.name)
    if on is None or least <= rise:
        step = max(rise, least)
        problem.rows(f"{plant.name}/ramp", change, lower=before - step, upper=before + step, says=says)
        return
    edge = least - rise  # the first step on and the last one reach the lowest load
    was_on = first(float(state.mw > 0.0), n)
    problem.rows(
        f"{plant.name}/rise", change + edge * lag(on), upper=before + least - edge * was_on, says=says
    )
    problem.rows(f"{plant.name}/fall", change - edge * on, lower=before - least, says=says)
