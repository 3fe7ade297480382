"""The floor that other years tell, moved to what links may send out: by the days of the packaged island."""

from types import SimpleNamespace

import numpy as np
import pytest

from tamna.dispatch import assumed
from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.physics.curtailment import Hours, SystemFloor
from tamna.runs.dispatch_floor import floor_of

JEJU = load_island("jeju")


def seen(year, anchors, spans):
    """Give what stood for `year`: a floor of so many MW over each span of island days."""
    days = [parse_period(first, last, JEJU.timezone) for first, last, _mw in spans]
    ends = [edge for p in days for edge in (p.stamps()[0], p.stamps()[-1])]
    floor = SystemFloor(
        days=np.array(ends, dtype="datetime64[s]"),
        mw=np.repeat([float(mw) for _first, _last, mw in spans], 2),
        counted=np.full(2 * len(spans), 1.1),
    )
    return SimpleNamespace(learned=(SimpleNamespace(year=year, floor=floor, anchors=anchors),), given=None)


OPEN_YEAR, CLOSED_YEAR = ("2021-06-01", "2021-12-31"), ("2022-04-01", "2022-12-31")


def of(judged, first, last, steady=11.5, wind=assumed.MARGIN_NONE_MW):
    stamps = parse_period(first, last, JEJU.timezone).stamps()
    notes = []
    return floor_of(judged, JEJU, stamps, np.full(len(stamps), wind), np.full(len(stamps), steady), notes), [
        str(n) for n in notes
    ]


def test_a_floor_seen_with_the_link_open_is_higher_where_the_link_is_closed():
    judged = seen(2023, (2021,), [(*OPEN_YEAR, 200.0)])
    found, notes = of(judged, "2023-04-01", "2023-04-02")
    assert found.mw == pytest.approx(200 + 70 - 11.5)
    assert found.closed_mw == pytest.approx(70)
    assert found.links_least_mw == pytest.approx(0.075 * 700)
    assert found.scatter.sd_mw == pytest.approx(np.hypot(35, 15))
    assert (found.days, found.hours) == (None, None)
    assert found.counted == pytest.approx(1.1)
    assert any("moved by +70 MW" in n for n in notes)


def test_what_was_seen_with_the_link_closed_stands_as_it_is():
    judged = seen(2023, (2022,), [(*CLOSED_YEAR, 270.0)])
    found, notes = of(judged, "2023-04-01", "2023-04-02")
    assert found.mw == pytest.approx(270 - 11.5)
    assert not any("moved" in n for n in notes)


def test_more_wind_raises_the_floor_by_the_operators_margin():
    judged = seen(2023, (2022,), [(*CLOSED_YEAR, 270.0)])
    found, _notes = of(judged, "2023-04-01", "2023-04-02", wind=210.0)
    assert found.mw == pytest.approx(270 - 11.5 + 0.2 * 100)
    assert found.margin_mw == pytest.approx(0.2 * 210)


def test_a_link_built_since_lowers_the_floor_by_all_it_can_send():
    judged = seen(2025, (2022,), [(*CLOSED_YEAR, 270.0)])
    found, _notes = of(judged, "2025-04-14", "2025-04-14")
    assert found.mw == pytest.approx(270 - 70 - 200 - 11.5)
    assert found.closed_mw == pytest.approx(0)


def test_the_year_that_is_judged_teaches_nothing_of_what_links_sent_then():
    spans = [(*OPEN_YEAR, 200.0), ("2022-04-01", "2022-12-31", 200.0)]
    judged = seen(2022, (2021,), spans)
    found, _notes = of(judged, "2022-06-01", "2022-06-01")
    assert found.mw == pytest.approx(200 + 70 - 11.5)


def held_at_noon(last):
    """Give what stood for 2023, and hours up to `last` that were held at noon, 330 MW left of demand."""
    judged = seen(2023, (2022,), [(*CLOSED_YEAR, 270.0)])
    stamps = parse_period("2023-04-01", last, JEJU.timezone).stamps()
    noon, n = np.isin(np.arange(len(stamps)) % 24, range(10, 16)), len(stamps)
    judged.given = Hours(
        stamps=stamps, actual_mw=np.where(noon, 100.0, 200.0), potential_mw=np.full(n, 200.0), error_mw=np.full(n, 12.0),
        demand_mw=np.where(noon, 430.0, 900.0), pv_mw=np.zeros(n), sunny=noon, most_mw=300.0,
    )  # fmt: skip
    return judged


def test_the_last_day_of_a_period_is_told_by_the_hours_after_it_as_it_is_within_a_longer_one():
    short, long, alone = (
        of(held_at_noon(judged), "2023-04-01", last)[0]
        for judged, last in (
            ("2023-04-04", "2023-04-02"),
            ("2023-04-04", "2023-04-04"),
            ("2023-04-02", "2023-04-02"),
        )
    )
    for by in ("other-hours", "days-before", "hours-before"):
        assert short.told(by) == pytest.approx(long.told(by)[:48]), by
    assert short.told("days-before") == pytest.approx(alone.told("days-before"))
    assert (short.told("other-hours") - alone.told("other-hours"))[40] > 0.1


def test_hours_that_were_held_tell_the_hours_after_them_how_high_the_floor_lay():
    judged = held_at_noon("2023-04-02")
    found, _notes = of(judged, "2023-04-01", "2023-04-02")
    line = 270 + 0.2 * (200.0 - assumed.MARGIN_NONE_MW)  # 330 were left
    assert found.hours.mean_mw[16] == pytest.approx(330 - line, abs=6.0)
    assert found.days.mean_mw[[16, 30]] == pytest.approx([0.0, 0.5 * (330 - line)], abs=4.0)
    assert found.hours.sd_mw[16] < 20.0


def test_no_other_year_is_said_and_gives_no_floor():
    found, notes = of(None, "2023-04-01", "2023-04-01")
    assert found is None
    assert "understated" in notes[0]
