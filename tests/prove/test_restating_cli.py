"""A meter corrected after the fact, through the verbs: the old certificate is refused, the history stays to be seen."""

import csv
import io
import json
import shutil

import numpy as np
import pytest

from tamna.grid import load_island
from tamna.ledger import operations as op
from tamna.ledger.event import Kind
from tamna.ledger.merkle import leaf_hash
from tamna.ledger.nouns import Account
from tamna.registry import Registry
from tamna.registry.reading import stored
from tamna.runs import open_store
from tamna.serve.cli.app import run
from tamna.sources.synthetic import typical_year

MAPPING = """
files:
  - match: {name}.csv
    time: {{column: time, format: '%Y-%m-%dT%H:%M:%S', timezone: Asia/Seoul, label: start}}
    resolution: 1h
    columns:
      kwh: {{series: {name}/meter, unit: kWh, kind: sum}}
"""
PRODUCT = """
name: {name}
title: {{ko: 제품, en: Product}}
zone: jeju
process: {{ko: 농사, en: Farming}}
supply: [{{name: supply, series: {name}/meter}}]
plants: [{{name: mill, kind: wind, owner: hallim, capacity_kw: 20, commissioned: 2020-01-01, series: mill/meter}}]
papers: [{{number: PPA-{name}, scheme: ppa, first: 2023-01-01, last: 2023-12-31, plant: mill}}]
lots: {{every: day, name: "{name}-{{day}}"}}
"""
NOTHING = {"meters": [], "evidence_given_back": [], "claims": [], "lots": []}


@pytest.fixture(scope="module")
def typical(tmp_path_factory):
    place = tmp_path_factory.mktemp("restated") / "store"
    open_store(place, load_island("typical-jeju")).ingest([typical_year(seed=0, year=2023)])
    return place


class Farm:
    """A folder with a store, a book and products, and the verbs run in it."""

    def __init__(self, folder, typical, capsys):
        self.folder, self.capsys, self.store = folder, capsys, folder / "store"
        shutil.copytree(typical, self.store)
        for name in ("farm", "dairy"):
            (folder / f"{name}.yaml").write_text(PRODUCT.format(name=name), encoding="utf-8")

    def meter(self, name, kwh, version="first"):
        place = self.folder / version / name
        place.mkdir(parents=True)
        rows = (f"2023-04-{1 + h // 24:02}T{h % 24:02}:00:00,{v}\n" for h, v in enumerate(kwh))
        (place / f"{name}.csv").write_text("time,kwh\n" + "".join(rows), encoding="utf-8")
        (place / "tamna-mapping.yaml").write_text(MAPPING.format(name=name), encoding="utf-8")
        self.ask("ingest", place / f"{name}.csv", "--store", self.store)

    def ask(self, *words, code=0):
        assert run(list(map(str, words))) == code
        return self.capsys.readouterr()

    def prove(self, name, *words, out="out", code=0):
        given = ["prove", "typical-jeju", "--product", self.folder / f"{name}.yaml"]
        given += ["--from", "2023-04-01", "--to", "2023-04-02", "--store", self.store, "--pages", "0"]
        given += ["--ledger", self.ledger, "--keys", self.folder / "keys", "--out", self.folder / out]
        return self.ask(*given, *words, code=code)

    @property
    def ledger(self):
        return f"sqlite:///{self.folder / 'book.db'}"

    def verify(self, file, by, code):
        """Check a certificate with what lies in the folder `by`: what each check answers."""
        words = [
            "verify",
            file,
            "--trust",
            self.folder / by / "issuer.json",
            "--status",
            self.folder / by / "status.json",
        ]
        found = json.loads(self.ask(*words, "--json", code=code).out)
        return found["answer"], {c["name"]: c["answer"] for c in found["checks"]}

    def entries(self):
        with Registry.open(self.ledger) as book, book.reading() as here:
            return [one.event() for one in stored(here)]


@pytest.fixture
def farm(tmp_path, typical, capsys):
    made = Farm(tmp_path, typical, capsys)
    made.meter("farm", [10.0] * 48)
    made.meter("mill", [6.0] * 48)
    return made


