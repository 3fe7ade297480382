from __future__ import annotations

import re

import numpy as np
import pytest

from tamna.grid import load_island
from tamna.lang import _, speaking
from tamna.measure.lost import REASONS, Lost, NotLost, Why
from tamna.physics.curtailment import Curtailment
from tamna.physics.paths import Wander
from tamna.serve.report.blocks import Amount, Callout, Missing, Paragraph, Picture, Table
from tamna.serve.report.lost import lost_section
from tamna.serve.report.speak import Speaker

N = 24 * 61
STAMPS = np.datetime64("2024-05-31T15:00:00", "s") + np.arange(N) * np.timedelta64(3600, "s")
EN = Speaker("en", "Asia/Seoul")


def made(judged=24 * 30, published=None):
    """Give two months: the first judged, with 40 MWh held at each noon; the second not."""
    hour = np.arange(N) % 24
    known = np.arange(N) < judged
    noon = (hour >= 11) & (hour < 14)

    def blank(values):
        return np.where(known, values, np.nan)

    held = blank(np.where(noon, 40.0, 0.0))
    found = Curtailment(
        stamps=STAMPS, potential_mw=blank(100.0), potential_sd_mw=blank(5.0), net_demand_mw=blank(250.0), floor_mw=blank(300.0),
        likelihood=blank(np.where(noon, 0.999, 0.0)), log_odds=blank(np.where(noon, 7.0, -20.0)),
        expected_mwh=held, depth_mwh=blank(np.where(noon, 40.0, 0.0)), depth_sd_mwh=blank(5.0),
    )  # fmt: skip
    zero = blank(0.0)
    return Lost(
        valid_at=STAMPS, potential_mw=np.full(N, 100.0), potential_p10_mw=np.full(N, 90.0),
        potential_p90_mw=np.full(N, 110.0), actual_mw=blank(np.where(noon, 60.0, 100.0)),
        demand_mw=np.full(N, 600.0), pv_mw=np.full(N, 250.0), floor_mw=np.full(N, 300.0), found=found,
        wander=Wander(low=found, high=found, step_mw=30.0, sd_mw=25.0),
        kinds={"instructed": np.full(N, np.nan), "market": held, "inferred": zero, "outage": zero, "unexplained": zero},
        above={"outage": zero, "unexplained": zero},
        published_mwh=np.full(N, np.nan) if published is None else blank(published),
        why=np.where(known, Why.JUDGED, Why.FLEET_LEFT).astype(np.int8), flag=np.zeros(N, dtype=np.uint16),
        other_base=known, learned=(),
    )  # fmt: skip


def blocks(found, kind):
    return [b for b in lost_section(found, load_island("jeju"), EN).blocks if isinstance(b, kind)]


def test_what_nobody_published_is_said_not_to_be_zero():
    lead = str(blocks(made(), Paragraph)[0].text)
    assert "3.6 GWh" in lead
    assert "Nothing is published" in lead
    assert "that is not zero" in lead


def test_a_month_that_cannot_be_judged_says_why_in_its_row():
    rows = blocks(made(), Table)[0].rows
    assert rows[0][1] == Amount(value=pytest.approx(3600.0), digits=0, estimated=True)
    assert isinstance(rows[0][4], Missing)
    assert rows[1][1].reason == REASONS[Why.FLEET_LEFT]
    assert rows[2][-1].value == 24 * 30


def test_published_energy_stands_beside_the_estimate():
    lead = str(blocks(made(published=2.0), Paragraph)[0].text)
    assert "1.4 GWh are published" in lead


def test_the_day_that_lost_most_is_told_with_the_room_that_was_left():
    told = str(blocks(made(), Picture)[1].caption)
    assert re.search(r"At 11:00 demand was 600 MW and PV gave 250", told)
    assert "room for about 50 MW" in told
    assert "offered 100, the fleet gave 60" in told


def test_an_unanswered_question_is_a_callout_with_what_to_do():
    found = NotLost(REASONS[Why.NO_WEATHER], _("Ingest what is missing."))
    callout = blocks(found, Callout)[0]
    assert [str(t) for t in callout.texts] == [str(REASONS[Why.NO_WEATHER]), "Ingest what is missing."]


def test_a_period_without_any_judged_hour_has_no_pictures():
    found = made(judged=0)
    assert not blocks(found, Picture)
    assert "has left the settled wind series" in str(blocks(found, Paragraph)[0].text)


def test_it_is_told_in_korean():
    with speaking("ko"):
        section = lost_section(made(), load_island("jeju"), Speaker("ko", "Asia/Seoul"))
        assert str(section.title) == "풍력 출력제어(추정)"
        assert "0이라는 뜻이 아닙니다" in str(section.blocks[0].text)
