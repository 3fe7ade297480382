"""The input of the benchmark cases."""

from __future__ import annotations

import numpy as np

from tamna.sources import read_file


def test_the_columns_say_what_they_are(tmp_path):
    (tmp_path / "x.csv").write_text(
        "hour_start_kst,demand_mw,wind_cf,pv_cf,mainland_smp_krw_per_kwh\n2023-01-01T00:00,800,0.25,0.0,207.3\n"
    )
    blocks = {b.series: b for b in read_file(tmp_path / "x.csv").blocks}
    assert {name: (b.value[0], b.unit) for name, b in blocks.items()} == {
        "cases/jeju_2023/demand": (800.0, "MW"),
        "cases/jeju_2023/wind_cf": (0.25, "1"),
        "cases/jeju_2023/pv_cf": (0.0, "1"),
        "cases/jeju_2023/mainland_smp": (207.3, "KRW/kWh"),
    }
    assert blocks["cases/jeju_2023/demand"].valid_at[0] == np.datetime64("2022-12-31T15:00:00")
