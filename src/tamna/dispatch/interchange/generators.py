"""Generators of a network as tamna's assets: units, fleets, trade at a price by the hour, load that may be shed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import FOREVER_H, Start, Thermal, ThermalState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.interchange.view import Row, View

    Floats = NDArray[np.float64]

WEATHER = {
    "weather",
    "wind",
    "onwind",
    "offwind",
    "offwind-ac",
    "offwind-dc",
    "solar",
    "pv",
    "solar rooftop",
    "ror",
}
UNSERVED = "_unserved"


@dataclass(slots=True, eq=False)
class Found:
    """What has been read so far; each list and profile as `System`, `Hours` and `State` have them."""

    view: View
    step_h: float
    capped: bool
    """There is a limit on CO2, so that what emits must be able to say so."""
    assets: dict[str, list[Any]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Floats]] = field(default_factory=dict)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, part: str, asset: Any) -> None:
        """Keep an asset."""
        self.assets.setdefault(part, []).append(asset)

    def note(self, profile: str, name: str, values: Floats) -> None:
        """Keep a profile."""
        self.profiles.setdefault(profile, {})[name] = values

    def was(self, part: str, name: str, state: Any) -> None:
        """Keep what something was before the first step."""
        self.state.setdefault(part, {})[name] = state

    def tco2_per_mwh(self, row: Row) -> float:
        """Give what a MWh of a generator emits: of its carrier, over its efficiency."""
        table = self.view.table("Carrier")
        carrier = row.text("carrier")
        if carrier not in table.index or not table.loc[carrier].get("co2_emissions", 0.0):
            return 0.0
        return float(table.loc[carrier]["co2_emissions"]) / row.number("efficiency", 1.0)


def take_generator(found: Found, row: Row, demand_mw: Floats) -> None:
    """Read a generator on the island's bus."""
    size = row.number("p_nom", 0.0)
    low, high = size * row.profile("p_min_pu", 0.0), size * row.profile("p_max_pu", 1.0)
    cost = row.profile("marginal_cost", 0.0)
    if take_class(found, row, high, demand_mw):
        return
    if row.flag("committable"):
        _committed(found, row, high)
    elif (low < 0.0).any():
        _trade(found, row, low, high, cost)
    elif np.ptp(cost) > 1e-12:
        _no_ramps(row)
        if (low > 0.0).any():
            row.refuse("p_min_pu", _("trade at a price by the hour that cannot be refused"))
        _one_way(found, row, "import", high, cost)
    elif _is_fleet(found, row, low, high):
        found.add("fleets", Curtailable(name=row.name, cost_per_mwh=float(cost[0])))
        found.note("potential_mw", row.name, high)
        if (low > 0.0).any():
            found.note("must_take_mw", row.name, low)
    else:
        _always_on(found, row, low, high)


def take_class(found: Found, row: Row, high: Floats, demand_mw: Floats, *, hydrogen: bool = False) -> bool:
    """Read a generator that stands for load that may be shed; tells whether it is one."""
    part, prefix = ("hydrogen_classes", "hydrogen_demand/") if hydrogen else ("load_classes", "demand/")
    if not (row.name.startswith(prefix) and row.name.endswith(UNSERVED)):
        return False
    asked = np.maximum(demand_mw, 0.0)
    share = high[asked > 0.0] / asked[asked > 0.0]
    if (
        len(share) and np.ptp(share) > 1e-6
    ):  # the demand was changed and this was not: it is a unit now, as PyPSA has it
        return False
    name = row.name.removeprefix(prefix).removesuffix(UNSERVED)
    part_of = round(float(share[0]), 12) if len(share) else 1.0
    found.add(part, LoadClass(name=name, share=part_of, lost_per_mwh=row.number("marginal_cost", 0.0)))
    return True


def _is_fleet(found: Found, row: Row, low: Floats, high: Floats) -> bool:
    """Whether it follows the weather: by its carrier, or by a limit that changes by the hour and no other tie."""
    tied = any(not np.isnan(row.profile(f"ramp_limit_{way}")).all() for way in ("up", "down"))
    emits = found.tco2_per_mwh(row) != 0.0
    if (
        tied or emits or row.text("carrier") == row.name or row.name.endswith(UNSERVED)
    ):  # tamna gives each unit a carrier of its own
        return False
    return row.text("carrier").lower() in WEATHER or bool(np.ptp(high) > 1e-12) or bool((low > 0.0).any())


