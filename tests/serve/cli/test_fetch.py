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


def _dead(monkeypatch):
    """Point every source at a port where nobody listens."""
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        for name in ("DATA_GO_KR", "KPX", "KMA_APIHUB", "OPEN_METEO", "NASA_POWER", "ENTSOE"):
            monkeypatch.setenv(f"TAMNA_{name}_URL", f"http://127.0.0.1:{held.getsockname()[1]}")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_without_a_network_each_source_is_said_not_to_answer(server, monkeypatch, capsys, language):
    monkeypatch.setenv("TAMNA_LANG", language)
    _dead(monkeypatch)
    assert run(["fetch", "--check"]) == 1
    shown = capsys.readouterr()
    assert all(f"✗ {name}: " in shown.out for name in FETCHERS)
    assert "Traceback" not in shown.out + shown.err
    assert "a-secret-key-of-nobody" not in shown.out + shown.err
    assert shown.out.rstrip().splitlines()[-1] == (
        "of 16: 16 without an answer" if language == "en" else "모두 16개: 응답 없음 16개"
    )


def test_a_check_that_could_ask_nobody_is_no_success(server, monkeypatch, capsys):
    monkeypatch.delenv("TAMNA_DATA_GO_KR_KEY")
    assert run(["fetch", "--check", "kpx.smp"]) == 1
    assert "of 1: 1 not asked for want of a key" in capsys.readouterr().out


def test_a_check_in_which_all_is_as_documented_exits_0(server, capsys):
    assert run(["fetch", "--check", "kma.asos", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["checks"]
    assert (told["verdict"], told["differences"]) == ("as documented", [])