@pytest.mark.parametrize("what", ["shelf", "audit"])
def test_a_corrected_meter_takes_the_old_certificate_back_and_issues_another(farm, what):
    before = json.loads(farm.prove("farm", "--json").out)
    assert before["restated"] == NOTHING
    old = farm.folder / "old.json"
    shutil.copy(farm.folder / "out" / what / "farm-2023-04-02.json", old)
    assert farm.verify(old, "out", 0)[0] == "valid"
    farm.meter("farm", [10.0] * 47 + [4.0], version="corrected")

    after = json.loads(farm.prove("farm", "--json").out)
    answer, checks = farm.verify(old, "out", 1)
    assert (answer, checks["status"], checks["signature"]) == ("invalid", "invalid", "valid")
    assert farm.verify(farm.folder / "out" / what / "farm-2023-04-02.json", "out", 0)[0] == "valid"
    assert before["score"]["load_wh"] - after["score"]["load_wh"] == 6_000
    (meter,) = after["restated"]["meters"]
    assert (meter["name"], meter["of"], meter["intervals"]) == ("farm", "consumption", 1)
    assert (meter["before_wh"], meter["after_wh"], meter["first"]) == (10_000, 4_000, "2023-04-02T14:00Z")
    (claim,) = after["restated"]["claims"]
    assert meter["claims_under_review"] == [claim["entry"]]
    assert claim["claimed_again"] > claim["entry"]
    assert [lot["taken_back"] for lot in after["restated"]["lots"]] == [
        lot["entry"] for lot in before["lots"]
    ]
    assert [lot["issued_again"] for lot in after["restated"]["lots"]] == [
        lot["entry"] for lot in after["lots"]
    ]
    again = json.loads(farm.prove("farm", "--json").out)
    assert again["restated"] == NOTHING


def test_history_stays_in_the_journal_and_the_book_is_sound(farm):
    farm.prove("farm")
    farm.meter("mill", [6.0] * 47 + [2.0], version="corrected")
    farm.prove("farm")
    kinds = [
        json.loads(line)["head"]["kind"]
        for line in farm.ask("ledger", "export", "journal", "--ledger", farm.ledger).out.splitlines()
    ]
    assert (kinds.count("restate"), kinds.count("claim"), kinds.count("lots"), kinds.count("lot")) == (
        2,
        2,
        2,
        4,
    )  # the mill, and the fleet it is out of
    rows = list(
        csv.DictReader(io.StringIO(farm.ask("ledger", "export", "bundles", "--ledger", farm.ledger).out))
    )
    hour = [r for r in rows if r["device"] == "hallim:mill" and r["start"] == "2023-04-02T14:00Z"]
    assert {live: sum(int(r["quantity_wh"]) for r in hour if r["live"] == live) for live in "01"} == {
        "0": 6000,
        "1": 2000,
    }
    shown = farm.ask("ledger", "show", "--ledger", farm.ledger).out
    assert "of the claims 1 stand, 0 are under review, 1 were replaced" in shown
    assert "2 intervals of devices were restated" in shown
    words = ["ledger", "audit", "--ledger", farm.ledger, "--trust", farm.folder / "out" / "issuer.json"]
    assert "keep every rule" in farm.ask(*words).out


def test_the_text_says_what_was_restated_and_whose_claims_wait(farm):
    """A plant that two products share: the dairy's claim waits until the dairy is proved again."""
    farm.meter("dairy", [5.0] * 48)
    farm.prove("farm", out="farm")
    farm.prove("dairy", out="dairy")
    old = farm.folder / "dairy" / "shelf" / "dairy-2023-04-01.json"
    farm.meter("mill", [1.0] * 48, version="corrected")
    said = farm.prove("farm", out="farm").out
    assert (
        "48 readings of what hallim:mill made, 2023-04-01T00:00 to 2023-04-02T23:00: 288.0 kWh before, 48.0 kWh now"
        in said
    )
    assert "of farm, 2023-04-01 to 2023-04-02, came under review; entry" in said
    assert "farm: 2 lots taken back and issued again: farm-2023-04-01 (" in said
    assert "hand it to readers" in said
    assert "of dairy, 2023-04-01 to 2023-04-02, is under review: prove its product again" in said
    assert "dairy: 2 lots taken back: dairy-2023-04-01 (" in said
    assert farm.verify(old, "farm", 1)[1]["status"] == "invalid"
    later = farm.prove("dairy", "--lang", "ko", out="dairy").out
    assert "다시 발급" in later
    assert farm.verify(old, "dairy", 0)[0] == "valid"


