"""A store that holds a day of made-up hours, and a farm without a meter: what tests of `prove` start from."""

import numpy as np

from tamna.grid import load_island
from tamna.grid.clock import parse_period
from tamna.series import Store
from tamna.sources.block import Block, Kind, Reading, Receipt

JEJU = load_island("jeju")
AT = np.datetime64("2024-02-01T00:00:00", "s")
DAY = parse_period("2023-04-01", "2023-04-01", JEJU.timezone)


def block(series, value, *, source="meter", unit="MWh", kind=Kind.SUM):
    """24 hours of `DAY`, each with its `value` or all with one."""
    return Block(
        series=series, source=source, unit=unit, kind=kind, resolution_s=3600, valid_at=DAY.stamps(),
        value=np.broadcast_to(np.asarray(value, float), 24).copy(), flag=np.zeros(24, np.uint16),
    )  # fmt: skip


def stored(folder, blocks):
    """Keep each block as a file of its own would be."""
    store = Store.open(folder)
    store.ingest([
        Reading(
            receipt=Receipt(
                name=f"{i}.csv", sha256=f"{i:064x}", size_bytes=1, reader="test", reader_version=1,
                source=b.source, data_start="2023-04-01", data_end="2023-04-02", rows=len(b),
            ),
            blocks=(b,),
        )
        for i, b in enumerate(blocks)
    ])  # fmt: skip
    return store


def farm(annual_mwh):
    """A product that uses the same in every hour and has nothing else."""
    return f"""
name: farm
title: {{ko: 농장, en: Farm}}
zone: jeju
process: {{ko: 농사, en: Farming}}
supply:
  - name: supply
    shape: {{annual_mwh: {annual_mwh}, day: {[1] * 24},
            month: {[1] * 12}}}
"""
