"""Bad meters and broken runs through the verbs: refused in words, nothing half-written, and healed by the next run."""

import json
import shutil
import sqlite3

import pytest

from prove.test_restating_cli import Farm
from tamna.errors import InputError
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.grid.product import load_product
from tamna.runs import certifying, open_store
from tamna.runs.meters import supply_readings
from tamna.sources.synthetic import typical_year

DAYS = parse_period("2023-04-01", "2023-04-02", "Asia/Seoul")


@pytest.fixture(scope="module")
def typical(tmp_path_factory):
    place = tmp_path_factory.mktemp("breaks") / "store"
    open_store(place, load_island("typical-jeju")).ingest([typical_year(seed=0, year=2023)])
    return place


@pytest.fixture
def farm(tmp_path, typical, capsys):
    made = Farm(tmp_path, typical, capsys)
    made.meter("mill", [6.0] * 48)
    return made


def rows(farm, lines):
    """Load a file of the farm's meter, line by line as given."""
    place = farm.folder / "raw"
    farm.meter("mill", [6.0] * 48, version="mapping")
    shutil.copytree(farm.folder / "mapping" / "mill", place)
    mapping = (place / "tamna-mapping.yaml").read_text("utf-8").replace("mill", "farm")
    (place / "tamna-mapping.yaml").write_text(mapping, encoding="utf-8")
    (place / "farm.csv").write_text(
        "time,kwh\n" + "".join(f"{at},{kwh}\n" for at, kwh in lines), encoding="utf-8"
    )
    farm.ask("ingest", place / "farm.csv", "--store", farm.store)


def day(kwh=10.0):
    return [(f"2023-04-{1 + h // 24:02}T{h % 24:02}:00:00", kwh) for h in range(48)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ([("2023-04-01T05:00:00", 12.0)], "two of its interval disagree"),
        ([("2023-04-01T05:30:00", 12.0)], "two readings overlap"),
        ([("2023-04-01T05:00:00", -1.0)], "two of its interval disagree"),
    ],
)
def test_readings_that_disagree_or_overlap_are_refused_and_nothing_is_written(farm, more, reason):
    rows(farm, day() + more)
    said = farm.prove("farm", code=2).err
    assert reason in said
    assert "Correct the file" in said
    assert not (farm.folder / "out").exists()
    with sqlite3.connect(farm.folder / "book.db") as book:
        (count,) = book.execute("select count(*) from ledger_entry").fetchone()
    book.close()
    assert count == 2  # the book's rules and its key


def test_two_equal_readings_of_an_hour_are_one(farm):
    rows(farm, [*day(), day()[5]])
    assert json.loads(farm.prove("farm", "--json").out)["score"]["load_wh"] == 480_000


def test_what_disagrees_outside_the_period_is_no_reason_to_refuse(farm):
    rows(
        farm,
        [*day(), ("2023-04-03T05:00:00", 1.0), ("2023-04-03T05:00:00", 2.0), ("2023-04-03T05:30:00", 2.0)],
    )
    assert json.loads(farm.prove("farm", "--json").out)["score"]["load_wh"] == 480_000
    product = load_product(farm.folder / "farm.yaml")
    with pytest.raises(InputError, match="overlap"):
        supply_readings(
            open_store(farm.store, load_island("typical-jeju")), product,
            parse_period("2023-04-01", "2023-04-03", "Asia/Seoul"), "Asia/Seoul",
        )  # fmt: skip


@pytest.mark.parametrize("step", ["sign", "status_list", "certified", "_hours"])
def test_a_run_that_dies_between_the_entries_and_the_certificates_is_healed_by_the_next(
    farm, monkeypatch, step
):
    farm.meter("farm", [10.0] * 48)
    farm.prove("farm")
    old = farm.folder / "old.json"
    shutil.copy(farm.folder / "out" / "audit" / "farm-2023-04-02.json", old)
    farm.meter("farm", [10.0] * 47 + [4.0], version="corrected")

    def die(*_args, **_more):
        raise SystemExit(137)

    with monkeypatch.context() as patch:
        patch.setattr(certifying, step, die)
        with pytest.raises(SystemExit):
            farm.prove("farm")
    before = len(farm.entries())
    found = json.loads(farm.prove("farm", "--json").out)
    assert len(farm.entries()) == before  # the entries were written whole, before it died
    assert [m["after_wh"] for m in found["restated"]["meters"]] == [4_000]  # what the dead run did not tell
    assert len(found["restated"]["lots"]) == 2
    assert {lot["check"] for lot in found["lots"]} == {"valid"}
    assert farm.verify(old, "out", 1)[1]["status"] == "invalid"
    for what in ("audit", "shelf"):
        assert farm.verify(farm.folder / "out" / what / "farm-2023-04-02.json", "out", 0)[0] == "valid"
    words = ["ledger", "audit", "--ledger", farm.ledger, "--trust", farm.folder / "out" / "issuer.json"]
    assert "keep every rule" in farm.ask(*words).out


def test_a_run_that_dies_while_it_writes_its_entries_leaves_the_book_as_it_was(farm, monkeypatch):
    farm.meter("farm", [10.0] * 48)
    farm.prove("farm")
    before = len(farm.entries())
    farm.meter("farm", [0.0] * 48, version="corrected")

    def die(*_args, **_more):
        raise SystemExit(137)

    with monkeypatch.context() as patch:
        patch.setattr("tamna.runs.proving.restated", die)
        with pytest.raises(SystemExit):
            farm.prove("farm")
    assert len(farm.entries()) == before
    found = json.loads(farm.prove("farm", "--json").out)
    assert found["score"]["load_wh"] == 0  # restated to nothing: a lot that used nothing
    assert [bool(m["claims_under_review"]) for m in found["restated"]["meters"]] == [True]
