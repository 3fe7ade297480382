"""Links and stores of a network as tamna's assets: links to the other side, batteries, hydrogen plants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState, Piece
from tamna.optimise.blocks.hydrogen import FuelCell, HydrogenStore
from tamna.optimise.blocks.link import Link

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.interchange.buses import Attached
    from tamna.dispatch.interchange.generators import Found
    from tamna.dispatch.interchange.view import Row

    Floats = NDArray[np.float64]

BEYOND = "beyond/"
FREE_OF = {
    "ramp_limit_up": np.nan, "ramp_limit_down": np.nan, "ramp_limit_start_up": np.nan, "ramp_limit_shut_down": np.nan,
    "committable": 0.0,
}  # fmt: skip


def take_link_beyond(found: Found, bus: str, on: Attached, main: str) -> None:
    """Read the links to a bus on the other side, with what is bought and sold there."""
    gives, takes = _market(bus, on)
    ways: dict[str, list[tuple[Row, Floats]]] = {"import": [], "export": []}
    for row in on.links:
        row.none_of(FREE_OF, _("a link to the other side is free of it in tamna, except for an LCC's poles"))
        size = row.number("p_nom", 0.0)
        low, high = size * row.profile("p_min_pu", 0.0), size * row.profile("p_max_pu", 1.0)
        there, back = ("export", "import") if row.text("bus0") == main else ("import", "export")
        if (high > 0.0).any() or not (low < 0.0).any():
            ways[there].append((row, high))
        if (low < 0.0).any():
            ways[back].append((row, -low))
            if (np.abs(row.profile("efficiency", 1.0) - 1.0) > 1e-12).any():
                row.refuse(
                    "p_min_pu", _("a two-way link with an efficiency makes energy when it runs backwards"),
                    todo=_("Make two links, one a direction."),
                )  # fmt: skip
            row.none_of(
                {"marginal_cost": 0.0}, _("a two-way link pays for one direction and is paid for the other")
            )
        if (low > 0.0).any():
            row.refuse("p_min_pu", _("a link that must carry power"))
    _as_links(found, bus.removeprefix(BEYOND), ways, gives, takes)  # fmt: skip


def _market(bus: str, on: Attached) -> tuple[Row | None, Row | None]:
    """Give what sells and what buys on the other side; each without a limit of its own below the links'."""
    gives = [r for r in on.generators if (r.profile("p_max_pu", 1.0) > 0.0).any()]
    takes = [r for r in on.generators if (r.profile("p_min_pu", 0.0) < 0.0).any()]
    for row in (*gives[1:], *takes[1:]):
        row.refuse("bus", _("a second generator on the other side; tamna knows one price a link"))
    for row in on.generators:
        idle = {"committable": 0.0, "ramp_limit_up": np.nan, "ramp_limit_down": np.nan}
        row.none_of(idle, _("the other side gives and takes freely"))
    arriving, leaving = _carried(bus, on)
    for row, limit, most in (
        *((r, r.profile("p_max_pu", 1.0).min(), arriving) for r in gives[:1]),
        *((r, -r.profile("p_min_pu", 0.0).max(), leaving) for r in takes[:1]),
    ):
        if row.number("p_nom", 0.0) * float(limit) < most * (1.0 - 1e-9):
            row.refuse(
                "p_nom", _("the other side gives or takes less than its links carry"), todo=_("Limit the links instead.")
            )  # fmt: skip
    if gives and takes and gives[0].name != takes[0].name:
        spread = takes[0].profile("marginal_cost", 0.0) - gives[0].profile("marginal_cost", 0.0)
        if (spread > 1e-9).any():
            takes[0].refuse(
                "marginal_cost", _("the other side pays more than it asks: it would trade with itself")
            )
    return (gives[0] if gives else None), (takes[0] if takes else None)


def _carried(bus: str, on: Attached) -> tuple[float, float]:
    """Give the most that all links take from the other side, and bring to it. [MW]"""
    taken = brought = 0.0
    for row in on.links:
        size, kept = row.number("p_nom", 0.0), row.number("efficiency", 1.0)
        high = size * max(float(row.profile("p_max_pu", 1.0).max()), 0.0)
        low = size * max(-float(row.profile("p_min_pu", 0.0).min()), 0.0)
        if row.text("bus0") == bus:
            taken, brought = taken + high, brought + low
        else:
            taken, brought = taken + low, brought + high * kept
    return taken, brought


