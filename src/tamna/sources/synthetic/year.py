"""Hand the made year over as a reading, like a file that was read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import KOREA, to_utc
from tamna.lang import _
from tamna.sources.block import Block, Flag, Kind, Reading, Receipt
from tamna.sources.synthetic.noise import Calendar, Dice
from tamna.sources.synthetic.system import make_system
from tamna.sources.synthetic.weather import make_weather

if TYPE_CHECKING:
    from tamna.sources.synthetic.noise import Hourly

_VERSION = 1
_NOTE = "synthetic: made by tamna's seeded generator, not measured; its statistics follow Jeju 2022 to 2024"


def typical_year(*, seed: int = 0, year: int = 2023, years: int = 1) -> Reading:
    """Make a typical Jeju year, or several in a row, on the calendar of `year`.

    The same arguments give the same bytes. The weather has no trend; PV grows by 58 MW a year. In
    every hour demand equals generation plus imports minus exports, exactly.

    Parameters
    ----------
    seed
        >= 0; another seed is another year's weather.
    year
        First calendar year, on the island's clock.
    years
        How many, 1 to 50.

    Returns
    -------
    Reading
        Hourly ``jeju/demand``, ``wind`` (after curtailment), ``pv``, ``bio``, ``waste``, ``lng``,
        ``import``, ``export``, ``wind_curtailment``, ``pv_curtailment`` [MWh], ``jeju/smp``, ``mainland/smp`` [KRW/kWh]
        and ``synthetic/jeju/temperature``, ``wind_speed``, ``radiation``.

    Raises
    ------
    UsageError
        An argument is out of range.
    """
    if seed < 0 or not 1 <= years <= 50 or not 1980 <= year <= 2080:
        raise UsageError(
            _("a typical year needs a seed of 0 or more, a year from 1980 to 2080, and 1 to 50 years"),
            seen=f"seed={seed}, year={year}, years={years}",
        )
    ends = np.array([f"{year}-01-01", f"{year + years}-01-01"], dtype="datetime64[s]")
    start, end = to_utc(ends, KOREA)
    stamps = np.arange(start, end, np.timedelta64(3600, "s")).astype("datetime64[s]")
    calendar = Calendar.of(stamps)
    dice = Dice(seed, year, len(stamps))
    weather = make_weather(calendar, dice)
    system = make_system(calendar, weather, dice)

    def block(series: str, unit: str, kind: Kind, value: Hourly) -> Block:
        return Block(
            series=series,
            source="synthetic",
            unit=unit,
            kind=kind,
            resolution_s=3600,
            valid_at=stamps,
            value=value,
            flag=np.full(len(stamps), Flag.MEASURED, dtype=np.uint16),
        )

    energies = {
        "demand": system.demand,
        "wind": system.wind,
        "pv": system.pv,
        "bio": system.bio,
        "waste": system.waste,
        "lng": system.lng,
        "import": system.imported,
        "export": system.exported,
        "wind_curtailment": system.wind_curtailed,
        "pv_curtailment": system.pv_curtailed,
    }
    radiation = np.round(weather.radiation_w_per_m2(calendar))
    blocks = (
        *(block(f"jeju/{name}", "MWh", Kind.SUM, value) for name, value in energies.items()),
        block("jeju/smp", "KRW/kWh", Kind.MEAN, system.smp),
        block("mainland/smp", "KRW/kWh", Kind.MEAN, system.mainland_smp),
        block("synthetic/jeju/temperature", "degC", Kind.MEAN, np.round(weather.temperature_degc, 1)),
        block("synthetic/jeju/wind_speed", "m/s", Kind.MEAN, np.round(weather.wind_speed_m_per_s, 1)),
        block("synthetic/jeju/radiation", "W/m2", Kind.MEAN, radiation),
    )
    return Reading(receipt=_receipt(blocks, seed, year, years), blocks=blocks)


def _receipt(blocks: tuple[Block, ...], seed: int, year: int, years: int) -> Receipt:
    """Hash the numbers themselves (little-endian doubles), since there is no file."""
    digest, size = hashlib.sha256(), 0
    for block in blocks:
        data = block.value.astype("<f8").tobytes()
        digest.update(block.series.encode() + b"\0" + data)
        size += len(data)
    stamps = blocks[0].valid_at
    return Receipt(
        name=f"typical-year-{year}-x{years}-seed{seed}",
        sha256=digest.hexdigest(),
        size_bytes=size,
        reader="synthetic",
        reader_version=_VERSION,
        source="synthetic",
        data_start=f"{stamps[0]}Z",
        data_end=f"{stamps[-1] + np.timedelta64(3600, 's')}Z",
        rows=len(stamps),
        notes=(_NOTE, f"seed {seed}, year {year}, years {years}, generator version {_VERSION}"),
    )
