"""KPX tables with one row a day and one column an hour (1시..24시): demand, supply, generation by fuel.

The tables of demand, reserves and fuels look alike inside; only the name of the file or of its folder
tells them apart. Where neither does, the file is refused with the way out: a mapping file.

Some are in kWh (demand up to 2023-09-30). No system of Jeju has 10 GW, so a row beyond 10,000 is kWh.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.lang import _
from tamna.sources.block import Finding, Kind
from tamna.sources.building import make_block, make_reading
from tamna.sources.files import refuse
from tamna.sources.hourly import day_column, flatten, hour_columns, is_wide, read_wide
from tamna.sources.log import Log
from tamna.sources.sheet import read_sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.sources.block import Reading
    from tamna.sources.files import File
    from tamna.sources.sheet import Sheet

NAME, VERSION = "kpx_wide", 1
JEJU_NEVER = 10_000.0  # MW or MWh in an hour; the island's record demand is 1,180 MW


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One publication in the wide layout: the words of its name, and what its numbers are."""

    words: tuple[str, ...]
    series: str
    source: str
    unit: str
    kind: Kind
    never_zero: bool = False


# the first whose words all stand in the file's name wins, then in the folder's
TABLES: tuple[Table, ...] = (
    Table(
        words=("전력수요",),
        series="jeju/demand",
        source="kpx_demand",
        unit="MWh",
        kind=Kind.SUM,
        never_zero=True,
    ),
    Table(
        words=("계통수요",),
        series="jeju/demand",
        source="kpx_system",
        unit="MW",
        kind=Kind.MEAN,
        never_zero=True,
    ),
    Table(
        words=("예측수요",),
        series="jeju/demand_forecast",
        source="kpx_forecast",
        unit="MW",
        kind=Kind.MEAN,
        never_zero=True,
    ),
    Table(
        words=("공급능력",),
        series="jeju/supply_capacity",
        source="kpx_supply",
        unit="MW",
        kind=Kind.MEAN,
        never_zero=True,
    ),
    Table(
        words=("공급예비력",), series="jeju/supply_reserve", source="kpx_supply", unit="MW", kind=Kind.MEAN
    ),
    Table(
        words=("운영예비력",), series="jeju/operating_reserve", source="kpx_supply", unit="MW", kind=Kind.MEAN
    ),
    Table(words=("lng", "발전"), series="jeju/lng", source="kpx_fuel", unit="MWh", kind=Kind.SUM),
    Table(words=("바이오", "발전"), series="jeju/bio", source="kpx_fuel", unit="MWh", kind=Kind.SUM),
    Table(words=("태양광", "발전"), series="jeju/pv", source="kpx_fuel", unit="MWh", kind=Kind.SUM),
    Table(words=("풍력", "발전"), series="jeju/wind", source="kpx_fuel", unit="MWh", kind=Kind.SUM),
)


def sniff(file: File) -> bool:
    """A text table whose header names the hours of a day and has no other text columns."""
    header = file.header(is_wide) if file.format == "csv" else None
    return header is not None and not {"총제어량", "연도별시행회차"} & {
        cell.replace(" ", "") for cell in file.rows[header]
    }


def read(file: File) -> Reading:
    """Read one wide KPX table.

    Raises
    ------
    SourceError
        The name does not tell what it is; an hour is missing or too many; a cell is no number; a row
        mixes kWh and MWh.
    """
    log = Log(file.name)
    table = _which(file)
    sheet = read_sheet(file, file.header(is_wide) or 0, log)
    day, hours = day_column(sheet, log), hour_columns(sheet, log)
    for i, name in enumerate(sheet.header):
        if i not in (day, *hours):
            log.ignored[name or f"column {i + 1}"] = "not an hour of the day"
    midnights, values = read_wide(sheet, day, hours, log)
    log.check()
    values = _in_mega(log, table, sheet, midnights, values)
    log.check()
    log.note("columns name the end of the hour")
    valid_at, value = flatten(midnights, values)
    block = make_block(
        log,
        series=table.series,
        source=table.source,
        unit=table.unit,
        kind=table.kind,
        resolution_s=3600,
        valid_at=valid_at,
        value=value,
    )
    return make_reading(
        log, file, reader=NAME, version=VERSION, source=table.source, blocks=[block], rows=len(sheet)
    )


def _which(file: File) -> Table:
    names = (file.hint.rsplit("/", 1)[-1], file.title.lower(), file.hint)
    for name in names:
        found = [t for t in TABLES if all(word in name.replace(" ", "") for word in t.words)]
        if found:
            return found[0]
    raise refuse(
        file.name,
        _("a table of 24 hours a day, and neither its name nor its folder tells of what"),
        seen=file.name,
        todo=_(
            "Keep the portal's file name (such as 시간별 제주전력수요), or describe the file in a "
            "tamna-mapping.yaml beside it."
        ),
    )


def _in_mega(
    log: Log, table: Table, sheet: Sheet, midnights: Stamps, values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Turn the rows that are in kWh (or kW) into MWh (or MW), row by row; refuse a row that mixes them."""
    with np.errstate(invalid="ignore"):
        counted = (values > 0) & (values < 1e30)
        big = counted & (values > JEJU_NEVER)
    share = big.sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    if table.never_zero:
        for row in np.flatnonzero((share > 0.1) & (share < 0.9)):
            log.wrong(
                _("one row mixes {unit} and a thousandth of it", unit=table.unit),
                row=sheet.line(int(row)),
                seen=f"{values[row][counted[row]].min():g} .. {values[row][counted[row]].max():g}",
                todo=_("Download it again, or split the file where the unit changes."),
            )
        kilo = share >= 0.9
    else:  # nights and standstills are zero in both units: the file as a whole decides
        peaks = np.where(counted, values, 0).max(axis=1)
        kilo = np.full(len(values), bool(np.median(peaks) > JEJU_NEVER))
    small = "kWh" if table.unit == "MWh" else "kW"
    _note_unit(log, table, small, midnights, kilo)
    return np.where(kilo[:, None], values / 1000.0, values)


def _note_unit(log: Log, table: Table, small: str, midnights: Stamps, kilo: NDArray[np.bool_]) -> None:
    if not kilo.any():
        log.note(f"unit {table.unit}")
        return
    order = np.argsort(midnights, kind="stable")
    day, is_kilo = midnights[order], kilo[order]
    log.note(f"{int(kilo.sum())} rows in {small}, converted to {table.unit}")
    for at in np.flatnonzero(is_kilo[1:] != is_kilo[:-1]):
        before, after = str(day[at])[:10], str(day[at + 1])[:10]
        units = (small, table.unit) if is_kilo[at] else (table.unit, small)
        log.note(f"{units[0]} up to {before}, {units[1]} from {after}")
        moment, _value = flatten(day[at + 1 : at + 2], np.zeros((1, 24)))
        log.findings.append(
            Finding(
                kind="unit_jump",
                series=table.series,
                source=table.source,
                start=moment[0],
                end=moment[0] + np.timedelta64(3600, "s"),
                size=1000.0,
                unit="ratio",
                text=_(
                    "{small} up to {before}, {large} from {after}",
                    small=units[0],
                    before=before,
                    large=units[1],
                    after=after,
                ),
                consequence=_("Handled: all values are in {unit}.", unit=table.unit),
            )
        )
