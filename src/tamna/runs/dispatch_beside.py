"""A dispatch laid beside what was held back in its hours, as published or as estimated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.island import WIND
from tamna.dispatch.published import Facts, beside
from tamna.dispatch.spread import room
from tamna.grid.clock import to_local

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.published import Beside, Telling
    from tamna.grid import Island
    from tamna.runs.dispatch_hours import Came
    from tamna.runs.dispatching import Answer


def beside_of(
    island: Island, seen: Came, answer: Answer, held_mwh: NDArray[np.float64], by: Telling = "other-years"
) -> Beside | None:
    """Hold what a run holds back of wind against `held_mwh`; None where no other year told a floor, or all is NaN.

    Parameters
    ----------
    held_mwh : (hours,)
        Held back, as the island counts it; NaN where that is not known. [MWh]
    by
        Who told the floor of the run.
    """
    floor = seen.floor
    if floor is None:
        return None
    local = to_local(seen.stamps, island.timezone)
    facts = Facts(
        month=local.astype("datetime64[M]").astype(str),
        day=(local.astype("datetime64[D]") - local[0].astype("datetime64[D]")).astype(np.int64),
        published_mwh=held_mwh,
        left_mw=seen.demand_mw - seen.pv_mw - seen.gave_mw,
        floor_mw=floor.mw + seen.steady_mw,
        margin_mw=floor.margin_mw,
        closed_mw=floor.closed_mw,
        links_least_mw=floor.links_least_mw,
        counted=seen.counted,
        scatter=floor.scatter,
        in_use_mw=floor.told(by) + seen.steady_mw,
        days=floor.days,
        hours=floor.hours,
        others=floor.others,
    )
    found = room(answer.system, answer.hours, answer.rolled.done, WIND)
    return beside(replace(found, floor_mw=floor.mw), facts, answer.hours.steps.hours, by=by, found=found)
