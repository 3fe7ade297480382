"""What a schedule comes to: cost, fuel, starts, carbon, held-back energy, reserve and load that were missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.floor import BELOW, NAME
from tamna.dispatch.resort import SURPLUS
from tamna.dispatch.whatif_added import sold, unsold_krw
from tamna.optimise.share import ELECTRICITY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tamna.dispatch.answer import Schedule
    from tamna.dispatch.assets import Burns
    from tamna.dispatch.system import Hours, State, System
    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Sums over all steps.

    Attributes
    ----------
    paid_krw
        Fuel, starts, imports, wear, carbon, and loads that are cut or moved; what was sent out is taken off. [KRW]
    units_krw, links_krw
        Of it: fuel and starts of thermal units; imports at the price of their hour, less what exports earned. [KRW]
    missed_krw
        What held-back energy, missing reserve or support of the grid, unmatched contracts, trips that lack energy,
        unserved load, a floor that gave way and surplus are counted with. [KRW]
    fuel_gj, starts, generated_mwh
        By fuel; by thermal unit; by asset (what it put in less what it took). [GJ], [-], [MWh]
    units_tco2, imports_tco2
        [tCO2]
    held_mwh
        Held back, by fleet. [MWh]
    import_mwh, export_mwh
        By link, where it is sent. [MWh]
    short_mwh, unserved_mwh, below_floor_mwh
        By product of reserve; load of all kinds; what units and links stayed below their floor. [MWh]
    sold_kg, sold_krw
        Hydrogen that is sold, and what it is declared to be worth, which `paid_krw` does not count. [kg], [KRW]
    surplus_mwh
        What nobody took: of the last resort, 0 where there is none. [MWh]
    ev_charged_mwh, ev_given_mwh, ev_missing_mwh
        Of vehicles: charged, given back, and what trips lack. [MWh]
    turning_mwh
        What condensers take while they turn. [MWh]
    stored_mwh
        What batteries and plugged-in vehicles hold at the end, less what they held at the start. [MWh]
    """

    paid_krw: float
    missed_krw: float
    fuel_gj: Mapping[str, float]
    starts: Mapping[str, int]
    generated_mwh: Mapping[str, float]
    units_tco2: float
    imports_tco2: float
    held_mwh: Mapping[str, float]
    import_mwh: Mapping[str, float]
    export_mwh: Mapping[str, float]
    short_mwh: Mapping[str, float]
    unserved_mwh: float
    below_floor_mwh: float = 0.0
    sold_kg: float = 0.0
    sold_krw: float = 0.0
    surplus_mwh: float = 0.0
    ev_charged_mwh: float = 0.0
    ev_given_mwh: float = 0.0
    ev_missing_mwh: float = 0.0
    turning_mwh: float = 0.0
    stored_mwh: float = 0.0
    units_krw: float = 0.0
    links_krw: float = 0.0

    @property
    def tco2(self) -> float:
        """Of units and imports together [tCO2]."""
        return self.units_tco2 + self.imports_tco2

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {name: getattr(self, name) for name in (*self.__dataclass_fields__, "tco2")}


def held_mw(system: System, hours: Hours, done: Schedule) -> dict[str, Floats]:
    """Give what each fleet was held back by, (steps,) [MW]."""
    power = done.injection_mw[ELECTRICITY]
    return {f.name: np.maximum(hours.potential_mw[f.name] - power[f.name], 0.0) for f in system.fleets}


def held_in_all_mw(system: System, hours: Hours, done: Schedule) -> Floats:
    """Give what all fleets together were held back by, (steps,) [MW]; 0 on an island without wind and sun."""
    none = np.zeros(hours.steps.count)
    return np.asarray(np.sum([none, *held_mw(system, hours, done).values()], axis=0))


