"""The door of dispatch: what is asked, and what is not understood."""

import json

from dispatch.test_pglib import INSTANCE
from tamna.serve.cli.app import run


def test_an_instance_of_pglib_is_solved_to_its_gap_and_priced_again(tmp_path, capsys):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(INSTANCE), encoding="utf-8")
    assert run(["dispatch", "--pglib", str(path), "--gap", "1e-3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    answer = found.get("data", found)
    assert answer["proven"] is True
    assert answer["gap"] <= 1e-3
    assert answer["bound"] <= answer["objective"] * (1 + 1e-9)
    assert abs(answer["repriced"] - answer["objective"]) <= 1e-6 * answer["objective"]
    assert answer["seconds"] >= 0


def test_nothing_named_says_what_to_type(capsys):
    assert run(["dispatch"]) == 2
    assert "--pglib FILE" in capsys.readouterr().err
