"""When a value became known, from the source table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, to_local, to_utc
from tamna.sources.block import Kind
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from tamna.grid.clock import Stamps
    from tamna.sources.block import Block


def known_at(block: Block) -> Stamps:
    """Give when each value of `block` became known (UTC).

    A forecast at its issue time; a source with a day-ahead hour at that local hour of the day before;
    everything else its delay after the end of its interval (instants: after the stamp).
    """
    if block.issued_at is not None:
        return block.issued_at
    source = SOURCES.get(block.source, SOURCES["mapped"])
    if source.day_ahead_hour is not None:
        day: Stamps = (
            to_local(block.valid_at, source.timezone).astype("datetime64[D]").astype("datetime64[s]")
        )
        published: Stamps = day + np.timedelta64(source.day_ahead_hour * 3600, "s") - DAY
        return to_utc(published, source.timezone)
    length = 0 if block.kind is Kind.INSTANT else block.resolution_s
    return block.valid_at + np.timedelta64(length + source.delay_s, "s")


def is_assumed(block: Block) -> bool:
    """Whether `known_at` is an assumption of the source table."""
    return block.issued_at is None and SOURCES.get(block.source, SOURCES["mapped"]).assumed
