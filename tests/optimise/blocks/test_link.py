from dataclasses import replace

import numpy as np
import pytest

from optimise.blocks.golden import assert_golden, text_of
from tamna.errors import InputError
from tamna.optimise.blocks.demand import LoadClass, add_demand
from tamna.optimise.blocks.link import Link, LinkState, add_link
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import ELECTRICITY, Share, add_balance
from tamna.optimise.solver import solve

LCC = Link(
    name="hvdc1",
    import_mw=100,
    export_mw=100,
    technology="lcc",
    poles=2,
    min_transfer=0.2,
    reversal_h=2,
    loss=0.0,
)


def solved(link, net_demand, *, state=None, buy=10.0, sell=5.0, lost=100.0, **kwargs):
    """Net demand below zero is a surplus that can only be exported or lost at a cost."""
    net = np.asarray(net_demand, dtype=float)
    p = Problem(Steps(count=len(net)))
    share = add_link(p, link, state, import_price=buy, export_price=sell, **kwargs)
    classes = (LoadClass(name="all", share=1, lost_per_mwh=lost),)
    surplus = p.columns("surplus", upper=np.maximum(-net, 0), cost=-lost)
    used = Share(name="surplus", injection_mw={ELECTRICITY: surplus})
    add_balance(p, [share, used, add_demand(p, "demand", demand_mw=np.maximum(net, 0), classes=classes)])
    found = solve(p)
    return (found["hvdc1/import"] - found["hvdc1/export"]).round(6).tolist(), found, share


def test_the_equations_are_the_golden_ones():
    state = LinkState(way="import", idle_h=1)
    assert_golden(
        "link_lcc", text_of(lambda p: add_link(p, LCC, state, import_price=[9, 8, 7, 6], export_price=5))
    )
    vsc = Link(name="hvdc3", import_mw=200, export_mw=150, loss=0.03)
    assert_golden(
        "link_vsc", text_of(lambda p: add_link(p, vsc, import_price=9, export_price=5, exclusive=True))
    )


def test_a_vsc_passes_through_zero_freely():
    vsc = Link(name="hvdc1", import_mw=100, export_mw=100)
    flow, found, _ = solved(vsc, [5, -3, 4])
    assert flow == [5, -3, 4]
    assert found.objective == pytest.approx(10 * 9 - 5 * 3 - 100 * 3)


def test_losses_are_paid_by_who_sends():
    """90 MW wanted at 10 % loss are 100 sent and paid; 50 MW exported arrive and are sold as 45."""
    lossy = Link(name="hvdc1", import_mw=200, export_mw=100, loss=0.1)
    flow, found, _ = solved(lossy, [90, -50])
    assert flow == [100, -50]
    assert found.objective == pytest.approx(100 * 10 - 45 * 5 - 50 * 100)


def test_a_pole_is_off_or_above_its_minimum():
    """A pole carries 10 to 50 MW: 5 MW cannot be imported at all, 60 need both poles."""
    flow, found, _ = solved(LCC, [5, 60, 10])
    assert flow == [0, 60, 10]
    assert (found["hvdc1/import_1"].round()[1], found["hvdc1/import_2"].round()[1]) == (0, 1)


def test_turning_takes_its_waiting_time():
    """Two hours without flow between import and export: 20 MW lost once are cheaper than what waits."""
    flow, _, _ = solved(LCC, [50, 50, 20, 20, -50, -50])
    assert flow == [50, 50, 0, 0, -50, -50]


def test_the_waiting_time_reaches_back_before_the_first_hour():
    flow, _, _ = solved(LCC, [-50, -50, -50], state=LinkState(way="import", idle_h=1))
    assert flow == [0, -50, -50]
    flow, _, _ = solved(LCC, [-50, -50, -50], state=LinkState(way="export", idle_h=0))
    assert flow == [-50, -50, -50]


def test_a_pole_out_of_service_halves_the_link():
    flow, _, _ = solved(LCC, [90, 90], available=[1, 0.5])
    assert flow == [90, 50]


def test_headroom_of_an_lcc_is_that_of_its_poles_without_turning():
    _, found, share = solved(LCC, [60, 0, 0, -30])
    up, down = found.of(share.up_mw[0]), found.of(share.down_mw[0])
    assert up[0] == pytest.approx(40)
    assert down[0] == pytest.approx(60 - 20)
    poles = found["hvdc1/export_1"].round()[3] + 2 * found["hvdc1/export_2"].round()[3]
    assert up[3] == pytest.approx(30 - 10 * poles)
    assert down[3] == pytest.approx(50 * poles - 30)


def test_headroom_of_a_vsc_reaches_over_zero():
    _, found, share = solved(Link(name="hvdc1", import_mw=100, export_mw=80), [60])
    assert (found.of(share.up_mw[0])[0], found.of(share.down_mw[0])[0]) == pytest.approx((40, 140))


def test_buying_and_selling_at_once_pays_only_on_paper():
    vsc = Link(name="hvdc1", import_mw=100, export_mw=100)
    _, loose, _ = solved(vsc, [10], buy=4)
    assert min(loose["hvdc1/import"][0], loose["hvdc1/export"][0]) > 1
    flow, strict, _ = solved(vsc, [10], buy=4, exclusive=True)
    assert flow == [10]
    assert min(strict["hvdc1/import"][0], strict["hvdc1/export"][0]) == pytest.approx(0, abs=1e-6)


def test_figures_that_cannot_be_meant_come_all_at_once():
    p = Problem(Steps(count=1))
    add_balance(p, [add_link(p, Link(name="x", import_mw=-1, export_mw=1, loss=3, technology="lcc", poles=0),
                             import_price=1, export_price=1)])  # fmt: skip
    with pytest.raises(InputError) as refused:
        solve(p)
    assert "link 'x', loss: must lie in [0, 1] (got 3). Give a fraction: write 0.03 for 3 %." in str(
        refused.value
    )
    assert len(refused.value.mistakes) == 3


def test_a_pole_has_the_same_least_flow_both_ways_though_less_is_sent_out():
    """Poles of 50 MW in and 20 MW out, 10 MW each at least: 9 MW go neither way, 11 MW both."""
    link = replace(LCC, export_mw=40, min_export_transfer=0.5, reversal_h=0)
    flow, _, _ = solved(link, [9, 11, -9, -11, -40])
    assert flow == [0, 11, 0, -11, -40]
