"""The standard cases in PyPSA: ``python dispatch_pypsa.py j1|j2 DAYS < case.json``; needs pypsa and highspy, not tamna.

Reads the case's figures and profiles as JSON, prints objective, seconds and memory as JSON. Imports are not timed.
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
import pypsa

SOLVER = {"log_to_console": False, "output_flag": False, "threads": 1}


def network(case: dict, count: int, *, commit: bool) -> pypsa.Network:
    n = pypsa.Network()
    n.set_snapshots(pd.RangeIndex(count))
    smp = np.array(case["mainland_smp_krw_per_kwh"][:count])
    for bus in ("electricity", "battery", "hydrogen"):
        n.add("Bus", bus)
    n.add("Load", "demand", bus="electricity", p_set=np.array(case["demand_mw"][:count]))
    n.add("Load", "hydrogen_demand", bus="hydrogen", p_set=case["hydrogen_mw"])
    for name, mw in (("wind", case["wind_mw"]), ("pv", case["pv_mw"])):
        n.add("Generator", name, bus="electricity", p_nom=mw, p_max_pu=np.array(case[f"{name}_cf"][:count]))
    for u in case["units"]:
        tied = {
            "committable": True, "p_min_pu": u["least"], "start_up_cost": u["start"], "min_up_time": 6,
            "min_down_time": 6, "ramp_limit_up": u["ramp"], "ramp_limit_down": u["ramp"],
            "ramp_limit_start_up": u["edge"], "ramp_limit_shut_down": u["edge"], "up_time_before": 0,
            "down_time_before": 24,
        } if commit else {}  # fmt: skip
        n.add("Generator", u["name"], bus="electricity", p_nom=u["mw"], marginal_cost=u["cost"], **tied)
    for name, (most, out, buy, sell) in case["links"].items():
        n.add("Generator", f"{name}_import", bus="electricity", p_nom=most, marginal_cost=buy * smp)
        n.add("Generator", f"{name}_export", bus="electricity", p_nom=out, p_min_pu=-1, p_max_pu=0,
              marginal_cost=sell * smp)  # fmt: skip
    power, energy, way = case["battery"]
    n.add("Link", "charge", bus0="electricity", bus1="battery", p_nom=power, efficiency=way)
    n.add("Link", "discharge", bus0="battery", bus1="electricity", p_nom=power / way, efficiency=way)
    start = {"e_cyclic": False} if commit else {"e_cyclic": True}
    n.add("Store", "battery", bus="battery", e_nom=energy, e_initial=energy / 2, **start)
    n.add("Store", "h2store", bus="hydrogen", e_nom=case["store"], e_initial=case["store"] / 2, **start)
    n.add("Link", "electrolyser", bus0="electricity", bus1="hydrogen", p_nom=case["electrolyser"][0],
          efficiency=case["electrolyser"][1])  # fmt: skip
    n.add("Generator", "unserved", bus="electricity", p_nom=1e5, marginal_cost=case["lost"])
    n.add("Generator", "unserved_h2", bus="hydrogen", p_nom=1e5, marginal_cost=case["lost_hydrogen"])
    return n


def carried_out(n: pypsa.Network, case: dict, count: int) -> float:
    """Cost of what was carried out: energy and starts."""
    prices = n.get_switchable_as_dense("Generator", "marginal_cost").iloc[:count]
    cost = float((prices * n.generators_t.p.iloc[:count]).sum().sum())
    on = n.generators_t.status.iloc[:count]
    for u in case["units"]:
        s = on[u["name"]].round().to_numpy()
        cost += u["start"] * float((np.diff(np.concatenate([[0.0], s])) > 0.5).sum())
    return cost


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    which, days = sys.argv[1], int(sys.argv[2])
    case = json.load(sys.stdin)
    wall, cpu = time.perf_counter(), time.process_time()
    if which == "j1":
        n = network(case, len(case["demand_mw"]), commit=False)
        n.optimize(solver_name="highs", solver_options=SOLVER)
        objective = float(n.objective)
    else:
        n = network(case, 24 * (days + 1), commit=True)
        n.optimize.optimize_with_rolling_horizon(
            horizon=48, overlap=24, solver_name="highs", solver_options=SOLVER | {"mip_rel_gap": 1e-4}
        )
        objective = carried_out(n, case, 24 * days)
    print(
        json.dumps(
            {
                "objective": objective,
                "total_s": time.perf_counter() - wall,
                "cpu_s": time.process_time() - cpu,
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
