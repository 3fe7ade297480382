"""The drill of a dispatch: the largest link or unit fails in each hour, with the island's stores and without any.

Beside it one pole of an LCC link fails, where links have several.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tamna.dispatch import assumed
from tamna.dispatch.critical import classes_of, critical
from tamna.dispatch.drill import drill, has_poles
from tamna.dispatch.whatif import WhatIf, changed
from tamna.grid.clock import to_local
from tamna.runs.dispatching import rolled_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.assumed import Assumed
    from tamna.dispatch.drill import Failure
    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.blocks.demand import LoadClass
    from tamna.runs.dispatching import Dispatched

    Case = tuple[System, Hours, State]

HORIZON_H = 6.0
STORES = ("batteries", "hydrogen_stores", "fuel_cells")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drilled:
    """A drill.

    Attributes
    ----------
    labels
        What readers call the hours.
    with_stores, without
        The failures of all hours: of the island as dispatched, and of one that has no store and is committed without;
        None where there is no store to leave out.
    pole_with_stores, pole_without
        The same where a pole of an LCC link fails, not all of it; None where no link has several poles.
    classes, critical
        Of load; and those of them that are worth more than the cheapest.
    """

    labels: tuple[str, ...]
    horizon_h: float
    step_h: float
    with_stores: tuple[Failure, ...]
    without: tuple[Failure, ...] | None
    pole_with_stores: tuple[Failure, ...] | None
    pole_without: tuple[Failure, ...] | None
    classes: tuple[LoadClass, ...]
    critical: tuple[str, ...]
    assumed: tuple[Assumed, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {
            "horizon_h": self.horizon_h,
            "critical": list(self.critical),
            "classes": [{"name": c.name, "share": c.share, "lost_krw_per_mwh": c.lost_per_mwh} for c in self.classes],
            "with_stores": self._hours(self.with_stores),
            "without_stores": self._hours(self.without),
            "pole_with_stores": self._hours(self.pole_with_stores),
            "pole_without_stores": self._hours(self.pole_without),
            "assumed": [a.as_dict() for a in self.assumed],
        }  # fmt: skip

    def _hours(self, failures: tuple[Failure, ...] | None) -> list[dict[str, Any]] | None:
        if failures is None:
            return None
        return [
            {
                "hour": self.labels[f.step], "lost": f.lost, "lost_mw": f.lost_mw, "first_mw": f.first_mw,
                "shed_mwh": dict(f.shed_mwh), "shed_h": f.shed_steps * self.step_h,
                "until_h": (f.last_step + 1) * self.step_h, "open_end": f.open_end,
            }
            for f in failures
        ]  # fmt: skip


def drilled(done: Dispatched, *, horizon_h: float = HORIZON_H) -> Drilled:
    """Let the largest link or unit of each hour fail.

    Raises
    ------
    Infeasible
        Without stores there is no schedule at all.
    """
    answer = done.answer
    case = answer.system, answer.hours, answer.before
    classes = classes_of(done.island, answer.system, answer.hours.demand_mw)
    starts = start_h(answer.system)
    bare, bare_done = _bare(done)
    several = has_poles(answer.system)

    def failures(*, pole: bool) -> tuple[tuple[Failure, ...], tuple[Failure, ...] | None]:
        """Drill as dispatched, and without stores."""
        how = partial(drill, classes=classes, start_h=starts, horizon_h=horizon_h, pole=pole)
        without = None if bare is None or bare_done is None else how(*bare, bare_done)
        return how(*case, answer.rolled.done), without

    whole, poles = failures(pole=False), failures(pole=True) if several else (None, None)
    return Drilled(
        labels=tuple(answer.hours.steps.label(t) for t in range(answer.hours.steps.count)),
        horizon_h=horizon_h,
        step_h=answer.hours.steps.hours,
        with_stores=whole[0],
        without=whole[1],
        pole_with_stores=poles[0],
        pole_without=poles[1],
        classes=classes,
        critical=critical(classes),
        assumed=_assumed(answer.system),
    )


def start_h(system: System) -> Mapping[str, float]:
    """Give each unit's time from the order to the first output: assumed, as no grid file has it [h]."""
    return {
        u.name: (assumed.FAST_START if u.ramp_up_mw_per_h >= u.max_mw else assumed.START_TIME).value
        for u in system.thermal
    }


def _assumed(system: System) -> tuple[Assumed, ...]:
    fast = [u.ramp_up_mw_per_h >= u.max_mw for u in system.thermal]
    return (*((assumed.START_TIME,) if not all(fast) else ()), *((assumed.FAST_START,) if any(fast) else ()))


def _bare(done: Dispatched) -> tuple[Case, Schedule] | tuple[None, None]:
    """Give the island without any store, and what it runs then; None where it has none."""
    answer = done.answer
    names = tuple(a.name for part in STORES for a in getattr(answer.system, part))
    if not names:
        return None, None
    local = to_local(done.came.stamps, done.island.timezone)
    count = answer.hours.steps.count
    bare = changed(WhatIf(without=names), answer.system, answer.ahead, answer.before, local)
    return (bare[0], bare[1].part(0, count), bare[2]), rolled_on(bare, done.asked, count).done
