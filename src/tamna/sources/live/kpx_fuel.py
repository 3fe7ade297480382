"""KPX: generation by fuel every five minutes, national (Jeju included), from two services.

They use the same field names and **columns 8 and 9 mean different things**: the market one
(``sumperfuel5m``) has solar in 8, wind in 9 and other renewables in 10; the system one
(``PwrAmountByGen``) has all renewables in 8 and solar in 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.errors import Mistake
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Flag, Kind, Reading
from tamna.sources.live.columns import Column, gaps, number, reading, stamp, unplaced
from tamna.sources.live.envelope import pages, rows_of
from tamna.sources.live.http import Answer, Request
from tamna.sources.live.keys import secret
from tamna.sources.live.session import Part, Session, day_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tamna.grid.clock import Period

STEP_S = 300
_SAME = {
    "fuelPwr1": "hydro",
    "fuelPwr2": "oil",
    "fuelPwr3": "bituminous_coal",
    "fuelPwr4": "nuclear",
    "fuelPwr5": "pumped_storage",
    "fuelPwr6": "gas",
    "fuelPwr7": "domestic_coal",
}
MARKET: Mapping[str, str] = {
    **_SAME,
    "fuelPwr8": "pv",
    "fuelPwr9": "wind",
    "fuelPwr10": "other_renewables",
    "pEsmw": "pv_ppa",
    "bEsmw": "pv_btm",
    "fuelPwrTot": "market_demand",
}
SYSTEM: Mapping[str, str] = {**_SAME, "fuelPwr8": "renewables", "fuelPwr9": "pv", "fuelPwrTot": "demand"}
_ESTIMATED = {"pEsmw", "bEsmw"}
_TIMES = ("baseDateTime", "baseDatetime")
SHAPE = {"baseDateTime": "stamp", **dict.fromkeys(MARKET, "number")}
SHAPE_SYSTEM = {"baseDatetime": "stamp", **dict.fromkeys(SYSTEM, "number")}


def fetch_market(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch today's generation by fuel in the market."""
    return read_market(ask_market(session, part, chunk))


def ask_market(session: Session, _part: Part, _chunk: Period) -> tuple[Answer, ...]:
    """Ask the market service for today."""
    return _ask(session, "/B552115/sumperfuel5m/getSumperfuel5m", {})


def fetch_system(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch a day of generation by fuel in the system."""
    return read_system(ask_system(session, part, chunk))


def ask_system(session: Session, _part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask the system service for the day that `chunk` starts in."""
    return _ask(session, "/B552115/PwrAmountByGen/getPwrAmountByGen", {"baseDate": day_text(chunk.start)})


def read_market(answers: Sequence[Answer]) -> Reading:
    """Read the market service: column 8 solar, 9 wind, 10 other renewables [MW at the stamp].

    ``pEsmw`` and ``bEsmw`` (PPA and behind-the-meter PV) are KPX's own estimates and flagged so;
    ``fuelPwrTot`` is market demand, not the sum.
    """
    return _read(answers, MARKET, source="kpx_fuelmix", reader="read_market")


def read_system(answers: Sequence[Answer]) -> Reading:
    """Read the system service: column 8 all renewables, 9 solar [MW at the stamp]."""
    return _read(answers, SYSTEM, source="kpx_powergen", reader="read_system")


def _ask(session: Session, path: str, more: Mapping[str, str]) -> tuple[Answer, ...]:
    request = Request(
        base=setting("TAMNA_DATA_GO_KR_URL"),
        path=path,
        parameters={"dataType": "json", **more},
        key_name="serviceKey",
        key=secret("TAMNA_DATA_GO_KR_KEY"),
    )
    return pages(session, request, rows=300)


def _read(answers: Sequence[Answer], names: Mapping[str, str], *, source: str, reader: str) -> Reading:

    answers = tuple(answers)
    rows, short_by = rows_of(answers)
    columns = {
        name: Column(f"kr/national/{slug}", source, "MW", Kind.INSTANT, STEP_S)
        for name, slug in names.items()
    }
    mistakes: list[Mistake] = []
    present = {name for row in rows for name in row}
    for at, row in enumerate(rows, 1):
        text = next((row[name] for name in _TIMES if row.get(name)), "")
        valid = stamp(text) if len(text) >= 12 else None
        if valid is None:
            mistakes.append(unplaced(answers[0], at, _TIMES[0], text))
            continue
        if valid > answers[-1].retrieved:
            continue
        for name, column in columns.items():
            if name in present:
                value, flag = number(row.get(name))
                estimated = int(Flag.ESTIMATED | Flag.BY_PROVIDER) if name in _ESTIMATED else 0
                column.add(valid, value, flag | estimated)
    if rows and not present & set(names):
        mistakes.append(
            Mistake(what=_("none of the documented fields is there"), seen=", ".join(sorted(present)))
        )
    found = reading(
        answers,
        columns.values(),
        reader=reader,
        source=source,
        mistakes=mistakes,
        notes=(f"column 8 is {names['fuelPwr8']}, column 9 is {names['fuelPwr9']}",),
        ignored=dict.fromkeys(sorted(present - {*names, *_TIMES, "rn"})[:50], "not documented"),
        short_by=short_by,
    )
    return found.noticing(*(gap for block in found.blocks[:1] for gap in gaps(block)))
