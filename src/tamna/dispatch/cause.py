r"""What a held-back MW gave way to: the first of these that holds in an hour.

=============  ==========================================================================================
``must_run``   the floor binds; or a must-run unit lies at its minimum
``reserve``    a MW less of it would save money; or a unit at its minimum could not stop without reserve lacking
``support``    a unit at its minimum could not stop without short-circuit power or inertia lacking
``link``       a link brings power in, and neither stops nor sends out instead
``turning``    none brings in; a link could send out more and would gain by it, but turns, or cannot carry so little
``commitment`` a unit is on all the same: to stop and start again costs more, or takes too long
``demand``     nothing else runs
=============  ==========================================================================================

Of link, turning and commitment the first counts that takes as much as was held back; where none does, the one that takes
most: 11 MW over a link at its least do not hold 70 MW back while units give 200.

A unit's minimum is a whole number that the duals hold and do not price. So for reserve and support it is asked of the
rows themselves: with headroom :math:`\bar r_{k}` of all others, less what must be made up for in its place, is
:math:`\sum_{k \ne u, i} \bar r_k \ge \ell_i` still met for every i that may fail?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from tamna.optimise.blocks.synchronous import NAME as SUPPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tamna.dispatch.system import Hours, System
    from tamna.optimise.blocks.reserve import Reserve
    from tamna.optimise.blocks.thermal_unit import Thermal
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

Cause = Literal["must_run", "reserve", "support", "link", "turning", "commitment", "demand"]
NEAR_MW, NEAR_KRW = 1e-3, 1.0
"""Less than this is nothing, of power and of a price."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """One step of an answer without whole numbers.

    Attributes
    ----------
    hours, arrays
        All that `found` covers, and its problem.
    held_mw
        What was held back in it. [MW]
    price, floor, reserve
        What a MWh of demand, a MW less of the floor and a MW less of reserve are worth in it. [KRW]
    """

    system: System
    hours: Hours
    arrays: Arrays
    found: Solution
    step: int
    held_mw: float
    price: float
    floor: float
    reserve: float

    def of(self, column: str) -> float:
        """Give a column in this step; 0 where it does not exist."""
        return float(self.found[column][self.step]) if column in self.found else 0.0

    def slack(self, row: str) -> float:
        """Give what a ``>=`` row of this step has to spare; inf where there is none."""
        if row not in self.found.rows:
            return np.inf
        group, a = self.found.rows[row], self.arrays
        if self.step >= group.size:
            return np.inf
        at = group.first + self.step
        inside = a.row == at
        return float(a.factor[inside] @ self.found.x[a.column[inside]] - a.row_lower[at])

    def on(self, unit: Thermal) -> bool:
        """Whether a unit is on."""
        return unit.commits and self.of(f"{unit.name}/on") > 0.5

    def mw(self, unit: Thermal) -> float:
        """Give what a unit gives."""
        least = unit.min_mw * self.of(f"{unit.name}/on")
        return least + self.of(f"{unit.name}/above") if unit.commits else self.of(f"{unit.name}/power")


def cause_of(seen: Seen) -> Cause:
    """Give what a held-back MW had to give way to."""
    low = [u for u in seen.system.thermal if seen.on(u) and seen.of(f"{u.name}/above") < NEAR_MW]
    if seen.floor > NEAR_KRW or any(u.must_run and u.min_mw > 0.0 for u in low):
        return "must_run"
    if seen.reserve > NEAR_KRW or any(_held_for_reserve(seen, u) for u in low):
        return "reserve"
    if any(_held_for_support(seen, u) for u in low):
        return "support"
    return _of_size(seen)


def _of_size(seen: Seen) -> Cause:
    """Give the first that without which all that was held back would have had room; else what takes most; else demand."""
    brought = sum((1.0 - k.loss) * seen.of(f"{k.name}/import") for k in seen.system.links)
    on = [u for u in seen.system.thermal if seen.on(u)]
    turned = sendable_mw(seen.system, seen.hours, seen.of, seen.step, seen.price)
    takes: dict[Cause, float] = {
        "link": brought + turned
        if brought > NEAR_MW
        else 0.0,  # turned, it would take what it brings and more
        "turning": 0.0 if brought > NEAR_MW else turned,
        "commitment": sum(map(seen.mw, on)),
    }
    most = max(takes, key=lambda cause: takes[cause])
    if takes[most] <= NEAR_MW:
        return "commitment" if on else "demand"
    return next((cause for cause, mw in takes.items() if mw >= seen.held_mw - NEAR_MW), most)


def sendable_mw(system: System, hours: Hours, of: Callable[[str], float], step: int, price: float) -> float:
    """Add up what links could send out more, and would gain by it, if they could turn and carry so little [MW].

    Parameters
    ----------
    of
        Gives a column in the step.
    price
        Of a MWh in it. [KRW]
    """
    total = 0.0
    for link in system.links:
        share = _at(hours.available.get(link.name, 1.0), step)
        if link.technology == "lcc":
            share = np.floor(link.poles * share + 1e-9) / link.poles
        earns = _at(hours.export_price[link.name], step) * (1.0 - link.loss)
        if earns - price > NEAR_KRW:
            total += max(0.0, link.export_mw * share - of(f"{link.name}/export"))
    return total


def _held_for_reserve(seen: Seen, unit: Thermal) -> bool:
    return any(p.way == "up" and not _met_without(seen, p, unit) for p in seen.system.reserves)


def _met_without(seen: Seen, product: Reserve, unit: Thermal) -> bool:
    """Whether reserve is still there if a unit stops, and held-back wind and PV take its place."""
    name, mine = product.name, unit.name
    rooms = {k: room for k, room in _rooms(seen, name) if k != mine}
    if not any(
        f.name in rooms for f in seen.system.fleets
    ):  # what is held back is no reserve: nothing to lose
        left = sum(rooms.values())
    else:
        left = sum(rooms.values()) - seen.mw(unit)
    if left < _required(seen, name) - NEAR_MW:
        return False
    every = seen.of(f"held/{name}")
    for row in seen.found.rows:
        if not row.startswith(f"{name}/loss_of_"):
            continue
        lost = _asset(row.removeprefix(f"{name}/loss_of_"), seen)
        if lost == mine:
            continue
        loss = every - seen.of(f"{name}/{lost}") - seen.slack(row)
        if left - rooms.get(lost, 0.0) < loss - NEAR_MW:
            return False
    return True


def _asset(lost: str, seen: Seen) -> str:
    """Name the asset of a loss; several failures of one are numbered."""
    known = {a.name for part in (seen.system.thermal, seen.system.links) for a in part}
    return lost if lost in known else lost.rpartition("_")[0]


def _required(seen: Seen, product: str) -> float:
    row = f"{product}/required"
    if row not in seen.found.rows:
        return 0.0
    return float(seen.arrays.row_lower[seen.found.rows[row].first + seen.step])


def _rooms(seen: Seen, product: str) -> Iterator[tuple[str, float]]:
    """Give what each provider could hold of a product at most [MW]."""
    start = f"{product}/"
    for column, group in seen.found.columns.items():
        name = column.removeprefix(start)
        if name in {column, "short"}:
            continue
        held = seen.of(column)
        limits = [r for r in seen.found.rows if r == f"{column}_room" or r.startswith(f"{column}_room_")]
        room = min([seen.slack(r) for r in limits], default=np.inf)
        lasting = _duration(seen, product)
        if f"{column}_energy" in seen.found.rows and lasting > 0.0:
            room = min(room, seen.slack(f"{column}_energy") / lasting)
        fastest = float(seen.arrays.column_upper[group.first + seen.step])
        yield name, max(0.0, min(held + room, fastest))


def _duration(seen: Seen, product: str) -> float:
    return next(p.duration_h for p in seen.system.reserves if p.name == product)


def _held_for_support(seen: Seen, unit: Thermal) -> bool:
    need = seen.system.synchronous
    mine = None if need is None else next((m for m in need.machines if m.name == unit.name), None)
    if mine is None:
        return False
    given = {"strength": mine.strength_mva, "links": mine.strength_mva, "inertia": mine.inertia_mws}
    return any(much > 0.0 and seen.slack(f"{SUPPORT}/{row}") < much - NEAR_MW for row, much in given.items())


def _at(values: object, step: int) -> float:
    of = np.asarray(values, dtype=np.float64)
    return float(of if of.ndim == 0 else of[step])
