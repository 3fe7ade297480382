"""The next hours from a day of five-minute readings, served by the fake provider, with a stamp missing."""

import random

import numpy as np
import pytest

import fake_answers as fake
from fake_server import FakeServer, Reply
from live_tools import KEY, NOW, FakeClock
from tamna.errors import UsageError
from tamna.forecast.levels import NINE
from tamna.forecast.nowcast import clear_shape
from tamna.forecast.product import Forecast, TargetForecast
from tamna.grid import load_island
from tamna.grid.clock import HOUR, Period
from tamna.runs import fetch, open_store
from tamna.runs.nowcasting import nowcast
from tamna.serve.cli.app import run
from tamna.serve.cli.nowcast import as_text, seconds
from tamna.sources.live import Client

MIDNIGHT = np.datetime64("2026-06-14T15:00:00", "s")
STEP = np.timedelta64(300, "s")
APART = np.array([-40.0, -30, -20, -10, 0, 10, 20, 30, 40])
GAP = 170  # 14:10, within the last hour before 15:02
SHAPE = clear_shape(33.4, 126.53)


def served(skip=()):
    rows = fake.jeju5m(count=288, digits=14, skip=skip)
    for row in rows:
        i = row["rn"] - 1
        lit = float(SHAPE(MIDNIGHT[None] + i * STEP)[0])
        row |= {"currPwrTot": 650.0 + 0.1 * i, "renewPwrWind": 80.0, "renewPwrSolar": round(320 * lit, 3)}
    return Reply(fake.envelope(rows))


