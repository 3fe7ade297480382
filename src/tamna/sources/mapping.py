"""The mapping file: how a person says in a few lines what a CSV or Parquet file of their own is.

It is called ``tamna-mapping.yaml`` and lies beside the files it describes (or is named in the call)::

    files:
      - match: "meter_*.csv"
        time: {column: time, format: "%Y-%m-%d %H:%M", timezone: Asia/Seoul, label: end}
        resolution: 1h
        columns:
          wind_kwh: {series: jeju/wind, unit: MWh, from: kWh, kind: sum}

``match`` looks at the file's name only. A column may hold several places: ``by: {zone: ZONEID}`` puts the
text of that column into ``{zone}`` of the series' names. Columns that are not named are listed as ignored.

Of two files that tell the same hours the one counts that was published later: a file's ``published: 2024-02-01``,
or the end of its data where it does not say. So a correction of last April says when it was made: not before what it
tells had happened, and not in the future.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, time
from fnmatch import fnmatchcase
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    field_validator,
    model_validator,
)

from tamna.errors import Mistake, Place, SourceError, UsageError
from tamna.grid.clock import KOREA, Label, zone
from tamna.lang import _
from tamna.sources.block import Kind
from tamna.sources.files import clean, refuse
from tamna.sources.table import SOURCES
from tamna.sources.units import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

MAPPING_NAME = "tamna-mapping.yaml"
_MOST_BYTES = 1_000_000
_LENGTH = re.compile(r"(\d+)\s*(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def _length(value: Any) -> Any:
    """Read ``15min``, ``1h``, ``30d`` or seconds."""
    found = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(found[1]) * _SECONDS[found[2]] if found else value


Length = Annotated[int, BeforeValidator(_length), Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Time(_Strict):
    """A column of times: its texts' formats (tried in turn), its clock and what its label says.

    `format` may be one strptime format, several, or ``unix`` for seconds since 1970; left out, times
    are read as ``2023-01-31 13:00``, and 24:00 ends a day.
    """

    column: str
    format: str | tuple[str, ...] = ()
    timezone: str = KOREA
    label: Label = Label.START

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            zone(value)
        except UsageError as error:
            raise ValueError(str(error)) from error
        return value

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats as a tuple."""
        return (self.format,) if isinstance(self.format, str) else self.format


class Column(_Strict):
    """A column of numbers: the series it becomes, our unit, and the unit or factor it comes in.

    `label` overrules the label of the time column: a label belongs to a column.
    """

    series: Annotated[str, Field(pattern=r"^[a-z0-9_{}.-]+(/[a-z0-9_{}.-]+)+$")]
    unit: str
    kind: Kind
    from_: Annotated[str | None, Field(alias="from")] = None
    factor: float = 1.0
    label: Label | None = None

    def scale(self) -> tuple[float, float]:
        """Give factor and offset to `unit`."""
        if self.from_ is None or clean(self.from_).lower() == self.unit.lower():
            return self.factor, 0.0
        table = KNOWN.get(self.unit, {})
        found = table.get(clean(self.from_).lower())
        if found is None:
            raise ValueError(f"no known factor from {self.from_!r} to {self.unit!r}; write factor: instead")
        return found[0] * self.factor, found[1] * self.factor

    @model_validator(mode="after")
    def _known_conversion(self) -> Column:
        self.scale()
        return self


class FileMapping(_Strict):
    """What the files whose name matches are.

    `published` is the moment they were given out: a datetime with its zone, or a day, which begins in the
    zone of the time column.
    """

    match: str
    time: Time
    resolution: Length
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    issued_at: Time | None = None
    by: dict[str, str] = {}
    delay: Length | None = None
    source: str = "mapped"
    published: Annotated[datetime, Strict()] | Annotated[date, Strict()] | None = None

    @field_validator("published")
    @classmethod
    def _with_zone(cls, value: datetime | date | None) -> datetime | date | None:
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("a moment needs its zone, such as 2024-02-01T09:00:00+09:00; or give the day")
        if value is not None and not 1900 <= value.year < 2200:
            raise ValueError("a year from 1900 to 2199")
        return value

    @property
    def published_at(self) -> str:
        """The moment of publication in UTC as a receipt carries it; empty where it is not told."""
        if self.published is None:
            return ""
        moment = (
            self.published
            if isinstance(self.published, datetime)
            else datetime.combine(self.published, time(), zone(self.time.timezone))
        )
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

    @property
    def sha256(self) -> str:
        """Fingerprint of what the entry says: a file read by another entry is another reading."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()

    @field_validator("source")
    @classmethod
    def _known_source(cls, value: str) -> str:
        if value not in SOURCES:
            raise ValueError(f"unknown source; known are {', '.join(SOURCES)}")
        return value

    @model_validator(mode="after")
    def _known_places(self) -> FileMapping:
        wanted = {
            field for c in self.columns.values() for _t, field, _s, _c in Formatter().parse(c.series) if field
        }
        unknown = sorted(wanted - set(self.by))
        if unknown:
            raise ValueError(f"by: does not say which column {{{unknown[0]}}} stands for")
        return self

    def fits(self, name: str) -> bool:
        """Tell whether a file of this name is meant."""
        return fnmatchcase(clean(name).lower(), clean(self.match).lower())


class Mapping(_Strict):
    """A mapping file: the first entry whose pattern fits a file's name describes it."""

    files: tuple[FileMapping, ...]
    version: Literal[1] = 1

    def of(self, name: str) -> FileMapping | None:
        """Find the entry for a file's name."""
        return next((entry for entry in self.files if entry.fits(name)), None)


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises
    ------
    SourceError
        It is no YAML, or keys are missing, unknown or wrong: all of them at once.
    """
    try:
        text = path.read_text("utf-8-sig")
        if len(text) > _MOST_BYTES:
            raise refuse(path.name, _("a mapping file of more than 1 MB"), todo=_("Keep it short."))
        found = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise refuse(
            path.name,
            _("the mapping file cannot be read"),
            seen=str(error),
            todo=_("Write it as YAML in UTF-8."),
        ) from error
    try:
        return Mapping.model_validate(found)
    except ValidationError as error:
        raise SourceError(
            [
                Mistake(
                    what=_("the mapping is wrong here: {problem}", problem=problem["msg"]),
                    where=Place(
                        file=path.name, path=".".join(str(part) for part in problem["loc"]) or "files"
                    ),
                    seen=str(problem["input"])[:80],
                    todo=_("See the example in the documentation of tamna.sources.mapping."),
                )
                for problem in error.errors()
            ]
        ) from error


def mapping_beside(path: Path) -> Mapping | None:
    """Read the mapping file in the folder of `path`, if there is one."""
    beside = path.parent / MAPPING_NAME
    return read_mapping(beside) if beside.is_file() and path.name != MAPPING_NAME else None
