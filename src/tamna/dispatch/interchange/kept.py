"""What PyPSA cannot hold travels in the network's meta, with what it was written beside, and comes back unless that changed.

The meta carries the whole case as JSON (profiles only where no component has them). On the way back the components
are read as any network's are; where a figure still reads as it was written, the case's own figure stands, with all that
PyPSA has no word for; where someone changed it in PyPSA, the change stands.
"""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.interchange.case import Case
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.co2 import Co2
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState, Piece
from tamna.optimise.blocks.hydrogen import FuelCell, HydrogenStore
from tamna.optimise.blocks.link import Link, LinkState
from tamna.optimise.blocks.reserve import Reserve
from tamna.optimise.blocks.thermal_unit import Segment, Start, Thermal, ThermalState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ASSETS: dict[str, Callable[..., Any]] = {
    "thermal": Thermal,
    "fleets": Curtailable,
    "links": Link,
    "batteries": Battery,
    "electrolysers": Electrolyser,
    "hydrogen_stores": HydrogenStore,
    "fuel_cells": FuelCell,
    "load_classes": LoadClass,
    "hydrogen_classes": LoadClass,
    "reserves": Reserve,
}
STATES: dict[str, Callable[..., Any]] = {
    "thermal": ThermalState,
    "links": LinkState,
    "electrolysers": ElectrolyserState,
}
INSIDE: dict[str, Callable[..., Any]] = {"segments": Segment, "starts": Start, "pieces": Piece}


def packed(case: Case) -> dict[str, Any]:
    """Give a case as JSON carries it."""
    system, hours = case.system, case.hours
    return {
        "system": {
            **{part: [asdict(one) for one in getattr(system, part)] for part in ASSETS},
            "co2": None if system.co2 is None else asdict(system.co2),
            "exclusive": system.exclusive,
        },
        "state": {part: {k: asdict(v) for k, v in getattr(case.state, part).items()} for part in STATES}
        | {"level_mwh": dict(case.state.level_mwh)},
        "hours": {
            "reserve_mw": {k: _listed(v) for k, v in hours.reserve_mw.items()},
            "floor_mw": None if hours.floor_mw is None else _listed(hours.floor_mw),
        },
        "labels": list(hours.steps.labels),
    }


def unpacked(kept: Mapping[str, Any], hours: Hours) -> Case:
    """Give the case that was packed, over hours as they were read (with what only the meta knew put in)."""
    system = System(
        **{part: tuple(_made(make, one) for one in kept["system"][part]) for part, make in ASSETS.items()},
        co2=None if kept["system"]["co2"] is None else Co2(**kept["system"]["co2"]),
        exclusive=kept["system"]["exclusive"],
    )
    state = State(
        **{part: {k: make(**v) for k, v in kept["state"][part].items()} for part, make in STATES.items()},
        level_mwh=kept["state"]["level_mwh"],
    )
    floor, reserve = kept["hours"]["floor_mw"], kept["hours"]["reserve_mw"]
    tax = 0.0 if system.co2 is None else system.co2.price_per_t
    carbon = {k.name: tax * k.import_tco2_per_mwh for k in system.links}
    labels = tuple(kept["labels"])
    steps = replace(hours.steps, labels=labels) if len(labels) == hours.steps.count else hours.steps
    return Case(
        system=system,
        hours=replace(
            hours,
            steps=steps,
            floor_mw=None if floor is None else np.array(floor),
            reserve_mw={k: np.array(v) for k, v in reserve.items()},
            import_price={k: v - carbon.get(k, 0.0) for k, v in hours.import_price.items()},
        ),
        state=state,
    )


def merged(own: Case, written: Case, now: Case) -> Case:
    """Take each figure of `own` that still reads (`now`) as it was `written`, else what is read now."""
    parts: dict[str, Any] = {
        part: _assets(part, own.system, written.system, now.system) for part in ASSETS if part != "reserves"
    }
    co2 = own.system.co2 if _same(written.system.co2, now.system.co2) else now.system.co2
    states = {
        part: _by_name(getattr(own.state, part), getattr(written.state, part), getattr(now.state, part))
        for part in (*STATES, "level_mwh")
    }
    return Case(
        system=replace(own.system, **parts, co2=co2),
        hours=own.hours,
        state=State(**states),
    )


def _assets(part: str, own: System, written: System, now: System) -> tuple[Any, ...]:
    mine = {a.name: a for a in getattr(own, part)}
    before = {a.name: a for a in getattr(written, part)}
    after = {a.name: a for a in getattr(now, part)}
    kept = [
        _fields(a, before[name], after[name]) if name in before else a
        for name, a in mine.items()
        if name in after or name not in before
    ]
    return (*kept, *(a for name, a in after.items() if name not in mine))


def _fields(own: Any, written: Any, now: Any) -> Any:
    """Take over what was changed in PyPSA, field by field."""
    changed = {
        f.name: getattr(now, f.name)
        for f in fields(own)
        if not _same(getattr(written, f.name), getattr(now, f.name))
    }
    return replace(own, **changed)


def _by_name(own: Mapping[str, Any], written: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    out = {k: v for k, v in own.items() if k not in written or (k in now and _same(written[k], now[k]))}
    return out | {k: v for k, v in now.items() if k not in written or not _same(written[k], v)}


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, (float, int)):
        return bool(np.isclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if hasattr(a, "__dataclass_fields__") and type(a) is type(b):
        return all(_same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return bool(a == b)


def _made(make: Callable[..., Any], of: Mapping[str, Any]) -> Any:
    inside = {key: tuple(INSIDE[key](**one) for one in of[key]) for key in INSIDE if key in of}
    providers = {"providers": tuple(of["providers"])} if of.get("providers") is not None else {}
    return make(**{**of, **inside, **providers})


def _listed(values: Any) -> list[float]:
    return [float(v) for v in np.ravel(values)]
