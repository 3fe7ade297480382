from dataclasses import replace

import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.dispatch.answer import schedule
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.system import Hours, System
from tamna.errors import Infeasible, InputError
from tamna.optimise.blocks.co2 import Co2, add_co2
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.blocks.thermal_unit import Segment, Thermal
from tamna.optimise.problem import Steps
from tamna.optimise.solver import solve

COAL = Thermal(name="coal", max_mw=100, cost_per_mwh=50, tco2_per_mwh=0.9)
GAS = Thermal(name="gas", max_mw=100, cost_per_mwh=80, tco2_per_mwh=0.4)
HOURS = Hours(steps=Steps(count=2, hours=0.5), demand_mw=np.array([100.0, 80.0]))


def answer(co2, **assets):
    system = System(thermal=(COAL, GAS), co2=co2, **assets)
    hours = replace(HOURS, import_price={"sea": np.full(2, 10.0)}, export_price={"sea": np.zeros(2)})
    problem, shares = build(system, hours)
    found = solve(problem)
    return system, hours, schedule(problem, shares, found), found


def test_the_equations_are_the_golden_ones():
    def unit_with_price_and_cap(problem):
        share = add_thermal(problem, GAS)
        priced = add_co2(problem, Co2(price_per_t=20, cap_t=30), [share])
        problem.minimise(priced.cost)
        return share

    assert_golden("co2", text_of(unit_with_price_and_cap, steps=2, hours=0.5))


def test_the_equations_of_carbon_along_a_curve_are_the_golden_ones():
    unit = Thermal(
        name="gas", max_mw=100, min_mw=40, on_cost_per_h=900, on_tco2_per_h=30,
        segments=(Segment(width_mw=30, cost_per_mwh=20, tco2_per_mwh=0.6), Segment(width_mw=30, cost_per_mwh=30, tco2_per_mwh=0.9)),
    )  # fmt: skip

    def unit_with_price_and_cap(problem):
        share = add_thermal(problem, unit)
        problem.minimise(add_co2(problem, Co2(price_per_t=20, cap_t=60), [share]).cost)
        return share

    assert_golden("co2_curve", text_of(unit_with_price_and_cap, steps=2, hours=0.5))


@pytest.mark.parametrize(("price", "first"), [(59.0, "coal"), (61.0, "gas")])
def test_the_price_turns_the_order_where_paper_says(price, first):
    """50 + 0.9 p = 80 + 0.4 p at p = 60 a tonne."""
    system, hours, done, found = answer(Co2(price_per_t=price))
    assert done.injection_mw["electricity"][first].tolist() == pytest.approx([100, 80])
    factor, cost = {"coal": (0.9, 50), "gas": (0.4, 80)}[first]
    assert found.objective == pytest.approx(90 * (cost + factor * price))
    assert done.cost["co2"].tolist() == pytest.approx([50 * factor * price, 40 * factor * price])
    assert not broken(system, hours, done)


def test_the_cap_is_shared_out_over_the_steps():
    """90 MWh from coal would emit 81 t; each MWh of gas instead saves 0.5 t: at most 56 t takes 50 MWh of gas."""
    system, hours, done, found = answer(Co2(cap_t=56))
    assert done.injection_mw["electricity"]["gas"].sum() * 0.5 == pytest.approx(50)
    assert found.objective == pytest.approx(40 * 50 + 50 * 80)
    assert not broken(system, hours, done)


def test_imports_carry_the_other_sides_emissions_and_the_checker_counts_them():
    link = Link(name="sea", technology="vsc", import_mw=40, export_mw=0, import_tco2_per_mwh=0.5)
    system, hours, done, _found = answer(Co2(price_per_t=1), links=(link,))
    tonnes = done.cost["co2"]
    assert tonnes.tolist() == pytest.approx([0.5 * (40 * 0.5 + 60 * 0.9), 0.5 * (40 * 0.5 + 40 * 0.9)])
    assert not broken(system, hours, done)
    capped = replace(system, co2=Co2(price_per_t=1, cap_t=tonnes.sum() - 1))
    assert {str(b.rule) for b in broken(capped, hours, done)} == {"more is emitted than allowed"}
    dearer = replace(system, co2=Co2(price_per_t=2))
    assert {str(b.rule) for b in broken(dearer, hours, done)} == {"costs other than told"}


def test_a_cap_below_what_the_demand_takes_is_refused():
    with pytest.raises(Infeasible):
        answer(Co2(cap_t=35.9))  # all from gas: 36 t


def test_a_negative_price_or_a_cap_that_is_no_number_is_refused():
    with pytest.raises(InputError) as told:
        answer(Co2(price_per_t=-1, cap_t=float("nan")))
    assert "price_per_t" in str(told.value)
    assert "cap_t" in str(told.value)