def day_ahead(names, issue, hours):
    """600 MW of demand, 100 MW of wind, half of what a cloudless sky would give."""
    stamps = np.asarray(issue + np.arange(hours) * HOUR, dtype="datetime64[s]")
    clear = SHAPE(stamps + HOUR // 2)[:, None]
    value = {
        "demand": np.full((hours, 1), 600.0) + APART,
        "wind": np.full((hours, 1), 100.0) + APART,
        "pv": clear * 400 * (0.5 + APART / 200),
    }
    targets = {n: TargetForecast(unit="MW", quantiles=value[n.removesuffix("_delivered")]) for n in names}
    return Forecast(island="jeju", issued_at=issue, stamps=stamps, levels=NINE, targets=targets)


@pytest.fixture
def island():
    return load_island("jeju")


@pytest.fixture
def filled(monkeypatch, tmp_path, island):
    monkeypatch.setenv("TAMNA_STATE", str(tmp_path / "state"))
    store = open_store(tmp_path / "store", island)
    with FakeServer() as server:
        server.set_as_provider(monkeypatch, KEY)
        server.answers("getJejuSukub5mToday", served(skip={GAP}))
        client = Client(clock=FakeClock(), rng=random.Random(1))
        done = fetch(store, "kpx.jeju-5min", MIDNIGHT, client=client)
    assert done.rows > 0
    return store


def now(store, island, **more):
    how = {"issue": NOW, "day_ahead": day_ahead, "learn": False} | more
    return nowcast(store, island, ["demand", "wind", "pv"], **how)


def test_the_hour_with_a_missing_stamp_is_not_averaged_as_if_whole(filled):
    hours = filled.hours("jeju/demand@kpx_jeju5m", Period(MIDNIGHT, MIDNIGHT + 15 * HOUR))
    torn = 14  # its stamp of 14:10 is missing: the line over ten minutes is longer than a step and a half
    assert np.isnan(hours.value[torn])
    assert np.isfinite(hours.value[:torn]).all()
    assert hours.value[3] == pytest.approx(650 + 0.1 * (36 + 6), abs=0.01)


def test_the_next_hours_follow_what_is_read_now(filled, island):
    found = now(filled, island)
    assert len(found.forecast.stamps) == 72
    assert found.forecast.stamps[0] == np.datetime64("2026-06-15T06:05:00")
    demand = found.forecast.targets["demand"]
    assert demand.quantiles[0, 4] == pytest.approx(667, abs=2)
    assert 600 < demand.quantiles[-1, 4] < 630
    assert demand.model == "nowcast"
    assert demand.fallback_reason is None
    assert found.forecast.targets["wind"].quantiles[0, 4] == pytest.approx(81, abs=2)


def test_pv_keeps_its_clouds_and_its_night(filled, island):
    pv = now(filled, island).forecast
    lit = SHAPE(pv.stamps + STEP // 2)
    said = pv.targets["pv"].quantiles
    assert said[0, 4] == pytest.approx(400 * 0.79 * lit[0], rel=0.03)  # not the half that was foreseen
    assert (said[lit <= 0] == 0).all()
    assert (lit <= 0).any()


def test_the_missing_stamp_and_the_age_of_the_reading_are_said(filled, island):
    found = now(filled, island)
    reading = found.readings["demand"]
    assert reading["source"] == "kpx_jeju5m"
    assert reading["last_at"] == "2026-06-15T15:00+09:00"
    assert reading["age_min"] == 2.0
    assert reading["absent_in_last_hour"] == 1
    notes = [str(n) for n in found.forecast.notes]
    assert "demand: 1 stamps of the last hour are missing, and not filled" in notes
    assert any("packaged guess" in n for n in notes)


def test_a_meter_that_stopped_hands_back_the_day_ahead(filled, island):
    found = now(filled, island, issue=NOW + 5 * HOUR)
    demand = found.forecast.targets["demand"]
    assert demand.model == "day_ahead"
    assert str(demand.fallback_reason) == "the last reading is 302 minutes old"
    np.testing.assert_allclose(demand.quantiles[0], 600 + APART)


def test_whole_hours_are_blended_into_the_day_ahead_and_no_other(filled, island):
    found = now(filled, island)
    blended = found.blended
    local = {str(s): i for i, s in enumerate(blended.stamps)}
    models = blended.targets["demand"].hour_model
    assert models[local["2026-06-15T06:00:00"]] != "nowcast"  # 15:00 has begun before the first step
    at = local["2026-06-15T07:00:00"]
    assert models[at] == "nowcast"
    steps = (found.forecast.stamps >= blended.stamps[at]) & (
        found.forecast.stamps < blended.stamps[at] + HOUR
    )
    mean = found.forecast.targets["demand"].quantiles[steps].mean(axis=0)
    np.testing.assert_allclose(blended.targets["demand"].quantiles[at], mean)
    np.testing.assert_allclose(blended.targets["demand"].quantiles[0], 600 + APART)


@pytest.mark.parametrize("step_s", [300, 900, 3600])
def test_every_step_and_its_answer_is_json(filled, island, step_s):
    found = now(filled, island, step_s=step_s).as_dict()
    assert len(found["steps"]) == 6 * 3600 // step_s
    assert found["step_s"] == step_s
    assert set(found["targets"]) == {"demand", "wind", "pv"}


def test_the_same_readings_give_the_same_bytes(filled, island):
    one, two = (now(filled, island).forecast.targets["demand"].quantiles for _i in range(2))
    assert one.tobytes() == two.tobytes()


def test_text_marks_what_is_the_day_ahead_alone(filled, island):
    text = as_text(now(filled, island, issue=NOW + 5 * HOUR, step_s=3600))
    assert "600.0~ (580.0..620.0)" in text
    assert "~ demand: the last reading is 302 minutes old" in text


def test_all_that_is_wrong_with_the_asking_comes_at_once(filled, island):
    with pytest.raises(UsageError) as refused:
        nowcast(filled, island, ["demand", "tides"], issue=NOW, horizon_h=9, step_s=60)
    text = str(refused.value)
    assert "no such nowcast target (got tides)" in text
    assert "Give --step 5min, 15min or 1h" in text
    assert "A nowcast reaches 6 hours" in text


def test_lengths_of_time_are_read_or_refused(capsys):
    assert [seconds(t, "--step") for t in ("5min", "15 min", "1h", "1.5h")] == [300, 900, 3600, 5400]
    assert run(["nowcast", "jeju", "--step", "soon"]) == 2
    assert "--step is no length of time (got soon)" in capsys.readouterr().err
