import numpy as np
import pytest

from tamna.forecast.levels import NINE
from tamna.forecast.place import site_of
from tamna.forecast.sitelearn import daily_issue, learn_site, site_table, wind_table
from tamna.forecast.sitepower import site_power
from tamna.grid.clock import DAY, HOUR

START = np.datetime64("2024-01-01T00:00:00", "s")
DAYS = 150
STAMPS = START + np.arange(DAYS * 24) * HOUR
ISSUE = STAMPS[-48]
ASKED = STAMPS >= ISSUE
SITE = site_of(latitude=33.5, longitude=126.5, pv_mw=1, wind_mw=1)
RNG = np.random.default_rng(3)
WIND = np.abs(np.repeat(RNG.gamma(4, 1.8, DAYS * 4), 6) + RNG.normal(0, 0.5, DAYS * 24))


@pytest.fixture(scope="module")
def windy():
    """A plant that a hill shades: it makes 60 % of what physics says, and less in the afternoon."""
    weather = {"wind_speed": WIND}
    alone = site_power(SITE, weather, STAMPS, np.zeros(len(STAMPS)), paths=40).paths["wind"]
    made = site_table(SITE, "wind", weather, STAMPS)
    physics = np.quantile(alone, NINE, axis=0).T
    afternoon = (np.arange(len(STAMPS)) + 9) % 24 >= 12
    truth = np.clip(made.table.column("power") * np.where(afternoon, 0.45, 0.65), 0, 1)
    actual = np.clip(truth + RNG.normal(0, 0.02, len(truth)), 0, 1)
    return made, physics, actual


def learned(windy, actual=None, known_at=None, **more):
    made, physics, own = windy
    how = {"issue": ISSUE, "asked": ASKED} | more
    return learn_site(
        made,
        STAMPS,
        own if actual is None else actual,
        STAMPS + 2 * HOUR if known_at is None else known_at,
        physics,
        **how,
    )


def test_what_a_site_is_like_is_learned_and_held_against_physics(windy):
    found = learned(windy)
    assert found.better
    assert found.scores["pinball_learned"] < 0.4 * found.scores["pinball_physics"]
    assert found.scores["hours"] > 300
    actual = windy[2][ASKED]
    inside = (actual >= found.quantiles[:, 1]) & (actual <= found.quantiles[:, 7])
    assert inside.mean() > 0.7


def test_readings_not_known_at_the_issue_change_nothing(windy):
    late = STAMPS + 2 * HOUR > ISSUE
    spoiled = np.where(late, 0.0, windy[2])
    assert (spoiled != windy[2]).any()
    one, two = learned(windy), learned(windy, actual=spoiled)
    np.testing.assert_array_equal(one.quantiles, two.quantiles)


def test_the_scored_hours_were_seen_by_no_fit(windy):
    """Nonsense in the scored hours spoils the score and nothing of what was learned before them."""
    honest = learned(windy)
    since = np.datetime64(honest.scores["since"].removesuffix("Z"), "s")
    spoiled = np.where(since <= STAMPS, 1.0 - windy[2], windy[2])
    assert learned(windy, actual=spoiled).scores["pinball_learned"] > 5 * honest.scores["pinball_learned"]


def test_readings_that_follow_no_weather_do_not_beat_it_by_being_learned(windy):
    made, _physics, _actual = windy
    perfect = np.repeat(windy[2][:, None], len(NINE), 1)
    found = learn_site(made, STAMPS, windy[2], STAMPS + 2 * HOUR, perfect, issue=ISSUE, asked=ASKED)
    assert not found.better


def test_too_few_readings_teach_nothing(windy):
    few = np.where(np.arange(len(STAMPS)) < 300, windy[2], np.nan)
    assert learned(windy, actual=few) is None


def test_dark_hours_stay_exactly_zero():
    weather = {"cloud_cover": np.full(len(STAMPS), 0.3)}
    made = site_table(SITE, "pv", weather, STAMPS)
    actual = made.table.column("power") * 0.8 + 0.001
    physics = np.zeros((len(STAMPS), 9))
    found = learn_site(made, STAMPS, actual, STAMPS + HOUR, physics, issue=ISSUE, asked=ASKED)
    assert (found.quantiles[~made.possible[ASKED]] == 0).all()
    assert found.quantiles[made.possible[ASKED]].max() > 0.3
    assert found.quantiles.max() <= 1


def test_an_hour_is_issued_at_the_days_moment_before_it_and_never_after_the_issue():
    hours = ISSUE + np.array([-30, -24, -1, 0, 30]) * HOUR
    found = daily_issue(hours, ISSUE)
    assert found.tolist() == (ISSUE + np.array([-2, -1, -1, 0, 0]) * DAY).tolist()


def test_wind_features_carry_direction_as_a_circle():
    table = wind_table(SITE, {"wind_speed": WIND, "wind_direction": np.full(len(WIND), 90.0)}, STAMPS)
    assert table.column("from_east")[0] == pytest.approx(1.0)
    assert "wind_direction" not in table.names
