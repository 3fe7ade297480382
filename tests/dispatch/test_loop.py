"""The loop on islands small enough to follow on paper, and on random ones: what is fixed, what follows, what is seen."""

from dataclasses import replace

import numpy as np
import pytest
from tests.dispatch.making import any_island

from tamna.dispatch.ahead import fast
from tamna.dispatch.check.whole import broken
from tamna.dispatch.loop import Foresight, go_round
from tamna.dispatch.resort import Resort
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.link import Link
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How

STEAM = Thermal(name="steam", max_mw=100, min_mw=40, cost_per_mwh=50, min_up_h=4, min_down_h=4, starts=(Start(off_h=0, cost=500),))  # fmt: skip
ENGINE = Thermal(name="engine", max_mw=50, min_mw=20, cost_per_mwh=200, min_up_h=1, min_down_h=1, starts=(Start(off_h=0, cost=30),))  # fmt: skip
WIND = Curtailable(name="wind", curtailment_cost_per_mwh=10)
ISLAND = System(
    thermal=(STEAM, ENGINE),
    fleets=(WIND,),
    load_classes=(LoadClass(name="all", share=1, lost_per_mwh=5000),),
    resort=Resort(surplus_per_mwh=2000),
    floor_gives_per_mwh=1000,
    exclusive=True,
)
OFF = State(thermal={"steam": ThermalState(on=False, hours=99), "engine": ThermalState(on=False, hours=99)})


def hours(demand, wind, system=ISLAND):
    n = len(demand)
    links = [k.name for k in system.links]
    return Hours(
        steps=Steps(count=n),
        demand_mw=np.asarray(demand, dtype=float),
        potential_mw={"wind": np.asarray(wind, dtype=float)},
        import_price=dict.fromkeys(links, np.full(n, 100.0)),
        export_price=dict.fromkeys(links, np.zeros(n)),
    )


def saw(demand, wind, **more):
    return Foresight(
        demand_mw=np.asarray(demand, dtype=float),
        potential_mw={"wind": np.asarray(wind, dtype=float)},
        **more,
    )


def go(came, foresight, state=OFF, system=ISLAND, days=None, **more):
    return go_round(system, came, foresight, state, days or [slice(0, came.steps.count)], **more)


def test_only_what_can_start_and_stop_within_the_step_is_fast():
    assert fast(ENGINE, 1.0)
    assert not fast(STEAM, 1.0)
    assert not fast(replace(ENGINE, ramp_up_mw_per_h=20), 1.0)
    assert not fast(ENGINE, 0.25)


def test_steam_that_was_not_foreseen_to_be_needed_stays_off_and_the_engine_starts():
    came = hours([50] * 4, [30] * 4)
    done = go(came, saw([50] * 4, [50] * 4)).rolled.done
    assert done.columns["steam/on"] == pytest.approx([0] * 4)
    assert done.columns["engine/on"] == pytest.approx([1] * 4)
    assert done.injection_mw["electricity"]["engine"] == pytest.approx([20] * 4)
    assert done.total_cost == pytest.approx(4 * 20 * 200 + 30)


def test_an_engine_that_is_needed_at_all_gives_its_minimum_and_wind_makes_room():
    came = hours([50] * 2, [45] * 2)
    done = go(came, saw([50] * 2, [50] * 2)).rolled.done
    assert done.injection_mw["electricity"]["engine"] == pytest.approx([20] * 2)
    assert done.injection_mw["electricity"]["wind"] == pytest.approx([30] * 2)


def test_steam_that_was_started_in_vain_stays_on_and_wind_is_held_back():
    came = hours([60] * 4, [60] * 4)
    looped = go(came, saw([60] * 4, [10] * 4), why=True)
    done = looped.rolled.done
    assert done.columns["steam/on"] == pytest.approx([1] * 4)
    assert done.injection_mw["electricity"]["wind"] == pytest.approx([20] * 4)
    assert looped.reasons.cause == ("commitment",) * 4
    assert looped.planned.injection_mw["electricity"]["steam"] == pytest.approx([50] * 4)


def test_what_nobody_takes_is_the_last_resort_and_never_without_an_answer():
    came = hours([25] * 3, [0] * 3)
    done = go(came, saw([90] * 3, [0] * 3)).rolled.done
    assert done.columns["surplus/mw"] == pytest.approx([15] * 3)
    assert done.cost["surplus"] == pytest.approx([15 * 2000] * 3)


