"""What kind of day it is on the island: Sundays, holidays, the days between, and how far New Year's feasts are.

Korean public holidays come from the `holidays` package, lunar New Year (Seollal) and Chuseok with their days
before and after, and substitute days among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays
import numpy as np

from tamna.grid.clock import to_local

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

HOLIDAY = 7
FAR = 9
_SEOLLAL = "Korean New Year"
_CHUSEOK = "Chuseok"
_SUBSTITUTE = "lternative holiday"


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Days in a row and what each of them is.

    Attributes
    ----------
    first
        The first day (island date).
    weekday : (days,)
        0 Monday .. 6 Sunday.
    kind : (days,)
        The weekday, or `HOLIDAY` on a public holiday that is no Sunday.
    holiday, substitute, off, bridge : (days,) bool
        A public holiday; one that stands in for another; Saturday, Sunday or holiday; a working day between
        two days off.
    seollal, chuseok : (days,)
        Days since the middle of the feast, negative before it; `FAR` when nine or more away.
    """

    first: np.datetime64
    weekday: Ints
    kind: Ints
    holiday: Bools
    substitute: Bools
    off: Bools
    bridge: Bools
    seollal: Ints
    chuseok: Ints

    def index(self, stamps_utc: Stamps, timezone: str) -> Ints:
        """Say which of the days each stamp lies in."""
        local = to_local(stamps_utc, timezone).astype("datetime64[D]")
        return np.asarray((local - self.first).astype(np.int64))

    def off_at(self, shift: int) -> Bools:
        """Whether the day `shift` days later is off; beyond the ends it is not."""
        return shifted(self.off, shift)

    def holiday_at(self, shift: int) -> Bools:
        """Whether the day `shift` days later is a public holiday; beyond the ends it is not."""
        return shifted(self.holiday, shift)


def days_between(first: np.datetime64, last: np.datetime64, country: str = "KR") -> Days:
    """Say what each island day from `first` to `last` (inclusive) is.

    Parameters
    ----------
    country
        A code of the `holidays` package; feasts of the lunar calendar are only sought in ``KR``.

    Examples
    --------
    >>> week = days_between(np.datetime64("2024-02-05"), np.datetime64("2024-02-12"))
    >>> week.kind.tolist(), int(week.seollal[0])
    ([0, 1, 2, 3, 7, 7, 6, 7], -5)
    """
    margin = np.timedelta64(FAR + 5, "D")
    start, end = ((d.astype("datetime64[D]")) for d in (first - margin, last + margin))
    days = np.arange(start, end + np.timedelta64(1, "D"))
    names = _names(country, int(str(start)[:4]), int(str(end)[:4]))
    text = [names.get(day.item(), "") for day in days]
    weekday = (days.astype(np.int64) + 3) % 7
    holiday = np.array([bool(t) for t in text])
    substitute = np.array([_SUBSTITUTE in t for t in text])
    off = holiday | (weekday >= 5)
    found = Days(
        first=days[0],
        weekday=weekday,
        kind=np.where(holiday & (weekday != 6), HOLIDAY, weekday),
        holiday=holiday,
        substitute=substitute,
        off=off,
        bridge=~off & shifted(off, -1) & shifted(off, 1),
        seollal=_away(np.array([_SEOLLAL in t and _SUBSTITUTE not in t for t in text])),
        chuseok=_away(np.array([_CHUSEOK in t and _SUBSTITUTE not in t for t in text])),
    )
    keep = slice(FAR + 5, len(days) - FAR - 5)
    return Days(first=days[keep][0], **{n: getattr(found, n)[keep] for n in Days.__slots__ if n != "first"})


def shifted(values: NDArray[np.bool_], days: int) -> Bools:
    """Give for each day what holds `days` later; False beyond the ends."""
    out = np.zeros_like(values)
    if days > 0:
        out[:-days] = values[days:]
    elif days < 0:
        out[-days:] = values[:days]
    else:
        out[:] = values
    return out


@lru_cache(maxsize=32)
def _names(country: str, first_year: int, last_year: int) -> dict[date, str]:
    years = range(first_year, last_year + 1)
    language = "en_US" if country == "KR" else None
    found = holidays.country_holidays(country, years=years, language=language)
    return dict(found.items())


def _away(feast: Bools) -> Ints:
    """Give signed days to the middle of the nearest feast."""
    out = np.full(len(feast), FAR, dtype=np.int64)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], feast.astype(np.int8), [0]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        since = np.arange(len(feast)) - (begin + end - 1) // 2
        nearer = np.abs(since) < np.abs(out)
        out[nearer] = since[nearer]
    return out
