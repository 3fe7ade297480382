"""What-ifs in a word: read, applied, and refused all at once."""

import numpy as np
import pytest

from dispatch.making import EVERYTHING, any_island, any_rich_island
from tamna.dispatch.account import account
from tamna.dispatch.assets import Burns
from tamna.dispatch.check.whole import broken
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.whatif import WhatIf, changed
from tamna.dispatch.whatif_added import assumed_with
from tamna.errors import UsageError
from tamna.optimise.blocks.curtailable import Curtailable
from tamna.optimise.blocks.synchronous import Synchronous
from tamna.optimise.blocks.thermal_unit import Thermal
from tamna.optimise.problem import Steps

SYSTEM, HOURS, STATE = any_island(3, steps=24)
LOCAL = np.datetime64("2024-01-25T00", "s") + np.arange(24) * np.timedelta64(3600, "s")


STANDS = {"wind": 200.0}


def ask(**words):
    return changed(WhatIf(**words), SYSTEM, HOURS, STATE, LOCAL, capacity_mw=STANDS)


def test_a_battery_is_added_half_full():
    system, _hours, state = ask(added=("battery:100MW/400MWh",))
    added = system.batteries[-1]
    assert (added.charge_mw, added.energy_mwh, state.level_mwh[added.name]) == (100, 400, 200)
    assert added.charging * added.discharging == pytest.approx(0.85)
    assert ask()[0] == SYSTEM


def test_a_link_is_taken_away():
    system, hours, _state = ask(without=("lcc",))
    assert [k.name for k in system.links] == ["vsc"]
    assert set(hours.import_price) == {"vsc"}


def test_stores_of_hydrogen_and_cells_can_be_taken_away_too():
    system, _hours, state = ask(without=("tank", "cell", "battery"))
    assert (system.hydrogen_stores, system.fuel_cells, system.batteries) == ((), (), ())
    assert state.level_mwh == {}


def test_wind_is_added_as_the_fleet_gives_per_megawatt():
    system, hours, _state = ask(added=("wind:50MW", "wind:20MW"))
    assert [f.name for f in system.fleets] == ["wind", "wind:added", "wind:added-2"]
    assert hours.potential_mw["wind:added"] == pytest.approx(HOURS.potential_mw["wind"] / 4)
    assert system.fleets[1].curtailment_cost_per_mwh == SYSTEM.fleets[0].curtailment_cost_per_mwh


def test_a_link_is_added_at_the_price_of_the_others():
    system, hours, _state = ask(added=("link:200MW/100MW",))
    link = system.links[-1]
    assert (link.name, link.import_mw, link.export_mw, link.technology) == ("link:added", 200, 100, "vsc")
    assert hours.import_price["link:added"] is HOURS.import_price["lcc"]


def test_an_electrolyser_is_added_with_what_its_hydrogen_is_worth():
    """30 MW at 60 kWh/kg make 16.665 MW of hydrogen; at 6,000 KRW/kg a MWh of it is worth 180,018 KRW."""
    system, hours, _state = ask(added=("electrolyser:30MW@6000KRW/kg",))
    assert system.electrolysers[-1].pieces[0].efficiency == pytest.approx(0.5555)
    assert hours.hydrogen_mw == pytest.approx(HOURS.hydrogen_mw + 16.665)
    own, sold = system.hydrogen_classes
    assert own.share * (2 + 16.665) == pytest.approx(2)
    assert (sold.name, sold.share * (2 + 16.665)) == ("sold", pytest.approx(16.665))
    assert sold.lost_per_mwh == pytest.approx(6000 / 0.03333)


def test_only_what_can_fail_for_hours_has_an_outage():
    with pytest.raises(UsageError, match="Known: one, two, lcc, vsc"):
        ask(outages=("battery 2024-01-25 06:00..18:00",))


def test_a_unit_is_out_for_its_hours_on_the_islands_clock():
    available = ask(outages=("one 2024-01-25 06:00..18:00",))[1].available["one"]
    assert np.flatnonzero(available == 0.0).tolist() == list(range(6, 18))


