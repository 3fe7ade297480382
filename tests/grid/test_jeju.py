"""The packaged Jeju keeps its promise: a ground for every figure, conflicts in the open."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from importlib import resources

import pytest

from tamna.grid import load_island
from tamna.sources.table import SOURCES


@pytest.fixture(scope="module")
def jeju():
    return load_island("jeju")


def test_every_figure_has_a_source_or_a_reason_with_a_range(jeju):
    for path, figure in jeju.figures():
        assert figure.status != "unsourced", path
        if figure.status == "assumed":
            assert len(figure.assumed) > 8, path
            assert figure.range is not None, path
        elif figure.status == "sourced":
            assert figure.confidence, path


def test_the_known_contradictions_stay_visible(jeju):
    conflicts = {path for path, figure in jeju.figures() if figure.status == "conflict"}
    assert conflicts >= {
        "link 'hvdc1', in_service",
        "thermal unit 'namjeju-cc', capacity_mw",
        "published_curtailment, 2020, wind_mwh",
        "record 'import-before-link-3', figures, import_mw",
        "record 'bess-central-contract', figures, energy_mwh",
        "record 'momentary-re100-2025-04-14', figures, demand_mwh",
        "record 'momentary-re100-2025-04-14', figures, lng_mwh",
    }


def test_no_source_stands_there_for_nothing(jeju):
    text = (resources.files("tamna.grid") / "islands" / "jeju.yaml").read_text("utf-8")
    for source in jeju.sources:
        uses = len(re.findall(rf"(?<![\w-]){re.escape(source.key)}(?![\w-])", text))
        assert uses > 1, source.key


def test_named_sources_of_series_are_in_the_source_table(jeju):
    named = set(jeju.publication_delays) | {s for order in jeju.default_sources.values() for s in order}
    assert named <= set(SOURCES)


def test_delays_agree_with_the_source_table(jeju):
    for name, delay in jeju.publication_delays.items():
        source = SOURCES[name]
        if delay.after_h is not None:
            assert abs(delay.after_h.value * 3600 - source.delay_s) < 2, name
        else:
            assert delay.day_ahead_hour.value == source.day_ahead_hour, name


def test_the_parts_published_for_2024_add_up(jeju):
    year = jeju.published_energy[2024]
    parts = sum(f.value for f in (year.wind_mwh, year.pv_mwh, year.other_mwh))
    assert parts == year.renewable_mwh.value
    assert round(parts / year.total_mwh.value, 4) == jeju.published_shares[2024].value


def test_fleets_of_2023_add_up_to_what_was_published(jeju):
    day = date(2023, 12, 31)
    wind = jeju.capacity_mw("wind", day)
    pv = jeju.capacity_mw("pv", day, "market") + jeju.capacity_mw("pv", day, "ppa")
    assert wind == pytest.approx(314.69)
    assert pv == pytest.approx(538.552, abs=0.5)


def test_every_class_that_demand_does_not_see_is_a_class(jeju):
    assert all(jeju.generation_class(name) for name in jeju.demand.net_of)


@pytest.mark.data
@pytest.mark.parametrize(("year", "stated"), [("2022", 0.1919), ("2023", 0.1817)])
def test_settled_energy_and_the_estimated_classes_meet_the_published_share(jeju, shared_data, year, stated):
    """By construction: the PPA estimate is the residual, so this guards the arithmetic in the file."""
    assert jeju.published_shares[int(year)].value == stated
    demand, settled = _demand_mwh(shared_data)[year], _settled_mwh(shared_data)[year]
    outside = sum(
        jeju.generation_class(name).estimate.year_mwh(int(year)).value
        for name in ("wind_ppa", "pv_ppa", "other_renewable")
    )
    assert (settled + outside) / (demand + outside) == pytest.approx(stated, abs=5e-5)


@pytest.mark.data
def test_no_settled_hour_exceeds_the_market_fleet(jeju, shared_data):
    for day, pv, wind in _settled_rows(shared_data):
        moment = date.fromisoformat(day)
        assert pv <= jeju.capacity_mw("pv", moment, "market"), day
        assert wind <= jeju.capacity_mw("wind", moment, "market"), day


def _text(path):
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp949")


def _settled_rows(data):
    for path in (data / "kpx" / "generation").glob("제주도_풍력태양광_시간별_*.csv"):
        for stamp, pv, wind in list(csv.reader(_text(path).splitlines()))[1:]:
            yield stamp[:10], float(pv or 0), float(wind or 0)


def _settled_mwh(data):
    total = Counter()
    for day, pv, wind in _settled_rows(data):
        total[day[:4]] += pv + wind
    return total


def _demand_mwh(data):
    days = {}
    for path in (data / "kpx" / "demand").glob("시간별 제주전력수요_*.csv"):
        for row in list(csv.reader(_text(path).splitlines()))[1:]:
            day = re.sub(r"[./]", "-", row[0][:10])
            energy = sum(float(cell.replace(",", "")) for cell in row[1:25])
            days[day] = energy / 1000 if day < "2023-10-01" else energy
    total = Counter()
    for day, energy in days.items():
        total[day[:4]] += energy
    return total
