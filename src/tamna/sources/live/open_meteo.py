"""Open-Meteo: archive (reanalysis), forecast, and the forecasts of previous model runs.

Stamps are asked for as Unix seconds and wind in m/s; the units that the answer names are believed, not
the ones asked for. Radiation, rain and sunshine are of the hour before the stamp. The free service is for
non-commercial use; with ``TAMNA_OPEN_METEO_KEY`` the paid hosts are asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import FetchError, Mistake, Place, QuotaReached, SourceError, TamnaError
from tamna.grid.clock import DAY, HOUR, Period
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Kind, Reading
from tamna.sources.live.columns import Column, number, reading, stamp
from tamna.sources.live.http import Answer, Request, Verdict, by_status
from tamna.sources.live.keys import optional_secret
from tamna.sources.live.session import Options, Part, Session, Spot, since_long
from tamna.sources.live.text import json_of, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# variable: quantity, unit, kind, whether it is of the hour before the stamp
VARIABLES: dict[str, tuple[str, str, Kind, bool]] = {
    "temperature_2m": ("temperature", "degC", Kind.INSTANT, False),
    "relative_humidity_2m": ("humidity", "%", Kind.INSTANT, False),
    "surface_pressure": ("pressure", "hPa", Kind.INSTANT, False),
    "cloud_cover": ("cloud_cover", "%", Kind.INSTANT, False),
    "wind_speed_10m": ("wind_speed", "m/s", Kind.INSTANT, False),
    "wind_direction_10m": ("wind_direction", "deg", Kind.INSTANT, False),
    "wind_speed_80m": ("wind_speed_80m", "m/s", Kind.INSTANT, False),
    "wind_speed_100m": ("wind_speed_100m", "m/s", Kind.INSTANT, False),
    "precipitation": ("precipitation", "mm", Kind.SUM, True),
    "shortwave_radiation": ("radiation", "W/m2", Kind.MEAN, True),
    "diffuse_radiation": ("diffuse_radiation", "W/m2", Kind.MEAN, True),
}
_COMMON = (
    "temperature_2m",
    "relative_humidity_2m",
    "surface_pressure",
    "cloud_cover",
    "wind_speed_10m",
    "wind_direction_10m",
    "precipitation",
    "shortwave_radiation",
    "diffuse_radiation",
)
ARCHIVE = (*_COMMON, "wind_speed_100m")
FORECAST = (*_COMMON, "wind_speed_80m")
PREVIOUS = ("temperature_2m", "cloud_cover", "wind_speed_10m", "wind_direction_10m", "shortwave_radiation")
# unit as written in the answer: ours, factor, offset
UNITS: dict[str, tuple[str, float, float]] = {
    "°C": ("degC", 1, 0),
    "°F": ("degC", 5 / 9, -160 / 9),
    "%": ("%", 1, 0),
    "hPa": ("hPa", 1, 0),
    "m/s": ("m/s", 1, 0),
    "km/h": ("m/s", 1 / 3.6, 0),
    "mp/h": ("m/s", 0.44704, 0),
    "kn": ("m/s", 1852 / 3600, 0),
    "°": ("deg", 1, 0),
    "mm": ("mm", 1, 0),
    "inch": ("mm", 25.4, 0),
    "W/m²": ("W/m2", 1, 0),
}
_ASKED = {"degC": "°C", "W/m2": "W/m²", "deg": "°"}
_HOSTS = {
    "archive": ("archive-api.open-meteo.com", "/v1/archive"),
    "forecast": ("api.open-meteo.com", "/v1/forecast"),
    "previous": ("previous-runs-api.open-meteo.com", "/v1/forecast"),
}
_PREVIOUS_DAY = re.compile(r"(\w+)_previous_day([1-7])")


def shape(variables: Sequence[str]) -> dict[str, str]:
    """Give the documented fields of an answer with these variables: their units."""
    found = {"time": "unixtime", "utc_offset_seconds": "0"}
    for name in variables:
        unit = VARIABLES[name.split("_previous_day")[0]][1]
        found[name] = _ASKED.get(unit, unit)
    return found


def observe(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Say which variables an answer has, in which units."""
    seen: dict[str, str] = {}
    for answer in answers:
        for document in _documents(answer):
            units, hourly = document.get("hourly_units"), document.get("hourly")
            units = units if isinstance(units, dict) else {}
            for name in list(hourly)[:200] if isinstance(hourly, dict) else []:
                seen[str(name)] = str(units.get(name, "no unit"))[:40]
            if "utc_offset_seconds" in document:
                seen["utc_offset_seconds"] = _text(document["utc_offset_seconds"])[:20]
    return seen


