"""Which source answers when none is named: a fallback for islands whose grid file says nothing.

The order comes from the grid file (`Island.default_sources`). Settled energy stands before the
operator's real-time readings, and these are never taken unless asked for by name
(``jeju/demand@kpx_realtime``): they are instants on another metering base, and 2024-04-16..30 of the
demand lies about 160 MW above the system series (shared data README).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEFAULT_SOURCES: Mapping[str, Sequence[str]] = {
    "jeju/demand": ("kpx_demand", "kpx_system"),
    "jeju/wind": ("kpx_settled", "kpx_regional", "kpx_fuel"),
    "jeju/pv": ("kpx_settled", "kpx_regional", "kpx_fuel"),
    "jeju/lng": ("kpx_fuel",),
    "jeju/bio": ("kpx_fuel",),
    "jeju/smp": ("kpx_smp", "epsis"),
    "mainland/smp": ("epsis",),
    "jeju/demand_forecast": ("kpx_forecast", "kpx_bidforecast"),
    "jeju/price_da": ("kpx_price_da", "kpx_realtime"),
    "jeju/price_rt": ("kpx_price_rt", "kpx_realtime"),
    "jeju/supply_capacity": ("kpx_supply",),
    "jeju/supply_reserve": ("kpx_supply",),
    "jeju/operating_reserve": ("kpx_supply",),
    "jeju/wind_curtailment": ("kpx_curtailment",),
}

ONLY_WHEN_ASKED = frozenset({"kpx_realtime"})
