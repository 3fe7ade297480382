"""The source table: who publishes what, how late, under which licence, on which metering base.

A delay is how long after the end of an interval a value is assumed to be known; a source that
states its own time (forecasts with an issue time) has none. Assumed delays are flagged
``ASSUMED_KNOWN`` on every value they date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.lang import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One publication.

    Attributes
    ----------
    delay_s
        Assumed time from the end of an interval to its publication [s].
    day_ahead_hour
        Where set, the value is published at this local hour of the day before instead.
    base
        Metering base of energy series: ``settled`` (market), ``real-time`` (operations),
        ``published`` (a public notice), or empty.
    use
        What the licence allows, in words.
    """

    name: str
    publisher: str
    title: str
    licence: Message
    use: Message
    delay_s: int = 0
    day_ahead_hour: int | None = None
    timezone: str = "Asia/Seoul"
    base: str = ""
    assumed: bool = True


_HOUR = 3600
_DAY = 86400
_KOGL = _("Korea Open Government Licence type 1 (public data portal)")
_FREE = _("any use with attribution")

SOURCES: dict[str, Source] = {
    s.name: s
    for s in (
        Source(
            name="kpx_demand",
            publisher="KPX",
            title="시간별 제주전력수요 (Jeju demand by hour)",
            licence=_KOGL,
            use=_FREE,
            delay_s=_HOUR,
            base="system",
        ),
        Source(
            name="kpx_system",
            publisher="KPX",
            title="제주 계통수요 (Jeju system demand)",
            licence=_KOGL,
            use=_FREE,
            delay_s=_HOUR,
            base="system",
        ),
        Source(
            name="kpx_supply",
            publisher="KPX",
            title="제주 공급능력, 예비력 (Jeju supply capacity and reserves)",
            licence=_KOGL,
            use=_FREE,
            delay_s=_HOUR,
            base="system",
        ),
        Source(
            name="kpx_forecast",
            publisher="KPX",
            title="제주 예측수요 (Jeju day-ahead demand forecast)",
            licence=_KOGL,
            use=_FREE,
            day_ahead_hour=18,
        ),
        Source(
            name="kpx_bidforecast",
            publisher="KPX",
            title="년도별 수요예측 리스트 (day-ahead demand forecast as issued)",
            licence=_KOGL,
            use=_FREE,
            day_ahead_hour=18,
        ),
        Source(
            name="kpx_settled",
            publisher="KPX",
            title="제주도 풍력태양광 시간별 (Jeju wind and PV settled in the market)",
            licence=_KOGL,
            use=_FREE,
            delay_s=30 * _DAY,
            base="settled",
        ),
        Source(
            name="kpx_regional",
            publisher="KPX",
            title="지역별 시간별 태양광 및 풍력 발전량 (regional PV and wind)",
            licence=_KOGL,
            use=_FREE,
            delay_s=30 * _DAY,
            base="settled",
        ),
        Source(
            name="kpx_fuel",
            publisher="KPX",
            title="제주지역 시간대별 발전량 (Jeju generation by fuel)",
            licence=_KOGL,
            use=_FREE,
            delay_s=30 * _DAY,
            base="settled",
        ),
        Source(
            name="kpx_curtailment",
            publisher="KPX",
            title="제주 태양광 풍력 제어량 및 제어 횟수 (curtailed energy and events)",
            licence=_KOGL,
            use=_FREE,
            delay_s=30 * _DAY,
            base="published",
        ),
        Source(
            name="epsis",
            publisher="KPX EPSIS, copied by a third party",
            title="SMP hourly",
            licence=_("not stated by the copier"),
            use=_("check against EPSIS before publishing"),
            day_ahead_hour=18,
        ),
        Source(
            name="kpx_smp",
            publisher="KPX",
            title="제주 SMP (Jeju system marginal price)",
            licence=_KOGL,
            use=_FREE,
            day_ahead_hour=18,
        ),
        Source(
            name="kma_asos",
            publisher="KMA",
            title="ASOS hourly observations",
            licence=_KOGL,
            use=_FREE,
            delay_s=20 * 60,
        ),
        Source(
            name="open_meteo",
            publisher="Open-Meteo",
            title="Historical weather archive",
            licence=_("CC BY 4.0"),
            use=_("the free service is for non-commercial use"),
            delay_s=5 * _DAY,
        ),
        Source(
            name="oibc_forecast",
            publisher="OIBC Challenge 2024",
            title="weather forecasts as issued",
            licence=_("challenge data"),
            use=_("development and research"),
            assumed=False,
        ),
        Source(
            name="oibc_observed",
            publisher="OIBC Challenge 2024",
            title="weather observations",
            licence=_("challenge data"),
            use=_("development and research"),
            delay_s=20 * 60,
        ),
        Source(
            name="kpx_realtime",
            publisher="KPX through OIBC Challenge 2024",
            title="Jeju real-time operation",
            licence=_("challenge data"),
            use=_("development and research"),
            delay_s=5 * 60,
            base="real-time",
        ),
        Source(
            name="kpx_price_rt",
            publisher="KPX through OIBC Challenge 2024",
            title="Jeju real-time price, 15 min",
            licence=_("challenge data"),
            use=_("development and research"),
            delay_s=15 * 60,
        ),
        Source(
            name="kpx_price_da",
            publisher="KPX through OIBC Challenge 2024",
            title="Jeju day-ahead price",
            licence=_("challenge data"),
            use=_("development and research"),
            day_ahead_hour=18,
        ),
        Source(
            name="bdew",
            publisher="BDEW",
            title="standard load profiles",
            licence=_("free publication"),
            use=_FREE,
            timezone="Europe/Berlin",
            assumed=False,
        ),
        Source(
            name="cases",
            publisher="tamna test cases",
            title="Jeju 2023 profiles",
            licence=_KOGL,
            use=_FREE,
            delay_s=30 * _DAY,
        ),
        Source(
            name="synthetic",
            publisher="tamna",
            title="typical Jeju year, synthetic",
            licence=_("Apache-2.0"),
            use=_FREE,
            assumed=False,
        ),
        Source(
            name="mapped",
            publisher="the user",
            title="a file read by a mapping",
            licence=_("the user's own"),
            use=_("the user's own"),
        ),
        Source(
            name="kpx_jeju5m",
            publisher="KPX",
            title="제주 5분 수급현황 (Jeju supply and demand, 5 min)",
            licence=_KOGL,
            use=_FREE,
            delay_s=5 * 60,
            base="real-time",
        ),
        Source(
            name="kpx_national5m",
            publisher="KPX",
            title="전국 5분 수급현황 (national supply and demand, 5 min)",
            licence=_KOGL,
            use=_FREE,
            delay_s=5 * 60,
            base="real-time",
        ),
        Source(
            name="kpx_fuelmix",
            publisher="KPX",
            title="발전원별 5분 발전량 (national generation by fuel, market, 5 min)",
            licence=_KOGL,
            use=_FREE,
            delay_s=5 * 60,
            base="real-time",
        ),
        Source(
            name="kpx_powergen",
            publisher="KPX",
            title="발전원별 발전량 계통기준 (national generation by fuel, system)",
            licence=_KOGL,
            use=_FREE,
            delay_s=5 * 60,
            base="real-time",
        ),
        Source(
            name="kpx_smp_api",
            publisher="KPX",
            title="계통한계가격 및 수요예측 (SMP with day-ahead demand forecast)",
            licence=_KOGL,
            use=_FREE,
            day_ahead_hour=23,
        ),
        Source(
            name="kma_asos_api",
            publisher="KMA",
            title="ASOS hourly observations, data portal",
            licence=_KOGL,
            use=_FREE,
            delay_s=20 * 60,
        ),
        Source(
            name="kma_apihub",
            publisher="KMA",
            title="ASOS hourly observations, API hub",
            licence=_KOGL,
            use=_FREE,
            delay_s=20 * 60,
        ),
        Source(
            name="kma_forecast",
            publisher="KMA",
            title="단기예보 (short-term forecast)",
            licence=_KOGL,
            use=_FREE,
            delay_s=10 * 60,
        ),
        Source(
            name="open_meteo_forecast",
            publisher="Open-Meteo",
            title="weather forecast as retrieved",
            licence=_("CC BY 4.0"),
            use=_("the free service is for non-commercial use"),
            assumed=False,
        ),
        Source(
            name="open_meteo_previous",
            publisher="Open-Meteo",
            title="weather forecasts of previous model runs",
            licence=_("CC BY 4.0"),
            use=_("the free service is for non-commercial use"),
            delay_s=7 * _HOUR,
        ),
        Source(
            name="nasa_power",
            publisher="NASA POWER",
            title="hourly meteorology and solar radiation",
            licence=_("NASA open data"),
            use=_FREE,
            delay_s=7 * _DAY,
            timezone="UTC",
        ),
        Source(
            name="entsoe_load",
            publisher="ENTSO-E Transparency Platform",
            title="actual total load",
            licence=_("ENTSO-E terms (CC BY 4.0 for listed items)"),
            use=_("see the platform's list of data for free re-use"),
            delay_s=_HOUR,
            timezone="Europe/Brussels",
            base="system",
        ),
        Source(
            name="entsoe_generation",
            publisher="ENTSO-E Transparency Platform",
            title="actual generation per production type",
            licence=_("ENTSO-E terms (CC BY 4.0 for listed items)"),
            use=_("see the platform's list of data for free re-use"),
            delay_s=_HOUR,
            timezone="Europe/Brussels",
            base="system",
        ),
        Source(
            name="entsoe_prices",
            publisher="ENTSO-E Transparency Platform",
            title="day-ahead prices",
            licence=_("ENTSO-E terms (CC BY 4.0 for listed items)"),
            use=_("see the platform's list of data for free re-use"),
            day_ahead_hour=13,
            timezone="Europe/Brussels",
        ),
    )
}
