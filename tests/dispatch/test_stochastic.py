"""One commitment for two paths, by hand, and on random islands."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.making import any_island
from tamna.dispatch.build import build
from tamna.dispatch.check.whole import broken
from tamna.dispatch.stochastic import commit_for_paths
from tamna.dispatch.system import Hours, State, System
from tamna.optimise.blocks.demand import LoadClass
from tamna.optimise.blocks.thermal_unit import Start, Thermal, ThermalState
from tamna.optimise.paths import Risk
from tamna.optimise.problem import Steps
from tamna.optimise.solver import How, solve

SURE = How(gap=1e-9)
BASE = Thermal(name="base", max_mw=100, cost_per_mwh=20)
PEAK = Thermal(name="peak", max_mw=100, min_mw=10, cost_per_mwh=30, starts=(Start(off_h=0, cost=2000),))
ISLAND = System(thermal=(BASE, PEAK), load_classes=(LoadClass(name="all", share=1, lost_per_mwh=150),))


def day(demand):
    return Hours(steps=Steps(count=len(demand)), demand_mw=np.array(demand, dtype=float))


CALM, HOT = day([80, 80]), day([80, 120])
"""The hot path lacks 20 MWh without the peak unit: 3000. With it: 2000 + 20 * 30 = 2600, and 2000 + 10 * (30 - 20) if calm."""


def test_the_peak_unit_is_started_where_the_hot_path_is_likely():
    """Starting saves 400 if it gets hot and costs 2100 if not: it pays from a chance of 2100 / 2500 = 0.84 on."""
    for chance, started in ((0.8, False), (0.9, True)):
        found = commit_for_paths(ISLAND, [CALM, HOT], State(), probability=[1 - chance, chance], how=SURE)
        assert found.on["peak"].tolist() == [False, started]
    sure = commit_for_paths(ISLAND, [HOT], State(), how=SURE)
    assert sure.on["peak"].tolist() == [False, True]
    assert sure.expected == pytest.approx(80 * 20 + 100 * 20 + 2600)


def test_whoever_fears_the_worst_starts_it():
    """Worst: 6600 without, 6200 with. Mean at 0.5: 0.5 * 3000 = 1500 without, 0.5 * 2600 + 0.5 * 2100 with."""
    paths, chance = [CALM, HOT], [0.5, 0.5]
    mean = commit_for_paths(ISLAND, paths, State(), probability=chance, how=SURE)
    averse = commit_for_paths(
        ISLAND, paths, State(), probability=chance, risk=Risk(weight=1, level=0.5), how=SURE
    )
    assert not mean.on["peak"].any()
    assert mean.cost.tolist() == pytest.approx([3200, 3600 + 3000])
    assert averse.on["peak"].tolist() == [False, True]
    assert averse.cost.tolist() == pytest.approx([3200 + 2000 + 10 * 10, 3600 + 2600])
    assert averse.objective == pytest.approx(averse.worst(0.5)) == pytest.approx(6200)
    assert mean.expected < averse.expected


def test_both_ends_of_the_risk_are_the_mean_and_the_worst():
    paths, chance = [CALM, HOT], [0.5, 0.5]
    mean = commit_for_paths(ISLAND, paths, State(), probability=chance, how=SURE)
    for risk in (Risk(weight=0.0, level=0.9), Risk(weight=1.0, level=0.0)):
        same = commit_for_paths(ISLAND, paths, State(), probability=chance, risk=risk, how=SURE)
        assert same.objective == pytest.approx(mean.expected)
    worst = commit_for_paths(
        ISLAND, paths, State(), probability=chance, risk=Risk(weight=1, level=0.99), how=SURE
    )
    assert worst.objective == pytest.approx(worst.cost.max())


def test_one_path_is_the_problem_itself():
    system, hours, state = any_island(4, steps=8)
    alone = commit_for_paths(system, [hours], state, how=How(gap=1e-6))
    assert alone.objective == pytest.approx(
        solve(build(system, hours, state)[0], How(gap=1e-6)).objective, rel=1e-5
    )


@pytest.mark.parametrize("seed", [2, 9])
def test_every_path_keeps_every_rule_and_the_same_units_are_on(seed):
    system, hours, state = any_island(seed, steps=8)
    system = replace(system, reserves=())
    windier = replace(hours, potential_mw={"wind": hours.potential_mw["wind"] * 0.5})
    more = replace(hours, demand_mw=hours.demand_mw * 1.1)
    found = commit_for_paths(system, [hours, windier, more], state, how=How(gap=1e-3, time_limit_s=20))
    for path, done in zip((hours, windier, more), found.schedules, strict=True):
        assert not [str(b) for b in broken(system, path, done, state)]
        for name, on in found.on.items():
            assert ((done.columns[f"{name}/on"] > 0.5) == on).all()
    assert found.expected >= found.bound - 1e-6


def test_knowing_the_path_is_never_dearer_than_deciding_for_all():
    paths = [CALM, HOT]
    each = [commit_for_paths(ISLAND, [p], State(), how=SURE).expected for p in paths]
    assert commit_for_paths(ISLAND, paths, State(), how=SURE).expected >= np.mean(each) - 1e-6


def test_a_start_is_paid_on_every_path_alike():
    before = State(thermal={"peak": ThermalState(on=True, hours=5, mw=10)})
    found = commit_for_paths(ISLAND, [CALM, HOT], before, how=SURE)
    assert found.on["peak"].all()
    assert found.cost.tolist() == pytest.approx([80 * 40 + 2 * 10 * 10, 80 * 20 + 100 + 100 * 20 + 20 * 30])


def test_without_time_one_commitment_for_all_paths_is_rounded_and_its_bound_holds():
    system, hours, state = any_island(3, steps=12)
    paths = [hours, replace(hours, demand_mw=hours.demand_mw * 1.1)]
    in_time = commit_for_paths(system, paths, state, how=How(gap=1e-2, time_limit_s=20))
    cut_off = commit_for_paths(system, paths, state, how=How(time_limit_s=0.0))
    assert np.isfinite(cut_off.gap)
    assert cut_off.bound <= in_time.objective + 1e-6
    assert cut_off.objective >= in_time.bound - 1e-6
    for path, done in zip(paths, cut_off.schedules, strict=True):
        assert broken(system, path, done, state) == ()
