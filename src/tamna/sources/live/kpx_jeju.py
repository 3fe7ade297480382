"""KPX: Jeju supply and demand every five minutes, of today only, and the national one.

Two services give it: the "GW" one (portal id 15158505, since June 2026, with sending-end demand) and the
old one (15058920, XML, without it). Stamps are instants; a day has 288 of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, SourceError
from tamna.grid.clock import Period
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Kind, Reading
from tamna.sources.live.columns import SUSPECT, Column, gaps, number, reading, stamp, unplaced
from tamna.sources.live.envelope import judge, pages, rows_of
from tamna.sources.live.envelope_shape import kind, widest
from tamna.sources.live.http import Answer, Request, Verdict, by_status
from tamna.sources.live.keys import secret
from tamna.sources.live.session import Part, Session, day_text, midnight
from tamna.sources.live.text import decoded, place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEP_S = 300
JEJU: dict[str, str] = {
    "currPwrTot": "jeju/demand",
    "currNtPwrTot": "jeju/demand_sending_end",
    "suppAbility": "jeju/supply_capacity",
    "renewPwrTot": "jeju/renewables",
    "renewPwrSolar": "jeju/pv",
    "renewPwrWind": "jeju/wind",
}
SHAPE = {"baseDatetime": "stamp", **dict.fromkeys(JEJU, "number")}
SHAPE_OLD = {name: kind for name, kind in SHAPE.items() if name != "currNtPwrTot"}
# the page's eight cells, in the order of the service sukub5mMaxDatetime2
NATIONAL = (
    ("kr/national/supply_capacity", "MW"),
    ("kr/national/demand", "MW"),
    ("kr/national/demand_forecast", "MW"),
    ("kr/national/supply_reserve", "MW"),
    ("kr/national/supply_reserve_rate", "%"),
    ("kr/national/operating_reserve", "MW"),
    ("kr/national/operating_reserve_rate", "%"),
)
SHAPE_PAGE = {"cells": "8", "cell 1": "stamp", **{f"cell {i}": "number" for i in range(2, 9)}}
_ROWS_A_PAGE = 17
_MOST_PAGES = 20


def today(now: np.datetime64) -> Period:
    """Give what the service offers: this Korean day up to now."""
    start = midnight(now)
    return Period(start, max(now, start + np.timedelta64(STEP_S, "s")))


def recent(now: np.datetime64) -> Period:
    """Give what the national page offers: from 2015 to now."""
    return Period(np.datetime64("2015-01-01", "s"), now)


def fetch_jeju5m(session: Session, _part: Part, chunk: Period) -> Reading:
    """Fetch Jeju's five-minute values of today from the GW service."""
    return read_jeju5m(ask_jeju5m(session, _part, chunk))


