import numpy as np
import pytest

from optimise.blocks.golden import assert_golden
from tamna.errors import Infeasible, InputError
from tamna.optimise.blocks.battery import Battery, add_battery
from tamna.optimise.blocks.curtailable import Curtailable, add_curtailable
from tamna.optimise.blocks.demand import add_demand
from tamna.optimise.blocks.electrolyser import Electrolyser, Piece, add_electrolyser
from tamna.optimise.blocks.link import Link, add_link
from tamna.optimise.blocks.reserve import Reserve, add_reserve, add_reserves
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.lptext import lp_text
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import HYDROGEN, Share, add_balance
from tamna.optimise.solver import solve

UP = Reserve(name="up", short_per_mwh=1000)


def island(demand, add, *products, requirement=0.0):
    p = Problem(Steps(count=1))
    shares = [*add(p), add_demand(p, "demand", demand_mw=[demand])]
    shares += [add_reserve(p, r, tuple(shares), requirement_mw=requirement) for r in products]
    add_balance(p, shares)
    return p


def units(*figures):
    named = [Thermal(name=f"u{k}", max_mw=most, cost_per_mwh=cost) for k, (most, cost) in enumerate(figures)]
    return lambda p: [add_thermal(p, u) for u in named]


def test_the_equations_are_the_golden_ones():
    battery = Battery(
        name="battery", charge_mw=20, discharge_mw=25, energy_mwh=60, charging=0.9, discharging=0.95
    )

    def add(p):
        return [*units((100, 10))(p), add_battery(p, battery, start_mwh=30)]

    down = Reserve(
        name="down", way="down", duration_h=2, response_h=0.25, providers=("battery",), largest=False
    )
    assert_golden("reserve", lp_text(island(50, add, UP, down, requirement=5)))


def test_the_equations_of_short_and_slow_products_side_by_side_are_the_golden_ones():
    """Half an hour of an hour: what is there at its beginning counts; the slower product gives the ramp a half more."""
    p = Problem(Steps(count=2))
    battery = Battery(
        name="battery", charge_mw=20, discharge_mw=25, energy_mwh=60, charging=0.9, discharging=0.95
    )
    unit = Thermal(name="unit", max_mw=100, cost_per_mwh=10, ramp_up_mw_per_h=30)
    shares = (add_thermal(p, unit, ThermalState(on=True, mw=40)), add_battery(p, battery, start_mwh=30))
    products = (
        Reserve(name="quick", duration_h=0.5, response_h=0.25, largest=False, short_per_mwh=9),
        Reserve(name="slow", duration_h=2, response_h=1.5, largest=False, short_per_mwh=5),
    )
    more = add_reserves(p, products, shares, {"quick": np.array([5.0, 6.0])})
    site = add_demand(p, "site", demand_mw=[50, 50], one_place=True)
    add_balance(p, [*shares, *more, site])
    assert_golden("reserve_products", lp_text(p))


def test_the_largest_unit_can_be_lost_and_its_own_room_does_not_count():
    """100 MW wanted; the cheap unit could give all, but the dear one can only add 40 MW in time: so it gives 60."""
    dear = Thermal(name="dear", max_mw=100, cost_per_mwh=50, ramp_up_mw_per_h=40)
    found = solve(island(100, lambda p: [*units((200, 10))(p), add_thermal(p, dear)], UP))
    assert found["u0/power"][0] == pytest.approx(40)
    assert found["up/dear"][0] == pytest.approx(40)
    assert found["up/short"][0] == pytest.approx(0)


def test_a_shortfall_is_paid_where_it_cannot_be_helped():
    """40 MW from one unit alone and nobody else: 40 MW are missing."""
    found = solve(island(40, units((100, 10)), UP))
    assert found["up/short"][0] == pytest.approx(40)
    assert found.objective == pytest.approx(400 + 40_000)


def test_a_battery_holds_only_what_its_energy_lasts():
    """10 MWh at 0.9 last two hours at 4.5 MW, whatever its power."""
    battery = Battery(name="battery", charge_mw=50, discharge_mw=50, energy_mwh=100, discharging=0.9)

    def add(p):
        return [*units((100, 10))(p), add_battery(p, battery, start_mwh=10)]

    product = Reserve(name="up", duration_h=2, short_per_mwh=1)
    found = solve(island(40, add, product))
    assert found["up/battery"][0] == pytest.approx((found["battery/level"][0]) * 0.9 / 2)


