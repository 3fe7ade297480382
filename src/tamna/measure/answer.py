"""The whole measurement as one JSON object with stable keys, for ``--json`` and the run folder.

============== =====================================================================================
key            holds
============== =====================================================================================
``island``     name of the island
``timezone``   its zone
``from, to``   UTC, half-open
``hours``      number of hours
``by``         ``hour``, ``day``, ``month``, ``season``, ``year`` or ``all``
``periods``    names of the periods; every list below has one value a period, null where unavailable
``demand``     ``mwh``, ``hours_missing``, ``point``, ``metering_base``
``generation`` by class: ``mwh``, ``hours_missing``, ``estimated_hours``, ``title``, ``metering``,
               ``renewable``, ``carbon_free``, ``in_demand``, ``low_mwh`` and ``high_mwh`` (the bounds of an
               estimate, null of what has none)
``shares``     by boundary, then by measure: ``definition`` (``text, formula, counted, left_out,
               added_to_load, metering_base``), ``value``, ``low`` and ``high`` (its bounds where an estimate
               that it counts has some, else null), ``numerator_mwh``, ``denominator_mwh``,
               ``hours_counted``, ``hours_missing``, ``estimated_hours``, ``suspect_hours``,
               ``coverage_hours``, ``estimated_share``, ``unavailable`` (the reason, or null)
``episodes``   ``threshold``; by boundary, then by export rule: ``from, to, hours, lowest, mean, estimated``
``ramps``      of demand, renewable and residual: ``span_h, up, down, p01, p99, pairs``
``carbon``     ``tco2e_per_mwh``, ``factors`` and what they rest on
``curtailment`` by kind: ``mwh, events, hours_unpublished, text``; null is "not published", never zero
============== =====================================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import HOUR, iso
from tamna.grid.rules import Rule
from tamna.measure.carbon import carbon
from tamna.measure.curtailment import curtailment
from tamna.measure.episodes import episodes
from tamna.measure.interval import energy_bounds, share_bounds
from tamna.measure.profile import all_ramps
from tamna.measure.supply import ESTIMATED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.measure.island import Column
    from tamna.measure.shares import Answers, Measurement


def as_dict(m: Measurement, *, threshold: float = 1.0) -> dict[str, Any]:
    """Give the measurement as JSON carries it; the keys stand at the head of this file."""
    hours = m.hours
    names = [b.name for b in m.boundaries]
    spans = share_bounds(m)
    return {
        "island": hours.name,
        "timezone": hours.timezone,
        "from": iso(hours.valid_at[0]),
        "to": iso(hours.valid_at[-1] + HOUR),
        "hours": len(hours),
        "by": str(m.by),
        "periods": list(m.bins.names),
        "demand": _energy(m, hours.demand)
        | {"point": str(hours.demand_point), "metering_base": str(hours.metering_base(("demand",)))},
        "generation": {
            c.name: _energy(m, c.column)
            | _bounds(m, c.column)
            | {
                "title": str(c),
                "metering": c.metering,
                "renewable": c.renewable,
                "carbon_free": c.carbon_free,
                "in_demand": c.in_demand,
            }
            for c in hours.classes
        },
        "shares": {
            name: {
                str(measure): _answers(m[name, measure], spans.get((name, str(measure))))
                for measure in m.measures
            }
            for name in names
        },
        "episodes": {
            "threshold": threshold,
            **{
                name: {
                    str(rule): [e.as_dict() for e in episodes(m, name, rule, threshold)]
                    for rule in Rule
                    if rule in m.measures
                }
                for name in names
            },
        },
        "ramps": {name: [r.as_dict() for r in found] for name, found in all_ramps(m, names[0]).items()}
        if Rule.COVERAGE in m.measures
        else {},
        "carbon": carbon(hours, m.bins).as_dict(),
        "curtailment": {kind: c.as_dict() for kind, c in curtailment(hours, m.bins).items()},
    }


def _energy(m: Measurement, column: Column) -> dict[str, Any]:
    known = np.isfinite(column.mwh)
    guessed = known & ((column.flag & ESTIMATED) != 0)
    total, n, estimated = m.bins.add_up(np.where(known, [column.mwh, known, guessed], 0.0))
    return {
        "mwh": numbers(np.where(n > 0, total, np.nan)),
        "hours_missing": (m.bins.hours - n.astype(np.int64)).tolist(),
        "estimated_hours": estimated.astype(np.int64).tolist(),
    }


def _bounds(m: Measurement, column: Column) -> dict[str, Any]:
    if column.within is None:
        nothing = [None] * len(m.bins)
        return {"low_mwh": nothing, "high_mwh": nothing}
    low, high = energy_bounds(column, m.bins)
    return {"low_mwh": numbers(low), "high_mwh": numbers(high)}


def _answers(a: Answers, span: tuple[NDArray[np.float64], NDArray[np.float64]] | None) -> dict[str, Any]:
    nothing = np.full(len(a), np.nan)
    low, high = (nothing, nothing) if span is None else span
    return {
        "definition": a.track.definition.as_dict(),
        "value": numbers(a.value),
        "low": numbers(low),
        "high": numbers(high),
        "numerator_mwh": a.numerator_mwh.tolist(),
        "denominator_mwh": a.denominator_mwh.tolist(),
        "hours_counted": a.hours_counted.tolist(),
        "hours_missing": a.hours_missing.tolist(),
        "estimated_hours": a.estimated_hours.tolist(),
        "suspect_hours": a.suspect_hours.tolist(),
        "coverage_hours": a.coverage_hours.tolist(),
        "estimated_share": numbers(a.estimated_share),
        "unavailable": [str(a.reason(i)) if np.isnan(v) else None for i, v in enumerate(a.value)],
    }


def numbers(values: NDArray[np.float64]) -> list[float | None]:
    """Give floats as JSON knows them: null for NaN."""
    return [None if np.isnan(v) else float(v) for v in values]
