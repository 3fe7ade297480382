"""Hydrogen of a product: a day worked on paper, the typical year, and Haengwon on the public files of August 2023."""

import json
from hashlib import sha256

import numpy as np
import pytest

from prove.making import AT, DAY, JEJU, block, stored
from tamna.errors import GridError, InputError, LedgerError, UsageError
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product
from tamna.lang import speaking
from tamna.ledger.book import fold
from tamna.ledger.hydrogen import Route
from tamna.ledger.invariants import broken
from tamna.runs import ingest, open_store
from tamna.runs.proving import prove
from tamna.runs.proving_hydrogen import proved_hydrogen
from tamna.runs.taken_back import taken_back
from tamna.serve.cli.out import plain
from tamna.serve.cli.prove_hydrogen_text import hydrogen_dict, hydrogen_text
from tamna.sources.block import Kind
from tamna.sources.synthetic import typical_year

TYPICAL = load_island("typical-jeju")
APRIL = parse_period("2023-04-01", "2023-04-30", JEJU.timezone)
PLANT = """
name: gas
title: {ko: 수소, en: Hydrogen}
zone: jeju
process: {ko: 수전해, en: Electrolysis}
supply: [{name: stack, series: gas/stack}]
plants:
  - {name: mill, kind: wind, owner: farm, capacity_kw: 100, commissioned: 2020-01-01, fleet_share: 0.001}
electrolyser:
  process: pem
  capacity_kw: 20
  kwh_per_kg: 50
  grid_tco2e_per_mwh: {value: 0.46, assumed: not settled, range: [0.42, 0.50]}
  price: jeju/smp
  krw_per_eur: 1400
  allowance_eur: 80
  prepared: [{number: PPA-1, scheme: ppa, first: 2023-01-01, last: 2023-12-31, plant: mill}]
lots: {every: day, name: "gas-{day}", pieces: 2}
"""
BEFORE = "  prepared:"
PAPER = "papers: [{number: PPA-2, scheme: ppa, first: 2023-01-01, last: 2023-12-31, plant: mill, volume_mwh: 0.1}]\n"


def hours(first, rest=0.0):
    return np.array([*first, *([rest] * (24 - len(first)))], float)


def paper_day(tmp_path, *more, stack=0.01):
    """Four hours that say something: wind enough; half enough; none but turned down; none but a low price."""
    blocks = (
        block("jeju/demand", 600.0, source="kpx_demand"),
        block("jeju/wind", hours([30, 5, 0, 0], 4), source="kpx_settled"),
        block("jeju/wind_curtailment", hours([0, 0, 3, 0]), source="kpx_curtailment"),
        block("jeju/smp", hours([100, 100, 100, 28], 41), source="kpx_smp", unit="KRW/kWh", kind=Kind.MEAN),
        block("gas/stack", stack),
        *more,
    )
    return stored(tmp_path / "store", blocks)


@pytest.fixture
def product(tmp_path):
    def made(text=PLANT):
        path = tmp_path / "gas.yaml"
        path.write_text(text, encoding="utf-8")
        return load_product(path)

    return made


@pytest.fixture(scope="module")
def typical(tmp_path_factory):
    held = open_store(tmp_path_factory.mktemp("hydrogen") / "store", TYPICAL)
    held.ingest([typical_year(seed=0, year=2023)])
    return held


def first_hours(found, n=5):
    return {str(r): wh[:n].tolist() for r, wh in found.batches[0].rules.routes.items() if wh.any()}


def test_without_a_paper_only_what_was_turned_down_counts(tmp_path, product):
    found = proved_hydrogen(paper_day(tmp_path), JEJU, product(), DAY, at=AT)
    (batch,) = found.batches
    assert first_hours(found) == {
        "redispatch": [0, 0, 3000, 0, 0],
        "none": [10_000, 10_000, 7_000, 10_000, 10_000],
    }
    assert (found.proved.score.claimable_wh, batch.rules.claimed.renewable_wh) == (0, 0)
    assert (batch.hours.made_wh == 0).all()
    assert batch.rules.eu_hour.renewable_wh == 3_000
    assert batch.rules.claimed.kg_per_kg == pytest.approx((21.0, 25.0))  # 50 kWh/kg at 0.42 and 0.50


