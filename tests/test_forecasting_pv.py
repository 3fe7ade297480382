"""PV as the verb answers it: dark while the sun is down, and nothing called broken at dawn."""

import dataclasses

import numpy as np
import pytest

from forecast.fleets import fleet_island
from forecast.making import START
from tamna.forecast.blend import Member
from tamna.forecast.jeju import pv_target
from tamna.forecast.pv import LIGHT, pv_share
from tamna.forecast.simple import Line
from tamna.grid.clock import DAY, HOUR
from tamna.grid.sun import JEJU
from tamna.runs.forecasting import answered, load

DAY_OF_LATER_DAWN = START + 240 * DAY
"""On the next day the sun stands too low in an hour in which it stood high enough for weeks."""


@pytest.fixture(scope="module")
def found():
    target = dataclasses.replace(pv_target(), members=(Member(learner=Line()),), copies=1)
    history = noisy(fleet_island(days=244, runs_from=200))
    loaded = load(history, [target], issue=DAY_OF_LATER_DAWN + 11 * HOUR, hours=61, island="made")
    return answered(loaded)


def noisy(history):
    """Readings of some MW where no sun shines, as an estimate gives them."""
    rng = np.random.default_rng(3)
    tracks = dict(history.tracks)
    for name in ("pv", "reading/pv"):
        track = tracks[name]
        tracks[name] = dataclasses.replace(
            track, value=track.value + np.abs(rng.normal(0, 3, len(track.value)))
        )
    return dataclasses.replace(history, tracks=tracks)


def tomorrow(found):
    return (found.stamps >= DAY_OF_LATER_DAWN + DAY) & (found.stamps < DAY_OF_LATER_DAWN + 2 * DAY)


def test_no_power_comes_at_night_whoever_answers(found):
    dark = pv_share(found.stamps, JEJU) == 0
    models = np.array(found.targets["pv"].hour_model)
    assert (models[dark & tomorrow(found)] == "blend").all()
    assert (
        models[dark & (found.stamps >= DAY_OF_LATER_DAWN + 2 * DAY)] != "blend"
    ).any()  # no run reaches it
    np.testing.assert_array_equal(found.targets["pv"].quantiles[dark], 0.0)


def test_by_day_the_band_has_width(found):
    lit = pv_share(found.stamps, JEJU) > 0.2
    assert (np.diff(found.targets["pv"].quantiles[lit][:, [0, -1]], axis=1) > 1.0).all()


def test_a_dawn_at_which_the_sun_stands_lower_than_the_weeks_before_is_not_broken(found):
    mine = tomorrow(found)
    faint = pv_share(found.stamps, JEJU) <= LIGHT
    weeks = [pv_share(found.stamps - k * DAY, JEJU) > LIGHT for k in range(1, 29)]
    assert (mine & faint & (np.mean(weeks, axis=0) > 0.9)).any()
    assert set(np.array(found.targets["pv"].hour_model)[mine]) == {"blend"}
