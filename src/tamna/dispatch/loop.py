"""Day after day: commit on what is foreseen, live what comes, and begin the next day from where that ended.

The plan of a day looks some hours beyond it. What is foreseen reaches to the day's end; beyond it the same day's first
hours stand in, unless the foresight says that it knows them. So the hours given should go on after the last day: its plan
looks no further than they do.
The plan starts from the state at midnight, which in truth is known thirteen hours after the forecast is issued: what was
decided is on or off either way, stores may differ a little.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.ahead import plan
from tamna.dispatch.ahead_paths import plan_for_paths
from tamna.dispatch.answer import joined, schedule
from tamna.dispatch.realtime import live
from tamna.dispatch.rolling import Rolled, Window
from tamna.dispatch.state import after
from tamna.dispatch.why import joined_reasons
from tamna.optimise.paths import Risk
from tamna.optimise.solver import How

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.dispatch.ahead import Plan
    from tamna.dispatch.ahead_paths import Outlook
    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import Hours, State, System
    from tamna.dispatch.why import Reasons

    Floats = NDArray[np.float64]

BEYOND_H = 12.0
"""A plan looks so far beyond the end of its day. [h]"""
HOW = How(gap=1e-3, time_limit_s=60.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Many:
    """How each step may come, path by path, each as likely as the others.

    Attributes
    ----------
    demand_mw : (paths, steps)
        [MW]
    potential_mw
        By fleet, (paths, steps). [MW]
    risk
        What the worst paths weigh.
    """

    demand_mw: Floats
    potential_mw: Mapping[str, Floats]
    risk: Risk = field(default_factory=Risk)

    @property
    def count(self) -> int:
        """How many paths."""
        return len(self.demand_mw)

    def each(self) -> Iterator[Foresight]:
        """Give one path after the other."""
        for k, demand in enumerate(self.demand_mw):
            yield Foresight(demand_mw=demand, potential_mw={n: v[k] for n, v in self.potential_mw.items()})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foresight:
    """What was foreseen of each step the day before; what is not named here was known.

    Attributes
    ----------
    demand_mw : (steps,)
        [MW]
    potential_mw
        By fleet, (steps,). [MW]
    knows_on
        The hours after a plan's day are foreseen as well, those after the last day among them.
    many
        How each step may come: what is decided the day before is decided for all of that, and the steps above are what
        is expected of later hours within the day. None: decided on the steps above alone.
    """

    demand_mw: Floats
    potential_mw: Mapping[str, Floats]
    knows_on: bool = False
    many: Many | None = None

    def first(self, count: int) -> Foresight:
        """Give what was foreseen of the first steps, on the middle."""
        return Foresight(
            demand_mw=self.demand_mw[:count],
            potential_mw={k: v[:count] for k, v in self.potential_mw.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looped:
    """All days.

    Attributes
    ----------
    rolled
        What was carried out, day by day, each with what the solver says of its plan.
    planned
        What the plans meant each day to be, on what was foreseen.
    reasons
        Of what was carried out; None where not asked for.
    outlooks
        What each day's decisions come to on its paths; empty where nothing was decided on paths.
    """

    rolled: Rolled
    planned: Schedule
    reasons: Reasons | None
    outlooks: tuple[Outlook, ...] = ()


def go_round(
    system: System,
    came: Hours,
    foresight: Foresight,
    state: State,
    days: Sequence[slice],
    *,
    beyond_h: float = BEYOND_H,
    how: How = HOW,
    why: bool = False,
    advance: Callable[[int], None] = lambda _n: None,
) -> Looped:
    """Commit, live and go on, day after day.

    Parameters
    ----------
    system
        With a last resort: a day that comes otherwise than foreseen may have no answer without one.
    days
        Steps of each day, one after the other, from the first step on; `came` may go on after the last.
    """
    parts: list[tuple[Window, Schedule, Reasons | None]] = []
    outlooks: list[Outlook] = []
    for day in days:
        seen = foreseen(came, foresight, day, came.steps.whole(beyond_h))
        if foresight.many is None:
            planned = plan(system, seen, state, how)
        else:
            outlooks.append(_outlook(system, came, foresight.many, seen, state, day=day, how=how))
            planned = outlooks[-1].plan
        parts.append(_day(system, came, seen, state, planned, day=day, why=why))
        state = after(system, parts[-1][0].done, state, came.steps.hours)
        advance(1)
    windows = tuple(w for w, _p, _r in parts)
    return Looped(
        rolled=Rolled(
            windows=windows,
            done=joined([w.done for w in windows]),
            end=state,
        ),
        planned=joined([p for _w, p, _r in parts]),
        reasons=joined_reasons([r for _w, _p, r in parts if r is not None]) if why else None,
        outlooks=tuple(outlooks),
    )


def _outlook(
    system: System, came: Hours, many: Many, seen: Hours, state: State, *, day: slice, how: How
) -> Outlook:
    """Decide for a day on its paths; each goes on beyond the day as it began."""
    count = day.stop - day.start
    paths = [foreseen(came, path, day, seen.steps.count - count) for path in many.each()]
    return plan_for_paths(system, seen, paths, state, how, steps=count, risk=many.risk)


def _day(
    system: System, came: Hours, seen: Hours, state: State, planned: Plan, *, day: slice, why: bool
) -> tuple[Window, Schedule, Reasons | None]:
    """Live a day after its plan."""
    count = day.stop - day.start
    lived = live(system, _came(came, seen, day), state, planned, count, why=why)
    meant = schedule(planned.problem, planned.shares, planned.found).first(count)
    return Window(first=day.start, before=state, done=lived.done, found=planned.found), meant, lived.reasons


def foreseen(came: Hours, foresight: Foresight, day: slice, more: int) -> Hours:
    """Give a day, and up to `more` steps after it, as they were foreseen."""
    whole = came.part(day.start, day.stop - day.start + more)
    count = whole.steps.count

    def seen(values: Floats) -> Floats:
        if foresight.knows_on:
            return values[day.start : day.start + count]
        return np.resize(values[day], count)

    potential = {**whole.potential_mw, **{k: seen(v) for k, v in foresight.potential_mw.items()}}
    must = {k: np.minimum(v, potential[k]) for k, v in whole.must_take_mw.items()}
    return replace(whole, demand_mw=seen(foresight.demand_mw), potential_mw=potential, must_take_mw=must)


def _came(came: Hours, seen: Hours, day: slice) -> Hours:
    """Give the day as it came, with what was foreseen after it."""
    count = day.stop - day.start

    def then(lived: Floats, later: Floats) -> Floats:
        return np.concatenate([lived[day], later[count:]])

    return replace(
        seen,
        demand_mw=then(came.demand_mw, seen.demand_mw),
        potential_mw={k: then(came.potential_mw[k], v) for k, v in seen.potential_mw.items()},
        must_take_mw={k: then(came.must_take_mw[k], v) for k, v in seen.must_take_mw.items()},
    )
