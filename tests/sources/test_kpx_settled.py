"""Settled wind and PV: hour-starting labels."""

from __future__ import annotations

import numpy as np

from sources.samples import settled
from tamna.sources import read_file


def test_the_label_starts_the_hour(tmp_path):
    (tmp_path / "any.csv").write_text(settled())
    blocks = {b.series: b for b in read_file(tmp_path / "any.csv").blocks}
    assert blocks["jeju/pv"].valid_at[0] == np.datetime64("2021-12-31T15:00:00")
    assert blocks["jeju/pv"].value[:2].tolist() == [0.25, 1.25]
    assert blocks["jeju/wind"].value[0] == 50
    assert {b.source for b in blocks.values()} == {"kpx_settled"}


def test_the_receipt_says_what_was_read(tmp_path):
    (tmp_path / "any.csv").write_text(settled())
    receipt = read_file(tmp_path / "any.csv").receipt
    assert (receipt.rows, receipt.reader, receipt.source) == (48, "kpx_settled", "kpx_settled")
    assert (receipt.data_start, receipt.data_end) == ("2021-12-31T15:00Z", "2022-01-02T15:00Z")
    assert len(receipt.sha256) == 64
    assert "label is the start of the hour" in receipt.notes
