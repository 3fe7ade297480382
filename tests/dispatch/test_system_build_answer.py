import numpy as np
import pytest

from dispatch.making import any_island
from tamna.dispatch.answer import joined, schedule
from tamna.dispatch.build import build
from tamna.optimise.solver import solve


def test_a_part_of_the_hours_is_that_of_every_profile():
    _, hours, _ = any_island(4, steps=20)
    part = hours.part(5, 30)
    assert part.steps.count == 15
    assert part.demand_mw.tolist() == hours.demand_mw[5:].tolist()
    assert part.import_price["lcc"].tolist() == hours.import_price["lcc"][5:].tolist()


def test_the_costs_of_all_shares_are_the_objective():
    system, hours, state = any_island(4, steps=8)
    problem, shares = build(system, hours, state)
    found = solve(problem)
    done = schedule(problem, shares, found)
    assert done.total_cost == pytest.approx(found.objective, rel=1e-9)
    assert np.allclose(sum(done.injection_mw["electricity"].values()), 0, atol=1e-5)


def test_parts_of_a_schedule_join_to_the_whole():
    system, hours, state = any_island(4, steps=8)
    problem, shares = build(system, hours, state)
    done = schedule(problem, shares, solve(problem))
    again = joined([done.first(3), done.first(8)])
    assert len(again.columns["one/on"]) == 11
    assert again.total_cost == pytest.approx(done.total_cost + done.first(3).total_cost)
