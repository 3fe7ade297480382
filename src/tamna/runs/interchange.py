"""Networks of PyPSA at the door: a file solved as one problem, and an island's period left as a file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamna.dispatch.check.whole import broken
from tamna.dispatch.interchange.case import read_network, write_network
from tamna.dispatch.interchange.inward import from_pypsa
from tamna.dispatch.interchange.outward import META, to_pypsa
from tamna.dispatch.rolling import roll
from tamna.dispatch.year import WINDOW_H, solve_year
from tamna.errors import Infeasible
from tamna.optimise.share import ELECTRICITY
from tamna.optimise.solver import How

if TYPE_CHECKING:
    from pathlib import Path

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.check.rule import Broken
    from tamna.dispatch.interchange.case import Case


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """A network, solved whole.

    Attributes
    ----------
    objective, bound
        What it costs, and what no answer can cost less than. [money]
    constant
        What the objective counts and PyPSA's leaves out; 0 for networks that tamna did not write. [money]
    status
        ``optimal`` (to the gap), or ``time_limit``: the best answer so far.
    """

    case: Case
    done: Schedule
    objective: float
    bound: float
    constant: float
    status: str
    seconds: float
    broken: tuple[Broken, ...]

    @property
    def gap(self) -> float:
        """Proven distance from the best, over the objective. [-]"""
        apart = max(0.0, self.objective - self.bound)
        return apart / abs(self.objective) if self.objective else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        steps = self.case.hours.steps
        power = self.done.injection_mw[ELECTRICITY]
        return {
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "constant": self.constant,
            "status": self.status,
            "seconds": self.seconds,
            "steps": steps.count,
            "step_h": steps.hours,
            "energy_mwh": {k: float(v.sum() * steps.hours) for k, v in power.items()},
            "injection_mw": {k: [round(float(x), 6) + 0.0 for x in v] for k, v in power.items()},
            "rules_broken": [str(b) for b in self.broken],
        }


def solved(path: Path, *, gap: float = 1e-4, time_limit_s: float = 60.0) -> Solved:
    """Read a network from netCDF and find what should run over all its snapshots.

    Raises
    ------
    MissingExtra
        PyPSA is not installed.
    InputError
        It is no network, or all that tamna cannot take of it: component, name, attribute.
    Infeasible
        `NoSchedule`: what clashes, in words, and the schedule that breaks least.
    """
    network = read_network(path)
    case = from_pypsa(network)
    constant = float((network.meta or {}).get(META, {}).get("constant", 0.0))
    began = time.perf_counter()
    system, hours, state = case.system, case.hours, case.state
    length = hours.steps.count * hours.steps.hours
    if _linear(case) and length > WINDOW_H:
        try:
            done, found = solve_year(system, hours, state)
        except Infeasible:  # said in words by the first window that clashes, where one alone does
            roll(system, hours, state, window_h=WINDOW_H, step_h=WINDOW_H)
            raise
    else:
        how = How(gap=gap, time_limit_s=time_limit_s)
        rolled = roll(system, hours, state, window_h=length, step_h=length, how=how)
        done, found = rolled.done, rolled.windows[0].found
    return Solved(
        case=case,
        done=done,
        objective=found.objective,
        bound=min(found.bound, found.objective),
        constant=constant,
        status=found.status,
        seconds=time.perf_counter() - began,
        broken=broken(system, hours, done, state),
    )


def _linear(case: Case) -> bool:
    """Whether nothing is on or off, so that many windows may give the start of a long horizon."""
    system = case.system
    return not (
        any(u.commits for u in system.thermal)
        or any(p.commits for p in system.electrolysers)
        or any(k.technology == "lcc" for k in system.links)
        or system.exclusive
    )


def leave_network(case: Case, path: Path) -> list[dict[str, str]]:
    """Write a case as a network; gives what of it PyPSA's own optimum does not see.

    Raises
    ------
    MissingExtra
        PyPSA is not installed.
    """
    network = to_pypsa(case)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_network(network, path)
    left: list[dict[str, str]] = network.meta[META]["not_in_pypsa"]
    return left
