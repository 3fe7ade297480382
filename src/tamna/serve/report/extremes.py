"""The hours that stand out, each with what is known against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.rules import Rule
from tamna.lang import Message, _
from tamna.measure import all_ramps, residual_load
from tamna.serve.report import view as v
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.measure import Measurement

    Floats = NDArray[np.float64]


def extremes(m: Measurement, boundary: str) -> tuple[v.Extreme, ...]:
    """Find the largest and smallest hours of demand, residual load and share, and the steepest ramps."""
    stamps = m.hours.valid_at
    residual, ratio = residual_load(m, boundary), m.hourly(boundary, Rule.COVERAGE)
    found: list[v.Extreme] = []

    lacking = (m.tracks[boundary, Rule.COVERAGE].flag & np.uint16(Flag.COVERAGE)) != 0

    def note(at: int, *, generation: bool) -> Message | str:
        return _("part of the fleet is not in the series") if generation and lacking[at] else ""

    def add(label: Message, values: Floats, unit: str, pick: str, digits: int = 0) -> None:
        if np.isfinite(values).any():
            at, made = int(getattr(np, pick)(values)), values is not m.hours.demand_mwh
            found.append(
                v.Extreme(
                    label=label, value=float(values[at]), unit=unit, at=stamps[at], digits=digits,
                    note=note(at, generation=made),
                )
            )  # fmt: skip

    add(_("Highest demand"), m.hours.demand_mwh, "MW", "nanargmax")
    add(_("Lowest demand"), m.hours.demand_mwh, "MW", "nanargmin")
    add(_("Highest residual load"), residual, "MW", "nanargmax")
    add(_("Lowest residual load"), residual, "MW", "nanargmin")
    add(_("Highest share of an hour"), ratio, "%", "nanargmax", 1)
    add(_("Lowest share of an hour"), ratio, "%", "nanargmin", 1)
    names = {"demand": _("demand"), "renewable": _("wind and PV"), "residual": _("residual load")}
    for name, ramps in all_ramps(m, boundary).items():
        for ramp in ramps:
            for extreme, label in (
                (ramp.up, _("Steepest rise of {what} over {n} h", what=names[name], n=ramp.span_h)),
                (ramp.down, _("Steepest fall of {what} over {n} h", what=names[name], n=ramp.span_h)),
            ):
                if extreme is not None:
                    at = int(np.searchsorted(stamps, extreme.start))
                    found.append(
                        v.Extreme(
                            label=label, value=extreme.mwh_per_h, unit="MW", at=extreme.start,
                            note=note(at, generation=name != "demand"),
                        )
                    )  # fmt: skip
    return tuple(found)
