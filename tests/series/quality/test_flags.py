import numpy as np
import pytest

from tamna.series.quality import flags_for
from tamna.sources.block import Finding, Flag

HOURS = np.arange("2024-04-01", "2024-04-11", 3600, dtype="datetime64[s]")


def finding(kind, first, last, series="jeju/demand", source="kpx_demand"):
    return Finding(
        kind=kind,
        series=series,
        source=source,
        start=HOURS[first],
        end=HOURS[last],
        size=1,
        unit="h",
        text="x",
    )


@pytest.mark.parametrize(
    ("kind", "bits"),
    [
        ("offset", Flag.SUSPECT | Flag.BY_QUALITY),
        ("impossible_value", Flag.SUSPECT | Flag.BY_QUALITY),
        ("coverage_break", Flag.COVERAGE | Flag.BY_QUALITY),
        ("gap", Flag(0)),
        ("label", Flag(0)),
        ("night_generation", Flag(0)),
    ],
)
def test_a_finding_flags_the_hours_it_spans_and_no_others(kind, bits):
    flag = flags_for([finding(kind, 24, 48)], "jeju/demand", "kpx_demand", HOURS)
    assert flag.dtype == np.uint16
    assert (flag[24:48] == int(bits)).all()
    assert not flag[:24].any()
    assert not flag[48:].any()


def test_another_source_of_the_series_is_not_touched():
    assert not flags_for([finding("offset", 24, 48)], "jeju/demand", "kpx_system", HOURS).any()


def test_findings_add_up():
    both = [finding("offset", 24, 48), finding("coverage_break", 40, 60)]
    flag = flags_for(both, "jeju/demand", "kpx_demand", HOURS)
    assert flag[45] == int(Flag.SUSPECT | Flag.COVERAGE | Flag.BY_QUALITY)


def test_a_quarter_hour_inside_a_hurt_hour_is_flagged():
    quarters = np.arange("2024-04-02", "2024-04-03", 900, dtype="datetime64[s]")
    flag = flags_for([finding("offset", 24, 25)], "jeju/demand", "kpx_demand", quarters, step_s=900)
    assert np.flatnonzero(flag).tolist() == [0, 1, 2, 3]
