"""A problem as LP text: every column and row by its name and step, the same problem always the same bytes.

The format is CPLEX's LP, which every solver reads. ``hallim/charge`` in step 3 is ``hallim.charge(3)``; characters that
the format gives another meaning become ``_``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tamna.optimise.problem import Arrays, Group, Problem

_TERMS_A_LINE = 6


def lp_text(problem: Problem) -> str:
    """Write a problem.

    Raises
    ------
    InputError
        Every mistake of the problem at once.

    Examples
    --------
    >>> from tamna.optimise.problem import Problem, Steps
    >>> p = Problem(Steps(count=2))
    >>> x = p.columns("wind/power", upper=[3.0, 5.0], cost=2.0)
    >>> p.rows("balance/electricity", x, equal=1.0)
    >>> print(lp_text(p))
    min
     obj: + 2 wind.power(0) + 2 wind.power(1)
    st
     balance.electricity(0): + 1 wind.power(0) = 1
     balance.electricity(1): + 1 wind.power(1) = 1
    bounds
     0 <= wind.power(0) <= 3
     0 <= wind.power(1) <= 5
    end
    <BLANKLINE>
    """
    return "\n".join(_lines(problem.arrays())) + "\n"


def _lines(a: Arrays) -> Iterator[str]:
    columns, rows = names_of(a.columns), names_of(a.rows)
    yield "min"
    priced = np.flatnonzero(a.cost)
    text = [columns[int(j)] for j in priced], a.cost[priced]
    offset = f" {_signed(a.offset)}" if a.offset else ""
    yield f" obj: {_joined(*text) if len(priced) else '0 ' + columns[0]}{offset}"
    yield "st"
    matrix = coo_array((a.factor, (a.row, a.column)), shape=(len(rows), len(columns))).tocsr()
    matrix.sum_duplicates()
    for i, name in enumerate(rows):
        at = slice(matrix.indptr[i], matrix.indptr[i + 1])
        kept = np.flatnonzero(matrix.data[at])
        names = [columns[j] for j in matrix.indices[at][kept]]
        left = _joined(names, matrix.data[at][kept]) if names else f"0 {columns[0]}"
        yield from _sides(name, left, float(a.row_lower[i]), float(a.row_upper[i]))
    yield "bounds"
    for j, name in enumerate(columns):
        yield f" {_bound(name, float(a.column_lower[j]), float(a.column_upper[j]))}"
    if a.integer.any():
        yield "general"
        for whole in np.flatnonzero(a.integer):
            yield f" {columns[int(whole)]}"
    yield "end"


def names_of(groups: Iterable[Group]) -> list[str]:
    """Give every column or row its name in the text."""
    out: list[str] = []
    taken: set[str] = set()
    for group in groups:
        base = re.sub(r"[^A-Za-z0-9_.]", "_", group.name.replace("/", "."))
        if re.match(r"[0-9.eE]", base):
            base = f"_{base}"  # a name must not look like a number
        while base in taken:
            base += "_"
        taken.add(base)
        out += [f"{base}({t})" for t in range(group.size)]
    return out


def _joined(names: list[str], factors: np.ndarray) -> str:
    parts = [f"{_signed(float(f))} {n}" for n, f in zip(names, factors, strict=True)]
    lines = [" ".join(parts[k : k + _TERMS_A_LINE]) for k in range(0, len(parts), _TERMS_A_LINE)]
    return "\n  ".join(lines)


def _sides(name: str, left: str, low: float, high: float) -> Iterator[str]:
    if low == high:
        yield f" {name}: {left} = {_number(low)}"
        return
    both = np.isfinite(low) and np.isfinite(high)
    if np.isfinite(low):
        yield f" {name}{'_least' if both else ''}: {left} >= {_number(low)}"
    if np.isfinite(high):
        yield f" {name}{'_most' if both else ''}: {left} <= {_number(high)}"


def _bound(name: str, low: float, high: float) -> str:
    if low == -np.inf and high == np.inf:
        return f"{name} free"
    if low == high:
        return f"{name} = {_number(low)}"
    if high == np.inf:
        return f"{name} >= {_number(low)}"
    return f"{'-inf' if low == -np.inf else _number(low)} <= {name} <= {_number(high)}"


def _number(value: float) -> str:
    return f"{value + 0.0:.15g}"  # + 0.0: no minus zero


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'} {abs(value):.15g}"
