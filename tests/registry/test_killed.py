"""Killed with kill -9 at a hundred random moments of issue, match and cancel: the journal is whole, work goes on."""

import os
import random
import signal
import time
import traceback
import warnings

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, device, right
from ledger.test_any_order import fates
from tamna.ledger import operations as op
from tamna.ledger.book import fold
from tamna.ledger.invariants import broken
from tamna.ledger.nouns import Account, Entitlement
from tamna.registry import Registry
from tamna.registry.reading import stored

AHEAD, KILLS = 24, 100
LATE = AT + 20_000 * HOUR


def made_wh(hour):
    """What the meter of hour `hour` says; the same whoever asks."""
    return 40 + hour * 37 % 60


def used_wh(hour):
    return 30 + hour * 53 % 70


def prepared(address):
    book = Registry.create(address, AT)
    book.record(
        *(op.account(AT, Account(name=n, zone="jeju")) for n in ("wind", "eggs")),
        op.device(AT, device("hallim", "wind")),
        op.right(AT, right(end=DAY + 100_000 * HOUR)),
    )
    return book


def rows_of(first, wh):
    hours = np.arange(first, first + AHEAD)
    return op.readings(DAY + hours * HOUR, np.array([wh(int(h)) for h in hours]))


def work(book, say):
    """Issue, record, cancel by hand and match, day after day, where the book says it stands; say what is done."""
    while True:
        state = book.state()
        issued, metered = len(state.line("hallim").start), len(state.load("eggs").start)
        if metered < issued:
            say(book.record(op.consume(LATE, "eggs", rows_of(metered, used_wh))))
            continue
        last = issued - AHEAD
        if last >= 0 and not state.load("eggs").allotted_wh[last]:
            rows = op.ranges(state, [("hallim", DAY + last * HOUR, 0, 10)])
            say(
                book.record(
                    op.cancel(LATE, rows, account_name="eggs", entitlement=Entitlement.PPA, paper="PPA-1")
                )
            )
        book.match(LATE, DAY + max(last, 0) * HOUR, DAY + issued * HOUR)
        say(book.record(op.issue(LATE, "hallim", rows_of(issued, made_wh))))


def child(book, out):
    """Work in a process of its own; every entry that was confirmed goes to the parent at once."""
    own = Registry(book.url)
    own._known = book._known  # start-up is not what is tested
    work(
        own,
        lambda done: os.write(
            out, done.first.to_bytes(8, "little") + len(done.entries).to_bytes(8, "little")
        ),
    )


@pytest.mark.slow
def test_a_hundred_kills_lose_nothing_and_double_nothing(ledger_address, monkeypatch):
    monkeypatch.setattr("tamna.ledger.matching._BATCH", 12)  # several pieces a match
    book, dice, confirmed = prepared(ledger_address), random.Random(9), 0
    for _ in range(KILLS):
        book.state()
        book.close()
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            try:
                child(book, write)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        os.close(write)
        time.sleep(dice.uniform(0.01, 0.25))
        os.kill(pid, signal.SIGKILL)
        _pid, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), "it should have gone on until it was killed"
        with os.fdopen(read, "rb") as pipe:
            said = pipe.read()
        state = book.state()  # reads on: each entry follows from the one before, or it is refused
        for i in range(0, len(said) - len(said) % 16, 16):
            first, many = (int.from_bytes(said[i + j : i + j + 8], "little") for j in (0, 8))
            assert first + many <= state.size, "what was confirmed is there"
            confirmed += 1
    assert confirmed > KILLS / 4, "or the kills came before anything was done"

    with book.reading() as here:
        entries = [one.event() for one in stored(here)]
    state = fold(entries)
    assert broken(state) == []
    line, load = state.line("hallim"), state.load("eggs")
    issued, metered = len(line.start), len(load.start)
    assert line.start.tolist() == (DAY + np.arange(issued) * HOUR).tolist()
    assert np.diff(line.base).tolist() == [made_wh(h) for h in range(issued)]
    assert load.wh.tolist() == [used_wh(h) for h in range(metered)]
    assert fates(Registry.open(ledger_address).state()) == fates(state)

    both = min(issued, metered)
    book.match(LATE, DAY, DAY + both * HOUR)
    again = book.state().load("eggs")
    assert again.allotted_wh[:both].tolist() == [min(made_wh(h), used_wh(h)) for h in range(both)]
