"""Eight processes that write into one book at once: what each was told is there, once, and every rule holds."""

import multiprocessing
import random
import warnings
from collections import Counter

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, device, right
from ledger.test_any_order import fates
from tamna.errors import LedgerError
from tamna.ledger import operations as op
from tamna.ledger.book import fold
from tamna.ledger.event import Event
from tamna.ledger.invariants import broken
from tamna.ledger.nouns import Account, Entitlement, Status
from tamna.registry import Registry
from tamna.registry.reading import stored

WRITERS, EACH, HOURS = 8, 30, 12
ACCOUNTS, PLANTS = ("wind", "eggs", "milk"), ("hallim", "sinchang")


def prepared(address):
    book = Registry.create(address, AT)
    book.record(
        *(op.account(AT, Account(name=n, zone="jeju")) for n in ACCOUNTS),
        *(op.device(AT, device(n, "wind")) for n in PLANTS),
        op.right(AT, right("PPA-1", "eggs", PLANTS)),
        op.right(AT, right("PPA-2", "milk", PLANTS, limit_wh=300)),
        *(op.consume(AT, n, one(h, 60)) for n in ACCOUNTS for h in range(HOURS)),
    )
    return book


def one(hour, wh):
    return op.readings(np.array([DAY + hour * HOUR]), np.array([wh]))


def wish(dice, state):
    """Make one entry that may well be refused: others are after the same watt-hours."""
    how, plant, hour = dice.randrange(8), dice.choice(PLANTS), dice.randrange(HOURS)
    if how <= 1:
        return op.issue(AT, plant, one(hour, dice.randrange(1, 100)))
    if how == 2:
        return op.restate(AT, plant, one(hour, dice.randrange(1, 100)), reason="counted again")
    low = dice.randrange(0, 60)
    rows = op.ranges(state, [(plant, DAY + hour * HOUR, low, low + dice.randrange(1, 20))])
    if how == 3:
        return op.split(AT, rows, by=dice.choice(ACCOUNTS))
    if how == 4:
        return op.transfer(AT, rows, by=dice.choice(ACCOUNTS), to=dice.choice(ACCOUNTS))
    paper, account = dice.choice([("PPA-1", "eggs"), ("PPA-2", "milk")])
    return op.cancel(AT, rows, account_name=account, entitlement=Entitlement.PPA, paper=paper)


def writer(address, number, told):
    """Ask for many entries, each with a mark of its own, and tell which were written where."""
    dice, mine, refused = random.Random(number), [], 0
    with Registry.open(address) as book:
        for i in range(EACH):
            mark, seed = f"{number}-{i}", dice.random()

            def make(state, mark=mark, seed=seed):
                event = wish(random.Random(seed), state)
                return [Event(event.kind, event.at, {**event.about, "mark": mark}, event.rows)]

            try:
                mine.append((mark, book.append(make).first))
            except LedgerError:
                refused += 1
    told.put((number, mine, refused))


@pytest.mark.slow
def test_eight_writers_at_once_lose_and_double_nothing(ledger_address):
    book = prepared(ledger_address)
    before = book.state().size
    context = multiprocessing.get_context("fork")
    told = context.Queue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 on forks beside threads
        writers = [context.Process(target=writer, args=(ledger_address, n, told)) for n in range(WRITERS)]
        for process in writers:
            process.start()
    answers = [told.get(timeout=300) for _ in writers]
    for process in writers:
        process.join(timeout=60)
    assert [p.exitcode for p in writers] == [0] * WRITERS

    with book.reading() as here:
        entries = [one.event() for one in stored(here)]
    written = [(e.about["mark"], seq) for seq, e in enumerate(entries) if seq >= before]
    promised = [pair for _number, mine, _refused in answers for pair in mine]
    assert Counter(written) == Counter(promised)
    assert sum(refused for _n, _mine, refused in answers) == WRITERS * EACH - len(promised)
    assert len(promised) > WRITERS, "or nobody got anything done"

    state, folded = book.state(), fold(entries)
    assert broken(folded) == []
    assert fates(state) == fates(folded)
    assert state.used_wh == folded.used_wh
    for name in PLANTS:
        line = folded.line(name)
        assert int(np.diff(line.at, append=line.total_wh).sum()) == line.total_wh
    cancelled = sum(
        int(np.diff(line.at, append=line.total_wh)[(line.status == Status.CANCELLED)].sum())
        for line in folded.lines
    )
    assert cancelled >= sum(int(load.allotted_wh.sum()) for load in folded.loads)
