"""Weather and readings of a site that are another place's, of several places, or in another unit: refused by name."""

import random

import numpy as np
import pytest

from fake_server import FakeServer
from live_tools import KEY, NOW, FakeClock
from story.test_siting import ISSUE, MAPPING, ask, open_meteo_csv, plant
from tamna.errors import InputError, TamnaError
from tamna.grid.clock import DAY, HOUR
from tamna.runs import fetch
from tamna.series import Store
from tamna.sources.live import Client

ISSUED = """
files:
  - match: runs.csv
    time: {column: t, timezone: UTC, label: start}
    issued_at: {column: issued, timezone: UTC}
    resolution: 1h
    by: {place: where}
    columns: {cloud: {series: "forecast/{place}/cloud_cover", unit: "1", kind: mean}}
"""


def runs(folder, issues, *, where="here"):
    (folder / "tamna-mapping.yaml").write_text(ISSUED)
    rows = [
        f"{str(at).replace('T', ' ')},{str(at + k * HOUR).replace('T', ' ')},{where},{cloud}"
        for at, cloud in issues
        for k in range(1, 60)
    ]
    (folder / "runs.csv").write_text("issued,t,where,cloud\n" + "\n".join(rows) + "\n")
    return folder / "runs.csv"


def middle(found):
    return found.targets["pv"].quantiles[:, 4].sum()


def test_weather_of_another_place_is_refused_with_its_distance(tmp_path):
    path = open_meteo_csv(tmp_path / "w.csv", latitude=35.2, longitude=129.0)
    with pytest.raises(InputError, match=r"w\.csv.*another place, \d+ km away \(got 35\.20, 129\.00\)"):
        ask(weather=path)


def test_a_run_issued_after_the_issue_is_not_used(tmp_path):
    earlier = [(ISSUE - DAY, 0.02 + 0.0), (ISSUE - 6 * HOUR, 0.03)]
    alone = ask(weather=runs(tmp_path, earlier))
    both = ask(weather=runs(tmp_path, [*earlier, (ISSUE + HOUR, 0.97)]))
    assert middle(both) == middle(alone)
    late = ask(weather=runs(tmp_path, [*earlier, (ISSUE, 0.97)]))
    assert middle(late) < 0.7 * middle(alone)


def test_several_places_want_one_named(tmp_path):
    path = runs(tmp_path, [(ISSUE - DAY, 0.02)])
    text = path.read_text()
    path.write_text(text + "".join(f"{line.replace('here', 'there')}\n" for line in text.splitlines()[1:]))
    with pytest.raises(InputError, match="several places"):
        ask(weather=path)
    assert ask(weather=path, place="there").targets["pv"].model == "physics"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("from: kW, ", "", "readings are larger than the capacity"),
        ("from: kW, ", "from: W, ", "no reading reaches a hundredth of the capacity"),
        ("my/site/power", "my/site/temperature", "the file of readings has no power"),
    ],
)
def test_readings_in_another_unit_than_the_capacitys_are_refused(tmp_path, old, new, words):
    plant(tmp_path, days=30)
    (tmp_path / "tamna-mapping.yaml").write_text(MAPPING.replace(old, new))
    with pytest.raises(InputError, match=words) as refused:
        ask(weather=tmp_path / "weather.csv", history=tmp_path / "meter.csv")
    assert "meter.csv" in str(refused.value)


def test_cloud_in_percent_where_a_fraction_is_declared_is_refused(tmp_path):
    path = runs(tmp_path, [(ISSUE - DAY, 42.0)])
    with pytest.raises(InputError, match="cloud_cover are not in 1: they look like %"):
        ask(weather=path)


def test_contradicting_rows_of_one_issue_and_hour_are_said_and_an_earlier_run_answers(tmp_path):
    path = runs(tmp_path, [(ISSUE - DAY, 0.02), (ISSUE - HOUR, 0.02), (ISSUE - HOUR, 0.99)])
    found = ask(weather=path)
    assert any("different values" in str(n) for n in found.notes)
    assert middle(found) == pytest.approx(
        middle(ask(weather=runs(tmp_path, [(ISSUE - DAY, 0.02)]))), rel=0.02
    )


def test_a_file_that_is_nothing_is_refused(tmp_path):
    (tmp_path / "w.json").write_text("{not json")
    with pytest.raises(TamnaError):
        ask(weather=tmp_path / "w.json")


def test_the_store_answers_near_its_places_and_not_far_from_them(monkeypatch, tmp_path):
    monkeypatch.setenv("TAMNA_STATE", str(tmp_path / "state"))
    store = Store.open(tmp_path / "store")
    with FakeServer() as server:
        server.set_as_provider(monkeypatch, KEY)
        client = Client(clock=FakeClock(), rng=random.Random(1))
        fetch(store, "open-meteo.forecast", NOW, client=client)
    hour = np.datetime64(NOW, "h").astype("datetime64[s]") + HOUR
    near = ask(store=store, issue=hour, horizon_h=12)
    assert any("weather runs of jeju, 3 km away" in str(n) for n in near.notes)
    assert near.targets["pv"].model == "physics"
    before = ask(store=store, issue=hour - DAY, horizon_h=12)
    assert before.targets["pv"].model == "climate"
    far = ask(store=store, issue=hour, horizon_h=12, latitude=35.2, longitude=129.0)
    assert far.targets["pv"].model == "climate"
