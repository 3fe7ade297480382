"""Declared boundaries: who is counted where."""

from __future__ import annotations

from dataclasses import replace

from measure.island_of import generation, island
from tamna.lang import _
from tamna.measure import ALL, BOUNDARIES, Boundary

EVERYTHING = island(
    [100.0], wind=[1.0], pv=[1.0], wind_ppa=[1.0], pv_ppa=[1.0], pv_btm=[1.0], bio=[1.0], waste=[1.0],
    lng=[1.0], nuclear=[1.0],
)  # fmt: skip


def names(boundary, trait="renewable", hours=EVERYTHING):
    return set(BOUNDARIES[boundary].resolve(hours, trait).names)


def test_each_boundary_counts_more_than_the_one_before():
    assert names("settled") == {"wind", "pv"}
    assert names("ppa") == names("settled") | {"wind_ppa", "pv_ppa"}
    assert names("btm") == names("ppa") | {"pv_btm"}
    for name in ("settled", "ppa", "btm"):
        assert names(f"{name}_bio") == names(name) | {"bio"}


def test_carbon_free_counts_nuclear_and_not_bio():
    assert names("settled", "carbon_free") == {"wind", "pv", "nuclear"}
    assert names("settled_bio", "carbon_free") == {"wind", "pv", "nuclear"}


def test_only_what_the_demand_is_net_of_joins_the_load():
    assert [c.name for c in BOUNDARIES["btm"].resolve(EVERYTHING).added_to_load] == ["pv_btm"]
    assert BOUNDARIES["ppa"].resolve(EVERYTHING).added_to_load == ()


def test_other_renewables_stand_with_bio():
    h = island(
        [100.0], wind=[1.0], other=replace(generation("bio", [1.0]), name="o", group="other_renewable")
    )
    assert names("settled", hours=h) == {"wind"}
    assert names("settled_bio", hours=h) == {"wind", "o"}


def test_bio_heavy_oil_without_data_is_not_replaced_by_a_little_waste():
    waste = replace(generation("waste", [1.0]), renewable=True)
    h = island([100.0], wind=[1.0], bio=None, waste=waste)
    assert [str(p.title) for p in BOUNDARIES["settled_bio"].resolve(h).empty] == ["bio"]


def test_an_island_without_any_waste_still_has_a_boundary_with_bio():
    h = island([100.0], wind=[1.0], bio=[1.0])
    assert BOUNDARIES["settled_bio"].resolve(h).empty == ()


def test_a_boundary_of_ones_own_counts_exactly_its_classes():
    own = Boundary.of_classes("own", _("wind and LNG"), ("wind", "lng"))
    assert own.resolve(EVERYTHING).names == ("wind", "lng")


def test_names_are_unique_and_fit_into_a_column_name():
    assert len({b.name for b in ALL}) == len(ALL) == 6
    assert all(b.name.replace("_", "").isalnum() for b in ALL)
