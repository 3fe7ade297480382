"""What a forecast file must not do: know the future, contradict itself, or speak in another unit.

Refused, with every place: a run issued after the time it speaks of, or after the file was opened; a column
whose numbers as a whole are of another unit (kelvin as degC, a fraction as percent, pascal as hPa, wind that
no month of any place has in m/s). Noticed, and said: hours missing within a run (an earlier run, or none,
answers for them), and wind that may be km/h. Two different values of one issue and hour are flagged suspect
by `tamna.sources.building`, and no forecast uses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.sources.block import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Block
    from tamna.sources.log import Log
    from tamna.sources.sheet import Sheet

    Floats = NDArray[np.float64]

SLACK_S = 3600
"""How far a provider's clock may run ahead of ours [s]."""
LEAST_VALUES = 12
LEAST_WIND_HOURS = 72
"""A storm fills a run with strong wind; a median is held against the unit only over more hours than one run [h]."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Medians:
    """Between which medians a quantity can lie in its unit, and what it is likely in beyond.

    Attributes
    ----------
    low, high
        [the unit]
    below, beyond
        The unit that it then looks like.
    """

    low: float
    high: float
    below: str
    beyond: str


MEDIANS: dict[tuple[str, str], Medians] = {
    ("temperature", "degC"): Medians(-75.0, 45.0, "", "K"),
    ("dew_point", "degC"): Medians(-85.0, 35.0, "", "K"),
    ("temperature", "K"): Medians(195.0, 325.0, "degC", ""),
    ("pressure", "hPa"): Medians(300.0, 1100.0, "kPa", "Pa"),
    ("wind_speed", "m/s"): Medians(0.0, 25.0, "", "km/h"),
}
"""The hottest place on Earth has a median near 35 degC, the coldest near -58; the windiest near 20 m/s."""
PERCENTS = ("cloud_cover", "humidity")
FRACTIONS = ("1", "fraction")
DOUBTED_WIND = 12.0
"""A 10 m wind with a median above this is possible in few places, and likely km/h. [m/s]"""


def check_issues(
    log: Log, sheet: Sheet, column: int, *, end: Stamps, issued: Stamps, opened_at: np.datetime64 | None
) -> None:
    """Write down every row that was issued after the time it speaks of, or after the file was opened.

    Parameters
    ----------
    column
        Where the issue time stands.
    end : (rows,)
        End of the interval that each row speaks of, or its instant (UTC).
    issued : (rows,)
        When each row was issued (UTC).
    opened_at
        UTC; None where that is not known.
    """
    late = issued > end
    ahead = np.zeros(len(issued), dtype=bool)
    if opened_at is not None:
        ahead = (issued > opened_at + np.timedelta64(SLACK_S, "s")) & ~late
    for rows, what, todo in (
        (
            late,
            _("issued after the time it speaks of"),
            _("Are the two time columns swapped, or in different zones?"),
        ),
        (
            ahead,
            _("issued in the future"),
            _("Correct the issue time or its zone: nothing can be known before it is said."),
        ),
    ):
        for row in np.flatnonzero(rows)[:_SHOWN]:
            log.wrong(
                what,
                row=sheet.line(int(row)),
                column=sheet.header[column],
                seen=sheet.seen(int(row), column),
                todo=todo,
            )
        if rows.sum() > _SHOWN:
            log.wrong(
                _("{n} more rows were issued too late", n=int(rows.sum()) - _SHOWN),
                column=sheet.header[column],
            )


def check_unit(log: Log, quantity: str, unit: str, value: Floats, *, column: str) -> None:
    """Write down a column whose numbers as a whole are of another unit than `unit`.

    A single wild number is not this function's: it is flagged by itself.
    """
    known = value[np.isfinite(value)]
    if len(known) < LEAST_VALUES:
        return
    looks = _looks_like(quantity, unit, known)
    if looks:
        log.wrong(
            _("the numbers of {quantity} are not in {unit}: they look like {other}", quantity=quantity, unit=unit, other=looks),
            column=column,
            seen=f"median {np.median(known):.4g}, {known.min():.4g}..{known.max():.4g}",
            todo=_("State the unit they come in (in a mapping: from: {other}).", other=looks),
        )  # fmt: skip


def _looks_like(quantity: str, unit: str, known: Floats) -> str:
    middle = float(np.median(known))
    if quantity in PERCENTS:
        broken = bool(((known > 0) & (known < 1)).any())
        if unit == "%" and known.max() <= 1.0 and broken:
            return "1"
        return "%" if unit in FRACTIONS and known.max() > 1.5 else ""
    limits = MEDIANS.get((quantity, unit))
    if limits is None:
        return ""
    return limits.beyond if middle > limits.high else limits.below if middle < limits.low else ""


def issue_findings(blocks: Iterable[Block]) -> list[Finding]:
    """Notice in blocks of forecasts: hours missing within a run, and wind that may be km/h."""
    found: list[Finding] = []
    for block in blocks:
        if block.issued_at is None:
            continue
        found += _gaps(block)
        found += _doubted_wind(block)
    return found


def _gaps(block: Block) -> list[Finding]:
    """One finding a series: how many steps are absent or blank between the first and last of their runs."""
    issued, valid = block.issued_at, block.valid_at
    if issued is None or not len(valid):
        return []
    here = np.isfinite(block.value)
    order = np.lexsort((valid[here], issued[here]))
    one, at = issued[here][order], valid[here][order]
    steps = np.rint(np.diff(at) / np.timedelta64(block.resolution_s, "s")).astype(np.int64)
    usual = _usual(steps[one[1:] == one[:-1]])
    torn = np.flatnonzero((one[1:] == one[:-1]) & (steps > usual))
    if not len(torn):
        return []
    missing = float((steps[torn] / usual - 1).sum())
    step_h = usual * block.resolution_s / 3600
    return [
        Finding(
            kind="gap",
            series=block.series,
            source=block.source,
            start=at[torn].min() + np.timedelta64(block.resolution_s, "s"),
            end=at[torn + 1].max(),
            size=missing * step_h,
            unit="h",
            text=_(
                "{n} steps are missing within {runs} runs", n=round(missing), runs=len(np.unique(one[torn]))
            ),
            consequence=_("An earlier run answers for them, or none; nothing is filled."),
        )
    ]


def _usual(steps: NDArray[np.int64]) -> int:
    return max(int(np.median(steps)), 1) if len(steps) else 1


def _doubted_wind(block: Block) -> list[Finding]:
    known = np.isfinite(block.value)
    if not block.series.endswith("/wind_speed") or block.unit != "m/s":
        return []
    hours = len(np.unique(block.valid_at[known]))
    middle = float(np.median(block.value[known])) if hours else 0.0
    if hours < LEAST_WIND_HOURS or middle <= DOUBTED_WIND:
        return []
    return [
        Finding(
            kind="unit_doubt",
            series=block.series,
            source=block.source,
            start=block.valid_at[0],
            end=block.valid_at[-1] + np.timedelta64(block.resolution_s, "s"),
            size=middle,
            unit=block.unit,
            text=_("the median wind is {middle} m/s: km/h?", middle=f"{middle:.1f}"),
            consequence=_("Kept as stated; forecasts hold it against stations, where there are some."),
        )
    ]
