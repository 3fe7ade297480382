"""What leaves a book and what comes in: EnergyTag both ways, Parquet for auditors, each file whole or not there."""

import csv
import json
import shutil

import duckdb
import numpy as np
import pytest

from ledger.island import DAY, HOUR, device, hours, right
from tamna.ledger import chains, energytag
from tamna.ledger import operations as op
from tamna.ledger.carried import LotShare
from tamna.ledger.matching import match
from tamna.ledger.nouns import Account
from tamna.ledger.state import bundles
from tamna.registry import Registry
from tamna.runs.audit_tables import MEANINGS
from tamna.serve.cli.app import run

END = DAY + 4 * HOUR


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Four hours of eggs under a PPA, claimed and shared out; then the load and the plant are corrected, all again."""
    place = tmp_path_factory.mktemp("kept")
    address = f"sqlite:///{place / 'book.db'}"
    words = [
        "ledger",
        "init",
        "--issuer",
        "did:web:jeju.example",
        "--ledger",
        address,
        "--keys",
        str(place / "keys"),
    ]
    assert run(words) == 0
    with Registry.open(address) as held:
        now = held.state().at
        held.record(
            *(op.account(now, Account(name=n, zone="jeju")) for n in ("wind", "eggs")),
            op.device(now, device("hallim", "wind")),
            op.right(now, right()),
            op.issue(now, "hallim", op.readings(hours(4), np.array([100, 50, 0, 30]))),
            op.consume(now, "eggs", op.readings(hours(4), np.array([80, 80, 80, 80]))),
        )
        certified(held, now)
        held.record(
            op.restate(now, "hallim", op.readings(hours(1), [60]), reason="meter exchanged"),
            op.restate_load(now, "eggs", op.readings(hours(1), [70]), reason="meter exchanged"),
        )
        certified(held, now, replaces=True)
    return place


@pytest.fixture
def book(kept, tmp_path, monkeypatch, capsys):
    capsys.readouterr()
    for file in kept.glob("book.db*"):
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAMNA_LEDGER", f"sqlite:///{tmp_path / 'book.db'}")
    return tmp_path


def certified(held, now, *, replaces=False):
    held.record(*match(held.state(), now, DAY, END).entries)
    state = held.state()
    old = list(state.claims) if replaces else []
    held.record(op.claim(state, now, "eggs", DAY, END, cancellations=list(state.cancellations), replaces=old))
    claim, sharing = max(held.state().claims), next(iter(state.lots), None)
    held.record(chains.share_out(now, "eggs", [LotShare("tray", DAY, END, 1)], claim=claim, replaces=sharing))
    held.record(*chains.lots_of(held.state(), now, max(held.state().lots)))


def ask(capsys, *words, code=0):
    assert run(["ledger", *map(str, words)]) == code
    return capsys.readouterr()


def every():
    with Registry.open("book.db") as held:
        state = held.state()
    return tuple(b for name in state.devices for b in bundles(state, name))


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_what_goes_out_as_energytag_comes_in_as_the_same_bundles(book, capsys, ending):
    file = book / f"bundles.{ending}"
    ask(capsys, "export", "energytag", "--out", file)
    raw = file.read_bytes()
    found = energytag.read_json(raw) if ending == "json" else energytag.read_csv(raw.decode())
    assert found == every()
    told = json.loads(ask(capsys, "read", file, "--json").out)
    assert (told["bundles"], told["replaced"]) == (len(found), sum(not b.live for b in found))
    assert told["replaced"] > 0
    assert told["wh"] == 60 + 50 + 30
    assert told["wh_by_status"] == {"cancelled": 60 + 50 + 30}
    assert told["devices"] == [{"name": "hallim", "bundles": told["bundles"] - told["replaced"], "wh": 140}]
    assert (told["from"], told["to"], told["carriers"]) == (
        "2023-04-01T00:00Z",
        "2023-04-01T04:00Z",
        ["electricity"],
    )
    unnamed = file.rename(book / "bundles")
    assert json.loads(ask(capsys, "read", unnamed, "--json").out)["wh"] == 140


def test_stdout_holds_the_same_json_and_its_bytes_are_canonical(book, capsys):
    from tamna.ledger.canonical import canonical

    out = ask(capsys, "export", "energytag").out
    assert out.encode() == canonical(json.loads(out)) + b"\n"
    ask(capsys, "export", "energytag", "--out", "bundles.json")
    assert (book / "bundles.json").read_text("utf-8") == out


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_a_file_holds_is_said_in_words(book, capsys, language):
    ask(capsys, "export", "energytag", "--out", "bundles.csv")
    said = ask(capsys, "read", "bundles.csv", "--lang", language).out
    assert ("bundles of 1 devices" if language == "en" else "설비 1개") in said
    assert "hallim" in said


def test_another_registry_s_names_numbers_and_offsets_are_read(book, capsys):
    row = {
        "issuance_id": "1-electricity", "certificate_status": "Active", "account_id": 7, "bundle_id_range_start": 2**33,
        "bundle_id_range_end": 2**33 + 99, "bundle_quantity": 100, "energy_carrier": "Electricity", "energy_source": "Wind",
        "face_value": 1, "device_id": 3, "production_starting_interval": "2023-04-01T09:00:00+09:00",
        "production_ending_interval": "2023-04-01T09:30:00+09:00",
    }  # fmt: skip
    (book / "other.json").write_text(json.dumps({"granular_certificate_bundles": [row]}), encoding="utf-8")
    with (book / "other.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    for name in ("other.json", "other.csv"):
        told = json.loads(ask(capsys, "read", name, "--json").out)
        assert (told["from"], told["to"], told["wh"]) == ("2023-04-01T00:00Z", "2023-04-01T00:30Z", 100)
        assert (told["accounts"], told["devices"][0]["name"]) == (["7"], "3")


WRONG = {
    "no JSON": (b"{", "not JSON"),
    "no list": (b"{}", "no list"),
    "a number": (b"7", "no list"),
    "no bundle": (b"[7]", "not a certificate bundle"),
    "a key twice": (b'{"certificate_bundles":[],"certificate_bundles":[]}', "twice"),
    "not UTF-8": (b"\xff", "not valid UTF-8"),
}


@pytest.mark.parametrize("what", list(WRONG))
def test_what_is_no_file_of_bundles_is_refused(book, capsys, what):
    raw, reason = WRONG[what]
    (book / "x.json").write_bytes(raw)
    assert reason in ask(capsys, "read", "x.json", code=2).err
    assert ask(capsys, "read", "x.json", "--lang", "ko", code=2).err


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("bundle_quantity", 99, "quantity"),
        ("certificate_bundle_status", ["Active"], "no such status"),
        ("production_starting_interval", "today", "moment"),
        ("production_starting_interval", "2023-04-01", "moment"),
        ("production_starting_interval", "2023-04-01T00:00:00.5Z", "moment"),
        ("production_ending_interval", "2023-04-01T09:00:00+09:00", "1 h"),
        ("face_value", 1000, "face value"),
        ("account_id", True, "must be a text"),
        ("tamna_live", "maybe", "true or false"),
        ("tamna_live", [], "true or false"),
        ("tamna_entry", [1], "whole number"),
        ("certificate_bundle_id_range_start", -1, "quantity"),
    ],
)
def test_a_bundle_that_cannot_be_is_named_with_its_place(book, capsys, field, value, reason):
    ask(capsys, "export", "energytag", "--out", "x.json")
    body = json.loads((book / "x.json").read_text("utf-8"))
    body["certificate_bundles"][0][field] = value
    (book / "x.json").write_text(json.dumps(body), encoding="utf-8")
    said = ask(capsys, "read", "x.json", code=2).err
    assert reason in said
    assert "x.json" in said
    assert "#1" in said


def test_a_table_without_a_column_and_bundles_that_share_an_id_are_refused(book, capsys):
    ask(capsys, "export", "energytag", "--out", "x.csv")
    lines = (book / "x.csv").read_text("utf-8").splitlines(keepends=True)
    live = next(line for line in lines if ",true," in line)
    (book / "twice.csv").write_text("".join([*lines, live]), encoding="utf-8")
    assert "share an id" in ask(capsys, "read", "twice.csv", code=2).err
    (book / "short.csv").write_text(lines[0].replace("face_value,", "") + lines[1], encoding="utf-8")
    assert "a column is missing (got face_value)" in ask(capsys, "read", "short.csv", code=2).err
    (book / "wide.csv").write_text(lines[0] + "x" * 200_000, encoding="utf-8")
    most = csv.field_size_limit(1000)  # of the process: other readers may have raised it
    try:
        assert "not a table" in ask(capsys, "read", "wide.csv", code=2).err
    finally:
        csv.field_size_limit(most)
    assert "cannot be read" in ask(capsys, "read", "none.csv", code=2).err
    (book / "empty.csv").write_text(lines[0], encoding="utf-8")
    assert "no bundles" in ask(capsys, "read", "empty.csv").out


def test_auditors_get_parquet_with_history_and_the_meaning_of_every_column(book, capsys):
    ask(capsys, "export", "tables", "--out", "audit")
    assert sorted(p.name for p in (book / "audit").iterdir()) == [
        "bundles.parquet", "claims.parquet", "consumption.parquet", "lots.parquet",
    ]  # fmt: skip

    def rows(text):
        return duckdb.sql(text).fetchall()

    assert rows("SELECT live, sum(quantity_wh) FROM 'audit/bundles.parquet' GROUP BY 1 ORDER BY 1") == [
        (False, 100),
        (True, 140),
    ]
    assert rows("SELECT wh, live FROM 'audit/consumption.parquet' WHERE start_utc = '2023-04-01 00:00' ORDER BY entry") == [
        (80, False), (70, True),
    ]  # fmt: skip
    assert rows("SELECT standing, count(*), sum(load_wh), sum(ppa_wh) FROM 'audit/claims.parquet' GROUP BY 1 ORDER BY 1") == [
        ("good", 4, 310, 140), ("replaced", 4, 320, 160),
    ]  # fmt: skip
    assert rows("SELECT stands, lot, sum(load_wh) FROM 'audit/lots.parquet' GROUP BY ALL ORDER BY 1") == [
        (False, "tray", 320), (True, "tray", 310),
    ]  # fmt: skip
    joined = """SELECT c.start_utc, c.ppa_wh, b.wh FROM 'audit/claims.parquet' c JOIN (
        SELECT claim, start_utc, sum(quantity_wh) AS wh FROM 'audit/bundles.parquet' WHERE live GROUP BY ALL) b
        ON c.entry = b.claim AND c.start_utc = b.start_utc"""
    assert [(ppa, wh) for _start, ppa, wh in rows(joined + " ORDER BY 1")] == [(60, 60), (50, 50), (30, 30)]
    assert len(every()) == rows("SELECT count(*) FROM 'audit/bundles.parquet'")[0][0]
    for name in ("bundles", "consumption", "claims", "lots"):
        columns = {r[0] for r in rows(f"DESCRIBE SELECT * FROM 'audit/{name}.parquet'")}
        (about,) = [
            json.loads(r[1])
            for r in rows(f"SELECT key, value FROM parquet_kv_metadata('audit/{name}.parquet')")
            if r[0] == b"tamna"
        ]
        assert set(about) == columns
        assert columns <= set(MEANINGS)


def test_an_empty_book_gives_empty_tables(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAMNA_LEDGER", f"sqlite:///{tmp_path / 'book.db'}")
    monkeypatch.delenv("TAMNA_LEDGER_KEYS", raising=False)
    ask(capsys, "init", "--issuer", "did:web:jeju.example")
    ask(capsys, "export", "tables", "--out", "audit")
    for file in (tmp_path / "audit").iterdir():
        assert duckdb.sql(f"SELECT count(*) FROM '{file}'").fetchall() == [(0,)]
    ask(capsys, "export", "energytag", "--out", "x.json")
    assert "no bundles" in ask(capsys, "read", "x.json").out


@pytest.mark.parametrize(
    ("what", "out"), [("energytag", "x.json"), ("energytag", "x.csv"), ("tables", "audit"), ("bundles", "x")]
)
def test_a_file_that_cannot_be_finished_is_not_there_and_an_older_one_stays(
    book, capsys, monkeypatch, what, out
):
    ask(capsys, "export", what, "--out", out)
    before = {p: p.read_bytes() for p in sorted(book.rglob("*")) if p.is_file()}

    def broken(*_args, **_more):
        raise OSError(28, "No space left on device")

    module = "tamna.serve.cli.ledger_exchange"
    for name in ("energytag.write_json", "energytag.write_csv", "_write_bundles"):
        monkeypatch.setattr(f"{module}.{name}", broken)
    monkeypatch.setattr(
        "tamna.runs.audit_tables.write_frame",
        lambda table, file, about: file.write_bytes(b"half") and broken(),
    )
    said = ask(capsys, "export", what, "--out", out, code=1)
    assert "could not be written" in said.err
    assert {p: p.read_bytes() for p in sorted(book.rglob("*")) if p.is_file()} == before
    assert "could not be written" in ask(capsys, "export", what, "--out", "no/such/folder/x.json", code=1).err
    assert not (book / "no").exists()


def test_a_part_that_is_not_there_and_a_name_that_says_nothing_are_refused(book, capsys):
    assert "unknown part" in ask(capsys, "export", "everything", code=2).err
    assert "--out DIR" in ask(capsys, "export", "tables", code=2).err
    assert ".json or .csv" in ask(capsys, "export", "energytag", "--out", "x.xlsx", code=2).err
    assert ".json" in ask(capsys, "export", "energytag", "--out", "x.xlsx", "--lang", "ko", code=2).err
