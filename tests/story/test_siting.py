"""``tamna forecast --lat .. --lon .. --pv-mw ..``: from nothing, from a weather file, from readings."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fake_answers as fake
from tamna.errors import UsageError
from tamna.forecast.levels import NINE
from tamna.forecast.scores import pinball
from tamna.grid.clock import DAY, HOUR
from tamna.physics.sun import sun_over
from tamna.runs.siting import site_forecast

ISSUE = np.datetime64("2024-06-20T02:00:00", "s")
HERE = {"latitude": 33.5, "longitude": 126.5}


def ask(**more):
    return site_forecast(**{**HERE, "pv_mw": 10.0, "issue": ISSUE, "horizon_h": 37, **more})


def open_meteo_csv(path, *, latitude=33.5, longitude=126.5, cloud=10.0, hours=72, start="2024-06-20T00:00"):
    head = "latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation\n"
    rows = pd.date_range(start, periods=hours, freq="h").strftime("%Y-%m-%dT%H:%M")
    path.write_text(
        head + f"{latitude},{longitude},63.0,0,GMT,GMT\n\n"
        "time,temperature_2m (°C),cloud_cover (%),wind_speed_10m (km/h)\n"
        + "\n".join(f"{t},22.5,{cloud + i % 2},25.2" for i, t in enumerate(rows)) + "\n"
    )  # fmt: skip
    return path


def test_without_anything_the_sun_and_the_climate_answer_and_say_so():
    found = ask()
    pv = found.targets["pv"]
    assert found.stamps[0] == ISSUE
    assert len(found.stamps) == 37
    assert pv.model == "climate"
    assert pv.estimated
    assert "what skies usually are" in str(pv.fallback_reason)
    assert "no weather: the sun and the climate alone answer" in [str(n) for n in found.notes]
    dark = sun_over(found.stamps, 33.5, 126.5).zenith >= 90
    assert (pv.quantiles[dark] == 0).all()
    assert pv.quantiles.max() <= 10.0
    assert pv.quantiles[~dark].max() > 7.0
    noon = int(np.argmax(pv.quantiles[:, 4]))
    assert pv.quantiles[noon, 7] - pv.quantiles[noon, 1] > 4.0  # wide, for nothing is known
    json.dumps(found.as_dict())


def test_a_downloaded_forecast_makes_it_surer(tmp_path):
    clear = ask(weather=open_meteo_csv(tmp_path / "w.csv"))
    grey = ask(weather=open_meteo_csv(tmp_path / "g.csv", cloud=98.0))
    pv = clear.targets["pv"]
    assert pv.model == "physics"
    assert pv.fallback_reason is None
    width = [np.ptp(f.targets["pv"].quantiles[:, [1, 7]], axis=1).sum() for f in (clear, ask())]
    assert width[0] < 0.6 * width[1]
    assert grey.targets["pv"].quantiles[:, 4].sum() < 0.7 * pv.quantiles[:, 4].sum()
    assert [r.name for r in clear.receipts] == ["w.csv"]


def test_hours_that_the_file_does_not_reach_are_the_climates(tmp_path):
    found = ask(weather=open_meteo_csv(tmp_path / "w.csv", hours=24)).targets["pv"]
    assert set(found.hour_model) == {"physics", "climate"}
    late = [i for i, m in enumerate(found.hour_model) if m == "climate"]
    assert min(late) > 18
    assert "no weather forecast for this hour" in str(found.hour_reason[late[0]])


def test_the_json_of_open_meteo_is_read_as_downloaded(tmp_path):
    names = ["temperature_2m", "cloud_cover", "wind_speed_10m", "shortwave_radiation"]
    start = int(ISSUE.astype(np.int64)) - 7200
    document = fake.meteo(names, start=start, hours=72)
    document |= {"latitude": 33.5, "longitude": 126.5}
    (tmp_path / "w.json").write_text(json.dumps(document))
    found = ask(weather=tmp_path / "w.json", wind_mw=5.0)
    assert set(found.targets) == {"pv", "wind"}
    assert found.targets["wind"].model == "physics"
    assert [str(n) for n in found.notes if "issue times" in str(n)]


def test_southern_modules_face_north_and_hours_are_utc():
    found = ask(latitude=-35.3, longitude=149.1)
    assert found.timezone == "UTC"
    assert "modules are taken to face 0 degrees and to lie at 30" in [str(n) for n in found.notes]
    noon = found.stamps[int(np.argmax(found.targets["pv"].quantiles[:24, 4]))]
    assert noon.astype("datetime64[h]").astype(int) % 24 in (1, 2)


def test_wind_without_weather_is_wide_and_within_its_capacity():
    wind = ask(pv_mw=None, wind_mw=20.0).targets["wind"]
    assert wind.model == "climate"
    assert (wind.quantiles >= 0).all()
    assert wind.quantiles.max() <= 20.0
    assert (wind.quantiles[:, 6] - wind.quantiles[:, 2]).mean() > 5


def test_the_same_asking_gives_the_same_bytes_and_another_seed_another():
    one, two, other = ask(), ask(), ask(seed=5)
    assert one.targets["pv"].quantiles.tobytes() == two.targets["pv"].quantiles.tobytes()
    assert one.targets["pv"].quantiles.tobytes() != other.targets["pv"].quantiles.tobytes()


def test_other_levels_are_given_when_asked():
    found = ask(levels=np.array([0.2, 0.5, 0.8]))
    assert found.targets["pv"].quantiles.shape == (37, 3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"horizon_h": 0}, "the horizon of a site does not fit"), ({"latitude": 95}, "latitude")],
)
def test_what_cannot_be_is_refused(wrong, words):
    with pytest.raises(UsageError, match=words):
        ask(**wrong)


MAPPING = """
files:
  - match: meter.csv
    time: {column: t, timezone: UTC, label: end}
    resolution: 1h
    delay: 1h
    columns: {kw: {series: my/site/power, unit: MW, from: kW, kind: mean}}
  - match: weather.csv
    time: {column: t, timezone: UTC, label: start}
    resolution: 1h
    columns:
      cloud: {series: my/site/cloud_cover, unit: "1", kind: mean}
      temp: {series: my/site/temperature, unit: degC, kind: mean}
