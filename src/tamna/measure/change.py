"""A change between two periods is printed only where both stand on the same metering base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamna.errors import UsageError
from tamna.grid.clock import Resolution, iso
from tamna.lang import Message, _
from tamna.measure.bins import LEAST_COUNTED, hours_of_year
from tamna.measure.words import Listing, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.measure.island import BaseChange
    from tamna.measure.shares import Answer, Answers, Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From one year to another: a difference, or the reasons why none is printed.

    Attributes
    ----------
    points
        Later minus earlier share, as a fraction (0.01 is one percentage point); None if refused.
    refused
        Every reason why the two do not compare.
    """

    earlier: Answer
    later: Answer
    points: float | None
    refused: tuple[Message, ...]

    def __str__(self) -> str:
        if self.points is None:
            return str(
                _(
                    "no change is given between {a} and {b}: {reasons}",
                    a=self.earlier.period,
                    b=self.later.period,
                    reasons=Listing(self.refused, "; "),
                )
            )
        return str(
            _(
                "{a} to {b}: {points:+.2f} percentage points",
                a=self.earlier.period,
                b=self.later.period,
                points=self.points * 100,
            )
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it: ``from, to, points, refused, text``."""
        return {
            "from": self.earlier.period,
            "to": self.later.period,
            "points": self.points,
            "refused": [str(r) for r in self.refused],
            "text": str(self),
        }


def change(m: Measurement, boundary: str, rule: str, earlier: int, later: int) -> Change:
    """Compare two calendar years under one definition, if their metering base is the same.

    Refused, with every reason, where either year has no answer or lacks more than 1 % of its hours;
    where a column changes its base between or within them; where a series lacks part of its fleet; where
    a counted class stands on an assumed figure; or where plants are known to have moved between classes of which the boundary counts some and not all.

    Raises
    ------
    UsageError
        A year that the measurement does not hold.
    """
    yearly = (m if m.by is Resolution.YEAR else m.at(Resolution.YEAR))[boundary, rule]
    at = [_find(yearly, year) for year in (earlier, later)]
    answers = [yearly[i] for i in at]
    reasons = list(dict.fromkeys(_reasons(m, yearly, at[0], at[1])))
    values = [a.value for a in answers]
    points = None if reasons or None in values else float(yearly.value[at[1]] - yearly.value[at[0]])
    return Change(earlier=answers[0], later=answers[1], points=points, refused=tuple(reasons))


def _find(yearly: Answers, year: int) -> int:
    names = yearly.bins.names
    if str(year) not in names:
        raise UsageError(
            _("the measurement does not hold this year"),
            seen=year,
            todo=_("Measure a period that contains it; it holds {years}.", years=", ".join(names)),
        )
    return names.index(str(year))


def _reasons(m: Measurement, yearly: Answers, a: int, b: int) -> Iterator[Message]:
    for i in (a, b):
        yield from _own_reasons(m, yearly, i)
    assumed = tuple(c for c in yearly.track.definition.counted.classes if c.assumed)
    if assumed:
        yield _("{classes}: assumed for each year", classes=Listing(assumed, " + "))
    columns = m.hours.columns
    for name in _names(yearly):
        bases = [columns[name].bases_in(yearly.bins.slice(i)) for i in (a, b)]
        if bases[0] != bases[1] and all(bases):
            yield _(
                "{column} is metered on another base ({a}, then {b})",
                column=name,
                a=in_words(bases[0]),
                b=in_words(bases[1]),
            )
    for known in m.hours.changes:
        if _touches(yearly, known) and _lies_between(yearly, known, a, b):
            yield _("{what} ({when})", what=known.text, when=iso(known.at, m.hours.timezone)[:10])


def _own_reasons(m: Measurement, yearly: Answers, i: int) -> Iterator[Message]:
    answer = yearly[i]
    if answer.reason is not None:
        yield _("{year}: {reason}", year=answer.period, reason=answer.reason)
        return
    whole = hours_of_year(int(answer.period), m.hours.timezone)
    if answer.hours_counted < LEAST_COUNTED * whole:
        yield _(
            "{year}: only {n} of {whole} hours are counted",
            year=answer.period,
            n=answer.hours_counted,
            whole=whole,
        )
    if answer.coverage_hours:
        yield _(
            "{year}: in {n} hours a series lacks part of its fleet",
            year=answer.period,
            n=answer.coverage_hours,
        )
    for name in _names(yearly):
        bases = m.hours.columns[name].bases_in(yearly.bins.slice(i))
        if len(bases) > 1:
            yield _(
                "{year}: {column} changes its base within the year ({bases})",
                year=answer.period,
                column=name,
                bases=in_words(bases),
            )


def _names(yearly: Answers) -> tuple[str, ...]:
    track = yearly.track
    names = ("demand", *track.definition.counted.names)
    if track.supply is None:
        return names
    return tuple(name for name, column in yearly.hours.columns.items() if column.held)


def _touches(yearly: Answers, known: BaseChange) -> bool:
    if "demand" in known.between:
        return True
    counted = {name in yearly.track.definition.counted.names for name in known.between}
    leaves_the_books = len(known.between) == 1
    return counted == {True, False} or (leaves_the_books and counted == {True})


def _lies_between(yearly: Answers, known: BaseChange, a: int, b: int) -> bool:
    first, last = sorted((a, b))
    start, end = yearly.bins.period(first).start, yearly.bins.period(last).end
    over = known.at if known.until is None else known.until
    return bool(known.at < end and over > start)
