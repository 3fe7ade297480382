"""A product served over a link, and the export rule of its zone, on the made-up typical year."""

import numpy as np
import pytest

from prove.making import farm
from tamna.errors import GridError, UsageError
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product
from tamna.ledger.book import fold
from tamna.ledger.event import Kind
from tamna.ledger.invariants import broken
from tamna.ledger.residual import residual
from tamna.runs import ingest, open_store
from tamna.runs.proving import prove
from tamna.runs.told import untold
from tamna.sources.synthetic import typical_year

ISLAND = load_island("typical-jeju")
AT = np.datetime64("2024-02-01T00:00:00", "s")
DAYS = parse_period("2023-04-01", "2023-04-03", ISLAND.timezone)
N = 72
FARM = farm(annual_mwh=1000)
FAR = """
geography: link
plants:
  - {name: mill, kind: wind, owner: busan, capacity_kw: 500, commissioned: 2020-01-01, zone: mainland, series: far/mill}
papers:
  - {number: PPA-7, scheme: ppa, first: 2023-01-01, last: 2023-12-31, plant: mill}
"""


def series(folder, name, kwh):
    file = name.replace("/", "-")
    (folder / f"{file}.csv").write_text(
        f"time,{file}\n"
        + "".join(f"2023-04-{1 + h // 24:02}T{h % 24:02}:00:00,{v}\n" for h, v in enumerate(kwh)),
        encoding="utf-8",
    )
    (folder / "tamna-mapping.yaml").write_text(
        f"files:\n  - match: {file}.csv\n    time: {{column: time, format: '%Y-%m-%dT%H:%M:%S', timezone: Asia/Seoul, label: start}}\n"
        f"    resolution: 1h\n    columns:\n      {file}: {{series: {name}, unit: kWh, kind: sum}}\n",
        encoding="utf-8",
    )
    return folder / f"{file}.csv"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("links")
    held = open_store(folder / "store", ISLAND)
    held.ingest([typical_year(seed=0, year=2023)])
    for name, kwh in (("far/mill", [100] * N), ("jeju/charge", [0] * N), ("jeju/discharge", [0] * N),
                      ("jeju/losses", [0] * N)):  # fmt: skip
        ingest(held, [series(folder, name, kwh)])
    return open_store(folder / "store", ISLAND)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Without a meter of charging and losses."""
    held = open_store(tmp_path_factory.mktemp("bare") / "store", ISLAND)
    held.ingest([typical_year(seed=0, year=2023)])
    return held


@pytest.fixture
def product(tmp_path):
    def made(text):
        path = tmp_path / "farm.yaml"
        path.write_text(text, encoding="utf-8")
        return load_product(path)

    return made


def test_a_mainland_plant_serves_as_far_as_the_cables_carried_and_covers_their_loss(store, product):
    found = prove(store, ISLAND, product(FARM + FAR), DAYS, at=AT)
    link, (came, _went) = found.state.links["jeju-mainland"], found.state.flows["jeju-mainland"]
    assert (link.ends, link.both_ways, link.loss_permille) == (("mainland", "jeju"), True, 30)
    imported = np.floor(store.hours("jeju/import", DAYS).value * 1e6).astype(int)
    assert came.delivered_wh.tolist() == imported.tolist()
    load = found.rows["load_wh"].astype(int)
    backed = np.minimum(100_000 * 970 // 1000, np.minimum(load, imported))
    assert found.rows["ppa_wh"].tolist() == pytest.approx(backed.tolist(), abs=1)
    assert (found.rows["ppa_wh"] > 0).any()
    claim = next(iter(found.state.claims))
    assert found.entries[claim].about["stated"] == {
        "export_rule": "thermal_first",
        "links": ["jeju-mainland"],
    }
    assert broken(found.state) == []
    assert fold(found.entries).claims.keys() == found.state.claims.keys()
    again = prove(store, ISLAND, product(FARM + FAR), DAYS, at=AT, state=found.state)
    assert again.entries == ()


def test_the_zones_balance_and_residual_mix_stand_where_all_seven_terms_are_metered(store, bare, product):
    found = prove(store, ISLAND, product(FARM + FAR), DAYS, at=AT)
    mix = residual(found.state, "jeju", DAYS.stamps())
    assert mix.available.all()
    assert mix.claimed_wh.tolist() == found.rows["ppa_wh"].tolist()
    assert (
        mix.total_wh.tolist() == np.floor(store.hours("jeju/demand", DAYS).value * 1e6).astype(int).tolist()
    )
    text = FARM + "export_rule: proportional\n"
    without = prove(bare, ISLAND, product(text), DAYS, at=AT)
    assert not residual(without.state, "jeju", DAYS.stamps()).available.any()
    assert any("residual mix is unavailable" in str(n) for n in without.notes)


def test_the_export_rule_is_declared_and_changes_only_hours_that_export(bare, product):
    default = prove(bare, ISLAND, product(FARM), DAYS, at=AT)
    mixed = prove(bare, ISLAND, product(FARM + "export_rule: proportional\n"), DAYS, at=AT)
    assert not any(e.kind in {Kind.LINK, Kind.FLOW, Kind.BALANCE} for e in default.entries)
    away = bare.hours("jeju/export", DAYS).value > 0
    one, two = default.rows["location_wh"].astype(int), mixed.rows["location_wh"].astype(int)
    assert away.any()
    assert (one[~away] == two[~away]).all()
    assert (two[away] < one[away]).all()
    demand, out = (np.floor(bare.hours(f"jeju/{n}", DAYS).value * 1e6) for n in ("demand", "export"))
    made = sum(np.floor(bare.hours(f"jeju/{n}", DAYS).value * 1e6) for n in ("wind", "pv"))
    assert two == pytest.approx(mixed.rows["load_wh"] * made / (demand + out), abs=2)


def test_a_product_that_declares_another_rule_is_proved_again_under_it(bare, product):
    first = prove(bare, ISLAND, product(FARM), DAYS, at=AT)
    mixed = prove(bare, ISLAND, product(FARM + "export_rule: proportional\n"), DAYS, at=AT, state=first.state)
    alone = prove(bare, ISLAND, product(FARM + "export_rule: proportional\n"), DAYS, at=AT)
    assert (mixed.rows["location_wh"] == alone.rows["location_wh"]).all()
    claim = max(mixed.state.claims)
    assert mixed.entries[claim - first.state.size].about["stated"] == {"export_rule": "proportional"}
    assert broken(mixed.state) == []


def test_a_corrected_meter_of_the_link_is_restated_and_the_lots_are_made_again(store, product, tmp_path):
    (tmp_path / "more").mkdir()
    first = prove(store, ISLAND, product(FARM + FAR), DAYS, at=AT)
    held = open_store(tmp_path / "store", ISLAND)
    year = typical_year(seed=0, year=2023)
    for block in year.blocks:
        if block.series == "jeju/import":
            block.value[:] = block.value / 2
    held.ingest([year])
    ingest(held, [series(tmp_path / "more", "far/mill", [100] * N)])
    again = prove(held, ISLAND, product(FARM + FAR), DAYS, at=AT, state=first.state)
    assert any(e.kind is Kind.RESTATE_FLOW for e in again.entries)
    assert again.restated.corrections[0].name == "jeju-mainland (mainland > jeju)"
    assert broken(again.state) == []
    balance = again.state.balances["jeju"]
    assert not balance.stands[store.hours("jeju/import", DAYS).value > 0].any()
    told = prove(held, ISLAND, product(FARM + FAR), DAYS, at=AT, state=again.state)  # killed before it told
    assert told.entries == ()
    later = untold(told, [*first.entries, *again.entries], first.state.size, again.state.size).restated
    one, other = (r.corrections[0] for r in (later, again.restated))
    assert (one.name, one.before_wh.tolist(), one.after_wh.tolist()) == (
        other.name, other.before_wh.tolist(), other.after_wh.tolist()
    )  # fmt: skip
    assert (one.entry, one.claims, later.claims, later.lots) == (
        other.entry, other.claims, again.restated.claims, again.restated.lots
    )  # fmt: skip


def test_a_far_plant_says_its_policy_and_its_meter_and_needs_a_link(store, product):
    with pytest.raises(GridError, match="serves over a link"):
        product(FARM + FAR.replace("geography: link\n", ""))
    with pytest.raises(GridError, match="a meter of its own"):
        product(FARM + FAR.replace(", series: far/mill", ""))
    with pytest.raises(UsageError, match="no link between"):
        prove(store, ISLAND, product(FARM + FAR.replace("zone: mainland", "zone: ulleung")), DAYS, at=AT)
