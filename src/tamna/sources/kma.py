"""KMA ASOS hourly observations: CP949, 38 columns, several stations in one file.

Most columns are instants at the stamp; rain, sunshine and radiation are sums over the hour before it.
The provider's quality flags (0 sound, 1 error, 9 missing) become ours. KMA leaves radiation and sunshine
blank while the sun is down and writes 9 beside it: that is zero, and flagged implied; a blank while the
sun is up is missing. A blank of rain without a flag means no rain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tamna.grid.clock import HOUR, KOREA, to_utc
from tamna.lang import _
from tamna.sources.block import Flag, Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.cells import moments, numbers
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet, squeeze, unit_of
from tamna.sources.sun import highest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Block, Reading
    from tamna.sources.files import File
    from tamna.sources.sheet import Sheet

NAME, VERSION, SOURCE = "kma", 1, "kma_asos"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column: our name, unit as stated (checked), factor, ours, and whether it sums the hour before."""

    name: str
    stated: str
    factor: float
    unit: str
    kind: Kind = Kind.INSTANT


_MJ = 1e6 / 3600  # MJ/m2 in an hour to W/m2
QUANTITIES: dict[str, Quantity] = {
    "기온": Quantity("temperature", "°c", 1, "degC"),
    "강수량": Quantity("precipitation", "mm", 1, "mm", Kind.SUM),
    "풍속": Quantity("wind_speed", "m/s", 1, "m/s"),
    "풍향": Quantity("wind_direction", "16방위", 1, "deg"),
    "습도": Quantity("humidity", "%", 1, "%"),
    "증기압": Quantity("vapour_pressure", "hpa", 1, "hPa"),
    "이슬점온도": Quantity("dew_point", "°c", 1, "degC"),
    "현지기압": Quantity("pressure", "hpa", 1, "hPa"),
    "해면기압": Quantity("sea_level_pressure", "hpa", 1, "hPa"),
    "일조": Quantity("sunshine", "hr", 1, "h", Kind.SUM),
    "일사": Quantity("radiation", "mj/m2", _MJ, "W/m2", Kind.MEAN),
    "적설": Quantity("snow_depth", "cm", 1, "cm"),
    "3시간신적설": Quantity("fresh_snow_3h", "cm", 1, "cm"),
    "전운량": Quantity("cloud_cover", "10분위", 10, "%"),
    "중하층운량": Quantity("low_cloud_cover", "10분위", 10, "%"),
    "최저운고": Quantity("cloud_base", "100m", 100, "m"),
    "시정": Quantity("visibility", "10m", 10, "m"),
    "지면온도": Quantity("ground_temperature", "°c", 1, "degC"),
    "5cm지중온도": Quantity("soil_temperature_5cm", "°c", 1, "degC"),
    "10cm지중온도": Quantity("soil_temperature_10cm", "°c", 1, "degC"),
    "20cm지중온도": Quantity("soil_temperature_20cm", "°c", 1, "degC"),
    "30cm지중온도": Quantity("soil_temperature_30cm", "°c", 1, "degC"),
}
_REASONS = {
    "지점명": "name of the station",
    "운형": "text (cloud types)",
    "지면상태": "a code, not a quantity",
    "현상번호": "a code, not a quantity",
}
# latitude and longitude [deg], KMA station list; elsewhere blanks of radiation stay missing
STATIONS = {184: (33.514, 126.530), 185: (33.294, 126.163), 188: (33.387, 126.880), 189: (33.246, 126.565)}


def is_header(row: Sequence[str]) -> bool:
    """Station, time and temperature or wind."""
    names = {squeeze(cell) for cell in row}
    return {"지점", "일시"} <= names and bool(names & set(QUANTITIES))


def sniff(file: File) -> bool:
    """Recognise the header."""
    return file.format == "csv" and file.header(is_header) is not None


