"""Rules of an EV fleet: chargers that are plugged in, energy that comes and goes with vehicles, trips that lack some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.check.rule import Broken, above, apart
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.optimise.blocks.ev import EvFleet

    Floats = NDArray[np.float64]

TOLERANCE_MWH = 1e-3


def ev_rules(
    fleet: EvFleet,
    told: Mapping[str, Floats],
    who: Mapping[str, Floats],
    *,
    start_mwh: float | None,
    step_h: float,
) -> Iterator[Broken]:
    """Check a fleet.

    Parameters
    ----------
    told
        ``charge, discharge`` [MW], ``level, leaving, missing`` [MWh], (steps,).
    who
        ``plugged, arriving, leaving``, shares of the fleet, (steps,). [-]
    """
    name, size = fleet.name, fleet.energy_mwh
    charge, discharge = told["charge"], told["discharge"]
    most = fleet.charge_mw * who["plugged"]
    yield from above(name, _("charges faster than it can"), charge, most)
    yield from above(name, _("gives more than it can"), discharge, fleet.discharge_mw * who["plugged"])
    yield from above(name, _("charges and discharges at once"), np.minimum(charge, discharge), 0.0)
    for flow in (charge, discharge, told["leaving"], told["missing"]):
        yield from above(name, _("carries less than nothing"), -flow, 0.0)
    gone = told["leaving"]
    yield from above(name, _("vehicles leave fuller than full"), gone, size * who["leaving"])
    wanted = fleet.leaving_share * size * who["leaving"]
    yield from above(name, _("trips lack more than told"), wanted - gone, told["missing"])
    yield from _level(fleet, told, who, start_mwh, step_h)


def _level(
    fleet: EvFleet,
    told: Mapping[str, Floats],
    who: Mapping[str, Floats],
    start_mwh: float | None,
    step_h: float,
) -> Iterator[Broken]:
    name, level = fleet.name, told["level"]
    inside = float(level[-1]) if start_mwh is None else start_mwh
    followed = np.empty(len(level))
    for step in range(len(level)):
        inside += (
            step_h * told["charge"][step] * fleet.charging
            - step_h * told["discharge"][step] / fleet.discharging
        )
        inside += fleet.arriving_share * fleet.energy_mwh * who["arriving"][step] - told["leaving"][step]
        followed[step] = inside
    slack = TOLERANCE_MWH * max(1.0, len(level) / 1000.0)
    yield from apart(name, _("holds other than told"), followed, level, slack)
    yield from above(name, _("holds more than it can"), followed, fleet.energy_mwh * who["plugged"], slack)
    yield from above(name, _("holds less than nothing"), -followed, 0.0, slack)


def ev_cost(fleet: EvFleet, told: Mapping[str, Floats], step_h: float) -> Floats:
    """Price what is given back and what trips lack, (steps,) [money]."""
    return step_h * fleet.wear_per_mwh * told["discharge"] + fleet.missing_per_mwh * told["missing"]
