"""Bodies as the providers' pages and users describe them: the documented shapes, with made-up numbers."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

JEJU_FIELDS = ("suppAbility", "currPwrTot", "currNtPwrTot", "renewPwrTot", "renewPwrSolar", "renewPwrWind")
NOTHING = object()


def envelope(rows, *, total=None, code="00", message="NORMAL_SERVICE", root="response", items="item", page=1):
    """The data.go.kr envelope as JSON; `items`: item | list | single | empty | none."""
    held = {
        "item": {"item": rows},
        "list": rows,
        "single": {"item": rows[0] if rows else {}},
        "empty": "",
        "none": [],
    }[items]
    body = {
        "dataType": "JSON",
        "items": held,
        "pageNo": page,
        "numOfRows": 300,
        "totalCount": len(rows) if total is None else total,
    }
    inner = {"header": {"resultCode": code, "resultMsg": message}, "body": body}
    return json.dumps({root: inner} if root else inner, ensure_ascii=False).encode()


def envelope_xml(rows, *, total=None, code="00", message="NORMAL SERVICE.", root="response"):
    """The same as XML."""
    items = "".join(
        "<item>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in row.items()) + "</item>" for row in rows
    )
    count = len(rows) if total is None else total
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><{root}><header><resultCode>{code}</resultCode>'
        f"<resultMsg>{message}</resultMsg></header><body><items>{items}</items><numOfRows>300</numOfRows>"
        f"<pageNo>1</pageNo><totalCount>{count}</totalCount></body></{root}>"
    ).encode()


def gateway_error(code, message):
    """The gateway's own error, sent with HTTP 200 whatever was asked for."""
    return (
        "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
        f"<returnAuthMsg>{message}</returnAuthMsg><returnReasonCode>{code}</returnReasonCode>"
        "</cmmMsgHeader></OpenAPI_ServiceResponse>"
    ).encode()


def jeju5m(day="20260615", *, count=180, digits=12, as_int=False, skip=(), sending_end=True):
    """Rows of the Jeju five-minute service."""
    rows = []
    for i in range(count):
        if i in skip:
            continue
        moment = datetime.strptime(day, "%Y%m%d") + timedelta(minutes=5 * i)
        text = moment.strftime("%Y%m%d%H%M%S")[:digits]
        values = {
            "suppAbility": 1200.5,
            "currPwrTot": 600 + i % 12,
            "currNtPwrTot": 590 + i % 12,
            "renewPwrTot": 210,
            "renewPwrSolar": 90.5,
            "renewPwrWind": 110.25,
        }
        if not sending_end:
            del values["currNtPwrTot"]
        rows.append({"rn": i + 1, "baseDatetime": int(text) if as_int else text, **values})
    return rows


def smp(day="20260615", *, hours=range(1, 25), twice=True, jeju=100.0):
    """Rows of the price service, each hour as ``1`` and as ``01``."""
    rows = []
    for hour in hours:
        for text in dict.fromkeys((f"{hour:02d}", str(hour)) if twice else (f"{hour:02d}",)):
            for area, price in (("육지", 120.5), ("제주", jeju)):
                rows.append(
                    {
                        "rn": len(rows) + 1,
                        "date": day,
                        "hour": text,
                        "areaName": area,
                        "smp": price + hour,
                        "mlfd": "61,000.0",
                        "jlfd": 700 + hour,
                        "slfd": 61700 + hour,
                    }
                )
    return rows


def fuel(day="20260615", *, count=180, time_name="baseDateTime", system=False):
    """Rows of the fuel-mix services."""
    rows = []
    for i in range(count):
        moment = datetime.strptime(day, "%Y%m%d") + timedelta(minutes=5 * i)
        row = {time_name: moment.strftime("%Y%m%d%H%M%S"), **{f"fuelPwr{n}": 100 * n for n in range(1, 11)}}
        row |= {"fuelPwrTot": 65555} if system else {"pEsmw": 3000, "bEsmw": 4000, "fuelPwrTot": 65000}
        rows.append(row)
    return rows


