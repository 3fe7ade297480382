"""A book in a database, the same on SQLite and PostgreSQL: what goes in comes out, or nothing went in."""

import sys

import numpy as np
import pytest
from sqlalchemy import text

from ledger.island import AT, DAY, HOUR, device, hours, right
from ledger.test_any_order import fates
from postgresql_server import fresh_schema
from tamna.errors import LedgerError, MissingExtra, StoreError, UsageError
from tamna.ledger import operations as op
from tamna.ledger.nouns import Account, Entitlement
from tamna.registry import Registry
from tamna.registry.address import parsed, shown
from tamna.registry.audit import audit


def entered(address, hours_long=4):
    registry = Registry.create(address, AT)
    registry.record(
        *(op.account(AT, Account(name=n, zone="jeju")) for n in ("wind", "eggs", "milk")),
        op.device(AT, device("hallim", "wind")),
        op.device(AT, device("roof", "eggs", 1_000)),
        op.right(AT, right()),
    )
    registry.record(op.issue(AT, "hallim", op.readings(hours(hours_long), np.full(hours_long, 100))))
    registry.record(op.consume(AT, "eggs", op.readings(hours(hours_long), np.full(hours_long, 80))))
    return registry


def test_a_book_read_back_is_the_book_that_was_written(ledger_address):
    registry = entered(ledger_address)
    registry.match(AT, DAY, DAY + 4 * HOUR)
    registry.append(
        lambda s: [op.claim(s, AT, "eggs", DAY, DAY + 4 * HOUR, cancellations=list(s.cancellations))]
    )
    again = Registry.open(ledger_address)
    assert fates(again.state()) == fates(registry.state())
    assert again.state().claims == registry.state().claims
    assert again.state().load("eggs").allotted_wh.tolist() == [80] * 4
    assert again.known().link == registry.known().link
    assert again.tree().root == registry.tree().root


def test_a_refused_entry_leaves_nothing_behind(ledger_address):
    registry = entered(ledger_address)
    size = registry.state().size
    with pytest.raises(LedgerError, match="holds a reading"):
        registry.record(
            op.account(AT, Account(name="late", zone="jeju")),
            op.issue(AT, "hallim", op.readings(hours(1), np.array([5]))),
        )
    again = Registry.open(ledger_address).state()
    assert again.size == size
    assert "late" not in again.accounts


def test_a_writer_that_was_second_is_checked_again_after_the_first(ledger_address):
    one, two = entered(ledger_address), Registry.open(ledger_address)
    asked = []

    def sell(state):
        asked.append(state.size)
        if len(asked) == 1:  # the other is quicker, while this one thinks
            one.record(op.account(AT, Account(name="quick", zone="jeju")))
        return [op.transfer(AT, op.ranges(state, [("hallim", DAY, 0, 60)]), by="wind", to="eggs")]

    written = two.append(sell)
    assert asked == [written.first - 1, written.first]
    assert one.state().size == written.first + 1


def test_the_same_watt_hours_are_not_sold_twice_by_two_writers(ledger_address):
    one, two = entered(ledger_address), Registry.open(ledger_address)

    def sell(to):
        def make(state):
            return [op.transfer(AT, op.ranges(state, [("hallim", DAY, 0, 60)]), by="wind", to=to)]

        return make

    def late(state):
        if not hasattr(late, "done"):
            late.done = True
            one.append(sell("milk"))
        return sell("eggs")(state)

    with pytest.raises(LedgerError, match="somebody else holds"):
        two.append(late)
    assert fates(two.state())["hallim", 0][0] == ("milk", "active")


def test_a_writer_that_always_loses_gets_its_turn(ledger_address):
    one, two = entered(ledger_address), Registry.open(ledger_address)
    tries = []

    def slow(state):
        tries.append(state.size)
        if len(tries) <= 3:
            one.record(op.account(AT, Account(name=f"quick{len(tries)}", zone="jeju")))
        return [op.account(AT, Account(name="slow", zone="jeju"))]

    two.append(slow)
    assert len(tries) == 4
    assert list(one.state().accounts)[-4:] == ["quick1", "quick2", "quick3", "slow"]


