"""Why there is no answer: the smallest clashing set in words, and the softened answer beside it.

A clash of linear rows and bounds is the solver's irreducible set. Where whole numbers are a part of it (the relaxed
problem has answers), rows are left out one family, then one step at a time, as long as the rest still clashes. The
softened answer gives way as little as it can, in MW and MWh, and among such answers costs least.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Infeasible, Mistake, TamnaError
from tamna.lang import _
from tamna.optimise.problem import MOST_SHOWN, Arrays, Group
from tamna.optimise.solver import How, Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.optimise.problem import Problem, Steps
    from tamna.optimise.solution import Solution

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One sentence of the clash, and the steps in which it takes part."""

    name: str
    says: Message
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivesWay:
    """What the softened answer breaks: the rule, the step, and by how much [the rule's unit, mostly MW]."""

    name: str
    says: Message
    step: int
    by: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clash:
    """Why there is no answer, and the nearest thing to one.

    Attributes
    ----------
    members
        Rules that cannot all be kept; leave out any one and the others can (with whole numbers: as far as the time went).
    softened
        The answer that breaks least, with what it breaks; None where none was found in time.
    """

    members: tuple[Member, ...]
    gives_way: tuple[GivesWay, ...]
    softened: Solution | None

    def error(self, steps: Steps) -> Infeasible:
        """Give the refusal with one line a member, and what would have to give way."""
        said = [
            Mistake(what=_("cannot be kept: {says} ({steps})", says=m.says, steps=_some(m.steps, steps)))
            for m in self.members
        ]
        said += [
            Mistake(
                what=_("nearest answer: {says}, missed by {by}", says=g.says, by=f"{abs(g.by):.6g}"),
                todo=_("({step})", step=steps.label(g.step)),
            )
            for g in sorted(self.gives_way, key=lambda g: -abs(g.by))[:MOST_SHOWN]
        ]
        return Infeasible(said or _("no answer satisfies all constraints"))


def explain(problem: Problem, *, time_limit_s: float = 60.0) -> Clash | None:
    """Say why a problem has no answer; None where it has one.

    Parameters
    ----------
    time_limit_s
        For a clash of whole numbers; what is found until then may hold more than the smallest set. [s]
    """
    arrays = problem.arrays()
    rows, columns = _linear_clash(arrays)
    if not len(rows) and not len(columns):
        if not _clashes(Model(arrays, How(time_limit_s=time_limit_s))):
            return None
        rows, columns = _left_over(arrays, time_limit_s)
    members = (*_members(arrays.rows, rows), *_members(arrays.columns, columns))
    gives_way, softened = soften(arrays, time_limit_s=time_limit_s)
    return Clash(members=members, gives_way=gives_way, softened=softened)


def _linear_clash(arrays: Arrays) -> tuple[Ints, Ints]:
    model = Model(replace(arrays, integer=np.zeros_like(arrays.integer)))
    if not _clashes(model):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    return model.clashing()


def _clashes(model: Model) -> bool:
    try:
        model.solve()
    except Infeasible:
        return True
    except TamnaError:  # no answer in time: not known to clash
        return False
    return False


