"""A day's limits, counted hour by hour with a clock that is the checker's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.dispatch.check.rule import Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.optimise.blocks.day import Clock

    Floats = NDArray[np.float64]

DAY_H = 24.0


def shown_h(clock: Clock, at_h: float) -> float:
    """Say what the island's clock shows after so many hours from its zero. [h]"""
    shown = at_h
    for moment, by in clock.jumps:
        if at_h > moment - 1e-6:
            shown += by
    return shown


def daily_rule(
    asset: str, rule: Message, amount: Floats, most: float, *, clock: Clock, limit: str, step_h: float
) -> Iterator[Broken]:
    """Check that what adds up since midnight, (steps,), stays below `most`; `limit` names what is used up already."""
    at, total, slack = clock.elapsed_h, clock.used.get(limit, 0.0), 1e-3 * max(1.0, most)
    day = int(shown_h(clock, at) / DAY_H + 1e-9)
    for step, value in enumerate(amount):
        if int(shown_h(clock, at) / DAY_H + 1e-9) > day:
            day, total = int(shown_h(clock, at) / DAY_H + 1e-9), 0.0
        total += float(value)
        if total > most + slack and value > 0:
            yield Broken(asset=asset, rule=rule, step=step, by=total - most)
        at += step_h