def test_an_entry_of_a_writer_that_was_second_is_not_dated_before_the_first(ledger_address):
    one, two = entered(ledger_address), Registry.open(ledger_address)
    two.state()
    one.record(op.account(AT + HOUR, Account(name="quick", zone="jeju")))
    with pytest.raises(LedgerError, match="clock ran backwards"):
        two.record(op.account(AT, Account(name="slow", zone="jeju")))
    calls = []

    def late(state):
        calls.append(1)
        if len(calls) == 1:
            one.record(op.account(AT + 2 * HOUR, Account(name="quicker", zone="jeju")))
        return [op.account(max(state.at, AT + HOUR), Account(name="slow", zone="jeju"))]

    assert two.append(late).state.at == AT + 2 * HOUR


def test_a_matching_that_another_writer_interrupts_goes_on_with_what_is_left(ledger_address, monkeypatch):
    monkeypatch.setattr("tamna.ledger.matching._BATCH", 2)  # an hour a piece
    one, two = entered(ledger_address), Registry.open(ledger_address)
    append, pieces = two.append, []

    def interrupted(make):
        if len(pieces) == 1:
            rows = op.ranges(one.state(), [("hallim", DAY + 2 * HOUR, 0, 30)])
            one.record(op.cancel(AT, rows, account_name="eggs", entitlement=Entitlement.PPA, paper="PPA-1"))
        pieces.append(1)
        return append(make)

    two.append = interrupted
    two.match(AT, DAY, DAY + 4 * HOUR)
    assert Registry.open(ledger_address).state().load("eggs").allotted_wh.tolist() == [80] * 4


def test_looking_for_a_ledger_never_makes_one(ledger_address, tmp_path):
    with pytest.raises(StoreError, match="no ledger lies there"):
        Registry.open(ledger_address)
    assert list(tmp_path.iterdir()) == []
    entered(ledger_address)
    with pytest.raises(StoreError, match="there is a ledger already"):
        Registry.create(ledger_address, AT)


def test_the_journal_is_not_changed_by_mistake(ledger_address):
    from sqlalchemy.exc import DBAPIError

    registry = entered(ledger_address)
    for what in ("UPDATE ledger_entry SET seq = 99 WHERE seq = 3", "DELETE FROM ledger_entry WHERE seq = 3"):
        with pytest.raises(DBAPIError, match="not changed"), registry.writing() as to:
            to.execute(text(what))
    assert Registry.open(ledger_address).state().size == registry.state().size


@pytest.mark.parametrize(
    "address",
    ["", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql://", "nonsense://", "sqlite:///a?x=1"],
)
def test_an_address_of_nothing_we_know_is_refused(address):
    with pytest.raises(UsageError, match="no address of a ledger"):
        parsed(address)


def test_a_password_in_an_address_is_never_repeated():
    for address in (
        "postgresql://eggs:s3cr%40t-word@nowhere.invalid/book",
        "postgresql://eggs@nowhere.invalid/book?password=s3cr%40t-word",
    ):
        url = parsed(address)
        assert "s3cr" not in shown(url)
        with pytest.raises(StoreError) as refused:
            Registry.open(address)
        assert "s3cr" not in str(refused.value)
        assert refused.value.__cause__ is None
    with pytest.raises(UsageError) as refused:
        parsed("mysql://eggs:s3cr%40t-word@nowhere.invalid/book")
    assert "s3cr" not in str(refused.value)


def test_without_its_driver_postgresql_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'tamna\[postgresql\]'"):
        Registry.open("postgresql://eggs@nowhere.invalid/book")


def test_several_books_lie_in_one_database_each_in_its_schema(postgresql):
    one, two = (entered(fresh_schema(postgresql)) for _ in range(2))
    one.record(op.account(AT, Account(name="only here", zone="jeju")))
    assert "only here" not in two.state().accounts
    with two.writing() as to:
        to.execute(text("ALTER TABLE ledger_entry DISABLE TRIGGER USER"))
    for book, whole in ((one, True), (two, False)):
        with pytest.raises(LedgerError) as refused:
            audit(book)
        assert ("guard" not in str(refused.value)) == whole
