import numpy as np

from tamna.forecast.calibration import Conformal, calibrated, split_offsets
from tamna.forecast.levels import NINE
from tamna.grid.clock import DAY, HOUR

START = np.datetime64("2024-01-01T15:00:00", "s")


def too_narrow(days=200, seed=0, drift=0.0):
    """Actuals of spread 10 under quantiles of spread 4."""
    rng = np.random.default_rng(seed)
    n = days * 24
    valid = START + np.arange(n) * HOUR
    issued = START + (np.arange(n) // 24) * DAY - 13 * HOUR
    base = rng.normal(size=4000)
    quantiles = np.tile(np.quantile(base, NINE) * 4.0, (n, 1)) + 500.0
    actual = 500.0 + rng.normal(size=n) * 10.0 + drift * np.arange(n) / n
    return valid, issued, quantiles, actual, np.arange(n) % 24


def answer(valid, issued, quantiles, actual, hour, known=None, **how):
    test = valid >= START + 60 * DAY
    known = valid + 2 * HOUR if known is None else known
    found = calibrated(
        quantiles, NINE, actual, known_at=known, issued_at=issued, hour=hour, test=test, how=Conformal(**how)
    )
    return found[test], actual[test]


def held(found, actual, low=2, high=6):
    return ((actual >= found[:, low]) & (actual <= found[:, high])).mean()


def test_a_band_that_is_too_narrow_comes_to_hold_its_share():
    raw = too_narrow()
    assert held(raw[2], raw[3]) < 0.5
    assert abs(held(*answer(*raw)) - 0.8) < 0.03


def test_quantiles_never_cross():
    found, _actual = answer(*too_narrow())
    assert (np.diff(found, axis=1) >= 0).all()


def test_a_drift_is_followed():
    raw = too_narrow(drift=60.0)
    assert abs(held(*answer(*raw, middle=1.0)) - 0.8) < 0.06


def test_misses_that_were_not_known_yet_change_nothing():
    valid, issued, quantiles, actual, hour = too_narrow()
    known = valid + 3 * DAY
    found, _ = answer(valid, issued, quantiles, actual, hour, known)
    last = issued == issued[-1]
    tampered = actual.copy()
    tampered[known > issued[-1]] = 1e6
    again, _ = answer(valid, issued, quantiles, tampered, hour, known)
    np.testing.assert_array_equal(found[-24:], again[-24:])
    assert last.sum() == 24


def test_with_too_few_misses_a_band_stays_as_it_is():
    valid, issued, quantiles, actual, hour = too_narrow()
    found, _ = answer(valid, issued, quantiles, actual, hour, least=10**6)
    np.testing.assert_allclose(found, quantiles[: len(found)])


def test_split_offsets_cover_at_least_their_share():
    rng = np.random.default_rng(3)
    miss = rng.normal(size=(99, 1))
    offset = split_offsets(miss, np.array([0.9]))
    assert (miss <= offset).mean() >= 0.9


def test_the_thin_bands_of_dawn_do_not_blow_up_noon():
    """Bands of 0.1 that are missed by 3, beside bands of 40 that hold: hours within reach of each other."""
    valid, issued, _q, _a, hour = too_narrow()
    rng = np.random.default_rng(4)
    dawn = hour % 2 == 0
    spread = np.where(dawn, 0.05, 20.0)[:, None]
    quantiles = 500.0 + spread * np.linspace(-1, 1, 9)
    actual = 500.0 + rng.normal(size=len(hour)) * np.where(dawn, 3.0, 8.0)
    found, _actual = answer(valid, issued, quantiles, actual, hour)
    noon = hour[valid >= START + 60 * DAY] % 2 == 1
    assert (found[:, -1] - found[:, 0])[noon].mean() < 80
    assert 0.7 < held(found[noon], _actual[noon]) < 0.95