def asos(start="2026-06-01 00:00", *, hours=24, station="184"):
    """Rows of the ASOS service: all text, blanks for missing."""
    rows = []
    for i in range(hours):
        moment = datetime.strptime(start, "%Y-%m-%d %H:%M") + timedelta(hours=i)
        day = 6 <= moment.hour <= 19
        rows.append(
            {
                "tm": moment.strftime("%Y-%m-%d %H:%M"),
                "rnum": str(i + 1),
                "stnId": station,
                "stnNm": "제주",
                "ta": f"{20 + i % 5}.5",
                "taQcflg": "",
                "rn": "",
                "rnQcflg": "",
                "ws": "3.4",
                "wsQcflg": "0",
                "wd": "320",
                "wdQcflg": "0",
                "hm": "70",
                "hmQcflg": "0",
                "pv": "20.1",
                "td": "15.2",
                "pa": "1005.2",
                "paQcflg": "0",
                "ps": "1008.0",
                "psQcflg": "0",
                "ss": "1.0" if day else "",
                "ssQcflg": "0",
                "icsr": "1.80" if day else "",
                "dsnw": "",
                "hr3Fhsc": "",
                "dc10Tca": "7",
                "dc10LmcsCa": "3",
                "clfmAbbrCd": "",
                "lcsCh": "10",
                "vs": "2000",
                "gndSttCd": "",
                "dmstMtphNo": "",
                "ts": "22.1",
                "tsQcflg": "0",
                "m005Te": "20.0",
                "m01Te": "20.1",
                "m02Te": "20.2",
                "m03Te": "20.3",
            }
        )
    return rows


def village(base_date="20260615", base_time="1400", *, nx=53, ny=38, hours=24, more=()):
    """Rows of the short-term forecast."""
    rows = []
    base = datetime.strptime(base_date + base_time, "%Y%m%d%H%M")
    values = {"TMP": "21", "UUU": "1.2", "VVV": "-0.4", "VEC": "250", "WSD": "3.5", "SKY": "3", "PTY": "0"}
    values |= {"POP": "20", "WAV": "0.5", "PCP": "강수없음", "REH": "65", "SNO": "적설없음"}
    for i in range(1, hours + 1):
        moment = base + timedelta(hours=i)
        for category, value in [*values.items(), *(more if i == 1 else ())]:
            rows.append(
                {
                    "baseDate": base_date,
                    "baseTime": base_time,
                    "category": category,
                    "fcstDate": moment.strftime("%Y%m%d"),
                    "fcstTime": moment.strftime("%H%M"),
                    "fcstValue": value,
                    "nx": nx,
                    "ny": ny,
                }
            )
    return rows


HUB_NAMES = [
    "TM",
    "STN",
    "WD",
    "WS",
    "GST_WD",
    "GST_WS",
    "GST_TM",
    "PA",
    "PS",
    "PT",
    "PR",
    "TA",
    "TD",
    "HM",
    "PV",
    "RN",
    "RN_DAY",
    "RN_JUN",
    "RN_INT",
    "SD_HR3",
    "SD_DAY",
    "SD_TOT",
    "WC",
    "WP",
    "WW",
    "CA_TOT",
    "CA_MID",
    "CH_MIN",
    "CT",
    "CT_TOP",
    "CT_MID",
    "CT_LOW",
    "VS",
    "SS",
    "SI",
    "ST_GD",
    "TS",
    "TE_005",
    "TE_01",
    "TE_02",
    "TE_03",
    "ST_SEA",
    "WH",
    "BF",
    "IR",
    "IX",
]


def hub(start="202606010000", *, hours=24, station="184", end=True, cells=None):
    """The API hub's text table."""
    lines = ["#START7777", "#  기상청 시간자료", "# " + " ".join(HUB_NAMES).replace("TM ", "YYMMDDHHMI ", 1)]
    for i in range(hours):
        moment = datetime.strptime(start, "%Y%m%d%H%M") + timedelta(hours=i)
        row = dict.fromkeys(HUB_NAMES, "-9")
        row |= {"TM": moment.strftime("%Y%m%d%H%M"), "STN": station, "WD": "32", "WS": "3.4", "PA": "1005.2"}
        row |= {
            "PS": "1008.0",
            "TA": "-9.0",
            "TD": "-12.1",
            "HM": "70.0",
            "PV": "20.1",
            "RN": "-9.0",
            "CA_TOT": "7",
        }
        row |= {"VS": "2000", "SS": "0.5", "SI": "1.80", "TS": "-99.0", **(cells or {})}
        lines.append(" ".join(row[name] for name in HUB_NAMES))
    return "\n".join([*lines, *(["#7777END"] if end else [])]) + "\n"


METEO_UNITS = {
    "temperature_2m": "°C",
    "relative_humidity_2m": "%",
    "surface_pressure": "hPa",
    "cloud_cover": "%",
    "wind_speed_10m": "m/s",
    "wind_direction_10m": "°",
    "wind_speed_80m": "m/s",
    "wind_speed_100m": "m/s",
    "precipitation": "mm",
    "shortwave_radiation": "W/m²",
    "diffuse_radiation": "W/m²",
}


