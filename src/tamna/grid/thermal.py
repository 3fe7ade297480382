"""A unit that burns a fuel: what it can give, what heat it takes, what its starts cost, how it stood before."""

from __future__ import annotations

from tamna.grid.assets import Name, Status, Thing
from tamna.grid.figure import Day, Noun
from tamna.grid.quantity import DatedPositive, Fraction, HeatRate, LowestOutput, NonNegative, Positive


class HeatPoint(Noun):
    """The heat rate at one output: that output over the capacity, and fuel (LHV) per electricity there [-, GJ/MWh]."""

    share: Fraction
    gj_per_mwh: HeatRate


class HeatQuadratic(Noun):
    """Fuel (LHV) of an hour at an output of p MW: ``gj_per_h + gj_per_mwh p + gj_per_mw2_h p²``."""

    gj_per_h: NonNegative
    gj_per_mwh: NonNegative
    gj_per_mw2_h: NonNegative


class StartKind(Noun):
    """What a start costs once the unit was off for `off_h` or longer: hot, warm and cold, in this order [h, KRW]."""

    off_h: NonNegative
    cost_krw: NonNegative


class UnitBefore(Noun):
    """How a unit stood before the first hour of a study: on or off, for how long, at which output [h, MW]."""

    on: bool
    hours: NonNegative | None = None
    mw: NonNegative | None = None


class ThermalUnit(Thing):
    """A unit that burns a fuel.

    Attributes
    ----------
    min_output
        Lowest stable output over capacity, in [0, 1]. [-]
    ramp_up_mw_per_h, ramp_down_mw_per_h
        Largest change in an hour. [MW/h]
    start_mw, stop_mw
        Highest output in the first and in the last step on; without them one hour's ramp, or the minimum. [MW]
    min_up_h, min_down_h
        Once on or off, stays so for. [h]
    must_run
        On whenever it is in service.
    start_cost_krw, starts
        Of any start, or by how long the unit was off, from hot to cold: one of the two. [KRW]
    heat_rate_gj_per_mwh, heat_curve, heat_quadratic
        Fuel (lower heating value) per electricity sent out: one rate for all of it [GJ/MWh], rates at some outputs with straight
        lines of heat between them, or a quadratic. One of the three.
    before
        What it did before the first hour of a study; without it, it is taken to have been on for long.
    commissioned, retired
        First day of service, and first day without. Planned units lie in the future.
    condenser
        Can run as a synchronous condenser without burning fuel.
    condenser_loss_mw
        What it takes while it does. [MW]
    strength_mva, inertia_mws
        Short-circuit power and inertia that it gives while it turns. [MVA, MW s]
    """

    zone: Name
    fuel: Name
    capacity_mw: DatedPositive
    min_output: LowestOutput | None = None
    ramp_up_mw_per_h: Positive | None = None
    ramp_down_mw_per_h: Positive | None = None
    start_mw: Positive | None = None
    stop_mw: Positive | None = None
    min_up_h: NonNegative | None = None
    min_down_h: NonNegative | None = None
    must_run: bool = False
    start_cost_krw: NonNegative | None = None
    starts: tuple[StartKind, ...] = ()
    heat_rate_gj_per_mwh: HeatRate | None = None
    heat_curve: tuple[HeatPoint, ...] = ()
    heat_quadratic: HeatQuadratic | None = None
    before: UnitBefore | None = None
    status: Status = "operating"
    commissioned: Day | None = None
    retired: Day | None = None
    condenser: bool = False
    condenser_loss_mw: NonNegative | None = None
    strength_mva: NonNegative | None = None
    inertia_mws: NonNegative | None = None
