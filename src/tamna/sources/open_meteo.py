"""Open-Meteo's archive as CSV, with its metadata lines or without them.

Temperature, humidity and wind are instants at the stamp; radiation and rain belong to the hour before it.
Wind comes in km/h and becomes m/s. Without metadata the place and the clock are not stated: radiation
then tells, because at Jeju its centre lies near 12:30 of Korean time; anything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import HOUR, KOREA, to_utc_in_order
from tamna.lang import _
from tamna.sources.block import Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import moments, numbers
from tamna.sources.files import refuse
from tamna.sources.issued import check_unit
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze, unit_of
from tamna.sources.units import KNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Reading
    from tamna.sources.files import File

NAME, VERSION, SOURCE = "open_meteo", 1, "open_meteo"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column: our name and unit, the unit it has when none is stated, and its kind."""

    name: str
    unit: str
    usual: str
    kind: Kind = Kind.INSTANT


QUANTITIES: dict[str, Quantity] = {
    "temperature2m": Quantity("temperature", "degC", "°c"),
    "dewpoint2m": Quantity("dew_point", "degC", "°c"),
    "relativehumidity2m": Quantity("humidity", "%", "%"),
    "windspeed10m": Quantity("wind_speed", "m/s", "km/h"),
    "windspeed100m": Quantity("wind_speed_100m", "m/s", "km/h"),
    "windgusts10m": Quantity("wind_gust", "m/s", "km/h"),
    "winddirection10m": Quantity("wind_direction", "deg", "°"),
    "winddirection100m": Quantity("wind_direction_100m", "deg", "°"),
    "shortwaveradiation": Quantity("radiation", "W/m2", "w/m²", Kind.MEAN),
    "directradiation": Quantity("direct_radiation", "W/m2", "w/m²", Kind.MEAN),
    "diffuseradiation": Quantity("diffuse_radiation", "W/m2", "w/m²", Kind.MEAN),
    "directnormalirradiance": Quantity("direct_normal_irradiance", "W/m2", "w/m²", Kind.MEAN),
    "cloudcover": Quantity("cloud_cover", "%", "%"),
    "surfacepressure": Quantity("pressure", "hPa", "hpa"),
    "pressuremsl": Quantity("sea_level_pressure", "hPa", "hpa"),
    "precipitation": Quantity("precipitation", "mm", "mm", Kind.SUM),
    "rain": Quantity("rain", "mm", "mm", Kind.SUM),
}
_TIMES = ("time", "timestamp", "datetime")
_JEJU = ((33.0, 34.1), (126.0, 127.1))  # latitude, longitude [deg]


def is_header(row: Sequence[str]) -> bool:
    """A time and at least one of Open-Meteo's hourly names."""
    names = {squeeze(cell) for cell in row}
    return bool(names & set(_TIMES)) and bool(names & set(QUANTITIES))


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def read(file: File) -> Reading:
    """Read the archive into ``open_meteo/<place>/<quantity>``.

    Raises
    ------
    SourceError
        A number or time that cannot be read, an unknown unit, a place or clock that nothing tells.
    """
    log = Log(file.name)
    at = file.header(is_header) or 0
    meta = _metadata(file, at)
    sheet = read_sheet(file, at, log)
    time = next(i for i, name in enumerate(sheet.header) if squeeze(name) in _TIMES)
    local = moments(sheet, time, log)
    place, zone = _place(file, meta), meta.get("timezone", KOREA)
    try:
        stamps = to_utc_in_order(local, "UTC" if zone in ("GMT", "UTC") else zone)
    except UsageError as error:
        raise refuse(
            file.name,
            _("the metadata name an unknown time zone"),
            seen=zone,
            todo=_("Ask Open-Meteo for timezone=auto."),
        ) from error
    blocks = []
    for i, name in enumerate(sheet.header):
        quantity = QUANTITIES.get(squeeze(name))
        if i == time:
            continue
        if quantity is None:
            log.ignored[name] = "unknown quantity"
            continue
        value = numbers(sheet, i, log)
        if quantity.name == "radiation" and not meta:
            _check_clock(file, log, local, value)
        factor, offset = _unit(log, name, quantity)
        check_unit(log, quantity.name, quantity.unit, value * factor + offset, column=name)
        starts = stamps if quantity.kind is Kind.INSTANT else stamps - HOUR
        blocks.append(
            make_block(
                log,
                series=f"open_meteo/{place}/{quantity.name}",
                source=SOURCE,
                unit=quantity.unit,
                kind=quantity.kind,
                resolution_s=3600,
                valid_at=starts,
                value=value * factor + offset,
                column=name,
            )
        )
    if not meta and not any(block.series.endswith("/radiation") for block in blocks):
        log.wrong(
            _("neither metadata nor radiation tell which place and clock this is"),
            todo=_("Keep Open-Meteo's first lines, or describe the file in a tamna-mapping.yaml."),
        )
    log.note(f"place {place}, clock {zone}" + ("" if meta else " (by radiation; no metadata in the file)"))
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=SOURCE, blocks=blocks, rows=len(sheet)
    )


def _metadata(file: File, header: int) -> dict[str, str]:
    """Give latitude, longitude, timezone... of the lines above the header; empty where there are none."""
    for name, values in zip(file.rows[:header], file.rows[1:header], strict=False):
        if "latitude" in name:
            return dict(zip(name, values, strict=False))
    return {}


def _place(file: File, meta: dict[str, str]) -> str:
    if not meta:
        return "jeju"
    try:
        latitude, longitude = float(meta["latitude"]), float(meta["longitude"])
    except (KeyError, ValueError) as error:
        raise refuse(
            file.name,
            _("the metadata have no latitude and longitude"),
            seen=", ".join(meta.values())[:60],
            todo=_("Download it again."),
        ) from error
    inside = all(low <= x <= high for x, (low, high) in zip((latitude, longitude), _JEJU, strict=True))
    return "jeju" if inside else f"{latitude:.2f}_{longitude:.2f}"


def _check_clock(file: File, log: Log, local: Stamps, radiation: NDArray[np.float64]) -> None:
    """Refuse a file without metadata whose sun does not stand where Jeju's does at Korean time."""
    log.check()
    known = ~np.isnan(radiation) & (radiation > 0)
    if known.sum() < 24:
        return
    hour = (local - local.astype("datetime64[D]")).astype(np.float64) / 3600.0
    centre = float(np.average(hour[known], weights=radiation[known]))
    if not 12.3 <= centre <= 13.9:  # label is the hour's end, so about 13.05 at 126.5 E
        raise refuse(
            file.name,
            _("no metadata, and its sun does not stand where Jeju's does by Korean time"),
            seen=_("centre of radiation at {hour} o'clock", hour=f"{centre:.1f}"),
            todo=_("Keep Open-Meteo's first lines, or describe the file in a tamna-mapping.yaml."),
        )


def _unit(log: Log, name: str, quantity: Quantity) -> tuple[float, float]:
    stated = unit_of(name).replace(" ", "")
    if not stated:
        log.note(f"{name}: no unit stated, taken as {quantity.usual}")
    found = KNOWN[quantity.unit].get(stated or quantity.usual)
    if found is None:
        log.wrong(
            _("a unit that is not one of {units}", units=", ".join(KNOWN[quantity.unit])),
            column=name,
            seen=stated,
            todo=_("Correct the unit in the header."),
        )
        return 1.0, 0.0
    return found
