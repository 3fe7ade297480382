"""A forecast of a made-up island, whole and with faults planted."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forecast.making import START, island
from tamna.errors import InputError, UsageError
from tamna.forecast.blend import Member
from tamna.forecast.history import Runs
from tamna.forecast.jeju import demand_target
from tamna.forecast.shelf import MANIFEST, MODEL
from tamna.forecast.simple import Line
from tamna.forecast.trees import Trees
from tamna.grid.clock import DAY, HOUR
from tamna.runs.forecast_asking import check_asked
from tamna.runs.forecasting import answered, forecast, load
from tamna.sources.block import Receipt

ROOT = Path(__file__).resolve().parents[1]
ISSUE = START + 180 * DAY + 11 * HOUR
"""11:00 on the island's 181st day."""


def target(**changes):
    members = (Member(learner=Line()), Member(learner=Trees(rounds=30, own=(0.5,)), whole=False))
    return dataclasses.replace(demand_target(), members=members, copies=1, **changes)


def made(history=None, hours=37, asked=None, shelf=None, issue=ISSUE, paths=0, **how):
    loaded = load(
        history or island(), [asked or target()], issue=issue, hours=hours, island="made", shelf=shelf, **how
    )
    return answered(loaded, paths=paths)


@pytest.fixture(scope="module")
def whole():
    return made(paths=50)


def demand(found):
    return found.targets["demand"]


def texts(found):
    return " | ".join(str(note) for note in found.notes)


def test_an_issue_answers_every_hour_with_the_blend(whole):
    answer = demand(whole)
    assert set(answer.hour_model) == {"blend"}
    assert answer.fallback_reason is None
    assert whole.stamps[0] == ISSUE
    assert len(whole.stamps) == 37
    assert (np.diff(answer.quantiles, axis=1) >= 0).all()


def test_it_is_near_what_came(whole):
    actual = island().actual("demand", whole.stamps)
    assert np.abs(whole.at("demand", 0.5) - actual).mean() < 25
    inside = (whole.at("demand", 0.05) <= actual) & (actual <= whole.at("demand", 0.95))
    assert inside.mean() > 0.7


def test_nothing_that_became_known_later_changes_it(whole):
    again = made(island().poisoned(ISSUE), paths=50)
    assert demand(again).quantiles.tobytes() == demand(whole).quantiles.tobytes()
    assert again.paths["demand"].tobytes() == whole.paths["demand"].tobytes()


def test_reasons_of_each_hour_are_the_middle(whole):
    why = demand(whole).why
    np.testing.assert_allclose(np.sum(list(why.values()), axis=0), whole.at("demand", 0.5), rtol=1e-9)


def test_the_share_of_paths_below_each_quantile_is_its_level(whole):
    band, paths = demand(whole).quantiles, whole.paths["demand"]
    below = (paths[:, :, None] <= band[None] + 1e-9).mean(axis=0)
    assert np.abs(below - whole.levels).max() <= 0.02 + 1e-9


def without_runs(history, first):
    """Take away every run issued at or after `first`."""
    runs = {}
    for name, run in history.runs.items():
        valid, issued, value = run.rows()
        runs[name] = Runs.of(valid[issued < first], issued[issued < first], value[issued < first])
    return dataclasses.replace(history, runs=runs)


def test_a_missing_weather_run_is_named_and_something_else_answers():
    found = made(without_runs(island(), ISSUE))
    answer = demand(found)
    tomorrow = [m for m, s in zip(answer.hour_model, found.stamps, strict=True) if s >= ISSUE + 13 * HOUR]
    assert "blend" not in tomorrow
    assert "weather" in str(answer.fallback_reason)
    assert "older than usual" in texts(found)
    assert np.isfinite(answer.quantiles).all()


def test_an_older_run_that_reaches_far_enough_answers_in_its_place():
    history = island()
    runs = {}
    for name, run in history.runs.items():
        valid, issued, value = run.rows()
        runs[name] = Runs.of(np.tile(valid, 2), np.concatenate([issued, issued - DAY]), np.tile(value, 2))
    found = made(without_runs(dataclasses.replace(history, runs=runs), ISSUE))
    assert set(demand(found).hour_model) == {"blend"}
    assert "older than usual" in texts(found)


