"""Load profiles: two layouts, one unit, so that none is read four times wrong."""

from __future__ import annotations

import numpy as np
import pytest

from sources.samples import bdew_months
from tamna.sources import read_file
from tamna.sources.bdew import UNIT

WEEKS = (
    ",period,weekday,h0,g0,l1\n2007-01-01 00:00:00,summer,1,0.06,0.05,0.0576\n2007-01-01 00:15:00,summer,1,0.07,0.06,0.0561\n2007-01-08 00:00:00,winter,1,0.08,0.07,0.0600"
    "\n"
)


def test_a_quarter_hours_energy_is_a_quarter_of_its_power(tmp_path):
    (tmp_path / "g25.csv").write_text(bdew_months())
    blocks = {b.series: b for b in read_file(tmp_path / "g25.csv").blocks}
    assert set(blocks) == {"bdew/g25_saturday", "bdew/g25_holiday", "bdew/g25_workday"}
    # 15 kWh in a quarter-hour of 1 GWh a year = 60 kW per GWh/a = 0.06 kW per MWh/a
    np.testing.assert_allclose(blocks["bdew/g25_workday"].value, 0.06)
    assert {b.unit for b in blocks.values()} == {UNIT}


def test_each_month_stands_on_its_first_day_of_the_type(tmp_path):
    (tmp_path / "l25.csv").write_text(bdew_months())
    blocks = {b.series: b for b in read_file(tmp_path / "l25.csv").blocks}
    saturday = blocks["bdew/l25_saturday"]
    assert len(saturday) == 12 * 96
    assert saturday.valid_at[0] == np.datetime64("2025-01-03T23:00:00")  # Saturday 4 January in Germany
    assert saturday.valid_at[6 * 96] == np.datetime64("2025-07-04T22:00:00")  # summer time


def test_both_layouts_give_the_same_unit(tmp_path):
    (tmp_path / "selp.csv").write_text(WEEKS)
    blocks = {b.series: b for b in read_file(tmp_path / "selp.csv").blocks}
    assert {b.unit for b in blocks.values()} == {UNIT}
    assert blocks["bdew/l1_summer"].value.tolist() == [0.0576, 0.0561]
    assert blocks["bdew/l1_winter"].valid_at[0] == np.datetime64("2007-01-07T23:00:00")


def test_a_renamed_monthly_profile_asks_for_its_name(tmp_path):
    from tamna.errors import SourceError

    (tmp_path / "profile.csv").write_text(bdew_months())
    with pytest.raises(SourceError, match="whose name does not tell which"):
        read_file(tmp_path / "profile.csv")
