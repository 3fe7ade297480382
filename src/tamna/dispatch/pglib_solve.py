"""A PGLib-UC instance from its file to a priced schedule: cost, proven bound, and what an evaluator of the JSON says."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.build import build
from tamna.dispatch.check.pglib import PglibSchedule, evaluate
from tamna.dispatch.commit import commit
from tamna.dispatch.pglib import MODELS, read_instance
from tamna.dispatch.pglib_found import Stricter
from tamna.dispatch.pglib_relaxed import reserve_mw
from tamna.dispatch.pglib_strict import held
from tamna.errors import UsageError
from tamna.lang import _
from tamna.optimise.blocks.curtailable import Curtailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.dispatch.check.rule import Broken
    from tamna.dispatch.pglib import Model, Rules
    from tamna.dispatch.system import Hours, System
    from tamna.optimise.problem import Arrays

    Floats = NDArray[np.float64]

_ALL = "renewables"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PglibAnswer:
    """An instance, solved.

    Attributes
    ----------
    objective, bound
        Cost of the schedule, and what no schedule can cost less than. [$]
    gap
        Proven distance from the best, over the objective. [-]
    seconds, cpu_s
        From reading the file to the answer. [s]
    schedule
        What is decided.
    keeps, beyond
        Whose rules the schedule keeps, and where it goes beyond MODEL.pdf's row 18: nowhere, or where the other's let it.
    repriced, broken
        Its cost from the JSON alone [$], and the rules of `keeps` that it breaks: none, or something is wrong.
    """

    objective: float
    bound: float
    gap: float
    seconds: float
    cpu_s: float
    schedule: PglibSchedule
    keeps: Rules
    beyond: tuple[Broken, ...]
    repriced: float
    broken: tuple[Broken, ...]


def solve_pglib(
    path: Path, gap: float = 1e-3, time_limit_s: float = 600.0, model: Model = "either"
) -> PglibAnswer:
    """Solve an instance to `gap`, or as well as the time allows.

    Parameters
    ----------
    model
        Whose rules the schedule keeps: the library's MODEL.pdf, UnitCommitment.jl's, or either: the first's where a
        schedule that does is found within `gap` of a bound that holds for both, else the second's.

    Raises
    ------
    SourceError
        Not an instance.
    UsageError
        A gap, a time or a model that cannot be meant.
    Infeasible, TamnaError
        No schedule, or none within the time.
    """
    if not 0.0 <= gap < 1.0 or not time_limit_s > 0.0:
        raise UsageError(
            _("the gap must lie in [0, 1) and the time above 0"),
            seen=f"{gap:g}, {time_limit_s:g} s",
            todo=_("Give a fraction, such as 0.001, and seconds."),
        )
    if model not in MODELS:
        raise UsageError(
            _("{option} is not understood", option="--model"),
            seen=model,
            todo=_("Write one of: {right}.", right=", ".join(MODELS)),
        )
    wall, cpu = time.perf_counter(), time.process_time()
    system, hours, state = read_instance(path)  # by MODEL.pdf
    summed = _as_one_fleet(system, hours)
    arrays, strict = build(*summed, state)[0].arrays(), None
    searched = summed[0]
    if model != "model.pdf" and system.reserves:
        if model == "either":
            strict = Stricter(arrays, *summed, state, reserve_mw(*summed))
        loose = read_instance(path, "unitcommitment.jl")[0]
        searched = replace(searched, thermal=loose.thermal)
        arrays = build(searched, summed[1], state)[0].arrays()
    left = time_limit_s - (time.perf_counter() - wall)
    found = commit(arrays, searched, summed[1], state, gap=gap, time_limit_s=max(left, 1.0), strict=strict)
    columns = _values(arrays, found.x)
    holds = held(system, state, columns, reserve_mw(*summed))
    done = _schedule(system, hours, columns, holds.reserve)
    seconds, spent = time.perf_counter() - wall, time.process_time() - cpu
    given = json.loads(path.read_text("utf-8"))
    repriced, broken = evaluate(given, done)
    keeps: Rules = "model.pdf"
    beyond: tuple[Broken, ...] = ()
    if broken and model != "model.pdf":
        keeps, (repriced, wrong) = "unitcommitment.jl", evaluate(given, done, reserve_to_stop=False)
        beyond, broken = tuple(b for b in broken if b not in wrong), wrong
    return PglibAnswer(
        objective=found.objective,
        bound=found.bound,
        gap=found.gap,
        seconds=seconds,
        cpu_s=spent,
        schedule=done,
        keeps=keeps,
        beyond=beyond,
        repriced=repriced,
        broken=broken,
    )


def _as_one_fleet(system: System, hours: Hours) -> tuple[System, Hours]:
    """Renewables cost nothing and hold no reserve, so only their sum counts."""
    if not system.fleets:
        return system, hours
    one = replace(
        hours,
        potential_mw={_ALL: _sum(hours.potential_mw, system)},
        must_take_mw={_ALL: _sum(hours.must_take_mw, system)},
    )
    return replace(system, fleets=(Curtailable(name=_ALL),)), one


def _sum(by_fleet: Mapping[str, Floats], system: System) -> Floats:
    return np.asarray(np.sum([by_fleet[f.name] for f in system.fleets], axis=0))


def _values(arrays: Arrays, x: Floats) -> dict[str, Floats]:
    return {group.name: x[group.place] for group in arrays.columns}


def _schedule(
    system: System, hours: Hours, columns: Mapping[str, Floats], held_mw: Mapping[str, Floats]
) -> PglibSchedule:
    count, on, output, reserve = hours.steps.count, {}, {}, {}
    for unit in system.thermal:
        running = columns[f"{unit.name}/on"] if unit.commits else np.ones(count)
        on[unit.name] = running > 0.5
        above = columns[f"{unit.name}/above"] if unit.commits else columns[f"{unit.name}/power"]
        output[unit.name] = above + unit.min_mw * on[unit.name]
        reserve[unit.name] = held_mw.get(unit.name, np.zeros(count))
    return PglibSchedule(
        on=on, output_mw=output, reserve_mw=reserve, renewable_mw=_shared(system, hours, columns)
    )


def _shared(system: System, hours: Hours, columns: Mapping[str, Floats]) -> dict[str, Floats]:
    """Give each renewable its minimum and the same share of what is left to its maximum."""
    if not system.fleets:
        return {}
    room = {f.name: hours.potential_mw[f.name] - hours.must_take_mw[f.name] for f in system.fleets}
    all_room = np.sum(list(room.values()), axis=0)
    taken = columns[f"{_ALL}/power"] - _sum(hours.must_take_mw, system)
    share = np.divide(taken, all_room, out=np.zeros_like(taken), where=all_room > 0.0)
    return {name: hours.must_take_mw[name] + share * mw for name, mw in room.items()}