def test_with_the_prepared_paper_the_same_hours_count_by_their_routes(tmp_path, product):
    """24 hours of 10 kWh; made 30, 5, 0, 0 and 20 x 4 kWh; 28 KRW/kWh are 20 EUR/MWh, 41 are above 0.36 x 80."""
    standing = proved_hydrogen(paper_day(tmp_path), JEJU, product(), DAY, at=AT)
    found = standing.prepared
    assert first_hours(found) == {
        "hour": [10_000, 5_000, 0, 0, 4_000],
        "redispatch": [0, 0, 3_000, 0, 0],
        "price": [0, 0, 0, 10_000, 0],
        "month": [0, 5_000, 5_000, 0, 0],
        "none": [0, 0, 2_000, 0, 6_000],
    }
    rules = found.batches[0].rules
    assert rules.claimed.renewable_wh == 95_000
    assert rules.eu_hour.renewable_wh == 108_000
    assert rules.eu_month.renewable_wh == 118_000
    assert "PPA-1" not in standing.state.rights
    assert "PPA-1" in found.state.rights
    for one in (standing, found):
        assert broken(one.state) == []
        assert fold(one.entries).batches.keys() == one.state.batches.keys()


def test_a_volume_bounds_what_a_plant_can_still_give(tmp_path, product):
    found = proved_hydrogen(paper_day(tmp_path), JEJU, product(PLANT + PAPER), DAY, at=AT)
    assert found.batches[0].rules.claimed.renewable_wh == 95_000
    assert int(found.batches[0].hours.made_wh.sum()) == 100_000  # 115 kWh were made, the paper is for 100


def test_what_another_firm_used_of_the_plant_is_no_surplus(tmp_path, product):
    store = paper_day(tmp_path, block("other/meter", 0.02))
    shared = PAPER.replace(", volume_mwh: 0.1", "")
    gas = product(PLANT + shared)
    head, tail = PLANT.index("electrolyser:"), PLANT.index("lots:")
    other = product(
        (PLANT[:head] + PLANT[tail:] + shared).replace("name: gas", "name: other", 1)
        .replace("gas/stack", "other/meter").replace("PPA-2", "PPA-3").replace(", pieces: 2", "")
    )  # fmt: skip
    before = prove(store, JEJU, other, DAY, at=AT)
    after = proved_hydrogen(store, JEJU, gas, DAY, state=before.state, at=AT)
    assert before.rows["ppa_wh"][:2].tolist() == [20_000, 5_000]
    assert after.batches[0].hours.made_wh[:5].tolist() == [10_000, 0, 0, 0, 0]
    assert broken(after.state) == []


def test_asked_again_the_book_stays_as_it_is(tmp_path, product):
    store = paper_day(tmp_path)
    first = proved_hydrogen(store, JEJU, product(), DAY, at=AT)
    again = proved_hydrogen(store, JEJU, product(), DAY, state=first.state, at=AT)
    assert again.entries == ()
    assert [b.entry for b in again.batches] == [b.entry for b in first.batches]
    assert first_hours(again.prepared) == first_hours(first.prepared)


def test_a_corrected_stack_meter_makes_the_batch_again(tmp_path, product):
    first = proved_hydrogen(paper_day(tmp_path / "a"), JEJU, product(), DAY, at=AT)
    store = paper_day(tmp_path / "b", stack=0.012)
    later = proved_hydrogen(store, JEJU, product(), DAY, state=first.state, at=AT)
    assert len(later.state.batches) == 1
    assert later.batches[0].kg == pytest.approx(24 * 12 / 50)
    assert broken(later.state) == []
    both = [one.batches[0].entry for one in (first, later)]
    assert (taken_back(both, first.state), taken_back(both, later.state)) == (both[1:], both[:1])


