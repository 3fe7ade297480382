"""What repeats every day, by the hour of the island's clock: loads, who is plugged in; and what holds in every hour."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.assets import called, number, stands
from tamna.dispatch.flexible import hydrogen_mw, usual_mw
from tamna.errors import InputError, Mistake, Place, gather
from tamna.grid.quantity import at_day
from tamna.lang import _
from tamna.optimise.blocks.day import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from numpy.typing import NDArray

    from tamna.dispatch.system import Hours, State, System
    from tamna.grid.model import Island

    Floats = NDArray[np.float64]
    Stamps = NDArray[np.datetime64]
    Hourly = tuple[float, ...]

HOURS_A_YEAR = 8760.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """Profiles of a day, (24,) each, and requirements of every hour.

    Attributes
    ----------
    load_mw, plugged
        By load and by EV fleet. [MW], [-]
    within
        Loads that the demand series holds already: they are taken out of it.
    strength_mva, inertia_mws
        What machines must give. [MVA, MW s]
    reserve_mw
        By product, what is held whatever fails. [MW]
    """

    load_mw: Mapping[str, Hourly] = field(default_factory=dict)
    plugged: Mapping[str, Hourly] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    strength_mva: float = 0.0
    inertia_mws: float = 0.0
    reserve_mw: Mapping[str, float] = field(default_factory=dict)

    def into(self, hours: Hours, local: Stamps) -> Hours:
        """Put the profiles into `hours`, whose steps begin at `local` on the island's clock.

        Raises
        ------
        InputError
            Loads that are more than the demand that should hold them, with their first hour.
        """
        at = hour_of(local)
        load = {name: np.array(values)[at] for name, values in self.load_mw.items()}
        demand = hours.demand_mw - sum((load[name] for name in self.within), np.zeros(len(at)))
        gather(_below_zero(demand, hours), InputError)
        within = _minute(local[0]) > 0
        who = {name: traffic(np.array(values), at, within=within) for name, values in self.plugged.items()}
        count = len(at)
        return replace(
            hours,
            demand_mw=demand,
            load_mw=dict(hours.load_mw) | load,
            plugged={name: w[0] for name, w in who.items()},
            arriving={name: w[1] for name, w in who.items()},
            leaving={name: w[2] for name, w in who.items()},
            strength_mva=np.full(count, self.strength_mva) if self.strength_mva else None,
            inertia_mws=np.full(count, self.inertia_mws) if self.inertia_mws else None,
            reserve_mw=dict(hours.reserve_mw) | {k: np.full(count, v) for k, v in self.reserve_mw.items()},
        )


def daily_of(island: Island, day: date, *, hydrogen: bool) -> Daily:
    """Read the profiles of an island day; users of hydrogen only where there is any."""
    load = {called("load", n.name): usual_mw(n, day) for n in island.loads}
    if hydrogen:
        load |= {called("hydrogen", u.name): hydrogen_mw(u, day) for u in island.hydrogen_users}
    need = island.synchronous
    return Daily(
        load_mw=load,
        plugged={called("ev", e.name): e.plugged for e in island.ev_fleets if stands(e, day)},
        within=tuple(called("load", n.name) for n in island.loads if n.in_demand),
        strength_mva=0.0
        if need is None or need.strength_mva is None
        else number(at_day(need.strength_mva, day), 0.0),
        inertia_mws=0.0
        if need is None or need.inertia_mws is None
        else number(at_day(need.inertia_mws, day), 0.0),
        reserve_mw={
            called("reserve", p.name): number(at_day(p.required_mw, day), 0.0)
            for p in island.reserves
            if p.required_mw is not None
        },
    )


def hour_of(local: Stamps) -> NDArray[np.int64]:
    """Give the hour of the day that each stamp lies in, (steps,)."""
    return np.asarray((local.astype("datetime64[h]") - local.astype("datetime64[D]")).astype(np.int64))


def traffic(plugged: Floats, at: NDArray[np.int64], *, within: bool = False) -> tuple[Floats, Floats, Floats]:
    """Give who is plugged in, came and left in each step, from the shares of a day.

    Vehicles come and go in the first step of an hour, and no more of them than the shares need. A first step within an hour
    (`within`) sees nobody come or go.

    Examples
    --------
    >>> day = np.array([0.8] * 8 + [0.3] * 16)
    >>> [w.round(1).tolist() for w in traffic(day, np.array([6, 7, 8, 9]))]
    [[0.8, 0.8, 0.3, 0.3], [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.0]]
    """
    inside = plugged[at]
    before = np.concatenate([[plugged[at[0] if within else at[0] - 1]], inside[:-1]])
    return inside, np.maximum(inside - before, 0.0), np.maximum(before - inside, 0.0)


def clock_at(local: Stamps) -> Clock:
    """Give the clock of a problem whose steps begin at `local`, as the island's clock shows them.

    Examples
    --------
    >>> night = np.array(["2024-10-27T02", "2024-10-27T03", "2024-10-27T03", "2024-10-27T04"], dtype="datetime64[h]")
    >>> clock_at(night).jumps
    ((4.0, -1.0),)
    """
    minutes = (local[0].astype("datetime64[m]") - local[0].astype("datetime64[D]")).astype(np.int64)
    start = float(minutes) / 60.0
    went = np.diff(local.astype("datetime64[m]").astype(np.int64)).astype(np.float64) / 60.0
    step = float(np.median(went)) if len(went) else 0.0
    at = np.flatnonzero(np.abs(went - step) > 1e-9)
    jumps = tuple((start + step * (int(k) + 1), float(went[k]) - step) for k in at)
    return Clock(elapsed_h=start, jumps=jumps)


def _minute(stamp: np.datetime64) -> int:
    return int((stamp.astype("datetime64[m]") - stamp.astype("datetime64[h]")).astype(np.int64))


def begun(system: System, state: State, daily: Daily, local: Stamps) -> State:
    """Set the clock to the first step, and let half of what is plugged in just before it be full."""
    hour = int(hour_of(local)[0]) - (0 if _minute(local[0]) else 1)
    plugged = {e.name: e.energy_mwh * daily.plugged[e.name][hour] / 2 for e in system.ev_fleets}
    return replace(state, clock=clock_at(local), level_mwh={**state.level_mwh, **plugged})


def capped(system: System, hours: Hours) -> System:
    """Give a period its part of a year's cap on CO2."""
    if system.co2 is None:
        return system
    part = hours.steps.count * hours.steps.hours / HOURS_A_YEAR
    return replace(system, co2=replace(system.co2, cap_t=system.co2.cap_t * part))


def _below_zero(demand: Floats, hours: Hours) -> Iterator[Mistake]:
    wrong = np.flatnonzero(demand < -1e-9)
    if len(wrong):
        step = int(wrong[0])
        yield Mistake(
            what=_("loads that the demand should hold are more than all of it"),
            where=Place(path="loads, in_demand", hour=hours.steps.label(step)),
            seen=f"{demand[step]:g} MW",
            todo=_("Correct load_mw, or write in_demand: false."),
        )