def late(history, days):
    track = history.tracks["demand"]
    known = np.where(track.known_at > ISSUE - days * DAY, ISSUE + 40 * DAY, track.known_at)
    tracks = dict(history.tracks) | {"demand": dataclasses.replace(track, known_at=known)}
    return dataclasses.replace(history, tracks=tracks)


def test_a_late_meter_is_answered_from_the_lags_that_are_known():
    found = made(late(island(), 3))
    answer = demand(found)
    assert "blend" not in answer.hour_model
    assert "the meter is late" in str(answer.fallback_reason)
    assert np.isfinite(answer.quantiles).all()
    actual = island().actual("demand", found.stamps)
    assert np.abs(found.at("demand", 0.5) - actual).mean() < 40


def test_a_late_meter_widens_the_band_or_keeps_it(whole):
    found = made(late(island(), 5))
    width = [f.at("demand", 0.9).mean() - f.at("demand", 0.1).mean() for f in (found, whole)]
    assert width[0] > 0.9 * width[1]


def broken(name, value=np.nan):
    honest = target()

    def facts(rows, history):
        table = honest.facts(rows, history)
        values = table.values.copy()
        values[rows.issued_at == ISSUE, table.names.index(name)] = value
        return dataclasses.replace(table, values=values)

    return dataclasses.replace(honest, facts=facts)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_one_broken_feature_is_named_and_the_best_of_what_is_left_answers(value):
    answer = demand(made(asked=broken("days_ago_2", value)))
    assert set(answer.hour_model) <= {"blend_partial", "line"}
    assert "days_ago_2" in str(answer.fallback_reason)
    assert np.isfinite(answer.quantiles).all()


def test_hours_beyond_the_weather_run_are_flagged_one_by_one():
    found = made(hours=96)
    reached = [r is None for r in demand(found).hour_reason]
    assert reached == [s < ISSUE + 37 * HOUR for s in found.stamps]
    assert all("weather run" in str(r) for r in demand(found).hour_reason if r is not None)


def test_too_little_to_learn_from_leaves_simple_answers_with_their_own_misses():
    issue = START + 20 * DAY + 11 * HOUR
    found = made(issue=issue)
    assert set(demand(found).hour_model) <= {"persistence", "climatology", "line"}
    assert (found.at("demand", 0.9) > found.at("demand", 0.1)).all()
    assert "too few hours" in texts(found)


def test_a_kept_model_gives_the_same_bytes_and_is_not_fitted_again(tmp_path):
    first = made(shelf=tmp_path)
    files = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.json")}
    again = made(shelf=tmp_path)
    assert len(files) == 6
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.json")} == files
    assert json.dumps(first.as_dict()) == json.dumps(again.as_dict())


def test_a_kept_model_says_what_it_read_and_how_well_it_knows_it(tmp_path):
    receipt = Receipt(
        name="demand.csv", sha256="ab" * 32, size_bytes=1, reader="own", reader_version=1, source="own",
        data_start="", data_end="", rows=1,
    )  # fmt: skip
    made(shelf=tmp_path, receipts=[receipt])
    abouts = [json.loads(p.read_text("utf-8"))["about"] for p in tmp_path.rglob(MANIFEST)]
    assert len(abouts) == 3
    for about in abouts:
        assert about["receipts"] == [{"name": "demand.csv", "source": "own", "sha256": "ab" * 32}]
        assert about["scores"]["sample"] == "in"
        assert about["scores"]["hours"] == 28 * 24
        assert 0 < about["scores"]["pinball"] < about["scores"]["mae"] < 0.1 * 300
        assert about["seed"] == 0


def test_a_kept_model_serves_later_issues_but_no_earlier_one(tmp_path):
    made(shelf=tmp_path)
    kept = {p.parent.name for p in tmp_path.rglob(MODEL)}
    made(shelf=tmp_path, issue=ISSUE + DAY)
    assert {p.parent.name for p in tmp_path.rglob(MODEL)} == kept
    made(shelf=tmp_path, issue=ISSUE - 28 * DAY)
    assert len({p.parent.name for p in tmp_path.rglob(MODEL)} - kept) == 1


