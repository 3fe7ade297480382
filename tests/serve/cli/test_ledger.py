"""`tamna ledger`: make a book, look into it, sign it, audit it, and keep its keys, in both languages."""

import json

import numpy as np
import pytest

from ledger.island import hours
from tamna.ledger import operations as op
from tamna.ledger.nouns import Account
from tamna.registry import Registry
from tamna.serve.cli.app import run

ISSUER = "did:web:jeju.example"


@pytest.fixture
def at(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAMNA_LEDGER", f"sqlite:///{tmp_path / 'book.db'}")
    monkeypatch.delenv("TAMNA_LEDGER_KEYS", raising=False)
    return tmp_path


def said(capsys, *words, code=0):
    assert run(["ledger", *words]) == code
    return capsys.readouterr()


def answered(capsys, *words, code=0):
    return json.loads(said(capsys, *words, "--json", code=code).out)


def filled():
    with Registry.open("book.db") as book:
        now = book.state().at
        book.record(
            op.account(now, Account(name="eggs", zone="jeju")),
            op.consume(now, "eggs", op.readings(hours(3), np.array([5, 6, 7]))),
        )


def test_a_book_is_made_signed_and_audited(at, capsys):
    made = answered(capsys, "init", "--issuer", ISSUER)
    assert made["key"].startswith(f"{ISSUER}#z6Mk")
    assert (at / made["key_file"]).stat().st_mode & 0o777 == 0o600
    filled()
    assert answered(capsys, "show")["accounts"] == [
        {"name": "eggs", "intervals": 3, "load_wh": 18, "cancelled_wh": 0}
    ]
    assert answered(capsys, "checkpoint")["checkpoint"]["size"] == 4
    said(capsys, "keys", "trust", "--out", "issuer.json")
    found = answered(capsys, "audit", "--trust", "issuer.json")
    assert (found["answer"], found["entries"], found["rows"], found["signed"]) == ("sound", 4, 3, 4)
    assert found["roll_back"] == "not checkable"
    alone = answered(capsys, "audit", code=1)
    assert alone["answer"] == "intact, issuer unknown"


def test_an_audit_that_refuses_says_why_in_both_languages(at, capsys):
    import sqlite3

    said(capsys, "init", "--issuer", ISSUER)
    filled()
    said(capsys, "export", "checkpoint", "--out", "kept.json")
    with sqlite3.connect(at / "book.db") as to:
        to.execute("DROP TRIGGER ledger_entry_no_delete")
        to.execute("DELETE FROM ledger_entry WHERE seq = 3")
        sql = "CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'x'); END"
        to.execute(sql)
    to.close()
    refused = answered(capsys, "audit", "--checkpoint", "kept.json", code=2)
    assert [m["what"] for m in refused["error"]["mistakes"]] == ["the journal was cut: entries are missing"]
    assert "원장이 잘렸습니다" in said(capsys, "audit", "--lang", "ko", code=2).err


def test_keys_are_rotated_and_revoked(at, capsys):
    first = answered(capsys, "init", "--issuer", ISSUER)["key"]
    refused = said(capsys, "keys", "revoke", first, code=2)
    assert "left without a key" in refused.err
    second = answered(capsys, "keys", "rotate")["key"]
    assert answered(capsys, "keys", "revoke", first.partition("#")[2][:14])["key"] == first
    listed = answered(capsys, "keys", "list")["keys"]
    assert [(k["name"], bool(k["until"]), bool(k["revoked"]), k["private_key_here"]) for k in listed] == [
        (first, True, True, True),
        (second, False, False, True),
    ]
    said(capsys, "keys", "trust", "--out", "issuer.json")
    assert answered(capsys, "audit", "--trust", "issuer.json")["checkpoints"] == 3


def test_what_is_exported_is_the_journal_and_a_proof_of_its_beginning(at, capsys):
    from tamna.ledger.merkle import check_consistency

    said(capsys, "init", "--issuer", ISSUER)
    said(capsys, "export", "checkpoint", "--out", "kept.json")
    filled()
    said(capsys, "checkpoint")
    lines = [json.loads(line) for line in said(capsys, "export", "journal").out.splitlines()]
    assert [line["head"]["kind"] for line in lines] == ["open", "key", "account", "consume"]
    proof = json.loads(said(capsys, "export", "consistency", "--since", "kept.json").out)
    old, new = (
        json.loads((at / "kept.json").read_text()),
        json.loads(said(capsys, "export", "checkpoint").out),
    )
    check_consistency(
        old["size"],
        bytes.fromhex(old["root"]),
        new["size"],
        bytes.fromhex(new["root"]),
        [bytes.fromhex(h) for h in proof["consistency"]],
    )
    assert proof["checkpoint"] == old
    assert said(capsys, "export", "bundles").out.startswith("issuance_id,device,start")
    assert "unknown part" in said(capsys, "export", "everything", code=2).err
    assert "--since" in said(capsys, "export", "journal", "--since", "kept.json", code=2).err


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_verb_speaks(at, capsys, language):
    said(capsys, "init", "--issuer", ISSUER, "--lang", language)
    filled()
    for words in (["show"], ["checkpoint"], ["keys", "list"], ["keys", "rotate"]):
        assert said(capsys, *words, "--lang", language).out.strip()
    assert said(capsys, "audit", "--lang", language, code=1).out.count("\n") >= 3


def test_where_no_book_lies_none_is_made_and_a_book_is_not_made_twice(at, capsys):
    for words in (["show"], ["audit"], ["checkpoint"], ["keys", "rotate"], ["export", "journal"]):
        assert "no ledger lies there" in said(capsys, *words, code=1).err
    assert list(at.iterdir()) == []
    assert "is a DID" in said(capsys, "init", "--issuer", "me", code=2).err
    assert not (at / "book.db").exists()
    said(capsys, "init", "--issuer", ISSUER)
    assert "there is a ledger already" in said(capsys, "init", "--issuer", ISSUER, code=1).err
    assert len(list((at / "ledger-keys").iterdir())) == 1


def test_a_password_in_the_address_is_not_printed(at, capsys, monkeypatch):
    monkeypatch.setenv("TAMNA_LEDGER", "postgresql+psycopg://eggs:s3cr%40t-word@127.0.0.1:1/book")
    for words in (["show"], ["show", "--json"], ["init", "--issuer", ISSUER]):
        told = said(capsys, *words, code=1)
        assert "s3cr" not in told.out + told.err
    assert run(["doctor", "--json"]) in {0, 1}
    assert "s3cr" not in capsys.readouterr().out