METERED = PLANT.replace("  kwh_per_kg: 50\n", "  kwh_per_kg: 50\n  hydrogen: gas/kg\n")


@pytest.mark.parametrize(("kg", "suspect"), [(0.2, False), (0.2223, True)])
def test_metered_hydrogen_counts_and_what_is_too_good_is_suspect(tmp_path, product, kg, suspect):
    """10 kWh an hour: 50 kWh/kg, and 44.98."""
    store = paper_day(tmp_path, block("gas/kg", kg, unit="kg"))
    (batch,) = proved_hydrogen(store, JEJU, product(METERED), DAY, at=AT).batches
    assert batch.kg == pytest.approx(24 * kg)
    assert (batch.mass_estimated, batch.suspect) == (False, suspect)


def test_a_plant_that_stood_still_has_no_batch(tmp_path, product):
    store = paper_day(tmp_path, block("gas/kg", 0.0, unit="kg"))
    assert proved_hydrogen(store, JEJU, product(METERED), DAY, at=AT).batches == ()


@pytest.mark.parametrize(
    ("meter", "error", "match"),
    [
        (block("gas/kg", 0.26, unit="kg"), LedgerError, "I6"),  # 38.5 kWh/kg
        (block("gas/kg", hours([0.2] * 23, np.nan), unit="kg"), InputError, "no reading"),
        (block("gas/kg", 1.0, unit="m3"), UsageError, "counts kg"),
        (block("gas/other", 1.0, unit="kg"), UsageError, "does not hold"),
    ],
)
def test_hydrogen_that_cannot_be_is_refused(tmp_path, product, meter, error, match):
    with pytest.raises(error, match=match):
        proved_hydrogen(paper_day(tmp_path, meter), JEJU, product(METERED), DAY, at=AT)


def test_more_electricity_than_the_plant_can_take_is_refused(tmp_path, product):
    with pytest.raises(InputError, match="more than it can"):
        proved_hydrogen(paper_day(tmp_path, stack=0.0221), JEJU, product(), DAY, at=AT)


def test_a_product_without_an_electrolyser_and_files_that_contradict_themselves_are_refused(
    tmp_path, product, typical
):
    with pytest.raises(UsageError, match="no electrolyser"):
        proved_hydrogen(typical, TYPICAL, load_product("eggs"), APRIL, at=AT)
    for text, said in (
        (PLANT.replace("every: day", "every: period"), "calendar month"),
        (PLANT.replace("  krw_per_eur: 1400\n", ""), "needs a rate"),
        (PLANT.replace("plant: mill}]", "plant: none}]"), "no such plant"),
        (PLANT + PAPER.replace("PPA-2", "PPA-1"), "one name"),
        (PLANT.replace("fleet_share: 0.001", "fleet_share: 0.001, series: a/b"), "no share"),
        (PLANT.replace("kwh_per_kg: 50", "kwh_per_kg: 30"), "33.3"),
    ):
        with pytest.raises(GridError, match=said):
            product(text)


def test_lots_share_the_hydrogen_of_their_batch(tmp_path, product):
    found = proved_hydrogen(paper_day(tmp_path), JEJU, product(), DAY, at=AT)
    assert list(found.lot_mg) == ["gas-2023-04-01.1", "gas-2023-04-01.2"]
    assert sum(found.lot_mg.values()) == int(found.batches[0].mg.sum())


def test_haengwon_on_a_typical_april_by_the_month_and_by_the_hour(typical):
    found = proved_hydrogen(typical, TYPICAL, load_product("haengwon"), APRIL, at=AT)
    (batch,), (signed,) = found.batches, found.prepared.batches
    assert (batch.name, round(batch.kg), round(batch.kwh_per_kg, 2)) == ("haengwon-2023-04-01", 18_000, 64.0)
    assert len(found.lot_mg) == 30
    assert signed.rules.claimed.renewable_wh == found.prepared.proved.score.claimable_wh > 0
    assert (signed.hours.matched_wh == np.minimum(signed.hours.made_wh, signed.hours.load_wh)).all()
    assert signed.rules.claimed.share <= signed.rules.eu_hour.share <= signed.rules.eu_month.share
    assert (sum(signed.rules.routes.values()) == signed.hours.load_wh).all()


