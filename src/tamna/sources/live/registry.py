"""The live sources by name: what `tamna fetch NAME` can be asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tamna.errors import UsageError
from tamna.lang import _
from tamna.sources.live import (
    entsoe,
    envelope_shape,
    kma_apihub,
    kma_asos,
    kma_forecast,
    kpx_fuel,
    kpx_jeju,
    kpx_smp,
    nasa_power,
    open_meteo,
)
from tamna.sources.live.quota import Quota
from tamna.sources.live.session import Fetcher, Options, Part, local_days

if TYPE_CHECKING:
    from collections.abc import Callable

_DATA_GO_KR = "TAMNA_DATA_GO_KR_KEY"
# development accounts: KPX 100 calls a day and service, KMA 10 000
_KPX = Quota(per_day=100, pause_s=0.2)
_KMA = Quota(per_day=10_000, pause_s=0.1)
_HUB = Quota(per_day=1_000, pause_s=0.2)
_OPEN_METEO = Quota(per_day=10_000, timezone="UTC", pause_s=0.2)
_NASA = Quota(per_day=1_000, timezone="UTC", pause_s=1.0)
_ENTSOE = Quota(per_day=20_000, timezone="UTC", pause_s=0.2)  # 400 a minute, then a ban of ten

_by_day = partial(local_days, days=1)
_by_month = partial(local_days, days=31)
_by_utc_month = partial(local_days, timezone="UTC", days=31)
_by_utc_year = partial(local_days, timezone="UTC", days=366)


def _only(series: str) -> Callable[[Options], tuple[Part, ...]]:
    return lambda _options: (Part("all", series),)


_ALL = (
    Fetcher(
        name="kpx.jeju-5min",
        title=_("KPX: Jeju demand, wind and PV every five minutes, today"),
        source="kpx_jeju5m",
        key_variable=_DATA_GO_KR,
        quota=_KPX,
        parts=_only("jeju/demand"),
        offers=kpx_jeju.today,
        chunks=_by_day,
        fetch=kpx_jeju.fetch_jeju5m,
        ask=kpx_jeju.ask_jeju5m,
        shape=kpx_jeju.SHAPE,
        observe=envelope_shape.observe,
        optional_fields=frozenset({"rn"}),
    ),
    Fetcher(
        name="kpx.jeju-5min-old",
        title=_("KPX: the same from the old service, without sending-end demand"),
        source="kpx_jeju5m",
        key_variable=_DATA_GO_KR,
        quota=_KPX,
        parts=_only("jeju/demand"),
        offers=kpx_jeju.today,
        chunks=_by_day,
        fetch=kpx_jeju.fetch_jeju5m_old,
        ask=kpx_jeju.ask_jeju5m_old,
        shape=kpx_jeju.SHAPE_OLD,
        observe=envelope_shape.observe,
        optional_fields=frozenset({"rn"}),
    ),
    Fetcher(
        name="kpx.national-5min",
        title=_("KPX: national supply and demand every five minutes, from the public page"),
        source="kpx_national5m",
        quota=_KPX,
        parts=_only("kr/national/demand"),
        offers=kpx_jeju.recent,
        chunks=_by_day,
        fetch=kpx_jeju.fetch_national5m,
        ask=kpx_jeju.ask_national5m,
        shape=kpx_jeju.SHAPE_PAGE,
        observe=kpx_jeju.observe_page,
    ),
    Fetcher(
        name="kpx.smp",
        title=_("KPX: price of Jeju and the mainland by hour, with the demand forecast"),
        source="kpx_smp_api",
        key_variable=_DATA_GO_KR,
        quota=_KPX,
        parts=_only("jeju/smp"),
        offers=kpx_smp.offers,
        chunks=_by_day,
        fetch=kpx_smp.fetch_smp,
        ask=kpx_smp.ask_smp,
        shape=kpx_smp.SHAPE,
        observe=envelope_shape.observe,
        optional_fields=frozenset({"rn"}),
    ),
    Fetcher(
        name="kpx.fuel-mix",
        title=_("KPX: national generation by fuel in the market every five minutes, today"),
        source="kpx_fuelmix",
        key_variable=_DATA_GO_KR,
        quota=_KPX,
        parts=_only("kr/national/pv"),
        offers=kpx_jeju.today,
        chunks=_by_day,
        fetch=kpx_fuel.fetch_market,
        ask=kpx_fuel.ask_market,
        shape=kpx_fuel.SHAPE,
        observe=envelope_shape.observe,
        optional_fields=frozenset({"rn"}),
    ),
    Fetcher(
        name="kpx.fuel-mix-system",
        title=_("KPX: national generation by fuel in the system every five minutes"),
        source="kpx_powergen",
        key_variable=_DATA_GO_KR,
        quota=_KPX,
        parts=_only("kr/national/pv"),
        offers=kpx_jeju.recent,
        chunks=_by_day,
        fetch=kpx_fuel.fetch_system,
        ask=kpx_fuel.ask_system,
        shape=kpx_fuel.SHAPE_SYSTEM,
        observe=envelope_shape.observe,
        optional_fields=frozenset({"rn", "fuelPwr10"}),
    ),
    Fetcher(
        name="kma.asos",
        title=_("KMA: hourly weather observed at the ASOS stations, to yesterday"),
        source="kma_asos_api",
        key_variable=_DATA_GO_KR,
        quota=_KMA,
        parts=kma_asos.parts,
        offers=kma_asos.offers,
        chunks=_by_month,
        fetch=kma_asos.fetch_asos,
        ask=kma_asos.ask_asos,
        shape=kma_asos.SHAPE,
        observe=envelope_shape.observe,
        optional_fields=kma_asos.OPTIONAL,
    ),
    Fetcher(
        name="kma.forecast",
        title=_("KMA: short-term forecast every three hours, as issued"),
        source="kma_forecast",
        key_variable=_DATA_GO_KR,
        quota=_KMA,
        parts=kma_forecast.parts,
        offers=kma_forecast.offers,
        chunks=kma_forecast.issues,
        fetch=kma_forecast.fetch_forecast,
        ask=kma_forecast.ask_forecast,
        shape=kma_forecast.SHAPE,
        observe=kma_forecast.observe,
        optional_fields=kma_forecast.OPTIONAL,
        by_issue=True,
    ),
    Fetcher(
        name="kma.apihub",
        title=_("KMA API hub: hourly weather observed at the ASOS stations, to this hour"),
        source="kma_apihub",
        key_variable="TAMNA_KMA_APIHUB_KEY",
        quota=_HUB,
        parts=kma_asos.parts,
        offers=kma_apihub.offers,
        chunks=_by_month,
        fetch=kma_apihub.fetch_apihub,
        ask=kma_apihub.ask_apihub,
        shape=kma_apihub.SHAPE,
        observe=kma_apihub.observe,
    ),
    Fetcher(
        name="open-meteo.archive",
        title=_("Open-Meteo: weather of the past (reanalysis)"),
        source="open_meteo",
        key_variable="TAMNA_OPEN_METEO_KEY",
        key_optional=True,
        quota=_OPEN_METEO,
        parts=open_meteo.archive_parts,
        offers=open_meteo.archive_offers,
        chunks=_by_utc_year,
        fetch=open_meteo.fetch_archive,
        ask=open_meteo.ask_archive,
        shape=open_meteo.shape(open_meteo.ARCHIVE),
        observe=open_meteo.observe,
    ),
    Fetcher(
        name="open-meteo.forecast",
        title=_("Open-Meteo: the newest weather forecast"),
        source="open_meteo_forecast",
        key_variable="TAMNA_OPEN_METEO_KEY",
        key_optional=True,
        quota=_OPEN_METEO,
        parts=open_meteo.forecast_parts,
        offers=open_meteo.forecast_offers,
        chunks=open_meteo.one,
        fetch=open_meteo.fetch_forecast,
        ask=open_meteo.ask_forecast,
        shape=open_meteo.shape(open_meteo.FORECAST),
        observe=open_meteo.observe,
        by_issue=True,
    ),
    Fetcher(
        name="open-meteo.previous-runs",
        title=_("Open-Meteo: what the forecasts of earlier days said"),
        source="open_meteo_previous",
        key_variable="TAMNA_OPEN_METEO_KEY",
        key_optional=True,
        quota=_OPEN_METEO,
        parts=open_meteo.forecast_parts,
        offers=open_meteo.previous_offers,
        chunks=_by_utc_month,
        fetch=open_meteo.fetch_previous,
        ask=open_meteo.ask_previous,
        shape=open_meteo.shape([f"{v}_previous_day{n}" for v in open_meteo.PREVIOUS for n in (1, 2)]),
        observe=open_meteo.observe,
    ),
    Fetcher(
        name="nasa.power",
        title=_("NASA POWER: weather and radiation of the past, anywhere"),
        source="nasa_power",
        quota=_NASA,
        parts=nasa_power.parts,
        offers=nasa_power.offers,
        chunks=_by_utc_year,
        fetch=nasa_power.fetch_power,
        ask=nasa_power.ask_power,
        shape=nasa_power.SHAPE,
        observe=nasa_power.observe,
    ),
    Fetcher(
        name="entsoe.load",
        title=_("ENTSO-E: actual load of an area"),
        source="entsoe_load",
        key_variable="TAMNA_ENTSOE_TOKEN",
        quota=_ENTSOE,
        parts=entsoe.load_parts,
        offers=entsoe.offers,
        chunks=_by_utc_month,
        fetch=entsoe.fetch_load,
        ask=entsoe.ask_load,
        shape=entsoe.SHAPE,
        observe=entsoe.observe,
        optional_fields=entsoe.OPTIONAL,
        slack_s=entsoe.DAY_S,
    ),
    Fetcher(
        name="entsoe.generation",
        title=_("ENTSO-E: actual generation of an area by type"),
        source="entsoe_generation",
        key_variable="TAMNA_ENTSOE_TOKEN",
        quota=_ENTSOE,
        parts=entsoe.generation_parts,
        offers=entsoe.offers,
        chunks=_by_utc_month,
        fetch=entsoe.fetch_generation,
        ask=entsoe.ask_generation,
        shape=entsoe.SHAPE_GENERATION,
        observe=entsoe.observe,
        optional_fields=entsoe.OPTIONAL,
        slack_s=entsoe.DAY_S,
    ),
    Fetcher(
        name="entsoe.prices",
        title=_("ENTSO-E: day-ahead prices of an area"),
        source="entsoe_prices",
        key_variable="TAMNA_ENTSOE_TOKEN",
        quota=_ENTSOE,
        parts=entsoe.price_parts,
        offers=entsoe.price_offers,
        chunks=_by_utc_month,
        fetch=entsoe.fetch_prices,
        ask=entsoe.ask_prices,
        shape=entsoe.SHAPE_PRICES,
        observe=entsoe.observe,
        optional_fields=entsoe.OPTIONAL,
        slack_s=entsoe.DAY_S,
    ),
)
FETCHERS: dict[str, Fetcher] = {one.name: one for one in _ALL}


def fetcher(name: str) -> Fetcher:
    """Find a live source by its name.

    Raises
    ------
    UsageError
        There is none of that name; the names are told.
    """
    if name not in FETCHERS:
        raise UsageError(
            _("not the name of a live source"),
            seen=name,
            todo=_("One of: {names}.", names=", ".join(FETCHERS)),
        )
    return FETCHERS[name]