def _as_links(
    found: Found, name: str, ways: dict[str, list[tuple[Row, Floats]]], gives: Row | None, takes: Row | None
) -> None:
    """Make one link of a pair that loses alike in both directions and is in service together, else one a direction."""
    into, out = ways["import"], ways["export"]
    together = len(into) <= 1 and len(out) <= 1 and _alike(into, out)
    named = (
        [(name, [*((r, mw, "import") for r, mw in into), *((r, mw, "export") for r, mw in out)])]
        if together
        else [
            (row.name if row.name not in {r.name for r, _mw in into[:i]} else f"{row.name}/back", [(row, mw, way)])
            for way, rows in (("import", into), ("export", out))
            for i, (row, mw) in enumerate(rows)
        ]
    )  # fmt: skip
    carbon = 0.0 if gives is None else found.tco2_per_mwh(gives)
    for called, parts in named:
        power, price = {"import": 0.0, "export": 0.0}, {"import": np.zeros(found.view.count), "export": np.zeros(found.view.count)}  # fmt: skip
        loss, share = 0.0, np.ones(found.view.count)
        for row, mw, way in parts:
            kept = row.number("efficiency", 1.0)
            loss, power[way] = 1.0 - kept, _most(row, mw)
            market = gives if way == "import" else takes
            at_market = np.zeros(found.view.count) if market is None else market.profile("marginal_cost", 0.0)
            on_link = row.profile("marginal_cost", 0.0)
            price[way] = at_market + on_link if way == "import" else at_market - on_link / kept
            if market is None:
                power[way] = 0.0
            if power[way] > 0.0:
                share = mw / power[way]
        found.add(
            "links",
            Link(name=called, import_mw=power["import"], export_mw=power["export"], loss=round(loss, 12),
                 import_tco2_per_mwh=carbon),
        )  # fmt: skip
        found.note("import_price", called, price["import"])
        found.note("export_price", called, price["export"])
        if (np.abs(share - 1.0) > 1e-12).any():
            found.note("available", called, share)


def _alike(into: list[tuple[Row, Floats]], out: list[tuple[Row, Floats]]) -> bool:
    if not (into and out):
        return True
    (a, a_mw), (b, b_mw) = into[0], out[0]
    if abs(a.number("efficiency", 1.0) - b.number("efficiency", 1.0)) > 1e-12:
        return False
    a_most, b_most = _most(a, a_mw), _most(b, b_mw)
    return a_most * b_most == 0.0 or bool(np.allclose(a_mw / a_most, b_mw / b_most, atol=1e-9))


def _most(row: Row, mw: Floats) -> float:
    return max(row.number("p_nom", 0.0) if mw.any() else 0.0, float(mw.max(initial=0.0)))


def take_battery(found: Found, on: Attached, main: str) -> None:
    """Read a bus with one store, and the links that fill and empty it."""
    store = on.stores[0]
    ways: dict[str, list[tuple[float, float, float]]] = {"in": [], "out": []}
    for row in on.links:
        row.none_of(FREE_OF, _("a battery of tamna is free of it"))
        size, kept, cost = (row.number(k, v) for k, v in (("p_nom", 0.0), ("efficiency", 1.0), ("marginal_cost", 0.0)))  # fmt: skip
        low, high = (row.number(k, v) for k, v in (("p_min_pu", 0.0), ("p_max_pu", 1.0)))
        there, back = ("in", "out") if row.text("bus0") == main else ("out", "in")
        ways[there].append((size * high, kept, cost))
        if low < 0.0:
            ways[back].append((-size * low, 1.0, 0.0))
            if kept != 1.0 or cost:
                row.refuse("p_min_pu", _("a two-way link with an efficiency makes energy when it runs backwards"),
                           todo=_("Make two links, one a direction."))  # fmt: skip
    if len(ways["in"]) > 1 or len(ways["out"]) > 1:
        store.refuse("bus", _("more than one link fills or empties it"), todo=_("Join them into one."))
    into, out = (ways[k][0] if ways[k] else (0.0, 1.0, 0.0) for k in ("in", "out"))
    if into[2]:
        store.refuse("bus", _("filling it costs something; tamna counts wear on what is given"))
    found.add(
        "batteries",
        Battery(
            name=store.name, charge_mw=into[0], discharge_mw=out[0] * out[1], energy_mwh=store.number("e_nom", 0.0),
            charging=into[1], discharging=out[1], wear_per_mwh=out[2] / out[1],
        ),
    )  # fmt: skip
    _level(found, store, "e_cyclic", "e_initial")


