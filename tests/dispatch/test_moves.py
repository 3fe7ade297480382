"""Where one more MW would come from: all that moves is told, it adds up to one MW, and its costs to the price."""

import numpy as np
import pytest

from dispatch.making import EVERYTHING, any_island
from tamna.dispatch.moves import Move, givers, in_words
from tamna.dispatch.rolling import roll
from tamna.dispatch.story import told
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.why import priced_window, reasons
from tamna.lang import speaking
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.problem import Steps

GAS = Thermal(name="gas", max_mw=200, min_mw=20, cost_per_mwh=100)
ON = State(thermal={"gas": ThermalState(on=True, mw=40)})
NOON = System(
    thermal=(GAS,),
    fleets=(
        Curtailable(name="wind", curtailment_cost_per_mwh=10),
        Curtailable(name="pv", curtailment_cost_per_mwh=200),
    ),
    load_classes=EVERYTHING,
    floor_gives_per_mwh=150.0,
)
HOURS = Hours(
    steps=Steps(count=2, labels=("11:00", "12:00")),
    demand_mw=np.full(2, 120.0),
    potential_mw={"wind": np.full(2, 30.0), "pv": np.array([0.0, 90.0])},
    must_take_mw={"wind": np.full(2, 5.0)},
    floor_mw=np.full(2, 70.0),
)


def test_a_floor_that_gives_way_is_part_of_the_price_and_of_its_sentence():
    """At noon 120 MW less 90 of sun and 5 of wind leave 25 for gas, 45 below the floor: 1 MW more is 100 - 150 = -50."""
    rolled = roll(NOON, HOURS, ON)
    why = reasons(NOON, HOURS, rolled)
    assert why.price[1] == pytest.approx(-50)
    assert why.setters[1] == ("gas",)
    (one, other) = why.moves[1]
    assert (one.name, one.mw, one.asset) == ("gas", pytest.approx(1), True)
    assert (other.name, other.mw, other.asset) == ("floor/below", pytest.approx(-1), False)
    (_first, noon) = told(NOON, HOURS, rolled.done, why, ())
    assert noon.startswith(
        "12:00: one more MWh would have cost -50 KRW, all in all: gas +1.0 MW, what units and links lack of their floor"
        " -1.0 MW; "
    )
    with speaking("ko"):
        korean = told(NOON, HOURS, rolled.done, why, ())[1]
    assert korean.startswith(
        "12:00: 1 MWh를 더 쓰면 -50원 (모두 합쳐 gas +1.0 MW, 하한에 못 미치는 양 -1.0 MW)"
    )


@pytest.mark.parametrize("seed", range(6))
def test_what_moves_adds_up_to_one_mw_in_its_hour_and_its_costs_to_the_price(seed):
    system, hours, state = any_island(seed, steps=12)
    rolled = roll(system, hours, state, window_h=12, step_h=12)
    once = priced_window(system, hours, rolled.windows[0], 12)
    price = once.found.dual("balance/electricity")
    row = once.found.rows["balance/electricity"].first
    told_at_all = 0
    for step in range(12):
        moved = once.moves.model.shift(row + step)
        assert once.arrays.cost @ moved == pytest.approx(price[step], rel=1e-6, abs=1e-6)
        moves = once.moves.at(step)
        if not moves:  # another price would do as well: the balance itself is in the basis
            continue
        told_at_all += 1
        mine = sum(m.mw for m in moves if m.asset and not m.elsewhere)
        others = sum(m.mw for m in moves if m.asset and m.elsewhere)
        assert mine == pytest.approx(1.0, abs=0.03)
        assert others == pytest.approx(0.0, abs=0.03)
    assert told_at_all > 6


def test_one_asset_alone_needs_no_list():
    hours = Hours(steps=Steps(count=1), demand_mw=np.array([60.0]))
    alone = System(thermal=(GAS,), load_classes=EVERYTHING)
    why = reasons(alone, hours, roll(alone, hours, ON))
    assert (why.setters, why.moves) == ((("gas",),), ((),))


def test_long_lists_are_cut_and_counted():
    moves = [Move(name=f"u{k}", mw=1.0, elsewhere="" if k < 2 else "07:00") for k in range(6)]
    moves.append(Move(name="ready", mw=0.5, asset=False))
    assert givers(moves) == ("u0", "u1")
    assert (
        in_words(moves) == "u0 +1.0 MW, u1 +1.0 MW, u2 +1.0 MW (07:00), u3 +1.0 MW (07:00) and 3 more moves"
    )
    assert moves[-1].said == "what is missing of 'ready' +0.5 MW"
