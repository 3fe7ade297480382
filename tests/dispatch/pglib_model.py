"""The library's MODEL.pdf written down row by row, without a thought for speed: what our rows are held against.

Numbers in comments are those of its equations. Variables of one unit, by hour: output above the minimum p, reserve r, on u,
start v, stop w, kinds of start d, shares l of the points of the cost curve.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from tamna.optimise.problem import Arrays
from tamna.optimise.solver import How, Model

INF = np.inf


class Rows:
    def __init__(self):
        self.low, self.high, self.cost, self.whole = [], [], [], []
        self.row, self.column, self.factor, self.least, self.most = [], [], [], [], []

    def var(self, low=0.0, high=INF, cost=0.0, whole=False):
        for kept, value in zip(
            (self.low, self.high, self.cost, self.whole), (low, high, cost, whole), strict=True
        ):
            kept.append(value)
        return len(self.low) - 1

    def add(self, terms, least=-INF, most=INF):
        for column, factor in terms:
            self.row.append(len(self.least))
            self.column.append(column)
            self.factor.append(factor)
        self.least.append(least)
        self.most.append(most)

    def arrays(self):
        return Arrays(
            *(np.array(v, dtype=float) for v in (self.low, self.high)), np.array(self.whole), np.array(self.cost, float),
            0.0, np.array(self.least, float), np.array(self.most, float), np.array(self.row), np.array(self.column),
            np.array(self.factor, float), (), (),
        )  # fmt: skip


def optimum(given, seconds=60.0, *, reserve_to_stop=True):
    """Give the least cost of an instance by MODEL.pdf, to 1e-9."""
    how = How(gap=1e-9, time_limit_s=seconds)
    return Model(written(given, reserve_to_stop=reserve_to_stop), how).solve().objective


def relaxation(given, *, reserve_to_stop=True):
    """Give the least cost of an instance by MODEL.pdf where decisions may be halved."""
    arrays = written(given, reserve_to_stop=reserve_to_stop)
    return Model(replace(arrays, integer=np.zeros_like(arrays.integer))).solve().objective


def written(given, *, reserve_to_stop=True):
    """Write an instance down; without `reserve_to_stop`, row 18 is UnitCommitment.jl's, which holds output alone."""
    m, count = Rows(), given["time_periods"]
    hours = range(1, count + 1)
    supply, reserve = {t: [] for t in hours}, {t: [] for t in hours}
    for g in given["thermal_generators"].values():
        for t, terms, held in _unit(m, g, hours, reserve_to_stop):
            supply[t] += terms
            reserve[t].append(held)
    for w in given["renewable_generators"].values():
        for t in hours:  # 24
            supply[t].append((m.var(w["power_output_minimum"][t - 1], w["power_output_maximum"][t - 1]), 1.0))
    for t in hours:
        m.add(supply[t], given["demand"][t - 1], given["demand"][t - 1])  # 2
        m.add(reserve[t], given["reserves"][t - 1])  # 3
    return m.arrays()


def _unit(m, g, hours, reserve_to_stop):
    count, curve, kinds = len(hours), g["piecewise_production"], g["startup"]
    least, room = g["power_output_minimum"], g["power_output_maximum"] - g["power_output_minimum"]
    before = g["unit_on_t0"] * (g["power_output_t0"] - least)
    start_cut = max(g["power_output_maximum"] - g["ramp_startup_limit"], 0)
    stop_cut = max(g["power_output_maximum"] - g["ramp_shutdown_limit"], 0)
    p, r = ({t: m.var() for t in hours} for _ in range(2))
    u = {t: m.var(g["must_run"], 1, curve[0]["cost"], True) for t in hours}  # 11
    v, w = ({t: m.var(0, 1, 0, True) for t in hours} for _ in range(2))
    d = {(s, t): m.var(0, 1, kind["cost"], True) for s, kind in enumerate(kinds) for t in hours}
    parts = {
        (k, t): m.var(0, 1, point["cost"] - curve[0]["cost"]) for k, point in enumerate(curve) for t in hours
    }
    if g["unit_on_t0"]:
        for t in range(1, min(g["time_up_minimum"] - g["time_up_t0"], count) + 1):
            m.add([(u[t], 1)], 1, 1)  # 4
    else:
        for t in range(1, min(g["time_down_minimum"] - g["time_down_t0"], count) + 1):
            m.add([(u[t], 1)], 0, 0)  # 5
    m.add([(u[1], 1), (v[1], -1), (w[1], 1)], g["unit_on_t0"], g["unit_on_t0"])  # 6
    for s, colder in enumerate(kinds[1:]):
        for t in range(max(1, colder["lag"] - g["time_down_t0"] + 1), min(colder["lag"] - 1, count) + 1):
            m.add([(d[s, t], 1)], 0, 0)  # 7
    m.add([(p[1], 1), (r[1], 1)], most=g["ramp_up_limit"] + before)  # 8
    m.add([(p[1], -1)], most=g["ramp_down_limit"] - before)  # 9
    m.add([(w[1], stop_cut)], most=room * g["unit_on_t0"] - before)  # 10
    up, down = min(g["time_up_minimum"], count), min(g["time_down_minimum"], count)
    for t in hours:
        if t > 1:
            m.add([(u[t], 1), (u[t - 1], -1), (v[t], -1), (w[t], 1)], 0, 0)  # 12
            m.add([(p[t], 1), (r[t], 1), (p[t - 1], -1)], most=g["ramp_up_limit"])  # 19
            m.add([(p[t - 1], 1), (p[t], -1)], most=g["ramp_down_limit"])  # 20
        if t >= up:
            m.add([(v[i], 1) for i in range(t - up + 1, t + 1)] + [(u[t], -1)], most=0)  # 13
        if t >= down:
            m.add([(w[i], 1) for i in range(t - down + 1, t + 1)] + [(u[t], 1)], most=1)  # 14
        for s, (this, colder) in enumerate(pairwise(kinds)):
            if t >= colder["lag"]:
                m.add(
                    [(d[s, t], 1)] + [(w[t - i], -1) for i in range(this["lag"], colder["lag"])], most=0
                )  # 15
        m.add([(v[t], 1)] + [(d[s, t], -1) for s in range(len(kinds))], 0, 0)  # 16
        m.add([(p[t], 1), (r[t], 1), (u[t], -room), (v[t], start_cut)], most=0)  # 17
        if t < count:
            m.add(
                [(p[t], 1), (r[t], int(reserve_to_stop)), (u[t], -room), (w[t + 1], stop_cut)], most=0
            )  # 18
        m.add(
            [(p[t], 1)] + [(parts[k, t], curve[0]["mw"] - point["mw"]) for k, point in enumerate(curve)], 0, 0
        )  # 21
        m.add([(u[t], 1)] + [(parts[k, t], -1) for k in range(len(curve))], 0, 0)  # 23
        yield t, [(p[t], 1), (u[t], least)], (r[t], 1)
