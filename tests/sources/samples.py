"""Small files in the exact shapes of the providers, with numbers of our own making."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

HOURS = [f"{h}시" for h in range(1, 25)]


def days(n: int, start: str = "2023-01-01") -> list[str]:
    first = date.fromisoformat(start)
    return [(first + timedelta(days=i)).isoformat() for i in range(n)]


def table(header: list[str], rows: list[list[object]], end: str = "\n") -> str:
    return end.join(",".join(str(cell) for cell in row) for row in [header, *rows]) + end


def demand(day: int, hour: int) -> float:
    return 600 + 10 * day + hour


def wide(n: int = 3, first: str = "거래일자", start: str = "2023-01-01", scale: float = 1) -> str:
    """Demand by hour, the layout of KPX."""
    rows = [[d, *(demand(i, h) * scale for h in range(24))] for i, d in enumerate(days(n, start))]
    return table([first, *HOURS], rows)


def regional(
    hours: range = range(1, 25), header: str = "거래일자,거래시간,지역,태양광발전량(MWh),풍력발전량(MWh)"
) -> str:
    rows = [f"2023-03-01,{h},{place},{h}.5,{h}" for place in ("제주도", "전라남도") for h in hours]
    return header + "\n" + "\n".join(rows) + "\n"


def settled(n: int = 48) -> str:
    rows = [f"2022-01-{1 + i // 24:02d} {i % 24:02d}:00:00,{i % 24}.25,{50 + i}" for i in range(n)]
    return "datetime,태양광발전량(MWh),풍력발전량(MWh)\n" + "\n".join(rows) + "\n"


def smp_hourly() -> str:
    head = "timestamp,date,hour,smp_mainland,smp_jeju,smp_max,smp_min,source,is_synthetic\n"
    rows = [
        f"2021-01-01 {h:02d}:00,2021-01-01,{h},{60 + h},{70 + h},{72 + h},{58 + h},EPSIS,False"
        for h in range(1, 25)
    ]
    return "\ufeff" + head + "\n".join(rows) + "\n"


def curtailment() -> str:
    hours = ",".join(HOURS)
    none = ",".join([""] * 25)
    zero = ["0"] * 24
    first, second = [*zero], [*zero]
    first[12], second[13] = "10.5", "20"
    return (
        f"구분,기준일,연도별 시행회차,{hours},총제어량\n"
        f"풍력,2021-03-02,1,{','.join(first)},10.5\n"
        f"풍력,2023-02-20,1,{','.join(second)},20\n"
        f"태양광,2023-03-05,1,{none}\n"
    )


def forecast_html(
    title: str = "년도별 수요예측 리스트 (단위 : MW)", closed: bool = True, extra: str = ""
) -> str:
    head = "".join(f"<th>{h}h</th>\n" for h in range(1, 25))
    rows = "".join(
        f"<tr>\r\n<td>{d.replace('-', '')}</td>{''.join(f'<td>{500 + h}</td>' for h in range(24))}</tr>"
        for d in days(3, "2015-11-18")
    )
    end = "</tbody></table></body></html>" if closed else ""
    return (
        f'\r\n<!DOCTYPE html PUBLIC "x">{extra}<html><head><title>육지 PSS 목록</title>'
        '<meta http-equiv="Content-Type" content="text/html; charset=euc-kr" /></head><body>'
        f"<table><caption><span>{title}</span></caption><thead><tr><th>구분</th>{head}"
        f"<!-- <th>최소</th> --></tr></thead><tbody>{rows}{end}"
    )


def workbook(rows: list[list[object]]) -> bytes:
    """A workbook of one sheet, written by hand: text inline, numbers plain."""

    def cell(value: object) -> str:
        if isinstance(value, (int, float)):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    body = "".join(f"<row>{''.join(cell(v) for v in row)}</row>" for row in rows)
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{rel}"><sheets><sheet name="s" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships "
        'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>",
    }
    return packed(parts)


def packed(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def smp_rows() -> list[list[object]]:
    return [
        ["년도별 계통한계가격 리스트 (원/kWh)"],
        ["구분", *(f"{h}h" for h in range(1, 25)), "최소", "최대", "평균"],
        *(
            [int(d.replace("-", "")), *(100.5 + h for h in range(24)), 100.5, 123.5, 111.0]
            for d in days(3, "2013-02-03")
        ),
    ]


KMA_HEADER = (
    "지점,지점명,일시,기온(°C),기온 QC플래그,강수량(mm),강수량 QC플래그,풍속(m/s),풍속 QC플래그,"
    "일조(hr),일조 QC플래그,일사(MJ/m2),일사 QC플래그,전운량(10분위),운형(운형약어),최저운고(100m )"
)


def kma() -> str:
    def row(hour: int) -> str:
        day = 8 <= hour <= 17
        light = "0.5,,1.80," if day else ",9,,9"
        return f"184,제주,2023-01-02 {hour}:00,{hour}.5,,,,3.5,,{light},{hour % 10},Sc,12"

    return KMA_HEADER + "\n" + "\n".join(row(h) for h in range(24)) + "\n"


def open_meteo(zone: str = "Asia/Seoul") -> str:
    rows = "\n".join(
        f"2025-01-01T{h:02d}:00,{h}.5,80,36.0,{max(0, 300 - 50 * abs(h - 13))}.0" for h in range(24)
    )
    return (
        "latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation\n"
        f"33.497364,126.53465,63.0,32400,{zone},GMT+9\n\n"
        "time,temperature_2m (°C),relative_humidity_2m (%),wind_speed_10m (km/h),shortwave_radiation (W/m²)\n"
        f"{rows}\n"
    )


def oibc_forecast() -> str:
    head = (
        "location,base_ts,ts,cloud,temp,temp_max,temp_min,humidity,ground_press,wind_speed,wind_dir,rain,snow"
    )
    rows = [
        f"{place},1709258400,{1709305200 + 3600 * i},100.0,{i}.5,{i}.5,{i}.5,59.0,1027.0,9.5,337.0,0.2,0.0"
        for place in ("Gaigeturi", "Cheju-do")
        for i in range(3)
    ]
    return "\n".join([head, *rows[:3], head, *rows[3:]]) + "\n"


def market() -> str:
    return (
        "ts,실시간 임시 가격(원/kWh),실시간 확정 가격(원/kWh),하루전가격(원/kWh),공급능력(kW),현재 수요(kW),"
        "풍력 발전량(kW),신재생 발전량 총합(kW),공급 예비력(kW),운영 예비력(kW)\n"
        "2024-02-29 15:00:00,95.3,96.3,107.39,1388000.0,798000.0,234165.0,248660.0,590000.0,266000.0\n"
        "2024-02-29 16:00:00,107.3,-7.3,107.39,1367000.0,765000.0,210320.0,226351.0,602000.0,277000.0\n"
    )


def bdew_months(unit: str = "[kWh]") -> str:
    months = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ]
    head = "," + ",".join(f"{m},{m},{m}" for m in months)
    kinds = unit + "," + ",".join(["SA,FT,WT"] * 12)
    rows = [
        f"{m // 60:02d}:{m % 60:02d}-{(m + 15) // 60 % 24:02d}:{(m + 15) % 60:02d},"
        + ",".join(["12.5,10,15"] * 12)
        for m in range(0, 1440, 15)
    ]
    return "\n".join([head, kinds, *rows]) + "\n"
