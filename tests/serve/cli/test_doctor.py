import json

from tamna.serve.cli.app import run
from tamna.serve.cli.doctor import examine


def test_doctor_names_what_is_installed_and_what_is_set(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("TAMNA_STORE", str(tmp_path))
    assert run(["doctor", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert {"python", "numpy", "duckdb"} <= {c["name"] for c in body["checks"]}
    assert any(s["name"] == "TAMNA_STORE" and s["set"] for s in body["settings"])


def test_doctor_says_what_to_do_about_a_missing_library(monkeypatch):
    from tamna.serve.cli import doctor

    monkeypatch.setattr(doctor, "BASE", ("numpy", "no_such_library"))
    result = examine("store")
    assert not result["ok"]
    missing = next(c for c in result["checks"] if c["name"] == "no_such_library")
    assert missing["todo"]
