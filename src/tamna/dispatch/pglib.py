"""Instances of the Power Grid Library's unit commitment (PGLib-UC), read as they are.

Their model (MODEL.pdf of the library) is this one with: ramps that hold at starts and stops too, reserve that shares a
unit's capacity and its ramp up, spinning reserve from thermal units alone, renewables between a minimum and a maximum.

UnitCommitment.jl, whose costs of these instances are published, holds reserve to all of that but the stop: before it, a unit
may hold reserve up to its whole capacity (`RESERVE_TO_STOP`; docs/decisions/0008 for what that is worth).

References
----------
Knueven, Ostrowski, Watson, "On mixed-integer programming formulations for the unit commitment problem", 2018;
https://github.com/power-grid-lib/pglib-uc
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tamna.dispatch.system import Hours, State, System
from tamna.errors import Place, SourceError
from tamna.lang import _
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.reserve import Reserve
from tamna.optimise.blocks.thermal_unit import Segment, Start, Thermal, ThermalState
from tamna.optimise.problem import Steps

if TYPE_CHECKING:
    from pathlib import Path

Rules = Literal["model.pdf", "unitcommitment.jl"]
Model = Literal["either", "model.pdf", "unitcommitment.jl"]
MODELS: tuple[Model, ...] = ("either", "model.pdf", "unitcommitment.jl")
"""Whose rules a schedule keeps; ``either``: MODEL.pdf's where such a schedule is found within the gap, else the other's."""
RESERVE_TO_STOP: dict[Rules, bool] = {"model.pdf": True, "unitcommitment.jl": False}
"""Whether output and reserve together keep the limit of a stop, or output alone."""
SPINNING = "spinning"


def read_instance(path: Path, rules: Rules = "model.pdf") -> tuple[System, Hours, State]:
    """Read an instance, by the library's own rules or another's.

    Raises
    ------
    SourceError
        Not JSON, or a part of the format is missing.
    """
    try:
        given = json.loads(path.read_text("utf-8"))
        return _system(given, rules), _hours(given), _state(given)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            _("this is not an instance of PGLib-UC"),
            where=Place(file=path.name),
            seen=f"{type(error).__name__}: {error}",
            todo=_("Give a JSON file of the library, such as rts_gmlc/2020-01-27.json."),
        ) from error


def _system(given: dict[str, Any], rules: Rules) -> System:
    units = tuple(_unit(name, g, rules) for name, g in given["thermal_generators"].items())
    spinning = Reserve(
        name=SPINNING,
        response_h=np.inf,  # the ramp up limits output and reserve together, row by row
        short_per_mwh=np.inf,
        providers=tuple(u.name for u in units),
        largest=False,
    )
    return System(
        thermal=units,
        fleets=tuple(Curtailable(name=name) for name in given.get("renewable_generators", {})),
        reserves=(spinning,) if any(given["reserves"]) else (),
    )


def _unit(name: str, g: dict[str, Any], rules: Rules) -> Thermal:
    curve = _convex(g["piecewise_production"])
    least, rise, fall = g["power_output_minimum"], g["ramp_up_limit"], g["ramp_down_limit"]
    return Thermal(
        name=name,
        max_mw=g["power_output_maximum"],
        min_mw=least,
        segments=tuple(
            Segment(width_mw=b[0] - a[0], cost_per_mwh=(b[1] - a[1]) / (b[0] - a[0]))
            for a, b in pairwise(curve)
        ),
        on_cost_per_h=curve[0][1],
        starts=tuple(Start(off_h=s["lag"], cost=s["cost"]) for s in g["startup"]),
        ramp_up_mw_per_h=rise,
        ramp_down_mw_per_h=fall,
        start_mw=min(g["ramp_startup_limit"], least + rise),
        stop_mw=min(g["ramp_shutdown_limit"], least + fall),
        # the ramp down holds for output alone
        stop_held_mw=g["ramp_shutdown_limit" if RESERVE_TO_STOP[rules] else "power_output_maximum"],
        min_up_h=g["time_up_minimum"],
        min_down_h=g["time_down_minimum"],
        must_run=bool(g["must_run"]),
    )


def _convex(points: list[dict[str, float]]) -> list[tuple[float, float]]:
    """Give the corners of the lower hull of a cost curve [MW, $/h].

    The library's model mixes all points freely, so what lies above a line between two others is never used; figures
    that were rounded bend a straight line so.
    """
    hull: list[tuple[float, float]] = []
    for mw, cost in sorted((p["mw"], p["cost"]) for p in points):
        if hull and mw <= hull[-1][0]:
            continue
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) >= _slope(hull[-1], (mw, cost)):
            hull.pop()
        hull.append((mw, cost))
    return hull


def _slope(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (b[1] - a[1]) / (b[0] - a[0])


def _hours(given: dict[str, Any]) -> Hours:
    fleets = given.get("renewable_generators", {})
    return Hours(
        steps=Steps(count=given["time_periods"]),
        demand_mw=np.array(given["demand"], dtype=np.float64),
        potential_mw={n: np.array(w["power_output_maximum"], dtype=np.float64) for n, w in fleets.items()},
        must_take_mw={n: np.array(w["power_output_minimum"], dtype=np.float64) for n, w in fleets.items()},
        reserve_mw={SPINNING: np.array(given["reserves"], dtype=np.float64)},
    )


def _state(given: dict[str, Any]) -> State:
    def before(g: dict[str, Any]) -> ThermalState:
        if g["unit_on_t0"]:
            return ThermalState(on=True, hours=g["time_up_t0"], mw=g["power_output_t0"])
        return ThermalState(on=False, hours=g["time_down_t0"])

    return State(thermal={name: before(g) for name, g in given["thermal_generators"].items()})
