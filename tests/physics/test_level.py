from __future__ import annotations

import numpy as np
import pytest

from tamna.physics.level import Level, level_of

STAMPS = np.arange("2022-01-01", "2023-01-01", dtype="datetime64[h]").astype("datetime64[s]")
RNG = np.random.default_rng(1)
POWER = RNG.gamma(1.5, 40, len(STAMPS))
ALL = np.ones(len(STAMPS), dtype=bool)


def test_a_fleet_that_grows_by_a_third_is_found_at_its_size():
    grown = np.where(np.datetime64("2022-07-01") <= STAMPS, 4 / 3, 1.0)
    size = level_of(STAMPS, POWER * grown, POWER, ALL).at(STAMPS)
    assert size[24 * 45] == pytest.approx(1.0, abs=0.04)
    assert size[24 * 320] == pytest.approx(4 / 3, abs=0.06)


def test_beyond_what_is_known_the_nearest_size_holds():
    first = np.datetime64("2022-04-01") > STAMPS
    size = level_of(STAMPS, POWER * 1.2, POWER, first).at(STAMPS)
    assert size[-1] == size[24 * 100]


def test_a_calm_month_is_not_a_smaller_fleet():
    calm = np.where(
        (np.datetime64("2022-05-01") <= STAMPS) & (np.datetime64("2022-06-01") > STAMPS), 0.1, 1.0
    )
    size = level_of(STAMPS, POWER * calm, POWER * calm, ALL).at(STAMPS)
    assert np.abs(size - 1).max() < 0.05


def test_hours_that_are_not_trusted_do_not_count():
    trusted = np.arange(len(STAMPS)) % 24 < 8
    held = np.where(trusted, POWER, 0.0)
    assert np.abs(level_of(STAMPS, held, POWER, trusted).size - 1).max() < 0.01


def test_a_level_survives_being_saved():
    level = level_of(STAMPS, POWER, POWER, ALL)
    again = Level.from_dict(level.as_dict())
    assert again.at(STAMPS) == pytest.approx(level.at(STAMPS), abs=0.005)
