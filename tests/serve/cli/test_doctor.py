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


def test_doctor_asks_a_store_on_s3_whether_it_is_there(monkeypatch):
    monkeypatch.setenv("TAMNA_S3_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATAMNATEST0001")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tamna/secret/0123456789")
    result = examine("s3://jeju/store")
    check = next(c for c in result["checks"] if "s3://jeju/store" in c["name"])
    assert not check["ok"]
    assert "could not be reached" in check["found"]
    assert "tamna/secret" not in json.dumps(result)
