import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.forecast.levels import NINE
from tamna.forecast.paths import draw_paths, normal_scores

HOURS = 24


def bands(hours=HOURS, spread=30.0):
    middle = 500 + 100 * np.sin(np.arange(hours) / 24 * 2 * np.pi)
    return middle[:, None] + spread * np.linspace(-2.3, 2.3, len(NINE))


def lasting(days, stay, seed, hours=HOURS):
    rng = np.random.default_rng(seed)
    out = rng.standard_normal((days, hours))
    for h in range(1, hours):
        out[:, h] = stay * out[:, h - 1] + np.sqrt(1 - stay**2) * out[:, h]
    return out


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 50), count=st.sampled_from([20, 50, 100]), days=st.sampled_from([0, 3, 60]))
def test_the_share_of_paths_below_each_quantile_is_its_level(seed, count, days):
    band = bands()
    paths = draw_paths({"demand": lasting(days, 0.8, seed)}, {"demand": band}, NINE, count=count, seed=seed)[
        "demand"
    ]
    off = np.abs((paths[:, :, None] <= band[None] + 1e-9).mean(axis=0) - NINE).max(axis=0)
    assert (off[1:-1] <= 0.5 / count + 1e-9).all()
    assert (off[[0, -1]] <= max(0.01, 0.5 / count) + 1e-9).all()  # beyond the outermost levels they hold


def test_neighbouring_hours_of_a_path_go_along_as_past_misses_did():
    paths = draw_paths({"demand": lasting(80, 0.9, 1)}, {"demand": bands()}, NINE, count=400, seed=0)[
        "demand"
    ]
    apart = paths - paths.mean(axis=0)
    one = np.corrcoef(apart[:, :-1].ravel(), apart[:, 1:].ravel())[0, 1]
    six = np.corrcoef(apart[:, :-6].ravel(), apart[:, 6:].ravel())[0, 1]
    assert one == pytest.approx(0.9, abs=0.06)
    assert six == pytest.approx(0.9**6, abs=0.15)


def test_wind_and_net_load_of_one_path_go_against_each_other_where_their_misses_did():
    wind = lasting(80, 0.8, 2)
    load = -0.8 * wind + 0.6 * lasting(80, 0.8, 3)
    paths = draw_paths(
        {"wind": wind, "net_load": load}, {"wind": bands(), "net_load": bands()}, NINE, count=400, seed=0
    )
    along = np.mean([np.corrcoef(paths["wind"][:, h], paths["net_load"][:, h])[0, 1] for h in range(HOURS)])
    assert along == pytest.approx(-0.8, abs=0.1)


def test_targets_that_erred_apart_stay_apart():
    paths = draw_paths(
        {"wind": lasting(80, 0.8, 4), "demand": lasting(80, 0.8, 5)},
        {"wind": bands(), "demand": bands()},
        NINE,
        count=400,
        seed=0,
    )
    along = np.mean([np.corrcoef(paths["wind"][:, h], paths["demand"][:, h])[0, 1] for h in range(HOURS)])
    assert abs(along) < 0.15


def test_the_same_seed_draws_the_same_bytes_and_another_seed_others():
    asked = {"demand": lasting(60, 0.8, 0)}, {"demand": bands()}, NINE
    first, again, other = (draw_paths(*asked, count=50, seed=s)["demand"] for s in (0, 0, 1))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_a_night_without_a_band_has_paths_without_a_spread():
    band = np.zeros((3, len(NINE)))
    paths = draw_paths({"pv": np.zeros((60, 3))}, {"pv": band}, NINE, count=20, seed=0)["pv"]
    assert (paths == 0).all()


def test_scores_of_missing_misses_are_in_the_middle():
    scores = normal_scores(np.array([[1.0], [np.nan], [-1.0]]))
    assert scores[1, 0] == 0
    assert scores[0, 0] == -scores[2, 0] > 0
