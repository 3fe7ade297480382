"""A link's rules: flows within what is in service, one direction at a time, whole poles, waiting time between directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import TOLERANCE_MW, Broken, above
from tamna.lang import _
from tamna.optimise.blocks.link import LinkState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.optimise.blocks.link import Link

    Floats = NDArray[np.float64]


def link_rules(
    link: Link,
    arriving: Floats,
    leaving: Floats,
    state: LinkState | None,
    *,
    available: Floats,
    step_h: float,
) -> Iterator[Broken]:
    """Check what a link imports and exports, both >= 0 where sent, (steps,) [MW]."""
    back = link.min_transfer if link.min_export_transfer is None else link.min_export_transfer
    for flow, most, least in (
        (arriving, link.import_mw, link.min_transfer),
        (leaving, link.export_mw, back),
    ):
        yield from above(link.name, _("carries more than what is in service"), flow, most * available)
        yield from above(link.name, _("carries less than nothing"), -flow, 0.0)
        if link.technology == "lcc":
            yield from _whole_poles(link, flow, most, least)
    yield from above(link.name, _("imports and exports at once"), np.minimum(arriving, leaving), 0.0)
    if link.technology == "lcc":
        yield from _turns(link, arriving - leaving, state or LinkState(), step_h)


def _whole_poles(link: Link, flow: Floats, most: float, least: float) -> Iterator[Broken]:
    """Some number of poles can carry the flow, each between its minimum and its maximum."""
    pole = most / link.poles
    counts = np.arange(link.poles + 1)[:, None]
    missing = np.maximum(least * pole * counts - flow, flow - pole * counts)
    yield from above(link.name, _("carries what no number of poles can"), missing.min(axis=0), 0.0)


def _turns(link: Link, flow: Floats, state: LinkState, step_h: float) -> Iterator[Broken]:
    way = {"import": 1, "export": -1, None: 0}[state.way]
    idle = state.idle_h
    for step, mw in enumerate(flow):
        if abs(mw) <= TOLERANCE_MW:
            idle += step_h
            continue
        now = 1 if mw > 0 else -1
        if way and now != way and idle < link.reversal_h - 1e-6:
            yield Broken(
                asset=link.name, rule=_("turns before its waiting time"), step=step, by=link.reversal_h - idle
            )
        way, idle = now, 0.0
