"""Hourly SMP: hour-ending labels with 24:00."""

from __future__ import annotations

import numpy as np

from sources.samples import smp_hourly
from tamna.sources import read_file


def test_hours_end_and_24_00_closes_the_day(tmp_path):
    (tmp_path / "x.csv").write_text(smp_hourly())
    reading = read_file(tmp_path / "x.csv")
    blocks = {b.series: b for b in reading.blocks}
    assert set(blocks) == {"jeju/smp", "mainland/smp"}
    jeju = blocks["jeju/smp"]
    assert jeju.valid_at[0] == np.datetime64("2020-12-31T15:00:00")
    assert jeju.valid_at[-1] == np.datetime64("2021-01-01T14:00:00")
    assert (jeju.value[0], jeju.value[-1]) == (71, 94)
    assert "made up by the copier" in reading.receipt.ignored["smp_max"]
    assert set(reading.receipt.ignored) == {"date", "hour", "smp_max", "smp_min", "source", "is_synthetic"}
