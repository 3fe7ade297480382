"""When a value could be known."""

from __future__ import annotations

import numpy as np
import pytest

from tamna.sources import SOURCES, Block, Flag, Kind
from tamna.sources.known import known_at, known_flag


def block(source: str, stamp: str, *, kind: Kind = Kind.SUM, resolution_s: int = 3600, **more) -> Block:
    return Block(
        series="jeju/x",
        source=source,
        unit="MWh",
        kind=kind,
        resolution_s=resolution_s,
        valid_at=np.array([stamp], dtype="datetime64[s]"),
        value=np.array([1.0]),
        flag=np.zeros(1, dtype=np.uint16),
        **more,
    )


@pytest.mark.parametrize(
    ("source", "stamp", "kind", "known"),
    [
        ("kpx_demand", "2023-01-01T00:00:00", Kind.SUM, "2023-01-01T02:00:00"),
        # 2023-01-02 05:00 KST: that day ends 2023-01-02T15:00Z, thirty days later
        ("kpx_settled", "2023-01-01T20:00:00", Kind.SUM, "2023-02-01T15:00:00"),
        # the last hour of a Korean day still belongs to it
        ("kpx_settled", "2023-01-02T14:00:00", Kind.SUM, "2023-02-01T15:00:00"),
        # 2023-01-03 14:00 KST is known at 18:00 KST of the 2nd
        ("kpx_smp", "2023-01-03T05:00:00", Kind.MEAN, "2023-01-02T09:00:00"),
        ("kpx_smp", "2023-01-02T15:00:00", Kind.MEAN, "2023-01-02T09:00:00"),
        ("kma_asos", "2023-01-01T00:00:00", Kind.INSTANT, "2023-01-01T00:20:00"),
        ("kma_asos", "2023-01-01T00:00:00", Kind.MEAN, "2023-01-01T01:20:00"),
    ],
)
def test_a_value_is_known_when_the_source_table_says(source, stamp, kind, known):
    assert known_at(block(source, stamp, kind=kind))[0] == np.datetime64(known)


def test_a_forecast_is_known_at_its_issue_and_nothing_is_assumed():
    issued = np.array(["2024-03-01T02:00:00"], dtype="datetime64[s]")
    forecast = block("oibc_forecast", "2024-03-02T00:00:00", issued_at=issued)
    assert known_at(forecast)[0] == issued[0]
    assert known_flag(forecast)[0] == 0


def test_an_assumed_delay_is_flagged_on_every_value():
    assert known_flag(block("kpx_demand", "2023-01-01T00:00:00"))[0] == Flag.ASSUMED_KNOWN


def test_a_stated_delay_beats_the_table_and_is_no_assumption():
    own = block("mapped", "2023-01-01T00:00:00", delay_s=600)
    assert known_at(own)[0] == np.datetime64("2023-01-01T01:10:00")
    assert known_flag(own)[0] == 0


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_nothing_measured_is_known_before_it_ended(source):
    made = block(source, "2023-06-30T14:00:00")
    if SOURCES[source].day_ahead_hour is None:
        assert known_at(made)[0] >= made.valid_at[0] + np.timedelta64(3600, "s")
    else:
        assert known_at(made)[0] < made.valid_at[0]
