"""ENTSO-E Transparency Platform: load (A65), generation by type (A75) and day-ahead prices (A44), any area of Europe.

An interval starts at ``start + (position - 1) * resolution``. Curve type A03 leaves out what repeats: the last
value holds until the next position or the end of the period. Large answers come zipped.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import FetchError, Mistake, Place, QuotaReached, SourceError, TamnaError
from tamna.grid.clock import DAY, HOUR, Period
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Kind, Reading
from tamna.sources.live.columns import Column, gaps, number, reading, stamp
from tamna.sources.live.http import TAKE, Answer, Request, Verdict, by_status
from tamna.sources.live.keys import secret
from tamna.sources.live.session import Options, Part, Session, minute_text, since_long
from tamna.sources.live.text import children, local_name, members, place, text_at, xml_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml import etree

TYPES: dict[str, str] = {
    "B01": "biomass",
    "B02": "lignite",
    "B03": "coal_gas",
    "B04": "gas",
    "B05": "hard_coal",
    "B06": "oil",
    "B07": "oil_shale",
    "B08": "peat",
    "B09": "geothermal",
    "B10": "pumped_storage",
    "B11": "run_of_river",
    "B12": "reservoir",
    "B13": "marine",
    "B14": "nuclear",
    "B15": "other_renewables",
    "B16": "pv",
    "B17": "waste",
    "B18": "wind_offshore",
    "B19": "wind_onshore",
    "B20": "other",
    "B25": "storage",
}
_RESOLUTION = {"PT15M": 900, "PT30M": 1800, "PT60M": 3600, "PT1H": 3600, "P1D": 86400}
_MOST_POSITIONS = 50_000
_MOST_VALUES = 2_000_000
SHAPE = {
    "type": "text",
    "curveType": "text",
    "timeInterval": "UTC",
    "resolution": "PT15M|PT30M|PT60M",
    "position": "number",
    "quantity": "MAW",
}
SHAPE_GENERATION = {**SHAPE, "psrType": "text"}
SHAPE_PRICES = {**{k: v for k, v in SHAPE.items() if k != "quantity"}, "price.amount": "EUR/MWH"}

OPTIONAL = frozenset({"curveType"})  # since August 2026 on request only
DAY_S = 86400  # a market document is of whole market days, whatever part of them was asked for


def load_parts(options: Options) -> tuple[Part, ...]:
    """Give one part an area."""
    return tuple(Part(a.name, f"entsoe/{a.name}/load") for a in options.areas)


def generation_parts(options: Options) -> tuple[Part, ...]:
    """Give one part an area."""
    return tuple(Part(a.name, f"entsoe/{a.name}/generation/gas") for a in options.areas)


def price_parts(options: Options) -> tuple[Part, ...]:
    """Give one part an area."""
    return tuple(Part(a.name, f"entsoe/{a.name}/price_da") for a in options.areas)


def offers(now: np.datetime64) -> Period:
    """Give what the platform holds: 2015 to the last full hour."""
    return since_long("2014-12-31T23:00", now.astype("datetime64[h]").astype("datetime64[s]"))


def price_offers(now: np.datetime64) -> Period:
    """Give what the platform holds of prices: to the end of tomorrow at most."""
    return since_long("2014-12-31T23:00", now.astype("datetime64[h]").astype("datetime64[s]") + 2 * DAY)


def fetch_load(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch actual load."""
    return read_load(ask_load(session, part, chunk), area=part.name)


