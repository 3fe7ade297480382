"""PyPSA to tamna: any network of one island, or a clear list of what of it cannot be taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.interchange.buses import attached, roles
from tamna.dispatch.interchange.case import Case
from tamna.dispatch.interchange.generators import Found, take_class, take_generator
from tamna.dispatch.interchange.kept import merged, unpacked
from tamna.dispatch.interchange.outward import FORMAT, META, to_pypsa
from tamna.dispatch.interchange.refusals import refuse_general
from tamna.dispatch.interchange.view import View
from tamna.dispatch.interchange.wires import (
    take_battery,
    take_cell,
    take_link_beyond,
    take_plant,
    take_storage_unit,
    take_store,
)
from tamna.dispatch.system import Hours, State, System
from tamna.errors import InputError, gather
from tamna.lang import _
from tamna.optimise.blocks.co2 import Co2
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.problem import Steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.interchange.buses import Role
    from tamna.dispatch.interchange.view import Row

    Floats = NDArray[np.float64]


def from_pypsa(network: Any) -> Case:
    """Read a network.

    A network that tamna wrote comes back as the case it was, but for what was changed in it since.

    Raises
    ------
    InputError
        All that cannot be taken: component, name, attribute.
    """
    now = _read(network)
    kept = dict(network.meta or {}).get(META) if isinstance(network.meta, dict) else None
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        return now
    own = unpacked(kept["case"], now.hours)
    return merged(own, _read(to_pypsa(own)), now)


def _read(network: Any) -> Case:
    view = View(network)
    step_h = refuse_general(view)
    of = roles(view)
    cap = _co2(view)
    found = Found(view, step_h, capped=cap is not None)
    demand = {role: _loads(view, of, role) for role in ("main", "hydrogen")}
    _generators(found, of, demand)
    _stores_and_links(found, of)
    gather(view.mistakes, InputError)
    names = [str(s)[:16] for s in network.snapshots] if network.snapshots.dtype.kind == "M" else []
    has_hydrogen = "hydrogen" in of.values()
    profiles, assets = found.profiles, {part: tuple(a) for part, a in found.assets.items()}
    for link in found.assets.get("links", ()):
        for price in ("import_price", "export_price"):
            profiles.setdefault(price, {}).setdefault(link.name, np.zeros(view.count))
    return Case(
        system=System(**assets, co2=cap),  # type: ignore[arg-type]
        hours=Hours(
            steps=Steps(count=view.count, hours=step_h, labels=tuple(names)),
            demand_mw=demand["main"],
            hydrogen_mw=demand["hydrogen"] if has_hydrogen else None,
            **profiles,  # type: ignore[arg-type]
        ),
        state=State(**found.state),
    )


def _loads(view: View, of: dict[str, Role], role: str) -> Floats:
    total = np.zeros(view.count)
    for row in view.rows("Load"):
        if of.get(row.text("bus")) == role:
            total = total + row.profile("p_set", 0.0)
    return total


def _generators(found: Found, of: dict[str, Role], demand: dict[str, Floats]) -> None:
    for row in found.view.rows("Generator"):
        role = of.get(row.text("bus"))
        if role == "main":
            take_generator(found, row, demand["main"])
        elif role == "hydrogen":
            _hydrogen_bought(found, row, demand["hydrogen"])


def _hydrogen_bought(found: Found, row: Row, demand_mw: Floats) -> None:
    """Read a generator of hydrogen: what it gives instead of the island's plants is demand that is not met by them."""
    high = row.number("p_nom", 0.0) * row.profile("p_max_pu", 1.0)
    if take_class(found, row, high, demand_mw, hydrogen=True):
        return
    row.none_of(
        {"committable": 0.0, "p_min_pu": 0.0, "ramp_limit_up": np.nan}, _("hydrogen is bought freely")
    )
    if (high < demand_mw - 1e-9).any() or any(True for _row in _cells(found)):
        row.refuse(
            "p_nom", _("hydrogen that is bought can only stand in for the demand of hydrogen, all of it")
        )
    if found.tco2_per_mwh(row) and found.capped:
        row.refuse("carrier", _("hydrogen that is bought carries no CO2 in tamna"))
    lost = row.number("marginal_cost", 0.0)
    found.add("hydrogen_classes", LoadClass(name=row.name, share=1.0, lost_per_mwh=lost))


def _cells(found: Found) -> list[Row]:
    hydrogen = {name for name, role in roles(View(found.view.network)).items() if role == "hydrogen"}
    return [row for row in found.view.rows("Link") if row.text("bus0") in hydrogen]


def _stores_and_links(found: Found, of: dict[str, Role]) -> None:
    view = found.view
    main = next((name for name, role in of.items() if role == "main"), "")
    for bus, role in of.items():
        if role == "beyond":
            take_link_beyond(found, bus, attached(view, bus), main)
        elif role == "battery":
            take_battery(found, attached(view, bus), main)
    for row in view.rows("StorageUnit"):
        if of.get(row.text("bus")) == "main":
            take_storage_unit(found, row)
        elif of.get(row.text("bus")) == "hydrogen":
            row.refuse("bus", _("a storage unit of hydrogen"), todo=_("Make it a Store."))
    for row in view.rows("Store"):
        role = of.get(row.text("bus"), "idle")
        if role in {"main", "hydrogen"}:
            take_store(found, row, hydrogen=role == "hydrogen")
    for row in view.rows("Link"):
        ends = of.get(row.text("bus0")), of.get(row.text("bus1"))
        if ends == ("main", "hydrogen"):
            take_plant(found, row)
        elif ends == ("hydrogen", "main"):
            take_cell(found, row)
        elif ends in {("main", "main"), ("hydrogen", "hydrogen")}:
            row.refuse("bus1", _("a link from a bus to itself"))


def _co2(view: View) -> Co2 | None:
    cap: Co2 | None = None
    for name, row in view.table("GlobalConstraint").iterrows():
        fits = (row["type"], row["carrier_attribute"], row["sense"]) == (
            "primary_energy",
            "co2_emissions",
            "<=",
        )
        if fits and cap is None:
            cap = Co2(cap_t=float(row["constant"]))
            continue
        view.refuse(
            "GlobalConstraint", str(name), "type", _("tamna knows one limit on CO2 over all snapshots, and no other"),
            seen=f"{row['type']}, {row['carrier_attribute']} {row['sense']} {row['constant']:g}",
        )  # fmt: skip
    return cap
