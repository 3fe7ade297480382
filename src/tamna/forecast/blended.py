"""Days put together: each day as it was issued, one after the other; hours that a nowcast covers replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.forecast.levels import between
from tamna.forecast.nowcast import NOWCAST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tamna.forecast.product import Forecast


def picked(said: Forecast, mine: NDArray[np.bool_]) -> Forecast:
    """Keep some hours of a forecast; its paths go."""
    at = np.flatnonzero(mine)

    def some(texts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(texts[i] for i in at) if texts else ()

    targets = {
        n: replace(
            t,
            quantiles=t.quantiles[mine],
            hour_model=some(t.hour_model),
            hour_reason=some(t.hour_reason),
            why=None if t.why is None else {k: v[mine] for k, v in t.why.items()},
        )
        for n, t in said.targets.items()
    }
    return replace(said, stamps=said.stamps[mine], targets=targets, paths=None)


def chained(parts: Sequence[Forecast]) -> Forecast:
    """Put days one after the other; what speaks of a whole forecast is that of the last one issued."""
    last = parts[-1]
    targets = {}
    for name, said in last.targets.items():
        same = [p.targets[name] for p in parts]
        why = None
        if all(t.why is not None for t in same):
            groups = list(dict.fromkeys(g for t in same for g in (t.why or {})))
            zero = [np.zeros(len(t.quantiles)) for t in same]
            why = {
                g: np.concatenate([(t.why or {}).get(g, z) for t, z in zip(same, zero, strict=True)])
                for g in groups
            }
        targets[name] = replace(
            said,
            quantiles=np.concatenate([t.quantiles for t in same]),
            hour_model=tuple(m for t in same for m in t.hour_model),
            hour_reason=tuple(r for t in same for r in t.hour_reason),
            why=why,
        )
    return replace(
        last,
        stamps=np.concatenate([p.stamps for p in parts]),
        targets=targets,
        notes=tuple(dict.fromkeys(n for p in parts for n in p.notes)),
        receipts=tuple({r.sha256: r for p in parts for r in p.receipts}.values()),
    )


def blend_into(day_ahead: Forecast, now: Forecast, step_s: int) -> Forecast:
    """Replace each hour of the day-ahead that the steps cover wholly by the steps' mean, level by level."""
    a_hour = 3600 // step_s
    hour = now.stamps.astype("datetime64[h]").astype("datetime64[s]")
    starts, first, count = np.unique(hour, return_index=True, return_counts=True)
    whole = [(s, i) for s, i, n in zip(starts, first, count, strict=True) if n == a_hour]
    targets = {}
    for name, said in day_ahead.targets.items():
        if name not in now.targets:
            targets[name] = said
            continue
        mine = now.targets[name]
        quantiles = said.quantiles.copy()
        models = list(said.hour_model or (said.model,) * len(quantiles))
        for start, i in whole:
            at = np.flatnonzero(day_ahead.stamps == start)
            part = mine.quantiles[i : i + a_hour].mean(axis=0)[None]
            quantiles[at] = between(part, now.levels, day_ahead.levels)
            for k in at:
                models[k] = NOWCAST if NOWCAST in mine.hour_model[i : i + a_hour] else models[k]
        targets[name] = replace(said, quantiles=quantiles, hour_model=tuple(models), why=None)
    return replace(
        day_ahead,
        issued_at=now.issued_at,
        targets=targets,
        paths=None,
        notes=now.notes,
        receipts=now.receipts,
    )


def renamed(said: Forecast, names: Mapping[str, str]) -> Forecast:
    """Call its targets by other names."""
    return replace(said, targets={names[n]: t for n, t in said.targets.items()})
