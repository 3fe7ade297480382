"""A product with a battery on its site: noon's sun is used in the evening as its own, less the losses, and its origin stays."""

import json

import numpy as np
import pandas as pd
import pytest

from prove.making import AT, DAY, JEJU, block, stored
from tamna.errors import GridError, InputError, LedgerError
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product
from tamna.ledger import chains
from tamna.ledger.book import fold, record
from tamna.ledger.invariants import broken
from tamna.ledger.nouns import Storage
from tamna.ledger.state import State
from tamna.ledger.verify.files import verified
from tamna.runs import ingest, open_store
from tamna.runs.certifying import certify_trial
from tamna.runs.proving import prove
from tamna.runs.proving_hydrogen import proved_hydrogen

FARM = """
name: citrus
title: {ko: 감귤, en: Citrus}
zone: jeju
process: {ko: 시설 재배, en: Greenhouse}
supply: [{name: pump, series: farm/pump}]
plants:
  - {name: roof, kind: pv, capacity_kw: 12, commissioned: 2020-01-01, series: farm/roof}
battery:
  name: cell
  power_kw: 5
  energy_kwh: 12
  round_trip: {value: 0.8, assumed: "stated low", range: [0.8, 0.9]}
  commissioned: 2022-01-01
lots: {every: day, name: "citrus-{day}", pieces: 2}
"""
METERED = FARM.replace(
    "  commissioned: 2022", "  charge: farm/in\n  discharge: farm/out\n  commissioned: 2022"
)
NOON = np.where((np.arange(24) >= 12) & (np.arange(24) < 16), 0.010, 0.0)  # [MWh]
IN = np.where((np.arange(24) >= 12) & (np.arange(24) < 15), 0.005, 0.0)
OUT = np.where((np.arange(24) >= 16) & (np.arange(24) < 22), 0.002, 0.0)


def farm_day(folder, *more, roof=NOON, pump=0.002):
    blocks = (
        block("jeju/demand", 600.0, source="kpx_demand"),
        block("jeju/wind", 60.0, source="kpx_settled"),
        block("farm/pump", pump),
        block("farm/roof", roof),
        *more,
    )
    return stored(folder, blocks)


@pytest.fixture
def product(tmp_path):
    def made(text=FARM):
        path = tmp_path / "farm.yaml"
        path.write_text(text, encoding="utf-8")
        return load_product(path)

    return made


def own(found):
    return found.rows["self_wh"].tolist()


def test_noon_sun_is_used_in_the_evening_less_the_losses(tmp_path, product):
    """Of 10 kWh at noon 2 are used at once and 5 go in, three times; 15 kWh in give 12 out, 2 in each of six hours."""
    found = prove(farm_day(tmp_path / "s"), JEJU, product(), DAY, at=AT)
    assert own(found) == [2000 if 12 <= h < 22 else 0 for h in range(24)]
    assert found.score.claimable_wh == 20_000
    assert found.stored.used_wh.tolist() == [2000 if 16 <= h < 22 else 0 for h in range(24)]
    assert (found.stored.charged_wh, found.stored.own_wh, found.stored.given_wh) == (15_000, 15_000, 12_000)
    assert broken(found.state) == []
    assert fold(found.entries).size == found.state.size


def test_every_watt_hour_out_of_it_says_when_and_by_what_it_was_made(tmp_path, product):
    found = prove(farm_day(tmp_path / "s"), JEJU, product(), DAY, at=AT).stored
    hour = lambda stamp: int((stamp - DAY.start) / np.timedelta64(3600, "s"))  # noqa: E731
    assert [(hour(used), hour(made), plant, wh) for used, made, plant, wh in found.origins] == [
        (16, 12, "citrus:roof", 2000), (17, 12, "citrus:roof", 2000), (18, 13, "citrus:roof", 2000),
        (19, 13, "citrus:roof", 2000), (20, 14, "citrus:roof", 2000), (21, 14, "citrus:roof", 2000),
    ]  # fmt: skip
    assert found.delay_h == pytest.approx(5.5)


def test_without_the_battery_the_evening_is_not_its_own(tmp_path, product):
    bare = FARM[: FARM.index("battery:")] + FARM[FARM.index("lots:") :]
    found = prove(farm_day(tmp_path / "s"), JEJU, product(bare), DAY, at=AT)
    assert found.score.claimable_wh == 8_000
    assert found.stored is None


def test_what_was_charged_from_the_grid_comes_out_without_an_origin(tmp_path, product):
    """The battery's own meters: at night 5 kWh of the grid go in first, at noon 10 of the roof; 12 kWh come out."""
    night = np.where(np.arange(24) == 3, 0.005, 0.0)
    meters = (
        block("farm/in", night + np.where((np.arange(24) == 12) | (np.arange(24) == 13), 0.005, 0.0)),
        block("farm/out", OUT),
    )
    found = prove(farm_day(tmp_path / "s", *meters), JEJU, product(METERED), DAY, at=AT)
    assert (found.stored.charged_wh, found.stored.own_wh) == (15_000, 10_000)
    assert own(found)[16:22] == [
        0,
        0,
        2000,
        2000,
        2000,
        2000,
    ]  # first in, first out: the night's leaves first
    assert int(found.stored.used_wh.sum()) == 8_000
    assert broken(found.state) == []


