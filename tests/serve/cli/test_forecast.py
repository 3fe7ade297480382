import json

import duckdb
import numpy as np
import pytest

from serve.made_forecast import made_forecast
from tamna.errors import UsageError
from tamna.grid import load_island
from tamna.lang import set_language
from tamna.runs import open_store
from tamna.runs.forecast_files import leave_forecast, path_table
from tamna.serve.cli.app import run
from tamna.serve.cli.forecast import read_length, read_levels
from tamna.serve.cli.forecast_text import as_text
from tamna.sources.synthetic import typical_year

ISSUE = ("--issue", "2023-09-01T11:00+09:00")


def read(path):
    return duckdb.read_parquet(str(path)).df()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A synthetic year: demand and prices, no weather runs."""
    place = tmp_path_factory.mktemp("made") / "store"
    open_store(place, load_island("jeju")).ingest([typical_year(seed=0, year=2023)])
    return place


@pytest.fixture(scope="module")
def left(store, tmp_path_factory):
    out = tmp_path_factory.mktemp("left")
    words = ["forecast", "jeju", *ISSUE, "--horizon", "25h", "--paths", "10", "--levels", "0.1,0.5,0.9"]
    assert run([*words, "--store", str(store), "--out", str(out)]) == 0
    return out


def test_a_forecast_leaves_its_folder(left):
    assert sorted(p.name for p in left.iterdir()) == [
        "forecast.html", "forecast.parquet", "manifest.json", "paths.parquet", "why.parquet",
    ]  # fmt: skip
    table = read(left / "forecast.parquet")
    assert len(table) == 25
    assert {"quantile_10", "quantile_50", "quantile_90", "model", "reason", "lead_h"} <= set(table.columns)
    paths = read(left / "paths.parquet")
    assert paths.groupby("path").size().tolist() == [25] * 10


def test_the_manifest_says_how_it_was_made(left):
    told = json.loads((left / "manifest.json").read_text("utf-8"))
    assert told["issued_at"] == "2023-09-01T11:00+09:00"
    assert "--levels 0.1,0.5,0.9" in told["command"]
    assert told["targets"]["demand"]["fit"]["moment"] <= "2023-09-01T02:00Z"
    assert told["receipts"]
    assert str(left) not in json.dumps(told)


def test_reasons_in_the_file_are_the_middle(left):
    why = read(left / "why.parquet").groupby("valid_at")["adds"].sum()
    middle = read(left / "forecast.parquet").set_index("valid_at")["quantile_50"]
    np.testing.assert_allclose(why, middle, rtol=1e-6)


def test_json_is_one_object_and_the_same_again(left, store, capsys):
    words = ["forecast", "jeju", *ISSUE, "--horizon", "25h", "--store", str(store), "--json"]
    assert run(words) == 0
    first = capsys.readouterr().out
    assert run(words) == 0
    assert capsys.readouterr().out == first
    told = json.loads(first)
    assert told["command"] == "forecast"
    assert len(told["targets"]["demand"]["quantiles_mw"]) == 25
    assert any("no weather runs" in note for note in told["notes"])


def test_the_kept_models_lie_beside_the_store(left, store):
    assert len(list(store.with_name(f"{store.name}-fits").rglob("model.json"))) == 3


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--target", "moon"], "moon"),
        (["--horizon", "0h"], "horizon"),
        (["--horizon", "16d"], "horizon"),
        (["--horizon", "soon"], "soon"),
        (["--levels", "0.5,0.1"], "levels"),
        (["--levels", "half"], "half"),
        (["--issue", "2026-01-01T11:00+09:00"], "recent enough"),
        (["--issue", "yesterday"], "yesterday"),
        (["--pv-mw", "3"], "--lat"),
        (["--lat", "33"], "either an island"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_exit_code_2(words, says, store, capsys):
    issue = [] if "--issue" in words else list(ISSUE)
    assert run(["forecast", "jeju", *issue, *words, "--store", str(store)]) == 2
    assert says in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_exit_code_1(store, tmp_path, capsys):
    (tmp_path / "file").write_text("", "utf-8")
    words = ["forecast", "jeju", *ISSUE, "--horizon", "2h", "--store", str(store)]
    assert run([*words, "--out", str(tmp_path / "file" / "below")]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_nothing_named_is_told_what_to_name(capsys):
    assert run(["forecast"]) == 2
    assert "tamna forecast jeju" in capsys.readouterr().err


def test_the_text_marks_hours_that_fell_back_and_names_three_drivers():
    text = as_text(made_forecast())
    lines = text.splitlines()
    hour = next(line for line in lines if line.startswith("2024-08-31 12:00"))
    assert hour.rstrip().endswith("*")
    assert "noon (12:00)" in text
    assert "kind of day +50, sun and cloud -25, other learners and calibration +5.0" in text
    assert "37 hours by a straight line" in text
    assert "drift" in text


def test_the_text_speaks_korean():
    set_language("ko")
    assert "정오" in as_text(made_forecast())


def test_paths_of_all_targets_share_their_numbers():
    table = path_table(made_forecast(paths=3))
    assert list(table.columns) == ["path", "valid_at", "demand_mw", "wind_mw"]
    assert len(table) == 3 * 37


def test_without_paths_none_are_left_from_before(tmp_path):
    leave_forecast(made_forecast(paths=3), tmp_path, "tamna forecast jeju")
    leave_forecast(made_forecast(), tmp_path, "tamna forecast jeju")
    assert not (tmp_path / "paths.parquet").exists()


@pytest.mark.parametrize(("text", "hours"), [("37h", 37), ("2d", 48), ("5", 5)])
def test_lengths_are_read(text, hours):
    assert read_length(text) == hours


def test_levels_are_read():
    assert read_levels("0.1,0.5").tolist() == [0.1, 0.5]
    assert read_levels("") is None
    with pytest.raises(UsageError):
        read_levels("a")


SITE = ("forecast", "--lat", "33.5", "--lon", "126.5", "--pv-mw", "10", "--issue", "2024-07-01T00:00Z")


def test_a_sites_manifest_names_the_site(tmp_path, capsys):
    words = [
        *SITE,
        "--horizon",
        "3h",
        "--tilt",
        "20",
        "--store",
        str(tmp_path / "none"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert run(words) == 0
    told = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert "--lat 33.5 --lon 126.5 --pv-mw 10.0 --tilt 20.0" in told["command"]
    assert "hour from (UTC)" in capsys.readouterr().out


def test_a_site_draws_no_paths_and_says_so(tmp_path, capsys):
    assert run([*SITE, "--paths", "5", "--store", str(tmp_path / "none")]) == 2
    assert "no scenario paths" in capsys.readouterr().err
