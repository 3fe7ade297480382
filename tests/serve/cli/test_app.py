import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tamna import __version__
from tamna.serve.cli import app as door
from tamna.serve.cli.app import VERBS, run

ROOT = Path(__file__).resolve().parents[3]


def call(*arguments, **environment):
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment}
    return subprocess.run(
        [sys.executable, "-m", "tamna", *arguments], capture_output=True, text=True, env=env, check=False
    )


def test_help_names_every_verb(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(verb in shown for verb in VERBS)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_loads_and_explains_itself(verb, capsys):
    assert run([verb, "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_version_is_printed(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"tamna {__version__}\n"


@pytest.mark.parametrize("where", [["--lang", "ko", "--help"], ["--help", "--lang=ko"]])
def test_korean_is_spoken_wherever_the_option_stands(where):
    done = call(*where)
    assert done.returncode == 0
    assert "옵션" in done.stdout
    assert "섬을 재생에너지로" in done.stdout


def test_an_unknown_verb_is_a_usage_error_and_no_trace(capsys):
    assert run(["nonsense"]) == 2
    error = capsys.readouterr().err
    assert "nonsense" in error
    assert "Traceback" not in error


def test_an_unknown_language_is_refused(capsys):
    assert run(["--lang", "fr", "doctor"]) == 2
    assert "--lang ko" in capsys.readouterr().err


def test_a_refusal_is_one_json_object_where_json_was_asked_for(capsys):
    assert run(["doctor", "--nonsense", "--json"]) == 2
    body = json.loads(capsys.readouterr().out)
    assert body["error"]["exit_code"] == 2
    assert body["error"]["mistakes"][0]["what"]


def test_a_fault_of_our_own_is_told_without_a_trace(monkeypatch, capsys):
    def broken():
        raise RuntimeError("the roof came down")

    monkeypatch.setattr(door, "build", broken)
    assert run(["doctor"]) == 1
    error = capsys.readouterr().err
    assert "the roof came down" in error
    assert "Traceback" not in error


def test_an_interrupt_leaves_with_130(monkeypatch):
    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(door, "build", stopped)
    assert run(["doctor"]) == 130


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["series", "export", "jeju/demand"], "옵션 --from이(가) 빠졌습니다"),
        (["ingest"], "인자 PATH...이(가) 빠졌습니다"),
        (["demo", "--nope"], "그런 옵션은 없습니다"),
        (["demo", "--seed", "-4"], "--seed의 값이 맞지 않습니다"),
        (["demo", "--seed"], "옵션 --seed에 값이 필요합니다"),
        (["doctor", "too", "much"], "too much"),
    ],
)
def test_what_is_wrong_with_a_command_is_said_in_korean_too(arguments, said, capsys):
    assert run([*arguments, "--lang", "ko"]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert not re.search(r"[A-Za-z]{3,} [a-z]{3,}", error.partition("참고:")[0].replace("too much", ""))


def test_help_speaks_one_language(capsys):
    assert run(["ingest", "--help", "--lang", "ko"]) == 0
    shown = capsys.readouterr().out
    assert "이 도움말을 보이고 끝냅니다" in shown
    assert "Show this message" not in shown
    assert "[required]" not in shown


def test_verbs_without_their_word_show_the_help_and_nothing_else(capsys):
    assert run(["series"]) == 2
    assert capsys.readouterr().err == ""


def interrupted(*_arguments, **_options):
    raise KeyboardInterrupt


def test_ctrl_c_has_a_last_word(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("tamna.runs.stores.read_file", interrupted)
    (tmp_path / "a.csv").write_text("x")
    assert run(["ingest", str(tmp_path / "a.csv"), "--store", str(tmp_path / "store")]) == 130
    assert "what was complete is kept" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["head -c 0", "cat > /dev/full"])
def test_output_that_nobody_takes_is_no_fault(target, tmp_path):
    command = f"{sys.executable} -m tamna grid schema --lang en | {target}; exit ${{PIPESTATUS[0]}}"
    if target.startswith("cat"):
        command = f"{sys.executable} -m tamna grid schema --lang en > /dev/full"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert done.returncode == (0 if target.startswith("head") else 1)
    assert "fault" not in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_check_is_not_nothing_found(capsys, tmp_path):
    assert run(["quality", "--store", str(tmp_path / "mistyped")]) == 2
    assert "nothing to check" in capsys.readouterr().err


def test_a_period_the_wrong_way_round_is_shown_as_it_was_typed(capsys):
    assert run(["measure", "jeju", "--from", "2023-12-31", "--to", "2023-01-01"]) == 2
    assert "2023-12-31..2023-01-01" in capsys.readouterr().err