def read(file: File) -> Reading:
    """Read ASOS observations into ``asos/<station>/<quantity>``.

    Raises
    ------
    SourceError
        A station, time or number that cannot be read, a unit other than KMA's.
    """
    log = Log(file.name)
    sheet = read_sheet(file, file.header(is_header) or 0, log)
    station, time = sheet.find("지점") or 0, sheet.find("일시") or 0
    stamps = to_utc(moments(sheet, time, log), KOREA)
    ids = numbers(sheet, station, log)
    for row in np.flatnonzero(~(np.isfinite(ids) & (ids == np.round(ids))))[:20]:
        log.wrong(
            _("not a station number"),
            row=sheet.line(int(row)),
            column=sheet.header[station],
            seen=sheet.seen(int(row), station),
            todo=_("Such as 184 for Jeju."),
        )
    log.check()
    codes, stations = pd.factorize(ids.astype(np.int64))
    rows_of = [np.flatnonzero(codes == code) for code in range(len(stations))]
    blocks: list[Block] = []
    for i, name in enumerate(sheet.header):
        key = squeeze(name)
        if i in (station, time) or key.endswith("qc플래그"):
            continue
        quantity = QUANTITIES.get(key)
        if quantity is None:
            log.ignored[name] = _REASONS.get(key, "unknown column")
            continue
        _check_unit(log, name, quantity)
        values = numbers(sheet, i, log) * quantity.factor
        qc = _flags(sheet, key, log)
        for place, rows in zip(stations, rows_of, strict=True):
            if quantity.name != "precipitation" and np.isnan(values[rows]).all():
                log.ignored[f"{name} ({place})"] = "blank in every row"
                continue
            blocks += _block(log, int(place), quantity, stamps=stamps[rows], values=values[rows], qc=qc[rows])
    log.note("instants at the stamp; rain, sunshine and radiation over the hour before it")
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=SOURCE, blocks=blocks, rows=len(sheet)
    )


def _check_unit(log: Log, name: str, quantity: Quantity) -> None:
    stated = unit_of(name).replace(" ", "").replace("℃", "°c")
    if stated and stated != quantity.stated:
        log.wrong(
            _("a unit other than KMA's {unit}", unit=quantity.stated),
            column=name,
            seen=stated,
            todo=_("Correct the header or describe the file in a tamna-mapping.yaml."),
        )


def _flags(sheet: Sheet, key: str, log: Log) -> NDArray[np.float64]:
    """Give the provider's flag of every row, NaN where there is none."""
    column = sheet.find(f"{key} QC플래그")
    return np.full(len(sheet), np.nan) if column is None else numbers(sheet, column, log)


def _block(
    log: Log,
    station: int,
    quantity: Quantity,
    *,
    stamps: Stamps,
    values: NDArray[np.float64],
    qc: NDArray[np.float64],
) -> Iterator[Block]:
    flag = np.zeros(len(values), dtype=np.uint16)
    before = quantity.kind is not Kind.INSTANT
    starts = stamps - HOUR if before else stamps
    blank = np.isnan(values)
    if quantity.name in ("radiation", "sunshine"):
        zero = blank & _dark(station, starts) & _in_service(~blank)
    elif quantity.name == "precipitation":
        zero = blank & np.isnan(qc)
    else:
        zero = np.zeros(len(values), dtype=bool)
    values = np.where(zero, 0.0, values)
    flag[zero] |= np.uint16(Flag.IMPLIED)
    flag[(qc == 9) & blank & ~zero] |= np.uint16(Flag.BY_PROVIDER)
    flag[((qc == 1) | ((qc == 9) & ~blank)) & ~zero] |= np.uint16(Flag.SUSPECT | Flag.BY_PROVIDER)
    yield make_block(
        log, series=f"asos/{station}/{quantity.name}", source=SOURCE, unit=quantity.unit, kind=quantity.kind,
        resolution_s=3600, valid_at=starts, value=values, flag=flag,
    )  # fmt: skip


def _dark(station: int, starts: Stamps) -> NDArray[np.bool_]:
    if station not in STATIONS:
        return np.zeros(len(starts), dtype=bool)
    dark: NDArray[np.bool_] = highest(starts, 3600, *STATIONS[station]) < 0.0
    return dark


def _in_service(measured: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the rows within a day of the first and last measured value: before, there was no sensor."""
    there = np.flatnonzero(measured)
    row = np.arange(len(measured))
    working: NDArray[np.bool_] = (row >= there[0] - 24) & (row <= there[-1] + 24)
    return working
