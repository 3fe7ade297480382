import json
import os
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
