r"""A unit that burns a fuel and is on or off: the three-binary form, with rows as tight as they are known to be.

Per step t of length h, with on :math:`u_t`, started :math:`v_t`, stopped :math:`w_t` in {0, 1}, output above the
minimum :math:`p_t`, minimum and maximum :math:`\underline P, \overline P`, ramps :math:`R^+, R^-` a step, highest
output in the first and last step on :math:`S^+, S^-`, least steps on and off :math:`T^+, T^-`:

.. math::
    u_t - u_{t-1} &= v_t - w_t \\
    \sum_{i=t-T^++1}^{t} v_i &\le u_t, \qquad \sum_{i=t-T^-+1}^{t} w_i \le 1 - u_t \\
    p_t + \sum_{i=0}^{K} (\overline P - S^+ - i R^+)\, v_{t-i} + \sum_{j=0}^{J} (\overline P - S^- - j R^-)\, w_{t+1+j}
        &\le (\overline P - \underline P)\, u_t \\
    p_t - p_{t-1} &\le R^+ u_t + (S^+ - \underline P - R^+)\, v_t \\
    p_{t-1} - p_t &\le R^- u_{t-1} + (S^- - \underline P - R^-)\, w_t

K and J run while the bracket is positive and ``K + J + 2 <= T+``, so that never two of them count at once; a unit with
``T+ = 1`` has the row of starts and that of stops apart. Cost of a step:
:math:`h (c_0 u_t + \sum_s c_s p_{s,t}) + \sum_k C_k \delta_{k,t}`, segments filled in order of their (rising) slopes and
each held to :math:`p_{s,t} \le W_s u_t`, less what lies above :math:`S^+` in a start's step and above :math:`S^-` before a stop.
Starts by how long the unit was off, :math:`\sum_k \delta_{k,t} = v_t` and, for all but the coldest,
:math:`\delta_{k,t} \le \sum_{i=\underline T_k}^{\overline T_k - 1} w_{t-i}`.

What happened before the first step enters right-hand sides and bounds only, so a window can be changed in place.

Where service is lost (an outage: the share in service falls) nothing is left of ramps down, stop limit and least time
on: a unit that trips is off. Must-run holds again once the least time off is over.

References
----------
Morales-España, Latorre, Ramos, "Tight and compact MILP formulation for the thermal unit commitment problem", IEEE
Trans. Power Syst. 28(4), 2013; Knueven, Ostrowski, Watson, "On mixed-integer programming formulations for the unit
commitment problem", INFORMS J. Comput. 32(4), 2020.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.optimise.blocks.thermal_rows import (
    Parts,
    capacity_rows,
    curve_cost,
    ramp_rows,
    since_outage,
    start_cost,
)
from tamna.optimise.blocks.thermal_unit import KIND, Thermal, ThermalState
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import Columns, Terms, constant, first, lag, total_of, window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


def add_thermal(
    problem: Problem, unit: Thermal, state: ThermalState | None = None, *, available: ArrayLike = 1.0
) -> Share:
    """Add a unit: columns ``<name>/on, start, stop, above`` (MW above the minimum), or ``<name>/power`` alone.

    Parameters
    ----------
    available : number or (steps,)
        Share of `max_mw` that is in service; below the minimum, the unit must be off. [-]
    """
    if problem.note(unit.mistakes()):
        return Share(name=unit.name)
    share = problem.profile(f"{KIND} '{unit.name}'", _("availability"), available)
    state = state or ThermalState()
    if not unit.commits:
        return _always_on(problem, unit, state, share)
    return _committed(problem, unit, state, share)


def _always_on(problem: Problem, unit: Thermal, state: ThermalState, share: Floats) -> Share:
    n, h = problem.steps.count, problem.steps.hours
    power = problem.columns(
        f"{unit.name}/power",
        upper=unit.max_mw * share,
        says=_("'{name}' gives at most its capacity", name=unit.name),
    )
    known = state.on and not np.isnan(state.mw)
    says = _("'{name}' changes no faster than its ramp", name=unit.name)
    reach: Terms | None = None
    if (rise := unit.ramp_up_mw_per_h * h) < unit.max_mw:
        upper = rise + first(state.mw if known else np.inf, n)
        problem.rows(f"{unit.name}/rise", power - lag(power), upper=upper, says=says)
        reach = lag(power) - power + np.minimum(upper, unit.max_mw + rise)
    if (fall := unit.ramp_down_mw_per_h * h) < unit.max_mw:
        upper = fall - first(state.mw if known else -np.inf, n)
        upper[_lost(unit, state, share)] = np.inf
        problem.rows(f"{unit.name}/fall", lag(power) - power, upper=upper, says=says)
    cost, burnt = curve_cost(problem, unit, power)
    return Share(
        name=unit.name,
        injection_mw={ELECTRICITY: power},
        cost=cost,
        up_mw=(unit.max_mw * share - power,),
        up_ramp_mw=reach,
        down_mw=(power,),
        ramp_up_mw_per_h=unit.ramp_up_mw_per_h,
        ramp_down_mw_per_h=unit.ramp_down_mw_per_h,
        emitted_t=power * (h * unit.tco2_per_mwh) + burnt if unit.emits else None,
        infeed_mw=(power,),
        on=constant(share > 0.0, n),
    )


def _committed(problem: Problem, unit: Thermal, state: ThermalState, share: Floats) -> Share:
    n, name, h = problem.steps.count, unit.name, problem.steps.hours
    of = _columns(problem, unit, state, share)
    on, above = of.on, of.above
    problem.rows(
        f"{name}/logic",
        on - lag(on) - of.start + of.stop,
        equal=first(float(state.on), n),
        says=_("'{name}' is on after it started and off after it stopped", name=name),
    )
    problem.rows(
        f"{name}/up_time",
        since_outage(window(of.start, 0, of.up - 1), of.start, of.forced) - on,
        upper=0.0,
        says=_("'{name}' stays on for {h} h", name=name, h=f"{unit.min_up_h:g}"),
    )
    problem.rows(
        f"{name}/down_time",
        window(of.stop, 0, _down(problem, unit) - 1) + on,
        upper=1.0,
        says=_("'{name}' stays off for {h} h", name=name, h=f"{unit.min_down_h:g}"),
    )
    headroom, reach = capacity_rows(problem, of), ramp_rows(problem, of)
    power = above + unit.min_mw * on
    if (share < 1.0).any():
        says = _("'{name}' gives at most what is in service", name=name)
        problem.rows(f"{name}/available", power, upper=unit.max_mw * share, says=says)
        headroom += (unit.max_mw * share - power,)
    base = unit.on_cost_per_h if unit.segments else unit.on_cost_per_h + unit.cost_per_mwh * unit.min_mw
    cost, burnt = curve_cost(problem, unit, above, of)
    emitted = power * (h * unit.tco2_per_mwh) + on * (h * unit.on_tco2_per_h) + burnt
    return Share(
        name=name,
        injection_mw={ELECTRICITY: power},
        cost=total_of([cost, h * base * on, start_cost(problem, of)], n),
        up_mw=headroom,
        up_ramp_mw=reach,
        down_mw=(above,),
        ramp_up_mw_per_h=unit.ramp_up_mw_per_h,
        ramp_down_mw_per_h=unit.ramp_down_mw_per_h,
        emitted_t=emitted if unit.emits else None,
        infeed_mw=(power,),
        on=on,
    )


def _columns(problem: Problem, unit: Thermal, state: ThermalState, share: Floats) -> Parts:
    up = max(1, problem.steps.whole(unit.min_up_h))
    forced = (unit.max_mw * share < unit.min_mw - 1e-9) | (share <= 0.0)
    on = _on_columns(problem, unit, state, up, forced)
    says = _("'{name}' starts or stops", name=unit.name)
    start, stop = (
        problem.columns(f"{unit.name}/{verb}", upper=1.0, integer=True, says=says)
        for verb in ("start", "stop")
    )
    above = problem.columns(
        f"{unit.name}/above",
        upper=unit.max_mw - unit.min_mw,
        says=_("'{name}', while on, gives between its minimum and its capacity", name=unit.name),
    )
    lost = _lost(unit, state, share)
    return Parts(unit, state, on, start, stop, above, forced, lost, problem.steps.hours, up)


def _lost(unit: Thermal, state: ThermalState, share: Floats) -> Bools:
    """Steps in which service is lost: less than before, or than what the unit gave before the first step."""
    lost = np.diff(share, prepend=share[:1]) < 0.0
    lost[0] = state.on and state.mw > unit.max_mw * share[0] + 1e-6
    return np.asarray(lost)


def _down(problem: Problem, unit: Thermal) -> int:
    return max(1, problem.steps.whole(unit.min_down_h))


def _on_columns(problem: Problem, unit: Thermal, state: ThermalState, up: int, forced: Bools) -> Columns:
    """On or off, held by what came before: still bound to stay on, or off, or out of service."""
    n, down = problem.steps.count, _down(problem, unit)
    low, high = np.full(n, float(unit.must_run)), np.ones(n)
    outages = np.flatnonzero(forced)
    for step in outages:
        low[step : step + down] = 0.0
    bound = max(0, (up if state.on else down) - int(state.hours / problem.steps.hours + 1e-9))
    if state.on:
        low[: min([bound, *outages])] = 1.0
    else:
        high[:bound] = 0.0
    high[outages] = 0.0
    says = _("'{name}' is on or off, as its state before, must-run or an outage hold it", name=unit.name)
    return problem.columns(
        f"{unit.name}/on", lower=np.minimum(low, high), upper=high, integer=True, says=says
    )