def test_asked_again_the_book_stays_and_a_corrected_roof_is_traced_anew(tmp_path, product):
    meters = block("farm/in", IN), block("farm/out", OUT)
    first = prove(farm_day(tmp_path / "a", *meters), JEJU, product(METERED), DAY, at=AT)
    again = prove(farm_day(tmp_path / "a2", *meters), JEJU, product(METERED), DAY, at=AT, state=first.state)
    assert again.entries == ()
    assert own(again) == own(first)
    less = np.where(np.arange(24) == 14, 0.004, NOON)  # 2 kWh go in of the roof at 14 h, not 5
    later = prove(
        farm_day(tmp_path / "b", *meters, roof=less), JEJU, product(METERED), DAY, at=AT, state=first.state
    )
    assert later.stored.own_wh == 12_000
    assert int(later.stored.used_wh.sum()) == int(12_000 * 0.8)
    assert [lot.entry for lot in later.lots] != [lot.entry for lot in first.lots]
    assert broken(later.state) == []


def test_lots_and_the_certificate_count_what_was_stored_as_their_own(tmp_path, product):
    made = certify_trial(farm_day(tmp_path / "s"), JEJU, product(), DAY, out=tmp_path / "out")
    assert made.valid == 2
    halves = [lot.rows["self_wh"][18] for lot in made.proved.lots]
    assert halves == [1000, 1000]

    body = json.loads((tmp_path / "out" / "proof.json").read_bytes())
    assert body["storage"]["used_by_right_wh"] == 12_000
    assert body["storage"]["origins"][0] == {
        "used": "2023-04-01T07:00Z", "made": "2023-04-01T03:00Z", "plant": "citrus:roof", "wh": 2000,
    }  # fmt: skip
    table = pd.read_parquet(tmp_path / "out" / "hours.parquet")
    assert table["stored_wh"].sum() == 12_000
    audit = tmp_path / "out" / "audit" / f"{made.proved.lots[0].name}.json"
    assert verified(audit, now=DAY.end).report.answer == "intact, issuer unknown"
    subject = json.loads(audit.read_bytes())["credentialSubject"]
    assert subject["stored"]["wh"] == [1000 if 16 <= h < 22 else 0 for h in range(24)]
    assert len(subject["stored"]["origins"]) == 6


def test_the_eu_counts_it_as_storage(tmp_path, product):
    gas = FARM.replace(
        "lots:",
        "electrolyser: {process: pem, capacity_kw: 20, kwh_per_kg: 50, grid_tco2e_per_mwh: 0.46}\nlots:",
    )
    found = proved_hydrogen(farm_day(tmp_path / "s"), JEJU, product(gas), DAY, at=AT)
    routes = {str(r): int(wh.sum()) for r, wh in found.batches[0].rules.routes.items()}
    assert (routes["hour"], routes["storage"]) == (8_000, 12_000)


def test_a_battery_that_gives_more_than_it_took_is_refused(tmp_path, product):
    meters = block("farm/in", IN), block("farm/out", OUT * 2)
    with pytest.raises(LedgerError, match="more came out than was ever charged"):
        prove(farm_day(tmp_path / "s", *meters), JEJU, product(METERED), DAY, at=AT)


def test_an_hour_without_its_meter_is_refused(tmp_path, product):
    meters = block("farm/in", np.where(np.arange(24) == 5, np.nan, IN)), block("farm/out", OUT)
    with pytest.raises(InputError, match="no reading in 1 hours"):
        prove(farm_day(tmp_path / "s", *meters), JEJU, product(METERED), DAY, at=AT)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("  commissioned: 2022", "  charge: farm/in\n  commissioned: 2022", "one for what comes out"),
        ("kind: pv,", "kind: pv, owner: other,", "own plants make"),
        ("name: cell", "name: roof", "two entries of one name"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(product, old, new, match):
    with pytest.raises(GridError, match=match):
        product(FARM.replace(old, new, 1))


def test_self_generation_does_not_reach_a_storage_on_another_site(tmp_path, product):
    found = prove(farm_day(tmp_path / "s"), JEJU, product(), DAY, at=AT)
    state, name = found.state, "citrus:cell"
    for site in (name, "citrus:missing"):
        noun = Storage(name="x", account=name, device="citrus:cell:out", place="citrus:cell:place", site=site)
        with pytest.raises(LedgerError):
            record(state, chains.storage(AT, noun))
    assert "site" not in chains.storage(AT, Storage(name="x", account="a", device="b", place="c")).about
    assert record(State(), *found.entries).storages[name].site == "citrus"


@pytest.mark.data
def test_citrus_with_an_assumed_battery_in_april_2023_from_the_public_files(shared_data, tmp_path):
    """Real wind, sun and demand of Jeju; the farm's load, roof and battery are assumed and say so."""
    island = load_island("jeju")
    store = open_store(tmp_path / "store", island)
    names = (
        "demand/시간별 제주전력수요_2023.csv",
        "generation/제주도_풍력태양광_시간별_202201_202311.csv",
    )
    ingest(store, [shared_data / "kpx" / name for name in names])
    text = (
        FARM.replace("series: farm/pump", f"shape: {{annual_mwh: 60, day: {[1] * 24}, month: {[1] * 12}}}")
        .replace("capacity_kw: 12", "capacity_kw: 44").replace(", series: farm/roof", "")
        .replace("power_kw: 5", "power_kw: 20").replace("energy_kwh: 12", "energy_kwh: 60")
    )  # fmt: skip
    path = tmp_path / "farm.yaml"
    april = parse_period("2023-04-01", "2023-04-30", island.timezone)
    shares = {}
    for name, body in (
        ("with", text),
        ("without", text[: text.index("battery:")] + text[text.index("lots:") :]),
    ):
        path.write_text(body, encoding="utf-8")
        found = prove(open_store(tmp_path / "store", island), island, load_product(path), april, at=AT)
        shares[name] = found.score.share_claimable
        assert broken(found.state) == []
        if found.stored is not None:
            assert any("no meters; it is taken to store" in str(n) for n in found.notes)
            assert int(found.stored.used_wh.sum()) <= found.stored.own_wh * 0.8
    assert shares["with"] > shares["without"] + 0.1
