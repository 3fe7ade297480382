"""PyPSA and tamna: the same optimum on networks drawn from a seed, both ways; and a case that comes back as it was."""

from dataclasses import fields, replace

import numpy as np
import pytest

from dispatch.making import any_island
from tamna.dispatch.interchange.case import Case, library, read_network, write_network
from tamna.errors import InputError, MissingExtra

pypsa = pytest.importorskip("pypsa", reason="the extra 'pypsa' is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")

from dispatch.interchange.networks import committing, drawn, linear, optimum, own_optimum  # noqa: E402
from tamna.dispatch.interchange.inward import from_pypsa  # noqa: E402
from tamna.dispatch.interchange.outward import META, to_pypsa  # noqa: E402

SAME = 1e-6


@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.slow) for s in (0, 2, 3, 4, 5))])
def test_pypsa_finds_the_optimum_of_an_island_without_on_and_off(seed):
    case = linear(seed)
    network = to_pypsa(case)
    assert network.meta[META]["not_in_pypsa"] == []
    assert optimum(network) == pytest.approx(own_optimum(case), rel=SAME)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(s, marks=pytest.mark.slow) for s in (0, 2, 3, 4, 5, 6, 7))]
)
def test_pypsa_finds_the_optimum_of_an_island_that_commits(seed):
    case = committing(seed)
    network = to_pypsa(case)
    assert network.meta[META]["not_in_pypsa"] == []
    assert optimum(network) == pytest.approx(own_optimum(case), rel=SAME)


@pytest.mark.parametrize(
    ("seed", "commit"),
    [(4, True), *(pytest.param(s, c, marks=pytest.mark.slow) for s in (0, 1, 2, 3) for c in (False, True))],
)  # fmt: skip
def test_tamna_finds_the_optimum_of_a_network_that_a_pypsa_user_drew(seed, commit):
    network = drawn(seed, commit=commit)
    assert own_optimum(from_pypsa(network)) == pytest.approx(optimum(network), rel=SAME)


def assert_same(a: Case, b: Case):
    for f in fields(a.system):
        assert getattr(a.system, f.name) == getattr(b.system, f.name), f.name
    assert a.state == b.state
    assert a.hours.steps == b.hours.steps
    for name in ("demand_mw", "hydrogen_mw", "floor_mw"):
        left, right = getattr(a.hours, name), getattr(b.hours, name)
        assert (left is None and right is None) or left == pytest.approx(right, rel=1e-9)
    for name in ("potential_mw", "import_price", "export_price", "must_take_mw", "reserve_mw", "available"):
        left, right = getattr(a.hours, name), getattr(b.hours, name)
        for key in left.keys() | right.keys():
            still = 1.0 if name == "available" else 0.0
            one, other = (np.broadcast_to(of.get(key, still), (a.hours.steps.count,)) for of in (left, right))
            assert one == pytest.approx(other, rel=1e-9, abs=1e-9), (name, key)


