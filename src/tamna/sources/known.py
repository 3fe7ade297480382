"""When a value could be known: at its issue, or as late as the source table assumes.

A day-ahead publication (SMP, KPX's demand forecast) is known at its hour of the day before. Any other is
known its delay after the end of the interval; a delay of whole days (settled generation: 30 days) counts
from the end of the island day, because such data are published day by day.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import DAY, to_local, to_utc
from tamna.sources.block import Flag, Kind
from tamna.sources.table import SOURCES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Block
    from tamna.sources.table import Source


def known_at(block: Block, source: Source | None = None) -> Stamps:
    """Give the moment at which each value of `block` could be known.

    Parameters
    ----------
    source
        Entry of the source table; by default that of ``block.source``.

    Returns
    -------
    (n,) UTC

    Examples
    --------
    The SMP of 3 January 14:00 Korean time is known at 18:00 of 2 January, which is 09:00 UTC.
    """
    if block.known_at is not None:
        return block.known_at
    if block.issued_at is not None:
        return block.issued_at
    source = source or SOURCES[block.source]
    if block.delay_s is not None:
        source = replace(source, delay_s=block.delay_s, day_ahead_hour=None)
    if source.day_ahead_hour is not None:
        midnights = _midnights(block.valid_at, source.timezone)
        return to_utc(midnights - DAY + np.timedelta64(source.day_ahead_hour * 3600, "s"), source.timezone)
    length = 0 if block.kind is Kind.INSTANT else block.resolution_s
    end = block.valid_at + np.timedelta64(length, "s")
    if source.delay_s >= 86400:  # the day that holds the interval's last second, to its end
        midnights = _midnights(end - np.timedelta64(1, "s"), source.timezone)
        end = to_utc(midnights + DAY, source.timezone)
    return end + np.timedelta64(source.delay_s, "s")


def known_flag(block: Block, source: Source | None = None) -> NDArray[np.uint16]:
    """Give the block's flags, with ASSUMED_KNOWN where `known_at` is the source table's assumption."""
    source = source or SOURCES[block.source]
    assumed = source.assumed and block.known_at is None and block.issued_at is None and block.delay_s is None
    return block.flag | np.uint16(Flag.ASSUMED_KNOWN if assumed else Flag.MEASURED)


def _midnights(stamps: Stamps, timezone: str) -> Stamps:
    """Give the local midnight that starts each stamp's day, as wall-clock time."""
    days: Stamps = to_local(stamps, timezone).astype("datetime64[D]").astype("datetime64[s]")
    return days
