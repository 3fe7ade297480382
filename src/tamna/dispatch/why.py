"""Why an hour came out as it did: what set the price, which limits bound, why wind was held back.

A window's whole numbers are held and the rest is solved again; its duals say what one more MW of anything is worth.
What a row or a bound is, stands in its sentence already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch import why_flexible
from tamna.dispatch.build import build
from tamna.dispatch.cause import NEAR_KRW, NEAR_MW, Cause, Seen, cause_of
from tamna.dispatch.floor import BELOW, FLOOR
from tamna.dispatch.moves import Move, Moves, givers
from tamna.lang import Message, _
from tamna.optimise.share import ELECTRICITY
from tamna.optimise.solver import held_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.rolling import Rolled, Window
    from tamna.dispatch.system import Hours, System
    from tamna.optimise.problem import Arrays
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]

CAUSES: Mapping[Cause, Message] = {
    "must_run": _("must-run units and the links' least flow take what is left of demand"),
    "reserve": _("units stay on to hold reserve for the largest in-feed"),
    "support": _("units stay on to give the grid the short-circuit power or inertia that it needs"),
    "link": _("a link brings power in and cannot turn or stop in time"),
    "turning": _("a link could send more out, but it is still turning or cannot carry so little"),
    "commitment": _("units that are on do not go below their minimum, and stopping them costs more or takes too long"),
    "demand": _("demand is low: everything else is already off"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reasons:
    """For every step: the price, what set it, and what held wind and PV back.

    Attributes
    ----------
    price : (steps,)
        What one more MWh of demand costs. [KRW/MWh]
    setters
        The assets that one more MW of demand would have come from, by step.
    cause
        Why energy was held back, by step; None where none was.
    floor_worth, reserve_worth : (steps,)
        What a MW less of the floor, and of the reserve that binds, would save. [KRW/MWh]
    moves
        How everything moves with one more MW of demand, where no single asset's cost is the price; else nothing.
    limits
        By step, what one more of each limit would save, by asset and figure; empty where that is told apart (`worth`).
    """

    price: Floats
    setters: tuple[tuple[str, ...], ...]
    cause: tuple[Cause | None, ...]
    floor_worth: Floats
    reserve_worth: Floats
    moves: tuple[tuple[Move, ...], ...]
    limits: tuple[Mapping[tuple[str, str], float], ...] = ()

    def sentence(self, step: int, label: str) -> str:
        """Tell one step in words."""
        said = _("{hour}: {price:,.0f} KRW/MWh", hour=label, price=self.price[step])
        parts = [str(said)]
        names = ", ".join(self.setters[step])
        parts.append(str(_("set by {names}", names=names) if names else _("set by several limits together")))
        why = self.cause[step]
        if why is not None:
            parts.append(str(_("wind or PV held back: {why}", why=CAUSES[why])))
        if self.floor_worth[step] > NEAR_KRW:
            parts.append(
                str(_("a MW less of must-run would save {krw:,.0f} KRW", krw=self.floor_worth[step]))
            )
        if self.reserve_worth[step] > NEAR_KRW:
            parts.append(
                str(_("a MW less of reserve would save {krw:,.0f} KRW", krw=self.reserve_worth[step]))
            )
        return "; ".join(parts)


def reasons(system: System, hours: Hours, rolled: Rolled, window_h: float = 48.0) -> Reasons:
    """Explain every carried-out step of a rolling commitment."""
    parts = [_of_window(system, hours, window, hours.steps.whole(window_h)) for window in rolled.windows]
    return joined_reasons(parts)


def joined_reasons(parts: Sequence[Reasons]) -> Reasons:
    """Put reasons one after the other."""
    return Reasons(
        price=np.concatenate([p.price for p in parts]),
        setters=tuple(s for p in parts for s in p.setters),
        cause=tuple(c for p in parts for c in p.cause),
        floor_worth=np.concatenate([p.floor_worth for p in parts]),
        reserve_worth=np.concatenate([p.reserve_worth for p in parts]),
        moves=tuple(m for p in parts for m in p.moves),
        limits=tuple(one for p in parts for one in p.limits),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PricedWindow:
    """A window with its whole numbers held and the rest solved again, so that all of it has a price.

    Attributes
    ----------
    hours, arrays
        All hours that the window looks at, and its problem.
    count
        How many of them were carried out.
    """

    system: System
    hours: Hours
    arrays: Arrays
    found: Solution
    count: int
    moves: Moves


def priced_window(system: System, hours: Hours, window: Window, length: int) -> PricedWindow:
    """Hold a window's whole numbers and price the rest."""
    part = hours.part(window.first, length)
    problem, shares = build(system, part, window.before)
    model = held_model(problem, window.found)
    found = model.solve()
    return PricedWindow(
        system=system,
        hours=part,
        arrays=problem.arrays(),
        found=found,
        count=len(next(iter(window.done.cost.values()))),
        moves=Moves(system=system, shares=shares, model=model, found=found, steps=part.steps),
    )


def _of_window(system: System, hours: Hours, window: Window, length: int) -> Reasons:
    once = priced_window(system, hours, window, length)
    return of_steps(once.hours, once.arrays, once.moves, slice(0, once.count))


