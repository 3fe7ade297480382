"""A window with links that turn, without a long search: relax, hold what is clear, search the rest.

The relaxed answer says which way a link carries power in most steps: there only that way stays open, and all poles stay on
where the flow is well above their minimum. Units that it has wholly on or off, away from their changes, stay so; a store
does not do in a step what it does the other way. Beyond the steps that are carried out, links, plants and stores may stay
half decided: the next window decides. What is left is a small problem; the relaxed cost proves how far off its answer is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import TamnaError
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.system import System
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.problem import Arrays, Group
    from tamna.optimise.solution import Solution

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

GOOD = 0.003
"""An answer proven to lie so close to the best is good enough; less is held where it is not. [-]"""
_SOME = 1e-6
WELL_ABOVE = 1.5
"""All poles stay on where the relaxed flow is so many times their minimum."""
AROUND_UNITS, AROUND_TURNS = 2, 3
"""Steps beside a change of a unit, and beside flow the other way (or the waiting time, if longer), that are searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold:
    units: bool
    links: bool


TRIED = (_Hold(units=True, links=True), _Hold(units=False, links=True), _Hold(units=False, links=False))
"""What is held, from most to nothing."""


def suits(system: System) -> bool:
    """Whether this way of searching pays: where links turn."""
    return any(k.technology == "lcc" for k in system.links)


def near(arrays: Arrays, system: System, *, carried: int, step_h: float, how: How) -> Solution:
    """Solve a window of which `carried` steps are carried out, with the relaxed cost as its bound.

    Raises
    ------
    Infeasible, TamnaError
        As `Model.solve` does, for the whole.
    """
    relaxed = Model(replace(arrays, integer=np.zeros_like(arrays.integer)), how).solve()
    quick = replace(how, presolve=True, heuristics=())
    best: Solution | None = None
    for hold in TRIED:
        try:
            found = Model(_held(arrays, system, relaxed, hold, carried, step_h), quick).solve()
        except TamnaError:  # what is held may clash, or the time be too short: less is held next
            continue
        if best is None or found.objective < best.objective:
            best = replace(found, bound=relaxed.objective)
        if best.gap <= GOOD:
            break
    return Model(arrays, how).solve() if best is None else best


def _held(
    arrays: Arrays, system: System, relaxed: Solution, hold: _Hold, carried: int, step_h: float
) -> Arrays:
    lower, upper, integer = arrays.column_lower.copy(), arrays.column_upper.copy(), arrays.integer.copy()
    units = {u.name for u in system.thermal}
    for group in _decisions(arrays):
        asset, what = group.name.rsplit("/", 1)
        if asset not in units:
            integer[group.first + carried : group.first + group.size] = False
        elif hold.units and what == "on":
            _hold(group, lower, upper, relaxed, _whole(relaxed.x[group.place]))
        if what == "charging":
            _hold_way(group, asset, lower, upper, relaxed)
    for link in system.links if hold.links else ():
        if link.technology == "lcc":
            _hold_link(
                link,
                relaxed,
                lower,
                upper,
                carried,
                max(AROUND_TURNS, int(np.ceil(link.reversal_h / step_h))),
            )
    return replace(arrays, integer=integer, column_lower=lower, column_upper=upper)


def _decisions(arrays: Arrays) -> Iterator[Group]:
    return (g for g in arrays.columns if g.size and arrays.integer[g.first])


def _hold(group: Group, lower: Floats, upper: Floats, relaxed: Solution, steps: Bools) -> None:
    at = group.first + np.flatnonzero(steps)
    lower[at] = upper[at] = relaxed.x[at].round()


def _whole(value: Floats) -> Bools:
    """Where a decision is whole and stays so for some steps around."""
    loose = np.abs(value - value.round()) > _SOME
    turned = np.abs(np.diff(value)) > _SOME
    loose[1:] |= turned
    loose[:-1] |= turned
    return ~_wider(loose, AROUND_UNITS)


def _hold_way(group: Group, asset: str, lower: Floats, upper: Floats, relaxed: Solution) -> None:
    """Let a store charge or discharge as it does in the relaxed answer, where it does one of them."""
    charge, discharge = relaxed[f"{asset}/charge"], relaxed[f"{asset}/discharge"]
    for steps, value in (
        ((charge > _SOME) & (discharge <= _SOME), 1.0),
        ((discharge > _SOME) & (charge <= _SOME), 0.0),
    ):
        at = group.first + np.flatnonzero(steps)
        lower[at] = upper[at] = value


def _hold_link(
    link: Link, relaxed: Solution, lower: Floats, upper: Floats, carried: int, around: int
) -> None:
    flow = relaxed[f"{link.name}/import"] - relaxed[f"{link.name}/export"]
    for way, other, mine, rated in (
        ("import", "export", flow, link.import_mw),
        ("export", "import", -flow, link.export_mw),
    ):
        clear = _wider(mine > _SOME, around) & ~_wider(mine < -_SOME, around)
        for k in range(1, link.poles + 1):
            upper[relaxed.columns[f"{link.name}/{other}_{k}"].first + np.flatnonzero(clear)] = 0.0
        full = clear & (mine >= WELL_ABOVE * link.min_transfer * rated) & (mine > _SOME)
        full[carried:] = False
        at = relaxed.columns[f"{link.name}/{way}_{link.poles}"].first + np.flatnonzero(full)
        at = at[upper[at] > 0.5]
        lower[at] = 1.0


def _wider(mask: Bools, steps: int) -> Bools:
    out = mask.copy()
    for k in range(1, steps + 1):
        out[k:] |= mask[:-k]
        out[:-k] |= mask[k:]
    return out
