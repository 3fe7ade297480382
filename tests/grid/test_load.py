"""Every mistake of a grid file at once, each with its line; never a traceback."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamna.errors import GridError
from tamna.grid import island_from, load_island, read_island, starter
from tamna.grid.document import LIMIT_BYTES
from tamna.lang import speaking

BROKEN = """\
name: broken
title: {ko: 섬, en: Isle}
timezone: Asia/Seul
zones:
  - {name: isle}
batteries:
  - name: hallim
    zone: isle
    power_mw: -3
    energy_mwh: 10
    round_trip: 85
    start_mwh: 12
  - {name: hallim, zone: atlantis, power_mw: 1, energy_mwh: "1,000", round_trip: 0.9}
links:
  - name: cable
    zone: isle
    beyond: nowhere
    technology: vsc
    import_mw: 10
    export_mw: 10
    los: 0.03
regimes:
  - {name: pilot, kind: market, start: 2024-06-01, end: 2024-01-01}
thermal:
  - {name: unit, zone: isle, fuel: coal, capacity_mw: 12}
classes:
  - {name: wind, group: wind, metering: market, renewable: true, carbon_free: true, thermal: false, factor_tco2e_per_mwh: 0}
sites:
  - {name: farm, kind: layer_farm, zone: isle, lat: 133.5, lon: 126.5}
