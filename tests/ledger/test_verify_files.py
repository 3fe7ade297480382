"""`tamna verify`: a certificate against the files that its reader holds, from the command line."""

import json

import pytest

from ledger.island import AT, HOUR
from ledger.test_verify import ISSUER, KEY, OTHER, journal_of, listed, made, made_for_the_shelf, trust
from tamna.errors import UsageError
from tamna.ledger import operations as op
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import controller_document, method_name
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.nouns import Account
from tamna.ledger.shelf import salt
from tamna.ledger.statuslist import StatusList
from tamna.ledger.verify.files import read_file, verified
from tamna.serve.cli.app import run

JOURNAL = journal_of(48, scale=1000, salt=salt(KEY, "eggs"))


@pytest.fixture
def files(tmp_path):
    """What an issuer gives out, and what a reader has kept."""
    tree = JOURNAL.tree()
    earlier = Journal(JOURNAL.entries[:5])
    point = checkpoint(
        earlier.tree(), KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT - HOUR
    )
    parts = {
        "shelf": made_for_the_shelf(journal=JOURNAL),
        "audit": made(journal=JOURNAL),
        "forged": made_for_the_shelf(journal=journal_of(48, scale=1000, salt=salt(OTHER, "eggs")), key=OTHER),
        "issuer": trust(),
        "controller": controller_document(ISSUER, KEY.public),
        "earlier": {"checkpoint": point, "consistency": [h.hex() for h in tree.consistency(5)]},
        "bare": point,
        "seen": ["00" * 32],
        "status": listed(days=36_500),
        "old": listed(),
        "revoked": listed(StatusList.empty().with_set(94_567)),
    }
    for name, value in parts.items():
        (tmp_path / f"{name}.json").write_bytes(canonical(value))
    return {name: tmp_path / f"{name}.json" for name in parts} | {"folder": tmp_path}


