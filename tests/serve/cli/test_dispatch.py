"""The door of dispatch: what is asked, and what is not understood."""

import json
import warnings

import pytest

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


def an_island_of_my_own(tmp_path, monkeypatch, *, wrong):
    """The starter's island with two days of its readings: the last hour of demand and one of wind are missing."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "isle"]) == 0
    rows = [
        f"2024-01-{day} {hour:02}:00,30000,{'' if (day, hour) == (25, 20) else 5000}"
        for day in (25, 26)
        for hour in range(24)
    ]
    (tmp_path / "isle" / "meter_1.csv").write_text("\n".join(["time,demand_kwh,wind_kwh", *rows[:-1]]) + "\n")
    file = tmp_path / "isle" / "island.yaml"
    text = file.read_text(encoding="utf-8")
    for right, bad in wrong.items():
        assert right in text
        text = text.replace(right, bad)
    file.write_text(text, encoding="utf-8")
    assert run(["ingest", "isle", "--store", "store"]) == 0


def test_a_wrong_file_and_wrong_hours_are_told_in_one_go(tmp_path, monkeypatch, capsys):
    wrong = {
        "min_output: 0.4 ": "min_output: 1.4 ",
        "round_trip: 0.85, start_mwh: 10": "round_trip: 85, start_mwh: 30",
        "beyond: mainland": "beyond: atlantis",
    }
    an_island_of_my_own(tmp_path, monkeypatch, wrong=wrong)
    capsys.readouterr()
    asked = ["dispatch", "isle/island.yaml", "--from", "2024-01-25", "--to", "2024-01-26", "--store", "store"]
    assert run(asked) == 2
    said = capsys.readouterr().err
    for part in (
        "island.yaml:45, thermal unit 'diesel-1', min_output: must lie in [0, 1] (got 1.4). Give a fraction",
        "island.yaml:53, link 'cable', beyond: a link to nowhere: unknown zone (got atlantis). Known: island, mainland.",
        "battery 'harbour', round_trip: must lie in (0, 1] (got 85). Give a fraction: write 0.85 for 85 %.",
        "battery 'harbour', start_mwh: starts fuller than full: energy_mwh is 20 (got 30). Start with at most 20.",
        "demand, hour 2024-01-26 23:00: the demand is not known in 1 of 48 hours. Ingest its files",
        "wind, hour 2024-01-25 20:00, 2024-01-26 23:00: wind output is not known in 2 of 48 hours.",
    ):
        assert part in said
    assert "6 mistakes" in said
    assert run([*asked, "--lang", "ko"]) == 2
    assert "6군데" in capsys.readouterr().err


def test_a_network_of_pypsa_is_solved_whole(tmp_path, capsys):
    """Two hours, a turbine that gives 30 and 10 MW, gas at 100: 20 and 40 MWh of gas serve the 50 MW that are asked for."""
    pypsa = pytest.importorskip("pypsa", reason="the extra 'pypsa' is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        n = pypsa.Network()
        n.set_snapshots([0, 1])
        n.add("Bus", "isle")
        n.add("Load", "town", bus="isle", p_set=50.0)
        n.add("Generator", "turbine", bus="isle", carrier="wind", p_nom=40, p_max_pu=[0.75, 0.25])
        n.add(
            "Generator",
            "gas",
            bus="isle",
            p_nom=60,
            p_min_pu=0.3,
            committable=True,
            marginal_cost=100,
            start_up_cost=70,
        )
        n.export_to_netcdf(tmp_path / "isle.nc")
        n.add("Line", "valley", bus0="isle", bus1="isle", x=0.1)
        n.export_to_netcdf(tmp_path / "grid.nc")
    asked = ["dispatch", "--from-pypsa", str(tmp_path / "isle.nc"), "--gap", "0"]
    assert run([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["objective"] == pytest.approx(6000.0)  # on before: no start
    assert found["gap"] == pytest.approx(0.0, abs=1e-9)
    assert found["injection_mw"]["gas"] == pytest.approx([20.0, 40.0])
    assert found["rules_broken"] == []
    assert run(asked) == 0
    assert "isle.nc: 2 steps of 1 h" in capsys.readouterr().out
    assert run(["dispatch", "--from-pypsa", str(tmp_path / "grid.nc")]) == 2
    assert "Line 'valley', bus0" in capsys.readouterr().err