def test_the_floor_gives_way_at_its_price_only_where_wind_is_held_back_already():
    came = replace(hours([50] * 3, [40] * 3), floor_mw=np.full(3, 60.0))
    done = go(came, saw([50] * 3, [40] * 3)).rolled.done
    assert done.injection_mw["electricity"]["wind"] == pytest.approx([0] * 3)
    assert done.columns["floor/below"] == pytest.approx([10] * 3)


def test_poles_and_direction_of_an_lcc_link_stay_as_decided_while_its_level_follows():
    link = Link(
        name="lcc", import_mw=80, export_mw=40, technology="lcc", poles=2, min_transfer=0.25, reversal_h=2
    )
    system = replace(ISLAND, thermal=(ENGINE,), links=(link,))
    came = hours([40] * 4, [90] * 4, system)
    done = go(came, saw([70] * 4, [0] * 4), State(thermal={"engine": ThermalState()}), system).rolled.done
    poles = done.columns["lcc/import_1"] + 2 * done.columns["lcc/import_2"]
    assert (poles > 0.5).all()
    assert done.columns["lcc/export"] == pytest.approx([0] * 4)
    least = 0.25 * 40 * poles
    assert done.columns["lcc/import"] == pytest.approx(least)


def test_what_comes_later_changes_no_hour_before_it():
    demand, wind = [60, 70, 80, 60, 50, 70], [10, 40, 0, 30, 60, 20]
    seen = saw([65] * 6, [20] * 6)
    one = go(hours(demand, wind), seen).rolled.done
    later = hours([*demand[:3], 99, 20, 90], [*wind[:3], 0, 90, 0])
    other = go(later, seen).rolled.done
    for name, values in one.columns.items():
        assert other.columns[name][:3] == pytest.approx(values[:3], abs=1e-6), name


def test_the_next_day_begins_where_the_last_one_ended():
    came = hours([60] * 4 + [90] * 4, [60] * 4 + [0] * 4)
    seen = saw([60] * 4 + [90] * 4, [10] * 4 + [0] * 4)
    looped = go(came, seen, days=[slice(0, 4), slice(4, 8)])
    assert looped.rolled.windows[1].before.thermal["steam"].on
    assert looped.rolled.done.columns["steam/on"] == pytest.approx([1] * 8)
    starts = looped.rolled.done.columns["steam/start"]
    assert starts == pytest.approx([1, *[0] * 7])


def test_a_plan_is_no_dearer_than_the_day_lived_and_who_knows_all_does_best_here():
    demand, wind = [60, 70, 90, 95, 50, 70, 60, 55], [10, 40, 0, 30, 60, 20, 0, 50]
    came = hours(demand, wind)
    perfect = go(came, saw(demand, wind, knows_on=True))
    plan = perfect.rolled.windows[0].found.objective  # the engine's whole numbers are relaxed in it
    assert plan <= perfect.rolled.done.total_cost + 1e-6
    blind = go(came, saw([50] * 8, [40] * 8))
    assert perfect.rolled.done.total_cost <= blind.rolled.done.total_cost + 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_random_islands_break_no_rule_whatever_was_foreseen(seed):
    system, came, state = any_island(seed, steps=20)
    system = replace(system, resort=Resort(surplus_per_mwh=3000))
    rng = np.random.default_rng(seed)
    seen = Foresight(
        demand_mw=came.demand_mw * rng.uniform(0.8, 1.2, 20),
        potential_mw={"wind": came.potential_mw["wind"] * rng.uniform(0.5, 1.5, 20)},
    )
    looped = go(came, seen, state, system, days=[slice(0, 9), slice(9, 20)], beyond_h=4, why=True)
    assert broken(system, came, looped.rolled.done, state) == ()
    assert len(looped.reasons.cause) == 20
    for window in looped.rolled.windows:
        for unit in system.thermal:
            if unit.commits and not fast(unit, 1.0):
                planned = window.found[f"{unit.name}/on"][: len(window.done.columns[f"{unit.name}/on"])]
                assert window.done.columns[f"{unit.name}/on"] == pytest.approx(planned)


def test_a_plan_whose_time_is_over_before_it_begins_still_stands():
    came = hours([90, 90, 60, 60, 90, 90, 150, 90], [50, 80, 90, 100, 30, 10, 0, 20])
    seen = saw([90, 90, 60, 60, 90, 90, 150, 90], [40, 60, 90, 120, 30, 10, 0, 20])
    late, free = (go(came, seen, how=h) for h in (How(time_limit_s=0.0), How()))
    assert broken(ISLAND, came, late.rolled.done, OFF) == ()
    assert late.rolled.done.total_cost == pytest.approx(free.rolled.done.total_cost, rel=0.2)
