from __future__ import annotations

from serve.report.test_lost import made
from tamna.grid.clock import Resolution
from tamna.lang import _
from tamna.measure.bins import Bins
from tamna.measure.lost import NotLost
from tamna.serve.cli.lost import as_text


def test_months_stand_beside_what_was_published_and_a_silent_one_says_why():
    found = made()
    text = as_text(found, Bins(found.valid_at, Resolution.MONTH, "Asia/Seoul"))
    first, second = (line for line in text.splitlines() if line.startswith("2024-"))
    assert "3,600" in first
    assert "not published" in first
    assert "unavailable" in second
    assert "has left the settled wind series" in text


def test_without_weather_it_says_what_to_ingest():
    assert "unavailable: why. do" in as_text(NotLost(_("why"), _("do")), None)
