"""From findings to bits beside every value, so that an answer knows what it rests on."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from tamna.sources.block import Flag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Finding

# Kinds that speak against single values. The others (gap, label, night_generation,
# missing_not_at_random) describe a series whose values stand.
_SUSPECT = frozenset(
    {
        "duplicate",
        "unit_jump",
        "flatline",
        "impossible_value",
        "beyond_capacity",
        "negative_energy",
        "hour_label",
        "source_disagreement",
        "offset",
    }
)


def flags_for(
    findings: Iterable[Finding], series: str, source: str, stamps: Stamps, step_s: int = 3600
) -> NDArray[np.uint16]:
    """Give what the findings say against each value of one source of a series.

    Parameters
    ----------
    stamps : (n,)
        UTC starts of the values' intervals.
    step_s
        Length of an interval [s]; one that a finding only touches is flagged too.

    Returns
    -------
    (n,) uint16
        ``SUSPECT | BY_QUALITY`` where a finding doubts the value, ``COVERAGE | BY_QUALITY`` where part
        of the fleet is not in it, else 0.
    """
    flag = np.zeros(len(stamps), dtype=np.uint16)
    ends = stamps + np.timedelta64(step_s, "s")
    for f in findings:
        if f.source != source or not fnmatchcase(series, f.series):
            continue
        if f.kind == "coverage_break":
            bits = Flag.COVERAGE | Flag.BY_QUALITY
        elif f.kind in _SUSPECT:
            bits = Flag.SUSPECT | Flag.BY_QUALITY
        else:
            continue
        flag[(ends > f.start) & (stamps < f.end)] |= np.uint16(bits)
    return flag
