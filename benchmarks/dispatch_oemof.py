"""J1 in oemof.solph: ``python dispatch_oemof.py j1 < case.json``; needs oemof.solph and highspy, not tamna.

Reads the case's figures and profiles as JSON, prints objective, seconds and memory as JSON. Imports are not timed. J2
cannot be stated: solph has no window that begins in the state which the last one left (times on and off, last output).
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
import warnings

import numpy as np
import pandas as pd
from oemof import solph

SINK, SOURCE = solph.components.Sink, solph.components.Source


def system(case: dict) -> solph.EnergySystem:
    count = len(case["demand_mw"])
    hours = pd.date_range("2023-01-01", periods=count, freq="h")
    es = solph.EnergySystem(timeindex=hours, infer_last_interval=True)
    power, gas = solph.Bus("electricity"), solph.Bus("hydrogen")
    smp = np.array(case["mainland_smp_krw_per_kwh"])
    flow = solph.Flow
    es.add(power, gas)
    es.add(SINK("demand", inputs={power: flow(nominal_capacity=1, fix=np.array(case["demand_mw"]))}))
    es.add(
        SINK(
            "hydrogen_demand", inputs={gas: flow(nominal_capacity=1, fix=np.full(count, case["hydrogen_mw"]))}
        )
    )
    for name, mw in (("wind", case["wind_mw"]), ("pv", case["pv_mw"])):
        es.add(SOURCE(name, outputs={power: flow(nominal_capacity=mw, maximum=np.array(case[f"{name}_cf"]))}))
    for u in case["units"]:
        es.add(SOURCE(u["name"], outputs={power: flow(nominal_capacity=u["mw"], variable_costs=u["cost"])}))
    for name, (most, out, buy, sell) in case["links"].items():
        es.add(
            SOURCE(f"{name}_import", outputs={power: flow(nominal_capacity=most, variable_costs=buy * smp)})
        )
        es.add(SINK(f"{name}_export", inputs={power: flow(nominal_capacity=out, variable_costs=-sell * smp)}))
    mw, mwh, way = case["battery"]
    es.add(storage("battery", power, mwh, mw, way), storage("h2store", gas, case["store"], None, 1.0))
    rating, efficiency = case["electrolyser"]
    es.add(
        solph.components.Converter(
            "electrolyser", inputs={power: flow(nominal_capacity=rating)}, outputs={gas: flow()},
            conversion_factors={gas: efficiency},
        )
    )  # fmt: skip
    es.add(SOURCE("unserved", outputs={power: flow(variable_costs=case["lost"])}))
    es.add(SOURCE("unserved_h2", outputs={gas: flow(variable_costs=case["lost_hydrogen"])}))
    return es


def storage(name: str, bus: solph.Bus, mwh: float, mw: float | None, way: float) -> object:
    return solph.components.GenericStorage(
        name, nominal_capacity=mwh, inputs={bus: solph.Flow(nominal_capacity=mw)}, outputs={bus: solph.Flow(nominal_capacity=mw)},
        inflow_conversion_factor=way, outflow_conversion_factor=way, balanced=True,
    )  # fmt: skip


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    case = json.load(sys.stdin)
    wall, cpu = time.perf_counter(), time.process_time()
    model = solph.Model(system(case))
    model.solve(solver="highs")
    print(
        json.dumps(
            {
                "objective": float(model.objective()),
                "total_s": time.perf_counter() - wall,
                "cpu_s": time.process_time() - cpu,
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
