r"""A fleet of electric vehicles: one store of those that are plugged in, with vehicles that come and go.

With the share of the fleet that is plugged in :math:`s_t`, that came :math:`a_t` and that left :math:`l_t` in step t
(:math:`s_t = s_{t-1} + a_t - l_t`), capacity E of all vehicles, powers :math:`P_c, P_d` of all chargers, a state of charge
:math:`\rho_a` at arrival and :math:`\rho_l` wanted at departure:

.. math::
    e_t &= e_{t-1} + h\,(\eta_c\, c_t - d_t / \eta_d) + \rho_a E a_t - y_t, \qquad 0 \le e_t \le E s_t \\
    0 &\le c_t \le P_c s_t, \qquad 0 \le d_t \le P_d s_t \\
    y_t &+ m_t \ge \rho_l E\, l_t, \qquad 0 \le y_t \le E\, l_t, \qquad
    \text{cost}_t = h\, k\, d_t + V m_t

:math:`y_t` is what leaves in vehicles, :math:`m_t` what they lack for their trips, at price V. Vehicles may leave fuller
than wanted; what that is more does not come back. ``P_d = 0`` is smart charging alone. Reserve up is charging that stops
and what can be given back, as far as the energy in plugged-in vehicles lasts; the level ends at what it began with, where no
start is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, fraction, ordered, place
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import first, lag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem
    from tamna.optimise.terms import Columns, Terms

    Floats = NDArray[np.float64]

KIND = _("EV fleet")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvFleet:
    """Electric vehicles that are charged as one.

    Attributes
    ----------
    energy_mwh
        Usable energy of all batteries. [MWh]
    charge_mw, discharge_mw
        Of all chargers, at the meter; a `discharge_mw` of 0 is smart charging without giving back. [MW]
    charging, discharging
        Stored over taken in, and given out over taken from the store, in (0, 1]. [-]
    arriving_share, leaving_share
        State of charge of a vehicle that comes, and what one that leaves needs, in [0, 1]. [-]
    wear_per_mwh
        Cost of a MWh given back. [money/MWh]
    missing_per_mwh
        Price of a MWh that a trip lacks. [money/MWh]
    """

    name: str
    energy_mwh: float
    charge_mw: float
    discharge_mw: float = 0.0
    charging: float = 0.95
    discharging: float = 0.95
    arriving_share: float = 0.5
    leaving_share: float = 0.8
    wear_per_mwh: float = 0.0
    missing_per_mwh: float = 0.0

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        figures = ("energy_mwh", "charge_mw", "discharge_mw", "wear_per_mwh", "missing_per_mwh")
        yield from at_least(KIND, self.name, {k: getattr(self, k) for k in figures})
        yield from fraction(KIND, self.name, {"charging": self.charging, "discharging": self.discharging})
        shares = {"arriving_share": self.arriving_share, "leaving_share": self.leaving_share}
        yield from fraction(KIND, self.name, shares, above_zero=False)


def add_ev_fleet(
    problem: Problem,
    fleet: EvFleet,
    *,
    plugged: ArrayLike,
    arriving: ArrayLike,
    leaving: ArrayLike,
    start_mwh: float | None = None,
    exclusive: bool = False,
) -> Share:
    """Add a fleet: columns ``<name>/charge, discharge, level, leaving, missing``, and ``charging`` where `exclusive`.

    Parameters
    ----------
    plugged, arriving, leaving : number or (steps,), in [0, 1]
        Share of the fleet that is plugged in, and that came and left in the step. [-]
    start_mwh
        Energy of the plugged-in vehicles before the first step; None: the period closes on itself. [MWh]
    """
    name = fleet.name
    shares = {
        what: problem.profile(f"{KIND} '{name}', {what}", _("a share of the fleet"), values)
        for what, values in (("plugged", plugged), ("arriving", arriving), ("leaving", leaving))
    }
    mistakes = [*fleet.mistakes(), *share_mistakes(problem, name, shares)]
    mistakes += ordered(KIND, name, ("start_mwh", start_mwh or 0.0), ("energy_mwh", fleet.energy_mwh))
    mistakes += at_least(KIND, name, {"start_mwh": start_mwh or 0.0})
    if problem.note(mistakes):
        return Share(name=name)
    return _added(problem, fleet, shares, start_mwh, exclusive=exclusive)


def _added(
    problem: Problem, fleet: EvFleet, shares: dict[str, Floats], start_mwh: float | None, *, exclusive: bool
) -> Share:
    name, h, plugged = fleet.name, problem.steps.hours, shares["plugged"]
    says = _("'{name}' charges and gives back with the chargers that vehicles are plugged into", name=name)
    charge = problem.columns(f"{name}/charge", upper=fleet.charge_mw * plugged, says=says)
    discharge = problem.columns(f"{name}/discharge", upper=fleet.discharge_mw * plugged, says=says)
    level = problem.columns(
        f"{name}/level",
        upper=fleet.energy_mwh * plugged,
        says=_("'{name}' holds no more than the batteries that are plugged in", name=name),
    )
    flow = (charge * fleet.charging - discharge / fleet.discharging) * h
    before = lag(level, cyclic=start_mwh is None)
    missing = _journeys(problem, fleet, shares, level - flow - before, start_mwh)
    inside = level - flow  # what is in those who are there before anything is charged or given
    if exclusive and fleet.discharge_mw > 0.0:
        _one_way(problem, fleet, charge, discharge)
    net = discharge - charge
    return Share(
        name=name,
        injection_mw={ELECTRICITY: net},
        cost=discharge * (h * fleet.wear_per_mwh) + missing * fleet.missing_per_mwh,
        up_mw=(fleet.discharge_mw * plugged - net,),
        down_mw=(fleet.charge_mw * plugged + net,),
        up_mwh=level * fleet.discharging,
        down_mwh=(fleet.energy_mwh * plugged - level) / fleet.charging,
        up_before_mwh=inside * fleet.discharging,
        down_before_mwh=(fleet.energy_mwh * plugged - inside) / fleet.charging,
    )


def _journeys(
    problem: Problem, fleet: EvFleet, shares: dict[str, Floats], kept: Terms, start_mwh: float | None
) -> Columns:
    """Add the law of the level with what comes and leaves; give what trips lack [MWh].

    `kept` is how the level grew, less what was charged in the step.
    """
    name, n = fleet.name, problem.steps.count
    wanted = fleet.leaving_share * fleet.energy_mwh * shares["leaving"]
    says = _("vehicles of '{name}' leave with what their trips need", name=name)
    gone = problem.columns(f"{name}/leaving", upper=fleet.energy_mwh * shares["leaving"], says=says)
    missing = problem.columns(f"{name}/missing", upper=wanted, says=says)
    problem.rows(f"{name}/trips", gone + missing, lower=wanted, says=says)
    problem.rows(
        f"{name}/level",
        kept + gone,
        equal=fleet.arriving_share * fleet.energy_mwh * shares["arriving"] + first(start_mwh or 0.0, n),
        says=_("the level of '{name}' follows from charging and from vehicles that come and go", name=name),
    )
    return missing


def _one_way(problem: Problem, fleet: EvFleet, charge: Columns, discharge: Columns) -> None:
    name = fleet.name
    says = _("'{name}' does not charge and discharge at once", name=name)
    way = problem.columns(f"{name}/charging", upper=1.0, integer=True, says=says)
    problem.rows(f"{name}/charging_only", charge - fleet.charge_mw * way, upper=0.0, says=says)
    problem.rows(
        f"{name}/discharging_only",
        discharge + fleet.discharge_mw * way,
        upper=fleet.discharge_mw,
        says=says,
    )


def share_mistakes(problem: Problem, name: str, shares: Mapping[str, Floats]) -> Iterator[Mistake]:
    """Find shares outside [0, 1], and who is plugged in otherwise than came and left; (steps,) each."""
    for what, values in shares.items():
        wrong = np.flatnonzero((values < -1e-9) | (values > 1.0 + 1e-9))
        if len(wrong):
            yield Mistake(
                what=_("must lie in [0, 1]"),
                where=place(KIND, name, f"{what}, {problem.steps.label(int(wrong[0]))}"),
                seen=f"{values[wrong[0]]:g}",
                todo=_("Give a fraction."),
            )
    s, a, gone = shares["plugged"], shares["arriving"], shares["leaving"]
    wrong = np.flatnonzero(np.abs(s[1:] - s[:-1] - a[1:] + gone[1:]) > 1e-6) + 1
    if len(wrong):
        yield Mistake(
            what=_("who is plugged in does not follow from who came and who left"),
            where=place(KIND, name, f"plugged, {problem.steps.label(int(wrong[0]))}"),
            seen=f"{s[wrong[0] - 1]:g} + {a[wrong[0]]:g} - {gone[wrong[0]]:g}, {s[wrong[0]]:g}",
            todo=_("Let the share before, plus those who came, minus those who left, be the share after."),
        )
