"""KMA: hourly ASOS observations of the data portal (15057210), up to yesterday."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import HOUR, Period, to_local
from tamna.settings import setting
from tamna.sources.block import Flag, Kind, Reading
from tamna.sources.kma import STATIONS
from tamna.sources.live.columns import MISSING, Column, gaps, number, reading, stamp, unplaced
from tamna.sources.live.envelope import pages, rows_of
from tamna.sources.live.http import Answer, Request
from tamna.sources.live.keys import secret
from tamna.sources.live.session import Options, Part, Session, day_text, midnight, since_long
from tamna.sources.sun import highest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamna.errors import Mistake

MJ_PER_HOUR = 1e6 / 3600  # MJ/m2 in an hour as a mean of W/m2
# field: quantity, unit, kind, factor, whether it is of the hour before the stamp
FIELDS: dict[str, tuple[str, str, Kind, float, bool]] = {
    "ta": ("temperature", "degC", Kind.INSTANT, 1, False),
    "rn": ("precipitation", "mm", Kind.SUM, 1, True),
    "ws": ("wind_speed", "m/s", Kind.INSTANT, 1, False),
    "wd": ("wind_direction", "deg", Kind.INSTANT, 1, False),
    "hm": ("humidity", "%", Kind.INSTANT, 1, False),
    "pv": ("vapour_pressure", "hPa", Kind.INSTANT, 1, False),
    "td": ("dew_point", "degC", Kind.INSTANT, 1, False),
    "pa": ("pressure", "hPa", Kind.INSTANT, 1, False),
    "ps": ("sea_level_pressure", "hPa", Kind.INSTANT, 1, False),
    "ss": ("sunshine", "h", Kind.SUM, 1, True),
    "icsr": ("radiation", "W/m2", Kind.MEAN, MJ_PER_HOUR, True),
    "dsnw": ("snow_depth", "cm", Kind.INSTANT, 1, False),
    "dc10Tca": ("cloud_cover", "%", Kind.INSTANT, 10, False),
    "vs": ("visibility", "m", Kind.INSTANT, 10, False),
    "ts": ("ground_temperature", "degC", Kind.INSTANT, 1, False),
}
_IGNORED = {
    "dc10LmcsCa": "low and middle cloud, not used",
    "clfmAbbrCd": "cloud form, a code",
    "lcsCh": "cloud base, not used",
    "gndSttCd": "ground state, a code",
    "dmstMtphNo": "phenomena, a code",
    "hr3Fhsc": "new snow of three hours, not used",
    "m005Te": "soil temperature, not used",
    "m01Te": "soil temperature, not used",
    "m02Te": "soil temperature, not used",
    "m03Te": "soil temperature, not used",
}
_MARKED = ("ta", "rn", "ws", "wd", "hm", "pa", "ps", "ss", "ts")  # documented with a quality mark
SHAPE = {
    "tm": "stamp",
    "rnum": "number",
    "stnId": "number",
    "stnNm": "text",
    **dict.fromkeys(FIELDS, "number"),
    **dict.fromkeys((f"{n}Qcflg" for n in _MARKED), "number"),
    **dict.fromkeys(_IGNORED, "text"),
}
OPTIONAL = frozenset({"rnum", "stnNm", *(f"{n}Qcflg" for n in FIELDS), *_IGNORED})
_SOURCE = "kma_asos_api"
_IMPLIED = int(Flag.IMPLIED | Flag.BY_READER)


def parts(options: Options) -> tuple[Part, ...]:
    """Give one part a station."""
    return tuple(Part(station, f"asos/{station}/temperature") for station in options.stations)


def offers(now: np.datetime64) -> Period:
    """Give what the service holds: to the end of yesterday (Korea)."""
    return since_long("1979-12-31T15:00", midnight(now))


def fetch_asos(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch the hours of one station, at most 31 days."""
    return read_asos(ask_asos(session, part, chunk))


