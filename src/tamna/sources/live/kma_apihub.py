"""KMA API hub: hourly surface observations as text (``kma_sfctm3``), station by station."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import FetchError, KeyRefused, Mistake, Place, SourceError, TamnaError
from tamna.grid.clock import HOUR, Period, to_local
from tamna.lang import _
from tamna.settings import setting
from tamna.sources.block import Kind, Reading
from tamna.sources.live.columns import MISSING, Column, gaps, number, reading, stamp, unplaced
from tamna.sources.live.envelope_shape import kind as kind_of
from tamna.sources.live.envelope_shape import widest
from tamna.sources.live.http import TAKE, Answer, Request, Verdict, by_status
from tamna.sources.live.keys import secret
from tamna.sources.live.session import Part, Session, minute_text, since_long
from tamna.sources.live.text import decoded, is_html, json_of, place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = [
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
# column: quantity, unit, kind, factor, whether it is of the hour before the stamp
FIELDS: dict[str, tuple[str, str, Kind, float, bool]] = {
    "TA": ("temperature", "degC", Kind.INSTANT, 1, False),
    "TD": ("dew_point", "degC", Kind.INSTANT, 1, False),
    "TS": ("ground_temperature", "degC", Kind.INSTANT, 1, False),
    "WS": ("wind_speed", "m/s", Kind.INSTANT, 1, False),
    "WD": ("wind_direction", "deg", Kind.INSTANT, 10, False),
    "HM": ("humidity", "%", Kind.INSTANT, 1, False),
    "PV": ("vapour_pressure", "hPa", Kind.INSTANT, 1, False),
    "PA": ("pressure", "hPa", Kind.INSTANT, 1, False),
    "PS": ("sea_level_pressure", "hPa", Kind.INSTANT, 1, False),
    "CA_TOT": ("cloud_cover", "%", Kind.INSTANT, 10, False),
    "VS": ("visibility", "m", Kind.INSTANT, 10, False),
    "RN": ("precipitation", "mm", Kind.SUM, 1, True),
    "SS": ("sunshine", "h", Kind.SUM, 1, True),
    "SI": ("radiation", "W/m2", Kind.MEAN, 1e6 / 3600, True),
}
# -9.0 degC is weather; in every other column it means that nothing was measured
_TEMPERATURES = {"TA", "TD", "TS"}
_COLDEST = -50.0
SHAPE = {
    "START7777": "mark",
    "TM": "stamp",
    **{name: "number" if name in {*FIELDS, "STN"} else "text" for name in COLUMNS[1:]},
    "7777END": "mark",
}
_SOURCE = "kma_apihub"


def offers(now: np.datetime64) -> Period:
    """Give what the hub holds: to the last full hour."""
    return since_long("1979-12-31T15:00", now.astype("datetime64[h]").astype("datetime64[s]"))


def fetch_apihub(session: Session, part: Part, chunk: Period) -> Reading:
    """Fetch the hours of one station, at most 31 days."""
    return read_apihub(ask_apihub(session, part, chunk))


def ask_apihub(session: Session, part: Part, chunk: Period) -> tuple[Answer, ...]:
    """Ask for the stamps in `chunk`."""
    last = chunk.end - HOUR if chunk.seconds > 3600 else chunk.start
    request = Request(
        base=setting("TAMNA_KMA_APIHUB_URL"),
        path="/api/typ01/url/kma_sfctm3.php",
        parameters={
            "tm1": minute_text(chunk.start),
            "tm2": minute_text(last),
            "stn": part.name,
            "help": "0",
        },
        key_name="authKey",
        key=secret("TAMNA_KMA_APIHUB_KEY"),
    )
    return (session.get(request, judge),)


def judge(answer: Answer) -> Verdict:
    """Judge an answer: errors are JSON, a broken-off text lacks ``7777END`` and is asked for again."""
    verdict = by_status(answer)
    try:
        text = decoded(answer)
        error = _error_of(answer, text)
    except TamnaError as refused:
        return verdict if verdict.error is not None else Verdict(error=refused)
    if verdict.error is not None and (verdict.again or error is None):
        return verdict
    if error is not None:
        return Verdict(error=error)
    if "7777END" not in text:
        return Verdict(error=_broken_off(answer, text), again=True)
    return TAKE


def read_apihub(answers: Sequence[Answer]) -> Reading:
    """Read the 46 blank-separated columns between ``#START7777`` and ``#7777END``; stamps are KST instants.

    Wind direction is in tens of degrees, radiation in MJ/m2 of the hour before. -9 and -99 are missing, but
    -9.0 degC is real. From November to March rain is of three hours and is left out.

    Raises
    ------
    TamnaError
        The text is broken off, is an error, or has rows of another width or without a readable time.
    """
    answers = tuple(answers)
    columns: dict[tuple[str, str], Column] = {}
    mistakes: list[Mistake] = []
    winter = False
    for answer in answers:
        text = decoded(answer)
        if (error := _error_of(answer, text)) is not None:
            raise error
        if "7777END" not in text:
            raise _broken_off(answer, text)
        for at, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            cells = line.replace(",", " ").rstrip("= ").split()
            if len(cells) != len(COLUMNS):
                mistakes.append(
                    Mistake(
                        what=_(
                            "a row of {n} columns in place of {expected}", n=len(cells), expected=len(COLUMNS)
                        ),
                        where=Place(path=answer.address, line=at),
                        seen=line[:60],
                    )
                )
                continue
            row = dict(zip(COLUMNS, cells, strict=True))
            valid, station = stamp(row["TM"]), row["STN"]
            if valid is None or len(row["TM"]) != 12 or not (station.isascii() and station.isdigit()):
                mistakes.append(unplaced(answer, at, "TM", f"{row['TM']} {station}"[:60]))
                continue
            month = (
                int(to_local(np.array([valid]), "Asia/Seoul").astype("datetime64[M]").astype(int)[0] % 12) + 1
            )
            for name, (quantity, unit, kind, factor, before) in FIELDS.items():
                if name == "RN" and month in {11, 12, 1, 2, 3}:
                    winter = True
                    continue
                column = columns.setdefault(
                    (station, name), Column(f"asos/{station[:6]}/{quantity}", _SOURCE, unit, kind, 3600)
                )
                column.add(valid - HOUR if before else valid, *_measured(name, row[name], factor))
    found = reading(
        answers,
        [c for c in columns.values() if not all(math.isnan(v) for v in c.value)],
        reader="read_apihub",
        source=_SOURCE,
        mistakes=mistakes,
        notes=("radiation = MJ/m2 of the hour before the stamp x 277.78 [W/m2]",),
        ignored={"RN": "of three hours from November to March"} if winter else {},
    )
    temperatures = [b for b in found.blocks if b.series.endswith("/temperature")]
    return found.noticing(*(gap for block in temperatures for gap in gaps(block)))


def observe(answers: Sequence[Answer]) -> Mapping[str, str]:
    """Say which columns there are, of which kind, and whether the marks are there.

    The names of a comment line are believed where they are as many as the cells and all different; else the
    columns are known by their number alone.
    """
    seen: dict[str, str] = {}
    for answer in answers:
        names: list[str] = []
        rows: list[list[str]] = []
        text = decoded(answer)
        for line in text.splitlines():
            if line.startswith("#") and " STN" in line:
                names = line.lstrip("# ").replace("YYMMDDHHMI", "TM").split()
            elif line.strip() and not line.startswith("#"):
                rows.append(line.replace(",", " ").rstrip("= ").split())
        width = max(map(len, rows), default=0)
        if not width:
            continue
        seen |= {mark: "mark" for mark in ("START7777", "7777END") if mark in text}
        if len(names) != width or len(set(names)) != width:
            names = [*COLUMNS, *(f"column {i}" for i in range(len(COLUMNS) + 1, width + 1))][:width]
        whole = [row for row in rows if len(row) == width]
        seen |= {name: widest({kind_of(row[i]) for row in whole}) for i, name in enumerate(names[:100])}
    return seen


def _measured(name: str, text: str, factor: float) -> tuple[float, int]:
    value, flag = number(text, factor)
    bare = value / factor
    if name in _TEMPERATURES:
        gone = bare <= _COLDEST
    else:
        gone = bare == -9 or bare <= -99 or (name != "WD" and bare < 0)
    return (math.nan, MISSING) if gone else (value, flag)


def _error_of(answer: Answer, text: str) -> TamnaError | None:
    """Find the refusal in an answer that is not the table: ``{"result": {"status": 401, "message": "..."}}``."""
    if text.lstrip()[:1] == "{":
        document = json_of(answer, text)
        result = document.get("result", document) if isinstance(document, dict) else {}
        status = str(result.get("status", "")) if isinstance(result, dict) else ""
        said = str(result.get("message", ""))[:80] if isinstance(result, dict) else ""
        kind = KeyRefused if status in {"401", "403"} else FetchError
        return kind(
            _("the provider refuses the request"), where=place(answer), seen=f"{status} {said}".strip()
        )
    if is_html(text):
        return SourceError(_("a web page came in place of data"), where=place(answer), seen=text[:60])
    return None


def _broken_off(answer: Answer, text: str) -> SourceError:
    return SourceError(
        _("the answer broke off"),
        where=place(answer),
        seen=_ending(text),
        todo=_("Try again later; what came so far is kept."),
    )


def _ending(text: str) -> str:
    return "..." + text.strip()[-40:]
