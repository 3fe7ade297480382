r"""tamna to PyPSA: each asset as the components that state the same law; what PyPSA has no word for travels in the meta.

================  ===============================================================================================
thermal unit      ``Generator``, committable where on and off matter; must-run: not committable, ``p_min_pu``
fleet             ``Generator`` with ``p_max_pu``; curtailment cost k makes its ``marginal_cost`` c - k
link              ``Link`` ``<name>/import`` and ``<name>/export`` to a bus ``beyond/<name>`` that gives and takes
battery           ``StorageUnit``
electrolyser      ``Link`` from ``electricity`` to ``hydrogen``; fuel cell: the other way
hydrogen store    ``Store``
demand            ``Load``; a class of load: ``Generator`` ``demand/<class>_unserved``
CO2               ``GlobalConstraint`` on carriers' ``co2_emissions``; a price is added to marginal costs
================  ===============================================================================================

The objective of PyPSA lacks a constant (``meta["tamna"]["constant"]``): what all potential would cost if held back,
and what a must-run unit costs whatever it gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.interchange.case import library, quiet
from tamna.dispatch.interchange.kept import packed
from tamna.dispatch.interchange.unheld import unheld
from tamna.optimise.blocks.thermal_unit import FOREVER_H, ThermalState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.dispatch.interchange.case import Case
    from tamna.optimise.blocks.battery import Battery
    from tamna.optimise.blocks.link import Link
    from tamna.optimise.blocks.thermal_unit import Thermal

    Floats = NDArray[np.float64]

MAIN, GAS = "electricity", "hydrogen"
BEYOND = "beyond/"
META = "tamna"
FORMAT = 1


def to_pypsa(case: Case) -> Any:
    """Make a network.

    Returns
    -------
    pypsa.Network
        Its ``meta["tamna"]`` holds the case, the objective's ``constant`` and ``not_in_pypsa``: component, name,
        attribute and why, of all that the network's own optimum does not see.

    Raises
    ------
    MissingExtra
        PyPSA is not installed.
    """
    with quiet():
        return _Writer(case).network()


class _Writer:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.n = library().Network()
        self.h = case.hours.steps.hours
        self.constant = 0.0
        co2 = case.system.co2
        self.tax = 0.0 if co2 is None else co2.price_per_t

    def network(self) -> Any:
        system, hours = self.case.system, self.case.hours
        self._frame()
        for unit in system.thermal:
            self._thermal(unit)
        for fleet in system.fleets:
            could = hours.potential_mw[fleet.name]
            least = np.broadcast_to(hours.must_take_mw.get(fleet.name, np.float64(0.0)), could.shape)
            held = fleet.curtailment_cost_per_mwh
            most = float(could.max(initial=0.0)) or 1.0
            self.n.add("Generator", fleet.name, bus=MAIN, carrier="weather", p_nom=most, p_max_pu=could / most,
                       p_min_pu=least / most, marginal_cost=fleet.cost_per_mwh - held)  # fmt: skip
            self.constant += self.h * held * float(could.sum())
        for link in system.links:
            self._link(link)
        for battery in system.batteries:
            self._battery(battery)
        self._hydrogen()
        self._demand("demand", MAIN, hours.demand_mw, system.load_classes)
        if hours.hydrogen_mw is not None:
            self._demand("hydrogen_demand", GAS, hours.hydrogen_mw, system.hydrogen_classes)
        if system.co2 is not None and np.isfinite(system.co2.cap_t):
            self.n.add("GlobalConstraint", "co2", type="primary_energy", carrier_attribute="co2_emissions",
                       sense="<=", constant=system.co2.cap_t)  # fmt: skip
        self.n.meta = {
            META: {
                "format": FORMAT,
                "constant": self.constant,
                "not_in_pypsa": [one.as_dict() for one in unheld(self.case)],
                "case": packed(self.case),
            }
        }
        return self.n

    def _frame(self) -> None:
        steps = self.case.hours.steps
        self.n.set_snapshots(_snapshots(steps.labels, steps.count))
        self.n.snapshot_weightings = self.n.snapshot_weightings.astype(float) * 0.0 + self.h
        self.n.add("Carrier", "AC")
        self.n.add("Carrier", "weather")
        self.n.add("Bus", MAIN, carrier="AC")
        system = self.case.system
        if (
            self.case.hours.hydrogen_mw is not None
            or system.electrolysers
            or system.hydrogen_stores
            or system.fuel_cells
        ):
            self.n.add("Carrier", "hydrogen")
            self.n.add("Bus", GAS, carrier="hydrogen")

    def _carrier(self, name: str, tco2_per_mwh: float) -> str:
        self.n.add("Carrier", name, co2_emissions=tco2_per_mwh)
        return name

    def _thermal(self, unit: Thermal) -> None:
        state = self.case.state.thermal.get(unit.name, ThermalState())
        share = self._in_service(unit.name)
        given: dict[str, Any] = {
            "p_max_pu": share if (share != 1.0).any() else 1.0,
            "marginal_cost": unit.cost_per_mwh + self.tax * unit.tco2_per_mwh,
            "ramp_limit_up": self._ramp(unit.ramp_up_mw_per_h, unit.max_mw),
            "ramp_limit_down": self._ramp(unit.ramp_down_mw_per_h, unit.max_mw),
            "p_init": state.mw if state.on else np.nan,
        }
        if unit.must_run:
            given["p_min_pu"] = unit.min_mw / unit.max_mw
            self.constant += self.h * unit.on_cost_per_h * self.case.hours.steps.count
        elif unit.commits:
            given |= self._commitment(unit, state)
        carrier = self._carrier(unit.name, unit.tco2_per_mwh)
        self.n.add("Generator", unit.name, bus=MAIN, carrier=carrier, p_nom=unit.max_mw, **given)

    def _commitment(self, unit: Thermal, state: ThermalState) -> dict[str, Any]:
        whole = self.case.hours.steps.whole
        before = int(min(state.hours, FOREVER_H) / self.h + 1e-9)
        edges = {"ramp_limit_start_up": unit.start_mw, "ramp_limit_shut_down": unit.stop_mw}
        return {
            "committable": True,
            "p_min_pu": unit.min_mw / unit.max_mw,
            "start_up_cost": unit.starts[0].cost if unit.starts else 0.0,
            "stand_by_cost": unit.on_cost_per_h,
            "min_up_time": whole(unit.min_up_h),
            "min_down_time": whole(unit.min_down_h),
            "up_time_before": max(before, 1) if state.on else 0,
            "down_time_before": 0 if state.on else max(before, 1),
            "p_init": state.mw if state.on else 0.0,
            **{k: min(mw, unit.max_mw) / unit.max_mw for k, mw in edges.items() if mw is not None},
        }

    def _ramp(self, mw_per_h: float, most: float) -> float:
        step = mw_per_h * self.h
        return float(step / most) if step < most else np.nan

    def _in_service(self, name: str) -> Floats:
        count = self.case.hours.steps.count
        share = self.case.hours.available.get(name, np.float64(1.0))
        return np.array(np.broadcast_to(np.asarray(share, dtype=np.float64), (count,)))

    def _link(self, link: Link) -> None:
        bus, share = f"{BEYOND}{link.name}", self._in_service(link.name)
        buy, sell = (by[link.name] for by in (self.case.hours.import_price, self.case.hours.export_price))
        carrier = self._carrier(bus, link.import_tco2_per_mwh)
        self.n.add("Bus", bus, carrier="AC")
        self.n.add("Generator", f"{bus}/gives", bus=bus, carrier=carrier, p_nom=link.import_mw)
        self.n.add("Generator", f"{bus}/takes", bus=bus, p_nom=link.export_mw, p_min_pu=-1.0, p_max_pu=0.0)
        kept = 1.0 - link.loss
        alike = {"efficiency": kept, "p_max_pu": share if (share != 1.0).any() else 1.0}
        self.n.add("Link", f"{link.name}/import", bus0=bus, bus1=MAIN, p_nom=link.import_mw, carrier="AC",
                   marginal_cost=buy + self.tax * link.import_tco2_per_mwh, **alike)  # fmt: skip
        self.n.add("Link", f"{link.name}/export", bus0=MAIN, bus1=bus, p_nom=link.export_mw, carrier="AC",
                   marginal_cost=-kept * np.asarray(sell), **alike)  # fmt: skip

    def _battery(self, battery: Battery) -> None:
        power = max(battery.charge_mw, battery.discharge_mw) or 1.0
        start = self.case.state.level_mwh.get(battery.name)
        self.n.add("StorageUnit", battery.name, bus=MAIN, carrier="AC", p_nom=power,
                   p_min_pu=-battery.charge_mw / power, p_max_pu=battery.discharge_mw / power,
                   max_hours=battery.energy_mwh / power, efficiency_store=battery.charging,
                   efficiency_dispatch=battery.discharging, marginal_cost=battery.wear_per_mwh,
                   cyclic_state_of_charge=start is None, state_of_charge_initial=start or 0.0)  # fmt: skip

    def _hydrogen(self) -> None:
        system, level = self.case.system, self.case.state.level_mwh
        for plant in system.electrolysers:
            mean = sum(p.share * p.efficiency for p in plant.pieces)
            ramp = self._ramp(plant.ramp_mw_per_h, plant.power_mw)
            tied = {"committable": True, "p_min_pu": plant.min_load} if plant.min_load else {}
            if not tied and np.isfinite(ramp):
                before = self.case.state.electrolysers.get(plant.name)
                tied = {
                    "ramp_limit_up": ramp,
                    "ramp_limit_down": ramp,
                    "p_init": 0.0 if before is None else before.mw,
                }
            self.n.add("Link", plant.name, bus0=MAIN, bus1=GAS, carrier="hydrogen", p_nom=plant.power_mw,
                       efficiency=mean, marginal_cost=plant.wear_per_mwh, **tied)  # fmt: skip
        for store in system.hydrogen_stores:
            start = level.get(store.name)
            self.n.add("Store", store.name, bus=GAS, carrier="hydrogen", e_nom=store.energy_mwh,
                       e_cyclic=start is None, e_initial=start or 0.0)  # fmt: skip
        for cell in system.fuel_cells:
            self.n.add("Link", cell.name, bus0=GAS, bus1=MAIN, carrier="hydrogen",
                       p_nom=cell.power_mw / cell.efficiency, efficiency=cell.efficiency)  # fmt: skip

    def _demand(self, name: str, bus: str, mw: Floats, classes: Any) -> None:
        count = self.case.hours.steps.count
        mw = np.array(np.broadcast_to(np.asarray(mw, dtype=np.float64), (count,)))
        self.n.add("Load", name, bus=bus, p_set=mw)
        most = float(mw.max(initial=0.0)) or 1.0
        for one in classes:
            self.n.add("Generator", f"{name}/{one.name}_unserved", bus=bus, p_nom=most * one.share,
                       p_max_pu=np.maximum(mw, 0.0) / most, marginal_cost=one.lost_per_mwh)  # fmt: skip


def _snapshots(labels: tuple[str, ...], count: int) -> Any:
    """Give the labels as times where they are, else numbers."""
    import pandas as pd

    if len(labels) == count and count:
        try:
            times = pd.DatetimeIndex(pd.to_datetime(list(labels), format="%Y-%m-%d %H:%M"))
        except ValueError:
            return pd.RangeIndex(count)
        if times.is_unique:
            return times
    return pd.RangeIndex(count)
