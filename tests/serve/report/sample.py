"""A report about a year that numpy made up, as large and as awkward as a real one."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from tamna.grid.clock import Period, parse_period
from tamna.lang import Message
from tamna.serve.report.blocks import Callout, Code, Column, Paragraph, Section, Table
from tamna.serve.report.view import (
    Boundary,
    Carbon,
    CurtailedLine,
    Curtailment,
    Curve,
    Duration,
    Episode,
    Episodes,
    Extreme,
    Factor,
    Headline,
    HourMap,
    Line,
    Making,
    Monthly,
    QualityNote,
    ReceiptRow,
    ReconciledClass,
    Reconciliation,
    ReportView,
    Rule,
    Share,
    ShareTable,
    TypicalDay,
)

ZONE = "Asia/Seoul"


def hours_of(period: Period) -> dict[str, np.ndarray]:
    """Demand, wind and PV [MW] with the shape of an island's year and two gaps."""
    rng = np.random.default_rng(7)
    n = period.seconds // 3600
    t = np.arange(n)
    day, hour = t / 24, t % 24
    season = np.cos(2 * np.pi * (day - 15) / 365.25)
    demand = (
        720
        + 45 * np.cos(4 * np.pi * (day - 20) / 365.25)
        + 90 * np.sin(2 * np.pi * (hour - 9) / 24)
        + rng.normal(0, 12, n)
    )
    sky = np.repeat(rng.beta(2, 1.3, n // 24 + 1), 24)[:n]
    pv = 480 * np.clip(np.sin(np.pi * (hour - 5.5) / 13), 0, None) ** 1.3 * (0.75 - 0.2 * season) * sky
    noise = np.convolve(rng.normal(0, 1, n + 47), np.ones(48) / 48**0.5, "valid")
    wind = 640 / (1 + np.exp(-(noise - 0.9 + 0.5 * season)))
    for gap in (slice(3000, 3030), slice(6100, 6104)):
        wind[gap] = np.nan
    return {"demand": demand, "wind": wind, "pv": pv}


def months_of(values: np.ndarray, month: np.ndarray) -> tuple[float, ...]:
    return tuple(float(np.nansum(values[month == m])) / 1000 for m in np.unique(month))


def sample_view(*, year: int = 2023, years: int = 1, synthetic: bool = True) -> ReportView:
    period = parse_period(f"{year}-01-01", f"{year + years - 1}-12-31", ZONE)
    at = hours_of(period)
    demand, wind, pv = at["demand"], at["wind"], at["pv"]
    share = (wind + pv) / demand
    local = period.stamps() + np.timedelta64(9, "h")
    month = local.astype("datetime64[M]")
    names = tuple(str(m) for m in np.unique(month))
    known = np.isfinite(share)
    total = float((wind + pv)[known].sum() / demand[known].sum())
    full = np.flatnonzero(share >= 1)
    runs = np.split(full, np.flatnonzero(np.diff(full) > 1) + 1) if len(full) else []
    stamps = period.stamps()
    episodes = tuple(
        Episode(
            start=stamps[r[0]], end=stamps[r[-1]] + np.timedelta64(1, "h"), hours=len(r),
            lowest=float(share[r].min()), mean=float(share[r].mean()),
        )
        for r in runs
    )[:9]  # fmt: skip
    monthly_share = tuple(
        float(np.nansum((wind + pv)[known & (month == m)]) / demand[known & (month == m)].sum())
        for m in np.unique(month)
    )
    nan = float("nan")
    wind_cut = tuple(
        nan if i in (6, 7) else float(v) for i, v in enumerate(np.linspace(5200, 300, len(names)).round())
    )
    return ReportView(
        title=f"Renewable share of the sample island, {year}",
        island="Sample island",
        period=period,
        timezone=ZONE,
        synthetic=synthetic,
        lead="Wind and sun sold in the market made about two fifths of what the island used.",
        headlines=(
            Headline(
                label="Renewable share", value=total,
                definition="Wind and PV settled in the market over system demand, exports not subtracted (coverage).",
                metering_base="settled in the market; demand at the system, point not stated",
                hours_counted=int(known.sum()), hours_missing=int((~known).sum()), estimated_share=0.031,
            ),
            Headline(
                label="Matched in the same hour", value=float(np.minimum(wind + pv, demand)[known].sum() / demand[known].sum()),
                definition="Sum of the smaller of generation and demand, hour by hour, over demand. Not a coverage.",
                metering_base="settled", hours_counted=int(known.sum()), hours_missing=int((~known).sum()),
            ),
            Headline(
                label="Hours at 100% and more", value=float((share >= 1).sum()), unit="h", digits=0,
                definition="Hours in which wind and PV settled in the market reached system demand.",
                metering_base="settled", hours_counted=int(known.sum()), hours_missing=int((~known).sum()),
            ),
            Headline(
                label="Share, thermal exported first", value=None, definition="Exports are thermal first.",
                metering_base="settled", hours_counted=0, hours_missing=len(share),
                reason="Thermal generation and links were not measured before 2025.",
            ),
        ),
        shares=ShareTable(
            rules=(
                Rule(name="coverage", title="Coverage", meaning="R / L: renewable generation over load, not clipped."),
                Rule(name="proportional", title="Proportional", meaning="(R + cI) / (R + O + I): exports are of the mix."),
                Rule(name="thermal_first", title="Thermal first", meaning="(R + cI − max(0, X − O − (1 − c) I)) / L."),
            ),
            boundaries=(
                Boundary(
                    name="settled", title="Wind and PV settled in the market", meaning="Energy sold through the exchange.",
                    shares=(
                        Share(value=total),
                        Share(value=None, reason="Links were not measured."),
                        Share(value=None, reason="Thermal generation was not measured."),
                    ),
                ),
                Boundary(
                    name="btm_bio", title="… and PPA, behind the meter, bio and waste", meaning="All renewable classes.",
                    shares=(
                        Share(value=total * 1.22, estimated=True),
                        Share(value=total * 1.1, estimated=True),
                        Share(value=None, reason="Thermal generation was not measured."),
                    ),
                ),
            ),
        ),
        hour_map=HourMap(
            title="Every hour of the year", definition="Wind and PV settled in the market over system demand, hour by hour.",
            first_day=local[0].astype("datetime64[D]"), values=share.reshape(-1, 24),
        ),
        monthly=Monthly(
            months=names,
            made_gwh=(
                Line(title="Wind", colour="wind", values=months_of(wind, month)),
                Line(title="PV", colour="pv", values=months_of(pv, month)),
            ),
            demand_gwh=Line(title="Demand", colour="demand", values=months_of(demand, month)),
            shares=(Line(title="Share (coverage)", colour="residual", values=monthly_share),),
        ),
        durations=(
            Duration(title="Share, hours from highest to lowest", unit="%", curves=(Curve(title="Share", colour="wind", values=share),)),
            Duration(
                title="Demand and residual load", unit="MW",
                curves=(
                    Curve(title="Demand", colour="demand", values=demand),
                    Curve(title="Residual load", colour="residual", values=demand - wind - pv),
                ),
                caption="Residual load is demand less wind and PV; below zero the island makes more than it uses.",
            ),
        ),
        typical_days=tuple(
            TypicalDay(
                title=title,
                stack=(
                    Line(title="Wind", colour="wind", values=mean_day(wind, month, which)),
                    Line(title="PV", colour="pv", values=mean_day(pv, month, which)),
                ),
                demand=Line(title="Demand", colour="demand", values=mean_day(demand, month, which)),
            )
            for title, which in (("Winter", (12, 1, 2)), ("Spring", (3, 4, 5)), ("Summer", (6, 7, 8)), ("Autumn", (9, 10, 11)))
        ),
        extremes=(
            Extreme(label="Highest demand", value=float(demand.max()), unit="MW", at=stamps[demand.argmax()]),
            Extreme(label="Lowest residual load", value=float(np.nanmin(demand - wind - pv)), unit="MW",
                    at=stamps[np.nanargmin(demand - wind - pv)], note="more made than used"),
        ),
        episodes=(
            Episodes(definition="Wind and PV settled in the market at or above system demand (coverage).", threshold=1.0, items=episodes),
        ),
        curtailment=Curtailment(
            months=names,
            lines=(
                CurtailedLine(title="Wind", colour="curtailment", energy_mwh=wind_cut, events=tuple(nan if np.isnan(v) else 9.0 for v in wind_cut)),
                CurtailedLine(title="PV", colour="pv", energy_mwh=(nan,) * len(names), events=(3.0,) * len(names)),
            ),
            note="As published by the operator; energy of PV curtailment is not published.",
        ),
        reconciliations=(
            Reconciliation(
                year=year, published_share=0.1817, source="press, 2025-05-01", measured_share=total, measured_label="settled, coverage",
                classes=(
                    ReconciledClass(title="Wind", published_gwh=664.1, measured_gwh=573.2, text="PPA is not in the settled files"),
                    ReconciledClass(title="Behind the meter", published_gwh=None, measured_gwh=None),
                    ReconciledClass(title="PV", published_gwh=638.8, measured_gwh=494.0, estimated=True),
                ),
                missing_gwh=-12.5, text="The denominator of the published share is not stated.",
            ),
        ),
        carbon=Carbon(
            intensity_tco2e_per_mwh=0.4173, basis="Average of generation, import at the mainland's factor.", estimated=True,
            factor_set=(
                Factor(title="LNG", factor_tco2e_per_mwh=0.452, source="national LCI"),
                Factor(title="Oil", factor_tco2e_per_mwh=None, source=""),
            ),
            months=names, monthly_tco2e_per_mwh=tuple(float(0.5 - s / 3) for s in monthly_share),
        ),
        findings=(
            QualityNote(
                kind="gap", series="sample/wind", start=stamps[3000], end=stamps[3030], size=30, unit="h",
                text="30 hours without a value.", consequence="These hours are not counted.",
            ),
            QualityNote(
                kind="coverage_break", series="sample/wind", start=stamps[3647], end=stamps[-1], size=0.62, unit="ratio",
                text="The mean falls to 0.62 of what it was, while the real-time series does not.",
                consequence="A sum over this day is too low; shares after it are flagged.",
            ),
        ),
        receipts=tuple(
            ReceiptRow(
                name=f"시간별 표본_{i:02d}.csv", sha256=f"{i:064x}", publisher="Sample exchange", licence="KOGL type 1",
                use="any, with attribution", rows=8760, data_start=f"{year}-01-01", data_end=f"{year}-12-31",
            )
            for i in range(6)
        ),
        making=Making(
            version="0.1.0", method="measure 1", seed=7, settings=(("store", "./store"), ("gap_hours", "1")),
            commands=(f"tamna run sample --from {year}-01-01 --to {year}-12-31 --data data --out runs/{year}", "sha256sum data/*"),
        ),
        notes=("A trend over years is not printed: the metering base changed.",),
        sections=(
            Section(
                title="A page of later", reader="engineer",
                blocks=(
                    Paragraph("A section of another room."),
                    Callout(title="Mind", texts=("It can warn.",), warning=True),
                    Table(title="Its table", columns=(Column("name"), Column("hash")), rows=(("x", Code("00ff")),)),
                ),
            ),
        ),
    )  # fmt: skip


def mean_day(values: np.ndarray, month: np.ndarray, which: tuple[int, ...]) -> tuple[float, ...]:
    number = month.astype(int) % 12 + 1
    return tuple(float(v) for v in np.nanmean(values[np.isin(number, which)].reshape(-1, 24), axis=0))


def hostile_view() -> ReportView:
    """The sample with names that would like to be code."""
    view = sample_view()
    nasty = "</style><script>alert(1)</script>\"'&{{ 7*7 }}"
    receipt = replace(view.receipts[0], name=nasty, licence=nasty)
    monthly = replace(
        view.monthly,
        made_gwh=tuple(replace(line, title=nasty + line.title) for line in view.monthly.made_gwh),
    )
    finding = replace(view.findings[0], series=nasty, text=nasty)
    return replace(
        view, title=nasty, island=nasty, receipts=(receipt,), monthly=monthly, findings=(finding,), lead=nasty,
        making=replace(view.making, commands=(nasty,), version="0"),
    )  # fmt: skip


KOREAN = {
    "Sample island": "표본섬",
    "Renewable share of the sample island, 2023": "2023년 표본섬 재생에너지 점유율",
    "Wind and sun sold in the market made about two fifths of what the island used.": "시장에서 거래된 풍력과 태양광이 섬에서 쓴 전력의 약 40%를 공급했습니다.",
    "Renewable share": "재생에너지 점유율",
    "Wind and PV settled in the market over system demand, exports not subtracted (coverage).": "시장 정산 풍력·태양광을 계통수요로 나눈 값. 섬 밖으로 보낸 전력은 빼지 않습니다(공급률).",
    "settled in the market; demand at the system, point not stated": "시장 정산 기준, 수요는 계통수요(계량 지점 미공개)",
    "Matched in the same hour": "같은 시간에 맞춘 비율",
    "Sum of the smaller of generation and demand, hour by hour, over demand. Not a coverage.": "시간마다 발전량과 수요 가운데 작은 값을 더해 수요로 나눈 값. 공급률이 아닙니다.",
    "Hours at 100% and more": "100% 이상 시간",
    "Hours in which wind and PV settled in the market reached system demand.": "시장 정산 풍력·태양광이 계통수요 이상이었던 시간입니다.",
    "Share, thermal exported first": "점유율(화력 우선 융통)",
    "Exports are thermal first.": "섬 밖으로 보낸 전력은 화력부터 뺍니다.",
    "settled": "시장 정산",
    "Thermal generation and links were not measured before 2025.": "2025년 이전에는 화력과 연계선이 계측되지 않았습니다.",
    "Coverage": "공급률",
    "Proportional": "비례 배분",
    "Thermal first": "화력 우선",
    "R / L: renewable generation over load, not clipped.": "R / L: 재생에너지 발전량을 부하로 나눈 값. 100%에서 자르지 않습니다.",
    "(R + cI) / (R + O + I): exports are of the mix.": "(R + cI) / (R + O + I): 섬 밖으로 보낸 전력은 전체 전원 구성과 같습니다.",
    "(R + cI − max(0, X − O − (1 − c) I)) / L.": "(R + cI − max(0, X − O − (1 − c) I)) / L: 화력부터 나갑니다.",
    "Wind and PV settled in the market": "시장 정산 풍력·태양광",
    "Energy sold through the exchange.": "전력거래소에서 거래된 전력량.",
    "Links were not measured.": "연계선이 계측되지 않았습니다.",
    "Thermal generation was not measured.": "화력 발전량이 계측되지 않았습니다.",
    "… and PPA, behind the meter, bio and waste": "… PPA·자가용·바이오·폐기물 포함",
    "All renewable classes.": "모든 재생에너지.",
    "Every hour of the year": "한 해의 모든 시간",
    "Wind and PV settled in the market over system demand, hour by hour.": "시간별 계통수요 대비 시장 정산 풍력·태양광.",
    "Wind": "풍력",
    "PV": "태양광",
    "Demand": "수요",
    "Share (coverage)": "점유율(공급률)",
    "Share": "점유율",
    "Share, hours from highest to lowest": "점유율 지속 곡선",
    "Demand and residual load": "수요와 순부하",
    "Residual load": "순부하",
    "Residual load is demand less wind and PV; below zero the island makes more than it uses.": "순부하는 수요에서 풍력과 태양광을 뺀 값입니다. 0보다 작으면 발전량이 수요보다 많습니다.",
    "Winter": "겨울",
    "Spring": "봄",
    "Summer": "여름",
    "Autumn": "가을",
    "Highest demand": "최대 수요",
    "Lowest residual load": "최소 순부하",
    "more made than used": "발전량이 수요를 넘음",
    "Wind and PV settled in the market at or above system demand (coverage).": "시장 정산 풍력·태양광이 계통수요 이상인 구간(공급률).",
    "As published by the operator; energy of PV curtailment is not published.": "계통운영자 공표 자료. 태양광 제어량은 공표되지 않습니다.",
    "PPA is not in the settled files": "정산 자료에 PPA가 없습니다",
    "Behind the meter": "자가용",
    "press, 2025-05-01": "언론 보도, 2025-05-01",
    "settled, coverage": "시장 정산, 공급률",
    "The denominator of the published share is not stated.": "공표 점유율의 분모는 밝혀져 있지 않습니다.",
    "Average of generation, import at the mainland's factor.": "발전 평균이며 육지 연계 전력은 육지 계수로 계산했습니다.",
    "LNG": "LNG(액화천연가스)",
    "Oil": "유류",
    "national LCI": "국가 LCI",
    "30 hours without a value.": "값이 없는 시간이 30시간입니다.",
    "These hours are not counted.": "이 시간은 집계하지 않습니다.",
    "The mean falls to 0.62 of what it was, while the real-time series does not.": "평균이 0.62배로 떨어지지만 실시간 자료는 그렇지 않습니다.",
    "A sum over this day is too low; shares after it are flagged.": "이 날을 지나는 합계는 너무 작습니다. 이후의 점유율에는 표시를 답니다.",
    "Sample exchange": "표본거래소",
    "KOGL type 1": "공공누리 제1유형",
    "any, with attribution": "출처 표시 시 자유 이용",
    "measure 1": "측정 1",
    "A trend over years is not printed: the metering base changed.": "연도별 추세는 싣지 않습니다. 계량 기준이 바뀌었기 때문입니다.",
    "A page of later": "나중에 더한 절",
    "A section of another room.": "다른 부분이 쓴 절.",
    "Mind": "주의",
    "It can warn.": "경고할 수 있습니다.",
    "Its table": "그 표",
    "name": "이름",
    "hash": "해시",
}


def in_korean(value: Any) -> Any:
    """Give a view, or any part of it, with the sample's own texts in Korean."""
    if isinstance(value, str):
        return KOREAN.get(value, value)
    if isinstance(value, tuple):
        return tuple(in_korean(part) for part in value)
    if is_dataclass(value) and not isinstance(value, (type, Message, Period)):
        return replace(value, **{f.name: in_korean(getattr(value, f.name)) for f in fields(value)})
    return value
