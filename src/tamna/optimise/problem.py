"""A problem in the making: columns, rows and an objective, each with a name and a sentence that survive.

Blocks add to it and never look at the solver. Nothing is refused at once: every mistake is noted with its place, and
`Problem.arrays` raises them all together. What the solver is handed stands in `Arrays`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError, Mistake, Place, gather
from tamna.lang import Message, _
from tamna.optimise.terms import Algebra, Columns, Terms, constant, total_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

MOST_SHOWN = 3
"""So many steps of one mistake are named; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Equal steps of time.

    Attributes
    ----------
    count, hours
        How many steps, and how long one is [h]: from 5 minutes to an hour as a rule.
    labels
        What readers call each step, such as ``2023-01-01 03:00``; ``step 3`` where none are given.
    """

    count: int
    hours: float = 1.0
    labels: tuple[str, ...] = ()

    def label(self, step: int) -> str:
        """Name a step for a reader."""
        return self.labels[step] if self.labels else str(_("step {n}", n=step))

    def whole(self, hours: float) -> int:
        """Give the least number of steps that lasts `hours`."""
        return max(0, int(np.ceil(hours / self.hours - 1e-9)))


@dataclass(frozen=True, slots=True)
class Group:
    """A range of columns or rows under one name, with the sentence that says what it stands for."""

    name: str
    first: int
    size: int
    says: Message

    @property
    def place(self) -> slice:
        """Where its values stand among all."""
        return slice(self.first, self.first + self.size)


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """What the solver is handed: least ``cost @ x + offset`` with ``lower <= A x <= upper`` and bounds on x.

    `row`, `column`, `factor` are A as triplets, in the order in which blocks wrote them; duplicates add up.
    """

    column_lower: Floats
    column_upper: Floats
    integer: Bools
    cost: Floats
    offset: float
    row_lower: Floats
    row_upper: Floats
    row: Ints
    column: Ints
    factor: Floats
    columns: tuple[Group, ...]
    rows: tuple[Group, ...]

    def same_matrix(self, other: Arrays) -> bool:
        """Tell whether only bounds, right-hand sides and costs differ."""
        return (
            np.array_equal(self.integer, other.integer)
            and len(self.row_lower) == len(other.row_lower)
            and np.array_equal(self.row, other.row)
            and np.array_equal(self.column, other.column)
            and np.array_equal(self.factor, other.factor)
        )


@dataclass(slots=True)
class _Pile:
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    size: int = 0

    def add(self, name: str, lower: Floats, upper: Floats, says: Message) -> Group:
        group = Group(name, self.size, len(lower), says)
        self.groups[name] = group
        self.lower.append(lower)
        self.upper.append(upper)
        self.size += len(lower)
        return group


class Problem:
    """Columns, rows and an objective over `steps`, gathered block by block."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.mistakes: list[Mistake] = []
        self._columns, self._rows = _Pile(), _Pile()
        self._integer: list[Bools] = []
        self._matrix: list[Terms] = []
        self._objective: list[Terms] = []

    def columns(
        self,
        name: str,
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        integer: bool = False,
        size: int | None = None,
        says: Message | None = None,
    ) -> Columns:
        """Add variables, one a step (or `size`).

        Parameters
        ----------
        name
            Such as ``hallim/charge``; must be new.
        lower, upper, cost : number or (size,)
            Bounds, and what a unit of it adds to the objective (a block puts its cost into its share instead).
        integer
            Whole numbers only; with bounds 0 and 1 a yes or no.
        says
            What it stands for, for messages.
        """
        n = self.steps.count if size is None else size
        low = self._numbers(name, _("a lower bound"), lower, n)
        high = self._numbers(name, _("an upper bound"), upper, n)
        self._ordered(name, low, high)
        self._new(name, self._columns)
        group = self._columns.add(name, low, high, says or _("{name}", name=name))
        self._integer.append(np.full(n, integer))
        made = Columns(name, group.first, n)
        if np.any(priced := self._numbers(name, _("a cost"), cost, n)):
            self.minimise(made * priced)
        return made

    def rows(
        self,
        name: str,
        terms: Algebra,
        *,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        equal: ArrayLike | None = None,
        says: Message | None = None,
    ) -> None:
        """Add constraints ``lower <= terms <= upper`` or ``terms == equal``, one a row of `terms`.

        Constants in `terms` move to the right-hand side. `says` is the sentence that an infeasible answer quotes.
        """
        a = terms.expanded()
        self._new(name, self._rows)
        odd = self._finite(name, _("a factor"), a.factor, a.row)
        if equal is not None:
            low = high = self._numbers(name, _("a right-hand side"), equal, a.size)
        else:
            low = self._numbers(name, _("a lower side"), lower, a.size, -np.inf)
            high = self._numbers(name, _("an upper side"), upper, a.size, np.inf)
        if not odd:
            self._finite(name, _("a constant"), a.constant)
        self._ordered(name, low, high)
        group = self._rows.add(name, low - a.constant, high - a.constant, says or _("{name}", name=name))
        self._matrix.append(Terms(a.row + group.first, a.column, a.factor, a.constant))

    def minimise(self, terms: Algebra) -> None:
        """Add all rows of `terms` to what is minimised."""
        a = terms.expanded()
        self._finite(str(_("objective")), _("a cost"), a.factor, a.row)
        self._finite(str(_("objective")), _("a cost"), a.constant)
        self._objective.append(a)

    def nothing(self) -> Terms:
        """Give an expression that is 0 in every step."""
        return constant(0.0, self.steps.count)

    def profile(self, name: str, what: Message, value: ArrayLike) -> Floats:
        """Check a profile, (steps,), all of it finite: every mistake is noted with its hours, and replaced so that others show too."""
        given = self._numbers(name, what, value, self.steps.count)
        if np.isinf(given).any():
            self._finite(name, what, given)
        return np.where(np.isinf(given), 0.0, given)

    def note(self, mistakes: Iterable[Mistake]) -> bool:
        """Keep mistakes for later; tells whether there was one."""
        found = list(mistakes)
        self.mistakes += found
        return bool(found)

    def arrays(self) -> Arrays:
        """Give what the solver is handed.

        Raises
        ------
        InputError
            Every mistake of every block at once.
        """
        gather(self.mistakes, InputError)
        columns, rows = self._columns, self._rows
        objective = total_of((_in_one_row(t) for t in self._objective), 1)
        return Arrays(
            column_lower=_joined(columns.lower),
            column_upper=_joined(columns.upper),
            integer=np.concatenate(self._integer) if self._integer else np.zeros(0, dtype=bool),
            cost=np.bincount(objective.column, weights=objective.factor, minlength=columns.size).astype(
                np.float64
            ),
            offset=float(objective.constant[0]),
            row_lower=_joined(rows.lower),
            row_upper=_joined(rows.upper),
            row=np.concatenate([t.row for t in self._matrix] or [np.empty(0, dtype=np.int64)]),
            column=np.concatenate([t.column for t in self._matrix] or [np.empty(0, dtype=np.int64)]),
            factor=_joined([t.factor for t in self._matrix]),
            columns=tuple(columns.groups.values()),
            rows=tuple(rows.groups.values()),
        )

    def _new(self, name: str, pile: _Pile) -> None:
        if name in pile.groups:
            self.note(
                [
                    Mistake(
                        what=_("this name is taken"), where=Place(path=name), todo=_("Name each asset once.")
                    )
                ]
            )

    def _numbers(
        self, name: str, what: Message, value: ArrayLike | None, size: int, missing: float = 0.0
    ) -> Floats:
        if value is None:
            return np.full(size, missing)
        given = np.asarray(value, dtype=np.float64)
        if given.ndim and given.shape != (size,):
            self.note([_wrong_length(name, what, given, size)])
            return np.full(size, missing)
        if self._finite(name, what, given, infinite=True):
            given = np.where(
                np.isnan(given), missing, given
            )  # so that what depends on it is not reported as well
        return np.array(np.broadcast_to(given, (size,)))

    def _finite(
        self, name: str, what: Message, value: Floats, row: Ints | None = None, *, infinite: bool = False
    ) -> bool:
        wrong = np.isnan(value) if infinite else ~np.isfinite(value)
        if wrong.any():
            steps = np.flatnonzero(wrong) if row is None else np.unique(row[wrong])
            self.note(
                [
                    Mistake(
                        what=_("{what} is not a number", what=what),
                        where=Place(path=f"{name}, {self._some(steps)}" if value.ndim else name),
                        seen=str(np.ravel(value)[np.flatnonzero(wrong)[0]]),
                        todo=_("Fill or leave out these hours before the run; nothing is filled silently."),
                    )
                ]
            )
        return bool(wrong.any())

    def _ordered(self, name: str, low: Floats, high: Floats) -> None:
        wrong = np.flatnonzero(low > high)
        if len(wrong):
            at = int(wrong[0])
            self.note(
                [
                    Mistake(
                        what=_("the lower bound lies above the upper one"),
                        where=Place(path=f"{name}, {self._some(wrong)}"),
                        seen=f"{low[at]:g} > {high[at]:g}",
                        todo=_("Exchange or widen them."),
                    )
                ]
            )

    def _some(self, steps: Ints) -> str:
        named = ", ".join(self._label(int(t)) for t in steps[:MOST_SHOWN])
        more = len(steps) - MOST_SHOWN
        return str(_("{named} and {n} more", named=named, n=more)) if more > 0 else named

    def _label(self, step: int) -> str:
        return self.steps.label(step) if step < self.steps.count else str(_("step {n}", n=step))


def _wrong_length(name: str, what: Message, given: Floats, size: int) -> Mistake:
    return Mistake(
        what=_("{what} has {n} values where there are {size} steps", what=what, n=given.size, size=size),
        where=Place(path=name),
        todo=_("Give one number, or one a step."),
    )


def _in_one_row(a: Terms) -> Terms:
    return Terms(np.zeros_like(a.row), a.column, a.factor, a.constant.sum(keepdims=True))


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.empty(0)
