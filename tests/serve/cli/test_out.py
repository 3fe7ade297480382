import json

import numpy as np

from tamna.lang import _, speaking
from tamna.serve.cli.out import emit, period_name, store_location, table


def test_json_is_one_object_with_the_command_first(capsys):
    emit(
        "measure",
        {"share": np.float64(0.5), "gap": float("nan"), "note": _("row {row}", row=1)},
        str,
        as_json=True,
    )
    body = json.loads(capsys.readouterr().out)
    assert list(body)[:2] == ["command", "version"]
    assert body["share"] == 0.5
    assert body["gap"] is None
    assert body["note"] == "row 1"


def test_text_is_printed_as_it_is(capsys):
    emit("measure", {}, lambda: "hello", as_json=False)
    assert capsys.readouterr().out == "hello\n"


def test_the_option_wins_over_the_setting(monkeypatch):
    monkeypatch.setenv("TAMNA_STORE", "from-environment")
    assert store_location("from-option") == "from-option"
    assert store_location("") == "from-environment"


def test_a_table_aligns_numbers_and_keeps_markup_out():
    laid = table(["name", "MWh"], [["wind", "1.0"], ["[bold]pv[/]", "12.0"]])
    assert laid.splitlines()[0].startswith("name")
    assert "12.0" in laid


def test_the_period_of_all_hours_has_a_name_in_both_languages():
    with speaking("ko"):
        assert period_name("all") == "전체 기간"
    assert (period_name("all"), period_name("2023-04")) == ("whole period", "2023-04")