def test_no_entry_that_holds_energy_can_be_guessed_beside_a_lot(farm):
    farm.prove("farm")
    farm.meter("farm", [10.0] * 47 + [4.0], version="corrected")
    farm.prove("farm")
    entries = farm.entries()
    telling = [e for e in entries if len(e.rows)]
    assert {e.kind for e in telling} >= {
        Kind.CONSUME,
        Kind.ISSUE,
        Kind.CANCEL,
        Kind.CLAIM,
        Kind.LOT,
        Kind.RESTATE_LOAD,
    }
    salts = [e.about["salt"] for e in telling]
    assert all(len(s) == 32 for s in salts)
    assert len(set(salts)) == len(salts)
    shown = json.loads((farm.folder / "out" / "shelf" / "farm-2023-04-01.json").read_text("utf-8"))
    number = shown["evidence"]["index"]
    beside = entries[number ^ 1]
    assert shown["evidence"]["inclusion"][0] == leaf_hash(beside.leaf()).hex()
    known = {k: v for k, v in beside.about.items() if k != "salt"}
    guess = type(beside)(beside.kind, beside.at, known, beside.rows)
    assert not len(beside.rows) or leaf_hash(guess.leaf()).hex() != shown["evidence"]["inclusion"][0]


def test_a_product_without_the_plant_leaves_the_book_as_another_with_it_made_it(farm):
    """The fleet is without every plant that stands under a paper, whoever is proved: else each run would restate it."""
    farm.meter("plain", [5.0] * 48)
    text = PRODUCT.format(name="plain")
    (farm.folder / "plain.yaml").write_text(
        text[: text.index("plants:")] + "lots: {every: period}\n", encoding="utf-8"
    )
    farm.prove("farm")
    assert json.loads(farm.prove("plain", "--json", out="plain").out)["restated"]["meters"] == []
    assert json.loads(farm.prove("farm", "--json").out)["restated"] == NOTHING


