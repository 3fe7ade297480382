from dataclasses import replace

import numpy as np
import pytest

from forecast.making import START, island, issue_of
from tamna.errors import TamnaError
from tamna.forecast.backtest import Plan, backtest, day_ahead_rows
from tamna.forecast.blend import Member
from tamna.forecast.history import Track
from tamna.forecast.jeju import island_history
from tamna.forecast.price import PriceFeatures, price_rt_target
from tamna.forecast.simple import Line
from tamna.forecast.targets import target_named
from tamna.forecast.verdict import verdict
from tamna.grid.clock import DAY, HOUR, KOREA, parse_period
from tamna.series.store import Store
from tamna.sources.reading import read_paths

FIRST = (START + 150 * DAY).astype("datetime64[D]")
ROWS = day_ahead_rows(FIRST, FIRST + 6, 11, KOREA)


def priced(seed=0):
    """A made-up island whose price falls below zero on bright noons, and a mainland it is tied to at night."""
    history = island()
    demand = history.tracks["demand"].value
    stamps = START + np.arange(len(demand)) * HOUR
    rng = np.random.default_rng(seed)
    sun = history.tracks["observed/radiation"].value
    mainland = 120 + 0.1 * (demand - 600) + rng.normal(0, 3, len(demand))
    price = np.where(sun > 600, -20.0, np.where(sun > 0, mainland + 30, mainland))
    known = issue_of(stamps, 18)
    tracks = history.tracks | {
        "price": Track(START, price, known),
        "price_mainland": Track(START, mainland, known),
        "price_da": Track(START, price, known),
        "price_rt": Track(START, price + rng.normal(0, 5, len(price)), stamps + 2 * HOUR),
    }
    return replace(history, tracks=tracks)


def facts(history, rows=ROWS):
    return PriceFeatures().facts(rows, history)


def line(target):
    return replace(target, members=(Member(learner=Line()),), copies=1)


def test_the_price_of_the_day_of_issue_is_known_and_that_of_the_day_itself_is_not():
    history = priced()
    assert np.isfinite(history.at("price", ROWS.valid_at - DAY, ROWS.issued_at)).all()
    assert np.isnan(history.at("price", ROWS.valid_at, ROWS.issued_at)).all()


def test_the_base_is_the_middle_of_the_same_hour_on_the_last_seven_days():
    history = priced()
    week = [history.actual("price", ROWS.valid_at - k * DAY) for k in range(1, 8)]
    np.testing.assert_allclose(facts(history).base, np.median(week, axis=0))


def test_a_missing_day_leaves_the_middle_of_the_others():
    history = priced()
    track = history.tracks["price"]
    value = track.value.copy()
    value[(ROWS.valid_at[0] - DAY - START) // HOUR] = np.nan
    holed = replace(history, tracks=history.tracks | {"price": replace(track, value=value)})
    rest = [history.actual("price", ROWS.valid_at[:1] - k * DAY)[0] for k in range(2, 8)]
    assert facts(holed).base[0] == pytest.approx(np.median(rest))


def test_no_feature_knows_what_came_after_its_issue():
    history = priced()
    first = ROWS.issued_at == ROWS.issued_at[0]
    seen, poisoned = (facts(h).values[first] for h in (history, history.poisoned(ROWS.issued_at[0])))
    np.testing.assert_array_equal(seen, poisoned)


def test_an_hour_at_the_mainlands_price_is_called_tied():
    table = facts(priced())
    hour = table.column("hour")
    assert (table.column("price_mainland_tied")[hour == 2] == 1).all()
    assert (table.column("price_mainland_tied")[hour == 12] == 0).all()


def test_the_first_day_of_a_month_says_so():
    rows = day_ahead_rows(np.datetime64("2023-05-31"), np.datetime64("2023-06-02"), 11, KOREA)
    assert facts(priced(), rows).column("new_month")[::24].tolist() == [0, 1, 0]


def test_an_island_without_mainland_or_demand_still_has_a_price():
    history = priced()
    alone = replace(
        history, tracks={k: v for k, v in history.tracks.items() if k.startswith(("price", "obs"))}
    )
    del alone.tracks["price_mainland"]
    names = facts(alone).names
    assert not [n for n in names if "mainland" in n or "demand" in n]


PLAN = Plan(first=FIRST + 20, last=FIRST + 39, since=(START + 40 * DAY).astype("datetime64[D]"), warm_days=28)


@pytest.fixture(scope="module")
def answers():
    return backtest(line(target_named("price")), priced(), PLAN)


def test_the_price_beats_the_naive_ones_on_a_made_up_island(answers):
    scores = verdict(answers)["scores"]["price"]
    assert scores["tamna"]["mae_krw_per_kwh"] < min(
        scores[r]["mae_krw_per_kwh"] for r in ("persistence", "last_week")
    )


def test_negative_prices_are_answered_with_negative_prices(answers):
    assert (answers.actual < 0).any()
    assert (answers.middle < 0).any()
    assert (answers.quantiles[:, 0] < 0).any()


def test_of_the_real_time_price_only_the_morning_of_the_issue_is_known():
    history = priced()
    table = price_rt_target().facts(ROWS, history)
    hour = table.column("hour")
    assert np.isfinite(table.column("days_ago_1")[hour <= 9]).all()
    assert np.isnan(table.column("days_ago_1")[hour >= 10]).all()
    assert np.isfinite(table.base).all()
    assert np.isfinite(table.column("price_da_1")).all()


def test_the_quantity_learned_is_the_distance_from_the_base():
    target = target_named("price")
    base, value = np.array([100.0, 50.0]), np.array([80.0, -10.0])
    learned = target.forward(value, base)
    assert learned.tolist() == [-20, -60]
    np.testing.assert_allclose(target.back(learned[:, None], base)[:, 0], value)


@pytest.mark.data
def test_every_hour_of_2023_has_one_price(shared_data, tmp_path):
    store = Store.open(tmp_path)
    readings = (r for _p, r in read_paths([shared_data / "kpx" / "smp"]) if not isinstance(r, TamnaError))
    store.ingest(readings)
    history = island_history(store, parse_period("2022-12-01", "2023-12-31", KOREA))
    rows = day_ahead_rows(np.datetime64("2023-01-01"), np.datetime64("2023-12-31"), 11, KOREA)
    actual = history.actual("price", rows.valid_at)
    naive = history.at("price", rows.valid_at - DAY, rows.issued_at)
    assert np.isfinite(actual).all()
    assert np.isfinite(naive).all()
    assert np.abs(actual - naive).mean() == pytest.approx(22.62, abs=0.01)
