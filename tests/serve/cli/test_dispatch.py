"""The door of dispatch: what is asked, and what is not understood."""

import json
import warnings

import pytest

from dispatch.test_pglib import INSTANCE
from tamna.dispatch.nearest import no_schedule
from tamna.dispatch.system import System
from tamna.optimise.blocks.demand import LoadClass, add_demand
from tamna.optimise.blocks.thermal import add_thermal
from tamna.optimise.blocks.thermal_unit import Thermal
from tamna.optimise.clash import explain
from tamna.optimise.problem import Problem, Steps
from tamna.optimise.share import add_balance
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
    assert (answer["model"], answer["keeps"], answer["beyond_unit_hours"]) == ("either", "model.pdf", 0)
    assert "the bound holds for both" in answer["says"]


def test_an_instance_is_solved_by_another_model_where_that_is_named(tmp_path, capsys):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(INSTANCE), encoding="utf-8")
    assert run(["dispatch", "--pglib", str(path), "--model", "unitcommitment.jl", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.get("data", found)["model"] == "unitcommitment.jl"
    assert run(["dispatch", "--pglib", str(path), "--model", "egret"]) == 2
    assert "either, model.pdf, unitcommitment.jl" in capsys.readouterr().err


def test_nothing_named_says_what_to_type(capsys):
    assert run(["dispatch"]) == 2
    assert "--pglib FILE" in capsys.readouterr().err


def an_island_of_my_own(tmp_path, monkeypatch, *, wrong, whole=False):
    """The starter's island with two days of its readings; else than `whole`, the last hour and one of wind are missing."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "isle"]) == 0
    rows = [
        f"2024-01-{day} {hour:02}:00,30000,{'' if (day, hour) == (25, 20) and not whole else 5000}"
        for day in (25, 26)
        for hour in range(24)
    ]
    (tmp_path / "isle" / "meter_1.csv").write_text(
        "\n".join(["time,demand_kwh,wind_kwh", *(rows if whole else rows[:-1])]) + "\n"
    )
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
        "island.yaml:45, thermal unit 'diesel-1', min_output: the lowest output lies above the highest (got 1.4). Give it over capacity_mw",
        "island.yaml:57, link 'cable', beyond: a link to nowhere: unknown zone (got atlantis). Known: island, mainland.",
        "battery 'harbour', round_trip: must lie in (0, 1] (got 85). Give a fraction: write 0.85 for 85 %.",
        "battery 'harbour', start_mwh: starts fuller than full: energy_mwh is 20 (got 30). Start with at most 20.",
        "demand, hour 2024-01-26 23:00: the demand is not known in 1 of 48 hours. Ingest its files",
        "wind, hour 2024-01-25 20:00, 2024-01-26 23:00: wind output is not known in 2 of 48 hours.",
    ):
        assert part in said
    assert "6 mistakes" in said
    assert run([*asked, "--lang", "ko"]) == 2
    assert "6군데" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        {"batteries:\n": "loads:\n  - {name: pumps, zone: island, kind: shiftable, load_mw: -3, in_demand: true}\nbatteries:\n"},
        {"value: 20, source": "value: -20, source"},
        {"zone: island\n    kind: wind": "zone: iland\n    kind: wind"},
    ],
)  # fmt: skip
def test_wrong_hours_are_told_beside_any_wrong_part_of_the_file(tmp_path, monkeypatch, capsys, wrong):
    """Loads, fleets, zones: whatever is wrong in the file, its hours are looked at all the same."""
    an_island_of_my_own(tmp_path, monkeypatch, wrong=wrong)
    capsys.readouterr()
    asked = ["dispatch", "isle/island.yaml", "--from", "2024-01-25", "--to", "2024-01-26", "--store", "store"]
    assert run(asked) == 2
    said = capsys.readouterr().err
    assert "demand, hour 2024-01-26 23:00: the demand is not known in 1 of 48 hours" in said
    assert "isle/island.yaml:" in said
    assert "fault" not in said


def test_a_period_that_begins_and_ends_within_hours_is_refused_at_both_ends(tmp_path, monkeypatch, capsys):
    an_island_of_my_own(tmp_path, monkeypatch, wrong={LINKS: ""}, whole=True)
    capsys.readouterr()
    asked = ["--from", "2024-01-25T00:30+09:00", "--to", "2024-01-25T03:15+09:00", "--store", "store"]
    assert run(["dispatch", "isle/island.yaml", *asked]) == 2
    said = capsys.readouterr().err
    assert "--from: lies within an hour, and the hours are what is known (got 2024-01-25 00:30)" in said
    assert "--to: lies within an hour" in said


@pytest.mark.parametrize("option", ["--write-lp", "--out"])
def test_a_place_that_cannot_be_written_is_no_fault_of_ours(tmp_path, monkeypatch, capsys, option):
    an_island_of_my_own(tmp_path, monkeypatch, wrong={LINKS: ""}, whole=True)
    (tmp_path / "taken").write_text("a file, no folder")
    capsys.readouterr()
    assert run([*DAY, option, "taken/there"]) == 2
    said = capsys.readouterr().err
    assert "taken" in said
    assert "cannot be read or written" in said
    assert "fault" not in said


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


LINKS = """links:
  - name: cable
    zone: island
    beyond: mainland
    technology: vsc           # vsc passes through zero; lcc has a minimum and a waiting time
    import_mw: 20
    export_mw: 20
    loss: 0.03
"""
DAY = ["dispatch", "isle/island.yaml", "--from", "2024-01-25", "--to", "2024-01-25", "--store", "store"]


def test_an_island_of_ones_own_is_dispatched_changed_and_drilled(tmp_path, monkeypatch, capsys):
    """30 MW of demand, 5 MW of wind, 45 MW of diesel in one unit, a battery of 5 MW and 20 MWh half full.

    The diesel gives all but the wind's 5 MW; when it fails the battery carries 5 MW of the 25 that are missing.
    """
    bigger = {LINKS: "", "capacity_mw: 12\n    min_output: 0.4 ": "capacity_mw: 45\n    min_output: 0.2 "}
    an_island_of_my_own(tmp_path, monkeypatch, wrong=bigger, whole=True)
    capsys.readouterr()
    asked = [*DAY, "--no-reserve", "--drill", "--with", "wind:4MW", "--out", "out", "--json"]
    assert run(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["difference"]["unserved_mwh"] == pytest.approx(0, abs=1e-6)
    assert found["generated_mwh"]["wind:added"] == pytest.approx(24 * 5 * 4 / 20)
    assert any("start_time" in a["path"] for a in found["drill"]["assumed"])
    first, bare = (found["drill"][k][0] for k in ("with_stores", "without_stores"))
    assert first["lost"] == "thermal:diesel-1"
    assert bare["first_mw"] == pytest.approx(24)  # 30 less 6 of wind
    assert bare["shed_mwh"]["all"] == pytest.approx(6 * 24)
    one_way = 0.85**0.5  # the battery is half full: 10 MWh inside
    assert first["shed_mwh"]["all"] == pytest.approx(6 * 24 - 10 * one_way)
    assert first["first_mw"] >= 24 - 5 - 1e-6
    assert found["worth"][0]["saves_krw"] > 0
    assert "one more MWh would have cost" in found["hours"]["why"][0]
    page = (tmp_path / "out" / "dispatch.html").read_text(encoding="utf-8")
    for said in ("What the change does", "The drill", "What one more of each would have saved", "--drill"):
        assert said in page
    assert run([*asked[:-1], "--lang", "ko"]) == 0
    told = capsys.readouterr().out
    assert "모의 고장" in told
    assert "저장장치가 없을 때" in told
    assert "하나 더 있었다면" in told


def test_an_unknown_name_gets_a_list_of_what_there_is(tmp_path, monkeypatch, capsys):
    an_island_of_my_own(tmp_path, monkeypatch, wrong={LINKS: ""}, whole=True)
    capsys.readouterr()
    assert run([*DAY, "--without", "thermal:diesel-9", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    assert "nearest" not in found
    assert "Known: thermal:diesel-1, battery:harbour" in found["error"]["mistakes"][0]["todo"]


def test_a_clash_is_told_with_the_schedule_beside_it(monkeypatch, tmp_path, capsys):
    """`dispatched` refuses with a schedule beside it: it goes to standard output, or into the one JSON object."""
    problem = Problem(Steps(count=1, labels=("18:00",)))
    unit = add_thermal(problem, Thermal(name="gas", max_mw=10, cost_per_mwh=5))
    shares = (unit, add_demand(problem, "demand", demand_mw=14.0))
    add_balance(problem, shares)
    refusal = no_schedule(
        problem,
        shares,
        explain(problem),
        System(load_classes=(LoadClass(name="all", share=0, lost_per_mwh=7),)),
    )

    def refuse(*_args, **_more):
        raise refusal

    monkeypatch.setattr("tamna.serve.cli.dispatch.dispatched", refuse)
    an_island_of_my_own(tmp_path, monkeypatch, wrong={LINKS: ""}, whole=True)
    capsys.readouterr()
    assert run(DAY) == 3
    told = capsys.readouterr()
    assert "4 MW of demand find no supply" in told.out
    assert "cannot be kept" in told.err
    assert run([*DAY, "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["error"]["kind"] == "NoSchedule"
    assert found["nearest"]["missed"][0]["by"] == pytest.approx(4)
    assert found["nearest"]["price"] == pytest.approx(28)