"""


def plant(folder, *, days=110):
    """A plant of 10 MW whose east is shaded by a hill, and the weather it stands in."""
    rng = np.random.default_rng(2)
    stamps = ISSUE - days * DAY + np.arange((days + 3) * 24) * HOUR
    cloud = np.clip(np.repeat(rng.beta(0.6, 0.5, (days + 3) * 4), 6) + rng.normal(0, 0.05, len(stamps)), 0, 1)
    sun = sun_over(stamps, 33.5, 126.5)
    power = 9.0 * np.maximum(np.cos(np.deg2rad(sun.zenith)), 0) * (1 - 0.75 * cloud**3.4)
    power *= np.where(sun.azimuth < 140, 0.45, 1.0)
    (folder / "tamna-mapping.yaml").write_text(MAPPING)
    text = [str(s).replace("T", " ") for s in stamps]
    ends = [str(s + HOUR).replace("T", " ") for s in stamps]
    past = stamps < ISSUE
    (folder / "weather.csv").write_text(
        "t,cloud,temp\n" + "\n".join(f"{t},{c:.3f},20" for t, c in zip(text, cloud, strict=True)) + "\n"
    )
    (folder / "meter.csv").write_text(
        "t,kw\n"
        + "\n".join(f"{t},{1000 * p:.1f}" for t, p, k in zip(ends, power, past, strict=True) if k)
        + "\n"
    )
    return stamps, power


def test_with_readings_it_learns_and_says_how_it_did_against_physics_alone(tmp_path):
    stamps, power = plant(tmp_path)
    files = {"weather": tmp_path / "weather.csv"}
    alone = ask(**files).targets["pv"]
    found = ask(**files, history=tmp_path / "meter.csv")
    pv = found.targets["pv"]
    assert pv.model == "learned"
    assert not pv.estimated
    assert pv.fit["pinball_learned"] < 0.6 * pv.fit["pinball_physics"]
    at = np.searchsorted(stamps, found.stamps)
    loss = [pinball(power[at], t.quantiles, NINE).mean() for t in (pv, alone)]
    assert loss[0] < 0.6 * loss[1]
    assert {r.name for r in found.receipts} == {"weather.csv", "meter.csv"}


def test_too_few_readings_leave_it_to_physics_and_say_so(tmp_path):
    plant(tmp_path, days=10)
    pv = ask(weather=tmp_path / "weather.csv", history=tmp_path / "meter.csv").targets["pv"]
    assert pv.model == "physics"
    assert str(pv.fallback_reason) == "too few readings to learn from"


@pytest.mark.data
def test_the_sites_of_gefcom2014_are_learned_through_their_mapping_file(shared_data, tmp_path):
    for number in (*range(1, 5), "s1"):
        name = "predictors1.csv" if number == "s1" else f"test{number}.csv"
        shutil.copy(shared_data / "gefcom2014_solar" / name, tmp_path)
    shutil.copy(shared_data / "gefcom2014_solar" / "train_to_2013-12.csv", tmp_path)
    mapping = Path(__file__).parents[2] / "benchmarks" / "gefcom2014-mapping.yaml"
    shutil.copy(mapping, tmp_path / "tamna-mapping.yaml")
    found = site_forecast(
        latitude=-35.28, longitude=149.1, altitude_m=602, tilt_deg=35, azimuth_deg=327, pv_mw=1.0, place="2",
        issue=np.datetime64("2013-07-01T00:00:00", "s"), horizon_h=24, weather=tmp_path, history=tmp_path,
    )  # fmt: skip
    pv = found.targets["pv"]
    assert pv.model == "learned"
    assert pv.fit["pinball_learned"] < 0.8 * pv.fit["pinball_physics"]
