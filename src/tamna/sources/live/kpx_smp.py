"""KPX: the system marginal price of Jeju and the mainland by hour, with the day-ahead demand forecast (15131225).

Hours are ``01``..``24``, hour-ending. Rows come doubled, as ``1`` and as ``01``, so a page of 48 rows cuts
the last hours off: 300 are asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake
from tamna.grid.clock import HOUR, Period
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Kind, Reading
from tamna.sources.live.columns import SUSPECT, Column, gaps, noticed, number, reading, stamp, unplaced
from tamna.sources.live.envelope import pages, rows_of
from tamna.sources.live.http import Answer, Request
from tamna.sources.live.keys import secret
from tamna.sources.live.session import Part, Session, day_text, midnight

if TYPE_CHECKING:
    from collections.abc import Sequence

SHAPE = {
    "date": "stamp",
    "hour": "number",
    "areaName": "text",
    "smp": "number",
    "mlfd": "number",
    "jlfd": "number",
    "slfd": "number",
}
_PRICE = {"육지": "mainland/smp", "제주": "jeju/smp"}
_FORECAST = {
    "mlfd": "mainland/demand_forecast",
    "jlfd": "jeju/demand_forecast",
    "slfd": "kr/national/demand_forecast",
}
_SOURCE = "kpx_smp_api"


def offers(now: np.datetime64) -> Period:
    """Give what the service holds: from 2023 to the end of tomorrow (Korea)."""
    return Period(np.datetime64("2022-12-31T15:00", "s"), midnight(now) + 48 * HOUR)


def fetch_smp(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch one day of prices and demand forecasts."""
    return read_smp(ask_smp(session, part, chunk))


def ask_smp(session: Session, _part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for the day that `chunk` starts in."""
    request = Request(
        base=setting("TAMNA_DATA_GO_KR_URL"),
        path="/B552115/SmpWithForecastDemand/getSmpWithForecastDemand",
        parameters={"dataType": "json", "date": day_text(chunk.start)},
        key_name="serviceKey",
        key=secret("TAMNA_DATA_GO_KR_KEY"),
    )
    return pages(session, request, rows=300)


def read_smp(answers: Sequence[Answer]) -> Reading:
    """Read prices [KRW/kWh] and day-ahead demand forecasts [MW], both of the hour that ends at the label.

    Where Jeju's price equals the mainland's in all hours of the answer, Jeju's is flagged suspect: since
    2026-07-30 such copies were reported by a user.

    Raises
    ------
    TamnaError
        The answer is no envelope, carries a refusal, or has rows without a readable hour or area.
    """
    answers = tuple(answers)
    rows, short_by = rows_of(answers)
    prices = {area: Column(series, _SOURCE, "KRW/kWh", Kind.MEAN, 3600) for area, series in _PRICE.items()}
    demand = {name: Column(series, _SOURCE, "MW", Kind.MEAN, 3600) for name, series in _FORECAST.items()}
    mistakes: list[Mistake] = []
    for at, row in enumerate(rows, 1):
        day, hour = stamp(row.get("date", "")[:10]), row.get("hour", "")
        if day is None or not re.fullmatch(r"0?[1-9]|1\d|2[0-4]", hour) or not hour.isascii():
            mistakes.append(unplaced(answers[0], at, "hour", f"{row.get('date', '')} {hour}"))
            continue
        area = row.get("areaName", "")
        if area not in prices:
            mistakes.append(
                Mistake(
                    what=_("an unknown area"), where=unplaced(answers[0], at, "areaName", "").where, seen=area
                )
            )
            continue
        start = day + (int(hour) - 1) * HOUR
        prices[area].add(start, *number(row.get("smp")))
        for name, column in demand.items():
            if row.get(name, ""):
                column.add(start, *number(row.get(name)))
    found = reading(
        answers,
        [*prices.values(), *demand.values()],
        reader="read_smp",
        source=_SOURCE,
        mistakes=mistakes,
        notes=("hour-ending labels 01..24",),
        short_by=short_by,
    )
    return _compared(found)


def _compared(found: Reading) -> Reading:
    blocks = {block.series: block for block in found.blocks}
    jeju, mainland = blocks.get("jeju/smp"), blocks.get("mainland/smp")
    found = found.noticing(*(gap for block in (jeju, mainland) if block for gap in gaps(block)))
    if jeju is None or mainland is None or len(jeju) < 12 or len(jeju) != len(mainland):
        return found
    if not (np.array_equal(jeju.value, mainland.value) and (jeju.valid_at == mainland.valid_at).all()):
        return found
    jeju.flag[:] |= np.uint16(SUSPECT)
    return found.noticing(
        *noticed(
            jeju,
            "source_disagreement",
            np.ones(len(jeju), dtype=bool),
            _("Jeju's price equals the mainland's in every hour: perhaps a copy"),
            _("Jeju's prices are flagged suspect"),
        )
    )
