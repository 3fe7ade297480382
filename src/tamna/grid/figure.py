"""One number of a grid file, with what stands behind it.

The unit is in the name of the field that holds the figure (``power_mw``, ``energy_mwh``). What stands
behind the number is one of four things, and `Figure.status` says which:

==============  ==========================================================================
``sourced``     ``{value: 300, source: [kpx-paper], confidence: H, as_of: 2024-03-31}``
``assumed``     ``{value: 0.03, assumed: "no loss is published", range: [0.02, 0.05]}``
``conflict``    ``{use: 150, why: "...", conflict: [{value: 150, source: a}, {value: 170, source: b}]}``
``unsourced``   a bare number, as in a user's own file
==============  ==========================================================================
"""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from tamna.lang import Message, _

Confidence = Literal["H", "M", "L"]
Status = Literal["sourced", "assumed", "conflict", "unsourced"]


class Noun(BaseModel):
    """The ground of every noun of the grid: frozen, no unknown names, no guessing of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def refuse(what: Message, *, todo: Message | None = None, at: str | None = None) -> NoReturn:
    """Refuse a value inside a validator; `load` turns it into a `Mistake` with its line.

    `at` names the field below the validated object that is to blame.
    """
    raise PydanticCustomError("tamna", "refused", {"what": what, "todo": todo, "at": at})


def check_number(value: Any) -> float:
    """Accept a finite number and nothing that merely looks like one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        plain = str(value).replace(",", "").replace("_", "").strip()
        try:
            plain = f"{float(plain):.15g}"
        except (ValueError, OverflowError):
            refuse(_("must be a number"), todo=_("Write a plain number; the unit is in the field's name."))
        if isinstance(value, bool):
            refuse(_("must be a number"), todo=_("Write a plain number; the unit is in the field's name."))
        refuse(_("must be a number, not text"), todo=_("Write {number}.", number=plain))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        refuse(_("must be a finite number"), todo=_("Leave the field out where the value is not known."))
    return number


Number = Annotated[float, BeforeValidator(check_number)]


def check_day(value: Any) -> date:
    """Accept a day, or its text ``2024-06-01``; never a number that could be one."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else "")
    except (TypeError, ValueError):
        refuse(_("must be a day"), todo=_("Write it as 2024-06-01."))


Day = Annotated[date, BeforeValidator(check_day)]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Keys = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


def check_range(value: Any) -> Any:
    """Accept ``[low, high]``."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        refuse(_("must be two numbers, low and high"), todo=_("Write range: [0.8, 0.9]."))
    low, high = (check_number(v) for v in value)
    if low > high:
        refuse(_("the low end of a range lies above its high end"), todo=_("Swap the two numbers."))
    return (low, high)


Range = Annotated[tuple[float, float], BeforeValidator(check_range)]


class Claim(Noun):
    """What one source says where sources disagree."""

    value: Number
    source: Keys = Field(min_length=1)
    range: Range | None = None
    note: str | None = None


class Figure(Noun):
    """A number and what stands behind it.

    Attributes
    ----------
    value
        In the unit of the field's name.
    source
        Keys of the file's ``sources:`` list.
    confidence
        ``H`` primary or two agreeing sources, ``M`` one secondary source, ``L`` inferred.
    as_of
        The day the value is about.
    assumed, range
        Why this value is assumed, and how far off it may be, as ``(low, high)`` in the same unit.
    conflict, why
        What each source says, and why `value` is the one in use.
    note
        Anything a reader should know (how it was derived).

    Examples
    --------
    >>> Figure.model_validate(42).status
    'unsourced'
    >>> Figure.model_validate({"value": 0.85, "assumed": "typical", "range": [0.8, 0.9]}).status
    'assumed'
    """

    value: Number
    source: Keys = ()
    confidence: Confidence | None = None
    as_of: Day | None = None
    assumed: str | None = Field(default=None, min_length=3)
    range: Range | None = None
    conflict: tuple[Claim, ...] = ()
    why: str | None = None
    note: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number_or_use(cls, data: Any) -> Any:
        if isinstance(data, Figure):
            return data
        if not isinstance(data, dict):
            return {"value": check_number(data)}
        if "use" in data:
            if "value" in data:
                refuse(
                    _("has both 'value' and 'use'"), todo=_("Keep 'use' with a conflict, 'value' otherwise.")
                )
            return {("value" if key == "use" else key): value for key, value in data.items()}
        if "value" not in data:
            refuse(_("has no value"), todo=_("Add value: (or use: where sources conflict)."))
        return data

    @model_validator(mode="after")
    def _stands_on_one_thing(self) -> Figure:
        if sum((bool(self.source), self.assumed is not None, bool(self.conflict))) > 1:
            refuse(
                _("stands on more than one of source, assumed and conflict"),
                todo=_("Keep the one that is true; put the rest into note:."),
            )
        if self.assumed is not None and self.range is None:
            refuse(_("is assumed without a range"), todo=_("Add range: [low, high], in the same unit."))
        if self.range is not None and not self.range[0] <= self.value <= self.range[1]:
            refuse(_("lies outside its own range"), todo=_("Widen the range or correct the value."))
        if self.conflict:
            self._check_conflict()
        return self

    def _check_conflict(self) -> None:
        if len(self.conflict) < 2:
            refuse(
                _("is a conflict of fewer than two claims"),
                todo=_("List at least two claims with their sources, or write value: and source:."),
            )
        if not self.why:
            refuse(
                _("has a conflict but no reason for the value in use"), todo=_("Add why: with one sentence.")
            )
        said = [end for claim in self.conflict for end in (claim.value, *(claim.range or ()))]
        if not min(said) <= self.value <= max(said):
            refuse(_("uses a value that no source supports"), todo=_("Use one of the claimed values."))

    @property
    def status(self) -> Status:
        """What stands behind the number."""
        if self.conflict:
            return "conflict"
        if self.assumed is not None:
            return "assumed"
        return "sourced" if self.source else "unsourced"

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source key named, those of the conflicting claims too."""
        return tuple(dict.fromkeys([*self.source, *(key for claim in self.conflict for key in claim.source)]))

    @property
    def span(self) -> tuple[float, float]:
        """How far the true value may lie off: the range, the claims' extremes, or the value twice."""
        if self.range is not None:
            return self.range
        if self.conflict:
            said = [end for claim in self.conflict for end in (claim.value, *(claim.range or ()))]
            return (min(said), max(said))
        return (self.value, self.value)

    def __float__(self) -> float:
        return self.value


class DatedFigure(Figure):
    """A figure that holds from a day on, until the next one of its list."""

    start: Day | None = Field(default=None, alias="from")