def meteo(names, *, start=1780272000, hours=24, units=None, iso=False, offset=0, nulls=0):
    """One place of an Open-Meteo answer; 1780272000 is 2026-06-01T00:00Z."""
    stamps = [start + 3600 * i for i in range(hours)]
    time = (
        [datetime.utcfromtimestamp(s + offset).strftime("%Y-%m-%dT%H:%M") for s in stamps] if iso else stamps
    )
    base = {name: name.split("_previous_day")[0] for name in names}
    named = {name: METEO_UNITS[base[name]] for name in names} if units is None else units
    values = {name: [10.0 + i % 7 for i in range(hours - nulls)] + [None] * nulls for name in names}
    return {
        "latitude": 33.5,
        "longitude": 126.5,
        "elevation": 20.0,
        "generationtime_ms": 0.2,
        "utc_offset_seconds": offset,
        "timezone": "GMT",
        "timezone_abbreviation": "GMT",
        "hourly_units": {"time": "iso8601" if iso else "unixtime", **named},
        "hourly": {"time": time, **values},
    }


def power(day="20260601", *, hours=24, fill=-999.0, standard="UTC", units=None):
    """A NASA POWER answer whose second hour of radiation is the fill value."""
    labels = [f"{day}{h:02d}" for h in range(hours)]
    names = {
        "ALLSKY_SFC_SW_DWN": "Wh/m^2",
        "T2M": "C",
        "WS10M": "m/s",
        "WS50M": "m/s",
        "RH2M": "%",
        "PS": "kPa",
    } | (units or {})
    values = {name: dict.fromkeys(labels, 100.5) for name in names}
    values["ALLSKY_SFC_SW_DWN"][labels[1]] = fill
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [126.53, 33.5, 20.0]},
        "properties": {"parameter": values},
        "header": {"title": "NASA/POWER", "fill_value": fill, "time_standard": standard},
        "messages": [],
        "parameters": {name: {"units": unit, "longname": name} for name, unit in names.items()},
        "times": {"data": 0.1, "process": 0.1},
    }


def market(
    points,
    *,
    kind="load",
    start="2026-06-01T00:00Z",
    end="2026-06-02T00:00Z",
    resolution="PT60M",
    curve="A01",
    psr=None,
    unit="MAW",
    consumption=False,
):
    """An ENTSO-E document with one time series and one period."""
    price = kind == "price"
    value = "price.amount" if price else "quantity"
    cells = "".join(f"<Point><position>{p}</position><{value}>{v}</{value}></Point>" for p, v in points)
    head = (
        "<currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>"
        if price
        else f"<quantity_Measure_Unit.name>{unit}</quantity_Measure_Unit.name>"
    )
    head += f"<curveType>{curve}</curveType>" if curve else ""
    head += f"<MktPSRType><psrType>{psr}</psrType></MktPSRType>" if psr else ""
    head += "<outBiddingZone_Domain.mRID>10Y1001A1001A59C</outBiddingZone_Domain.mRID>" if consumption else ""
    root = "Publication_MarketDocument" if price else "GL_MarketDocument"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="urn:iec62325.351:tc57wg16:451-6:load:3:0">'
        f"<type>A65</type><TimeSeries><mRID>1</mRID>{head}<Period><timeInterval><start>{start}</start><end>{end}</end>"
        f"</timeInterval><resolution>{resolution}</resolution>{cells}</Period></TimeSeries></{root}>"
    ).encode()


def acknowledgement(text, code="999"):
    """ENTSO-E's way to say no, or that there is nothing."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Acknowledgement_MarketDocument '
        'xmlns="urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:7:0"><mRID>1</mRID>'
        f"<Reason><code>{code}</code><text>{text}</text></Reason></Acknowledgement_MarketDocument>"
    ).encode()


def zipped(*bodies):
    """A zip of documents."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for i, body in enumerate(bodies):
            archive.writestr(f"{i:03d}.xml", body)
    return held.getvalue()


def national_page(rows, *, cells=8):
    """The KPX page: a table of rows of eight cells."""
    body = "".join("<tr>" + "".join(f"<td class='r'>{c}</td>" for c in row[:cells]) + "</tr>" for row in rows)
    return f"<!DOCTYPE html><html><body><table><tr><th>일시</th></tr>{body}</table></body></html>".encode()


def national_rows(day="2026-06-14", *, first=0, count=17):
    """Rows of the KPX page."""
    found = []
    for i in range(first, first + count):
        moment = datetime.strptime(day, "%Y-%m-%d") + timedelta(minutes=5 * i)
        text = moment.strftime("%Y-%m-%d %H:%M")
        found.append([text, "101,000", "62,000.5", "63,000", "39,000", "62.9", "12,000", "19.4"])
    return found
