"""One series out of several sources: stamp by stamp, the first source in the declared order that has a number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.series.align import hourly_energy, hourly_mean, hourly_sum
from tamna.series.model import Series
from tamna.series.units import factor
from tamna.sources.block import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.grid.clock import Period


def spliced(name: str, parts: Sequence[Series], period: Period) -> Series:
    """Join `parts`, best first, into one series in the unit, kind and step of the first.

    Mean power and energy of one step are the same fact and are converted. A part of another step or
    of instants joins hour by hour where the first part is hourly, and otherwise stays out; `sources`
    of the answer names only those that joined.
    """
    first = parts[0]
    fitting = [first, *(p for part in parts[1:] if (p := _like(first, part, period)) is not None)]
    sources = tuple(dict.fromkeys(p.sources[0] for p in fitting))
    if len(fitting) == 1:
        return replace(first, name=name)
    valid = np.concatenate([p.valid_at for p in fitting])
    value = np.concatenate([p.value for p in fitting])
    order = np.repeat(np.arange(len(fitting)), [len(p) for p in fitting])
    by = np.lexsort((order, np.isnan(value), valid))
    by = by[(valid[by] >= period.start) & (valid[by] < period.end)]  # parts made of instants were read wider
    best = np.ones(len(by), dtype=bool)
    best[1:] = valid[by][1:] != valid[by][:-1]
    pick = by[best]
    code = np.array([sources.index(p.sources[0]) for p in fitting], dtype=np.uint8)
    return Series(
        name=name,
        unit=first.unit,
        kind=first.kind,
        resolution_s=first.resolution_s,
        valid_at=valid[pick],
        known_at=np.concatenate([p.known_at for p in fitting])[pick],
        issued_at=_issued(fitting, pick),
        value=value[pick],
        flag=np.concatenate([p.flag for p in fitting])[pick],
        source_code=code[order[pick]],
        sources=sources,
    )


def _issued(parts: Sequence[Series], pick: Any) -> Any:
    if all(p.issued_at is None for p in parts):
        return None
    never = [np.full(len(p), np.datetime64("NaT", "s")) for p in parts]
    return np.concatenate(
        [n if p.issued_at is None else p.issued_at for p, n in zip(parts, never, strict=True)]
    )[pick]


def _like(first: Series, part: Series, period: Period) -> Series | None:
    """Give `part` in the shape of `first`, or None where it says something else."""
    times = factor(part.unit, part.kind, part.resolution_s, first.unit, first.kind, first.resolution_s)
    if times is not None:
        return replace(part, value=part.value * times, unit=first.unit, kind=first.kind)
    if first.resolution_s != 3600 or first.kind is Kind.INSTANT or part.resolution_s > 3600 or not len(part):
        return None
    kind = Kind.MEAN if part.kind is Kind.INSTANT else part.kind
    times = factor(part.unit, kind, 3600, first.unit, first.kind, 3600)
    if times is None:
        return None
    return _by_hours(first, part, period)


def _by_hours(first: Series, part: Series, period: Period) -> Series:
    if (first.unit, first.kind) == ("MWh", Kind.SUM):
        column = hourly_energy(part, period)
    elif first.kind is Kind.SUM:
        column = hourly_sum(part, period)
    else:
        column = hourly_mean(part, period)
    there = ~np.isnan(column.value) & (column.valid_at >= period.start)
    n = int(there.sum())
    return replace(
        part,
        unit=first.unit,
        kind=first.kind,
        resolution_s=3600,
        valid_at=column.valid_at[there],
        known_at=column.known_at[there],
        issued_at=None,
        value=column.value[there],
        flag=column.flag[there],
        source_code=np.zeros(n, dtype=np.uint8),
    )
