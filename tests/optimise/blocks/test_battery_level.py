from dataclasses import replace

import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import InputError
from tamna.optimise.blocks.battery import Battery, add_battery
from tamna.optimise.blocks.curtailable import Curtailable, add_curtailable
from tamna.optimise.blocks.demand import LoadClass, add_demand
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import add_balance
from tamna.optimise.solver import solve

HALLIM = Battery(name="hallim", charge_mw=50, discharge_mw=50, energy_mwh=100, charging=0.9, discharging=0.9)


def island(battery, sun, demand, *, curtailment=0.0, hours=1.0, **kwargs):
    p = Problem(Steps(count=len(sun), hours=hours))
    shares = [
        add_battery(p, battery, **kwargs),
        add_curtailable(p, Curtailable(name="pv", curtailment_cost_per_mwh=curtailment), potential_mw=sun),
        add_demand(
            p, "demand", demand_mw=demand, classes=(LoadClass(name="all", share=1, lost_per_mwh=100),)
        ),
    ]
    add_balance(p, shares)
    return solve(p)


def test_the_equations_are_the_golden_ones():
    full = Battery(
        name="hallim", charge_mw=50, discharge_mw=40, energy_mwh=100, charging=0.9, discharging=0.95, wear_per_mwh=2,
        cycles_per_day=1.5,
    )  # fmt: skip
    assert_golden(
        "battery", text_of(lambda p: add_battery(p, full, start_mwh=30, end_at_least_mwh=20, exclusive=True))
    )
    assert_golden("battery_cyclic", text_of(lambda p: add_battery(p, HALLIM)))


def test_noon_sun_reaches_the_evening_minus_the_round_trip_loss():
    found = island(HALLIM, [50, 0], [0, 60], start_mwh=0)
    assert found["hallim/discharge"].tolist() == pytest.approx([0, 50 * 0.81])
    assert found["demand/all_unserved"].tolist() == pytest.approx([0, 60 - 40.5])


def test_a_period_that_closes_on_itself_ends_with_what_it_began_with():
    found = island(HALLIM, [0, 50], [60, 0])
    assert found["hallim/level"].tolist() == pytest.approx([0, 45])
    assert found["hallim/discharge"].tolist() == pytest.approx([40.5, 0])


def test_a_quarter_of_an_hour_moves_a_quarter_of_the_energy():
    found = island(HALLIM, [50, 0], [0, 60], start_mwh=0, hours=0.25)
    assert found["hallim/level"].tolist() == pytest.approx([11.25, 0])


def test_burning_energy_by_doing_both_at_once_pays_only_on_paper():
    """Curtailment costs 5/MWh and the store is full: doing both at once would burn 10 MW of it."""
    loose = island(HALLIM, [90, 90], [50, 50], curtailment=5, start_mwh=100)
    both = loose["hallim/charge"].clip(max=loose["hallim/discharge"])
    assert both.min() > 1
    strict = island(HALLIM, [90, 90], [50, 50], curtailment=5, start_mwh=100, exclusive=True)
    assert strict["hallim/charge"].clip(max=strict["hallim/discharge"]).max() == pytest.approx(0, abs=1e-6)
    assert strict.objective > loose.objective


def test_cycles_are_limited_a_day():
    """24 h at most half a cycle of 100 MWh: 50 MWh are given."""
    sun, demand = [90, 0] * 12, [0, 90] * 12
    half = Battery(name="hallim", charge_mw=50, discharge_mw=50, energy_mwh=100, cycles_per_day=0.5)
    assert island(half, sun, demand, start_mwh=0)["hallim/discharge"].sum() == pytest.approx(50)


def test_reserve_is_power_and_energy():
    p = Problem(Steps(count=1))
    share = add_battery(p, replace(HALLIM, wear_per_mwh=1), start_mwh=30)
    add_balance(p, [share, add_demand(p, "demand", demand_mw=[18])])
    found = solve(p)
    assert found.of(share.up_mw[0])[0] == pytest.approx(50 - 18)
    assert found.of(share.down_mw[0])[0] == pytest.approx(50 + 18)
    assert found.of(share.up_mwh)[0] == pytest.approx((30 - 20) * 0.9)
    assert found.of(share.down_mwh)[0] == pytest.approx((100 - 10) / 0.9)


def test_an_efficiency_of_85_and_an_over_full_start_are_refused_together():
    p = Problem(Steps(count=1))
    wrong = Battery(name="hallim", charge_mw=-1, discharge_mw=50, energy_mwh=100, charging=85)
    add_balance(p, [add_battery(p, wrong, start_mwh=120, end_at_least_mwh=130)])
    with pytest.raises(InputError) as refused:
        solve(p)
    said = str(refused.value)
    assert (
        "battery 'hallim', charging: must lie in (0, 1] (got 85). Give a fraction: write 0.85 for 85 %."
        in said
    )
    assert "start_mwh: must not lie above energy_mwh (got 120 > 100)" in said
    assert len(refused.value.mistakes) == 4
