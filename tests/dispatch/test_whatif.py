"""What-ifs in a word: read, applied, and refused all at once."""

import numpy as np
import pytest

from dispatch.making import any_island
from tamna.dispatch.whatif import WhatIf, changed
from tamna.errors import UsageError

SYSTEM, HOURS, STATE = any_island(3, steps=24)
LOCAL = np.datetime64("2024-01-25T00", "s") + np.arange(24) * np.timedelta64(3600, "s")


def ask(**words):
    return changed(WhatIf(**words), SYSTEM, HOURS, STATE, LOCAL)


def test_a_battery_is_added_half_full():
    system, _hours, state = ask(added=("battery:100MW/400MWh",))
    added = system.batteries[-1]
    assert (added.charge_mw, added.energy_mwh, state.level_mwh[added.name]) == (100, 400, 200)
    assert added.charging * added.discharging == pytest.approx(0.85)
    assert ask()[0] == SYSTEM


def test_a_link_is_taken_away():
    assert [k.name for k in ask(without=("lcc",))[0].links] == ["vsc"]


def test_a_unit_is_out_for_its_hours_on_the_islands_clock():
    available = ask(outages=("one 2024-01-25 06:00..18:00",))[1].available["one"]
    assert np.flatnonzero(available == 0.0).tolist() == list(range(6, 18))


def test_every_word_that_is_wrong_is_told_at_once():
    with pytest.raises(UsageError) as refused:
        ask(
            added=("battery:big",),
            without=("link:nowhere",),
            outages=("one 2024-13-45 06:00..18:00", "one 2025-01-01 06:00..18:00"),
        )
    text = str(refused.value)
    assert "4 mistakes" in text
    assert "battery:100MW/400MWh" in text
    assert "Known: one, two, lcc, vsc" in text
