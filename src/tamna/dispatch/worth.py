r"""What one more of each thing would have been worth, and which limits bound: duals of a schedule whose whole numbers are held.

With what is on held, the rest is a linear problem, and each limit has a price: of a bound :math:`p \le P` the reduced cost
:math:`-\partial C / \partial P`, of a row the dual. Per thing they add up to

======================  ==============================================================================
unit, capacity          :math:`-\mu^{\text{above}} - \mu^{\text{capacity}} (u_t - z_t)` while it is on, with :math:`z_t` the starts and
                        stops that are so near that they and not its capacity are the limit
unit, first, last hours :math:`-\mu^{\text{capacity}} z_t`, and of the ramps' rows where it starts or stops
unit, least output      :math:`\mu^{\text{above}}` where it lies at its minimum: a MW *less* of it
unit, ramp              :math:`-\mu^{\text{rise}} (u_t - v_t)`, :math:`-\mu^{\text{fall}} (u_{t-1} - w_t)`, of a MW an hour
link, each way          :math:`-\mu` of its flow, and for an LCC of its poles' row times the share that is on
battery, hydrogen       power: of its flows; energy: of its level
wind, PV                :math:`-\mu` of its potential, less what held-back energy is counted with
reserve                 what of these limits it could be held on, :math:`\mu` of its room: capacity, ramp, the link's or the store's power
======================  ==============================================================================

All in money for one more MW (or MWh, or MW/h) in that step, never below zero: what does not bind is worth nothing. It
holds for the next MW, not for a hundred, and with the same units on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.commit import reduced_costs
from tamna.dispatch.why import joined_reasons, of_steps, priced_window
from tamna.lang import Message, _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.rolling import Rolled
    from tamna.dispatch.system import Hours, System
    from tamna.dispatch.why import PricedWindow, Reasons
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.blocks.reserve import Reserve
    from tamna.optimise.blocks.thermal_unit import Thermal
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]

NEAR_KRW = 1.0
"""Less than this is nothing."""
NEAR_MW = 1e-3
FIGURES: Mapping[str, Message] = {
    "capacity": _("a MW more of '{name}'"),
    "least": _("a MW less of the least output of '{name}'"),
    "edge": _("a MW more of '{name}' in its first and last hours on"),
    "ramp_up": _("a MW/h more of ramp up of '{name}'"),
    "ramp_down": _("a MW/h more of ramp down of '{name}'"),
    "import": _("a MW more of import over '{name}'"),
    "export": _("a MW more of export over '{name}'"),
    "power": _("a MW more of power of '{name}'"),
    "energy": _("a MWh more of room in '{name}'"),
    "weather": _("a MW more of '{name}' from the weather"),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worth:
    """What one more of one thing saves, (steps,) [money].

    Attributes
    ----------
    figure
        Which of its limits: a key of `FIGURES`.
    """

    name: str
    figure: str
    saves: Floats

    @property
    def total(self) -> float:
        """Over all steps. [money]"""
        return float(self.saves.sum())

    @property
    def bound(self) -> int:
        """In how many steps the limit binds."""
        return int((self.saves > NEAR_KRW).sum())

    @property
    def thing(self) -> Message:
        """Name what there would be one more of."""
        return Message(FIGURES[self.figure].text, {"name": self.name})


def worths(system: System, hours: Hours, rolled: Rolled, window_h: float = 48.0) -> tuple[Worth, ...]:
    """Price every limit in every carried-out step of a rolling commitment; those that never bind are left out."""
    length = hours.steps.whole(window_h)
    return _joined([_of(priced_window(system, hours, w, length)) for w in rolled.windows])


def explained(
    system: System, hours: Hours, rolled: Rolled, window_h: float = 48.0
) -> tuple[Reasons, tuple[Worth, ...]]:
    """Give the reasons of every carried-out step and what its limits are worth, each window solved once."""
    length = hours.steps.whole(window_h)
    why: list[Reasons] = []
    worth: list[tuple[dict[tuple[str, str], Floats], int]] = []
    for window in rolled.windows:
        once = priced_window(system, hours, window, length)
        why.append(of_steps(once.hours, once.arrays, once.moves, slice(0, once.count)))
        worth.append(_of(once))
    return joined_reasons(why), _joined(worth)


def of_hour(
    system: System, hours: Hours, arrays: Arrays, found: Solution, step: int
) -> dict[tuple[str, str], float]:
    """Price the limits of one step of an answer whose whole numbers are held; those that do not bind are left out."""
    saves = of_answer(system, hours, arrays, found, step + 1)
    return {key: float(v[step]) for key, v in saves.items() if v[step] > NEAR_KRW}


def of_reasons(why: Reasons | None) -> tuple[Worth, ...]:
    """Put the limits of hours that were priced one by one side by side."""
    if why is None or not why.limits:
        return ()
    keys = dict.fromkeys(key for one in why.limits for key in one)
    hour = [({key: np.array([one.get(key, 0.0)]) for key in keys}, 1) for one in why.limits]
    return _joined(hour)


def _joined(parts: list[tuple[dict[tuple[str, str], Floats], int]]) -> tuple[Worth, ...]:
    keys = dict.fromkeys(key for saves, _count in parts for key in saves)
    joined = {
        key: np.concatenate([saves.get(key, np.zeros(count)) for saves, count in parts]) for key in keys
    }
    found = [Worth(name=name, figure=figure, saves=saves) for (name, figure), saves in joined.items()]
    return tuple(sorted((w for w in found if w.bound), key=lambda w: (-w.total, w.name, w.figure)))


def _of(once: PricedWindow) -> tuple[dict[tuple[str, str], Floats], int]:
    return of_answer(once.system, once.hours, once.arrays, once.found, once.count), once.count


def of_answer(
    system: System, hours: Hours, arrays: Arrays, found: Solution, count: int
) -> dict[tuple[str, str], Floats]:
    """Price the limits in the first `count` steps of an answer whose whole numbers are held.

    Returns
    -------
    By name and figure, (count,), >= 0 [money].
    """
    prices = _Prices(arrays, found, count)
    return {key: np.maximum(saves, 0.0) for key, saves in _limits(system, hours, prices)}


def _limits(system: System, hours: Hours, of: _Prices) -> Iterator[tuple[tuple[str, str], Floats]]:
    for unit in system.thermal:
        yield from _unit(unit, of, system.reserves, hours.steps.hours)
    for link in system.links:
        yield from _link(link, of, system.reserves)
    for battery in system.batteries:
        flows = of.room(f"{battery.name}/charge") + of.room(f"{battery.name}/discharge")
        held = [of.least(f"{p.name}/{battery.name}_room") for p in system.reserves]
        yield (battery.name, "power"), np.sum([flows, *held], axis=0)
        yield (battery.name, "energy"), of.room(f"{battery.name}/level")
    for plant in system.electrolysers:
        pieces = [p.share * of.room(f"{plant.name}/power_{k}") for k, p in enumerate(plant.pieces, 1)]
        yield (plant.name, "power"), np.sum(pieces, axis=0)
    for store in system.hydrogen_stores:
        yield (store.name, "energy"), of.room(f"{store.name}/level")
    for cell in system.fuel_cells:
        yield (cell.name, "power"), of.room(f"{cell.name}/power")
    for fleet in system.fleets:
        counted = hours.steps.hours * fleet.curtailment_cost_per_mwh
        given = hours.potential_mw[fleet.name][: of.count]
        tied = np.broadcast_to(hours.must_take_mw.get(fleet.name, np.float64(0.0)), hours.demand_mw.shape)
        free = bool(
            (given > tied[: of.count] + NEAR_MW).any()
        )  # plant that never can be held back is no weather
        saves = np.where(free & (given > NEAR_MW), of.room(f"{fleet.name}/power") - counted, 0.0)
        yield (fleet.name, "weather"), saves  # fmt: skip


def _unit(
    unit: Thermal, of: _Prices, products: tuple[Reserve, ...], step_h: float
) -> Iterator[tuple[tuple[str, str], Floats]]:
    name = unit.name
    quick = np.sum(
        [of.nothing, *(p.response_h * of.room(f"{p.name}/{name}") for p in products if p.way == "up")], axis=0
    )
    if not unit.commits:
        yield (name, "capacity"), of.room(f"{name}/power")
        yield (name, "ramp_up"), of.row(f"{name}/rise") * step_h + quick
        yield (name, "ramp_down"), of.row(f"{name}/fall") * step_h
        return
    on, start, stop = (of.value(f"{name}/{verb}") for verb in ("on", "start", "stop"))
    limit, edge = of.room(f"{name}/above"), of.nothing
    ramp = quick
    for row in (f"{name}/capacity", f"{name}/capacity_stop"):
        near = of.near(row, name)
        limit, edge = limit + np.maximum(on - near, 0.0) * of.row(row), edge + near * of.row(row)
    for row in (r for p in products if p.way == "up" for r in of.rooms(p.name, name)):
        if of.looks_back(row, f"{name}/above"):
            ramp = ramp + np.maximum(on - start, 0.0) * of.least(row) * step_h
            continue
        near = of.near(row, name)
        limit, edge = limit + np.maximum(on - near, 0.0) * of.least(row), edge + near * of.least(row)
    rise, fall, was = of.row(f"{name}/rise"), of.row(f"{name}/fall"), on - start + stop
    yield (name, "capacity"), limit
    at_least = (of.value(f"{name}/above") < NEAR_MW) & (on > 0.5) & (unit.min_mw > 0.0)
    yield (name, "least"), np.where(at_least, of.floor(f"{name}/above"), 0.0)
    yield (name, "edge"), edge + start * rise + stop * fall
    yield (name, "ramp_up"), np.maximum(on - start, 0.0) * rise * step_h + ramp
    yield (name, "ramp_down"), np.maximum(was - stop, 0.0) * fall * step_h


def _link(link: Link, of: _Prices, products: tuple[Reserve, ...]) -> Iterator[tuple[tuple[str, str], Floats]]:
    for way, most in (("import", link.import_mw), ("export", link.export_mw)):
        if most <= 0.0:
            continue
        saves, lcc = of.room(f"{link.name}/{way}"), link.technology == "lcc"
        on = of.nothing + (not lcc)
        if lcc:
            for k in range(1, link.poles + 1):
                share = k / link.poles * of.value(f"{link.name}/{way}_{k}")
                saves, on = saves + share * of.row(f"{link.name}/{way}_{k}_most"), on + share
        else:
            saves = saves + of.value(f"{link.name}/{way}ing") * of.row(f"{link.name}/{way}_only")
        side = "up" if way == "import" else "down"
        kept = 1.0 - link.loss if way == "import" else 1.0
        for row in (r for p in products if p.way == side for r in of.rooms(p.name, link.name)):
            saves = saves + kept * on * of.least(row)
        yield (link.name, way), saves


@dataclass(eq=False)
class _Prices:
    """Reduced costs and duals by name, over the first steps; nothing where a name is not in the problem."""

    arrays: Arrays
    found: Solution
    count: int

    def __post_init__(self) -> None:
        self._reduced = reduced_costs(self.arrays, self.found)

    def room(self, column: str) -> Floats:
        """What one more unit of a column's upper bound saves."""
        return np.maximum(-self._of(column), 0.0)

    def floor(self, column: str) -> Floats:
        """What one unit less of a column's lower bound saves."""
        return np.maximum(self._of(column), 0.0)

    def row(self, name: str) -> Floats:
        """What one more unit on the right-hand side of a ``<=`` row saves."""
        if name not in self.found.rows:
            return self.nothing
        dual = -self.found.dual(name)[: self.count]
        return np.maximum(np.pad(dual, (0, self.count - len(dual))), 0.0)

    def least(self, name: str) -> Floats:
        """What one unit less on the right-hand side of a ``>=`` row saves."""
        if name not in self.found.rows:
            return self.nothing
        dual = self.found.dual(name)[: self.count]
        return np.maximum(np.pad(dual, (0, self.count - len(dual))), 0.0)

    @property
    def nothing(self) -> Floats:
        """0 in every step."""
        return np.zeros(self.count)

    def rooms(self, product: str, asset: str) -> list[str]:
        """Name the rows that hold an asset's reserve to its headroom."""
        start = f"{product}/{asset}_room"
        return [row for row in self.found.rows if row == start or row.startswith(f"{start}_")]

    def near(self, row: str, unit: str) -> Floats:
        """Count the starts and stops of a unit that a row of its capacity sees, step by step."""
        if row not in self.found.rows:
            return self.nothing
        group, a = self.found.rows[row], self.arrays
        seen = (a.row >= group.first) & (a.row < group.first + self.count)
        edges = [self.found.columns[f"{unit}/{verb}"] for verb in ("start", "stop")]
        mine = np.logical_or.reduce([(a.column >= e.first) & (a.column < e.first + e.size) for e in edges])
        inside = np.flatnonzero(seen & mine)
        counted = np.bincount(
            a.row[inside] - group.first, weights=self.found.x[a.column[inside]], minlength=self.count
        )
        return np.asarray(counted, dtype=np.float64)

    def looks_back(self, row: str, column: str) -> bool:
        """Whether a row sees a column of the step before, as ramps do."""
        group, back, a = self.found.rows[row], self.found.columns[column], self.arrays
        inside = (a.row >= group.first) & (a.row < group.first + group.size)
        inside &= (a.column >= back.first) & (a.column < back.first + back.size)
        return bool((a.row[inside] - group.first != a.column[inside] - back.first).any())

    def value(self, column: str) -> Floats:
        """What a column is; 1 where it does not exist, as nothing holds it off."""
        return self.found[column][: self.count] if column in self.found else np.ones(self.count)

    def _of(self, column: str) -> Floats:
        if column not in self.found:
            return self.nothing
        return self._reduced[self.found.columns[column].place][: self.count]
