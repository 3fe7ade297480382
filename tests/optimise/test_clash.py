import pytest

from tamna.errors import Infeasible
from tamna.optimise.blocks.demand import add_demand
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState
from tamna.optimise.clash import explain
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import add_balance

HOURS = tuple(f"2024-01-25 {h:02}:00" for h in range(6))
GAS = Thermal(name="gas", max_mw=100, min_mw=40, cost_per_mwh=10, min_up_h=3)


def island(demand, unit=GAS, state=None, more=()):
    p = Problem(Steps(count=6, labels=HOURS))
    shares = [add_thermal(p, unit, state), add_demand(p, "demand", demand_mw=demand)]
    add_balance(p, [*shares, *(add_thermal(p, u) for u in more)])
    return p


def test_a_problem_with_an_answer_has_no_clash():
    assert explain(island([50] * 6)) is None


def test_demand_above_all_capacity_is_said_with_its_hour_and_what_is_missing():
    coal = Thermal(name="coal", max_mw=30)
    clash = explain(island([50, 50, 50, 150, 50, 50], Thermal(name="gas", max_mw=100), more=[coal]))
    assert {(m.name, m.steps) for m in clash.members} == {
        ("balance/electricity", (3,)), ("gas/power", (3,)), ("coal/power", (3,)),
    }  # fmt: skip
    ((gives),) = clash.gives_way
    assert (gives.name, gives.step) == ("balance/electricity", 3)
    assert abs(gives.by) == pytest.approx(20)
    said = str(clash.error(Steps(count=6, labels=HOURS)))
    assert "'gas' gives at most its capacity (2024-01-25 03:00)" in said
    assert isinstance(clash.error(Steps(count=6)), Infeasible)


def test_a_clash_of_whole_numbers_names_on_and_off():
    """20 MW lie below the least output of 40: only half a unit could serve them."""
    clash = explain(island([50, 50, 20, 50, 50, 50]))
    names = {m.name for m in clash.members}
    assert {"gas/on", "balance/electricity"} <= names
    assert all(m.steps == (2,) for m in clash.members)
    assert clash.gives_way[0].by == pytest.approx(20)
    assert clash.softened.objective == pytest.approx(10 * (50 * 5 + 40))


def test_the_state_before_the_start_can_be_a_part_of_the_clash():
    """Stopped an hour ago and bound to stay off for four: nobody serves the first three hours."""
    unit = Thermal(name="gas", max_mw=100, min_mw=10, min_down_h=4, cost_per_mwh=1)
    clash = explain(island([50] * 6, unit, ThermalState(on=False, hours=1)))
    assert "gas/on" in {m.name for m in clash.members}
    assert [g.step for g in clash.gives_way] == [0, 1, 2]


def test_the_softened_answer_breaks_least_and_then_costs_least():
    cheap, dear = (
        Thermal(name="cheap", max_mw=60, cost_per_mwh=1),
        Thermal(name="dear", max_mw=60, cost_per_mwh=9),
    )
    clash = explain(island([100, 130, 100, 100, 100, 100], cheap, more=[dear]))
    assert sum(abs(g.by) for g in clash.gives_way) == pytest.approx(10)
    assert clash.softened["cheap/power"].tolist() == pytest.approx([60] * 6)
