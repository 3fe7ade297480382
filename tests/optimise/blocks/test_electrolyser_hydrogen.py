import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import InputError
from tamna.optimise.blocks.curtailable import Curtailable, add_curtailable
from tamna.optimise.blocks.demand import LoadClass, add_demand
from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState, Piece, add_electrolyser
from tamna.optimise.blocks.hydrogen import FuelCell, HydrogenStore, add_fuel_cell, add_hydrogen_store
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import HYDROGEN, Share, add_balance
from tamna.optimise.solver import solve

ONE = (Piece(share=1, efficiency=0.6),)


def plant_of(**figures):
    return Electrolyser(**{"name": "haengwon", "power_mw": 10, "pieces": ONE} | figures)


def solved(plant, sun, hydrogen, *, state=None, store=None, start_mwh=0.0, cell=None, electricity=0.0):
    p = Problem(Steps(count=len(sun)))
    classes = (LoadClass(name="all", share=1, lost_per_mwh=100),)
    shares = [
        add_electrolyser(p, plant, state),
        add_curtailable(p, Curtailable(name="pv"), potential_mw=sun),
        add_demand(p, "hydrogen_demand", demand_mw=hydrogen, classes=classes, bus=HYDROGEN),
        add_demand(p, "demand", demand_mw=electricity, classes=classes),
    ]
    if store:
        shares.append(add_hydrogen_store(p, store, start_mwh=start_mwh))
    if cell:
        shares.append(add_fuel_cell(p, cell))
    add_balance(p, shares)
    return solve(p)


def test_the_equations_are_the_golden_ones():
    plant = plant_of(
        pieces=(Piece(share=0.5, efficiency=0.7), Piece(share=0.5, efficiency=0.6)), min_load=0.2, standby=0.02,
        start_cost=50, wear_per_mwh=1, ramp_mw_per_h=4,
    )  # fmt: skip
    assert_golden(
        "electrolyser", text_of(lambda p: add_electrolyser(p, plant, ElectrolyserState(warm=True, mw=3)))
    )
    store = HydrogenStore(name="tank", energy_mwh=33.33, flow_mw=5)
    assert_golden(
        "hydrogen_store", text_of(lambda p: add_hydrogen_store(p, store, start_mwh=10, end_at_least_mwh=5))
    )
    assert_golden(
        "fuel_cell", text_of(lambda p: add_fuel_cell(p, FuelCell(name="cell", power_mw=2, efficiency=0.5)))
    )


def test_sun_at_noon_becomes_hydrogen_in_the_evening():
    """10 MW for an hour at 0.6 are 6 MWh of hydrogen, stored and used in the next two."""
    found = solved(plant_of(), [10, 0, 0], [0, 4, 4], store=HydrogenStore(name="tank", energy_mwh=33))
    assert found["tank/level"][[0, 2]].tolist() == pytest.approx([6, 0])
    assert found["hydrogen_demand/all_unserved"].sum() == pytest.approx(2)


def test_below_its_lowest_load_it_makes_nothing():
    found = solved(plant_of(min_load=0.3), [2, 3, 10], [6, 6, 6])
    assert found["haengwon/power_1"].round(6).tolist() == [0, 3, 10]


def test_a_cold_start_is_paid_unless_it_waited_warm():
    """A gap of an hour: standby takes 1 MW of the sun, a second start costs 30 (hydrogen is worth 100)."""
    waiting = solved(plant_of(min_load=0.5, standby=0.1, start_cost=30), [10, 1, 10], [6, 0, 6])
    assert waiting.objective == pytest.approx(30)
    assert waiting["haengwon/standby"].round().tolist() == [0, 1, 0]
    dark = solved(plant_of(min_load=0.5, standby=0.1, start_cost=30), [10, 0.5, 10], [6, 0, 6])
    assert dark.objective == pytest.approx(60)


def test_a_plant_that_was_warm_starts_free():
    found = solved(plant_of(min_load=0.5, start_cost=30), [10], [6], state=ElectrolyserState(warm=True))
    assert found.objective == pytest.approx(0)