def test_a_damaged_model_is_fitted_again_with_a_note(tmp_path):
    before = made(shelf=tmp_path)
    victim = max(tmp_path.rglob(MODEL))
    victim.write_text(victim.read_text("utf-8").replace("1", "2", 5), "utf-8")
    after = made(shelf=tmp_path)
    assert "fitted again" in texts(after)
    assert demand(after).quantiles.tobytes() == demand(before).quantiles.tobytes()
    assert "fitted again" not in texts(made(shelf=tmp_path))


def test_a_model_of_other_data_is_fitted_again(tmp_path):
    made(shelf=tmp_path)
    found = made(island(seed=3), shelf=tmp_path)
    assert "other inputs" in texts(found)
    assert demand(found).quantiles.tobytes() == demand(made(island(seed=3))).quantiles.tobytes()


def test_a_shelf_that_cannot_be_written_costs_only_a_note(tmp_path):
    (tmp_path / "demand").write_text("in the way", "utf-8")
    found = made(shelf=tmp_path)
    assert "could not be kept" in texts(found)
    assert set(demand(found).hour_model) == {"blend"}


def test_an_issue_far_beyond_the_data_is_refused():
    with pytest.raises(UsageError, match="recent enough"):
        made(issue=START + 300 * DAY + 11 * HOUR)


def test_a_target_without_its_series_is_refused_by_name():
    history = island()
    bare = dataclasses.replace(history, tracks={k: v for k, v in history.tracks.items() if k != "demand"})
    with pytest.raises(InputError, match="demand"):
        made(bare)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"hours": 0}, "horizon"),
        ({"hours": 361}, "horizon"),
        ({"paths": -1}, "paths"),
        ({"levels": np.array([0.5, 0.1])}, "levels"),
        ({"levels": np.array([0.001, 0.5])}, "levels"),
    ],
)
def test_what_cannot_be_forecast_is_refused(asked, says):
    with pytest.raises(UsageError, match=says):
        check_asked(**({"hours": 37, "paths": 0, "levels": None} | asked))


def test_unknown_targets_come_together():
    from tamna.grid import load_island

    with pytest.raises(UsageError, match=r"2 mistakes[\s\S]*moon[\s\S]*tide"):
        forecast(None, load_island("jeju"), ["moon", "tide"], issue=ISSUE, hours=37)


def test_scores_that_get_much_worse_are_told():
    history = island()
    track = history.tracks["demand"]
    value = track.value.copy()
    last = slice((166) * 24, None)
    value[last] += np.random.default_rng(0).normal(0, 120, len(value[last]))
    tracks = dict(history.tracks) | {"demand": dataclasses.replace(track, value=value)}
    found = made(dataclasses.replace(history, tracks=tracks))
    assert "drift" in str(demand(found).drift)
    assert demand(made()).drift is None


CODE = """
import dataclasses, hashlib, sys
sys.path.insert(0, {tests!r})
from test_forecasting import demand, island, made, target
from tamna.forecast.blend import Member
from tamna.forecast.network import Network
members = (Member(learner=Network(epochs=1)), target().members[0])
found = made(asked=dataclasses.replace(target(), members=members), hours=61, paths=20)
print(hashlib.sha256(demand(found).quantiles.tobytes() + found.paths["demand"].tobytes()).hexdigest())
"""


def test_one_thread_and_two_give_the_same_bytes():
    def run(threads):
        env = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        env["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
        code = CODE.format(tests=str(ROOT / "tests"))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True
        )
        return done.stdout.strip()

    one, two = run("1"), run("2")
    assert len(one) == 64
    assert one == two


def test_a_target_that_nothing_recent_is_known_of_is_left_out_of_a_run_and_named(tmp_path):
    from tamna.grid import load_island
    from tamna.grid.clock import Period
    from tamna.runs import open_store
    from tamna.runs.foreseen import foreseen
    from tamna.sources.synthetic import typical_year

    described = load_island("typical-jeju")
    store = open_store(tmp_path / "store", described)
    store.ingest([typical_year(seed=0, year=2023)])
    end = np.datetime64("2023-03-10T15:00:00", "s")
    found = foreseen(store, described, Period(end - 5 * DAY, end))
    assert set(found.forecast.targets) == {"demand", "wind", "pv", "price"}
    assert found.missed("demand") < 150
    assert np.isfinite(found.actual["demand"]).all()
    early = np.datetime64("2023-01-02T15:00:00", "s")
    assert foreseen(store, described, Period(early - 400 * DAY, early - 390 * DAY)) is None
