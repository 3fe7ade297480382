"""Real-time operation and prices: two labels in one row."""

from __future__ import annotations

import numpy as np

from sources.samples import market
from tamna.sources import Kind, read_file

STAMP = np.datetime64("2024-02-29T15:00:00")


def test_a_label_belongs_to_a_column(tmp_path):
    (tmp_path / "x.csv").write_text(market())
    blocks = {b.series: b for b in read_file(tmp_path / "x.csv").blocks}
    power, hour, quarter = (blocks[f"jeju/{name}"] for name in ("wind", "price_da", "price_rt"))
    assert (power.kind, power.valid_at[0], power.value[0]) == (Kind.INSTANT, STAMP, 234.165)
    assert (hour.kind, hour.valid_at[0]) == (Kind.MEAN, STAMP - np.timedelta64(1, "h"))
    assert (quarter.resolution_s, quarter.valid_at[0]) == (900, STAMP - np.timedelta64(15, "m"))
    assert len(blocks) == 9
    assert {b.source for b in blocks.values()} == {"kpx_realtime"}


def test_a_negative_real_time_price_stays(tmp_path):
    (tmp_path / "x.csv").write_text(market())
    block = next(b for b in read_file(tmp_path / "x.csv").blocks if b.series == "jeju/price_rt")
    assert block.value.tolist() == [96.3, -7.3]
    assert block.flag.tolist() == [0, 0]


def test_price_files_have_unix_seconds_at_the_end_of_the_interval(tmp_path):
    (tmp_path / "a.csv").write_text(
        "ts,실시간 임시 가격(원/kWh),실시간 확정 가격(원/kWh)\n1709218800,95.30,95.30\n"
    )
    (tmp_path / "b.csv").write_text("ts,하루전가격(원/kWh)\n1709218800,107.39\n1709222400,0.00\n")
    real_time, day_ahead = read_file(tmp_path / "a.csv"), read_file(tmp_path / "b.csv")
    assert real_time.blocks[1].valid_at[0] == STAMP - np.timedelta64(15, "m")
    assert day_ahead.blocks[0].valid_at[0] == STAMP - np.timedelta64(1, "h")
    assert (real_time.receipt.source, day_ahead.receipt.source) == ("kpx_price_rt", "kpx_price_da")