def account(
    system: System, hours: Hours, done: Schedule, burns: Mapping[str, Burns], before: State
) -> Account:
    """Add a schedule up.

    Parameters
    ----------
    hours
        Those that `done` covers.
    before
        What units were before the first step, for its starts.
    """
    h, power = hours.steps.hours, done.injection_mw[ELECTRICITY]
    heat = {u.name: _heat_gj(u, burns[u.name], done, h) for u in system.thermal}
    fuel: dict[str, float] = {}
    for name, gj in heat.items():
        fuel[burns[name].fuel] = fuel.get(burns[name].fuel, 0.0) + gj
    flows = {w: {k.name: float(done.columns[f"{k.name}/{w}"].sum() * h) for k in system.links} for w in ("import", "export")}  # fmt: skip
    held = {k: float(v.sum() * h) for k, v in held_mw(system, hours, done).items()}
    priced = {f.name: f.curtailment_cost_per_mwh for f in system.fleets}
    short = {p.name: float(done.columns[f"{p.name}/short"].sum() * h) for p in system.reserves}
    missed = sum(held[k] * priced[k] for k in held)
    asked = {"demand", "hydrogen_demand", "synchronous", NAME, SURPLUS, *short}
    asked |= {load.name for load in system.loads} | {contract.name for contract in system.matchings}
    missed += sum(float(c.sum()) for k, c in done.cost.items() if k in asked)
    missed += sum(_shed_krw(done, m.name, m.lost_per_mwh) * h for m in system.shiftable)
    missed += sum(_shed_krw(done, c.name, c.lost_per_mwh) * h for c in system.interruptible)
    missed += sum(
        float(done.columns[f"{e.name}/missing"].sum()) * e.missing_per_mwh for e in system.ev_fleets
    )
    below = float(done.columns[BELOW].sum() * h) if BELOW in done.columns else 0.0
    surplus = float(done.columns[f"{SURPLUS}/mw"].sum() * h) if system.resort else 0.0
    carbon = {k.name: k.import_tco2_per_mwh for k in system.links}
    sold_kg, sold_krw = sold(system, hours, done)
    stores = [b.name for b in system.batteries] + [e.name for e in system.ev_fleets]
    return Account(
        paid_krw=done.total_cost - missed,
        missed_krw=missed - unsold_krw(system, hours, done),
        fuel_gj=fuel,
        starts={u.name: _starts(done, u.name, before) for u in system.thermal if u.commits},
        generated_mwh={k: float(v.sum() * h) for k, v in power.items()},
        units_tco2=sum(gj * burns[name].tco2_per_gj for name, gj in heat.items()),
        imports_tco2=sum(flows["import"][k] * carbon[k] for k in carbon),
        held_mwh=held,
        import_mwh=flows["import"],
        export_mwh=flows["export"],
        short_mwh=short,
        unserved_mwh=float(_unserved_mw(system, done).sum() * h),
        below_floor_mwh=below,
        sold_kg=sold_kg,
        sold_krw=sold_krw,
        surplus_mwh=surplus,
        ev_charged_mwh=_summed(done, [f"{e.name}/charge" for e in system.ev_fleets]) * h,
        ev_given_mwh=_summed(done, [f"{e.name}/discharge" for e in system.ev_fleets]) * h,
        ev_missing_mwh=_summed(done, [f"{e.name}/missing" for e in system.ev_fleets]),
        turning_mwh=-sum(float(power[c.name].sum()) for c in system.condensers) * h,
        stored_mwh=sum(_gained(done, name, before) for name in stores),
        units_krw=_cost(done, [u.name for u in system.thermal]),
        links_krw=_cost(done, [k.name for k in system.links]),
    )


def _heat_gj(unit: Thermal, burns: Burns, done: Schedule, step_h: float) -> float:
    power = done.injection_mw[ELECTRICITY][unit.name]
    on = done.columns[f"{unit.name}/on"] > 0.5 if unit.commits else np.ones(len(power), dtype=bool)
    return float(burns.heat_gj(power, on, step_h).sum())


def _cost(done: Schedule, names: list[str]) -> float:
    return float(sum(done.cost[name].sum() for name in names if name in done.cost))


def _gained(done: Schedule, name: str, before: State) -> float:
    """Give what a store holds at the end less what it held at the start; nothing where the period closes on itself."""
    level = done.columns[f"{name}/level"]
    return float(level[-1]) - before.level_mwh.get(name, float(level[-1]))


def _summed(done: Schedule, names: list[str]) -> float:
    return sum(float(done.columns[name].sum()) for name in names if name in done.columns)


def _shed_krw(done: Schedule, name: str, lost_per_mwh: float) -> float:
    shed = done.columns.get(f"{name}/unserved")
    return 0.0 if shed is None else float(shed.sum()) * lost_per_mwh


def _unserved_mw(system: System, done: Schedule) -> Floats:
    """Add up load that is not served, of electricity, (steps,); what is cut for its price is not in it [MW]."""
    names = [f"demand/{c.name}_unserved" for c in system.load_classes]
    names += [
        f"{load.name}/{c.name}_unserved"
        for load in system.loads
        if load.bus == ELECTRICITY
        for c in load.classes
    ]
    names += [f"{m.name}/unserved" for m in system.shiftable]
    names += [f"{c.name}/unserved" for c in system.interruptible]
    none = np.zeros(done.count)
    return np.asarray(np.sum([none, *(done.columns.get(name, none) for name in names)], axis=0))


def _starts(done: Schedule, name: str, before: State) -> int:
    was = before.thermal.get(name)
    on = np.concatenate([[was is not None and was.on], done.columns[f"{name}/on"] > 0.5])
    return int((on[1:] & ~on[:-1]).sum())
