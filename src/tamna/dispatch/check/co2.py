"""Rules of CO2: what was emitted, counted from outputs and imports, stays below its cap and costs its price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.system import System
    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]

CO2 = "co2"


def emitted_t(system: System, done: Schedule, step_h: float) -> Floats:
    """Count what units and the other side of importing links emit, (steps,) [tCO2]."""
    at = done.injection_mw[ELECTRICITY]
    tonnes = np.zeros(len(next(iter(at.values()))))
    for unit in system.thermal:
        tonnes += step_h * unit.tco2_per_mwh * at[unit.name]
        if unit.on_tco2_per_h or unit.segments:
            on = done.columns[f"{unit.name}/on"] > 0.5 if unit.commits else np.ones(len(tonnes), dtype=bool)
            tonnes += step_h * np.where(on, _curve_t(unit, at[unit.name]), 0.0)
    for link in system.links:
        tonnes += step_h * link.import_tco2_per_mwh * done.columns[f"{link.name}/import"]
    return tonnes


def _curve_t(unit: Thermal, power: Floats) -> Floats:
    """Emission of an hour at an output, along the curve, (steps,) [tCO2]."""
    left, tonnes = power - unit.min_mw, np.full(len(power), unit.on_tco2_per_h)
    for s in unit.segments:
        tonnes += s.tco2_per_mwh * np.clip(left, 0.0, s.width_mw)
        left = left - s.width_mw
    return tonnes


def co2_rules(system: System, done: Schedule, step_h: float) -> Iterator[Broken]:
    """Check the cap over all steps, and the cost a step."""
    if system.co2 is None:
        return
    tonnes = emitted_t(system, done, step_h)
    slack = 1e-6 * max(1.0, float(tonnes.sum()))
    yield from above(CO2, _("more is emitted than allowed"), tonnes.sum(), system.co2.cap_t, slack)
    told = done.cost.get(CO2, np.zeros(len(tonnes)))
    yield from apart(CO2, _("costs other than told"), told, system.co2.price_per_t * tonnes, 1e-2)
