"""A thermal unit and its state, as the optimiser and the checker need them: figures, and what cannot be meant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, finite, ordered, place

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND = _("thermal unit")
FOREVER_H = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A kind of start: what it costs once the unit was off for `off_h` or longer [h, money]."""

    off_h: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of the cost curve: `width_mw` of output that costs and emits so much [MW, money/MWh, tCO2/MWh]."""

    width_mw: float
    cost_per_mwh: float
    tco2_per_mwh: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermal:
    """A thermal unit, as the optimiser needs it.

    Attributes
    ----------
    max_mw, min_mw
        Highest and lowest stable output while on. [MW]
    cost_per_mwh
        Of all output, where no `segments` are given. [money/MWh]
    segments
        The curve above `min_mw`, slopes rising; widths add up to ``max_mw - min_mw``.
    on_cost_per_h
        While on, whatever it gives (with `segments`: the cost at `min_mw`). [money/h]
    starts
        From hot to cold; the first one's `off_h` is the least time off.
    ramp_up_mw_per_h, ramp_down_mw_per_h
        Largest change between steps that are both on. [MW/h]
    start_mw, stop_mw
        Highest output in the first and in the last step on; None: no limit but `max_mw`. [MW]
    stop_held_mw
        Highest output and reserve together in the last step on; None: `stop_mw`. [MW]
    min_up_h, min_down_h
        Once on or off, stays so. [h]
    must_run
        On in every step.
    tco2_per_mwh, on_tco2_per_h
        What all output emits, and what being on does, beside what the `segments` do. [tCO2/MWh, tCO2/h]
    """

    name: str
    max_mw: float
    min_mw: float = 0.0
    cost_per_mwh: float = 0.0
    segments: tuple[Segment, ...] = ()
    on_cost_per_h: float = 0.0
    starts: tuple[Start, ...] = ()
    ramp_up_mw_per_h: float = np.inf
    ramp_down_mw_per_h: float = np.inf
    start_mw: float | None = None
    stop_mw: float | None = None
    stop_held_mw: float | None = None
    min_up_h: float = 0.0
    min_down_h: float = 0.0
    must_run: bool = False
    tco2_per_mwh: float = 0.0
    on_tco2_per_h: float = 0.0

    @property
    def emits(self) -> bool:
        """Whether anything of it emits."""
        return bool(self.tco2_per_mwh or self.on_tco2_per_h or any(s.tco2_per_mwh for s in self.segments))

    @property
    def commits(self) -> bool:
        """Whether on and off make a difference."""
        return bool(
            self.min_mw or self.starts or self.on_cost_per_h or self.on_tco2_per_h or self.min_up_h or self.min_down_h or self.must_run
            or self.start_mw is not None or self.stop_mw is not None
        )  # fmt: skip

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        yield from at_least(
            KIND, self.name,
            {k: getattr(self, k) for k in (
                "max_mw", "min_mw", "ramp_up_mw_per_h", "ramp_down_mw_per_h", "min_up_h", "min_down_h")},
        )  # fmt: skip
        if self.max_mw > 0.0:
            yield from ordered(KIND, self.name, ("min_mw", self.min_mw), ("max_mw", self.max_mw))
        figures = ("max_mw", "cost_per_mwh", "on_cost_per_h", "tco2_per_mwh", "on_tco2_per_h")
        yield from finite(
            KIND,
            self.name,
            {k: v for k in figures if not math.isnan(v := getattr(self, k)) or k != "max_mw"},
        )
        pieces = {f"segment {k}, cost_per_mwh": s.cost_per_mwh for k, s in enumerate(self.segments, 1)}
        yield from finite(KIND, self.name, pieces)
        for figure, value in (("start_mw", self.start_mw), ("stop_mw", self.stop_mw)):
            if value is not None:
                yield from ordered(KIND, self.name, ("min_mw", self.min_mw), (figure, value))
        yield from self._curve_mistakes()
        yield from self._start_mistakes()

    def _curve_mistakes(self) -> Iterator[Mistake]:
        slopes = [s.cost_per_mwh for s in self.segments]
        width = sum(s.width_mw for s in self.segments)
        if slopes != sorted(slopes):
            yield Mistake(
                what=_("the cost curve gets flatter on the way up"),
                where=place(KIND, self.name, "segments"),
                seen=", ".join(f"{c:g}" for c in slopes),
                todo=_("Give rising slopes; merge segments where a curve is not convex."),
            )
        if (
            slopes
            and 0.0 <= self.max_mw < np.inf
            and not np.isclose(width, self.max_mw - self.min_mw, rtol=1e-6, atol=1e-6)
        ):
            yield Mistake(
                what=_("the segments do not reach from min_mw to max_mw"),
                where=place(KIND, self.name, "segments"),
                seen=f"{width:g} MW",
                todo=_("Let the widths add up to {mw} MW.", mw=f"{self.max_mw - self.min_mw:g}"),
            )

    def _start_mistakes(self) -> Iterator[Mistake]:
        off = [s.off_h for s in self.starts]
        cost = [s.cost for s in self.starts]
        if off != sorted(set(off)) or cost != sorted(cost):
            yield Mistake(
                what=_("starts must be listed from hot to cold, costs rising"),
                where=place(KIND, self.name, "starts"),
                seen=", ".join(f"{s.off_h:g} h: {s.cost:g}" for s in self.starts),
                todo=_("Sort them by off_h."),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalState:
    """What a unit was before the first step: on or off, for how long [h], and its last output [MW].

    Where that output is not known (NaN), no ramp holds in the first step.
    """

    on: bool = False
    hours: float = FOREVER_H
    mw: float = 0.0