def test_curtailed_wind_counts_by_its_potential_only():
    def add(p):
        return [
            *units((100, 10))(p),
            add_curtailable(p, Curtailable(name="wind", cost_per_mwh=20), potential_mw=[30]),
        ]

    found = solve(island(50, add, UP))
    assert found["up/wind"][0] == pytest.approx(30 - found["wind/power"][0])
    assert found["up/wind"][0] + found["up/short"][0] == pytest.approx(found["u0/power"][0])


def test_reserve_comes_no_faster_than_the_ramp():
    slow = Thermal(name="slow", max_mw=100, ramp_up_mw_per_h=40, cost_per_mwh=50)

    def add(p):
        return [*units((100, 10))(p), add_thermal(p, slow)]

    found = solve(island(50, add, Reserve(name="up", short_per_mwh=1000, response_h=0.25)))
    assert found["up/slow"][0] == pytest.approx(10)


@pytest.mark.parametrize(("flow", "lost"), [(40, 40), (80, 40)])
def test_losing_a_pole_takes_what_it_carried(flow, lost):
    """Two poles of 50 MW: 40 MW go over one of them (both would cost a minimum each), 80 over both alike."""
    link = Link(name="l", import_mw=100, export_mw=100, technology="lcc", poles=2, min_transfer=0.5)

    def add(p):
        return [add_link(p, link, import_price=1, export_price=0)]

    found = solve(island(flow, add, UP))
    assert found["up/short"][0] == pytest.approx(lost)


def test_a_link_that_carries_nothing_can_lose_nothing():
    link = Link(name="l", import_mw=100, export_mw=100, technology="lcc", poles=2, min_transfer=0.5)
    found = solve(island(0, lambda p: [add_link(p, link, import_price=1, export_price=0)], UP))
    assert found["up/short"][0] == pytest.approx(0)


def test_down_reserve_covers_the_largest_load_or_export():
    """An electrolyser of 30 MW may fall away: the unit must be able to come down by as much."""
    plant = Electrolyser(name="plant", power_mw=30, pieces=(Piece(share=1, efficiency=0.5),))

    def add(p):
        sold = p.columns("sold", cost=-100)
        return [
            *units((100, 10))(p),
            add_electrolyser(p, plant),
            Share(name="sold", injection_mw={HYDROGEN: -sold}),
        ]

    found = solve(island(0, add, Reserve(name="down", way="down", short_per_mwh=1000)))
    assert found["plant/power_1"][0] == pytest.approx(30)
    assert found["down/u0"][0] == pytest.approx(30)
    assert found["down/short"][0] == pytest.approx(0)


def test_figures_that_cannot_be_meant_are_refused():
    p = island(1, units((5, 1)), Reserve(name="up", duration_h=-1))
    with pytest.raises(InputError, match="reserve 'up', duration_h: must be at least 0"):
        solve(p)


def test_what_may_not_be_missing_makes_the_problem_infeasible():
    """40 MW from one unit alone, and nothing may be missing."""
    with pytest.raises(Infeasible):
        solve(island(40, units((100, 10)), Reserve(name="up", short_per_mwh=np.inf)))


def test_a_requirement_holds_whatever_fails():
    found = solve(
        island(40, units((100, 10)), Reserve(name="up", short_per_mwh=1, largest=False), requirement=70)
    )
    assert found["up/u0"][0] == pytest.approx(60)
    assert found["up/short"][0] == pytest.approx(10)


def test_reserve_is_reachable_from_the_step_before():
    """At 50 MW, 30 MW an hour up: having risen by 20, 10 MW more can come in the same step."""
    unit = Thermal(name="u", max_mw=100, min_mw=20, cost_per_mwh=1, ramp_up_mw_per_h=30)
    p = Problem(Steps(count=1))
    shares = [add_thermal(p, unit, ThermalState(on=True, mw=50)), add_demand(p, "demand", demand_mw=[70])]
    product = Reserve(name="up", short_per_mwh=1, largest=False)
    add_balance(p, [*shares, add_reserve(p, product, tuple(shares), requirement_mw=40)])
    assert solve(p)["up/u"][0] == pytest.approx(10)


