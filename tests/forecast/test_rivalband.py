import dataclasses

import numpy as np
import pytest

from forecast.making import START, island
from tamna.forecast.backtest import day_ahead_rows
from tamna.forecast.history import History, Track
from tamna.forecast.jeju import demand_target
from tamna.forecast.levels import NINE
from tamna.forecast.rivalband import column_quantiles, rival_bands
from tamna.grid.clock import DAY, HOUR, KOREA

FIRST = (START + 9 * HOUR).astype("datetime64[D]") + 120


def rows(days=10):
    return day_ahead_rows(FIRST, FIRST + days - 1, 11, KOREA)


def test_a_rivals_band_holds_about_what_it_says():
    history, asked = island(), rows(60)
    band = rival_bands(asked, history, demand_target())["operator"]
    actual = history.actual("demand", asked.valid_at)
    assert ((actual >= band[:, 2]) & (actual <= band[:, 6])).mean() == pytest.approx(0.8, abs=0.04)
    assert (np.diff(band, axis=1) >= 0).all()


def test_a_rivals_band_carries_its_lasting_bias():
    # this operator says 20 MW too much, day after day
    history, asked = island(), rows()
    target = demand_target()
    said = target.rivals(asked, history, "demand")["operator"]
    assert (rival_bands(asked, history, target)["operator"][:, 4] - said).mean() == pytest.approx(-20, abs=4)


def test_misses_that_were_not_known_at_the_issue_change_no_band():
    history, asked = island(), rows()
    target = demand_target()
    moment = asked.issued_at[0]
    first = asked.issued_at == moment
    track = history.tracks["demand"]
    late = track.known_at > moment
    spoiled = dataclasses.replace(
        history,
        tracks={
            **history.tracks,
            "demand": dataclasses.replace(track, value=np.where(late, 1e6, track.value)),
        },
    )
    before, after = (rival_bands(asked, h, target)["last_week"][first] for h in (history, spoiled))
    np.testing.assert_array_equal(before, after)


def test_with_too_few_misses_there_is_no_band():
    n = 24 * 130
    stamps = START + np.arange(n) * HOUR
    value = np.where(stamps < START + 115 * DAY, np.nan, 5.0)
    history = History({"demand": Track(START, value, stamps + 2 * HOUR)}, {})
    found = rival_bands(rows(2), history, demand_target())
    assert np.isnan(found["last_week"]).all()


def test_quantiles_of_columns_on_paper():
    columns = np.array([[4.0, np.nan], [0.0, 7.0], [2.0, np.nan]])
    np.testing.assert_allclose(
        column_quantiles(columns, np.array([0.0, 0.25, 1.0]), least=1), [[0, 1, 4], [7, 7, 7]]
    )
    assert np.isnan(column_quantiles(columns, NINE, least=2)[1]).all()
