"""What PyPSA cannot hold travels in the network's meta, with what it was written beside, and comes back unless that changed.

The meta carries the whole case as JSON (profiles only where no component has them). On the way back the components
are read as any network's are; where a figure still reads as it was written, the case's own figure stands, with all that
PyPSA has no word for; where someone changed it in PyPSA, the change stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.interchange.case import Case
from tamna.dispatch.interchange.coded import coded, made

if TYPE_CHECKING:
    from tamna.dispatch.system import Hours, System

IN_COMPONENTS = {
    "steps", "demand_mw", "hydrogen_mw", "potential_mw", "import_price", "export_price", "must_take_mw", "available",
}  # fmt: skip
"""What of the hours the components hold; the rest stands in the meta."""


def packed(case: Case) -> dict[str, Any]:
    """Give a case as JSON carries it."""
    hours = case.hours
    rest = {f.name: getattr(hours, f.name) for f in fields(hours) if f.name not in IN_COMPONENTS}
    return {
        "system": coded(case.system),
        "state": coded(case.state),
        "hours": coded(rest),
        "labels": list(hours.steps.labels),
    }


def unpacked(kept: Mapping[str, Any], hours: Hours) -> Case:
    """Give the case that was packed, over hours as they were read (with what only the meta knew put in).

    Raises
    ------
    InputError
        The meta is of another version.
    """
    system, state = made(kept["system"]), made(kept["state"])
    tax = 0.0 if system.co2 is None else system.co2.price_per_t
    carbon = {k.name: tax * k.import_tco2_per_mwh for k in system.links}
    labels = tuple(kept["labels"])
    steps = replace(hours.steps, labels=labels) if len(labels) == hours.steps.count else hours.steps
    rest = {name: _profiles(of) for name, of in kept["hours"].items()}
    prices = {k: v - carbon.get(k, 0.0) for k, v in hours.import_price.items()}
    return Case(system=system, hours=replace(hours, steps=steps, import_price=prices, **rest), state=state)


def _profiles(of: Any) -> Any:
    if isinstance(of, dict):
        return {k: _profiles(v) for k, v in of.items()}
    return np.array(of, dtype=np.float64) if isinstance(of, list) else of


def merged(own: Case, written: Case, now: Case) -> Case:
    """Take each figure of `own` that still reads (`now`) as it was `written`, else what is read now."""
    parts: dict[str, Any] = {
        f.name: _assets(f.name, own.system, written.system, now.system)
        for f in fields(own.system)
        if isinstance(getattr(own.system, f.name), tuple)
    }
    co2 = own.system.co2 if _same(written.system.co2, now.system.co2) else now.system.co2
    states: dict[str, Any] = {
        f.name: _by_name(was, getattr(written.state, f.name), getattr(now.state, f.name))
        for f in fields(own.state)
        if isinstance(was := getattr(own.state, f.name), Mapping)
    }
    return Case(
        system=replace(own.system, **parts, co2=co2),
        hours=own.hours,
        state=replace(own.state, **states),
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
