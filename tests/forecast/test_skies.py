import numpy as np
import pytest

from tamna.forecast.skies import MEAN_WIND_MPS, STAY, skies

CLEAR = np.full(48, 600.0)
LEAD = np.arange(48.0)


def drawn(weather, paths=400, **more):
    return skies(weather, CLEAR, LEAD, paths=paths, seed=1, **more)


def test_paths_lie_around_what_was_forecast():
    found = drawn(
        {"radiation": CLEAR * 0.6, "temperature": np.full(48, 20.0), "wind_speed": np.full(48, 7.0)}
    )
    assert np.median(found.clearness) == pytest.approx(0.6, abs=0.02)
    assert found.temperature.mean() == pytest.approx(20.0, abs=0.3)
    assert np.median(found.wind) == pytest.approx(7.0, abs=0.2)
    assert not found.climate["sky"].any()
    assert not found.climate["wind"].any()


def test_errors_last_and_grow_with_the_lead():
    found = drawn({"wind_speed": np.full(48, 12.0)}, paths=3000)
    apart = found.wind - 12.0
    assert np.corrcoef(apart[:, 10], apart[:, 11])[0, 1] == pytest.approx(STAY, abs=0.02)
    assert apart[:, 44].std() > 1.1 * apart[:, 2].std()


def test_a_clear_sky_is_surer_than_a_broken_one():
    clear, broken = (drawn({"radiation": CLEAR * part}).clearness.std() for part in (1.0, 0.5))
    assert clear < 0.6 * broken


def test_an_overcast_sky_has_a_band_below_its_middle_too():
    low, middle, high = np.quantile(drawn({"cloud_cover": np.ones(48)}).clearness, [0.1, 0.5, 0.9])
    assert low < 0.8 * middle < middle < 0.7 * high


def test_without_weather_the_sky_is_mostly_clear_or_grey_and_said_to_be_climate():
    found = drawn({})
    assert found.climate["sky"].all()
    assert np.quantile(found.clearness, 0.05) < 0.35
    assert np.quantile(found.clearness, 0.95) > 0.98
    assert np.isnan(found.temperature).all()
    assert found.wind.mean() == pytest.approx(MEAN_WIND_MPS, rel=0.05)


def test_hours_that_the_forecast_lacks_are_the_climates():
    wind = np.full(48, 9.0)
    wind[30:] = np.nan
    found = drawn({"wind_speed_100m": wind})
    assert found.wind_m == 100.0
    assert found.climate["wind"].tolist() == [False] * 30 + [True] * 18
    assert np.isfinite(found.wind).all()


def test_the_same_seed_gives_the_same_paths():
    one, two = drawn({}), drawn({})
    assert one.wind.tobytes() == two.wind.tobytes()
    assert one.wind.tobytes() != skies({}, CLEAR, LEAD, paths=400, seed=2).wind.tobytes()
