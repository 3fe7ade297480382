"""NASA POWER: hourly radiation, temperature and wind for one point, anywhere, without a key."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import Mistake, Place, SourceError, TamnaError
from tamna.grid.clock import DAY, Period
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Kind, Reading
from tamna.sources.live.columns import MISSING, Column, number, reading, stamp, unplaced
from tamna.sources.live.http import Answer, Request, Verdict, by_status
from tamna.sources.live.session import Options, Part, Session, Spot, since_long
from tamna.sources.live.text import json_of, place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PARAMETERS: dict[str, tuple[str, str]] = {
    "ALLSKY_SFC_SW_DWN": ("radiation", "W/m2"),
    "T2M": ("temperature", "degC"),
    "WS10M": ("wind_speed", "m/s"),
    "WS50M": ("wind_speed_50m", "m/s"),
    "RH2M": ("humidity", "%"),
    "PS": ("pressure", "hPa"),
}
UNITS: dict[str, tuple[str, float]] = {
    "Wh/m^2": ("W/m2", 1),
    "W/m^2": ("W/m2", 1),
    "MJ/hr": ("W/m2", 1e6 / 3600),
    "MJ/m^2/hr": ("W/m2", 1e6 / 3600),
    "C": ("degC", 1),
    "m/s": ("m/s", 1),
    "%": ("%", 1),
    "kPa": ("hPa", 10),
}
SHAPE = {
    "time_standard": "UTC",
    "fill_value": "number",
    "ALLSKY_SFC_SW_DWN": "Wh/m^2",
    "T2M": "C",
    "WS10M": "m/s",
    "WS50M": "m/s",
    "RH2M": "%",
    "PS": "kPa",
}
_SOURCE = "nasa_power"


def parts(options: Options) -> tuple[Part, ...]:
    """Give one part a place."""
    return tuple(Part(s.name, f"nasa_power/{s.name}/temperature") for s in options.spots)


def offers(now: np.datetime64) -> Period:
    """Give what the service holds: 2001 to some days ago."""
    return since_long("2001-01-01", now.astype("datetime64[D]").astype("datetime64[s]") - 4 * DAY)


def fetch_power(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch the hours of one place."""
    spot = next(s for s in session.options.spots if s.name == part.name)
    return read_power(ask_power(session, part, chunk), spot=spot)


def ask_power(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for whole days, in UTC."""
    spot = next(s for s in session.options.spots if s.name == part.name)
    request = Request(
        base=setting("TAMNA_NASA_POWER_URL"),
        path="/api/temporal/hourly/point",
        parameters={
            "latitude": f"{spot.latitude:g}",
            "longitude": f"{spot.longitude:g}",
            "start": str(chunk.start.astype("datetime64[D]")).replace("-", ""),
            "end": str((chunk.end - np.timedelta64(1, "s")).astype("datetime64[D]")).replace("-", ""),
            "community": "re",
            "parameters": ",".join(PARAMETERS),
            "format": "json",
            "time-standard": "utc",
        },
    )
    return (session.get(request, judge),)


def judge(answer: Answer) -> Verdict:
    """Judge by the status; the reason of a refusal stands in ``messages`` or ``detail``."""
    said = ""
    if answer.status >= 400:
        try:
            document = json_of(answer)
        except TamnaError:
            document = None
        if isinstance(document, dict):
            said = str(document.get("messages") or document.get("detail") or "")[:200]
    return by_status(answer, said)


def read_power(answers: Sequence[Answer], *, spot: Spot) -> Reading:
    """Read hourly means whose stamps are the starts of their hours (UTC); the fill value is missing.

    The empty hours at the end (not computed yet) are left out. Units are taken from the answer.

    Raises
    ------
    TamnaError
        The answer is not the documented JSON, not in UTC, or has a unit that we do not know.
    """
    columns: list[Column] = []
    mistakes: list[Mistake] = []
    ignored: dict[str, str] = {}
    for answer in answers:
        table, units, fill = _opened(answer)
        for name, cells in table.items():
            if name not in PARAMETERS:
                ignored[name[:60]] = "not asked for"
                continue
            quantity, ours = PARAMETERS[name]
            unit = units.get(name)
            known = UNITS.get(unit) if isinstance(unit, str) else None
            if known is None or known[0] != ours or not isinstance(cells, dict):
                where = Place(path=answer.address, column=name)
                mistakes.append(
                    Mistake(what=_("a unit that we do not know"), where=where, seen=str(unit)[:40])
                )
                continue
            column, wrong = _column(answer, cells, f"nasa_power/{spot.name}/{quantity}", known, fill)
            columns.append(column)
            mistakes += wrong
    return reading(
        answers,
        columns,
        reader="read_power",
        source=_SOURCE,
        mistakes=mistakes,
        notes=("hourly means, labelled at their start, UTC",),
        ignored=ignored,
    )


def observe(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Say which parameters an answer has, in which units, and on which clock."""
    seen: dict[str, str] = {}
    for answer in answers:
        document = json_of(answer)
        if not isinstance(document, dict):
            continue
        header, described, held = (document.get(n) for n in ("header", "parameters", "properties"))
        described = described if isinstance(described, dict) else {}
        table = held.get("parameter") if isinstance(held, dict) else None
        if isinstance(header, dict):
            seen["time_standard"] = str(header.get("time_standard", ""))[:20]
            if "fill_value" in header:
                seen["fill_value"] = "number"
        for name in list(table)[:100] if isinstance(table, dict) else []:
            one = described.get(name)
            seen[str(name)] = str(one.get("units", "no unit"))[:40] if isinstance(one, dict) else "no unit"
    return seen


def _column(
    answer: Answer, cells: dict[str, Any], series: str, unit: tuple[str, float], fill: float
) -> tuple[Column, list[Mistake]]:
    column = Column(series, _SOURCE, unit[0], Kind.MEAN, 3600)
    rows: list[tuple[np.datetime64, float, int]] = []
    for at, (label, cell) in enumerate(cells.items(), 1):
        valid = stamp(label, timezone="UTC") if len(label) == 10 else None
        if valid is None:
            return column, [unplaced(answer, at, series.rsplit("/", 1)[-1], label[:40])]
        value, flag = number(cell if isinstance(cell, str) else "")
        gone = value in {fill, -999.0}
        rows.append((valid, math.nan if gone else value * unit[1], MISSING if gone else flag))
    rows.sort(key=lambda row: row[0])
    last = max((i for i, row in enumerate(rows) if not math.isnan(row[1])), default=-1)
    for row in rows[: last + 1]:
        column.add(*row)
    return column, []


def _opened(answer: Answer) -> tuple[dict[str, Any], dict[str, Any], float]:
    document = json_of(answer)
    document = document if isinstance(document, dict) else {}
    properties, header, described = (
        one if isinstance(one := document.get(name), dict) else {}
        for name in ("properties", "header", "parameters")
    )
    table = properties.get("parameter")
    if not isinstance(table, dict):
        raise SourceError(_("the answer has no hourly table"), where=place(answer), seen=str(document)[:80])
    if str(header.get("time_standard", "")).upper() != "UTC":
        raise SourceError(
            _("the answer is not in UTC"), where=place(answer), seen=str(header.get("time_standard", ""))[:20]
        )
    fill, flag = number(str(header.get("fill_value", "-999"))[:40])
    units = {str(name): one.get("units") for name, one in described.items() if isinstance(one, dict)}
    return table, units, -999.0 if flag else fill