def ask_jeju5m(session: Session, _part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask the GW service for the day that `chunk` starts in."""
    request = Request(
        base=setting("TAMNA_DATA_GO_KR_URL"),
        path="/B552115/JejuSukub5mToday/getJejuSukub5mToday",
        parameters={"dataType": "json", "baseDate": day_text(chunk.start)},
        key_name="serviceKey",
        key=secret("TAMNA_DATA_GO_KR_KEY"),
    )
    return pages(session, request, rows=300)


def fetch_jeju5m_old(session: Session, _part: Part, chunk: Period) -> Reading:
    """Fetch the same from the old service."""
    return read_jeju5m(ask_jeju5m_old(session, _part, chunk))


def ask_jeju5m_old(session: Session, _part: Part, _chunk: Period) -> tuple[Answer, ...]:
    """Ask the old service, which takes nothing but the key."""
    request = Request(
        base=setting("TAMNA_KPX_URL"),
        path="/openapi/chejusukub5mToday/getChejuSukub5mToday",
        key_name="ServiceKey",
        key=secret("TAMNA_DATA_GO_KR_KEY"),
    )
    return (session.get(request, judge),)


def read_jeju5m(answers: Sequence[Answer]) -> Reading:
    """Read the five-minute values: MW at the stamp, which is an instant (12 or 14 digits, KST).

    Rows after the time of retrieval are empty frames for the rest of the day and are left out. Demand
    that is not above zero is flagged suspect. Absent stamps are named, never filled.

    Raises
    ------
    TamnaError
        The answer is no envelope, carries a refusal, or has rows without a readable time.
    """
    answers = tuple(answers)
    rows, short_by = rows_of(answers)
    columns = {
        name: Column(series, "kpx_jeju5m", "MW", Kind.INSTANT, STEP_S) for name, series in JEJU.items()
    }
    mistakes: list[Mistake] = []
    present = {name for row in rows for name in row}
    for at, row in enumerate(rows, 1):
        text = row.get("baseDatetime", row.get("baseDateTime", ""))
        valid = stamp(text) if len(text) >= 12 else None
        if valid is None:
            mistakes.append(unplaced(answers[0], at, "baseDatetime", text))
            continue
        if valid > answers[-1].retrieved:
            continue
        for name, column in columns.items():
            if name in present:
                value, flag = number(row.get(name))
                if name == "currPwrTot" and value <= 0:
                    flag |= SUSPECT
                column.add(valid, value, flag)
    if rows and "currPwrTot" not in present:
        mistakes.append(
            Mistake(
                what=_("the field {name} is missing", name="currPwrTot"),
                where=place(answers[0]),
                seen=", ".join(sorted(present))[:100],
                todo=_("Run tamna fetch --check: the provider may have changed its format."),
            )
        )
    found = reading(
        answers,
        columns.values(),
        reader="read_jeju5m",
        source="kpx_jeju5m",
        mistakes=mistakes,
        notes=("power at the stamp [MW]; an hour needs all its stamps",),
        ignored=_unused(present, {*JEJU, "baseDatetime", "baseDateTime", "rn"}),
        short_by=short_by,
    )
    demand = [b for b in found.blocks if b.series == "jeju/demand"]
    return found.noticing(*(gap for block in demand for gap in gaps(block)))


def fetch_national5m(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch a day of national five-minute values from the KPX page."""
    return read_national5m(ask_national5m(session, part, chunk))


def ask_national5m(session: Session, _part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for page after page of 17 rows until one has fewer."""
    found: list[Answer] = []
    day = day_text(chunk.start)
    for index in range(1, min(_MOST_PAGES, session.most_pages) + 1):
        request = Request(
            base=setting("TAMNA_KPX_URL"),
            path="/sukub.do",
            parameters={"startDate": day, "endDate": day, "pageIndex": str(index)},
        )
        found.append(session.get(request, _judge_page))
        if len(_cells(decoded(found[-1]))) < _ROWS_A_PAGE:
            break
    return tuple(found)


def read_national5m(answers: Sequence[Answer]) -> Reading:
    """Read the table rows with eight cells: time, then MW and % in the order of `NATIONAL`.

    Raises
    ------
    SourceError
        No page has such a row, or a time cannot be read.
    """
    answers = tuple(answers)
    columns = [Column(series, "kpx_national5m", unit, Kind.INSTANT, STEP_S) for series, unit in NATIONAL]
    mistakes: list[Mistake] = []
    for answer in answers:
        rows = _cells(decoded(answer))
        if not rows and answer is answers[0]:
            raise SourceError(
                _("the page has no table of eight columns"),
                where=place(answer),
                todo=_("Run tamna fetch --check: the provider may have changed its format."),
            )
        for at, row in enumerate(rows, 1):
            valid = stamp(row[0]) if len(re.sub(r"\D", "", row[0])) >= 12 else None
            if valid is None:
                mistakes.append(unplaced(answer, at, "1", row[0]))
                continue
            for column, cell in zip(columns, row[1:], strict=True):
                column.add(valid, *number(cell))
    found = reading(answers, columns, reader="read_national5m", source="kpx_national5m", mistakes=mistakes)
    demand = [b for b in found.blocks if b.series == "kr/national/demand"]
    return found.noticing(*(gap for block in demand for gap in gaps(block)))


def observe_page(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Say how many cells the rows of the page have, and of which kind each is."""
    rows = [row for answer in answers for row in _rows(decoded(answer)) if row]
    if not rows:
        return {}
    width = max(map(len, rows))
    whole = [row for row in rows if len(row) == width]
    kinds = {f"cell {i + 1}": widest({kind(row[i]) for row in whole}) for i in range(min(width, 40))}
    return {"cells": str(width), **kinds}


def _judge_page(answer: Answer) -> Verdict:
    return by_status(answer)


def _cells(text: str) -> list[list[str]]:
    return [row for row in _rows(text) if len(row) == len(NATIONAL) + 1]


def _rows(text: str) -> list[list[str]]:
    """Give the <td> cells of every table row, tags and entities removed. Linear in the text's length."""
    rows = []
    for part in re.split(r"<tr\b", text, flags=re.IGNORECASE)[1:]:
        cells = re.split(r"<td\b", part.split("</tr", 1)[0], flags=re.IGNORECASE)[1:]
        rows.append([_plain(cell) for cell in cells])
    return rows


def _plain(cell: str) -> str:
    inner = cell.split(">", 1)[-1].split("</td", 1)[0]
    return re.sub(r"<[^<>]{0,200}>|&nbsp;", " ", inner).strip()


def _unused(present: set[str], used: set[str]) -> dict[str, str]:
    return dict.fromkeys(sorted(present - used)[:50], "not documented")
