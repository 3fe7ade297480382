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

    from tamna.dispatch.published import Telling
    from tamna.runs.dispatch_hours import Came

    Floats = NDArray[np.float64]

DAY_H = 24
_FACED = ("demand_mw", "wind_mw", "pv_mw", "steady_mw", "import_price")


def gone_on(
    seen: Came, more: int, read: Callable[[Period], Came | None], by: Telling = "other-years"
) -> Came:
    """Give what assets face over a period and so many hours after it; what only reports tell stays that of the period.

    Parameters
    ----------
    by
        Who tells the floor: what is given as its average day is as they tell it.

    Raises
    ------
    UsageError
        Nobody could tell it so.
    """
    end = seen.stamps[-1] + HOUR
    faced: dict[str, Any] = {"stamps": np.concatenate([seen.stamps, end + HOUR * np.arange(more)])}
    them = _faced(read, Period(end, end + more * HOUR), by) if more else {}
    mine = _told(seen, by)
    for name, values in mine.items():
        faced[name] = _on(values, them[name] if them.keys() == mine.keys() else None, more)
    floor = None if seen.floor is None else replace(seen.floor, mw=faced.pop("floor"))
    return replace(seen, floor=floor, **faced)


def _faced(read: Callable[[Period], Came | None], period: Period, by: Telling) -> dict[str, Floats]:
    """Read what assets face in a period; nothing where not all of it is known."""
    try:
        later = read(period)
        return {} if later is None else _told(later, by)
    except InputError:
        return {}


def _told(of: Came, by: Telling) -> dict[str, Floats]:
    floor = {} if of.floor is None else {"floor": of.floor.told(by)}
    return {name: getattr(of, name) for name in _FACED} | floor


def _on(mine: Floats, later: Floats | None, more: int) -> Floats:
    return np.concatenate([mine, np.resize(mine[-DAY_H:], more) if later is None else later])
