from dataclasses import replace

import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import InputError
from tamna.optimise.blocks.demand import LoadClass, add_demand
from tamna.optimise.blocks.ev import EvFleet, add_ev_fleet
from tamna.optimise.blocks.link import Link, add_link
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import add_balance
from tamna.optimise.solver import solve

FLEET = EvFleet(
    name="ev", energy_mwh=100, charge_mw=50, charging=1, discharging=1, arriving_share=0.2, leaving_share=0.8,
    missing_per_mwh=200,
)  # fmt: skip
STAY = {"plugged": [1, 1, 0.5], "arriving": 0, "leaving": [0, 0, 0.5]}
"""All are there for two hours; then half of them leave and want 0.8 * 100 * 0.5 = 40 MWh."""


def island(fleet, price, *, demand=0.0, who=STAY, hours=1.0, **kwargs):
    p = Problem(Steps(count=len(price), hours=hours))
    share = add_ev_fleet(p, fleet, **who, **kwargs)
    link = add_link(p, Link(name="link", import_mw=1000, export_mw=0), import_price=price, export_price=0)
    classes = (LoadClass(name="all", share=1, lost_per_mwh=1000),)
    add_balance(
        p, [share, link, add_demand(p, "demand", demand_mw=np.full(len(price), demand), classes=classes)]
    )
    return solve(p), share


def test_the_equations_are_the_golden_ones():
    fleet = replace(FLEET, discharge_mw=30, charging=0.9, discharging=0.95, wear_per_mwh=4)
    who = {"plugged": [0.5, 0.7, 0.6], "arriving": [0.1, 0.3, 0], "leaving": [0.2, 0.1, 0.1]}
    assert_golden(
        "ev_fleet",
        text_of(lambda p: add_ev_fleet(p, fleet, **who, start_mwh=25, exclusive=True), steps=3),
    )


def test_vehicles_charge_in_the_cheap_hour_before_they_leave():
    """10 MWh are in them and 40 must leave: 30 MWh at 10."""
    found, _ = island(FLEET, [10, 50, 30], start_mwh=10)
    assert found["ev/charge"].tolist() == pytest.approx([30, 0, 0])
    assert found["ev/leaving"].tolist() == pytest.approx([0, 0, 40])
    assert found.objective == pytest.approx(300)


def test_what_a_charger_cannot_give_in_time_is_missing_on_the_trip():
    """5 MW for two hours and half the chargers in the third: 12.5 of the 30 MWh come, the rest is missing."""
    found, _ = island(replace(FLEET, charge_mw=5), [10, 50, 30], start_mwh=10)
    assert found["ev/missing"].tolist() == pytest.approx([0, 0, 17.5])
    assert found.objective == pytest.approx(5 * 10 + 5 * 50 + 2.5 * 30 + 17.5 * 200)


def test_vehicles_give_back_what_their_trips_do_not_need():
    """90 MWh inside, 40 wanted: 50 MWh serve the dear hour; wear of 1 a MWh."""
    found, _ = island(replace(FLEET, discharge_mw=50, wear_per_mwh=1), [10, 50, 10], demand=60, start_mwh=90)
    assert found["ev/discharge"].tolist() == pytest.approx([0, 50, 0])
    assert found.objective == pytest.approx(60 * 10 + 50 * 1 + 10 * 50 + 60 * 10)
    smart, _ = island(FLEET, [10, 50, 10], demand=60, start_mwh=90)
    assert smart["ev/discharge"].max() == 0


def test_vehicles_that_come_bring_what_is_left_in_them():
    """A half fleet comes with 0.2 of 50 MWh, then leaves with 40: 30 MWh must be charged."""
    who = {"plugged": [0.5, 0], "arriving": [0.5, 0], "leaving": [0, 0.5]}
    found, _ = island(replace(FLEET, charge_mw=100), [10, 20], who=who, start_mwh=0)
    assert found["ev/level"][0] == pytest.approx(40)
    assert found["ev/charge"].tolist() == pytest.approx([30, 0])


def test_no_more_than_the_plugged_in_batteries_hold():
    """Free power: 50 MWh fit into the half that stays."""
    found, _ = island(FLEET, [-1, -1, -1], start_mwh=100)
    assert found["ev/level"][-1] == pytest.approx(50)


def test_reserve_is_charging_that_stops_and_what_can_be_given_back():
    found, share = island(replace(FLEET, discharge_mw=20), [10, 50, 30], start_mwh=10)
    assert found.of(share.up_mw[0])[0] == pytest.approx(20 + 30)
    assert found.of(share.down_mw[0])[0] == pytest.approx(50 - 30)
    assert found.of(share.up_mwh)[0] == pytest.approx(40)
    assert found.of(share.down_mwh)[2] == pytest.approx(50)


def test_a_fleet_whose_numbers_do_not_fit_is_refused_at_once():
    p = Problem(Steps(count=2))
    wrong = EvFleet(name="ev", energy_mwh=10, charge_mw=-1, charging=95, leaving_share=80)
    add_balance(p, [add_ev_fleet(p, wrong, plugged=[0.2, 0.9], arriving=0, leaving=0, start_mwh=20)])
    with pytest.raises(InputError) as refused:
        solve(p)
    said = str(refused.value)
    assert (
        "EV fleet 'ev', charging: must lie in (0, 1] (got 95). Give a fraction: write 0.95 for 95 %." in said
    )
    assert "who is plugged in does not follow from who came and who left" in said
    assert "start_mwh: must not lie above energy_mwh" in said
    assert len(refused.value.mistakes) == 5


def test_a_share_beyond_the_fleet_is_refused_with_its_hour():
    p = Problem(Steps(count=2))
    add_balance(p, [add_ev_fleet(p, FLEET, plugged=[1.5, 1.5], arriving=0, leaving=0, start_mwh=0)])
    with pytest.raises(InputError, match=r"EV fleet 'ev', plugged, step 0: must lie in \[0, 1\]"):
        solve(p)
