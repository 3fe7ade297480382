"""Units of a grid file with curves of heat, kinds of start, must-run and a state before: what paper says they cost."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tamna.dispatch.account import account
from tamna.dispatch.check.whole import broken
from tamna.dispatch.island import stand
from tamna.dispatch.rolling import roll
from tamna.dispatch.system import Hours
from tamna.grid.load import island_from
from tamna.optimise.blocks.co2 import Co2
from tamna.optimise.blocks.link import LinkState
from tamna.optimise.blocks.thermal_unit import FOREVER_H, ThermalState
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How

DAY = date(2024, 1, 25)
UNIT = {
    "name": "steam", "zone": "isle", "fuel": "oil", "capacity_mw": 100, "min_output": 0.4, "start_cost_krw": 0,
    "heat_curve": [
        {"share": 0.4, "gj_per_mwh": 10.0}, {"share": 0.7, "gj_per_mwh": 9.0}, {"share": 1.0, "gj_per_mwh": 9.2},
    ],
}  # fmt: skip


def isle(*units, **more):
    return island_from(
        {
            "name": "isle", "title": {"ko": "섬", "en": "Isle"}, "timezone": "Asia/Seoul",
            "zones": [{"name": "isle"}, {"name": "far", "external": True}],
            "fuels": [{"name": "oil", "renewable": False, "tco2e_per_gj": 0.08, "krw_per_gj": 20_000}],
            "thermal": list(units), **more,
        }
    )  # fmt: skip


def run(island, demand, *, co2=None, gap=1e-6, window_h=48.0, step_h=24.0, start_mw=None):
    """Dispatch an island whose only supply are its units; gives the output of each, the account and the answer."""
    stands = stand(island, DAY)
    system = replace(stands.system, reserves=(), co2=co2)
    n = len(demand)
    none = {f.name: np.zeros(n) for f in system.fleets}
    prices = {k.name: np.full(n, 9e6) for k in system.links}
    hours = Hours(
        steps=Steps(count=n), demand_mw=np.array(demand, dtype=float), potential_mw=none,
        import_price=prices, export_price={k: np.zeros(n) for k in prices},
    )  # fmt: skip
    rolled = roll(system, hours, stands.state, window_h=window_h, step_h=step_h, how=How(gap=gap))
    assert not broken(system, hours, rolled.done, stands.state)
    told = account(system, hours, rolled.done, stands.burns, stands.state)
    return rolled.done.injection_mw["electricity"], told, rolled


def test_heat_follows_the_curve_and_carbon_follows_the_heat():
    """40 MW take 400 GJ/h, 70 take 630, 100 take 920: 80 MW take 630 + 10 x 29/3 = 726.7."""
    _power, told, _rolled = run(isle(UNIT), [40, 80, 100], co2=Co2(price_per_t=1000.0))
    gj = 400 + 726 + 2 / 3 + 920
    assert told.fuel_gj["oil"] == pytest.approx(gj)
    assert told.units_tco2 == pytest.approx(0.08 * gj)
    assert told.paid_krw == pytest.approx(20_000 * gj + 1000 * 0.08 * gj)


def test_a_cap_counts_the_carbon_of_the_curve_over_windows():
    _power, _told, rolled = run(isle(UNIT), [80.0] * 6, co2=Co2(cap_t=1000.0), window_h=4, step_h=2)
    assert rolled.end.emitted_t == pytest.approx(6 * 0.08 * (630 + 290 / 3))


def test_a_quadratic_lies_above_itself_by_no_more_than_a_thousandth():
    """100 + 6 p + 0.02 p² GJ/h."""
    unit = {k: v for k, v in UNIT.items() if k != "heat_curve"}
    bent = unit | {"heat_quadratic": {"gj_per_h": 100, "gj_per_mwh": 6, "gj_per_mw2_h": 0.02}}
    outputs = np.array([40.0, 63.0, 77.0, 100.0])
    _power, told, _rolled = run(isle(bent), outputs)
    exact = (100 + 6 * outputs + 0.02 * outputs**2).sum()
    assert exact <= told.fuel_gj["oil"] <= exact + 4 * 1e-3 * 900


def test_equal_slopes_share_a_load_between_two_curves():
    """Below 70 MW a MWh more takes 23/3 GJ, above 29/3: 130 MW are best as 70 and 60, or the other way round."""
    _power, told, _rolled = run(isle(UNIT, UNIT | {"name": "other"}), [130.0] * 3)
    assert told.fuel_gj["oil"] == pytest.approx(3 * (630 + 400 + 20 * 23 / 3))


STARTS = [
    {"off_h": 0, "cost_krw": 1_000},
    {"off_h": 4, "cost_krw": 50_000},
    {"off_h": 8, "cost_krw": 700_000},
]


@pytest.mark.parametrize(("off", "paid"), [(3, 1_000), (4, 50_000), (7, 50_000), (8, 700_000)])
@pytest.mark.parametrize("step", [1, 2, 12])
def test_a_start_is_as_cold_as_the_hours_before_the_file_and_the_window_made_it(off, paid, step):
    """Off for `off` hours when it is needed, one of them before the first hour: whichever window the start falls into."""
    cold = UNIT | {"starts": STARTS, "before": {"on": False, "hours": 1}}
    del cold["start_cost_krw"]
    demand = [0.0] * (off - 1) + [70.0] * 3
    _power, told, _rolled = run(isle(cold), demand, window_h=12, step_h=step)
    assert told.paid_krw - 20_000 * told.fuel_gj["oil"] == pytest.approx(paid)
    assert told.starts == {"thermal:steam": 1}


def test_a_unit_that_must_run_is_on_in_every_hour():
    """The dear one gives at least its 20 MW; at 50 MW that leaves 30, less than the other can give, which stops."""
    dear = UNIT | {
        "name": "dear",
        "must_run": True,
        "min_output": 0.2,
        "heat_curve": [{"share": 0.2, "gj_per_mwh": 20}, {"share": 1, "gj_per_mwh": 20}],
    }
    power, _told, _rolled = run(isle(UNIT, dear), [70.0, 50.0, 70.0])
    assert power["thermal:dear"] == pytest.approx([20, 50, 20])
    assert power["thermal:steam"] == pytest.approx([50, 0, 50])


def test_first_and_last_hours_and_the_state_before_are_the_files():
    unit = UNIT | {"start_mw": 55, "stop_mw": 45, "before": {"on": True, "hours": 3, "mw": 90}}
    link = {
        "name": "cable", "zone": "isle", "beyond": "far", "technology": "lcc", "import_mw": 50, "export_mw": 50,
        "loss": 0.0, "before": {"way": "export", "idle_h": 1.5},
    }  # fmt: skip
    stands = stand(isle(unit, UNIT | {"name": "other"}, links=[link]), DAY)
    steam, other = stands.system.thermal
    assert (steam.start_mw, steam.stop_mw) == (55, 45)
    assert stands.state.thermal["thermal:steam"] == ThermalState(on=True, hours=3, mw=90)
    assert stands.state.thermal["thermal:other"] == ThermalState(on=True, hours=FOREVER_H, mw=40)
    assert stands.state.links == {"link:cable": LinkState(way="export", idle_h=1.5)}
    assert (other.start_mw, other.stop_mw) == (100, 100)
    assert "thermal units, on before the first hour" in {a.path for a in stands.assumed}


def test_what_every_unit_says_is_not_assumed():
    told = UNIT | {"start_mw": 55, "stop_mw": 45, "before": {"on": False}}
    paths = {a.path for a in stand(isle(told), DAY).assumed}
    assert "thermal units, on before the first hour" not in paths
    assert "thermal units, first_and_last_hour" not in paths