def told(capsys, *arguments):
    code = run(["verify", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_with_all_evidence_every_check_is_valid(files, capsys):
    code, said = told(
        capsys, files["shelf"], "--trust", files["issuer"], "--checkpoint", files["earlier"],
        "--seen", files["seen"], "--status", files["status"], "--opening", files["audit"],
    )  # fmt: skip
    assert (code, said["exit_code"], said["answer"]) == (0, 0, "valid")
    assert {c["name"]: c["answer"] for c in said["checks"]} == dict.fromkeys(
        (
            "form",
            "signature",
            "issuer",
            "time",
            "inclusion",
            "score",
            "opening",
            "status",
            "history",
            "reuse",
        ),
        "valid",
    )
    assert said["lot"]["name"] == "2023-04-01 A"
    assert said["key"].startswith(ISSUER)
    assert len(said["fingerprint"]) == len(said["claim"]) == len(said["sha256"]) == 64


def test_without_trust_it_is_intact_its_issuer_unknown_and_exit_1(files, capsys):
    code, said = told(capsys, files["shelf"])
    assert (code, said["answer"]) == (1, "intact, issuer unknown")
    assert {c["name"] for c in said["checks"] if c["answer"] == "not checkable"} == {
        "issuer", "opening", "status", "history", "reuse",
    }  # fmt: skip


def test_a_whole_forgery_is_intact_alone_and_refused_with_the_issuers_keys(files, capsys):
    assert told(capsys, files["forged"])[1]["answer"] == "intact, issuer unknown"
    code, said = told(capsys, files["forged"], "--trust", files["issuer"])
    assert (code, said["answer"]) == (1, "invalid")
    assert [c["name"] for c in said["checks"] if c["answer"] == "invalid"] == ["issuer"]


def test_a_controller_document_can_be_trusted(files, capsys):
    assert told(capsys, files["shelf"], "--trust", files["controller"])[0] == 0


def test_a_claim_seen_before_is_refused_by_the_list_that_verify_helps_to_keep(files, capsys):
    _code, said = told(capsys, files["shelf"], "--trust", files["issuer"])
    files["seen"].write_text(json.dumps([said["claim"]]))
    code, said = told(capsys, files["shelf"], "--trust", files["issuer"], "--seen", files["seen"])
    assert code == 1
    assert next(c["reason"] for c in said["checks"] if c["answer"] == "invalid").startswith(
        "this claim was presented"
    )


def test_a_revoked_certificate_is_refused_as_of_the_list(files, capsys):
    code, said = told(capsys, files["shelf"], "--trust", files["issuer"], "--status", files["revoked"])
    assert code == 1
    assert "taken back" in next(c["reason"] for c in said["checks"] if c["name"] == "status")


def test_with_a_list_that_is_out_of_date_the_answer_is_not_valid_and_exit_1(files, capsys):
    code, said = told(capsys, files["shelf"], "--trust", files["issuer"], "--status", files["old"])
    found = next(c for c in said["checks"] if c["name"] == "status")
    assert (code, said["answer"], found["answer"]) == (1, "intact, status unknown", "not checkable")
    assert "out of date since 2023-05-31T00:00:00Z: ask the issuer for a newer one" in found["reason"]


def test_a_bare_checkpoint_needs_its_proof_of_consistency(files, capsys):
    code, said = told(capsys, files["shelf"], "--trust", files["issuer"], "--checkpoint", files["bare"])
    found = next(c for c in said["checks"] if c["name"] == "history")
    assert (code, found["answer"]) == (0, "not checkable")


def test_a_roll_back_is_refused_by_the_checkpoint_that_the_reader_kept(files, capsys):
    """The reader has seen 12 entries; later the issuer certifies out of a journal of 9."""
    more = [op.account(AT, Account(name=f"late {i}", zone="jeju")) for i in range(3)]
    longer = Journal((*JOURNAL.entries, *more)).tree()
    kept = checkpoint(longer, KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT - HOUR)
    files["earlier"].write_bytes(canonical(kept))
    code, said = told(capsys, files["shelf"], "--trust", files["issuer"], "--checkpoint", files["earlier"])
    found = next(c for c in said["checks"] if c["name"] == "history")
    assert (code, found["answer"]) == (1, "invalid")
    assert found["reason"].startswith("the journal was rolled back")


def test_a_rewritten_journal_is_refused_by_the_checkpoint_that_the_reader_kept(files, capsys):
    other = Journal((*JOURNAL.entries[:4], op.account(AT, Account(name="other", zone="jeju"))))
    kept = checkpoint(other.tree(), KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT - HOUR)
    path = [h.hex() for h in JOURNAL.tree().consistency(5)]
    files["earlier"].write_bytes(canonical({"checkpoint": kept, "consistency": path}))
    code, said = told(capsys, files["shelf"], "--trust", files["issuer"], "--checkpoint", files["earlier"])
    assert code == 1
    assert "not the beginning" in next(c["reason"] for c in said["checks"] if c["name"] == "history")


def test_an_altered_file_is_refused_and_names_nothing(files, capsys):
    files["shelf"].write_bytes(files["shelf"].read_bytes() + b"\n")
    code, said = told(capsys, files["shelf"], "--trust", files["issuer"])
    assert (code, said["answer"], said["claim"], said["fingerprint"]) == (1, "invalid", None, None)


def test_the_clock_is_the_readers(files):
    found = verified(files["shelf"], trust=files["issuer"], now=AT - HOUR)
    assert "not valid yet" in str(found.report["time"].reason)
    assert found.report.exit_code == 1


@pytest.mark.parametrize(
    ("option", "text", "reason"),
    [
        ("trust", "[]", "not a JSON object"),
        ("trust", "{}", "no issuer with its keys"),
        ("trust", '{"issuer":"x","issuer":"y"}', "a key twice"),
        ("trust", '{"issuer":"x","keys":[1]}', "lacks its name"),
        ("checkpoint", "{}", "not a checkpoint"),
        (
            "checkpoint",
            '{"checkpoint":{"type":"TamnaCheckpoint"},"consistency":["x"]}',
            "not a list of hashes",
        ),
        ("seen", "{}", "not a list of hashes"),
        ("seen", '["abc"]', "not a list of hashes"),
        ("seen", "[", "not JSON"),
        ("status", "{}", "not a Bitstring Status List"),
    ],
)
def test_what_the_reader_brings_is_refused_by_file_and_exit_2(files, capsys, option, text, reason):
    wrong = files["folder"] / "wrong.json"
    wrong.write_text(text)
    code, said = told(capsys, files["shelf"], f"--{option}", wrong)
    assert code == 2
    assert reason in said["error"]["mistakes"][0]["what"]
    assert said["error"]["mistakes"][0]["file"] == str(wrong)


def test_a_file_that_is_not_there_or_is_a_folder_is_a_usage_error(files):
    with pytest.raises(UsageError, match="cannot be read"):
        read_file(files["folder"] / "none.json")
    with pytest.raises(UsageError, match="cannot be read"):
        read_file(files["folder"])


def test_a_file_longer_than_can_be_is_not_read(files, monkeypatch):
    monkeypatch.setattr("tamna.ledger.verify.files.MOST_BYTES", 100)
    with pytest.raises(UsageError, match="longer than"):
        verified(files["shelf"])


def test_what_is_nested_too_deeply_is_refused(files):
    files["shelf"].write_text("[" * 40 + "]" * 40)
    assert "nested too deeply" in str(verified(files["shelf"]).report["form"].reason)
    files["shelf"].write_text("[" * 100_000)
    assert verified(files["shelf"]).report.exit_code == 1


@pytest.mark.parametrize(("lang", "words"), [("en", "not checkable"), ("ko", "확인 불가")])
def test_it_speaks_both_languages(files, capsys, lang, words):
    assert run(["--lang", lang, "verify", str(files["shelf"])]) == 1
    text = capsys.readouterr().out
    assert words in text
    assert {"en": "Anybody can make", "ko": "누구나 만들 수"}[lang] in text


def test_no_module_of_the_ledger_or_of_a_database_is_loaded():
    import subprocess
    import sys

    code = (
        "import sys; from tamna.serve.cli.app import run; run(['verify', '/nowhere']);"
        "print(sorted(m for m in sys.modules if m in {'sqlalchemy','duckdb','pandas','tamna.ledger.book',"
        "'tamna.ledger.state','tamna.ledger.journal','socket'} - {'socket'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip().endswith("[]")
