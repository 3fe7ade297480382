r"""A drill: in each hour the largest link or unit fails; what is shed, for how long, and who stays supplied.

At the start of hour t everything runs as scheduled for it; then the asset :math:`i` with the largest in-feed is gone and
stays gone. Over the next hours the least (by value of lost load) is shed that can be shed:

.. math:: \min \sum_{k,s} V_k\, s_{k,s} + \text{cost}, \qquad p_{j,s} - p_{j,s-1} \le R_j, \qquad p_{j,t-1} := p_{j,t}^{\text{scheduled}}

Units that are on rise no faster than their ramp, within the hour too. Units that are off come after their start time,
what is left of their least time off, and no later than the schedule has them. Links that import go up to what is in
service; what is sent out is cut at once, and an LCC that sent out waits before it turns. Stores give what they hold at
that moment, at once where later would be as good. Electrolysers stop, reserve is there to be used, and the floor of must-run plant no longer holds. The hours
to come are known, so this is the least that must be shed: an operator who does not know them sheds no less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.build import build
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.thermal_unit import FOREVER_H, Thermal, ThermalState
from tamna.optimise.share import ELECTRICITY
from tamna.optimise.solver import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.optimise.blocks.battery import Battery
    from tamna.optimise.blocks.demand import LoadClass
    from tamna.optimise.blocks.hydrogen import HydrogenStore
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]

SOONER = 1e-5
"""So much more the first hour's loss counts than the last's, of its worth; less than any share that a store loses. [-]"""
NOTHING_MW = 1e-3
"""Less than this is nothing: a solver's tolerance. [MW]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What one failure does.

    Attributes
    ----------
    step, lost
        The hour, and what fails in it; empty where nothing brings anything in.
    lost_mw
        Its in-feed at that moment. [MW]
    first_mw
        Shed in the first step, on average. [MW]
    shed_mwh
        By class of load, over the steps looked at; without those of which nothing is shed. [MWh]
    shed_steps, last_step
        In how many steps something is shed, and the last of them counted from the failure; 0 and -1: never.
    open_end
        Still shed in the last step looked at.
    """

    step: int
    lost: str
    lost_mw: float
    first_mw: float
    shed_mwh: Mapping[str, float]
    shed_steps: int
    last_step: int
    open_end: bool

    @property
    def total_mwh(self) -> float:
        """Shed of all classes. [MWh]"""
        return float(sum(self.shed_mwh.values()))


def drill(
    system: System,
    hours: Hours,
    before: State,
    done: Schedule,
    *,
    classes: tuple[LoadClass, ...],
    start_h: Mapping[str, float],
    horizon_h: float = 6.0,
    pole: bool = False,
) -> tuple[Failure, ...]:
    """Let the largest in-feed of each step fail, or the pole of an LCC link that brings in most.

    Parameters
    ----------
    done
        The schedule of all steps of `hours`, which began in `before`.
    classes
        Of load, by what a lost MWh is worth; what is in none cannot be shed.
    start_h
        By unit, from the order to the first output. [h]
    horizon_h
        So long each failure is followed, or to the end of the hours. [h]
    pole
        One pole of an LCC link fails, not all of it; its other poles bring in up to what they can.

    Raises
    ------
    Infeasible
        What is in no class cannot be supplied.
    """
    case = _Before(system, hours, before, done, start_h)
    length = hours.steps.whole(horizon_h)
    return tuple(_fail(case, step, length, classes, pole=pole) for step in range(hours.steps.count))


def has_poles(system: System) -> bool:
    """Whether a link could lose a pole and keep another."""
    return any(_by_pole(k) for k in system.links)


def _by_pole(link: Link) -> bool:
    return link.technology == "lcc" and link.poles > 1


def _fail(case: _Before, step: int, length: int, classes: tuple[LoadClass, ...], *, pole: bool) -> Failure:
    lost, mw = case.largest_pole(step) if pole else case.largest(step)
    if not lost:
        return Failure(
            step=step,
            lost="",
            lost_mw=0.0,
            first_mw=0.0,
            shed_mwh={},
            shed_steps=0,
            last_step=-1,
            open_end=False,
        )
    system, hours, state = case.after_loss(step, length, lost, classes, pole=pole)
    problem, _shares = build(system, hours, state)
    found = Model(_at_once(problem.arrays(), classes, hours.steps.count)).solve()
    return _told(step, (lost, mw), found, hours, classes)


def _at_once(arrays: Arrays, classes: tuple[LoadClass, ...], count: int) -> Arrays:
    """Let a lost MWh weigh a hair more the sooner it is: what stores hold goes to the first hours, all else equal."""
    cost, sooner = arrays.cost.copy(), 1.0 + SOONER * np.arange(count, 0, -1) / count
    unserved = {f"demand/{c.name}_unserved" for c in classes}
    for group in arrays.columns:
        if group.name in unserved:
            cost[group.place] *= sooner
    return replace(arrays, cost=cost)


def _told(
    step: int, lost: tuple[str, float], found: Solution, hours: Hours, classes: tuple[LoadClass, ...]
) -> Failure:
    shed = {c.name: found[f"demand/{c.name}_unserved"] for c in classes}
    total = np.sum([np.zeros(hours.steps.count), *shed.values()], axis=0)
    steps = np.flatnonzero(total > NOTHING_MW)
    return Failure(
        step=step,
        lost=lost[0],
        lost_mw=lost[1],
        first_mw=float(total[0]) if total[0] > NOTHING_MW else 0.0,
        shed_mwh={
            k: mwh for k, v in shed.items() if (mwh := float(v.sum()) * hours.steps.hours) > NOTHING_MW
        },
        shed_steps=len(steps),
        last_step=int(steps[-1]) if len(steps) else -1,
        open_end=bool(len(steps)) and int(steps[-1]) == hours.steps.count - 1,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """The island as scheduled, out of which something fails."""

    system: System
    hours: Hours
    before: State
    done: Schedule
    start_h: Mapping[str, float]

    def largest(self, step: int) -> tuple[str, float]:
        """Name what brings in most, and how much; the first in the list where several do."""
        power = self.done.injection_mw[ELECTRICITY]
        assets: tuple[Link | Thermal, ...] = (*self.system.links, *self.system.thermal)
        infeed = {a.name: float(power[a.name][step]) for a in assets}
        name = max(infeed, key=lambda k: infeed[k], default="")
        return (name, infeed[name]) if name and infeed[name] > NOTHING_MW else ("", 0.0)

    def largest_pole(self, step: int) -> tuple[str, float]:
        """Name the link whose poles bring in most each, and how much; the first in the list where several do."""
        power = self.done.injection_mw[ELECTRICITY]
        each = {
            k.name: float(power[k.name][step]) / self._poles_on(k, step)
            for k in self.system.links
            if _by_pole(k)
        }
        name = max(each, key=lambda k: each[k], default="")
        return (name, each[name]) if name and each[name] > NOTHING_MW else ("", 0.0)

    def _poles_on(self, link: Link, step: int) -> int:
        """Count the poles that a link imports with; all where the schedule does not say."""
        names = [(k, f"{link.name}/import_{k}") for k in range(1, link.poles + 1)]
        on = sum(k for k, name in names if name in self.done.columns and self.done.columns[name][step] > 0.5)
        return on or link.poles

    def after_loss(
        self, step: int, length: int, lost: str, classes: tuple[LoadClass, ...], *, pole: bool = False
    ) -> tuple[System, Hours, State]:
        """Give what is left, the hours it faces, and what it was."""
        part = self.hours.part(step, length)
        units = [u for u in self.system.thermal if u.name != lost]
        links = [k for k in self.system.links if pole or k.name != lost]
        in_service = {name: share for name, share in part.available.items() if pole or name != lost}
        state: dict[str, ThermalState] = {}
        for unit in units:
            share, was = self._unit(unit, step, part)
            in_service[unit.name] = share
            if was is not None:
                state[unit.name] = was
        for link in links:
            left = (link.poles - 1) / link.poles if link.name == lost else 1.0
            in_service[link.name] = left * self._turning(link, step, part)
        stores: tuple[Battery | HydrogenStore, ...] = (*self.system.batteries, *self.system.hydrogen_stores)
        return (
            System(
                thermal=tuple(_running(u) for u in units),
                fleets=self.system.fleets,
                links=tuple(replace(k, technology="vsc", export_mw=0.0, poles=1) for k in links),
                batteries=self.system.batteries,
                hydrogen_stores=self.system.hydrogen_stores if self.system.fuel_cells else (),
                fuel_cells=self.system.fuel_cells,
                load_classes=classes,
            ),
            Hours(
                steps=part.steps,
                demand_mw=part.demand_mw + self._named_mw(step, part.steps.count),
                potential_mw=part.potential_mw,
                must_take_mw={},
                import_price={k.name: part.import_price[k.name] for k in links},
                export_price={k.name: part.export_price[k.name] for k in links},
                available=in_service,
            ),
            State(thermal=state, level_mwh={s.name: self._level(s.name, step) for s in stores}),
        )

    def _named_mw(self, step: int, count: int) -> NDArray[np.float64]:
        """Add up what loads with names of their own take as scheduled, (count,); vehicles stop charging [MW]."""
        system, power = self.system, self.done.injection_mw[ELECTRICITY]
        names = [a.name for part in (system.shiftable, system.interruptible, system.loads) for a in part]
        taken = [-power[name][step : step + count] for name in names if name in power]
        return np.asarray(np.sum([np.zeros(count), *taken], axis=0))

    def _level(self, name: str, step: int) -> float:
        """Give what a store holds at the start of a step."""
        level = self.done.columns[f"{name}/level"]
        if step:
            return max(0.0, float(level[step - 1]))
        return max(0.0, float(self.before.level_mwh.get(name, level[-1])))

    def _unit(self, unit: Thermal, step: int, part: Hours) -> tuple[Floats, ThermalState | None]:
        """Say when a unit is in service after the failure, and what it gave at that moment."""
        count, h = part.steps.count, part.steps.hours
        share = np.array(
            np.broadcast_to(part.available.get(unit.name, np.ones(count)), (count,)), dtype=np.float64
        )
        power = float(self.done.injection_mw[ELECTRICITY][unit.name][step])
        if not unit.commits:
            return share, ThermalState(on=True, hours=FOREVER_H, mw=power)
        on = self.done.columns[f"{unit.name}/on"] > 0.5
        if on[step]:
            return share, ThermalState(on=True, hours=FOREVER_H, mw=power)
        ready_h = max(self.start_h.get(unit.name, 0.0), unit.min_down_h - self._off_h(unit.name, on, step))
        ready = int(np.ceil(ready_h / h - 1e-9))
        planned = np.flatnonzero(on[step : step + count])
        first = min([ready, *planned[:1].tolist()])
        share[: min(first, count)] = 0.0
        return share, None  # fmt: skip

    def _off_h(self, name: str, on: NDArray[np.bool_], step: int) -> float:
        """Give how long a unit has been off at the start of a step. [h]"""
        ran = np.flatnonzero(on[:step])
        h = self.hours.steps.hours
        if len(ran):
            return (step - 1 - int(ran[-1])) * h
        was = self.before.thermal.get(name, ThermalState())
        return step * h + (0.0 if was.on else was.hours)

    def _turning(self, link: Link, step: int, part: Hours) -> Floats:
        """Say what of a link may import: nothing while an LCC that sent out waits to turn."""
        count, h = part.steps.count, part.steps.hours
        share = np.array(
            np.broadcast_to(part.available.get(link.name, np.ones(count)), (count,)), dtype=np.float64
        )
        if link.technology == "lcc":
            wait = max(0.0, link.reversal_h - self._since_export_h(link.name, step))
            share[: min(count, int(np.ceil(wait / h - 1e-9)))] = 0.0
        return share  # fmt: skip

    def _since_export_h(self, name: str, step: int) -> float:
        sent = np.flatnonzero(self.done.columns[f"{name}/export"][: step + 1] > NOTHING_MW)
        h = self.hours.steps.hours
        if len(sent):
            return max(0.0, (step - 1 - int(sent[-1])) * h)
        was = self.before.links.get(name)
        return np.inf if was is None or was.way != "export" else was.idle_h + step * h


def _running(unit: Thermal) -> Thermal:
    """A unit without on and off: when it is in service stands in its availability, and nobody stops it in want."""
    return Thermal(
        name=unit.name,
        max_mw=unit.max_mw,
        cost_per_mwh=unit.segments[-1].cost_per_mwh if unit.segments else unit.cost_per_mwh,
        ramp_up_mw_per_h=unit.ramp_up_mw_per_h,
        tco2_per_mwh=unit.tco2_per_mwh,
    )


def worst(failures: tuple[Failure, ...], most: int) -> Iterator[Failure]:
    """Give the failures that shed most, the worst first."""
    shed = [f for f in failures if f.total_mwh > 0.0]
    yield from sorted(shed, key=lambda f: (-f.total_mwh, f.step))[:most]