def ask_load(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for actual load."""
    query = {"documentType": "A65", "processType": "A16", "outBiddingZone_Domain": _eic(session, part)}
    return _ask(session, chunk, query)


def fetch_generation(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch actual generation by type."""
    return read_generation(ask_generation(session, part, chunk), area=part.name)


def ask_generation(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for actual generation by type."""
    query = {"documentType": "A75", "processType": "A16", "in_Domain": _eic(session, part)}
    return _ask(session, chunk, query)


def fetch_prices(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch day-ahead prices."""
    return read_prices(ask_prices(session, part, chunk), area=part.name)


def ask_prices(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for day-ahead prices."""
    eic = _eic(session, part)
    return _ask(session, chunk, {"documentType": "A44", "in_Domain": eic, "out_Domain": eic})


def judge(answer: Answer) -> Verdict:
    """Judge an answer: an acknowledgement of no data is data, any other is a refusal, 429 is a ban of minutes."""
    if answer.status == 429:
        error = QuotaReached(
            _("the provider allows no more calls for now"),
            where=place(answer),
            seen="HTTP 429",
            todo=_("Wait ten minutes, then run the same command: it goes on where it stopped."),
        )
        return Verdict(error=error, for_today=False)
    verdict = by_status(answer)
    if verdict.again or answer.status in {401, 403}:
        return verdict
    try:
        roots = _roots(answer)
    except TamnaError as error:
        return verdict if verdict.error is not None else Verdict(error=error)
    for root in roots:
        refused = _acknowledged(answer, root)
        if refused is not None:
            return Verdict(error=refused)
        if local_name(root) == "Acknowledgement_MarketDocument":
            return TAKE
    return verdict


def read_load(answers: Sequence[Answer], *, area: str) -> Reading:
    """Read actual load [MW, mean of the interval]."""
    return _read(answers, source="entsoe_load", reader="read_load", prefix=f"entsoe/{area}/", slug="load")


def read_generation(answers: Sequence[Answer], *, area: str) -> Reading:
    """Read actual generation by type [MW, mean]; what a type consumes (pumping) is a series of its own."""
    prefix = f"entsoe/{area}/generation/"
    return _read(answers, source="entsoe_generation", reader="read_generation", prefix=prefix, slug="")


def read_prices(answers: Sequence[Answer], *, area: str) -> Reading:
    """Read day-ahead prices [currency/MWh as the document names it]."""
    prefix = f"entsoe/{area}/"
    return _read(answers, source="entsoe_prices", reader="read_prices", prefix=prefix, slug="price_da")


def observe(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Say which elements the documents have, with their resolutions and units."""
    seen: dict[str, str] = {}
    for answer in answers:
        for root in _roots(answer):
            for series in children(root, "TimeSeries"):
                if text_at(root, "type"):
                    seen["type"] = "text"
                if text_at(series, "MktPSRType", "psrType"):
                    seen["psrType"] = "text"
                if text_at(series, "curveType"):
                    seen["curveType"] = "text"
                unit = text_at(series, "quantity_Measure_Unit.name")
                price = "/".join(
                    text_at(series, name) for name in ("currency_Unit.name", "price_Measure_Unit.name")
                )
                for period in children(series, "Period"):
                    start = text_at(period, "timeInterval", "start")
                    if start:
                        seen["timeInterval"] = "UTC" if start.endswith("Z") else start[:40]
                    seen["resolution"] = text_at(period, "resolution")
                    for point in children(period, "Point")[:1]:
                        for cell in point:
                            name = local_name(cell)
                            seen[name] = {"quantity": unit, "price.amount": price}.get(name, "number")
    return seen


def _read(answers: Sequence[Answer], *, source: str, reader: str, prefix: str, slug: str) -> Reading:
    columns: dict[tuple[str, int, str], Column] = {}
    mistakes: list[Mistake] = []
    for answer in answers:
        for root in _roots(answer):
            refused = _acknowledged(answer, root)
            if refused is not None:
                raise refused
            if not local_name(root).endswith("_MarketDocument"):
                raise SourceError(
                    _("the answer is not a market document"), where=place(answer), seen=local_name(root)[:60]
                )
            for series in children(root, "TimeSeries"):
                name = slug or _type(series)
                unit, wrong = _unit(answer, series, prices=source == "entsoe_prices")
                mistakes += wrong
                for period in children(series, "Period"):
                    mistakes += _period(answer, period, series, columns, (prefix + name, source, unit))
    found = reading(answers, columns.values(), reader=reader, source=source, mistakes=mistakes)
    return found.noticing(*(gap for block in found.blocks for gap in gaps(block)))


def _period(
    answer: Answer,
    period: etree._Element,
    series: etree._Element,
    columns: dict[tuple[str, int, str], Column],
    spec: tuple[str, str, str],
) -> list[Mistake]:
    """Add one period: place its points, hold values where the curve type says that repeats are left out."""
    start = _moment(text_at(period, "timeInterval", "start"))
    end = _moment(text_at(period, "timeInterval", "end"))
    step = _RESOLUTION.get(text_at(period, "resolution"))
    if start is None or end is None or step is None or not start < end:
        seen = " ".join(
            (
                text_at(period, "timeInterval", "start"),
                text_at(period, "timeInterval", "end"),
                text_at(period, "resolution"),
            )
        )
        return [Mistake(what=_("a period without readable times"), where=place(answer), seen=seen[:80])]
    count = int((end - start) / np.timedelta64(step, "s"))
    points: dict[int, tuple[float, int]] = {}
    for point in children(period, "Point"):
        position = text_at(point, "position")
        valid = position.isascii() and position.isdigit() and len(position) < 8
        if not valid or not 1 <= int(position) <= min(count, _MOST_POSITIONS):
            return [
                Mistake(
                    what=_("a point outside its period"),
                    where=Place(path=answer.address, column="position"),
                    seen=f"{position[:20]} / {count}",
                )
            ]
        points[int(position)] = number(text_at(point, "quantity") or text_at(point, "price.amount"))
    column = columns.setdefault((spec[0], step, spec[2]), Column(spec[0], spec[1], spec[2], Kind.MEAN, step))
    if sum(len(c.valid) for c in columns.values()) + count > _MOST_VALUES:
        return [Mistake(what=_("the answer is larger than the limit"), where=place(answer), seen=str(count))]
    holds = text_at(series, "curveType") == "A03"
    held: tuple[float, int] | None = None
    for at in range(min(count, _MOST_POSITIONS)):
        held = points.get(at + 1, held if holds else None)
        if held is not None:
            column.add(start + np.timedelta64(step * at, "s"), *held)
    return []


def _unit(answer: Answer, series: etree._Element, *, prices: bool) -> tuple[str, list[Mistake]]:
    if not prices:
        unit = text_at(series, "quantity_Measure_Unit.name")
        if unit == "MAW":
            return "MW", []
        return "MW", [Mistake(what=_("a unit that we do not know"), where=place(answer), seen=unit[:40])]
    currency, per = text_at(series, "currency_Unit.name"), text_at(series, "price_Measure_Unit.name")
    if per == "MWH" and re.fullmatch(r"[A-Z]{3}", currency):
        return f"{currency}/MWh", []
    seen = f"{currency}/{per}"
    return seen, [Mistake(what=_("a unit that we do not know"), where=place(answer), seen=seen[:40])]


def _type(series: etree._Element) -> str:
    """Name the series by its production type; with an out-domain it is consumption."""
    code = text_at(series, "MktPSRType", "psrType")
    slug = TYPES.get(code, "type_" + re.sub(r"[^a-z0-9]", "", code.lower())[:10])
    return slug + ("_consumption" if children(series, "outBiddingZone_Domain.mRID") else "")


def _moment(text: str) -> np.datetime64 | None:
    """Read ``2025-06-01T00:00Z``."""
    return stamp(text[:-1], timezone="UTC") if text.endswith("Z") and "T" in text else None


def _roots(answer: Answer) -> list[etree._Element]:
    return [xml_of(replace(answer, body=body)) for body in members(answer)]


def _acknowledged(answer: Answer, root: etree._Element) -> TamnaError | None:
    """Give the refusal in an acknowledgement; "no matching data" is none."""
    if local_name(root) != "Acknowledgement_MarketDocument":
        return None
    said = "; ".join(text_at(reason, "text") for reason in children(root, "Reason"))
    if re.search(r"no matching data", said, re.IGNORECASE):
        return None
    return FetchError(
        _("the provider refuses the request"),
        where=place(answer),
        seen=said[:200],
        todo=_("Ask for a shorter time or another area."),
    )


def _ask(session: Session, chunk: Period, query: Mapping[str, str]) -> tuple[Answer, ...]:
    start, end = (
        chunk.start.astype("datetime64[h]"),
        (chunk.end + HOUR - np.timedelta64(1, "s")).astype("datetime64[h]"),
    )
    request = Request(
        base=setting("TAMNA_ENTSOE_URL"),
        path="/api",
        parameters={
            **query,
            "periodStart": minute_text(start.astype("datetime64[s]"), "UTC"),
            "periodEnd": minute_text(end.astype("datetime64[s]"), "UTC"),
        },
        key_name="securityToken",
        key=secret("TAMNA_ENTSOE_TOKEN"),
    )
    return (session.get(request, judge),)


def _eic(session: Session, part: Part) -> str:
    return next(a.eic for a in session.options.areas if a.name == part.name)
