"""What `tamna ledger` says of links and balances, and what auditors get of them."""

import json

import duckdb
import numpy as np
import pytest

from ledger.island import DAY, HOUR, device, hours, right
from tamna.ledger import links
from tamna.ledger import operations as op
from tamna.ledger.across import Link
from tamna.ledger.matching import Geography, Policy, match
from tamna.ledger.nouns import Account
from tamna.registry import Registry
from tamna.runs.audit_tables import MEANINGS
from tamna.serve.cli.app import run

ENDS = ("mainland", "jeju")


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAMNA_LEDGER", f"sqlite:///{tmp_path / 'book.db'}")
    assert run(["ledger", "init", "--issuer", "did:web:jeju.example"]) == 0
    with Registry.open("book.db") as held:
        now = held.state().at
        terms = {
            "generation": 900,
            "imported": 97,
            "discharge": 0,
            "load": 980,
            "export": 0,
            "charge": 0,
            "losses": 17,
        }
        balance = links.balanced(hours(2), **{name: np.full(2, wh) for name, wh in terms.items()})
        held.record(
            *(op.account(now, Account(name=n, zone=z)) for n, z in (("busan", "mainland"), ("eggs", "jeju"))),
            links.link(now, Link(name="cable", ends=ENDS, capacity_w=1000, loss_permille=30)),
            op.device(now, device("mill", "busan", zone="mainland")),
            op.right(now, right(devices=("mill",))),
            op.issue(now, "mill", op.readings(hours(2), np.array([500, 500]))),
            op.consume(now, "eggs", op.readings(hours(2), np.array([80, 80]))),
            links.flow(
                now, "cable", links.carried(hours(2), np.array([100, 100]), loss_permille=30), ends=ENDS
            ),
            links.balance(now, "jeju", balance, tolerance_permille=10),
        )
        held.record(*match(held.state(), now, DAY, DAY + 2 * HOUR, Policy(geography=Geography.LINK)).entries)
        again = links.carried(hours(1), np.array([50]), np.array([40]))
        held.record(links.restate_flow(now, "cable", again, ends=ENDS, reason="meter exchanged"))
    return tmp_path


def answered(capsys, *words, code=0):
    capsys.readouterr()
    assert run(["ledger", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_book_shows_what_its_links_carried_and_what_its_zones_have_left(book, capsys):
    found = answered(capsys, "show")
    way = {"link": "cable", "intervals": 2, "estimated": 0}
    assert found["links"][0] == {**way, "from": "mainland", "to": "jeju", "sent_wh": 150, "delivered_wh": 137,
                                 "used_wh": 133}  # fmt: skip
    assert found["links"][1]["intervals"] == 0
    assert found["balances"] == [
        {"zone": "jeju", "intervals": 2, "under_review": 1, "tolerance_permille": 10, "used_wh": 980,
         "claimed_wh": 80, "residual_wh": 900},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("residual mix [Wh]", "133 Wh of 150 Wh sent are used", "1 intervals of the balance are under review",
                "mainland: no balance was metered")),
        ("ko", ("잔여 믹스 [Wh]", "송전량 150 Wh 가운데 133 Wh", "수지 1개 구간이 재검토 중", "mainland: 계량된 수지가 없어")),
    ],
)  # fmt: skip
def test_show_and_audit_say_it_in_words(book, capsys, language, words):
    assert run(["ledger", "checkpoint"]) == 0
    assert run(["--lang", language, "ledger", "show"]) == 0
    assert run(["--lang", language, "ledger", "audit"]) == 1
    said = capsys.readouterr().out
    for one in words:
        assert one in said


def test_auditors_get_flows_and_balances_with_the_meaning_of_every_column(book, capsys):
    assert run(["ledger", "export", "tables", "--out", "audit"]) == 0
    flows = duckdb.sql("SELECT * FROM 'audit/flows.parquet'").df()
    assert flows["delivered_wh"].tolist() == [97, 97, 40]
    balances = duckdb.sql("SELECT * FROM 'audit/balances.parquet'").df()
    assert balances["import_wh"].tolist() == [97, 97]
    assert {*flows, *balances} <= set(MEANINGS)
