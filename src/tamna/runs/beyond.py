"""The hours after a period: what the plan of its last day looks ahead on, so that no day depends on where a period ends.

Hours that the store knows stand there as they came; where it does not know all of them, the last day is repeated. They are
looked at and never carried out: results, costs and reports are of the period alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError
from tamna.grid.clock import HOUR, Period

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tamna.runs.dispatch_hours import Came

    Floats = NDArray[np.float64]

DAY_H = 24
_FACED = ("demand_mw", "wind_mw", "pv_mw", "steady_mw", "import_price")


def gone_on(seen: Came, more: int, read: Callable[[Period], Came | None]) -> Came:
    """Give what assets face over a period and so many hours after it; what only reports tell stays that of the period."""
    if not more:
        return seen
    end = seen.stamps[-1] + HOUR
    later: Came | None = None
    try:
        later = read(Period(end, end + more * HOUR))
    except InputError:  # not all of it is known
        later = None
    if later is not None and (later.floor is None) != (seen.floor is None):
        later = None
    them = {} if later is None else {name: getattr(later, name) for name in _FACED}
    faced: dict[str, Any] = {name: _on(getattr(seen, name), them.get(name), more) for name in _FACED}
    floor = seen.floor
    if floor is not None:
        above = None if later is None or later.floor is None else later.floor.mw
        floor = replace(floor, mw=_on(floor.mw, above, more))
    stamps = np.concatenate([seen.stamps, end + HOUR * np.arange(more)])
    return replace(seen, stamps=stamps, floor=floor, **faced)


def _on(mine: Floats, later: Floats | None, more: int) -> Floats:
    return np.concatenate([mine, np.resize(mine[-DAY_H:], more) if later is None else later])