def _left_over(arrays: Arrays, time_limit_s: float) -> tuple[Ints, Ints]:
    """Leave out rows and columns' limits, families first, then halves down to single steps, while the rest clashes."""
    end = time.monotonic() + time_limit_s
    m, n = len(arrays.row_lower), len(arrays.cost)
    model = Model(replace(arrays, cost=np.zeros(n)), How(time_limit_s=max(1.0, time_limit_s / 20)))
    kept = np.ones(m + n, dtype=bool)
    waiting = [np.arange(g.first, g.first + g.size) for g in arrays.rows]
    waiting += [m + np.arange(g.first, g.first + g.size) for g in arrays.columns]
    while waiting and time.monotonic() < end:
        part = waiting.pop()
        trial = kept.copy()
        trial[part] = False
        model.change_arrays(_without(arrays, trial[:m], trial[m:]))
        if _clashes(model):
            kept = trial
        elif len(part) > 1:
            waiting += [part[: len(part) // 2], part[len(part) // 2 :]]
    return np.flatnonzero(kept[:m]), np.flatnonzero(kept[m:])


def _without(arrays: Arrays, rows: Bools, columns: Bools) -> Arrays:
    """Keep the sides of some rows, and the bounds and whole numbers of some columns."""
    return replace(
        arrays,
        row_lower=np.where(rows, arrays.row_lower, -np.inf),
        row_upper=np.where(rows, arrays.row_upper, np.inf),
        column_lower=np.where(columns, arrays.column_lower, -np.inf),
        column_upper=np.where(columns, arrays.column_upper, np.inf),
        integer=arrays.integer & columns,
        cost=np.zeros_like(arrays.cost),
    )


def soften(arrays: Arrays, *, time_limit_s: float = 60.0) -> tuple[tuple[GivesWay, ...], Solution | None]:
    """Find the answer that breaks least: rows of power and energy may be missed, those of on and off only if they must."""
    physical = np.zeros(len(arrays.row_lower), dtype=bool)
    physical[arrays.row[~arrays.integer[arrays.column]]] = True
    for may_give in (physical, np.ones_like(physical)):
        try:
            return _elastic(arrays, np.flatnonzero(may_give), How(time_limit_s=time_limit_s))
        except TamnaError:
            continue
    return (), None


def _elastic(arrays: Arrays, rows: Ints, how: How) -> tuple[tuple[GivesWay, ...], Solution]:
    n, k = len(arrays.cost), len(rows)
    over, under = np.arange(n, n + k), np.arange(n + k, n + 2 * k)
    none, open_up = np.zeros(2 * k), np.full(2 * k, np.inf)
    soft = replace(
        arrays,
        column_lower=np.concatenate([arrays.column_lower, none]),
        column_upper=np.concatenate([arrays.column_upper, open_up]),
        integer=np.concatenate([arrays.integer, np.zeros(2 * k, dtype=bool)]),
        cost=np.concatenate([np.zeros(n), np.ones(2 * k)]),
        offset=0.0,
        row=np.concatenate([arrays.row, rows, rows]),
        column=np.concatenate([arrays.column, over, under]),
        factor=np.concatenate([arrays.factor, -np.ones(k), np.ones(k)]),
        columns=(*arrays.columns, Group("over", n, k, _("missed")), Group("under", n + k, k, _("missed"))),
    )
    model = Model(soft, how)
    least = model.solve()
    capped = replace(
        soft,
        column_upper=np.concatenate([arrays.column_upper, _cap(least.x[n:])]),
        cost=np.concatenate([arrays.cost, none]),
        offset=arrays.offset,
    )
    model.change_arrays(capped)
    found = model.solve()
    missed = found["over"] - found["under"]
    return tuple(_given(arrays.rows, rows, missed)), found


def _cap(missed: Floats) -> Floats:
    return np.where(missed > _NOTHING, missed * (1.0 + 1e-9) + 1e-9, 0.0)


_NOTHING = 1e-6


def _given(groups: tuple[Group, ...], rows: Ints, missed: Floats) -> Iterator[GivesWay]:
    for at in np.flatnonzero(np.abs(missed) > _NOTHING):
        group = next(g for g in groups if g.first <= rows[at] < g.first + g.size)
        yield GivesWay(
            name=group.name, says=group.says, step=int(rows[at]) - group.first, by=float(missed[at])
        )


def _members(groups: tuple[Group, ...], numbers: Ints) -> Iterator[Member]:
    for group in groups:
        inside = np.sort(numbers[(numbers >= group.first) & (numbers < group.first + group.size)])
        if len(inside):
            yield Member(name=group.name, says=group.says, steps=tuple(int(i) - group.first for i in inside))


def _some(which: tuple[int, ...], steps: Steps) -> str:
    named = ", ".join(steps.label(t) for t in which[:MOST_SHOWN])
    more = len(which) - MOST_SHOWN
    return str(_("{named} and {n} more", named=named, n=more)) if more > 0 else named