def killed(farm, monkeypatch, *, at):
    """Let a proof of the farm die where its certificates are about to be left, or while they are."""
    with monkeypatch.context() as here:
        here.setattr(
            f"tamna.runs.certifying.{at}", lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        farm.prove("farm", code=130)


@pytest.mark.parametrize("at", ["sign", "_leave", "verified", "proof_dict"])
def test_a_run_killed_before_it_told_what_it_took_back_is_told_by_the_next(farm, monkeypatch, at):
    before = json.loads(farm.prove("farm", "--json").out)
    farm.meter("mill", [6.0] * 47 + [2.0], version="corrected")
    killed(farm, monkeypatch, at=at)
    after = json.loads(farm.prove("farm", "--json").out)
    meters = {m["name"]: m for m in after["restated"]["meters"]}
    assert (meters["hallim:mill"]["before_wh"], meters["hallim:mill"]["after_wh"]) == (6_000, 2_000)
    (claim,) = after["restated"]["claims"]
    assert meters["hallim:mill"]["claims_under_review"] == [claim["entry"]]
    assert [(x["taken_back"], x["issued_again"]) for x in after["restated"]["lots"]] == [
        (old["entry"], new["entry"]) for old, new in zip(before["lots"], after["lots"], strict=True)
    ]
    assert json.loads(farm.prove("farm", "--json").out)["restated"] == NOTHING


@pytest.mark.parametrize("kept", [None, b"{", b"[1]", b'{"size":"4","root":""}'])
def test_a_folder_without_its_checkpoint_tells_nothing(farm, kept):
    farm.prove("farm")
    farm.meter("mill", [6.0] * 47 + [2.0], version="corrected")
    farm.prove("farm", out="elsewhere")
    place = farm.folder / "out" / "checkpoint.json"
    place.unlink() if kept is None else place.write_bytes(kept)
    assert json.loads(farm.prove("farm", "--json").out)["restated"] == NOTHING


@pytest.mark.parametrize("book", ["gone", "another", "rolled back"])
def test_a_book_that_does_not_begin_with_what_the_folder_holds_is_not_written(farm, book):
    """Else the same hours would be certified again, and nobody would hear that the first certificates exist."""
    place = farm.folder / "book.db"
    farm.prove("farm")
    if book == "rolled back":
        shutil.copy(place, farm.folder / "backup.db")
        farm.meter("mill", [6.0] * 47 + [2.0], version="corrected")
        farm.prove("farm")
        shutil.copy(farm.folder / "backup.db", place)
    else:
        place.unlink()
    if book == "another":
        farm.prove("farm", out="elsewhere")
    before = place.read_bytes() if place.exists() else None
    said = farm.prove("farm", code=2).err
    assert "of another book, or the book was rolled back" in said
    assert (place.read_bytes() if place.exists() else None) == before


def test_a_folder_that_cannot_be_written_is_said_before_the_book_is_or_mended_after(farm):
    (farm.folder / "out").write_text("a file", encoding="utf-8")
    assert "the folder for the certificates cannot be made" in farm.prove("farm", code=2).err
    assert not (farm.folder / "book.db").exists()
    (farm.folder / "out").unlink()
    (farm.folder / "out").mkdir()
    (farm.folder / "out" / "audit").symlink_to("/nonexistent")
    assert "the certificates could not be left" in farm.prove("farm", code=1).err
    (farm.folder / "out" / "audit").unlink()
    assert json.loads(farm.prove("farm", "--json").out)["valid"] == 2


def test_a_folder_is_told_what_a_run_into_another_folder_took_back(farm):
    farm.prove("farm")
    farm.meter("mill", [6.0] * 47 + [2.0], version="corrected")
    there = json.loads(farm.prove("farm", "--json", out="elsewhere").out)["restated"]
    here = json.loads(farm.prove("farm", "--json").out)["restated"]
    assert (here["claims"], here["lots"]) == (there["claims"], there["lots"])
    assert [m["name"] for m in here["meters"]] == [
        "hallim:mill"
    ]  # the fleet, too, was corrected: no claim showed it


@pytest.mark.parametrize(("ahead_s", "code"), [(1800, 0), (7200, 2)])
def test_a_book_that_a_clock_far_ahead_has_written_in_gets_no_certificates(farm, ahead_s, code):
    """They would be dated after that clock, and no reader would find them valid before then."""
    farm.prove("farm")
    with Registry.open(farm.ledger) as book:
        later = np.datetime64("now", "s") + np.timedelta64(ahead_s, "s")
        book.record(op.account(later, Account(name="ahead", zone="jeju")))
        size = book.state().size
    said = farm.prove("farm", code=code).err
    assert ("dated in the future: a clock was wrong" in said) == (code == 2)
    with Registry.open(farm.ledger) as book:
        assert book.state().size == size


def test_a_kept_checkpoint_with_its_exported_proof_is_what_verify_and_audit_take(farm):
    farm.prove("farm")
    kept = shutil.copy(farm.folder / "out" / "checkpoint.json", farm.folder / "kept.json")
    farm.meter("farm", [10.0] * 47 + [4.0], version="corrected")
    farm.prove("farm")
    proof, file = farm.folder / "proof.json", farm.folder / "out" / "shelf" / "farm-2023-04-02.json"
    farm.ask("ledger", "export", "consistency", "--since", kept, "--out", proof, "--ledger", farm.ledger)
    trust = farm.folder / "out" / "issuer.json"
    told = json.loads(farm.ask("verify", file, "--trust", trust, "--checkpoint", proof, "--json").out)
    assert {c["name"]: c["answer"] for c in told["checks"]}["history"] == "valid"
    words = ["ledger", "audit", "--trust", trust, "--ledger", farm.ledger, "--json", "--checkpoint"]
    for one in (kept, proof):
        assert json.loads(farm.ask(*words, one).out)["roll_back"] == "checked"
    for none in (trust, farm.folder / "out" / "proof.json"):
        assert "not a checkpoint" in farm.ask(*words, none, code=2).err
