"""Rules of machines that turn with the grid: short-circuit power and inertia, one kind of run at a time, losses, starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, State, System

    Floats = NDArray[np.float64]

NAME = "synchronous"


def condenser_rules(system: System, hours: Hours, done: Schedule, state: State) -> Iterator[Broken]:
    """Check every condenser: in service, not burning fuel at once, its losses and what its starts cost."""
    for c in system.condensers:
        on = done.columns[f"{c.name}/on"] > 0.5
        in_service = hours.available.get(c.name if c.of is None else c.of, np.float64(1.0))
        yield from above(c.name, _("turns while out of service"), on, np.where(in_service > 0.0, 1.0, 0.0))
        if c.of is not None and f"{c.of}/on" in done.columns:
            burns = done.columns[f"{c.of}/on"] > 0.5
            yield from above(c.name, _("burns fuel and runs as a condenser at once"), on & burns, 0.5)
        taken = -done.injection_mw[ELECTRICITY][c.name]
        yield from apart(c.name, _("takes other than its losses"), taken, c.loss_mw * on)
        if c.start_cost:
            starts = on & ~np.concatenate([[c.name in state.turning], on[:-1]])
            yield from above(
                c.name, _("costs other than told"), c.start_cost * starts, done.cost[c.name], 1e-2
            )


def synchronous_rules(system: System, hours: Hours, done: Schedule) -> Iterator[Broken]:
    """Check that what turns gives what the grid, its links and its inertia need, but for what is told to be missing."""
    need = system.synchronous
    if need is None:
        return
    count = done.count
    strength, inertia = np.zeros(count), np.zeros(count)
    for machine in need.machines:
        on = _turning(system, hours, done, machine.name)
        strength += machine.strength_mva * on
        inertia += machine.inertia_mws * on
    asked = np.zeros(count)
    for link in system.links:
        carried = done.columns[f"{link.name}/import"] + done.columns[f"{link.name}/export"]
        asked += link.strength_ratio * carried
    short_mva, short_mws = (done.columns[f"{NAME}/{k}"] for k in ("short_mva", "short_mws"))
    zero = np.float64(0.0)
    least = zero if hours.strength_mva is None else hours.strength_mva
    slack = 1e-3
    yield from above(
        NAME, _("gives less short-circuit power than is required"), least, strength + short_mva, slack
    )
    yield from above(
        NAME, _("gives less short-circuit power than LCC links need"), asked, strength + short_mva, slack
    )
    least = zero if hours.inertia_mws is None else hours.inertia_mws
    yield from above(NAME, _("gives less inertia than is required"), least, inertia + short_mws, slack)
    told, step_h = done.cost[NAME], hours.steps.hours
    cost = np.zeros(count)
    for short, price in ((short_mva, need.short_per_mva_h), (short_mws, need.short_per_mws_h)):
        cost = cost + (step_h * price * short if np.isfinite(price) else 0.0)
        if not np.isfinite(price):
            yield from above(NAME, _("lacks what may not be missing"), short, 0.0)
    yield from apart(NAME, _("costs other than told"), told, cost, 1e-2)


def _turning(system: System, hours: Hours, done: Schedule, name: str) -> Floats:
    """1 where a unit or condenser turns, (steps,); a unit without on and off turns while it is in service."""
    if f"{name}/on" in done.columns and name not in {u.name for u in system.thermal if not u.commits}:
        return np.asarray((done.columns[f"{name}/on"] > 0.5) * 1.0)
    share = np.broadcast_to(hours.available.get(name, np.float64(1.0)), (done.count,))
    return np.asarray((share > 0.0) * 1.0)