def archive_parts(options: Options) -> tuple[Part, ...]:
    """Give one part a place."""
    return tuple(Part(s.name, f"open_meteo/{s.name}/temperature") for s in options.spots)


def forecast_parts(options: Options) -> tuple[Part, ...]:
    """Give one part a place."""
    return tuple(Part(s.name, f"forecast/{s.name}/temperature") for s in options.spots)


def archive_offers(now: np.datetime64) -> Period:
    """Give what the archive holds: 1940 to the end of the day before yesterday (UTC)."""
    return since_long("1940-01-01", now.astype("datetime64[D]").astype("datetime64[s]") - DAY)


def forecast_offers(now: np.datetime64) -> Period:
    """Give the issue times on offer: this hour's alone."""
    hour = now.astype("datetime64[h]").astype("datetime64[s]")
    return Period(hour, hour + HOUR)


def previous_offers(now: np.datetime64) -> Period:
    """Give what the previous-runs service holds: January 2024 to the end of yesterday (UTC)."""
    return since_long("2024-01-01", now.astype("datetime64[D]").astype("datetime64[s]"))


def one(period: Period) -> Iterator[Period]:
    """Leave a span in one piece."""
    yield period


def fetch_archive(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch reanalysis for one place."""
    return read_archive(ask_archive(session, part, chunk), spots=(_spot(session, part),))


def ask_archive(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask the archive."""
    return _ask(session, part, "archive", _dated(chunk, ARCHIVE))


def fetch_forecast(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch the newest forecast for one place, seven days."""
    return read_forecast(ask_forecast(session, part, chunk), spots=(_spot(session, part),))


def ask_forecast(session: Session, part: Part, _chunk: Period) -> tuple[Answer, ...]:
    """Ask for the newest forecast."""
    return _ask(session, part, "forecast", {"hourly": ",".join(FORECAST), "forecast_days": "7"})


def fetch_previous(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch what earlier runs said of the days in `chunk`, for one place."""
    return read_previous(ask_previous(session, part, chunk), spots=(_spot(session, part),))


def ask_previous(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for the forecasts of one to seven days before."""
    days = session.options.previous_days
    names = [f"{name}_previous_day{n}" for name in PREVIOUS for n in days]
    return _ask(session, part, "previous", _dated(chunk, names))


def judge(answer: Answer) -> Verdict:
    """Judge an answer: ``{"error": true, "reason": ...}`` with 400 or 429; a used-up hour or day is a quota."""
    if answer.status == 200:
        return by_status(answer)
    try:
        document = json_of(answer)
    except TamnaError:
        document = None
    reason = str(document.get("reason", ""))[:200] if isinstance(document, dict) else ""
    used_up = re.search(r"\b(daily|hourly|monthly)\b", reason, re.IGNORECASE)
    if answer.status == 429 and used_up is not None:
        today = used_up[1].lower() != "hourly"
        error = QuotaReached(
            _("the provider allows no more calls for now"),
            where=place(answer),
            seen=reason,
            todo=_("Run the same command tomorrow: it goes on where it stopped.")
            if today
            else _("Wait an hour, then run the same command: it goes on where it stopped."),
        )
        return Verdict(error=error, for_today=today)
    verdict = by_status(answer, reason)
    return Verdict(error=verdict.error, again=verdict.again, pause_s=60.0 if answer.status == 429 else None)


def read_archive(answers: Sequence[Answer], *, spots: Sequence[Spot]) -> Reading:
    """Read reanalysis; the empty hours at its end (not computed yet) are left out.

    Raises
    ------
    TamnaError
        The answer is an error, is not the documented JSON, has fewer places than asked for, or a variable
        without a unit we know.
    """
    return _read(answers, spots, source="open_meteo", prefix="open_meteo", reader="read_archive")


def read_forecast(answers: Sequence[Answer], *, spots: Sequence[Spot]) -> Reading:
    """Read the newest forecast. It names no issue time: it is dated by its retrieval, and hours before are left out."""
    return _read(answers, spots, source="open_meteo_forecast", prefix="forecast", reader="read_forecast")


def read_previous(answers: Sequence[Answer], *, spots: Sequence[Spot]) -> Reading:
    """Read previous runs: ``X_previous_day2`` at t was issued at t - 48 h and known some seven hours later."""
    return _read(answers, spots, source="open_meteo_previous", prefix="forecast", reader="read_previous")


def _read(
    answers: Sequence[Answer], spots: Sequence[Spot], *, source: str, prefix: str, reader: str
) -> Reading:
    columns: list[Column] = []
    mistakes: list[Mistake] = []
    ignored: dict[str, str] = {}
    for answer in answers:
        documents = _documents(answer)
        if len(documents) != len(spots):
            raise SourceError(
                _("{n} places in the answer in place of {expected}", n=len(documents), expected=len(spots)),
                where=place(answer),
            )
        for spot, document in zip(spots, documents, strict=True):
            stamps, hourly, units = _table(answer, document)
            for name, cells in hourly.items():
                bare = _PREVIOUS_DAY.fullmatch(name)
                variable = bare[1] if bare and source == "open_meteo_previous" else name
                if variable not in VARIABLES or (source == "open_meteo_previous" and not bare):
                    if len(ignored) < 50:
                        ignored[name[:60]] = "not asked for"
                    continue
                column, wrong = _column(
                    answer,
                    stamps,
                    cells,
                    variable=variable,
                    unit=units.get(name),
                    lead_days=int(bare[2]) if bare else None,
                    spec=(f"{prefix}/{spot.name}/", source),
                )
                columns.append(column)
                mistakes += wrong
    return reading(
        answers,
        _joined(columns),
        reader=reader,
        source=source,
        mistakes=mistakes,
        notes=("Open-Meteo.com, CC BY 4.0; the free service is for non-commercial use",),
        ignored=ignored,
    )


def _column(
    answer: Answer,
    stamps: list[np.datetime64],
    cells: list[Any],
    *,
    variable: str,
    unit: object,
    lead_days: int | None,
    spec: tuple[str, str],
) -> tuple[Column, list[Mistake]]:
    quantity, ours, kind, before = VARIABLES[variable]
    column = Column(spec[0] + quantity, spec[1], ours, kind, 3600)
    known = UNITS.get(unit) if isinstance(unit, str) else None
    where = Place(path=answer.address, column=variable)
    if known is None or known[0] != ours:
        what = _("no unit that we know: wind may be in km/h or m/s")
        return column, [Mistake(what=what, where=where, seen=str(unit)[:40])]
    if len(cells) != len(stamps):
        what = _("the column is not as long as the time axis")
        return column, [Mistake(what=what, where=where, seen=f"{len(cells)} / {len(stamps)}")]
    values = [number(_text(cell)) for cell in cells]
    last = max((i for i, (value, _f) in enumerate(values) if not np.isnan(value)), default=-1)
    for label, (value, flag) in list(zip(stamps, values, strict=True))[: last + 1]:
        valid = label - HOUR if before else label
        issued = None
        if lead_days is not None:
            issued = label - lead_days * DAY
        elif spec[1] == "open_meteo_forecast":
            issued = answer.retrieved
            if label < issued:
                continue
        column.add(valid, value * known[1] + known[2], flag, issued)
    return column, []


def _joined(columns: list[Column]) -> list[Column]:
    """Put the leads of one quantity into one column."""
    found: dict[str, Column] = {}
    for column in columns:
        if column.series not in found:
            found[column.series] = column
            continue
        into = found[column.series]
        into.valid += column.valid
        into.value += column.value
        into.flag += column.flag
        into.issued += column.issued
    return list(found.values())


def _table(
    answer: Answer, document: dict[str, Any]
) -> tuple[list[np.datetime64], dict[str, list[Any]], dict[str, Any]]:
    hourly, units = document.get("hourly"), document.get("hourly_units")
    if not isinstance(hourly, dict) or not isinstance(hourly.get("time"), list):
        raise SourceError(_("the answer has no hourly table"), where=place(answer), seen=str(document)[:80])
    offset, flag = number(_text(document.get("utc_offset_seconds", "0")))
    if flag or abs(offset) > 86400 or offset != int(offset):
        raise SourceError(_("the answer's offset from UTC cannot be read"), where=place(answer))
    stamps = [_stamp(_text(cell), int(offset)) for cell in hourly["time"]]
    if None in stamps:
        bad = stamps.index(None)
        raise SourceError(
            _("a row without a readable time"),
            where=Place(path=answer.address, row=bad + 1, column="time"),
            seen=_text(hourly["time"][bad])[:40],
        )
    columns = {str(k): v for k, v in hourly.items() if k != "time" and isinstance(v, list)}
    return [s for s in stamps if s is not None], columns, units if isinstance(units, dict) else {}


def _stamp(text: str, offset_s: int) -> np.datetime64 | None:
    """Read Unix seconds (always UTC) or ISO text in the answer's own offset."""
    if re.fullmatch(r"-?\d{1,10}", text) and text.isascii() and not re.fullmatch(r"(19|20)\d{6}", text):
        return np.datetime64(int(text), "s")
    local = stamp(text, timezone="UTC")
    return None if local is None else local - np.timedelta64(offset_s, "s")


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else "" if cell is None else "?"


def _documents(answer: Answer) -> list[dict[str, Any]]:
    """Give one document a place: an object for one, an array for many."""
    document = json_of(answer)
    found = document if isinstance(document, list) else [document]
    if not found or not all(isinstance(one, dict) for one in found):
        raise SourceError(_("the answer has no hourly table"), where=place(answer), seen=str(document)[:80])
    for each in found:
        if each.get("error"):
            reason = str(each.get("reason", ""))[:200]
            raise FetchError(_("the provider refuses the request"), where=place(answer), seen=reason)
    return found


def _ask(session: Session, part: Part, service: str, more: Mapping[str, str]) -> tuple[Answer, ...]:
    spot = _spot(session, part)
    key = optional_secret("TAMNA_OPEN_METEO_KEY")
    host, path = _HOSTS[service]
    base = setting("TAMNA_OPEN_METEO_URL") or f"https://{'customer-' if key else ''}{host}"
    request = Request(
        base=base,
        path=path,
        parameters={
            "latitude": f"{spot.latitude:g}",
            "longitude": f"{spot.longitude:g}",
            "wind_speed_unit": "ms",
            "timeformat": "unixtime",
            "timezone": "GMT",
            **more,
        },
        key_name="apikey",
        key=key,
    )
    return (session.get(request, judge),)


def _dated(chunk: Period, names: Sequence[str]) -> dict[str, str]:
    """Ask from the day of the chunk's start to the day of the stamp that closes its last hour."""
    return {
        "hourly": ",".join(names),
        "start_date": str(chunk.start.astype("datetime64[D]")),
        "end_date": str((chunk.end - np.timedelta64(1, "s")).astype("datetime64[D]")),
    }


def _spot(session: Session, part: Part) -> Spot:
    return next(s for s in session.options.spots if s.name == part.name)
