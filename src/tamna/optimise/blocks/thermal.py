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
:math:`h (c_0 u_t + \sum_s c_s p_{s,t}) + \sum_k C_k \delta_{k,t}`, segments filled in order of their (rising) slopes.
Starts by how long the unit was off, :math:`\sum_k \delta_{k,t} = v_t` and, for all but the coldest,
:math:`\delta_{k,t} \le \sum_{i=\underline T_k}^{\overline T_k - 1} w_{t-i}`.

What happened before the first step enters right-hand sides and bounds only, so a window can be changed in place.

References
----------
Morales-España, Latorre, Ramos, "Tight and compact MILP formulation for the thermal unit commitment problem", IEEE
Trans. Power Syst. 28(4), 2013; Knueven, Ostrowski, Watson, "On mixed-integer programming formulations for the unit
commitment problem", INFORMS J. Comput. 32(4), 2020.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.lang import _
from tamna.optimise.blocks.checks import at_least, ordered, place
from tamna.optimise.share import ELECTRICITY, Share
from tamna.optimise.terms import Columns, Terms, constant, first, lag, rows_of, total_of, window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from tamna.optimise.problem import Problem

    Floats = NDArray[np.float64]

KIND = _("thermal unit")
FOREVER_H = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A kind of start: what it costs once the unit was off for `off_h` or longer [h, money]."""

    off_h: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of the cost curve: `width_mw` of output that costs `cost_per_mwh` [MW, money/MWh]."""

    width_mw: float
    cost_per_mwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Thermal:
    """A thermal unit, as the optimiser needs it.

    Attributes
    ----------
    max_mw, min_mw
        Highest and lowest stable output while on. [MW]
    cost_per_mwh
        Of all output, where no `segments` are given. [money/MWh]
    segments
        The curve above `min_mw`, slopes rising; widths add up to ``max_mw - min_mw``.
    on_cost_per_h
        While on, whatever it gives (with `segments`: the cost at `min_mw`). [money/h]
    starts
        From hot to cold; the first one's `off_h` is the least time off.
    ramp_up_mw_per_h, ramp_down_mw_per_h
        Largest change between steps that are both on. [MW/h]
    start_mw, stop_mw
        Highest output in the first and in the last step on; None: no limit but `max_mw`. [MW]
    min_up_h, min_down_h
        Once on or off, stays so. [h]
    must_run
        On in every step.
    """

    name: str
    max_mw: float
    min_mw: float = 0.0
    cost_per_mwh: float = 0.0
    segments: tuple[Segment, ...] = ()
    on_cost_per_h: float = 0.0
    starts: tuple[Start, ...] = ()
    ramp_up_mw_per_h: float = np.inf
    ramp_down_mw_per_h: float = np.inf
    start_mw: float | None = None
    stop_mw: float | None = None
    min_up_h: float = 0.0
    min_down_h: float = 0.0
    must_run: bool = False
    tco2_per_mwh: float = 0.0

    @property
    def commits(self) -> bool:
        """Whether on and off make a difference."""
        return bool(
            self.min_mw or self.starts or self.on_cost_per_h or self.min_up_h or self.min_down_h or self.must_run
            or self.start_mw is not None or self.stop_mw is not None
        )  # fmt: skip

    def mistakes(self) -> Iterator[Mistake]:
        """Find what cannot be meant."""
        yield from at_least(
            KIND, self.name,
            {k: getattr(self, k) for k in (
                "max_mw", "min_mw", "ramp_up_mw_per_h", "ramp_down_mw_per_h", "min_up_h", "min_down_h")},
        )  # fmt: skip
        yield from ordered(KIND, self.name, ("min_mw", self.min_mw), ("max_mw", self.max_mw))
        for figure, value in (("start_mw", self.start_mw), ("stop_mw", self.stop_mw)):
            if value is not None:
                yield from ordered(KIND, self.name, ("min_mw", self.min_mw), (figure, value))
        yield from self._curve_mistakes()
        yield from self._start_mistakes()

    def _curve_mistakes(self) -> Iterator[Mistake]:
        slopes = [s.cost_per_mwh for s in self.segments]
        width = sum(s.width_mw for s in self.segments)
        if slopes != sorted(slopes):
            yield Mistake(
                what=_("the cost curve gets flatter on the way up"),
                where=place(KIND, self.name, "segments"),
                seen=", ".join(f"{c:g}" for c in slopes),
                todo=_("Give rising slopes; merge segments where a curve is not convex."),
            )
        if slopes and not np.isclose(width, self.max_mw - self.min_mw, rtol=1e-6, atol=1e-6):
            yield Mistake(
                what=_("the segments do not reach from min_mw to max_mw"),
                where=place(KIND, self.name, "segments"),
                seen=f"{width:g} MW",
                todo=_("Let the widths add up to {mw} MW.", mw=f"{self.max_mw - self.min_mw:g}"),
            )

    def _start_mistakes(self) -> Iterator[Mistake]:
        off = [s.off_h for s in self.starts]
        cost = [s.cost for s in self.starts]
        if off != sorted(set(off)) or cost != sorted(cost):
            yield Mistake(
                what=_("starts must be listed from hot to cold, costs rising"),
                where=place(KIND, self.name, "starts"),
                seen=", ".join(f"{s.off_h:g} h: {s.cost:g}" for s in self.starts),
                todo=_("Sort them by off_h."),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalState:
    """What a unit was before the first step: on or off, for how long [h], and its last output [MW]."""

    on: bool = False
    hours: float = FOREVER_H
    mw: float = 0.0


@dataclass(frozen=True, slots=True)
class _Steps:
    """The unit's figures in steps and MW a step."""

    rise: float
    fall: float
    first_mw: float
    last_mw: float
    up: int
    down: int


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
    h = problem.steps.hours
    power = problem.columns(
        f"{unit.name}/power", upper=unit.max_mw * share, says=_("'{name}' gives at most its capacity", name=unit.name)
    )
    for way, ramp in ((1.0, unit.ramp_up_mw_per_h), (-1.0, unit.ramp_down_mw_per_h)):
        if ramp * h < unit.max_mw:
            problem.rows(
                f"{unit.name}/{'rise' if way > 0 else 'fall'}",
                way * (power - lag(power)),
                upper=ramp * h + first(way * state.mw if state.on else np.inf, problem.steps.count),
                says=_("'{name}' changes no faster than its ramp", name=unit.name),
            )
    return Share(
        name=unit.name,
        injection_mw={ELECTRICITY: power},
        cost=_curve(problem, unit, power),
        up_mw=unit.max_mw * share - power,
        down_mw=power.expanded(),
    )


def _committed(problem: Problem, unit: Thermal, state: ThermalState, share: Floats) -> Share:
    n, name, h = problem.steps.count, unit.name, problem.steps.hours
    s = _in_steps(problem, unit)
    room = unit.max_mw - unit.min_mw
    on = _on_columns(problem, unit, state, s, share)
    start, stop = (
        problem.columns(f"{name}/{verb}", upper=1.0, integer=True, says=_("'{name}' starts or stops", name=name))
        for verb in ("start", "stop")
    )
    above = problem.columns(
        f"{name}/above",
        upper=room,
        says=_("'{name}', while on, gives between its minimum and its capacity", name=name),
    )
    problem.rows(
        f"{name}/logic",
        on - lag(on) - start + stop,
        equal=first(float(state.on), n),
        says=_("'{name}' is on after it started and off after it stopped", name=name),
    )
    problem.rows(f"{name}/up_time", window(start, 0, s.up - 1) - on, upper=0.0,
                 says=_("'{name}' stays on for {h} h", name=name, h=f"{unit.min_up_h:g}"))  # fmt: skip
    problem.rows(f"{name}/down_time", window(stop, 0, s.down - 1) + on, upper=1.0,
                 says=_("'{name}' stays off for {h} h", name=name, h=f"{unit.min_down_h:g}"))  # fmt: skip
    _capacity_rows(problem, unit, s, (on, start, stop, above))
    _ramp_rows(problem, unit, state, s, (on, start, stop, above))
    if (share < 1.0).any():
        problem.rows(f"{name}/available", above + unit.min_mw * on, upper=unit.max_mw * share,
                     says=_("'{name}' gives at most what is in service", name=name))  # fmt: skip
    running = _curve(problem, unit, above)
    base = unit.on_cost_per_h if unit.segments else unit.on_cost_per_h + unit.cost_per_mwh * unit.min_mw
    power = above + unit.min_mw * on
    return Share(
        name=name,
        injection_mw={ELECTRICITY: power},
        cost=total_of([running, h * base * on, _start_cost(problem, unit, state, start, stop)], n),
        up_mw=room * on - above,
        down_mw=above.expanded(),
    )


def _in_steps(problem: Problem, unit: Thermal) -> _Steps:
    h = problem.steps.hours
    return _Steps(
        rise=unit.ramp_up_mw_per_h * h,
        fall=unit.ramp_down_mw_per_h * h,
        first_mw=min(unit.max_mw if unit.start_mw is None else unit.start_mw, unit.max_mw),
        last_mw=min(unit.max_mw if unit.stop_mw is None else unit.stop_mw, unit.max_mw),
        up=max(1, problem.steps.whole(unit.min_up_h)),
        down=max(1, problem.steps.whole(unit.min_down_h)),
    )


def _on_columns(problem: Problem, unit: Thermal, state: ThermalState, s: _Steps, share: Floats) -> Columns:
    """On or off, held by what came before: still bound to stay on, or off, or out of service."""
    n = problem.steps.count
    low, high = np.full(n, float(unit.must_run)), np.ones(n)
    bound = max(0, (s.up if state.on else s.down) - int(state.hours / problem.steps.hours + 1e-9))
    if state.on:
        low[:bound] = 1.0
    else:
        high[:bound] = 0.0
    high[unit.max_mw * share < unit.min_mw - 1e-9] = 0.0
    low = np.minimum(low, high)  # an outage ends every duty to stay on
    says = _("'{name}' is on or off, as its state before, must-run or an outage hold it", name=unit.name)
    return problem.columns(f"{unit.name}/on", lower=low, upper=high, integer=True, says=says)


def _capacity_rows(
    problem: Problem, unit: Thermal, s: _Steps, columns: tuple[Columns, Columns, Columns, Columns]
) -> None:
    """Highest output near a start and near a stop, as many steps of it as fit into the least time on."""
    on, start, stop, above = columns
    room = unit.max_mw - unit.min_mw
    starting = _steps_below(unit.max_mw - s.first_mw, s.rise)
    stopping = _steps_below(unit.max_mw - s.last_mw, s.fall)
    says = _("'{name}' gives at most what its start, its stop and its capacity allow", name=unit.name)
    top = above - room * on
    if s.up >= 2:
        ends = stopping[: max(1, min(len(stopping), s.up - 1))]
        starts = starting[: max(0, s.up - len(ends))]
        near = [lag(start, i) * d for i, d in enumerate(starts)] + [lag(stop, -1 - j) * d for j, d in enumerate(ends)]
        problem.rows(f"{unit.name}/capacity", total_of([top, *near], on.size), upper=0.0, says=says)
        return
    problem.rows(f"{unit.name}/capacity", total_of([top, *(start * d for d in starting[:1])], on.size), upper=0.0, says=says)
    if stopping:
        problem.rows(f"{unit.name}/capacity_stop", top + lag(stop, -1) * stopping[0], upper=0.0, says=says)


def _steps_below(missing_mw: float, ramp: float) -> list[float]:
    """What is still missing to the full output in the first step, the second, ... [MW]."""
    out = []
    while missing_mw > 1e-9:
        out.append(missing_mw)
        missing_mw -= ramp
    return out


def _ramp_rows(
    problem: Problem,
    unit: Thermal,
    state: ThermalState,
    s: _Steps,
    columns: tuple[Columns, Columns, Columns, Columns],
) -> None:
    on, start, stop, above = columns
    n, room = problem.steps.count, unit.max_mw - unit.min_mw
    before = first(max(0.0, state.mw - unit.min_mw) if state.on else 0.0, n)
    says = _("'{name}' changes no faster than its ramp", name=unit.name)
    if s.rise < room:
        gain = s.first_mw - unit.min_mw - s.rise
        problem.rows(f"{unit.name}/rise", above - lag(above) - s.rise * on - gain * start, upper=before, says=says)
    if s.fall < room or s.last_mw < unit.max_mw:
        fall = min(s.fall, room)
        gain = s.last_mw - unit.min_mw - fall
        kept = np.arange(n if s.fall < room else 1)  # later stops are held by the row of the capacity
        problem.rows(
            f"{unit.name}/fall",
            rows_of(lag(above) - above - fall * lag(on) - gain * stop, kept),
            upper=(first(fall * float(state.on), n) - before)[kept],
            says=says,
        )


def _curve(problem: Problem, unit: Thermal, above: Columns) -> Terms:
    """Cost of what lies above the minimum, [money] a step."""
    h = problem.steps.hours
    if not unit.segments:
        return h * unit.cost_per_mwh * above
    pieces = [
        problem.columns(f"{unit.name}/segment_{k}", upper=s.width_mw, says=_("a piece of the cost curve of '{name}'", name=unit.name))
        for k, s in enumerate(unit.segments, 1)
    ]
    problem.rows(f"{unit.name}/segments", total_of([*pieces, -above], above.size), equal=0.0,
                 says=_("the cost curve of '{name}' follows its output", name=unit.name))  # fmt: skip
    cost = [h * s.cost_per_mwh * c for s, c in zip(unit.segments, pieces, strict=True)]
    return total_of(cost, above.size)


def _start_cost(problem: Problem, unit: Thermal, state: ThermalState, start: Columns, stop: Columns) -> Terms:
    if not unit.starts:
        return constant(0.0, start.size)
    if len(unit.starts) == 1:
        return unit.starts[0].cost * start
    kinds = [
        problem.columns(f"{unit.name}/start_{k}", upper=1.0, says=_("'{name}' starts from hot, warm or cold", name=unit.name))
        for k in range(1, len(unit.starts) + 1)
    ]
    says = _("'{name}' starts from as cold as it became", name=unit.name)
    problem.rows(f"{unit.name}/start_kinds", total_of([*kinds, -start], start.size), equal=0.0, says=says)
    for k, (kind, this, colder) in enumerate(zip(kinds, unit.starts, unit.starts[1:], strict=False), 1):
        least, end = max(1, problem.steps.whole(this.off_h)), problem.steps.whole(colder.off_h)
        problem.rows(
            f"{unit.name}/start_kind_{k}",
            kind - window(stop, least, end - 1),
            upper=_stopped_before(problem, state, least, end),
            says=says,
        )
    return total_of([s.cost * c for s, c in zip(unit.starts, kinds, strict=True)], start.size)


def _stopped_before(problem: Problem, state: ThermalState, least: int, end: int) -> Floats:
    """1 in the steps in which a stop before the first step lies `least` to ``end - 1`` steps back."""
    steps = np.arange(problem.steps.count)
    if state.on:
        return np.zeros(len(steps))
    since = steps + int(min(state.hours, FOREVER_H) / problem.steps.hours + 1e-9)
    return ((since >= least) & (since < end)).astype(np.float64)