def test_what_is_shown_in_both_languages_and_as_json(tmp_path, product):
    found = proved_hydrogen(paper_day(tmp_path), JEJU, product(), DAY, at=AT)
    text = hydrogen_text(found)
    for part in (
        "no right to any hour",
        "As if in force: PPA-1",
        "21.00–25.00",
        "same month",
        "0.46 [0.42, 0.5]",
    ):
        assert part in text
    with speaking("ko"):
        korean = hydrogen_text(found)
    for part in ("수소: 배치 1개", "청정수소 등급", "출력제어 회피", "준비 중인 증서"):
        assert part in korean
    said = json.loads(json.dumps(plain(hydrogen_dict(found)), allow_nan=False))
    (batch,) = said["prepared"]["batches"]
    assert batch["hours"]["route_price_wh"][3] == batch["routes_wh"]["price"] == 10_000
    assert batch["korea"]["one_more_hour"]["hour"] == "2023-04-01T02:00+09:00"
    assert said["batches"][0]["eu_hour"]["renewable_wh"] == 3_000
    assert "hours" not in hydrogen_dict(found, hours=False)["prepared"]["batches"][0]


@pytest.mark.data
def test_haengwon_in_august_2023_from_the_public_files(shared_data, tmp_path):
    """No right: nothing is claimed. With the paper: half by the hour, seven eighths by the month."""
    names = (
        "demand/시간별 제주전력수요_2023.csv",
        "generation/제주도_풍력태양광_시간별_202201_202311.csv",
        "curtailment/한국전력거래소_월별 시간별 제주 태양광 풍력 제어량 및 제어 횟수_2023.1 2023.12.csv",
        "smp/smp_jeju_2023.xlsx",
    )
    store = open_store(tmp_path / "store", JEJU)
    ingest(store, [shared_data / "kpx" / name for name in names])
    august = parse_period("2023-08-01", "2023-08-31", JEJU.timezone)
    found = proved_hydrogen(
        open_store(tmp_path / "store", JEJU), JEJU, load_product("haengwon"), august, at=AT
    )
    (batch,), (signed,) = found.batches, found.prepared.batches
    assert batch.rules.claimed.renewable_wh == 0
    assert round(batch.rules.eu_month.share, 3) == 0.003
    assert round(signed.rules.claimed.share, 3) == round(signed.rules.eu_hour.share, 3) == 0.514
    assert round(signed.rules.eu_month.share, 3) == 0.874
    assert [round(g, 1) for g in signed.rules.eu_month.g_per_mj] == [28.1, 33.5]
    assert signed.rules.eu_month.keeps_limit is None
    assert not signed.rules.routes[Route.PRICE].any()  # no hour of that year was below 42 EUR/MWh


def test_with_salts_every_entry_that_holds_energy_or_mass_has_its_own_and_an_old_book_goes_on(
    tmp_path, product
):
    """The first day of the book is from before there were salts."""
    old = proved_hydrogen(paper_day(tmp_path / "a"), JEJU, product(), DAY, at=AT)
    assert not [e for e in old.entries if "salt" in e.about]
    salts = lambda *parts: sha256("\n".join(parts).encode()).hexdigest()[:32]  # noqa: E731
    found = proved_hydrogen(
        paper_day(tmp_path / "b", stack=0.012), JEJU, product(), DAY, state=old.state, at=AT, salts=salts
    )
    given = [e.about["salt"] for e in found.entries if len(e.rows)]
    assert {str(e.kind) for e in found.entries if len(e.rows)} >= {"restate_load", "claim", "lot", "convert"}
    assert len(set(given)) == len(given)
    assert fold((*old.entries, *found.entries)).batches.keys() == found.state.batches.keys()
    assert broken(found.state) == []
