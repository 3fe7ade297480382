"""One day cut out of a dispatch, as a dispatch of its own: what pictures of hours are drawn of."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.account import account, held_in_all_mw
from tamna.dispatch.answer import Schedule
from tamna.dispatch.rolling import Rolled
from tamna.dispatch.state import after
from tamna.grid.clock import HOUR, Period, to_local

if TYPE_CHECKING:
    from tamna.dispatch.why import Reasons
    from tamna.runs.dispatch_hours import Came
    from tamna.runs.dispatching import Dispatched, Loop


def told_day(done: Dispatched) -> Dispatched:
    """Cut out the day in which most was held back; where nothing was, the one in which most was missing, or the last."""
    local = to_local(done.came.stamps, done.island.timezone).astype("datetime64[D]")
    days, code = np.unique(local, return_inverse=True)
    answer = done.answer
    held = held_in_all_mw(answer.system, answer.hours, answer.rolled.done)
    short = np.sum(
        [answer.rolled.done.columns[f"{p.name}/short"] for p in answer.system.reserves] or [held], axis=0
    )
    by_day = next((s for s in (np.bincount(code, of) for of in (held, short)) if s.max() > 0.5), None)
    chosen = len(days) - 1 if by_day is None else int(np.argmax(by_day))
    at = np.flatnonzero(code == chosen)
    return day_cut(done, slice(int(at[0]), int(at[-1]) + 1))  # fmt: skip


def day_cut(done: Dispatched, at: slice) -> Dispatched:
    """Cut some hours out of a dispatch."""
    answer, steps = done.answer, slice(at.start, at.stop)
    hours = answer.hours.part(at.start, at.stop - at.start)
    part = _schedule(answer.rolled.done, steps)
    before = answer.before
    if at.start:
        before = after(answer.system, answer.rolled.done.first(at.start), answer.before, hours.steps.hours)
    came = _came(done.came, steps)
    return replace(
        done,
        period=Period(came.stamps[0], came.stamps[-1] + HOUR),
        came=came,
        answer=replace(
            answer,
            hours=hours,
            before=before,
            rolled=Rolled(windows=answer.rolled.windows, done=part, end=answer.rolled.end),
            account=account(answer.system, hours, part, done.stand.burns, before),
            reasons=None if answer.reasons is None else _reasons(answer.reasons, steps),
            worths=tuple(replace(w, saves=w.saves[steps]) for w in answer.worths),
        ),
        beside=None,
        published=None,
        loop=None if done.loop is None else _loop(done.loop, steps),
    )


def _schedule(of: Schedule, at: slice) -> Schedule:
    return Schedule(
        injection_mw={b: {k: v[at] for k, v in kinds.items()} for b, kinds in of.injection_mw.items()},
        cost={k: v[at] for k, v in of.cost.items()},
        columns={k: v[at] for k, v in of.columns.items()},
    )


def _reasons(of: Reasons, at: slice) -> Reasons:
    return replace(of, **{f.name: getattr(of, f.name)[at] for f in fields(of)})


def _loop(of: Loop, at: slice) -> Loop:
    seen = of.foresight
    return replace(
        of,
        planned=_schedule(of.planned, at),
        foresight=replace(
            seen,
            demand_mw=seen.demand_mw[at],
            potential_mw={k: v[at] for k, v in seen.potential_mw.items()},
        ),
    )


def _came(of: Came, at: slice) -> Came:
    cut: dict[str, Any] = {
        f.name: value[at] for f in fields(of) if isinstance(value := getattr(of, f.name), np.ndarray)
    }
    return replace(of, **cut)
