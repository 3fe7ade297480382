"""The row on which two readings of PGLib-UC differ: what a unit holds in reserve in its last hour on.

By MODEL.pdf (row 18) output and reserve together keep the limit of a stop; by UnitCommitment.jl output alone does. So all that
keeps MODEL.pdf keeps the other, too, and a bound by the other holds for both. Reserve costs nothing, and who holds it is
free: of the reserve that an hour asks for, all that MODEL.pdf lets units hold is handed out first, and only the rest lies
beyond that row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.pglib import SPINNING
from tamna.dispatch.pglib_relaxed import headroom_mw, needed_mw, priced
from tamna.dispatch.pglib_rows import whole, with_capacity
from tamna.lang import _
from tamna.optimise.edit import Entries, with_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.pglib_relaxed import Relaxed
    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]

SEEN_MW = 1e-5
"""Less beyond the row is a solver's tolerance."""
_NEAR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Who holds reserve, and what of it lies beyond row 18, by unit, (hours,) [MW]."""

    reserve: Mapping[str, Floats]
    beyond: Mapping[str, Floats]

    @property
    def keeps(self) -> bool:
        """Whether nothing lies beyond."""
        return not any((mw > SEEN_MW).any() for mw in self.beyond.values())


def held(system: System, state: State, columns: Mapping[str, Floats], required: Floats) -> Held:
    """Hand out an hour's reserve, as little of it beyond row 18 as can be, by as few units.

    Parameters
    ----------
    system
        With the limits of MODEL.pdf.
    columns
        By name, what units do, (hours,).
    required : (hours,)
        [MW]
    """
    units = [u for u in system.thermal if u.commits]
    if not units:
        return Held({}, {})
    room = np.array([_headroom(u, state, columns, to_stop=True) for u in units])
    extra = np.array([_headroom(u, state, columns, to_stop=False) for u in units]) - room
    every = room.sum(axis=0)
    share = np.divide(required, every, out=np.ones_like(every), where=every > required)
    missing = np.maximum(required - every, 0.0)
    order = np.argsort(-extra, axis=0, kind="stable")
    first = np.take_along_axis(extra, order, axis=0)
    taken = np.clip(missing - (np.cumsum(first, axis=0) - first), 0.0, first)
    beyond = np.zeros_like(extra)
    np.put_along_axis(beyond, order, taken, axis=0)
    names = [u.name for u in units]
    return Held(dict(zip(names, room * share + beyond, strict=True)), dict(zip(names, beyond, strict=True)))


def _headroom(unit: Thermal, state: State, columns: Mapping[str, Floats], *, to_stop: bool) -> Floats:
    on, start, stop, above = (columns[f"{unit.name}/{what}"] for what in ("on", "start", "stop", "above"))
    limited = unit if to_stop else replace(unit, stop_held_mw=unit.max_mw)
    return headroom_mw(limited, state.thermal[unit.name], (on, start, stop, above))


def by_model_pdf(given: Relaxed, hours: Hours, limit_s: float) -> Relaxed:
    """Add row 18 with reserve, and what follows from it for the capacity on, to a relaxation without; priced anew.

    Raises
    ------
    Infeasible, TamnaError
        No linear answer, or none within `limit_s`.
    """
    new, at = Entries(), {g.name: g.first for g in given.arrays.columns}
    for unit in given.system.thermal:
        if unit.commits and f"{SPINNING}/{unit.name}" in at:
            _put_row_18(new, at, unit, np.flatnonzero(given.busy), hours.steps.count)
    says = _("output and reserve together keep the limit of a stop")
    rows = with_rows(given.arrays, "row_18", new, says)
    arrays = with_capacity(rows, given.system, needed_mw(given.system, hours))
    return priced(replace(given, arrays=arrays), limit_s)


def _put_row_18(
    new: Entries, at: Mapping[str, int], unit: Thermal, busy: NDArray[np.int64], count: int
) -> None:
    last = unit.max_mw if unit.stop_held_mw is None else min(unit.stop_held_mw, unit.max_mw)
    first = unit.max_mw if unit.start_mw is None else min(unit.start_mw, unit.max_mw)
    if unit.max_mw - last <= _NEAR:
        return
    on, start, stop, above = (at[f"{unit.name}/{what}"] for what in ("on", "start", "stop", "above"))
    for k, hour in enumerate(busy):
        if hour + 1 >= count:
            continue
        row = new.open(upper=0.0)
        new.put(row, above + hour, 1.0)
        new.put(row, at[f"{SPINNING}/{unit.name}"] + k, 1.0)
        new.put(row, on + hour, unit.min_mw - unit.max_mw)
        new.put(row, stop + hour + 1, unit.max_mw - last)
        missing = unit.max_mw - first
        for back in range(min(max(1, whole(unit.min_up_h)) - 1, hour + 1)):
            if missing > _NEAR:
                new.put(row, start + hour - back, missing)
            missing -= unit.ramp_up_mw_per_h
