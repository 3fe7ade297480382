"""KMA: the short-term forecast (단기예보, 15084084), every three hours, by cell of a 5 km grid."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import Mistake, UsageError
from tamna.grid.clock import HOUR, Period, to_local
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Kind, Reading
from tamna.sources.live.columns import ESTIMATED, MISSING, Column, number, reading, stamp, unplaced
from tamna.sources.live.envelope import pages, rows_of
from tamna.sources.live.envelope_shape import kind, widest
from tamna.sources.live.envelope_shape import observe as fields
from tamna.sources.live.http import Answer, Request
from tamna.sources.live.keys import secret
from tamna.sources.live.session import Options, Part, Session, Spot, minute_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CATEGORIES: dict[str, tuple[str, str, Kind]] = {
    "TMP": ("temperature", "degC", Kind.INSTANT),
    "WSD": ("wind_speed", "m/s", Kind.INSTANT),
    "VEC": ("wind_direction", "deg", Kind.INSTANT),
    "UUU": ("wind_east", "m/s", Kind.INSTANT),
    "VVV": ("wind_north", "m/s", Kind.INSTANT),
    "REH": ("humidity", "%", Kind.INSTANT),
    "POP": ("precipitation_probability", "%", Kind.INSTANT),
    "SKY": ("sky_code", "1", Kind.INSTANT),
    "PTY": ("precipitation_code", "1", Kind.INSTANT),
    "WAV": ("wave_height", "m", Kind.INSTANT),
    "PCP": ("precipitation", "mm", Kind.SUM),
    "SNO": ("snowfall", "cm", Kind.SUM),
}
_DAILY = {"TMN": "daily minimum, not hourly", "TMX": "daily maximum, not hourly"}
SHAPE = {
    "baseDate": "stamp",
    "baseTime": "number",
    "category": "text",
    "fcstDate": "stamp",
    "fcstTime": "number",
    "fcstValue": "text",
    "nx": "number",
    "ny": "number",
}
_WORDS = {"PCP", "SNO"}
SHAPE |= {f"category {name}": "text" if name in _WORDS else "number" for name in CATEGORIES}
OPTIONAL = frozenset({"category TMN", "category TMX", "category WAV"})  # once a day; over the sea
_SOURCE = "kma_forecast"
_BASE_HOURS = (2, 5, 8, 11, 14, 17, 20, 23)
_READY = np.timedelta64(600, "s")
_STEP = 3 * HOUR


def cell(latitude: float, longitude: float) -> tuple[int, int]:
    """Give the grid cell (nx, ny) of a place: Lambert conformal conic, 5 km, as KMA publishes it.

    >>> cell(37.5665, 126.9780), cell(33.4996, 126.5312)
    ((60, 127), (53, 38))
    """
    radius = 6371.00877 / 5.0
    one, two = math.radians(30.0), math.radians(60.0)
    n: float = math.log(math.cos(one) / math.cos(two)) / math.log(
        math.tan(math.pi / 4 + two / 2) / math.tan(math.pi / 4 + one / 2)
    )
    f = math.pow(math.tan(math.pi / 4 + one / 2), n) * math.cos(one) / n

    def ray(degrees: float) -> float:
        opened: float = math.tan(math.pi / 4 + math.radians(degrees) / 2)
        return radius * f / math.pow(opened, n)

    if not (20 < latitude < 50 and 110 < longitude < 140):
        raise UsageError(
            _("the place lies outside the grid of the Korean forecast"), seen=f"{latitude}, {longitude}"
        )
    theta = n * math.radians(longitude - 126.0)
    r = ray(latitude)
    return math.floor(r * math.sin(theta) + 43 + 0.5), math.floor(ray(38.0) - r * math.cos(theta) + 136 + 0.5)


def parts(options: Options) -> tuple[Part, ...]:
    """Give one part a place."""
    return tuple(Part(spot.name, f"forecast/{spot.name}/temperature") for spot in options.spots)


def offers(now: np.datetime64) -> Period:
    """Give the issue times that the service keeps: about three days back, to the last one that is ready."""
    last = _issue_before(now - _READY)
    return Period(last - np.timedelta64(3 * 86400, "s"), last + _STEP)


def issues(period: Period) -> Iterator[Period]:
    """Cut a span of issue times into the eight issues a day: 02, 05 .. 23 h KST."""
    at = _issue_before(period.start)
    if at < period.start:
        at += _STEP
    while at < period.end:
        yield Period(at, at + _STEP)
        at += _STEP


def fetch_forecast(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch the forecast issued at the start of `chunk` for one place."""
    return read_forecast(ask_forecast(session, part, chunk), spots=session.options.spots)