def test_vehicles_are_added_by_their_number_or_by_power_and_energy():
    """10,000 of them: 7 kW and 60 kWh each; seven in ten of them are plugged in at midnight, half full."""
    system, hours, state = ask(added=("ev:10000", "ev:50MW/400MWh/v2g"))
    many, some = system.ev_fleets[-2:]
    assert (many.name, many.charge_mw, many.discharge_mw, many.energy_mwh) == ("ev:added", 70, 0, 600)
    assert (some.name, some.charge_mw, some.discharge_mw, some.energy_mwh) == ("ev:added-2", 50, 50, 400)
    assert state.level_mwh["ev:added"] == pytest.approx(600 * 0.7 / 2)
    plugged = hours.plugged["ev:added"]
    assert plugged[[0, 12]] == pytest.approx([0.7, 0.35])
    assert plugged == pytest.approx(0.7 + np.cumsum(hours.arriving["ev:added"] - hours.leaving["ev:added"]))


def test_added_vehicles_get_what_their_trips_need_and_charge_when_wind_is_plenty():
    system, hours, state = ask(added=("ev:1000",))
    done = roll(system, hours, state, window_h=24, step_h=24).done
    assert not broken(system, hours, done, state)
    burns = {
        u.name: Burns(fuel="lng", gj_per_mwh=8, tco2_per_mwh=0.4, krw_per_mwh=100) for u in system.thermal
    }
    found = account(system, hours, done, burns, state)
    assert found.ev_missing_mwh == pytest.approx(0, abs=1e-6)
    assert found.ev_given_mwh == pytest.approx(0, abs=1e-6)
    stores = ("battery", "ev:added")
    held = sum(done.columns[f"{name}/level"][-1] - state.level_mwh[name] for name in stores)
    assert found.stored_mwh == pytest.approx(held)
    needs = 60 * (0.8 * hours.leaving["ev:added"].sum() - 0.5 * hours.arriving["ev:added"].sum())
    assert found.ev_charged_mwh * 0.93 >= needs - state.level_mwh["ev:added"] - 1e-6
    assert [a.path for a in assumed_with(("ev:1000",))][:2] == [
        "what is added, EVs, battery of a vehicle",
        "what is added, EVs, charger of a vehicle",
    ]


def test_a_condenser_supports_the_grid_where_that_is_asked_for_and_is_refused_where_it_would_stand_still():
    """50 MVA give 250 MVA of short-circuit power; the requirement of 200 is met without a unit, at 0.75 MW of losses."""
    bare = System(
        fleets=(Curtailable(name="wind"),),
        load_classes=EVERYTHING,
        synchronous=Synchronous(short_per_mva_h=9),
    )
    count = np.full(3, 200.0)
    hours = Hours(
        steps=Steps(count=3), demand_mw=np.full(3, 60.0), potential_mw={"wind": np.full(3, 90.0)}, strength_mva=count,
        inertia_mws=np.full(3, 100.0),
    )  # fmt: skip
    system, hours, state = changed(WhatIf(added=("condenser:50MVA",)), bare, hours, State(), LOCAL[:3])
    done = roll(system, hours, state).done
    assert done.injection_mw["electricity"]["condenser:added"] == pytest.approx([-0.75] * 3)
    assert account(system, hours, done, {}, state).turning_mwh == pytest.approx(2.25)
    assert done.total_cost == pytest.approx(0, abs=1e-6)
    with pytest.raises(UsageError, match="would stand still"):
        ask(added=("condenser:50MVA",))


def test_every_word_that_is_wrong_is_told_at_once():
    with pytest.raises(UsageError) as refused:
        ask(
            added=("battery:big", "fusion:1MW", "pv:5MW"),
            without=("link:nowhere",),
            outages=("one 2024-13-45 06:00..18:00", "one 2025-01-01 06:00..18:00"),
        )
    text = str(refused.value)
    assert "6 mistakes" in text
    forms = "battery:100MW/400MWh, electrolyser:30MW@15000KRW/kg, wind:50MW, pv:50MW, link:200MW/100MW"
    forms += ", ev:10000, ev:50MW/400MWh/v2g, condenser:50MVA"
    assert text.count(f"What can be added: {forms}.") == 3
    assert "Known: one, two, lcc, vsc" in text


