"""A product's hours into a book, on the made-up typical year: sums, papers, corrections, and what is refused."""

import numpy as np
import pytest

from prove.making import farm
from tamna.errors import GridError, InputError, LedgerError, UsageError
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product, packaged_products
from tamna.ledger.book import fold
from tamna.ledger.invariants import broken
from tamna.ledger.state import Standing
from tamna.runs import ingest, open_store
from tamna.runs.proving import prove
from tamna.sources.synthetic import typical_year

ISLAND = load_island("typical-jeju")
AT = np.datetime64("2024-02-01T00:00:00", "s")
APRIL = parse_period("2023-04-01", "2023-04-30", ISLAND.timezone)
FARM = farm(annual_mwh=100)
MILL = """
plants:
  - {name: mill, kind: wind, owner: hallim, capacity_kw: 20, commissioned: 2020-01-01}
papers:
  - {number: PPA-7, scheme: ppa, first: 2023-01-01, last: 2023-12-31, plant: mill}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("prove") / "store"
    held = open_store(place, ISLAND)
    held.ingest([typical_year(seed=0, year=2023)])
    return held


@pytest.fixture
def product(tmp_path):
    def made(text, name="farm.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load_product(path)

    return made


def test_every_packaged_product_reads():
    assert packaged_products() == ("citrus", "eggs", "haengwon", "milk")
    assert [load_product(name).name for name in packaged_products()] == list(packaged_products())


def test_a_month_of_eggs_without_papers_claims_nothing_and_shows_the_place(store):
    found = prove(store, ISLAND, load_product("eggs"), APRIL, at=AT)
    assert len(found.lots) == 30
    assert found.lots[0].name == "egg-2023-04-01"
    assert sum(lot.score.load_wh for lot in found.lots) == found.score.load_wh
    assert (found.score.claimable_wh, found.annual_wh, found.score.hours) == (0, 0, 720)
    assert found.score.estimated_wh == found.score.load_wh
    hours = store.hours("jeju/demand", APRIL).value
    made = store.hours("jeju/wind", APRIL).value + store.hours("jeju/pv", APRIL).value
    load = found.rows["load_wh"]
    assert found.rows["location_wh"] == pytest.approx(load * np.minimum(made / hours, 1.0), abs=2)
    assert broken(found.state) == []
    assert fold(found.entries).claims.keys() == found.state.claims.keys()


def test_asked_again_the_book_stays_as_it_is(store):
    first = prove(store, ISLAND, load_product("eggs"), APRIL, at=AT)
    again = prove(store, ISLAND, load_product("eggs"), APRIL, at=AT, state=first.state)
    assert again.entries == ()
    assert again.score == first.score
    assert [lot.entry for lot in again.lots] == [lot.entry for lot in first.lots]


def test_a_ppa_claims_the_same_hour_only_where_the_annual_paper_counts_any(store, product):
    found = prove(store, ISLAND, product(FARM + MILL), APRIL, at=AT)
    made = np.diff(found.state.line("hallim:mill").base)[: len(found.rows)]
    assert (found.rows["ppa_wh"] == np.minimum(made, found.rows["load_wh"])).all()
    assert found.annual_wh == min(int(made.sum()), found.score.load_wh)
    assert found.score.claimable_wh < found.annual_wh
    assert found.share_annual > found.score.share_claimable
    assert broken(found.state) == []


def test_a_volume_without_hours_counts_in_the_annual_score_alone_and_its_number_is_locked(store, product):
    paper = "papers:\n  - {number: GP-1, scheme: green_premium, first: 2023-01-01, last: 2023-12-31, volume_mwh: 365}\n"
    found = prove(store, ISLAND, product(FARM + paper), APRIL, at=AT)
    assert found.papers_wh == 30 * 10**6
    assert found.share_annual == 1.0
    assert found.score.claimable_wh == 0
    other = product((FARM + paper).replace("name: farm\n", "name: other\n", 1), "other.yaml")
    with pytest.raises(LedgerError, match="cannot serve twice"):
        prove(store, ISLAND, other, APRIL, at=AT, state=found.state)


def test_two_products_share_one_book_and_the_place_never_gives_more_than_it_made(store):
    first = prove(store, ISLAND, load_product("eggs"), APRIL, at=AT)
    second = prove(store, ISLAND, load_product("citrus"), APRIL, at=AT, state=first.state)
    assert {c.account for c in second.state.claims.values()} == {"aewol-appadeul:eggs", "citrus-farm:citrus"}
    assert second.score.self_wh > 0
    assert broken(second.state) == []


def meter(folder, kwh):
    (folder / "farm.csv").write_text(
        "time,kwh\n"
        + "".join(f"2023-04-{1 + h // 24:02}T{h % 24:02}:00:00,{kwh[h]}\n" for h in range(len(kwh))),
        encoding="utf-8",
    )
    (folder / "tamna-mapping.yaml").write_text(
        "files:\n  - match: farm.csv\n    time: {column: time, format: '%Y-%m-%dT%H:%M:%S', timezone: Asia/Seoul, label: start}\n"
        "    resolution: 1h\n    columns:\n      kwh: {series: farm/supply, unit: kWh, kind: sum}\n",
        encoding="utf-8",
    )


def metered(tmp_path, kwh, name="store"):
    meter(tmp_path, kwh)
    held = open_store(tmp_path / name, ISLAND)
    held.ingest([typical_year(seed=0, year=2023)])
    ingest(held, [tmp_path / "farm.csv"])
    return open_store(tmp_path / name, ISLAND)


METERED = FARM[: FARM.index("    shape:")] + "    series: farm/supply\n"
DAY = parse_period("2023-04-01", "2023-04-01", ISLAND.timezone)


def test_a_corrected_meter_is_restated_and_its_lots_are_made_again(tmp_path, product):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = prove(metered(tmp_path / "a", [10.0] * 24), ISLAND, product(METERED), DAY, at=AT)
    assert first.score.load_wh == 240_000
    assert first.score.estimated_wh == 0
    later = prove(
        metered(tmp_path / "b", [10.0] * 23 + [4.0]), ISLAND, product(METERED), DAY, at=AT, state=first.state
    )
    assert later.score.load_wh == 234_000
    kinds = [str(e.kind) for e in later.entries]
    assert kinds[0] == "restate_load"
    assert {"claim", "lots", "lot"} <= set(kinds)
    standing = [c.standing for c in later.state.claims.values()]
    assert standing == [Standing.REPLACED, Standing.GOOD]
    assert broken(later.state) == []


def test_a_lot_is_never_longer_than_its_meter_data(tmp_path, product):
    store = metered(tmp_path, [10.0] * 23)
    with pytest.raises(InputError, match="no reading in 1 hours") as error:
        prove(store, ISLAND, product(METERED), DAY, at=AT)
    assert "2023-04-01T23:00" in str(error.value)


def test_a_negative_reading_is_refused(tmp_path, product):
    with pytest.raises(InputError, match="negative"):
        prove(metered(tmp_path, [10.0] * 23 + [-1.0]), ISLAND, product(METERED), DAY, at=AT)


def test_part_of_a_day_and_an_unknown_profile_are_refused(store):
    noon = parse_period("2023-04-01T12:00+09:00", "2023-04-02T12:00+09:00", ISLAND.timezone)
    with pytest.raises(UsageError, match="whole days"):
        prove(store, ISLAND, load_product("eggs"), noon, at=AT)
    with pytest.raises(UsageError, match="profile"):
        prove(store, ISLAND, load_product("milk"), APRIL, at=AT)


def test_a_product_file_is_refused_with_every_mistake_and_its_line(product):
    text = FARM.replace("annual_mwh: 100", "annual_mwh: -1") + (
        "plnts: []\npapers:\n  - {number: A, scheme: rec, first: 2023-02-01, last: 2023-01-01}\n"
    )
    with pytest.raises(GridError) as error:
        product(text)
    said = str(error.value)
    assert "must be above 0" in said
    assert "Did you mean 'plants'" in said
    assert "before its first" in said
    with pytest.raises(GridError, match="Did you mean 'eggs'"):
        load_product("egs")


def with_lots(lots):
    return FARM + f"lots: {lots}\n"


def test_lots_cut_otherwise_than_they_stand_in_the_book_are_shared_out_anew(store, product):
    first = prove(store, ISLAND, product(with_lots("{every: day, name: '{day}'}")), APRIL, at=AT)
    halves = product(with_lots("{every: day, name: 'half-{day}', pieces: 2}"), "halves.yaml")
    later = prove(store, ISLAND, halves, APRIL, at=AT, state=first.state)
    assert [lot.name for lot in later.lots][:2] == ["half-2023-04-01.1", "half-2023-04-01.2"]
    assert len(later.lots) == 60
    assert later.score == first.score
    assert {sharing for sharing, _name in later.state.lot_rows.values()} == set(later.state.lots)
    assert len(later.state.lots) == 1
    assert broken(later.state) == []
    again = prove(store, ISLAND, halves, APRIL, at=AT, state=later.state)
    assert again.entries == ()


def test_many_lots_of_one_sharing_are_written_in_time_that_grows_with_them(store, product):
    many = product(with_lots("{every: day, name: 'x{day}', pieces: 200}"))
    found = prove(store, ISLAND, many, APRIL, at=AT)
    assert len({lot.name for lot in found.lots}) == 6000
    assert sum(lot.score.load_wh for lot in found.lots) == found.score.load_wh


@pytest.mark.parametrize("every", ["day", "month"])
def test_lots_of_several_days_or_months_are_told_apart_by_name(product, every):
    with pytest.raises(GridError, match=r"one name.*Put \{day\} into it"):
        product(with_lots(f"{{every: {every}, name: egg}}"))
    assert product(with_lots("{every: period, name: egg}")).lots.name == "egg"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("site: jeju\n", "stands for a whole zone"),
        (
            "plants:\n  - {name: wind, kind: wind, owner: jeju, capacity_kw: 9, commissioned: 2020-01-01}\n",
            "owns no plant",
        ),
    ],
)
def test_no_product_takes_the_place_of_its_zone(store, product, more, reason):
    name = "all" if more.startswith("site") else "farm"
    with pytest.raises(UsageError, match=reason):
        prove(store, ISLAND, product(FARM.replace("name: farm\n", f"name: {name}\n", 1) + more), APRIL, at=AT)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("annual_mwh: 1.0e+300", "more than an interval can hold"),
        ("papers", "a period and a volume"),
    ],
)
def test_figures_beyond_every_meter_are_refused_in_words(store, product, line, reason):
    text = FARM.replace("annual_mwh: 100", line)
    if line == "papers":
        text = (
            FARM
            + "papers:\n  - {number: GP, scheme: green_premium, first: 2023-01-01, last: 2023-12-31, volume_mwh: 1.0e+300}\n"
        )
    with pytest.raises(LedgerError, match=reason):
        prove(store, ISLAND, product(text), APRIL, at=AT)


@pytest.mark.parametrize(
    ("timezone", "day", "hours"),
    [
        ("Europe/Berlin", "2023-03-26", 23),
        ("Europe/Berlin", "2023-10-29", 25),
        ("Atlantic/Azores", "2023-03-26", 23),  # midnight is skipped: the day begins at 1:00
        ("Atlantic/Azores", "2023-10-29", 25),
    ],
)
def test_a_day_of_23_or_25_hours_is_a_whole_day(store, product, timezone, day, hours):
    island = ISLAND.model_copy(update={"timezone": timezone})
    days = (
        parse_period("2023-03-25", "2023-03-27", timezone)
        if hours == 23
        else parse_period("2023-10-28", "2023-10-30", timezone)
    )
    found = prove(store, island, product(FARM), days, at=AT)
    assert [lot.score.hours for lot in found.lots] == [24, hours, 24]
    assert found.lots[1].name == day
    alone = prove(store, island, product(FARM), parse_period(day, day, timezone), at=AT)
    assert alone.score.hours == hours
    assert broken(alone.state) == []


READ = "supply: [{name: supply, series: farm/meter}]\n"
OWN = (
    "{{name: {name}, kind: wind, owner: hallim, capacity_kw: 20, commissioned: 2020-01-01, series: {series}}}"
)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("supply: [{name: a, series: farm/meter}, {name: b, series: farm/meter}]\n", "supply[1].series"),
        (READ + f"plants: [{OWN.format(name='mill', series='farm/meter')}]\n", "plants[0].series"),
        (
            READ
            + f"plants: [{OWN.format(name='a', series='mill/m')}, {OWN.format(name='b', series='mill/m')}]\n",
            "plants[1].series",
        ),
    ],
)
def test_one_meter_is_never_read_as_two(product, more, where):
    """Two plants on one meter would be issued twice for what was made once."""
    with pytest.raises(GridError, match="two meters read one series") as refused:
        product(FARM[: FARM.index("supply:")] + more)
    assert where in str(refused.value)


@pytest.mark.parametrize("zone", ["mars", "mainland"])
def test_a_product_of_a_zone_whose_mix_the_island_does_not_tell_is_refused(store, product, zone):
    with pytest.raises(UsageError, match=rf"none of the island's own \(got {zone}\). Known here: jeju"):
        prove(store, ISLAND, product(FARM.replace("zone: jeju", f"zone: {zone}")), APRIL, at=AT)


@pytest.mark.parametrize("hidden", ["\\u202e", "\\u001b[2J", "\\n", "\\u200b"])
def test_a_name_for_readers_holds_nothing_that_turns_or_hides(product, hidden):
    with pytest.raises(GridError, match="cannot be seen"):
        product(FARM.replace("en: Farm}", f'en: "Fa{hidden}rm"}}', 1))
