import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import InputError
from tamna.optimise.blocks.curve import quadratic
from tamna.optimise.blocks.demand import add_demand
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.blocks.thermal_unit import Thermal
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import add_balance
from tamna.optimise.solver import solve

FIGURES = {"per_h": 200.0, "per_mwh": 12.0, "per_mw2_h": 0.08}


def unit(error, *, name="g", low=20.0, high=120.0):
    curve = quadratic(name, **FIGURES, min_mw=low, max_mw=high, error_per_h=error)
    return curve, Thermal(
        name=name, min_mw=low, max_mw=high, on_cost_per_h=curve.on_cost_per_h, segments=curve.segments
    )


def test_the_equations_are_the_golden_ones():
    assert_golden("thermal_quadratic", text_of(lambda p: add_thermal(p, unit(50.0)[1]), steps=2))


@pytest.mark.parametrize("error", [200.0, 50.0, 5.0, 1.0])
def test_the_pieces_lie_above_the_curve_by_no_more_than_is_stated(error):
    curve, _unit = unit(error)
    assert curve.error_per_h <= error * (1 + 1e-9)
    mw = np.linspace(20, 120, 1001)
    ends = 20 + np.cumsum([0, *(s.width_mw for s in curve.segments)])
    costs = curve.on_cost_per_h + np.cumsum([0, *(s.width_mw * s.cost_per_mwh for s in curve.segments)])
    over = np.interp(mw, ends, costs) - (200 + 12 * mw + 0.08 * mw**2)
    assert over.min() >= -1e-9
    assert over.max() == pytest.approx(curve.error_per_h, rel=1e-2)


def test_the_fewest_pieces_are_taken():
    """0.08 * 100² / 4 = 200 with one piece, 50 with two, 22.2 with three."""
    assert [len(unit(e)[0].segments) for e in (200.0, 199.0, 50.0, 49.0)] == [1, 2, 2, 3]


def test_two_equal_units_share_a_load_where_their_slopes_meet():
    """120 MW of two units with error 0.5: 60 each within a piece (2 * 0.08 * 60 + 12 a MWh); cost within the error."""
    problem = Problem(Steps(count=1))
    units = [unit(0.5, name=name)[1] for name in ("a", "b")]
    shares = [add_thermal(problem, u) for u in units]
    add_balance(problem, [*shares, add_demand(problem, "demand", demand_mw=[120.0])])
    cost = solve(problem).objective
    exact = 2 * (200 + 12 * 60 + 0.08 * 60**2)
    assert exact - 1e-6 <= cost <= exact + 2 * 0.5


def test_without_a_bend_one_piece_is_exact():
    curve = quadratic("g", per_h=5, per_mwh=3, per_mw2_h=0, min_mw=1, max_mw=2, error_per_h=0.1)
    assert (len(curve.segments), curve.error_per_h, curve.on_cost_per_h) == (1, 0, 8)


def test_what_cannot_be_meant_is_told_at_once():
    with pytest.raises(InputError) as told:
        quadratic("g", per_h=0, per_mwh=1, per_mw2_h=-1, min_mw=5, max_mw=4, error_per_h=1)
    assert "per_mw2_h" in str(told.value)
    assert "must not lie above max_mw" in str(told.value)
    with pytest.raises(InputError, match="takes more than 50 pieces"):
        quadratic("g", **FIGURES, min_mw=20, max_mw=120, error_per_h=1e-4)
