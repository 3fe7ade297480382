"""What a run did that was killed before it told anybody: the next run into the same folder tells it.

A run writes to the book first and leaves its certificates then, ``checkpoint.json`` last. So that file says how far the
book was told of in this folder, and what of this product was taken back since is told again. It also is evidence: a book
that does not begin with what was signed there is another one, or was rolled back, and nothing is written then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tamna.errors import LedgerError, Place, UsageError
from tamna.lang import _
from tamna.ledger.book import fold
from tamna.ledger.canonical import parse
from tamna.ledger.event import Kind
from tamna.ledger.line import find
from tamna.ledger.merkle import tree_of_hashes
from tamna.runs.proving_book import Book
from tamna.runs.restating import Restated, restated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from tamna.ledger.event import Event
    from tamna.ledger.state import State
    from tamna.runs.proving import Proved

__all__ = ["told_size", "untold"]


def told_size(folder: Path, journal: Callable[[], bytes]) -> int | None:
    """Say how many entries of this journal the certificates in a folder knew; None where no checkpoint says so.

    Parameters
    ----------
    journal
        Gives the hashes of the book's entries, one behind the other; read after the folder, which another run may fill.

    Raises
    ------
    UsageError
        The certificates are of another journal, or of more than this one holds.
    """
    try:
        document = parse((folder / "checkpoint.json").read_bytes())
        size, root = document["size"], document["root"]
    except (OSError, LedgerError, ValueError, KeyError, TypeError):
        return None
    if type(size) is not int or size < 1:
        return None
    leaves = journal()
    if size > len(leaves) // 32 or tree_of_hashes(leaves[: 32 * size]).root.hex() != root:
        raise UsageError(
            _("the certificates in this folder are of another book, or the book was rolled back"),
            where=Place(file=str(folder)),
            seen=f"{len(leaves) // 32} / {size}",
            todo=_(
                "Name the book with --ledger, or give another folder with --out: this book cannot take them back."
            ),
        )
    return size


def untold(proved: Proved, entries: Sequence[Event], told: int, first: int) -> Proved:
    """Add what became of a product's claims and lots between what was told last and the first entry of this run.

    Parameters
    ----------
    entries
        The whole journal.
    told, first
        How many of them were told of, and where this run's own begin, later.
    """
    before = fold(entries[:told])
    since, now = _followed(before, entries[told:first]), proved.restated
    whole = restated(before, proved.state, since.corrections, since.returned)
    mine = {e for e, c in proved.state.claims.items() if c.account == proved.account}
    known = {c.entry for c in now.claims}, {lot.entry for lot in now.lots}
    return replace(
        proved,
        restated=Restated(
            corrections=(*(c for c in whole.corrections if mine & set(c.claims)), *now.corrections),
            returned=(*(r for r in whole.returned if r.name == proved.account), *now.returned),
            claims=(*(c for c in whole.claims if c.entry in mine - known[0]), *now.claims),
            lots=(
                *(x for x in whole.lots if x.product == proved.product.name and x.entry not in known[1]),
                *now.lots,
            ),
        ),
    )


def _followed(before: State, events: Sequence[Event]) -> Restated:
    """Go through entries as they were written; keep what corrected readings and what gave evidence back."""
    book = Book(before, before.at)
    for event in events:
        if event.kind is Kind.GIVE_BACK:
            book.give_back(event)
        elif event.kind in (Kind.RESTATE, Kind.RESTATE_LOAD, Kind.RESTATE_FLOW):
            book.correct(event, *_held(book.state, event))
        else:
            book.add(event)
    return Restated(corrections=tuple(book.corrections), returned=tuple(book.returned))


def _held(state: State, event: Event) -> tuple[str, NDArray[np.int64]]:
    """Name the meter that an entry corrects, and give what the book held of its readings, (intervals,) [Wh]."""
    start, about = event.rows["start"], event.about
    if event.kind is Kind.RESTATE_LOAD:
        name = str(about["account"])
        load = state.load(name)
        return name, load.wh[load.start.searchsorted(start)].astype("int64")
    if event.kind is Kind.RESTATE_FLOW:
        name, ends = str(about["link"]), (str(about["from"]), str(about["to"]))
        flow = state.flows[name][state.links[name].ends.index(ends[0])]
        return f"{name} ({ends[0]} > {ends[1]})", flow.sent_wh[flow.start.searchsorted(start)].astype("int64")
    name = str(about["device"])
    line = state.line(name)
    row = find(line, start)
    return name, (line.base[row + 1] - line.base[row]).astype("int64")
