"""Which value holds: publications of one source ranked, merged where they agree, kept where they differ.

Pure functions on arrays. What is read depends on the set of publications and their ranks, never on
the order in which they came in.

1. A key is ``valid_at`` (and ``issued_at``). Within a key, rows stand in the order of their
   publication's rank: data end, then ingest; within one file, in the file's order.
2. The lowest row is known at its own time; every row above it at
   ``max(its own time, data end of its publication)``, for only then could it have been published.
3. A blank says nothing: it never takes back a number. (`Difference.withdrawn` counts it.)
4. Neighbours that agree (relative 1e-9) are one version, known since the first, with the flags of all.
5. The highest version known at the moment asked for holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.grid.clock import to_local
from tamna.series.model import Difference
from tamna.sources.block import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.series.manifest import Strand
    from tamna.series.segments import Rows

AGREE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """For each reading of the manifest: its rank and the end of its data."""

    rank: NDArray[np.int64]
    data_end: Stamps


def agrees(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether two values are the same number but for rounding in a unit change; two blanks agree."""
    with np.errstate(invalid="ignore"):
        close = np.abs(one - other) <= AGREE * np.maximum(np.abs(one), np.abs(other))
    same: NDArray[np.bool_] = close | (one == other) | (np.isnan(one) & np.isnan(other))
    return same


def merged(rows: Rows, ranking: Ranking, as_of: np.datetime64 | None = None) -> Rows:
    """Give the versions known at `as_of` (None: all), sorted by stamp, issue time and rank."""
    rows = _ranked(rows, ranking)
    lowest = _starts(rows)
    if lowest.all():  # one publication only, as nearly everywhere
        return rows if as_of is None else rows.at(rows.known_at <= as_of)
    rows = _dated(rows, ranking, lowest)
    keep = lowest | ~np.isnan(rows.value)
    if as_of is not None:
        keep &= rows.known_at <= as_of
    rows = rows.at(keep)
    head = _starts(rows)
    head[1:] |= ~agrees(rows.value[1:], rows.value[:-1])
    return _united(rows, head)


def latest(versions: Rows) -> Rows:
    """Of merged versions give the one that holds at each stamp: the latest issue, then the highest rank."""
    last = np.ones(len(versions), dtype=bool)
    last[:-1] = versions.valid_at[1:] != versions.valid_at[:-1]
    return versions if last.all() else versions.at(last)


def highest(versions: Rows) -> NDArray[np.bool_]:
    """Mark the versions that no later publication of the same stamp and issue time differs from."""
    top = np.ones(len(versions), dtype=bool)
    top[:-1] = _starts(versions)[1:]
    return top


def compared(
    rows: Rows,
    *,
    ranking: Ranking,
    strand: Strand,
    fresh: NDArray[np.bool_],
    names: Sequence[str],
    timezone: str,
) -> tuple[int, tuple[Difference, ...]]:
    """Hold each publication against the one ranked next below it, where either is `fresh`.

    Parameters
    ----------
    fresh : (readings,)
        Which readings came with this ingest.
    names : (readings,)
        Their file names.

    Returns
    -------
    agreed : int
        Stamps at which two publications say the same number.
    differences : tuple of Difference
        A day of the island for each pair of files that differ on it, in time order.
    """
    rows = _ranked(rows, ranking)
    below, above = _pairs(rows)
    pair = rows.reading[below] != rows.reading[above]
    pair &= fresh[rows.reading[below]] | fresh[rows.reading[above]]
    below, above = below[pair], above[pair]
    same = agrees(rows.value[below], rows.value[above])
    agreed = int(same.sum())
    if same.all():
        return agreed, ()
    days = to_local(rows.valid_at[above], timezone).astype("datetime64[D]").astype(np.int64)
    keys, which = np.unique(
        np.stack([days, rows.reading[below], rows.reading[above]]), axis=1, return_inverse=True
    )
    which = which.reshape(-1)
    return agreed, tuple(
        _difference(
            rows,
            below=below[which == i],
            above=above[which == i],
            strand=strand,
            day=str(np.datetime64(int(keys[0, i]), "D")),
            names=names,
        )
        for i in np.unique(which[~same])
    )


def _pairs(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pair each row with the nearest number below it in its key, where there is one."""
    places = np.arange(len(rows))
    starts = _starts(rows)
    key = np.maximum.accumulate(np.where(starts, places, 0))
    number = np.maximum.accumulate(np.where(np.isnan(rows.value), -1, places))
    above = np.flatnonzero(~starts)
    below = number[above - 1]
    there = below >= key[above]
    return below[there], above[there]


def _difference(
    rows: Rows,
    *,
    below: NDArray[np.int64],
    above: NDArray[np.int64],
    strand: Strand,
    day: str,
    names: Sequence[str],
) -> Difference:
    earlier, later = rows.value[below], rows.value[above]
    both = ~np.isnan(later)
    differs = both & ~agrees(earlier, later)
    total = np.sum if strand.kind is Kind.SUM else np.mean
    return Difference(
        series=strand.series,
        source=strand.source,
        unit=strand.unit,
        day=day,
        earlier=names[rows.reading[below[0]]],
        later=names[rows.reading[above[0]]],
        cells=len(above),
        differing=int(differs.sum()),
        withdrawn=int((~both).sum()),
        earlier_total=float(total(earlier[both])) if both.any() else 0.0,
        later_total=float(total(later[both])) if both.any() else 0.0,
        largest=float(np.abs(later - earlier)[both].max()) if both.any() else 0.0,
    )


def _ranked(rows: Rows, ranking: Ranking) -> Rows:
    if len(rows) > 1 and not (rows.valid_at[1:] > rows.valid_at[:-1]).all():
        return rows.at(np.lexsort((ranking.rank[rows.reading], rows.issued_at, rows.valid_at)))
    return rows


def _starts(rows: Rows) -> NDArray[np.bool_]:
    """Mark the first row of each key."""
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (rows.valid_at[1:] != rows.valid_at[:-1]) | (rows.issued_at[1:] != rows.issued_at[:-1])
    return new


def _dated(rows: Rows, ranking: Ranking, lowest: NDArray[np.bool_]) -> Rows:
    published = np.maximum(rows.known_at, ranking.data_end[rows.reading])
    columns = {name: getattr(rows, name) for name in rows.__slots__}
    return type(rows)(**{**columns, "known_at": np.where(lowest, rows.known_at, published)})


def _united(rows: Rows, head: NDArray[np.bool_]) -> Rows:
    if head.all():
        return rows
    first = rows.at(head)
    columns = {name: getattr(first, name) for name in first.__slots__}
    flag = np.bitwise_or.reduceat(rows.flag, np.flatnonzero(head))
    return type(rows)(**{**columns, "flag": flag})
