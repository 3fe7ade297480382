"""Small islands for the tests of measure, written as an analyst would note them down."""

from __future__ import annotations

import numpy as np

from tamna.measure import Column, EmissionFactor, HourClass, ImportMix, IslandHours
from tamna.sources.block import Flag

KINDS = {
    "wind": {"group": "wind", "renewable": True, "carbon_free": True},
    "pv": {"group": "pv", "renewable": True, "carbon_free": True},
    "wind_ppa": {"group": "wind", "metering": "ppa", "renewable": True, "carbon_free": True},
    "pv_ppa": {"group": "pv", "metering": "ppa", "renewable": True, "carbon_free": True},
    "pv_btm": {
        "group": "pv", "metering": "behind_the_meter", "renewable": True, "carbon_free": True,
        "in_demand": False,
    },
    "bio": {"group": "bio", "renewable": True, "thermal": True},
    "waste": {"group": "waste", "renewable": False, "thermal": True},
    "lng": {"group": "fossil", "thermal": True},
    "oil": {"group": "fossil", "thermal": True},
    "nuclear": {"group": "fossil", "carbon_free": True, "thermal": True},
}  # fmt: skip
FACTORS = {"wind": 0.0, "pv": 0.0, "bio": 0.1, "waste": 0.5, "lng": 0.4, "oil": 0.7}
ESTIMATED = {"pv_ppa", "wind_ppa", "pv_btm"}


def stamps(n, start="2025-04-13T15:00"):
    """Give n hours from `start` in UTC; the default is midnight of 14 April 2025 on Jeju."""
    return (np.datetime64(start, "h") + np.arange(n)).astype("datetime64[s]")


def generation(name, values, base="settled", flag=None):
    if flag is None:
        flag = Flag.ESTIMATED if name in ESTIMATED else Flag.MEASURED
    factor = EmissionFactor(tco2e_per_mwh=FACTORS[name], source="test") if name in FACTORS else None
    return HourClass(name=name, column=Column.of(values, base, flag), factor=factor, **KINDS[name])


def island(
    demand, *, start="2025-04-13T15:00", imports=None, exports=None, part=0.0, timezone="Asia/Seoul",
    import_factor=None, changes=(), curtailment=None, events=None, demand_base="system", **classes
):  # fmt: skip
    """Make an island out of lists; a class given None is declared and has no data."""
    n = len(demand)
    return IslandHours(
        valid_at=stamps(n, start),
        demand=demand if isinstance(demand, Column) else Column.of(demand, demand_base),
        classes=tuple(
            c if isinstance(c, HourClass) else generation(name, np.full(n, np.nan) if c is None else c)
            for name, c in classes.items()
        ),
        imports=None if imports is None else Column.of(imports, "links"),
        exports=None if exports is None else Column.of(exports, "links"),
        import_mix=ImportMix(
            renewable=part,
            carbon_free=part,
            year=2023,
            source="test",
            factor=None if import_factor is None else EmissionFactor(tco2e_per_mwh=import_factor),
        ),
        curtailment={k: Column.of(v, "published") for k, v in (curtailment or {}).items()},
        curtailment_events={k: Column.of(v, "published") for k, v in (events or {}).items()},
        changes=tuple(changes),
        timezone=timezone,
        name="test",
    )
