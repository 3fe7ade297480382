"""Everything wrong with one input is told at once, each with its place and a fix; and what the clock cuts short."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import any_island, any_rich_island
from tamna.dispatch.check.whole import broken
from tamna.dispatch.refuse import mistakes
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.year import solve_year
from tamna.errors import InputError, UsageError
from tamna.lang import speaking
from tamna.optimise.blocks.battery import Battery
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.electrolyser import ElectrolyserState
from tamna.optimise.blocks.link import Link, LinkState
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How

LABELS = tuple(f"2024-01-25 {h:02}:00" for h in range(24))


def all_wrong():
    """Minimum over maximum, an efficiency of 85, a link to nowhere, an over-full store, NaN, 23 hours of demand."""
    system = System(
        thermal=(Thermal(name="gas", max_mw=40, min_mw=60, cost_per_mwh=100),),
        fleets=(Curtailable(name="wind"),),
        links=(Link(name="cable", import_mw=50, export_mw=0),),
        batteries=(Battery(name="hallim", charge_mw=10, discharge_mw=10, energy_mwh=40, charging=85),
                   Battery(name="udo", charge_mw=10, discharge_mw=10, energy_mwh=40)),
        load_classes=(LoadClass(name="all", share=1, lost_per_mwh=9000),),
    )  # fmt: skip
    wind = np.full(24, 20.0)
    wind[20:22] = np.nan
    hours = Hours(
        steps=Steps(count=24, labels=LABELS),
        demand_mw=np.full(23, 30.0),
        potential_mw={"wind": wind},
        available={"gsa": np.ones(24)},
    )
    return system, hours, State(level_mwh={"hallim": 20.0, "udo": 50.0})


SAID = (
    "thermal unit 'gas', min_mw: must not lie above max_mw (got 60 > 40). Lower one or raise the other.",
    "battery 'hallim', charging: must lie in (0, 1] (got 85). Give a fraction: write 0.85 for 85 %.",
    "link 'cable', import_price: a link to nowhere: no price of the other side is given. Give its price",
    "battery 'udo', start_mwh: must not lie above energy_mwh (got 50 > 40).",
    "fleet 'wind', potential_mw, 2024-01-25 20:00, 2024-01-25 21:00: the potential is not a number (got nan). Fill",
    "demand 'demand': the demand has 23 values where there are 24 steps. Give one number, or one a step.",
    "Hours.available: no asset has this name (got gsa). Known: cable, gas, hallim, udo.",
)


@pytest.mark.parametrize("solve", [roll, solve_year])
def test_all_that_is_wrong_comes_at_once_each_with_its_place_and_a_fix(solve):
    with pytest.raises(InputError) as refused:
        solve(*all_wrong())
    text = str(refused.value)
    for said in SAID:
        assert said in text
    assert len(refused.value.mistakes) == len(SAID) + 1  # the cable lacks both prices
    assert all(str(m.where) and m.todo for m in refused.value.mistakes)


def test_all_of_it_in_korean():
    with speaking("ko"), pytest.raises(InputError) as refused:
        roll(*all_wrong())
    with speaking("ko"):
        text = str(refused.value)
    for said in ("발전기 'gas'", "85 %", "끊긴 연계선", "'udo'", "수가 아닙니다", "23"):
        assert said in text


def test_a_gap_in_the_third_day_is_found_before_the_first_is_solved():
    system, hours, state = any_island(5, steps=72)
    wind = hours.potential_mw["wind"].copy()
    wind[70] = np.nan
    wind[3] = -1.0
    with pytest.raises(InputError) as refused:
        roll(system, replace(hours, potential_mw={"wind": wind}), state, window_h=24, step_h=24)
    assert len(refused.value.mistakes) == 2


def test_what_is_right_is_not_refused():
    system, hours, state = any_island(5, steps=12)
    assert mistakes(system, hours, state) == ()


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("links", [True, False])
def test_a_search_without_time_still_gives_a_schedule_and_says_how_far_off_it_may_be(fast, links):
    system, hours, state = any_island(5, steps=12)
    if not links:
        system = replace(system, links=system.links[1:])
        hours = replace(
            hours,
            import_price={"vsc": hours.import_price["vsc"]},
            export_price={"vsc": hours.export_price["vsc"]},
        )
        state = replace(state, links={})
    in_time = roll(system, hours, state, window_h=12, step_h=12, how=How(gap=1e-3))
    how = How(gap=1e-3, time_limit_s=0.0)
    cut_off = roll(system, hours, state, window_h=12, step_h=12, how=how, fast=fast)
    assert broken(system, hours, cut_off.done, state) == ()
    (window,) = cut_off.windows
    assert window.found.status == "time_limit"
    assert window.found.bound <= in_time.windows[0].found.objective * (1 + 1e-3)
    assert window.found.objective >= in_time.windows[0].found.bound - 1e-6
    assert np.isfinite(window.found.gap)


def test_loads_vehicles_and_contracts_are_looked_at_over_all_hours():
    parts = ("ev_fleets", "shiftable", "interruptible", "loads", "matchings")
    drawn = (any_rich_island(seed, steps=24) for seed in range(200))
    system, hours, state = next(d for d in drawn if all(getattr(d[0], p) for p in parts))
    assert not mistakes(system, hours, state)
    pumps = hours.load_mw["pumps"].copy()
    pumps[20] = np.nan
    wrong = replace(
        hours,
        load_mw={k: v for k, v in hours.load_mw.items() if k != "works"} | {"pumps": pumps, "punps": pumps},
        plugged={},
    )
    said = "\n".join(str(m) for m in mistakes(system, wrong, state))
    for part in (
        "interruptible load 'works', load_mw: nobody says what this load would take",
        "EV fleet 'ev', plugged: nobody says which vehicles are there",
        "load_mw 'pumps', step 20: the load is not a number",
        "Hours.load_mw: no asset has this name (got punps)",
    ):
        assert part in said, part


@pytest.mark.parametrize("fast", [False, True])
def test_a_gap_and_a_time_that_cannot_be_meant_are_refused_at_once(fast):
    system, hours, state = any_island(5, steps=12)
    for gap, limit in ((-1e-3, -1.0), (1.0, float("nan")), (float("nan"), -5.0)):
        with pytest.raises(UsageError) as refused:
            roll(system, hours, state, how=How(gap=gap, time_limit_s=limit), fast=fast)
        assert [m.where.path for m in refused.value.mistakes] == ["--gap", "--time-limit"]
        assert all(m.todo for m in refused.value.mistakes)


def _rich():
    parts = ("ev_fleets", "shiftable", "interruptible", "loads", "matchings", "reserves")
    drawn = (any_rich_island(seed, steps=24) for seed in range(400))
    return next(d for d in drawn if all(getattr(d[0], p) for p in parts))


def _last(values, value):
    """Change the last hour only, which no first window would see."""
    out = np.array(values, dtype=float)
    out[-1] = value
    return out


def test_what_no_hour_can_hold_is_found_in_the_last_hour_of_all_before_the_first_is_solved():
    system, hours, state = _rich()
    wind = hours.potential_mw["wind"]
    wrong = replace(
        hours,
        demand_mw=_last(hours.demand_mw, np.inf),
        hydrogen_mw=_last(hours.hydrogen_mw, -1),
        potential_mw={"wind": _last(wind, np.inf)},
        must_take_mw={"wind": _last(np.zeros(24), -2)},
        import_price=dict(hours.import_price) | {"vsc": _last(hours.import_price["vsc"], np.inf)},
        available={"one": _last(np.ones(24), 85), "lcc": _last(np.ones(24), -1)},
        load_mw=dict(hours.load_mw) | {
            "pumps": _last(hours.load_mw["pumps"], 50), "works": _last(hours.load_mw["works"], 99),
            "ferry": _last(hours.load_mw["ferry"], -3),
        },
        plugged={"ev": _last(hours.plugged["ev"], 50)},
        reserve_mw={"slow": _last(np.zeros(24), -5)},
        strength_mva=np.full(23, 5.0),
        inertia_mws=_last(np.zeros(24), np.nan),
    )  # fmt: skip
    said = [str(m) for m in mistakes(system, wrong, state)]
    for part in (
        "demand 'demand', step 23: the demand is not a number (got inf)",
        "demand 'hydrogen_demand', step 23: the demand is below zero (got -1). Give a number of 0 or more.",
        "fleet 'wind', potential_mw, step 23: the potential is not a number (got inf)",
        "must_take_mw, step 23: what cannot be held back lies outside what the weather allows (got -2)",
        "link 'vsc', import_price, step 23: the price is not a number (got inf)",
        "thermal unit 'one', available, step 23: must lie in [0, 1] (got 85). Let it lie between 0 and 1.",
        "link 'lcc', available, step 23: must lie in [0, 1] (got -1)",
        "shiftable load 'pumps', load_mw, step 23: the load as it would be lies outside its own limits (got 50 MW)",
        "interruptible load 'works', load_mw, step 23: the load as it would be lies outside its own limits (got 99 MW)",
        "load_mw 'ferry', step 23: the load is below zero (got -3)",
        "EV fleet 'ev', plugged, step 23: must lie in [0, 1] (got 50)",
        "EV fleet 'ev', plugged, step 23: who is plugged in does not follow",
        "reserve_mw 'slow', step 23: the requirement is below zero (got -5)",
        "strength_mva: the requirement has 23 values where there are 24 steps",
        "inertia_mws, step 23: the requirement is not a number (got nan)",
    ):
        assert sum(part in one for one in said) == 1, (part, said)
    assert len(said) == 15
    assert all(m.todo for m in mistakes(system, wrong, state))


def test_figures_and_states_that_cannot_be_are_refused_each_once():
    system, hours, state = _rich()
    one, two = system.thermal
    wrong = replace(
        system,
        thermal=(replace(one, max_mw=np.inf), replace(two, max_mw=-5.0, cost_per_mwh=np.nan)),
        batteries=(replace(system.batteries[0], energy_mwh=np.inf), system.batteries[0]),
        links=(replace(system.links[0], import_mw=np.inf), system.links[1]),
        reserves=(replace(system.reserves[0], providers=("nobody",)), *system.reserves[1:]),
    )
    before = replace(
        state,
        thermal={"one": ThermalState(on=True, hours=-5, mw=-3.0)},
        links={"lcc": LinkState(way="import", idle_h=float("nan"))},
        electrolysers={"plant": ElectrolyserState(mw=-1.0)},
        level_mwh=dict(state.level_mwh) | {"ev": -5.0},
    )
    said = [str(m) for m in mistakes(wrong, hours, before)]
    for part in (
        "thermal unit 'one', max_mw: must be a finite number (got inf)",
        "thermal unit 'two', max_mw: must be at least 0 (got -5)",
        "thermal unit 'two', cost_per_mwh: must be a finite number (got nan)",
        "battery 'battery', energy_mwh: must be a finite number (got inf)",
        "System.batteries: this name is taken (got battery)",
        "link 'lcc', import_mw: must be a finite number (got inf)",
        "reserve 'up', providers: no asset has this name (got nobody)",
        "thermal unit 'one', State.thermal, hours: must be at least 0 (got -5)",
        "thermal unit 'one', State.thermal, mw: must be at least 0 (got -3)",
        "link 'lcc', State.links, idle_h: must be at least 0 (got nan)",
        "electrolyser 'plant', State.electrolysers, mw: must be at least 0 (got -1)",
        "EV fleet 'ev', start_mwh: must be at least 0 (got -5)",
    ):
        assert sum(part in told for told in said) == 1, (part, said)
    assert len(said) == 12, said


@pytest.mark.parametrize(("count", "length"), [(0, 1.0), (24, 0.0), (24, -1.0), (24, float("nan"))])
def test_steps_that_are_none_are_refused(count, length):
    system, hours, state = any_island(5, steps=24)
    (found,) = mistakes(system, replace(hours, steps=Steps(count=count, hours=length)), state)
    assert str(found.where).startswith("Steps.")
    assert found.todo