@pytest.mark.parametrize(("minutes", "held"), [(60, 10), (15, 10), (5, 10)])
def test_a_ramp_has_as_long_as_the_product_gives_it_whatever_the_step(minutes, held):
    """60 MW an hour: ten minutes bring 10 MW, in steps of an hour, of a quarter and of five minutes."""
    unit = Thermal(name="u", max_mw=100, min_mw=20, cost_per_mwh=1, ramp_up_mw_per_h=60)
    p = Problem(Steps(count=2, hours=minutes / 60))
    shares = [
        add_thermal(p, unit, ThermalState(on=True, mw=50)),
        add_demand(p, "demand", demand_mw=[50, 50]),
    ]
    product = Reserve(name="up", short_per_mwh=1, largest=False, response_h=1 / 6)
    add_balance(p, [*shares, add_reserve(p, product, tuple(shares), requirement_mw=40)])
    assert solve(p)["up/u"] == pytest.approx([held, held])


def test_a_unit_without_on_and_off_reaches_its_reserve_from_the_step_before_too():
    """From 50 MW, 30 MW an hour up: having risen by 20, 10 MW more can come in the same step."""
    unit = Thermal(name="u", max_mw=100, cost_per_mwh=1, ramp_up_mw_per_h=30)
    p = Problem(Steps(count=1))
    shares = [add_thermal(p, unit, ThermalState(on=True, mw=50)), add_demand(p, "demand", demand_mw=[70])]
    product = Reserve(name="up", short_per_mwh=1, largest=False)
    add_balance(p, [*shares, add_reserve(p, product, tuple(shares), requirement_mw=40)])
    assert solve(p)["up/u"][0] == pytest.approx(10)


@pytest.mark.parametrize(("duration", "held"), [(0.5, 20), (1.0, 20 * 0.81)])
def test_what_is_charged_within_the_hour_is_not_there_at_its_beginning(duration, held):
    """An empty battery that charges 20 MW: for half an hour only its charging can stop, 20 MW.

    What it will have taken in by the end of the hour, 16.2 MWh at the meter, would seem to last half an hour at 32 MW.
    """
    battery = Battery(
        name="battery", charge_mw=20, discharge_mw=50, energy_mwh=100, charging=0.9, discharging=0.9
    )
    product = Reserve(
        name="up", duration_h=duration, short_per_mwh=1000, largest=False, providers=("battery",)
    )
    found = solve(
        island(
            40,
            lambda p: [*units((100, 10))(p), add_battery(p, battery, start_mwh=0)],
            product,
            requirement=50,
        )
    )
    assert found["battery/charge"][0] == pytest.approx(20)
    assert found["up/battery"][0] == pytest.approx(held)


def test_a_full_battery_takes_in_within_the_hour_only_what_it_gave_before():
    """Full and giving 10 MW: for half an hour it can stop giving, no more, though it has room by the end of the hour."""
    battery = Battery(name="battery", charge_mw=50, discharge_mw=10, energy_mwh=100)
    product = Reserve(
        name="down", way="down", duration_h=0.5, short_per_mwh=1000, largest=False, providers=("battery",)
    )
    found = solve(
        island(
            40,
            lambda p: [*units((100, 10))(p), add_battery(p, battery, start_mwh=100)],
            product,
            requirement=50,
        )
    )
    assert found["battery/discharge"][0] == pytest.approx(10)
    assert found["down/battery"][0] == pytest.approx(10)


def test_a_site_of_its_own_can_fall_away_as_a_whole():
    """30 MW of a site and 20 of all others from one unit of at least 30 MW: it can come down by 20 only."""
    unit = Thermal(name="u", max_mw=100, min_mw=30, cost_per_mwh=1)

    def add(p):
        return [
            add_thermal(p, unit, ThermalState(on=True, mw=50)),
            add_demand(p, "site", demand_mw=[30], one_place=True),
        ]

    found = solve(island(20, add, Reserve(name="down", way="down", short_per_mwh=1000)))
    assert found["down/u"][0] == pytest.approx(20)
    assert found["down/short"][0] == pytest.approx(10)
