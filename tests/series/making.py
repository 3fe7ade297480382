"""Small readings to store, for the tests of this room."""

from __future__ import annotations

import hashlib

import numpy as np

from tamna.grid.clock import Period
from tamna.sources.block import Block, Flag, Kind, Reading, Receipt

NAN = float("nan")
DAY0 = np.datetime64("2023-01-01", "s")


def at(hours: float, start: np.datetime64 = DAY0) -> np.datetime64:
    return start + np.timedelta64(round(hours * 3600), "s")


def stamps(hours) -> np.ndarray:
    return DAY0 + np.round(np.asarray(list(hours)) * 3600).astype("timedelta64[s]")


def period(hours_from: float, hours_to: float) -> Period:
    return Period(at(hours_from), at(hours_to))


def block(
    hours,
    values,
    *,
    series="jeju/demand",
    source="kpx_demand",
    unit="MWh",
    kind=Kind.SUM,
    step=3600,
    flags=None,
    issued=None,
):
    values = np.asarray(values, dtype=np.float64)
    return Block(
        series=series,
        source=source,
        unit=unit,
        kind=kind,
        resolution_s=step,
        valid_at=stamps(hours),
        value=values,
        flag=np.zeros(len(values), np.uint16) if flags is None else np.asarray(flags, np.uint16),
        issued_at=None if issued is None else stamps(issued),
    )


def reading(*blocks, name="a.csv", data_end=None, version=1, findings=(), content=None):
    end = (
        max((b.valid_at.max() for b in blocks if len(b)), default=DAY0) if data_end is None else at(data_end)
    )
    text = content or repr([(b.series, b.source, b.valid_at.tolist(), b.value.tolist()) for b in blocks])
    return Reading(
        receipt=Receipt(
            name=name,
            sha256=hashlib.sha256(f"{name}{end}{text}".encode()).hexdigest(),
            size_bytes=len(text),
            reader="test",
            reader_version=version,
            source=blocks[0].source if blocks else "mapped",
            data_start=f"{DAY0}Z",
            data_end=f"{end}Z",
            rows=sum(map(len, blocks)),
        ),
        blocks=blocks,
        findings=findings,
    )


def demand(hours, values, *, name="a.csv", data_end=None, **more):
    return reading(block(hours, values, **more), name=name, data_end=data_end)


def year(number: int, series: int = 4, rows: int = 3000):
    """A larger reading, different for each number."""
    rng = np.random.default_rng(number)
    hours = np.arange(rows) + number * rows
    return reading(
        *(
            block(hours, rng.random(rows), series=f"asos/{number}/{i}", source="kma_asos", unit="degC")
            for i in range(series)
        ),
        name=f"{number}.csv",
        content=str(number),
    )


def flags(*bits: Flag) -> np.ndarray:
    return np.array(bits, dtype=np.uint16)
