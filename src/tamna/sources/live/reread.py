"""Read the answer of a check as `tamna fetch` would: refusals, times that were not asked for, sizes, cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import TamnaError
from tamna.grid.clock import Period, iso
from tamna.sources.live.differing import Difference
from tamna.sources.live.http import Client, Request, Verdict
from tamna.sources.live.session import Session
from tamna.sources.live.usual import largest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tamna.sources.block import Block, Reading
    from tamna.sources.live.http import Answer
    from tamna.sources.live.quota import Quota
    from tamna.sources.live.session import Fetcher, Part


class _Again(Client):
    """Gives answers that are here already, in their order; asks nobody."""

    def __init__(self, answers: Sequence[Answer], client: Client) -> None:
        super().__init__(clock=client.clock)
        self._answers = iter(answers)

    def get(
        self,
        request: Request,
        *,
        name: str,
        quota: Quota,
        judge: Callable[[Answer], Verdict],
    ) -> Answer:
        """Give the next answer."""
        del request, name, quota, judge
        return next(self._answers)


def reread(
    source: Fetcher, session: Session, part: Part, chunk: Period, answers: Sequence[Answer]
) -> tuple[Difference, ...]:
    """Say what is odd about `answers` once the source's own reader has read them."""
    again = Session(
        _Again(answers, session.client), session.name, session.quota, session.options, session.most_pages
    )
    try:
        reading = source.fetch(again, part, chunk)
    except TamnaError as error:
        return tuple(
            Difference(kind="reader", field=m.where.column or "", expected="", seen=_short(str(m)))
            for m in error.mistakes[:1]
        )
    sizes = () if source.names_units else _sizes(reading.blocks)
    return (*_times(source, chunk, reading.blocks), *sizes, *_cells(reading))


def _times(source: Fetcher, chunk: Period, blocks: Sequence[Block]) -> Iterator[Difference]:
    """Hold the stamps (of a forecast that says when it was issued: its issue times) against what was asked for."""
    stamps = [b.valid_at if not source.by_issue else b.issued_at for b in blocks]
    known = [s for s in stamps if s is not None and len(s)]
    if not known:
        return
    first, last = min(s.min() for s in known), max(s.max() for s in known)
    slack = np.timedelta64(source.slack_s, "s")
    if first < chunk.start - slack or last >= chunk.end + slack:
        yield Difference(
            kind="times",
            field="issued" if source.by_issue else "times",
            expected=f"{iso(chunk.start)} .. {iso(chunk.end)}",
            seen=f"{iso(first)} .. {iso(last)}",
        )


def _sizes(blocks: Sequence[Block]) -> Iterator[Difference]:
    for block in blocks:
        bounds, known = largest(block.series), block.value[~np.isnan(block.value)]
        if bounds is None or not len(known):
            continue
        top = float(known.max())
        if not bounds[0] <= top <= bounds[1]:
            yield Difference(
                kind="size",
                field=block.series,
                expected=f"{bounds[0]:g} .. {bounds[1]:g} {block.unit}",
                seen=f"{top:g} {block.unit}",
            )


def _cells(reading: Reading) -> Iterator[Difference]:
    for finding in reading.findings:
        if finding.kind == "impossible_value":
            yield Difference(
                kind="value", field=finding.series, expected="number", seen=f"{finding.size:.0f}"
            )


def _short(text: str) -> str:
    return text if len(text) <= 240 else text[:239] + "…"
