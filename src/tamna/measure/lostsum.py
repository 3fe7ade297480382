"""Lost wind by period, for JSON and tables; and the day that lost most.

============================ ========================================================================
key                          holds
============================ ========================================================================
``unavailable, todo``        why the whole question has no answer and what to do, or null; then nothing
                             else stands here
``interval``                 0.8: what part of cases ``low_mwh`` to ``high_mwh`` should hold; widened to ``mwh``
                             where that lies outside, as in hours that were hardly held
``mwh, low_mwh, high_mwh``   estimated energy held back, by period; null where no hour could be judged
``published_mwh``            as published, by period; null is "not published", never zero
``potential_mwh``            what the settled fleet could have given in the hours judged
``actual_mwh``               what it gave in them
``classes``                  by class (``instructed, market, inferred, outage, unexplained``), by period; of
                             outage and unexplained what lies below the weather's interval less what lies
                             as far above it, for noise cut off at zero must not add up
``hours_judged``             hours that the sums count
``hours_unknown``            hours that could not be judged: the sums say nothing of them
``hours_other_base``         hours judged on real-time output or PV
``reason``                   by period: why no hour of it could be judged, or null
``learned``                  by year judged: ``year, floor_from, floor_mw, counted, wander_mw, fit``
``notes``                    what must be said with the numbers
============================ ========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import Resolution
from tamna.lang import Message, _
from tamna.measure.answer import numbers
from tamna.measure.lost import Lost, NotLost, Why

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.measure.bins import Bins

    Floats = NDArray[np.float64]

INTERVAL = 0.8
NOTES: tuple[Message, ...] = (
    _(
        "Each year is judged by a fit and a system floor learned from other years; what is published of the"
        " year itself is never looked at."
    ),
    _(
        "The system's floor (must-run plant and link minimum) is told by the hours of other years and, day by"
        " day, by the hours judged; the intervals carry what that leaves open, a single month may still lie outside."
    ),
    _(
        "Farms outside the settled series are held back too: the energy is what the island would count, by what"
        " other years' published energy or a real-time series holds beyond the settled one."
    ),
    _(
        "What bidders were not cleared or were dispatched down is seen only where the system had no room: a"
        " bid that failed for its price alone is not."
    ),
    _(
        "Published energies are KPX's own estimates. Storage behind some PV plants and wind under PPA are"
        " outside the settled series."
    ),
)
TITLES: dict[str, Message] = {
    "instructed": _("instructed, as published"),
    "market": _("market: not cleared or dispatched down"),
    "inferred": _("inferred from the system"),
    "outage": _("outage"),
    "unexplained": _("unexplained shortfall"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSums:
    """Lost wind by period; arrays (periods,). The keys at the head of this file say what they hold."""

    bins: Bins
    mwh: Floats
    low_mwh: Floats
    high_mwh: Floats
    published_mwh: Floats
    potential_mwh: Floats
    actual_mwh: Floats
    classes: Mapping[str, Floats]
    hours_judged: NDArray[np.int64]
    hours_other_base: NDArray[np.int64]
    reasons: tuple[Message | None, ...]


def sums(found: Lost, bins: Bins) -> LostSums:
    """Add lost wind up over periods, with intervals from correlated paths."""
    judged = found.why == Why.JUDGED
    low, high = _interval(found, bins)

    def added(values: Floats, use: NDArray[np.bool_]) -> Floats:
        total, n = bins.add_up(np.array([np.where(use, values, 0.0), use.astype(np.float64)]))
        return np.where(n > 0, total, np.nan)

    expected = added(found.estimated_mwh, judged)
    n_judged = bins.add_up(judged[None].astype(np.float64))[0].astype(np.int64)
    other = bins.add_up((judged & found.other_base)[None].astype(np.float64))[0].astype(np.int64)
    classes = {k: added(v, np.isfinite(v)) for k, v in found.kinds.items()}
    for kind, beyond in found.above.items():
        classes[kind] = np.maximum(classes[kind] - added(beyond, np.isfinite(beyond)), 0.0)
    return LostSums(
        bins=bins,
        mwh=expected,
        low_mwh=np.where(n_judged > 0, np.fmin(low, expected), np.nan),
        high_mwh=np.where(n_judged > 0, np.fmax(high, expected), np.nan),
        published_mwh=added(found.published_mwh, np.isfinite(found.published_mwh)),
        potential_mwh=added(found.potential_mw, judged),
        actual_mwh=added(found.actual_mw, judged),
        classes=classes,
        hours_judged=n_judged,
        hours_other_base=other,
        reasons=tuple(found.reason(bins.slice(i)) for i in range(len(bins))),
    )


def _interval(found: Lost, bins: Bins) -> tuple[Floats, Floats]:
    if bins.by is Resolution.HOUR:
        return found.interval()
    from tamna.physics.paths import totals  # heavy: only who asked for lost wind needs it

    code = np.repeat(np.arange(len(bins)), bins.hours)
    paths = totals(found.found, code, wander=found.wander, quantiles=(0.1, 0.9))
    return paths.quantiles[0.1], paths.quantiles[0.9]


def as_dict(found: Lost | NotLost, bins: Bins) -> dict[str, Any]:
    """Give lost wind as JSON carries it."""
    if isinstance(found, NotLost):
        return {"unavailable": str(found.reason), "todo": str(found.todo)}
    s = sums(found, bins)
    return {
        "unavailable": None,
        "todo": None,
        "interval": INTERVAL,
        "mwh": numbers(s.mwh),
        "low_mwh": numbers(s.low_mwh),
        "high_mwh": numbers(s.high_mwh),
        "published_mwh": numbers(s.published_mwh),
        "potential_mwh": numbers(s.potential_mwh),
        "actual_mwh": numbers(s.actual_mwh),
        "classes": {k: numbers(v) for k, v in s.classes.items()},
        "hours_judged": s.hours_judged.tolist(),
        "hours_unknown": (bins.hours - s.hours_judged).tolist(),
        "hours_other_base": s.hours_other_base.tolist(),
        "reason": [None if r is None else str(r) for r in s.reasons],
        "learned": [
            {
                "year": x.year,
                "floor_from": list(x.anchors),
                "floor_mw": numbers(x.floor.mw),
                "counted": None if x.floor.counted is None else numbers(x.floor.counted),
                "wander_mw": x.floor.wander_mw,
                "fit": dict(x.fit.learned),
            }
            for x in found.learned
        ],
        "notes": [str(n) for n in NOTES],
    }


def worst_day(found: Lost, days: Bins) -> slice | None:
    """Give the hours of the island day that lost most, or None where nothing was lost."""
    total = days.add_up(np.nan_to_num(found.estimated_mwh)[None])[0]
    return days.slice(int(total.argmax())) if len(total) and total.max() > 0.0 else None