def _always_on(found: Found, row: Row, low: Floats, high: Floats) -> None:
    size = row.number("p_nom", 0.0)
    most = max(size, float(high.max(initial=0.0)))
    forced = bool((low > 0.0).any())
    if forced and (np.ptp(low) > 1e-9 or np.ptp(high) > 1e-9):
        row.refuse("p_min_pu", _("a least output that changes by the hour beside ramps or emissions"))
    unit = Thermal(
        name=row.name, max_mw=most, min_mw=float(low[0]) if forced else 0.0, must_run=forced,
        cost_per_mwh=row.number("marginal_cost", 0.0), tco2_per_mwh=found.tco2_per_mwh(row), **_ramps(found, row, size),
    )  # fmt: skip
    found.add("thermal", unit)
    _availability(found, row, high, most)
    before = row.number("p_init")
    if forced or not np.isnan(before):
        found.was("thermal", row.name, ThermalState(on=True, hours=FOREVER_H, mw=before))


def _committed(found: Found, row: Row, high: Floats) -> None:
    size, h = row.number("p_nom", 0.0), found.step_h
    most = max(size, float(high.max(initial=0.0)))
    cost = row.number("start_up_cost", 0.0)
    edges = {k: row.number(f"ramp_limit_{k}") for k in ("start_up", "shut_down")}
    unit = Thermal(
        name=row.name, max_mw=most, min_mw=size * row.number("p_min_pu", 0.0),
        cost_per_mwh=row.number("marginal_cost", 0.0), on_cost_per_h=row.number("stand_by_cost", 0.0),
        starts=(Start(off_h=0.0, cost=cost),) if cost else (),
        start_mw=None if np.isnan(edges["start_up"]) else edges["start_up"] * size,
        stop_mw=None if np.isnan(edges["shut_down"]) else edges["shut_down"] * size,
        min_up_h=row.number("min_up_time", 0.0) * h, min_down_h=row.number("min_down_time", 0.0) * h,
        tco2_per_mwh=found.tco2_per_mwh(row), **_ramps(found, row, size),
    )  # fmt: skip
    found.add("thermal", unit)
    _availability(found, row, high, most)
    up, down = row.number("up_time_before", 1.0), row.number("down_time_before", 0.0)
    on = down <= 0.0 and up > 0.0
    steps = up if on else down
    before = row.number("p_init")
    hours = min(steps * h, FOREVER_H) if steps > 0.0 else FOREVER_H
    found.was("thermal", row.name, ThermalState(on=on, hours=hours, mw=before if on else 0.0))


def _ramps(found: Found, row: Row, size: float) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for way in ("up", "down"):
        limit = row.number(f"ramp_limit_{way}")
        out[f"ramp_{way}_mw_per_h"] = np.inf if np.isnan(limit) else limit * size / found.step_h
    return out


def _availability(found: Found, row: Row, high: Floats, most: float) -> None:
    if most > 0.0 and (np.abs(high - most) > 1e-12 * most).any():
        found.note("available", row.name, high / most)


def _trade(found: Found, row: Row, low: Floats, high: Floats, cost: Floats) -> None:
    """Read a generator that may take: what it takes is sold at its cost."""
    _no_ramps(row)
    if found.capped and found.tco2_per_mwh(row):
        row.refuse("carrier", _("emissions of power that is sent out would be credited"))
    if (low > 0.0).any():
        row.refuse("p_min_pu", _("it must give in some hours and may take in others"))
    if (high > 0.0).any():
        _one_way(found, row, "import", high, cost, more="/import")
        _one_way(found, row, "export", -low, cost, more="/export")
        return
    _one_way(found, row, "export", -low, cost)


def _one_way(found: Found, row: Row, way: str, mw: Floats, price: Floats, *, more: str = "") -> None:
    name, most = row.name + more, float(mw.max(initial=0.0))
    carbon = found.tco2_per_mwh(row) if way == "import" else 0.0
    power: dict[str, Any] = {
        "import_mw": most if way == "import" else 0.0,
        "export_mw": most if way == "export" else 0.0,
    }
    found.add("links", Link(name=name, import_tco2_per_mwh=carbon, **power))
    found.note("import_price", name, price)
    found.note("export_price", name, price)
    if most > 0.0 and np.ptp(mw) > 1e-12:
        found.note("available", name, mw / most)


def _no_ramps(row: Row) -> None:
    row.none_of({"ramp_limit_up": np.nan, "ramp_limit_down": np.nan}, _("trade by the hour with a ramp"))
