"""The real hours of Jeju that the wind and curtailment benchmarks share, and their scores."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tamna.errors import TamnaError, UsageError
from tamna.grid.clock import KOREA, parse_period, to_local
from tamna.lang import _
from tamna.physics.fit import fit_wind
from tamna.physics.weather import Place, pv_features, wind_features
from tamna.series.store import Store
from tamna.sources.kma import STATIONS
from tamna.sources.reading import read_paths

FIRST, LAST = "2022-01-01", "2024-05-31"  # on 2024-06-01 most wind leaves the settled series
FOLDERS = ("kpx/demand", "kpx/generation", "kpx/curtailment", "kma", "oibc2024/market_hourly.csv")


@dataclass(frozen=True)
class Jeju:
    stamps: np.ndarray
    local: np.ndarray
    wind_mw: np.ndarray
    pv_mw: np.ndarray
    demand_mw: np.ndarray
    held_mwh: np.ndarray  # published curtailment; NaN in 2022 and 2024
    pv_events: np.ndarray
    real_time_mw: np.ndarray  # wind of KPX operations, all farms; from 2024-03 on
    wind_table: object
    pv_table: object

    @property
    def year(self) -> np.ndarray:
        return self.local.astype("datetime64[Y]").astype(int) + 1970

    @property
    def month(self) -> np.ndarray:
        return self.local.astype("datetime64[M]").astype(int) % 12 + 1

    @property
    def hour(self) -> np.ndarray:
        return (self.local - self.local.astype("datetime64[D]")).astype(int) // 3600

    @property
    def height(self) -> np.ndarray:
        return self.pv_table.rows[:, self.pv_table.names.index("height")]

    @property
    def dark(self) -> np.ndarray:
        return self.pv_table.rows[:, self.pv_table.names.index("clear/power")] <= 0

    @property
    def little_sun(self) -> np.ndarray:
        """Dark, or settled PV under 10 MW: the operator has no noon to fight."""
        return self.dark | (self.pv_mw < 10)

    @property
    def season(self) -> np.ndarray:
        return (self.month % 12) // 3


def data_folder() -> Path:
    return Path(os.environ.get("TAMNA_SHARED_DATA", Path(__file__).parent.parent / ".." / "shared" / "data"))


def load(folder: Path | None = None) -> Jeju:
    folder = folder or data_folder()
    period = parse_period(FIRST, LAST, KOREA)
    if not (folder / "README.md").exists():
        raise UsageError(_("no shared data"), seen=str(folder), todo=_("Set TAMNA_SHARED_DATA."))
    with tempfile.TemporaryDirectory() as scratch:
        store = Store.open(scratch)
        readings = (r for _p, r in read_paths([folder / f for f in FOLDERS]) if not isinstance(r, TamnaError))
        store.ingest(readings)
        n = len(period.stamps())

        def column(name: str, how: str = "read") -> np.ndarray:
            if not store.has(name):
                return np.full(n, np.nan)
            if how == "hours":
                return store.hours(name, period).value
            series = store.read(name, period)
            at = np.searchsorted(period.stamps(), series.valid_at)
            out = np.full(n, np.nan)
            out[at] = series.value
            return out

        places = {
            f"asos/{number}": Place(
                latitude=where[0],
                longitude=where[1],
                speed=column(f"asos/{number}/wind_speed"),
                direction=column(f"asos/{number}/wind_direction"),
                temperature=column(f"asos/{number}/temperature"),
                humidity=column(f"asos/{number}/humidity"),
                pressure=column(f"asos/{number}/sea_level_pressure"),
                cloud=column(f"asos/{number}/cloud_cover") / 100,
                radiation=column(f"asos/{number}/radiation"),
                sunshine=column(f"asos/{number}/sunshine"),
            )
            for number, where in STATIONS.items()
        }
        events = store.read("jeju/pv_curtailment_events", period)
        wind, pv, demand = (column(f"jeju/{s}", "hours") for s in ("wind", "pv", "demand"))
        held = column("jeju/wind_curtailment")
        real_time = store.hours("jeju/wind@kpx_realtime", period).value
    stamps = period.stamps()
    local = to_local(stamps, KOREA)
    day = to_local(events.valid_at[events.value > 0], KOREA).astype("datetime64[D]")
    return Jeju(
        stamps=stamps,
        local=local,
        wind_mw=wind,
        pv_mw=pv,
        demand_mw=demand,
        held_mwh=held,
        real_time_mw=real_time,
        pv_events=np.isin(local.astype("datetime64[D]"), day),
        wind_table=wind_features(places, stamps),
        pv_table=pv_features(places, stamps),
    )


def without_year(jeju: Jeju, year: int):
    """Fit the wind fleet on every other year."""
    seen = np.where(jeju.year == year, np.nan, jeju.wind_mw)
    return fit_wind(jeju.wind_table, jeju.stamps, seen, jeju.dark, demand_mw=jeju.demand_mw, pv_mw=jeju.pv_mw)


def auc(score: np.ndarray, label: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half."""
    _values, rank, count = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    yes = int(label.sum())
    no = len(label) - yes
    return float((middle[rank][label].sum() - yes * (yes + 1) / 2) / (yes * no))


def average_precision(score: np.ndarray, label: np.ndarray) -> float:
    """Mean precision at each hour that was curtailed, in order of score; ties in file order."""
    hit = label[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].mean())


def f1_at_count(score: np.ndarray, label: np.ndarray) -> float:
    """F1 where as many hours are called as were published."""
    called = np.argsort(-score, kind="stable")[: int(label.sum())]
    return float(label[called].mean())


def coverage(inside: np.ndarray, days: np.ndarray, draws: int = 500, seed: int = 0) -> dict[str, float]:
    """Share inside an interval, with its 90 % day-block bootstrap interval."""
    rng = np.random.default_rng(seed)
    _names, code = np.unique(days, return_inverse=True)
    hits, size = np.bincount(code, inside), np.bincount(code)
    pick = rng.integers(0, len(size), (draws, len(size)))
    shares = hits[pick].sum(axis=1) / size[pick].sum(axis=1)
    return {
        "share": round(float(inside.mean()), 4),
        "from": round(float(np.quantile(shares, 0.05)), 4),
        "to": round(float(np.quantile(shares, 0.95)), 4),
    }
