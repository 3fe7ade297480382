"""The list of live sources keeps its promises."""

import pytest

from tamna.errors import UsageError
from tamna.lang import language
from tamna.settings import SETTINGS
from tamna.sources.live import FETCHERS, Options, fetcher
from tamna.sources.table import SOURCES

WANTED = [
    "kpx.jeju-5min",
    "kpx.smp",
    "kpx.fuel-mix",
    "kma.asos",
    "kma.forecast",
    "kma.apihub",
    "open-meteo.archive",
    "open-meteo.forecast",
    "open-meteo.previous-runs",
    "nasa.power",
    "entsoe.load",
    "entsoe.generation",
    "entsoe.prices",
]


def test_every_source_of_the_issue_is_there():
    assert set(WANTED) <= set(FETCHERS)
    assert language() == "en"


@pytest.mark.parametrize("one", FETCHERS.values(), ids=FETCHERS)
def test_each_stands_in_the_source_table_and_its_key_in_the_settings(one):
    assert one.source in SOURCES
    secrets = {s.name for s in SETTINGS if s.secret}
    assert one.key_variable is None or one.key_variable in secrets
    assert one.quota.per_day > 0
    assert str(one.title)
    assert one.parts(Options())


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match=r"entsoe\.prices"):
        fetcher("x")
