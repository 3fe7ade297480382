import json

import pytest

from fake_server import FakeServer
from tamna.serve.cli.app import run
from tamna.sources.live import FETCHERS


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("TAMNA_STATE", str(tmp_path / "state"))
    with FakeServer() as one:
        one.set_as_provider(monkeypatch, "a-secret-key-of-nobody")
        yield one


def test_every_source_is_listed_with_its_key(capsys):
    assert run(["fetch", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["sources"]
    assert {s["name"] for s in listed} == set(FETCHERS)
    assert {s["name"]: s["key"] for s in listed}["kpx.smp"] == "TAMNA_DATA_GO_KR_KEY"


def test_fetching_without_a_first_day_says_what_to_write(capsys):
    assert run(["fetch", "kpx.smp"]) == 2
    assert "--since" in capsys.readouterr().err


def test_an_unknown_source_is_refused(capsys):
    assert run(["fetch", "kpx.nonsense", "--since", "2026-06-01"]) == 2
    assert "kpx.nonsense" in capsys.readouterr().err


def test_what_was_fetched_is_in_the_store_and_not_asked_for_again(server, capsys, tmp_path):
    command = [
        "fetch",
        "kpx.smp",
        "--since",
        "2026-06-05",
        "--until",
        "2026-06-06",
        "--store",
        str(tmp_path / "store"),
        "--json",
    ]
    assert run(command) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["pieces"] >= 1
    assert first["rows"] > 0
    asked = len(server.asked)
    assert run(command) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["rows"] == 0
    assert len(server.asked) == asked


def test_check_tells_each_source_and_never_the_key(server, capsys):
    code = run(["fetch", "--check", "kpx.smp"])
    shown = capsys.readouterr()
    assert "kpx.smp" in shown.out
    assert "a-secret-key-of-nobody" not in shown.out + shown.err
    assert code in {0, 1}


def test_an_issue_that_is_held_is_not_asked_for_again(server, tmp_path):
    import random

    from live_tools import FakeClock, stamp
    from tamna.runs import fetch, open_store
    from tamna.sources.live import Client

    store, client = open_store(tmp_path / "store"), Client(clock=FakeClock(), rng=random.Random(1))
    first = fetch(store, "kma.forecast", stamp("2026-06-15T02:00:00"), client=client)
    asked = len(server.asked)
    again = fetch(store, "kma.forecast", stamp("2026-06-15T02:00:00"), client=client)
    assert first.rows > 0
    assert again.pieces == 0
    assert len(server.asked) == asked