def of_steps(hours: Hours, arrays: Arrays, moves: Moves, at: slice) -> Reasons:
    """Explain some steps of an answer without whole numbers.

    Parameters
    ----------
    hours, arrays
        All that the answer covers, and its problem.
    moves
        The answer, and who can be asked about it.
    """
    system, found = moves.system, moves.found
    h = hours.steps.hours
    price = found.dual(f"balance/{ELECTRICITY}")[at] / h
    floor = found.dual(FLOOR)[at] / h if FLOOR in found.rows else np.zeros(len(price))
    held = np.zeros(at.stop - at.start)
    for fleet in system.fleets:
        held += hours.potential_mw[fleet.name][at] - found[f"{fleet.name}/power"][at]
    reserve = _reserve_worth(system, found, at) / h
    steps = range(at.start, at.stop)
    told = [_told(moves, t, *_setters(system, hours, found, t, float(price[i]))) for i, t in enumerate(steps)]
    setters, moved = [names for names, _moves in told], [all_that_moves for _names, all_that_moves in told]
    named = [mine or givers(m) for mine, m in zip(setters, moved, strict=True)]
    seen = [
        Seen(
            system=system, hours=hours, arrays=arrays, found=found, step=t, held_mw=float(held[i]), price=float(price[i]), floor=float(floor[i]),
            reserve=float(reserve[i]),
        )
        for i, t in enumerate(steps)
    ]  # fmt: skip
    return Reasons(
        price=price,
        setters=tuple(named),
        cause=tuple(cause_of(s) if held[i] > NEAR_MW else None for i, s in enumerate(seen)),
        floor_worth=floor,
        reserve_worth=reserve,
        moves=tuple(() if len(m) == 1 and named[i] else m for i, m in enumerate(moved)),
    )


def _reserve_worth(system: System, found: Solution, at: slice) -> Floats:
    total = np.zeros(at.stop - at.start)
    for product in system.reserves:
        asked = (f"{product.name}/required", f"{product.name}/loss_of_")
        for name in found.rows:
            if name.startswith(asked):
                total += found.dual(name)[at]
    return total


def _told(
    moves: Moves, step: int, fitting: tuple[str, ...], storing: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[Move, ...]]:
    """Choose who is named: what costs the price by itself, else what moves it from other hours; or all that moves with it.

    A plant's hydrogen is worth what its power costs wherever it is between its limits, so it may only take the price; a store
    may, too, where the floor gives way.
    """
    named, system, found = fitting or storing, moves.system, moves.found
    lacking = BELOW in found.columns and float(found[BELOW][step]) > NEAR_MW
    hydrogen = {*(p.name for p in system.electrolysers), *(c.name for c in system.fuel_cells)}
    if named and not hydrogen & set(fitting) and not (lacking and not fitting):
        return named, ()
    all_that_moves = moves.at(step)
    here = {m.name for m in all_that_moves if not m.elsewhere}
    return (named, ()) if named and (not here or here & set(named)) else ((), all_that_moves)


def _setters(
    system: System, hours: Hours, found: Solution, step: int, price: float
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name what lies between its limits and costs what the price is; and what may move it from other hours."""
    between = list(_between(system, hours, found, step))
    near = max(NEAR_KRW, 1e-4 * abs(price))
    fitting = dict.fromkeys(name for name, cost in between if abs(cost - price) <= near)
    return tuple(fitting), tuple(name for name, cost in between if np.isnan(cost))


def _between(system: System, hours: Hours, found: Solution, step: int) -> Iterator[tuple[str, float]]:
    """Give what could give or take one more MW, and what that costs; NaN where only later hours tell [KRW/MWh]."""
    for unit in system.thermal:
        if f"{unit.name}/above" in found:
            above = float(found[f"{unit.name}/above"][step])
            room = (unit.max_mw - unit.min_mw) * float(found[f"{unit.name}/on"][step])
            if NEAR_MW < above < room - NEAR_MW:
                yield unit.name, unit.cost_per_mwh
        elif NEAR_MW < float(found[f"{unit.name}/power"][step]) < unit.max_mw - NEAR_MW:
            yield unit.name, unit.cost_per_mwh
    for link in system.links:
        arriving, leaving = (float(found[f"{link.name}/{way}"][step]) for way in ("import", "export"))
        if NEAR_MW < arriving < link.import_mw - NEAR_MW:
            yield link.name, float(hours.import_price[link.name][step]) / (1.0 - link.loss)
        if NEAR_MW < leaving < link.export_mw - NEAR_MW:
            yield link.name, float(hours.export_price[link.name][step]) * (1.0 - link.loss)
    for fleet in system.fleets:
        if float(found[f"{fleet.name}/power"][step]) < hours.potential_mw[fleet.name][step] - NEAR_MW:
            yield fleet.name, fleet.cost_per_mwh - fleet.curtailment_cost_per_mwh
    for store in system.batteries:
        flows = (float(found[f"{store.name}/{way}"][step]) for way in ("charge", "discharge"))
        limits = (store.charge_mw, store.discharge_mw)
        if any(NEAR_MW < f < most - NEAR_MW for f, most in zip(flows, limits, strict=True)):
            yield store.name, np.nan
    yield from why_flexible.between(system, hours, found, step)
