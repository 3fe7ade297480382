"""What-ifs in a word: read, applied, and refused all at once."""

import numpy as np
import pytest

from dispatch.making import EVERYTHING, any_island
from tamna.dispatch.account import account
from tamna.dispatch.assets import Burns
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours, State, System
from tamna.dispatch.whatif import WhatIf, changed
from tamna.errors import UsageError
from tamna.optimise.blocks.curtailable import Curtailable
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
