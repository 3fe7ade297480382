"""Clean synthetic years to plant defects in."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from tamna.series.quality import Track
from tamna.sources.synthetic import typical_year


def tracks_of(blocks):
    return {
        b.series: Track(
            series=b.series,
            source=b.source,
            unit=b.unit,
            kind=b.kind,
            resolution_s=b.resolution_s,
            valid_at=b.valid_at,
            value=b.value,
        )
        for b in blocks
    }


@lru_cache(maxsize=8)
def _made(seed, years):
    return tracks_of(typical_year(seed=seed, years=years).blocks)


@pytest.fixture(scope="session")
def made():
    """Give the tracks of a clean synthetic year: ``made(seed=0, years=1)["jeju/demand"]``."""
    return lambda seed=0, years=1: dict(_made(seed, years))


@pytest.fixture(scope="session")
def planted():
    """Give a track with some values changed: ``planted(track, slice(3, 5), lambda v: v * 1000)``."""

    def plant(track, where, change):
        value = track.value.copy()
        value[where] = change(value[where])
        return track.with_values(value)

    return plant


@pytest.fixture(scope="session")
def without():
    """Give a track without some of its rows."""

    def drop(track, rows):
        keep = np.ones(len(track), dtype=bool)
        keep[rows] = False
        return replace(track, valid_at=track.valid_at[keep], value=track.value[keep])

    return drop