def test_ramps_hold_from_the_state_before():
    found = solved(plant_of(ramp_mw_per_h=3), [10, 10, 10], [6, 6, 6], state=ElectrolyserState(mw=2))
    assert found["haengwon/power_1"].tolist() == pytest.approx([5, 8, 10])


def test_the_best_piece_of_the_curve_is_filled_first():
    plant = plant_of(pieces=(Piece(share=0.4, efficiency=0.7), Piece(share=0.6, efficiency=0.5)))
    found = solved(plant, [6], [9])
    assert found["haengwon/power_1"][0] == pytest.approx(4)
    assert found["haengwon/power_2"][0] == pytest.approx(2)


def test_a_fuel_cell_gives_power_back():
    """4 MWh of hydrogen at 0.5 are 2 MWh of electricity."""
    found = solved(
        plant_of(), [0], [0], store=HydrogenStore(name="tank", energy_mwh=33), start_mwh=4,
        cell=FuelCell(name="cell", power_mw=9, efficiency=0.5), electricity=5,
    )  # fmt: skip
    assert found["cell/power"][0] == pytest.approx(2)


def test_figures_that_cannot_be_meant_come_all_at_once():
    p = Problem(Steps(count=1))
    plant = plant_of(min_load=20, pieces=(Piece(share=0.5, efficiency=0.5), Piece(share=0.4, efficiency=0.6)))
    shares = [
        add_electrolyser(p, plant),
        add_hydrogen_store(p, HydrogenStore(name="tank", energy_mwh=5), start_mwh=6),
    ]
    add_balance(p, [*shares, add_fuel_cell(p, FuelCell(name="cell", power_mw=1, efficiency=55))])
    with pytest.raises(InputError) as refused:
        solve(p)
    said = str(refused.value)
    assert "electrolyser 'haengwon', min_load: must lie in [0, 1] (got 20)" in said
    assert "electrolyser 'haengwon', pieces: the pieces of the efficiency curve" in said
    assert "hydrogen store 'tank', start_mwh: must not lie above energy_mwh (got 6 > 5)" in said
    assert "fuel cell 'cell', efficiency: must lie in (0, 1] (got 55)" in said


def sold(plant, state=None, *, count=5, hours=1.0):
    """Power is free and hydrogen is sold: the plant makes what it can."""
    p = Problem(Steps(count=count, hours=hours))
    free = Share(name="sun", injection_mw={"electricity": p.columns("sun")})
    buyer = Share(name="sold", injection_mw={HYDROGEN: -p.columns("sold", cost=-100)})
    add_balance(p, [add_electrolyser(p, plant, state), free, buyer])
    return solve(p)


def test_a_cold_start_takes_its_time_before_the_first_hydrogen():
    plant = Electrolyser(
        name="plant", power_mw=10, pieces=(Piece(share=1, efficiency=0.6),), start_h=2, standby=0.1
    )
    assert sold(plant)["plant/power_1"].tolist() == pytest.approx([0, 0, 10, 10, 10])
    warm = ElectrolyserState(warm=True, hours=1)
    assert sold(plant, warm)["plant/power_1"].tolist() == pytest.approx([0, 10, 10, 10, 10])
    quarters = sold(plant, count=12, hours=0.25)["plant/power_1"]
    assert quarters.tolist() == pytest.approx([0] * 8 + [10] * 4)


def test_a_slow_plant_still_reaches_its_lowest_load_at_once():
    """Lowest load 4 MW, ramp 1 MW/h: off to 4, then one more each hour, not four."""
    plant = Electrolyser(
        name="plant", power_mw=10, pieces=(Piece(share=1, efficiency=0.6),), min_load=0.4, ramp_mw_per_h=1
    )
    assert sold(plant)["plant/power_1"].tolist() == pytest.approx([4, 5, 6, 7, 8])
    before = ElectrolyserState(warm=True, mw=6.0)
    assert sold(plant, before)["plant/power_1"].tolist() == pytest.approx([7, 8, 9, 10, 10])


def test_drying_and_compression_limit_the_hydrogen():
    plant = Electrolyser(name="plant", power_mw=10, pieces=(Piece(share=1, efficiency=0.5),), hydrogen_mw=3)
    assert sold(plant)["plant/power_1"].tolist() == pytest.approx([6] * 5)
