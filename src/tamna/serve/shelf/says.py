"""What a page says of a shelf certificate: texts, and two pictures as paths, all from whole numbers.

The page's own check (``verify.js``) makes the same texts and paths again from the signed certificate and compares, so
that neither a number nor a bar can be painted over. Hence whole numbers only, rounded down: what is renewable is never
rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.grid.clock import to_local
from tamna.ledger.shares import PARTS
from tamna.ledger.verify.answer import moment
from tamna.ledger.verify.form import spans_of
from tamna.serve.shelf.figures import percent, says_batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "COLUMNS",
    "MONTHS",
    "Slot",
    "date_of",
    "laid",
    "offset_of",
    "paths",
    "percent",
    "row_dates",
    "says",
]

COLUMNS: Final = ("claimable", "location", "rest")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAY_HEIGHT: Final = 120  # of the picture of one day [px of 24 an hour]
_ROW_STEPS: Final = (
    (16, 40),
    (31, 28),
    (62, 20),
)  # of the picture of all days: up to so many rows, so far apart
_GAP: Final = 4  # between two rows
_MOST_ROWS: Final = 62  # two months by days; a year by weeks


@dataclass(slots=True)
class Slot:
    """A bar: where it stands, and its parts in steps, lowest first."""

    x: int
    y: int
    width: int
    parts: list[int]


def offset_of(document: Mapping[str, Any], timezone: str) -> int:
    """Give how far island time is ahead of UTC where the lot begins [s]; the whole lot is told in it."""
    start = np.array([moment(document["credentialSubject"]["hours"]["start"])])
    return int((to_local(start, timezone) - start).astype("m8[s]").astype(np.int64)[0])


def says(document: Mapping[str, Any], lang: str, offset_s: int) -> dict[str, str]:
    """Give every text and path of the page that follows from the certificate, by its name.

    Parameters
    ----------
    document
        A shelf certificate, with some load in it.
    lang
        ``en`` or ``ko``.
    offset_s
        Island time minus UTC. [s]
    """
    subject = document["credentialSubject"]
    score, hours, lot = subject["score"], subject["hours"], subject["lot"]
    starts, lengths = _spans(hours)
    worst = score["worst_hour"]
    found = {
        "product": lot["product"][lang],
        "maker": lot["maker"][lang],
        "lot": lot["name"],
        "zone": subject["zone"],
        "issuer": document["issuer"],
        "first": date_of(starts[0] + offset_s, lang),
        "last": date_of(starts[-1] + lengths[-1] - 1 + offset_s, lang),
        "hours": f"{score['hours']:,}",
        "hours_full": f"{score['hours_full']:,}",
        "worst": "" if worst < 0 else _hour_of(starts[worst] + offset_s, lang),
        "estimated": f"{-(-score['estimated'] * 100 // score['load'])}%",
        "steps": f"{hours['largest']:,}",
    }
    for part in ("claimable", "physical", *PARTS):
        found[part] = percent(score[part], score["load"])
    stated = subject.get("stated", {})
    found |= {"export_rule": stated.get("export_rule", ""), "links": ", ".join(stated.get("links", []))}
    if "hydrogen" in subject:
        found |= says_batch(subject)
    return found | {f"path{i}": path for i, path in enumerate(paths(hours, offset_s))}


def paths(hours: Mapping[str, Any], offset_s: int) -> list[str]:
    """Draw both pictures: three paths of bars for one day, three for all days (claimable, location, rest)."""
    day, rows = laid(hours, offset_s)
    return [*_bars(day, DAY_HEIGHT), *_bars(rows, row_step(hours, offset_s) - _GAP)]


def laid(hours: Mapping[str, Any], offset_s: int) -> tuple[list[Slot], list[Slot]]:
    """Lay the hours out twice: by the hour of the day, and by rows of days with the hour of the day across.

    Above 62 days a row holds several days, so that a year is told by weeks.
    """
    starts, lengths = _spans(hours)
    first, each = (starts[0] + offset_s) // 86400, _days_a_row(starts, offset_s)
    step = row_step(hours, offset_s)
    day: dict[int, Slot] = {}
    rows: dict[tuple[int, int], Slot] = {}
    for i, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        date, second = divmod(start + offset_s, 86400)
        hour, row = second // 3600, (date - first) // each
        x, end = second * 24 // 3600, (second + length) * 24 // 3600
        width = max(1, end - x - (1 if end - x > 3 else 0))
        parts = [hours["self"][i] + hours["ppa"][i] + hours["rec"][i], hours["location"][i], hours["rest"][i]]
        for slot in (
            day.setdefault(hour, Slot(hour * 24 + 1, DAY_HEIGHT, 22, [0, 0, 0])),
            rows.setdefault((row, x), Slot(x, row * step + step - 2, width, [0, 0, 0])),
        ):
            slot.parts = [a + b for a, b in zip(slot.parts, parts, strict=True)]
    return [day[hour] for hour in sorted(day)], list(rows.values())


def row_dates(hours: Mapping[str, Any], offset_s: int) -> list[int]:
    """Give the first instant of each row of the picture of all days, in island time [s since 1970]."""
    starts, _lengths = _spans(hours)
    first, last = (starts[0] + offset_s) // 86400, (starts[-1] + offset_s) // 86400
    return [day * 86400 for day in range(first, last + 1, _days_a_row(starts, offset_s))]


def row_step(hours: Mapping[str, Any], offset_s: int) -> int:
    """Give how far apart the rows of the picture of all days stand: few days get high rows."""
    rows = len(row_dates(hours, offset_s))
    return next(step for most, step in _ROW_STEPS if rows <= most)


def date_of(local_s: int, lang: str) -> str:
    """Write the date of an instant of island time."""
    year, month, day = map(int, str(np.datetime64(local_s, "s"))[:10].split("-"))
    return f"{year}년 {month}월 {day}일" if lang == "ko" else f"{day} {MONTHS[month - 1]} {year}"


def _hour_of(local_s: int, lang: str) -> str:
    return f"{date_of(local_s, lang)} {local_s % 86400 // 3600:02d}:00"


def _days_a_row(starts: list[int], offset_s: int) -> int:
    days = (starts[-1] + offset_s) // 86400 - (starts[0] + offset_s) // 86400 + 1
    return -(-days // _MOST_ROWS)


def _spans(hours: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    starts, lengths = spans_of(hours, len(hours["estimated"]))
    return [int(s) for s in starts.astype(np.int64)], [int(v) for v in lengths]


def _bars(slots: list[Slot], height: int) -> Iterator[str]:
    most = max(1, *(sum(s.parts) for s in slots))
    for n in range(len(COLUMNS)):
        drawn = []
        for s in slots:
            below, above = (sum(s.parts[:k]) * height // most for k in (n, n + 1))
            if above > below:
                drawn.append(f"M{s.x} {s.y - above}h{s.width}v{above - below}h-{s.width}z")
        yield "".join(drawn)
