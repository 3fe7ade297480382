"""What the plan of a period's last day looks ahead on: no day depends on where the period ends."""

import numpy as np
import pytest

from tamna.forecast.trail import Trail
from tamna.grid import load_island
from tamna.grid.clock import HOUR, Period, parse_period
from tamna.runs import looping, open_store
from tamna.runs.beyond import gone_on
from tamna.runs.dispatch_hours import came
from tamna.runs.dispatching import Asked, beyond_windows, dispatched
from tamna.runs.foreseeing import Band, Said
from tamna.runs.lived import lived_hours
from tamna.runs.looping import looped
from tamna.runs.many_paths import AskedPaths
from tamna.sources.synthetic import typical_year

JEJU = load_island("jeju")
ASKED = Asked(reserve=False, why=False)
OFF = {"tamna": 0.99, "operator": 0.95, "operator_debiased": 0.975, "persistence": 0.93}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    place = tmp_path_factory.mktemp("beyond") / "store"
    opened = open_store(place, JEJU)
    opened.ingest([typical_year(seed=0, year=2023)])
    return opened


def days(first, last):
    return parse_period(first, last, JEJU.timezone)


def off_by_a_part(store, _island, period, **_more):
    """Say what came, with a fixed miss of each forecaster."""
    seen = lived_hours(store, JEJU, period).came
    came_mw = {"demand": seen.demand_mw, "wind": seen.wind_mw, "pv": seen.pv_mw}
    none = np.empty((0, 24))
    trail = Trail(
        issued_at=none[:, 0].astype("datetime64[s]"), misses=none, known_at=none.astype("datetime64[s]")
    )
    spread = np.array([0.9, 1.0, 1.1])
    return Said(
        of={name: {who: mw * by for who, by in OFF.items()} for name, mw in came_mw.items()},
        weather="roughened",
        bands={
            name: Band(quantiles=mw[:, None] * spread, levels=np.array([0.05, 0.5, 0.95]), trail=trail)
            for name, mw in came_mw.items()
        },
    )


def test_a_day_runs_as_it_does_within_a_longer_period(store):
    short, long = (
        dispatched(store, JEJU, days("2023-04-08", last), ASKED).answer
        for last in ("2023-04-08", "2023-04-10")
    )
    assert (short.hours.steps.count, short.ahead.steps.count) == (24, 48)
    for name, mw in short.rolled.done.injection_mw["electricity"].items():
        assert mw == pytest.approx(long.rolled.done.injection_mw["electricity"][name][:24], abs=1e-6), name
    assert short.rolled.windows[0].found.bound == pytest.approx(long.rolled.windows[0].found.bound)


@pytest.mark.parametrize("paths", [None, AskedPaths(count=2)])
def test_a_day_costs_after_every_forecast_what_it_does_within_a_longer_period(store, monkeypatch, paths):
    monkeypatch.setattr(looping, "said", off_by_a_part)
    short, long = (
        looped(store, JEJU, days("2023-04-08", last), ASKED, "tamna", paths=paths, worth=paths is None)
        for last in ("2023-04-08", "2023-04-09")
    )
    done, other = (d.answer.rolled.done.injection_mw["electricity"] for d in (short, long))
    for name, mw in done.items():
        assert mw == pytest.approx(other[name][:24], abs=1e-6), name
    assert len(short.loop.foresight.demand_mw) == len(short.came.stamps) == 24
    if paths is None:
        assert set(short.loop.worth.kinds) == {"perfect", *OFF, "wind_pv_persistence", "wind_pv_known"}
        for kind, of in short.loop.worth.kinds.items():
            assert of.cost_krw == pytest.approx(long.loop.worth.kinds[kind].cost_krw[:1]), kind


def test_hours_after_the_period_are_the_stores_and_else_the_last_day_again(store):
    period = days("2023-04-08", "2023-04-08")
    seen = came(store, JEJU, period)
    known = gone_on(seen, 12, lambda p: came(store, JEJU, p))
    then = came(store, JEJU, Period(period.end, period.end + 12 * HOUR))
    assert known.demand_mw == pytest.approx([*seen.demand_mw, *then.demand_mw])
    assert known.stamps[-1] == period.end + 11 * HOUR
    last = days("2023-12-31", "2023-12-31")
    seen = came(store, JEJU, last)
    again = gone_on(seen, 36, lambda p: came(store, JEJU, p))
    assert again.pv_mw == pytest.approx([*seen.pv_mw, *seen.pv_mw, *seen.pv_mw[:12]])
    assert gone_on(seen, 0, lambda p: came(store, JEJU, p)).pv_mw == pytest.approx(seen.pv_mw)


def test_the_last_day_of_all_that_is_known_sees_itself_again_and_tells_itself_alone(store):
    answer = dispatched(store, JEJU, days("2023-12-31", "2023-12-31"), ASKED).answer
    assert answer.ahead.demand_mw == pytest.approx(np.tile(answer.hours.demand_mw, 2))
    assert answer.ahead.steps.label(47) == "2024-01-01 23:00"
    assert len(answer.rolled.done.injection_mw["electricity"]["demand"]) == 24
    assert answer.account.generated_mwh["demand"] == pytest.approx(-answer.hours.demand_mw.sum())
    assert answer.broken == ()


@pytest.mark.parametrize(("count", "more"), [(24, 24), (48, 24), (30, 42), (1, 47)])
def test_the_window_of_the_last_day_is_as_long_as_any_other(count, more):
    assert beyond_windows(count) == more
