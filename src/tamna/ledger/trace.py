"""Which energy leaves a storage: what went in, followed through its state of charge, whole watt-hours all the way.

What goes in within one interval is one mixture. ``fifo`` empties the oldest mixture first; ``proportional`` takes of
everything it holds alike. A discharge of ``d`` takes ``d / efficiency`` of what was charged, and each part that left
gives ``floor(part x efficiency)``: so of no part more comes out than its efficiency allows, and the odd watt-hour is
nobody's. A discharge beyond the content (the efficiency was stated low) is of unknown origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.ledger.nouns import Tracing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Whole = NDArray[np.integer[Any]]

__all__ = ["NOTHING_LEFT", "UNKNOWN", "Charge", "Passage", "Traced", "trace"]

UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Charge:
    """What went in, by origin; `start` rises.

    Attributes
    ----------
    start : (parts,) [UTC]
        Interval of charging, which is that of generation.
    device : (parts,)
        Number of the plant, or -1 for energy of unknown origin (the grid's mix).
    claimable : (parts,)
        Whether it was cancelled by right; otherwise it is evidence of the place.
    wh : (parts,) [Wh]
    """

    start: NDArray[np.datetime64]
    device: Whole
    claimable: NDArray[np.bool_]
    wh: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """What left, by origin; in order of time.

    Attributes
    ----------
    start : (parts,) [UTC]
        Interval of discharge.
    charged, device, claimable : (parts,)
        Interval of generation, plant, and right, as in `Charge`.
    in_wh, out_wh : (parts,) [Wh]
        What of the charge was used up, and what came out of it.
    """

    start: NDArray[np.datetime64]
    charged: NDArray[np.datetime64]
    device: Whole
    claimable: NDArray[np.bool_]
    in_wh: Whole
    out_wh: Whole

    def certified(self, start: NDArray[np.datetime64], *, claimable: bool) -> Whole:
        """Sum what carries an attribute, by discharge interval. (intervals,) [Wh]"""
        mine = (self.device != UNKNOWN) & (self.claimable == claimable)
        where = np.searchsorted(start, self.start[mine])
        return np.bincount(where, self.out_wh[mine], len(start)).astype(np.int64)


NOTHING_LEFT: Final = Traced(
    np.empty(0, "M8[s]"), np.empty(0, "M8[s]"), np.empty(0, np.int64), np.empty(0, bool),
    np.empty(0, np.int64), np.empty(0, np.int64),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A window of a storage: what went in, what the discharge meter read, and what comes out of what goes in."""

    charge: Charge
    start: NDArray[np.datetime64]
    wh: Whole
    efficiency: tuple[int, int]


@dataclass(slots=True)
class _Mixture:
    """What was charged in one interval and is still there."""

    start: np.datetime64
    device: Whole
    claimable: NDArray[np.bool_]
    wh: Whole


def trace(windows: Sequence[Passage], tracing: Tracing, opening_wh: int = 0) -> list[Traced]:
    """Follow energy through the windows of a storage, one after another.

    Examples
    --------
    10 Wh of plant 0 and 10 Wh of the grid go in within one hour; half of it comes out at 80 %:

    >>> hour = np.array(["2023-04-01T03", "2023-04-01T03"], "M8[s]")
    >>> charge = Charge(hour, np.array([0, UNKNOWN]), np.array([True, False]), np.array([10, 10]))
    >>> [out] = trace([Passage(charge, hour[:1] + 3600, np.array([8]), (8, 10))], Tracing.FIFO)
    >>> out.in_wh.tolist(), out.out_wh.tolist()
    ([5, 5], [4, 4])
    """
    held: list[_Mixture] = []
    if opening_wh:
        held.append(
            _Mixture(
                np.datetime64(0, "s"),
                np.array([UNKNOWN]),
                np.array([False]),
                np.array([opening_wh], np.int64),
            )
        )
    return [_through(held, window, tracing) for window in windows]


def _through(held: list[_Mixture], window: Passage, tracing: Tracing) -> Traced:
    parts: list[tuple[np.datetime64, _Mixture, Whole]] = []
    coming = _mixtures(window.charge)
    given, taken = window.efficiency
    rest = 0
    for start, wh in zip(window.start, window.wh.tolist(), strict=True):
        while coming and coming[-1].start <= start:
            held.append(coming.pop())
        due, rest = divmod(wh * taken + rest, given) if wh else (0, rest)
        inside = sum(int(m.wh.sum()) for m in held)
        if due > inside:
            due, rest = inside, 0
        parts += [(start, mixture, part) for mixture, part in _leaving(held, due, tracing)]
        held[:] = [m for m in held if m.wh.any()]
    held += reversed(coming)
    return _joined(parts, window.efficiency)


def _mixtures(charge: Charge) -> list[_Mixture]:
    """Cut the charge into intervals, the latest first."""
    ends = np.flatnonzero(charge.start[1:] != charge.start[:-1]) + 1
    found = [
        _Mixture(
            charge.start[part[0]],
            charge.device[part],
            charge.claimable[part],
            charge.wh[part].astype(np.int64),
        )
        for part in np.split(np.arange(len(charge.start)), ends)
        if len(part)
    ]
    return found[::-1]


def _leaving(held: Sequence[_Mixture], due: int, tracing: Tracing) -> Iterable[tuple[_Mixture, Whole]]:
    """Take `due` Wh out of what is held; give what each mixture lost, by part."""
    if not due:
        return
    sizes = np.array([int(m.wh.sum()) for m in held], np.int64)
    before = np.concatenate([[0], np.cumsum(sizes)])
    fifo = tracing is Tracing.FIFO
    lost = np.clip(due - before[:-1], 0, sizes) if fifo else np.diff(_scaled(before, due))
    for mixture, wh in zip(held, lost.tolist(), strict=True):
        if wh:
            part = np.diff(_scaled(np.concatenate([[0], np.cumsum(mixture.wh)]), wh))
            mixture.wh = mixture.wh - part
            yield mixture, part


def _scaled(sums: Whole, total: int) -> Whole:
    """Give ``floor(sums x total / last)``: a running sum shared out so that its parts add up exactly."""
    last = int(sums[-1])
    if last * total < 2**63:
        return np.asarray(sums * total // last)
    return np.array([s * total // last for s in sums.tolist()], np.int64)


def _joined(parts: Sequence[tuple[np.datetime64, _Mixture, Whole]], efficiency: tuple[int, int]) -> Traced:
    counts = [len(part) for _start, _mixture, part in parts]
    in_wh = _flat([part for _s, _m, part in parts], np.int64)
    some = in_wh > 0
    given, taken = efficiency
    return Traced(
        start=np.repeat(np.array([s for s, _m, _p in parts], "M8[s]"), counts)[some],
        charged=np.repeat(np.array([m.start for _s, m, _p in parts], "M8[s]"), counts)[some],
        device=_flat([m.device for _s, m, _p in parts], np.int64)[some],
        claimable=_flat([m.claimable for _s, m, _p in parts], np.bool_)[some],
        in_wh=in_wh[some],
        out_wh=np.array([w * given // taken for w in in_wh[some].tolist()], np.int64),
    )


def _flat(arrays: Sequence[NDArray[Any]], form: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays).astype(form) if arrays else np.empty(0, form)
