"""Numbers, dates and texts as one reader wants them: in a language, in island time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import to_local
from tamna.lang import _

if TYPE_CHECKING:
    from datetime import date

    from tamna.grid.clock import Period
    from tamna.serve.report.blocks import Amount

DASH, MINUS = "–", "−"
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speaker:
    """Writes for a reader of `lang` (``en`` or ``ko``) in the time of `timezone`."""

    lang: str
    timezone: str

    def number(self, value: float | None, digits: int = 1, *, signed: bool = False) -> str:
        """Write a number with `digits` decimals; nothing as a dash, so that it is never read as zero."""
        if value is None or not math.isfinite(value):
            return DASH
        return _written(value, digits, signed=signed)

    def percent(self, fraction: float | None, digits: int = 1, *, signed: bool = False) -> str:
        """Write a fraction as a percentage."""
        if fraction is None or not math.isfinite(fraction):
            return DASH
        return _written(round(fraction, digits + 2) * 100.0, digits, signed=signed) + "%"

    def amount(self, amount: Amount) -> str:
        """Write a number with its unit."""
        if amount.unit == "%":
            return self.percent(amount.value, amount.digits, signed=amount.signed)
        text = self.number(amount.value, amount.digits, signed=amount.signed)
        return f"{text} {amount.unit}" if amount.unit and text != DASH else text

    def moment(self, at: np.datetime64) -> str:
        """Write a UTC instant in island time, to the minute."""
        local = to_local(np.array([at], dtype="datetime64[s]"), self.timezone)[0]
        return str(local.astype("datetime64[m]")).replace("T", " ")

    def day(self, day: date) -> str:
        """Write a day in full."""
        if self.lang == "ko":
            return f"{day.year}년 {day.month}월 {day.day}일"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def month(self, name: str, *, alone: bool = True) -> str:
        """Write ``2023-04`` as a month: ``Apr``, or ``Apr 2023`` where it does not stand alone."""
        year, number = name.split("-")
        short = f"{int(number)}월" if self.lang == "ko" else _MONTHS[int(number) - 1][:3]
        if alone:
            return short
        return f"{year}년 {short}" if self.lang == "ko" else f"{short} {year}"

    def period(self, period: Period) -> str:
        """Write a period as its first and last island day, both inclusive; with hours where they matter."""
        ends = to_local(np.array([period.start, period.end], dtype="datetime64[s]"), self.timezone)
        if (ends == ends.astype("datetime64[D]")).all():
            first, last = (
                ends[0].astype("datetime64[D]").item(),
                (ends[1] - np.timedelta64(1, "s")).astype("datetime64[D]").item(),
            )
            if first == last:
                return self.day(first)
            return str(_("{first} to {last}", first=self.day(first), last=self.day(last)))
        return str(_("{first} to {last}", first=self.moment(period.start), last=self.moment(period.end)))


def _written(value: float, digits: int, *, signed: bool) -> str:
    """Group by thousands and point as both languages do; a true minus, and never a minus before zero."""
    value = round(value, digits) + 0.0
    text = f"{value:+,.{digits}f}" if signed and value else f"{value:,.{digits}f}"
    return text.replace("-", MINUS)