@pytest.mark.parametrize("seed", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_a_case_with_everything_comes_back_from_a_file_as_it_was(seed, tmp_path):
    """Cost curves, kinds of start, poles, standby, reserve, a floor: what PyPSA has no word for as well."""
    system, hours, state = any_island(seed, steps=12)
    labels = tuple(f"2024-01-25 {h:02}:00" for h in range(12))
    hours = replace(
        hours, floor_mw=np.full(12, 15.0), reserve_mw={"up": np.full(12, 4.0)} if system.reserves else {},
        steps=replace(hours.steps, labels=labels),
    )  # fmt: skip
    case = Case(system=system, hours=hours, state=state)
    write_network(to_pypsa(case), tmp_path / "island.nc")
    assert_same(case, from_pypsa(read_network(tmp_path / "island.nc")))


@pytest.mark.parametrize("make", [committing, pytest.param(linear, marks=pytest.mark.slow)])
def test_a_plain_case_comes_back_with_its_price_of_co2(make, tmp_path):
    case = make(2)
    write_network(to_pypsa(case), tmp_path / "island.nc")
    assert_same(case, from_pypsa(read_network(tmp_path / "island.nc")))


def test_what_was_changed_in_pypsa_stands_and_the_rest_comes_back():
    system, hours, state = any_island(3, steps=6)
    network = to_pypsa(Case(system=system, hours=hours, state=state))
    network.generators.loc["two", "min_up_time"] = 5
    network.storage_units.loc["battery", "max_hours"] = 4.0
    network.loads_t.p_set["demand"] = 100.0
    network.remove("Link", "cell")
    back = from_pypsa(network)
    assert back.system.thermal[1] == replace(system.thermal[1], min_up_h=5.0)
    assert back.system.thermal[0] == system.thermal[0]
    assert back.system.batteries == (replace(system.batteries[0], energy_mwh=100.0),)
    assert back.system.fuel_cells == ()
    assert back.hours.demand_mw.tolist() == [100.0] * 6
    assert (
        back.system.load_classes == ()
    )  # what may be shed was not changed with it: a unit now, as PyPSA has it
    assert back.system.thermal[2].name == "demand/all_unserved"


def test_what_cannot_be_taken_is_listed_by_component_name_and_attribute():
    network = drawn(0)
    network.add("Bus", "north", carrier="AC")
    network.add("Load", "village", bus="north", p_set=5)
    network.add("Line", "valley", bus0="island", bus1="north", x=0.1, s_nom=50)
    network.add("Generator", "new", bus="island", p_nom_extendable=True, capital_cost=9)
    network.add("Generator", "curved", bus="island", p_nom=5, marginal_cost_quadratic=0.2)
    network.add("Generator", "stopped", bus="island", p_nom=5, committable=True, shut_down_cost=80)
    network.add("StorageUnit", "dam", bus="island", p_nom=5, inflow=2.0)
    network.add("Link", "lossy", bus0="abroad", bus1="island", p_nom=10, p_min_pu=-1, efficiency=0.97)
    network.add("GlobalConstraint", "least", sense=">=", constant=1.0)
    with pytest.raises(InputError) as refused:
        from_pypsa(network)
    said = str(refused.value)
    for place in (
        "Line 'valley', bus0: tamna has one bus of electricity",
        "Bus 'north', loads: a second bus with a load",
        "Generator 'new', p_nom_extendable: its capacity is still to be chosen",
        "Generator 'curved', marginal_cost_quadratic: tamna has no word for it (got 0.2)",
        "Generator 'stopped', shut_down_cost: tamna has no word for it (got 80)",
        "StorageUnit 'dam', inflow: tamna has no word for it (got 2)",
        "Link 'lossy', p_min_pu: a two-way link with an efficiency makes energy when it runs backwards",
        "GlobalConstraint 'least', type: tamna knows one limit on CO2",
    ):
        assert place in said
    assert all(m.todo for m in refused.value.mistakes)


def test_steps_that_weigh_unequally_are_refused():
    network = drawn(0)
    network.snapshot_weightings.loc[network.snapshots[3], "objective"] = 3.0
    with pytest.raises(InputError, match="snapshot_weightings: steps of tamna are equally long"):
        from_pypsa(network)


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / "x.nc").write_text("nothing")
    with pytest.raises(InputError, match="no network of PyPSA"):
        read_network(tmp_path / "x.nc")
    with pytest.raises(InputError, match="no such file"):
        read_network(tmp_path / "y.nc")


def test_a_meta_that_names_what_no_block_knows_is_refused():
    case = linear(1, steps=3)
    network = to_pypsa(case)
    network.meta[META]["case"]["system"]["thermal"][0]["kind"] = "os.system"
    with pytest.raises(InputError, match="this version of tamna does not know"):
        from_pypsa(network)


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch):
    def missing(_name):
        raise ImportError

    monkeypatch.setattr("tamna.dispatch.interchange.case.import_module", missing)
    with pytest.raises(MissingExtra, match=r"pip install 'tamna\[pypsa\]'"):
        library()
