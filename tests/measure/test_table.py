"""The hourly table and its flags in words."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from measure.island_of import generation, island
from tamna.measure import BOUNDARIES, Rule, measure
from tamna.measure.table import hours_table, write_hours
from tamna.sources.block import Flag

NAN = float("nan")


def hours():
    return island([100.0, 100.0, NAN], wind=[20.0, NAN, 30.0], pv=generation("pv", [5.0, 5.0, 5.0], flag=Flag.SUSPECT),
                  pv_btm=[1.0, 2.0, 3.0], waste=None)  # fmt: skip


def test_one_row_an_hour_with_the_promised_columns():
    table = hours_table(measure(hours(), boundaries=[BOUNDARIES["settled"]], rules=list(Rule)))
    assert list(table.columns) == [
        "valid_at", "demand_mwh", "wind_mwh", "pv_mwh", "pv_btm_mwh", "share_settled_coverage",
        "share_settled_proportional", "share_settled_thermal_first", "flags",
    ]  # fmt: skip
    assert table["share_settled_coverage"][0] == 0.25
    assert table["valid_at"][0] == pd.Timestamp("2025-04-13T15:00Z")
    np.testing.assert_array_equal(table["share_settled_coverage"].isna(), [False, True, True])


def test_flags_are_words():
    table = hours_table(measure(hours()))
    assert table["flags"].tolist() == [
        "estimated:pv_btm;suspect:pv",
        "missing:wind;estimated:pv_btm;suspect:pv",
        "missing:demand;estimated:pv_btm;suspect:pv",
    ]


def test_an_hour_with_nothing_against_it_has_no_flags_and_a_balanced_one_says_exchange():
    plain = hours_table(measure(island([10.0], wind=[5.0])))
    assert plain["flags"].tolist() == [""]
    balanced = hours_table(measure(island([10.0], wind=[5.0], lng=[2.0])))
    assert balanced["flags"].tolist() == ["estimated:exchange"]


def test_the_csv_reads_back_as_the_table():
    m = measure(hours())
    text = io.StringIO()
    write_hours(m, text)
    lines = text.getvalue().splitlines()
    assert lines[1].startswith("2025-04-13T15:00Z,100,20,5,1,0.25,")
    back = pd.read_csv(io.StringIO(text.getvalue()), keep_default_na=False, na_values={"wind_mwh": [""]})
    assert len(back) == 3
    np.testing.assert_allclose(back["wind_mwh"], m.hours.generation_mwh["wind"])


def test_the_same_measurement_gives_the_same_bytes(tmp_path):
    for name in ("a.csv", "b.csv"):
        write_hours(measure(hours()), tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
