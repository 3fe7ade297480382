"""Readings that cannot be: refused with their hour, and nothing half-written, also in the database."""

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, device, hours
from registry.kept import everything
from tamna.errors import LedgerError
from tamna.grid.clock import to_utc_in_order
from tamna.ledger import operations as op
from tamna.ledger.nouns import Account
from tamna.registry import Registry

LATE = np.datetime64("2024-02-01T00:00:00", "s")
ZONE = "Europe/Copenhagen"  # Samsø and Bornholm have days of 23 and 25 hours


@pytest.fixture
def book(ledger_address):
    book = Registry.create(ledger_address, AT)
    book.record(
        *(op.account(AT, Account(name=n, zone="samso")) for n in ("wind", "eggs")),
        op.device(AT, device("hallim", "wind", zone="samso")),
        op.issue(AT, "hallim", op.readings(hours(2), np.array([10, 20]))),
        op.consume(AT, "eggs", op.readings(hours(2), np.array([10, 20]))),
    )
    return book


def rows(start, wh, length_s=3600):
    made = op.readings(np.asarray(start, "M8[s]"), np.zeros(len(wh)), length_s=length_s)
    made["wh"] = wh
    return made


WRONG = {
    "intervals overlap": rows([DAY + 5 * HOUR, DAY + 5 * HOUR + 1800], [1, 2]),
    "two readings of one interval": rows([DAY + 5 * HOUR, DAY + 5 * HOUR], [1, 2]),
    "holds a reading of this interval": rows([DAY + HOUR, DAY + 2 * HOUR], [21, 5]),
    "out of order": rows([DAY + 6 * HOUR, DAY + 5 * HOUR], [1, 2]),
    "1 s to 1 h": rows([DAY + 5 * HOUR], [1], length_s=7200),
    "not over yet": rows([LATE + HOUR], [1]),
}


@pytest.mark.parametrize("why", sorted(WRONG))
def test_readings_that_cannot_be_leave_nothing_behind(book, why):
    before = everything(book)
    for make in (lambda r: op.issue(LATE, "hallim", r), lambda r: op.consume(LATE, "eggs", r)):
        good = op.account(LATE, Account(name="beside", zone="samso"))
        with pytest.raises(LedgerError, match=why):
            book.record(good, make(WRONG[why]))
    assert everything(book) == before
    assert Registry.open(book.url.render_as_string(hide_password=False)).state().size == book.state().size


def test_a_negative_or_missing_reading_never_becomes_an_entry():
    for wrong, why in ((-1, "negative"), (np.nan, "missing"), (2.0**33, "more than an interval")):
        with pytest.raises(LedgerError, match=why):
            op.readings(hours(1), np.array([wrong]))


def local_day(date, length):
    """Give the hours of an island day as its clocks show them: twice or never the hour of the change."""
    start = np.datetime64(f"{date}T00:00:00", "s")
    stamps = start + np.arange(24) * HOUR
    if length == 25:
        return np.concatenate([stamps[:3], stamps[2:]])
    return np.delete(stamps, 2)


@pytest.mark.parametrize(("date", "length"), [("2023-10-29", 25), ("2023-03-26", 23)])
def test_a_day_of_25_or_23_hours_is_as_many_hours_in_the_book(book, date, length):
    shown = local_day(date, length)
    assert len(shown) == length
    stamps = to_utc_in_order(shown, ZONE)
    if date < "2023-04":  # the plant of these tests began in April
        book.record(op.account(LATE, Account(name="late", zone="samso")))
        book.record(op.consume(LATE, "late", op.readings(stamps, np.full(length, 7))))
        assert book.state().load("late").wh.sum() == 7 * length
        return
    book.record(op.issue(LATE, "hallim", op.readings(stamps, np.full(length, 7))))
    assert book.state().line("hallim").total_wh == 30 + 7 * length
    with pytest.raises(LedgerError, match="two readings of one interval"):
        book.record(op.consume(LATE, "eggs", op.readings(shown, np.arange(length))))


def test_two_readings_for_one_hour_that_disagree_are_settled_by_a_restatement_alone(book):
    hour = DAY + HOUR
    with pytest.raises(LedgerError, match=r"2023-04-01T01:00Z.*holds a reading.*restatement"):
        book.record(op.issue(LATE, "hallim", rows([hour], [21])))
    book.record(op.restate(LATE, "hallim", rows([hour], [21]), reason="meter read again"))
    assert np.diff(book.state().line("hallim").base)[book.state().line("hallim").live].tolist() == [10, 21]
