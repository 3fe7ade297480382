import numpy as np

from tamna.grid.clock import Period
from tamna.series.model import Series
from tamna.series.splice import spliced
from tamna.sources.block import Kind

HOURS = np.arange("2023-12-31T20:00", "2024-01-01T04:00", 3600, dtype="datetime64[s]")
PERIOD = Period(HOURS[0], HOURS[4])


def part(source, value, unit, kind, stamps):
    n = len(stamps)
    return Series(
        name="jeju/demand", unit=unit, kind=kind, resolution_s=3600, valid_at=stamps, known_at=stamps + 3600,
        value=np.asarray(value, float), flag=np.zeros(n, np.uint16), source_code=np.zeros(n, np.uint8), sources=(source,),
    )  # fmt: skip


def test_the_first_source_that_has_a_number_answers_and_mean_power_counts_as_energy():
    first = part("a", [1, np.nan, 3, 4], "MWh", Kind.SUM, HOURS[:4])
    second = part("b", [9, 8, 7, 6], "MW", Kind.MEAN, HOURS[:4])
    joined = spliced("jeju/demand", [first, second], PERIOD)
    assert joined.value.tolist() == [1, 8, 3, 4]
    assert [joined.sources[c] for c in joined.source_code] == ["a", "b", "a", "a"]
    assert joined.unit == "MWh"


def test_a_source_that_was_read_wider_adds_no_hour_outside_the_period():
    first = part("a", [1, 2, 3, 4], "MWh", Kind.SUM, HOURS[:4])
    wider = part("b", np.arange(8), "MW", Kind.MEAN, HOURS)
    joined = spliced("jeju/demand", [first, wider], PERIOD)
    assert joined.valid_at.tolist() == HOURS[:4].tolist()
