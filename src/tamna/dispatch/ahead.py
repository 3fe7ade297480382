"""What is decided the day before: which slow units are on, which way LCC links carry and with how many poles.

Everything else can be changed within the hour and stays free at this moment, its whole numbers included: output
levels, fast units, batteries, electrolysers, VSC links, what is held back. So the search is over the slow decisions
alone. Where the linear answer has one of them whole, away from its changes, it stays so; the rest is searched.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.build import build
from tamna.dispatch.fast import quick
from tamna.errors import Infeasible, TamnaError
from tamna.lang import _
from tamna.optimise.clash import explain
from tamna.optimise.shrink import shrunk
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.blocks.thermal_unit import Thermal
    from tamna.optimise.problem import Arrays, Problem
    from tamna.optimise.share import Share
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Bounds = tuple[Floats, Floats]

_WHOLE = 1e-6
NEAR_STEPS = 3
"""Around each change and each half decision of the linear answer, so many steps are searched."""
FLOWS_MW = 1e-3
"""Less than this is no flow of a linear answer. [MW]"""
SURE_STEPS = 3
"""A link's direction stays as the linear answer has it where it has it so for so many steps on either side."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What was decided for some hours.

    Attributes
    ----------
    arrays
        The problem of the hours as they were foreseen.
    decided : (columns,)
        Which columns stay as they are, whatever comes.
    found
        The plan, with the cost that no plan for these hours can undercut as its bound.
    """

    problem: Problem
    shares: tuple[Share, ...]
    arrays: Arrays
    decided: Bools
    found: Solution


def fast(unit: Thermal, step_h: float) -> bool:
    """Whether a unit may start and stop within a step: no longer least times, and its ramp reaches all it can give."""
    least = max(unit.min_up_h, unit.min_down_h)
    return least <= step_h and unit.ramp_up_mw_per_h * step_h >= unit.max_mw


def plan(system: System, foreseen: Hours, state: State, how: How) -> Plan:
    """Decide for the hours as they are foreseen.

    Raises
    ------
    InputError
        As the blocks do.
    Infeasible
        With the rules that clash, in words; not where the system has a last resort.
    """
    problem, shares = build(system, foreseen, state)
    arrays = problem.arrays()
    decided = decisions(arrays, system, foreseen.steps.hours)
    partly = replace(arrays, integer=arrays.integer & decided)
    try:
        relaxed = Model(linear(arrays)).solve()
        x = _searched_or_rounded(partly, relaxed, system, state, how, foreseen.steps.hours)
    except Infeasible:
        clash = explain(problem)
        if clash is None:
            raise
        raise clash.error(problem.steps) from None
    x[decided] = x[decided].round()
    cost = float(arrays.cost @ x) + arrays.offset
    found = replace(relaxed, x=x, objective=cost, bound=relaxed.objective, row_dual=np.empty(0))
    return Plan(problem=problem, shares=shares, arrays=arrays, decided=decided, found=found)


def decisions(arrays: Arrays, system: System, step_h: float) -> Bools:
    """Say which columns are decided the day before, (columns,)."""
    slow = {f"{u.name}/on" for u in system.thermal if u.commits and not fast(u, step_h)}
    slow |= set(pole_counts(system))
    out = np.zeros(len(arrays.cost), dtype=bool)
    for group in arrays.columns:
        if group.name in slow:
            out[group.place] = True
    return out


def pole_counts(system: System) -> list[str]:
    """Name the columns that say which way LCC links carry and with how many poles."""
    links = [k for k in system.links if k.technology == "lcc"]
    return [name for k in links for way in ("import", "export") for name in _counts(k, way)]


def linear(arrays: Arrays) -> Arrays:
    """Give the problem without its whole numbers."""
    return replace(arrays, integer=np.zeros_like(arrays.integer))


def _searched_or_rounded(  # noqa: PLR0917 (problem, its linear answer, assets, state, how, step)
    partly: Arrays, relaxed: Solution, system: System, state: State, how: How, step_h: float
) -> Floats:
    try:
        return searched(partly, relaxed, system, how)
    except Infeasible:
        raise
    except TamnaError:  # the time is over before the search has any answer
        return quick(Model(partly, how), system, state, step_h).x


def searched(partly: Arrays, relaxed: Solution, system: System, how: How) -> Floats:
    """Search with much held, then with less, then with nothing held, (columns,).

    Parameters
    ----------
    partly
        The problem, whole numbers only where something is decided.
    relaxed
        Its linear answer.

    Raises
    ------
    Infeasible
        No answer.
    TamnaError
        None in time.
    """
    near = _near(partly, relaxed)
    for lower, upper in (
        _with_sure_links(near, relaxed, system),
        near,
        (partly.column_lower, partly.column_upper),
    ):
        part = shrunk(partly, lower, upper)
        try:
            found = Model(part.arrays, how).solve()
        except Infeasible:
            continue
        return part.whole(found.x)
    raise Infeasible(_("no answer satisfies all constraints"))


def _near(partly: Arrays, relaxed: Solution) -> Bounds:
    lower, upper = partly.column_lower.copy(), partly.column_upper.copy()
    held = _settled_near(partly, relaxed.x)
    held = held[partly.integer[held]]
    lower[held] = upper[held] = relaxed.x[held].round()
    return lower, upper


def _with_sure_links(near: Bounds, relaxed: Solution, system: System) -> Bounds:
    """Hold LCC links to one direction, with all their poles, where the linear answer leaves no doubt of it."""
    lower, upper = (side.copy() for side in near)
    for link in system.links:
        if link.technology != "lcc":
            continue
        for way, other in (("import", "export"), ("export", "import")):
            at = np.flatnonzero(_sure(link, way, other, relaxed))
            for name in _counts(link, way)[:-1] + _counts(
                link, other
            ):  # all its poles this way, none the other
                place = relaxed.columns[name].first + at
                upper[place] = lower[place]
            place = relaxed.columns[_counts(link, way)[-1]].first + at
            lower[place] = upper[place]
    return lower, upper


def _counts(link: Link, way: str) -> list[str]:
    """Name the choices of so many poles of an LCC link one way, one pole first."""
    return [f"{link.name}/{way}_{k}" for k in range(1, link.poles + 1)]


def _sure(link: Link, way: str, other: str, relaxed: Solution) -> Bools:
    flows = relaxed[f"{link.name}/{way}"] > FLOWS_MW
    flows &= relaxed[f"{link.name}/{other}"] <= FLOWS_MW
    sure = flows.copy()
    for k in range(1, SURE_STEPS + 1):
        sure[k:] &= flows[:-k]
        sure[:-k] &= flows[k:]
    return np.asarray(sure)


def _settled_near(arrays: Arrays, x: Floats) -> Ints:
    """Give the decisions of ``.../on`` that an answer has whole, away from its changes and from half decisions."""
    held: list[Ints] = []
    for group in arrays.columns:
        if not group.name.endswith("/on"):
            continue
        value = x[group.place]
        loose = np.abs(value - value.round()) > _WHOLE
        turned = np.abs(np.diff(value)) > _WHOLE
        loose[1:] |= turned
        loose[:-1] |= turned
        held.append(group.first + np.flatnonzero(~_wider(loose, NEAR_STEPS)))
    return np.concatenate(held) if held else np.empty(0, dtype=np.int64)


def _wider(mask: Bools, steps: int) -> Bools:
    out = mask.copy()
    for k in range(1, steps + 1):
        out[k:] |= mask[:-k]
        out[:-k] |= mask[k:]
    return out