def take_storage_unit(found: Found, row: Row) -> None:
    """Read a storage unit on the island's bus."""
    size = row.number("p_nom", 0.0)
    found.add(
        "batteries",
        Battery(
            name=row.name, charge_mw=-size * row.number("p_min_pu", -1.0), discharge_mw=size * row.number("p_max_pu", 1.0),
            energy_mwh=size * row.number("max_hours", 1.0), charging=row.number("efficiency_store", 1.0),
            discharging=row.number("efficiency_dispatch", 1.0), wear_per_mwh=row.number("marginal_cost", 0.0),
        ),
    )  # fmt: skip
    _emits(found, row)
    _level(found, row, "cyclic_state_of_charge", "state_of_charge_initial")


def take_store(found: Found, row: Row, *, hydrogen: bool) -> None:
    """Read a store that hangs on a bus of the island: it fills and empties within a step."""
    size = row.number("e_nom", 0.0)
    if hydrogen:
        found.add("hydrogen_stores", HydrogenStore(name=row.name, energy_mwh=size))
    else:
        fast = size / found.step_h
        found.add("batteries", Battery(name=row.name, charge_mw=fast, discharge_mw=fast, energy_mwh=size))
    _emits(found, row)
    _level(found, row, "e_cyclic", "e_initial")


def take_plant(found: Found, row: Row) -> None:
    """Read a link from electricity to hydrogen."""
    size, least = row.number("p_nom", 0.0) * row.number("p_max_pu", 1.0), row.number("p_min_pu", 0.0)
    on_off = row.flag("committable")
    if on_off:
        idle = {"start_up_cost": 0.0, "min_up_time": 0.0, "min_down_time": 0.0, "ramp_limit_up": np.nan, "ramp_limit_down": np.nan}  # fmt: skip
        row.none_of(idle, _("a plant of tamna may wait on standby, where a start costs nothing"))
    elif least != 0.0:
        row.refuse("p_min_pu", _("a plant that must run"))
    ramps = {row.number(f"ramp_limit_{way}") for way in ("up", "down")}
    ramp = np.inf
    if not on_off and not all(np.isnan(r) for r in ramps):
        if len(ramps) > 1 or np.isnan(row.number("p_init")):
            row.refuse("ramp_limit_up", _("a plant has one ramp for both ways, and a load before the first step"),
                       todo=_("Give both ramps alike, and p_init."))  # fmt: skip
        ramp = next(iter(ramps)) * row.number("p_nom", 0.0) / found.step_h
        found.was("electrolysers", row.name, ElectrolyserState(mw=row.number("p_init", 0.0)))
    found.add(
        "electrolysers",
        Electrolyser(
            name=row.name, power_mw=size, pieces=(Piece(share=1.0, efficiency=row.number("efficiency", 1.0)),),
            min_load=least if on_off else 0.0, wear_per_mwh=row.number("marginal_cost", 0.0), ramp_mw_per_h=ramp,
        ),
    )  # fmt: skip


def take_cell(found: Found, row: Row) -> None:
    """Read a link from hydrogen to electricity."""
    row.none_of({**FREE_OF, "marginal_cost": 0.0, "p_min_pu": 0.0}, _("a fuel cell of tamna is free of it"))
    kept = row.number("efficiency", 1.0)
    power = row.number("p_nom", 0.0) * row.number("p_max_pu", 1.0) * kept
    found.add("fuel_cells", FuelCell(name=row.name, power_mw=power, efficiency=kept))


def _level(found: Found, row: Row, cyclic: str, initial: str) -> None:
    if not row.flag(cyclic):
        found.was("level_mwh", row.name, row.number(initial, 0.0))


def _emits(found: Found, row: Row) -> None:
    if found.capped and found.tco2_per_mwh(row):
        row.refuse("carrier", _("a store that emits"))