"""

EXPECTED = [
    (3, "timezone", "unknown time zone (got Asia/Seul)"),
    (9, "battery 'hallim', power_mw", "must be above 0 (got -3)"),
    (
        11,
        "battery 'hallim', round_trip",
        "must lie in (0, 1] (got 85). Give a fraction: write 0.85 for 85 %.",
    ),
    (12, "battery 'hallim', start_mwh", "starts fuller than full: energy_mwh is 10 (got 12)"),
    (13, "battery 'hallim', name", "this name is taken, in line 7"),
    (13, "battery 'hallim', zone", "unknown zone (got atlantis)"),
    (13, "battery 'hallim', energy_mwh", "must be a number, not text (got 1,000). Write 1000."),
    (15, "link 'cable', loss", "is missing"),
    (17, "link 'cable', beyond", "a link to nowhere"),
    (21, "link 'cable', los", "unknown name (got 0.03). Did you mean 'loss'?"),
    (23, "regime 'pilot', end", "ends before it starts, on 2024-06-01 (got 2024-01-01)"),
    (25, "thermal unit 'unit', fuel", "unknown fuel (got coal)"),
    (27, "class 'wind'", "a class with neither series nor estimate"),
    (29, "site 'farm', lat", "must lie in [-90, 90] (got 133.5)"),
]


def mistakes(text: str) -> GridError:
    with pytest.raises(GridError) as caught:
        read_island(text, "broken.yaml")
    return caught.value


def test_all_fourteen_mistakes_come_in_one_message_each_with_its_line():
    found = mistakes(BROKEN)
    told = [(m.where.line, m.where.path, str(m)) for m in found.mistakes]
    assert len(told) == len(EXPECTED), str(found)
    for line, path, words in EXPECTED:
        assert any((at, where) == (line, path) and words in text for at, where, text in told), (
            line,
            path,
            words,
        )
    assert str(found).startswith("14 mistakes:")


def test_mistakes_stand_in_the_order_of_the_file():
    lines = [m.where.line or 0 for m in mistakes(BROKEN).mistakes]
    assert lines == sorted(lines)


def test_the_same_mistakes_are_told_in_korean():
    error = mistakes(BROKEN)
    with speaking("ko"):
        text = str(error)
    assert "잘못된 곳 14군데" in text
    assert "비율로 쓰십시오: 85 %는 0.85입니다." in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("beyond: mainland", "beyond: island"), "a link from a zone to itself"),
        (("loss: 0.03", "loss: 3"), "write 0.03 for 3 %"),
        (("loss: 0.03", "loss: 0.03\n    operated_import_mw: 30"), "over the rated import of 20 MW"),
        (("value: 25, source: my-report", "value: 25, source: my-raport"), "Did you mean 'my-report'?"),
        (("net_of: [pv_btm]", "net_of: [pv_bmt]"), "Did you mean 'pv_btm'?"),
        (("min_output: 0.4", "min_output: 40"), "write 0.4 for 40 %"),
        (("capacity_mw: 12", "capacity_mw: 120\n    ramp_up_mw_per_h: 0.5"), "looks like a share"),
        (("capacity_mw: 20, hub", "capacity_mw: 90, hub"), "the places add up to 90 MW, the fleet has 25 MW"),
        (("lon: 126.5", "lon: 226.5"), "must lie in [-180, 180]"),
        (("kind: wind", "kind: wnd"), "must be one of 'wind' or 'pv'"),
        (("start: 2024-07-01", "start: 20240701"), "must be a day"),
        (("renewable: true", "renewable: perhaps"), "must be true or false"),
        (("point: sending-end", "point: 3"), "must be text"),
        (("- {name: harbour", "- {name: Harbour"), "is not a usable name"),
        (("zones:\n", "zones: isle\nzonen:\n"), "must be a list"),
        (("{from: 2024-07-01", "{from: 2022-07-01"), "its dates do not rise"),
        (("  series: my-island/demand\n", ""), "is missing"),
        (("2024: {value: 6000", "twenty: {value: 6000"), "must be a whole number"),
        (("batteries:", "batteries: {}\nother:"), "must be a list"),
        (("name: my-island\n", "name: my-island\nname: twice\n"), "stands twice"),
    ],
)
def test_each_slip_has_its_words(change, words):
    text = starter("my-island")
    assert change[0] in text
    assert words in str(mistakes(text.replace(*change, 1)))


def test_orientations_that_do_not_add_up_are_told():
    text = starter("my-island").replace(
        "hub_height_m: 80", "orientations: [{share: 0.5, tilt_deg: 10, azimuth_deg: 180}]"
    )
    assert "add up to 0.5, not 1" in str(mistakes(text))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "holds nothing"),
        (b"# only a comment\n", "holds nothing"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("name: 제주\n".encode("cp949"), "not UTF-8"),
        ("name: x".encode("utf-16"), "binary"),
        (b"x" * (LIMIT_BYTES + 1), "larger than"),
        (b"- just\n- a list\n", "group of names"),
        (b"42", "group of names"),
        (b"\x07\x08", "not valid YAML"),
        (b"PK\x03\x04junk\xff\xfe", "not"),
        (b"<html><body>404</body></html>", "group of names"),
    ],
)
def test_a_file_that_is_no_grid_gets_words_not_a_traceback(tmp_path, raw, words):
    path = tmp_path / "island.yaml"
    path.write_bytes(raw)
    with pytest.raises(GridError, match=words):
        load_island(path)


def test_utf8_with_a_byte_order_mark_is_fine(tmp_path):
    (tmp_path / "island.yaml").write_text(starter("my-island"), "utf-8-sig")
    assert load_island(tmp_path).name == "my-island"


def test_a_name_nobody_knows_gets_the_nearest_one():
    with pytest.raises(GridError, match="Did you mean 'jeju'"):
        load_island("jejju")


@pytest.mark.parametrize("name", ["", "no/such/file.yaml", "bad\x00name", "x" * 5000, "/dev/null"])
def test_a_path_that_cannot_be_read_is_said(name):
    with pytest.raises(GridError):
        load_island(name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_said(tmp_path):
    path = tmp_path / "island.yaml"
    path.write_text(starter("my-island"))
    path.chmod(0)
    with pytest.raises(GridError, match="cannot be read"):
        load_island(path)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "use", "zone", "capacity_mw", "conflict", "start", "end"]),
            inner,
        )
    ),
    max_leaves=12,
)
SECTIONS = [
    "name",
    "zones",
    "fleets",
    "thermal",
    "links",
    "batteries",
    "classes",
    "demand",
    "regimes",
    "sources",
    "sites",
]


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(st.sampled_from(SECTIONS), junk))
def test_any_data_is_an_island_or_a_grid_error(data):
    with pytest.raises(GridError):  # without title and zones none of these can be whole
        island_from({**data, "title": None})


def test_an_island_may_come_from_plain_data():
    island = island_from(
        {"name": "x", "title": {"ko": "섬", "en": "Isle"}, "timezone": "UTC", "zones": [{"name": "x"}]}
    )
    assert island.zones[0].name == "x"


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("{says: demand, unit: MWh, value: 5, source: a}", "one hour or a window"),
        ('{says: demand, at: "13:00", unit: MWh, source: a}', "one number or a range"),
        ('{says: demand, at: "13:20", value: 5, unit: MWh, source: a}', "full hour"),
    ],
)
def test_a_printed_number_needs_its_time_and_its_value(tmp_path, statement, word):
    record = f"records:\n  - name: said\n    day: 2025-04-14\n    figures: {{}}\n    statements:\n      - {statement}\n"
    path = tmp_path / "island.yaml"
    source = "sources:\n  - {key: a, title: A}\n"
    zones = "zones:\n  - {name: z}\n"
    path.write_text(
        f"name: i\ntitle: {{ko: 섬, en: I}}\ntimezone: Asia/Seoul\n{source}{zones}{record}", "utf-8"
    )
    with pytest.raises(GridError, match=word):
        load_island(path)
