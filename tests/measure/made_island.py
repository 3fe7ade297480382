"""Two made-up years of Jeju with four masts in a store: curtailment planted in them, published of one."""

from __future__ import annotations

import numpy as np

from physics.making import CAPACITY_MW, persistent
from tamna.grid import load_island
from tamna.physics import wind
from tamna.physics.sun import sky_under, sun_over
from tamna.series import Store
from tamna.sources.block import Block, Kind, Reading, Receipt

START = np.datetime64("2021-12-31T15:00:00", "s")
FLOOR_MW = 240.0
YEAR_H = 8760


def made(seed=5, hours=2 * YEAR_H):
    """Give stamps, and arrays by name: wind, free, held, pv, demand, and winds at four masts."""
    rng = np.random.default_rng(seed)
    stamps = START + np.arange(hours) * np.timedelta64(3600, "s")
    synoptic = 7 * np.exp(0.45 * persistent(rng, hours, 18))
    sun = sun_over(stamps, 33.4, 126.5)
    pv = 350 * sky_under(sun, sun.clear_ghi * rng.uniform(0.4, 1, hours // 24).repeat(24)).ghi / 1000
    free = CAPACITY_MW * wind.fleet_curve(wind.WindFleet(), wind.hourly_from_instants(synoptic) * 1.15)
    free = np.clip(free * (1 + 0.08 * persistent(rng, hours, 8)) + 3 * rng.normal(size=hours), 0, CAPACITY_MW)
    demand = (
        640 + 60 * persistent(rng, hours, 60) + 80 * np.cos(2 * np.pi * (np.arange(hours) % 24 - 19) / 24)
    )
    room = demand - pv - FLOOR_MW + 15 * persistent(rng, hours, 10)
    held = np.where(sun.up, np.clip(free - np.maximum(room, 0), 0, free), 0.0)
    masts = {
        str(n): np.maximum(synoptic * (0.75 + 0.05 * i) + 0.5 * persistent(rng, hours, 3), 0.1)
        for i, n in enumerate((184, 185, 188, 189))
    }
    turn = (180 + 60 * persistent(rng, hours, 30)) % 360
    return stamps, {
        "wind": free - held, "free": free, "held": held, "pv": pv, "demand": demand, "turn": turn,
    }, masts  # fmt: skip


def block(series, source, value, valid_at, *, unit="MWh", kind=Kind.SUM):
    return Block(
        series=series, source=source, unit=unit, kind=kind, resolution_s=3600, valid_at=valid_at,
        value=np.asarray(value, dtype=float), flag=np.zeros(len(value), dtype=np.uint16),
    )  # fmt: skip


def fill(store, blocks):
    store.ingest(
        Reading(
            receipt=Receipt(
                name=f"{i}.csv", sha256=f"{i:064x}", size_bytes=1, reader="test", reader_version=1,
                source=b.source, data_start="2022-01-01", data_end="2024-01-01", rows=len(b),
            ),
            blocks=(b,),
        )
        for i, b in enumerate(blocks)
    )  # fmt: skip


def made_store(place, *, weather=True, wind_until=None, published_from=YEAR_H):
    """Fill a store: settled wind and PV, demand, weather, and published curtailment of the second year."""
    stamps, values, masts = made()
    held = slice(published_from, None)
    cut = slice(None, wind_until)
    blocks = [
        block("jeju/demand", "kpx_demand", values["demand"], stamps),
        block("jeju/wind", "kpx_settled", values["wind"][cut], stamps[cut]),
        block("jeju/pv", "kpx_settled", values["pv"], stamps),
        block("jeju/wind_curtailment", "kpx_curtailment", values["held"][held], stamps[held]),
    ]
    if weather:
        instants = {"wind_direction": ("deg", values["turn"]), "temperature": ("degC", None),
                    "humidity": ("%", None), "sea_level_pressure": ("hPa", None), "cloud_cover": ("%", None)}  # fmt: skip
        still = {"temperature": 15.0, "humidity": 60.0, "sea_level_pressure": 1013.0, "cloud_cover": 40.0}
        for name, speed in masts.items():
            blocks.append(
                block(f"asos/{name}/wind_speed", "kma_asos", speed, stamps, unit="m/s", kind=Kind.INSTANT)
            )
            for quantity, (unit, value) in instants.items():
                full = np.full(len(stamps), still[quantity]) if value is None else value
                blocks.append(
                    block(f"asos/{name}/{quantity}", "kma_asos", full, stamps, unit=unit, kind=Kind.INSTANT)
                )
    island = load_island("jeju")
    store = Store.open(place, default_sources=island.default_sources)
    fill(store, blocks)
    return store, values