def ask_forecast(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for one issue and one cell."""
    spot = next(s for s in session.options.spots if s.name == part.name)
    nx, ny = cell(spot.latitude, spot.longitude)
    issued = minute_text(chunk.start)
    request = Request(
        base=setting("TAMNA_DATA_GO_KR_URL"),
        path="/1360000/VilageFcstInfoService_2.0/getVilageFcst",
        parameters={
            "dataType": "JSON",
            "base_date": issued[:8],
            "base_time": issued[8:],
            "nx": str(nx),
            "ny": str(ny),
        },
        key_name="serviceKey",
        key=secret("TAMNA_DATA_GO_KR_KEY"),
    )
    return pages(session, request, rows=1000)


def read_forecast(answers: Sequence[Answer], *, spots: Sequence[Spot]) -> Reading:
    """Read one issue: instants at ``fcstDate fcstTime`` (KST), dated by ``baseDate baseTime``.

    Rain and snow are text. ``강수없음`` is 0; ``1mm 미만`` (half of it), a range (its middle) and
    ``50.0mm 이상`` (its lower end) are flagged estimated. Numbers from 900 up or -900 down are missing.

    Raises
    ------
    TamnaError
        The answer is no envelope, carries a refusal, or has rows without readable times or of a cell
        that was not asked for.
    """
    answers = tuple(answers)
    rows, short_by = rows_of(answers)
    cells = {tuple(map(str, cell(s.latitude, s.longitude))): s.name for s in spots}
    columns: dict[tuple[str, str], Column] = {}
    mistakes: list[Mistake] = []
    ignored: dict[str, str] = {}
    for at, row in enumerate(rows, 1):
        issued = _moment(row.get("baseDate", ""), row.get("baseTime", ""))
        valid = _moment(row.get("fcstDate", ""), row.get("fcstTime", ""))
        name = cells.get((row.get("nx", ""), row.get("ny", "")))
        if issued is None or valid is None or name is None:
            seen = " ".join(
                row.get(k, "") for k in ("baseDate", "baseTime", "fcstDate", "fcstTime", "nx", "ny")
            )
            mistakes.append(unplaced(answers[0], at, "fcstTime", seen))
            continue
        category = row.get("category", "")
        if category not in CATEGORIES:
            if len(ignored) < 50:
                ignored[category] = _DAILY.get(category, "not documented")
            continue
        quantity, unit, kind = CATEGORIES[category]
        text = row.get("fcstValue", "")
        value, flag = amount(text) if category in _WORDS else _measured(text)
        key = (name, category)
        column = columns.setdefault(key, Column(f"forecast/{name}/{quantity}", _SOURCE, unit, kind, 3600))
        column.add(valid, value, flag, issued)
    return reading(
        answers,
        columns.values(),
        reader="read_forecast",
        source=_SOURCE,
        mistakes=mistakes,
        notes=(
            "known ten minutes after the issue time",
            "the hour of rain and snow is taken to start at its label",
        ),
        ignored=ignored,
        short_by=short_by,
    )


def observe(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Give the kinds of the rows' fields, and of the values of each category."""
    rows, _short_by = rows_of(tuple(answers))
    kinds: dict[str, set[str]] = {}
    for row in rows:
        name = row.get("category", "")[:20]
        if name and (len(kinds) < 60 or name in kinds):
            kinds.setdefault(name, set()).add(kind(row.get("fcstValue", "")))
    return {**fields(answers), **{f"category {name}": widest(seen) for name, seen in kinds.items()}}


_UNDER = re.compile(r"(\d+(?:\.\d+)?)(?:mm|cm)?미만")
_OVER = re.compile(r"(\d+(?:\.\d+)?)(?:mm|cm)?이상")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)(?:mm|cm)?[~∼-](\d+(?:\.\d+)?)(?:mm|cm)?")
_PLAIN = re.compile(r"(-?\d+(?:\.\d+)?)(?:mm|cm)?")


def amount(text: str) -> tuple[float, int]:
    """Read an amount written in words.

    >>> amount("강수없음"), amount("1.0mm"), amount("30.0~50.0mm") == (40.0, ESTIMATED)
    ((0.0, 0), (1.0, 0), True)
    """
    text = re.sub(r"\s", "", text[:40])
    if text in {"강수없음", "적설없음"}:
        return 0.0, 0
    if found := _UNDER.fullmatch(text):
        return float(found[1]) / 2, ESTIMATED
    if found := _OVER.fullmatch(text):
        return float(found[1]), ESTIMATED
    if found := _RANGE.fullmatch(text):
        return (float(found[1]) + float(found[2])) / 2, ESTIMATED
    if found := _PLAIN.fullmatch(text):
        return _measured(found[1])
    return number(text)


def _measured(text: str) -> tuple[float, int]:
    value, flag = number(text)
    return (math.nan, MISSING) if abs(value) >= 900 else (value, flag)


def _moment(day: str, hour: str) -> np.datetime64 | None:
    return stamp(day + hour) if len(day) == 8 and len(hour) == 4 else None


def _issue_before(moment: np.datetime64) -> np.datetime64:
    """Give the last issue time (02, 05 .. 23 h KST) at or before `moment`."""
    local = to_local(np.array([moment]), "Asia/Seoul").astype("datetime64[h]")[0]
    back = (int(local.astype(np.int64)) % 24 - _BASE_HOURS[0]) % 3
    at: np.datetime64 = (local - np.timedelta64(back + 9, "h")).astype("datetime64[s]")
    return at
