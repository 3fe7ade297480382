import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import InputError
from tamna.optimise.blocks.curtailable import Curtailable, add_curtailable
from tamna.optimise.blocks.demand import LoadClass, add_demand
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import Share, add_balance, cost_of
from tamna.optimise.solver import solve


def test_the_equations_are_the_golden_ones():
    classes = (
        LoadClass(name="shops", share=0.3, lost_per_mwh=50),
        LoadClass(name="homes", share=0.5, lost_per_mwh=90),
    )
    assert_golden(
        "demand",
        text_of(lambda p: add_demand(p, "demand", demand_mw=[1, 2, 3, 4], classes=classes), hours=0.5),
    )
    wind = Curtailable(name="wind", cost_per_mwh=1, curtailment_cost_per_mwh=3)
    assert_golden(
        "curtailable", text_of(lambda p: add_curtailable(p, wind, potential_mw=[0, 5, 2, 1]), hours=0.5)
    )


def test_the_cheapest_class_goes_dark_first_and_the_rest_never():
    """100 MW asked for, 40 there: 30 MW of shops, then 30 MW of homes are shed."""
    p = Problem(Steps(count=1, hours=0.5))
    classes = (
        LoadClass(name="homes", share=0.5, lost_per_mwh=90),
        LoadClass(name="shops", share=0.3, lost_per_mwh=50),
    )
    demand = add_demand(p, "demand", demand_mw=[100], classes=classes)
    add_balance(p, [demand, add_curtailable(p, Curtailable(name="wind"), potential_mw=[40])])
    found = solve(p)
    assert (found["demand/shops_unserved"][0], found["demand/homes_unserved"][0]) == pytest.approx((30, 30))
    assert found.objective == pytest.approx(0.5 * (30 * 50 + 30 * 90))
    assert found.of(cost_of(demand, p)).sum() == pytest.approx(found.objective)


def test_what_is_cheaper_to_curtail_is_curtailed_first():
    p = Problem(Steps(count=1))
    wind, pv = (Curtailable(name=n, curtailment_cost_per_mwh=c) for n, c in (("wind", 2), ("pv", 5)))
    shares = [add_curtailable(p, f, potential_mw=[60]) for f in (wind, pv)]
    add_balance(p, [*shares, add_demand(p, "demand", demand_mw=[100])])
    found = solve(p)
    assert (found["wind/power"][0], found["pv/power"][0]) == pytest.approx((40, 60))
    assert found.objective == pytest.approx(2 * 20)
    assert found.of(shares[0].up_mw[0])[0] == pytest.approx(20)


def test_a_part_that_cannot_be_held_back_is_taken():
    p = Problem(Steps(count=1))
    wind = add_curtailable(p, Curtailable(name="wind"), potential_mw=[60], must_take_mw=[45])
    sink = p.columns("sink", cost=9)
    add_balance(p, [wind, Share(name="sink", injection_mw={"electricity": -sink})])
    found = solve(p)
    assert found["wind/power"][0] == pytest.approx(45)
    assert found.of(wind.down_mw[0])[0] == pytest.approx(0)


def test_the_price_is_what_one_more_megawatt_hour_costs():
    p = Problem(Steps(count=2, hours=0.5))
    wind = add_curtailable(p, Curtailable(name="wind", cost_per_mwh=7), potential_mw=[60, 60])
    classes = (LoadClass(name="all", share=1, lost_per_mwh=50),)
    add_balance(p, [wind, add_demand(p, "demand", demand_mw=[50, 70], classes=classes)])
    assert (solve(p).dual("balance/electricity") / p.steps.hours).tolist() == pytest.approx([7, 50])


def test_a_share_without_a_cost_costs_nothing():
    p = Problem(Steps(count=2))
    assert cost_of(Share(name="x"), p).constant.tolist() == [0, 0]


def test_everything_wrong_with_profiles_and_classes_comes_at_once():
    p = Problem(Steps(count=24))
    add_demand(
        p, "demand", demand_mw=np.ones(23), classes=(LoadClass(name="all", share=1.2, lost_per_mwh=-1),)
    )
    add_curtailable(p, Curtailable(name="wind"), potential_mw=[np.nan, -1.0] + [1.0] * 22)
    with pytest.raises(InputError) as refused:
        p.arrays()
    said = str(refused.value)
    for part in (
        "demand 'demand': the demand has 23 values where there are 24 steps",
        "demand 'demand', all, share: must lie in (0, 1] (got 1.2)",
        "demand 'demand', all, lost_per_mwh: must be at least 0 (got -1)",
        "the classes of load add up to more than the demand (got 1.2)",
        "fleet 'wind', potential_mw, step 0: the potential is not a number",
        "fleet 'wind', potential_mw, step 1: the potential is below zero (got -1)",
    ):
        assert part in said