def ask_asos(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for the stamps whose hours lie in `chunk`."""
    last = chunk.end - HOUR if chunk.seconds > 3600 else chunk.start
    request = Request(
        base=setting("TAMNA_DATA_GO_KR_URL"),
        path="/1360000/AsosHourlyInfoService/getWthrDataList",
        parameters={
            "dataType": "JSON",
            "dataCd": "ASOS",
            "dateCd": "HR",
            "startDt": day_text(chunk.start),
            "startHh": f"{_hour(chunk.start):02d}",
            "endDt": day_text(last),
            "endHh": f"{_hour(last):02d}",
            "stnIds": part.name,
        },
        key_name="serviceKey",
        key=secret("TAMNA_DATA_GO_KR_KEY"),
    )
    return pages(session, request, rows=999)


def read_asos(answers: Sequence[Answer]) -> Reading:
    """Read hourly observations: instants at ``tm`` (KST); rain, sunshine and radiation of the hour before it.

    Quality marks: 1 makes a value suspect, 9 missing, both by the provider. A blank is missing, except
    that blank rain is zero by implication (the publisher lists only what fell), and so are blank radiation and
    sunshine while the sun is down, where the station measures them by day.

    Raises
    ------
    TamnaError
        The answer is no envelope, carries a refusal, or has rows without a readable time or station.
    """
    answers = tuple(answers)
    rows, short_by = rows_of(answers)
    measured = {(row.get("stnId", ""), name) for row in rows for name in ("icsr", "ss") if row.get(name)}
    columns: dict[tuple[str, str], Column] = {}
    mistakes: list[Mistake] = []
    present = {name for row in rows for name in row}
    for at, row in enumerate(rows, 1):
        station, valid = row.get("stnId", ""), stamp(row.get("tm", ""))
        if valid is None or not (station.isascii() and station.isdigit() and len(station) < 6):
            mistakes.append(unplaced(answers[0], at, "tm", f"{row.get('tm', '')} {station}"))
            continue
        for name, (quantity, unit, kind, factor, before) in FIELDS.items():
            if name not in present:
                continue
            value, flag = _cell(row, name, factor)
            blank = flag == MISSING and row.get(f"{name}Qcflg", "") in {"", "0"}
            sun = blank and name in {"icsr", "ss"} and (station, name) in measured
            if (blank and name == "rn") or (sun and _is_dark(station, valid - HOUR)):
                value, flag = 0.0, _IMPLIED
            column = columns.setdefault(
                (station, name), Column(f"asos/{station}/{quantity}", _SOURCE, unit, kind, 3600)
            )
            column.add(valid - HOUR if before else valid, value, flag)
    kept = [c for c in columns.values() if not all(math.isnan(v) for v in c.value)]
    found = reading(
        answers,
        kept,
        reader="read_asos",
        source=_SOURCE,
        mistakes=mistakes,
        notes=("radiation = MJ/m2 of the hour before the stamp x 277.78 [W/m2]",),
        ignored={name: why for name, why in _IGNORED.items() if name in present},
        short_by=short_by,
    )
    temperatures = [b for b in found.blocks if b.series.endswith("/temperature")]
    return found.noticing(*(gap for block in temperatures for gap in gaps(block)))


def _cell(row: Mapping[str, str], name: str, factor: float) -> tuple[float, int]:
    value, flag = number(row.get(name), factor)
    mark = row.get(f"{name}Qcflg", "")
    if mark == "1" and not math.isnan(value):
        flag |= int(Flag.SUSPECT | Flag.BY_PROVIDER)
    if mark == "9":
        value, flag = math.nan, int(Flag.MISSING | Flag.BY_PROVIDER)
    return value, flag


def _is_dark(station: str, start: np.datetime64) -> bool:
    """Say whether the sun is down over the station for the whole hour that begins at `start`."""
    where = STATIONS.get(int(station))
    return where is not None and float(highest(np.array([start]), 3600, *where)[0]) < 0


def _hour(moment: np.datetime64) -> int:
    local = to_local(np.array([moment]), "Asia/Seoul")
    return int(local.astype("datetime64[h]").astype(np.int64)[0] % 24)
