"""A dispatch beside what was published, in words: three ways of knowing, chance, and the months that miss."""

import numpy as np
import pytest

from tamna.dispatch.chance import Scatter
from tamna.dispatch.published import Facts, Told, beside
from tamna.dispatch.spread import Room
from tamna.lang import speaking
from tamna.serve.published_words import headings, rows, sentences

DAYS = 20


def found(told=None, *, months=1):
    """Twenty days, 10 hours of each 60 MW short of the floor: 12,000 MWh, all told; half of it is published."""
    n = 24 * DAYS
    short = np.arange(n) % 24 < 10
    room = Room(
        floor_mw=np.full(n, 270.0),
        free_mw=np.where(short, 210.0, 600.0),
        most_mw=np.full(n, 200.0),
        anyway_mw=np.zeros(n),
    )
    facts = Facts(
        month=np.where(np.arange(n) < n // months, "2023-02", "2023-03"), day=np.arange(n) // 24, published_mwh=np.where(short, 30.0, 0.0),
        left_mw=np.full(n, 240.0), floor_mw=np.full(n, 280.0), margin_mw=np.zeros(n), closed_mw=np.full(n, 70.0),
        links_least_mw=52.5, counted=np.ones(n), days=told, hours=told,
        scatter=Scatter(day_sd_mw=35.0, memory=0.5, width_mw=15.0, wander_mw=25.0),
    )  # fmt: skip
    return beside(room, facts)


def test_a_row_says_how_far_off_each_way_of_knowing_is():
    sure = Told(mean_mw=np.full(24 * DAYS, -30.0), sd_mw=np.zeros(24 * DAYS))
    (row,) = rows(found(sure))
    assert len(row) == 1 + len(headings())
    assert row[4:8] == ("+103 %", "+103 %", "+0 %", "+0 %")  # 60.9 MW of 60: what is held bends upwards in the floor
    (silent,) = rows(found())
    assert silent[6:9] == ("", "", "")


def test_words_tell_chance_and_what_was_known_before_only_where_it_was():
    told = [str(s) for s in sentences(found())]
    chance = next(s for s in told if "by chance alone" in s)
    assert f"in 2023-02 lies within 35% of this in {found().months[0].near:.0%} of cases" in chance
    two = found(months=2)
    chance = next(str(s) for s in sentences(two) if "by chance alone" in str(s))
    assert f"all of them at once in {two.all_near:.0%}" in chance
    assert two.all_near <= min(m.near for m in two.months)
    assert not any("up to the hour before" in s for s in told)
    assert any("2023-02 differs by" in s and "only 240 MW were left" in s for s in told)
    sure = Told(mean_mw=np.full(24 * DAYS, -30.0), sd_mw=np.zeros(24 * DAYS))
    known = [str(s) for s in sentences(found(sure))]
    assert any("up to the day before tell part of it: 6,000 MWh" in s for s in known)


@pytest.mark.parametrize("word", ["우연만으로도", "직전 시간까지면"])
def test_korean_says_it_too(word):
    sure = Told(mean_mw=np.zeros(24 * DAYS), sd_mw=np.full(24 * DAYS, 20.0))
    with speaking("ko"):
        assert any(word in str(s) for s in sentences(found(sure)))