def test_hydrogen_is_made_where_power_costs_less_than_it_is_worth_and_counted_apart():
    """Worked on paper: 60 MW of demand, gas up to 100 MW at 100 KRW/MWh, wind 50, 80 and 20 MW.

    A MWh of power makes 0.5555 MWh of hydrogen; at 3 KRW/kg that is worth 0.5555 * 3 / 0.03333 = 50 KRW: only the 20 MW
    that are left of wind in the second hour are worth it. 20 * 0.5555 MWh are 333.3 kg, 1,000 KRW.
    """
    system = System(
        thermal=(Thermal(name="gas", max_mw=100, cost_per_mwh=100),), fleets=(Curtailable(name="wind"),),
        load_classes=EVERYTHING,
    )  # fmt: skip
    hours = Hours(
        steps=Steps(count=3), demand_mw=np.full(3, 60.0), potential_mw={"wind": np.array([50.0, 80.0, 20.0])}
    )
    local = LOCAL[:3]
    system, hours, state = changed(
        WhatIf(added=("electrolyser:30MW@3KRW/kg",)), system, hours, State(), local
    )
    done = roll(system, hours, state).done
    assert done.injection_mw["electricity"]["electrolyser:added"] == pytest.approx([0, -20, 0], abs=1e-6)
    burns = {"gas": Burns(fuel="lng", gj_per_mwh=8, tco2_per_mwh=0.4, krw_per_mwh=100)}
    found = account(system, hours, done, burns, state)
    assert found.sold_kg == pytest.approx(20 * 0.5555 / 0.03333)
    assert found.sold_krw == pytest.approx(1000, rel=1e-4)
    assert found.paid_krw == pytest.approx(5000)  # 10 and 40 MWh of gas
    assert found.missed_krw == pytest.approx(0, abs=1e-6)


def test_what_follows_the_wind_or_turns_for_the_grid_can_be_taken_away():
    """A unit takes its condenser and its support of the grid along; a contract forgets loads that are gone."""
    drawn = (any_rich_island(seed, steps=24) for seed in range(300))
    parts = ("ev_fleets", "shiftable", "interruptible", "loads", "matchings")
    system, hours, state = next(
        d for d in drawn if all(getattr(d[0], p) for p in parts) and d[0].condensers[0].of == "one"
    )
    words = WhatIf(without=("one", "ev", "pumps", "works", "ferry"))
    less, left, _state = changed(words, system, hours, state, LOCAL)
    assert (less.ev_fleets, less.shiftable, less.interruptible, less.condensers) == ((), (), (), ())
    assert [m.name for m in less.synchronous.machines] == ["two"]
    assert less.matchings[0].loads == ()
    assert set(left.load_mw) == {"trucks", "green"}
    assert left.plugged == {}


def test_figures_of_nothing_are_refused_where_they_cannot_be_meant():
    with pytest.raises(UsageError) as refused:
        ask(added=("battery:0MW/400MWh", "battery:10MW/0MWh", "wind:0MW", "ev:0"))
    assert [m.seen for m in refused.value.mistakes] == ["battery:0MW/400MWh", "battery:10MW/0MWh", "wind:0MW", "ev:0"]  # fmt: skip
    assert "nothing is added by a figure of 0" in str(refused.value)
    assert ask(added=("link:200MW/0MW",))[0].links[-1].export_mw == 0


def test_what_is_left_out_cannot_fail_as_well():
    with pytest.raises(UsageError) as refused:
        ask(without=("lcc",), outages=("lcc 2024-01-25 06:00..18:00", "one 2024-01-25 06:00..18:00"))
    (mistake,) = refused.value.mistakes
    assert (mistake.seen, mistake.where.path) == ("lcc", "--outage")
