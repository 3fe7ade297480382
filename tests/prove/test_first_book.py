"""The first proof makes the book: also where two runs begin in one moment, or the one before was killed while it did."""

import sqlite3
import threading

import numpy as np
import pytest

from tamna.errors import StoreError
from tamna.registry import Registry
from tamna.runs.certifying import _book

AT = np.datetime64("2024-02-01T00:00:00", "s")


def opened(folder):
    return _book(f"sqlite:///{folder / 'ledger.db'}", folder / "keys", "did:web:localhost", AT)


def test_runs_that_begin_in_one_moment_share_one_book_and_one_key(tmp_path):
    names, wrong = [], []
    start = threading.Barrier(4)

    def run():
        start.wait()
        try:
            with opened(tmp_path) as book:
                names.append(tuple(book.state().keys))
        except StoreError as error:
            wrong.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(names) == 4
    assert len(set(names)) == 1
    assert len(list((tmp_path / "keys").glob("*.pem"))) == 1


def test_what_a_killed_run_left_of_a_new_book_is_begun_again(tmp_path):
    (tmp_path / "ledger.db").touch()
    with opened(tmp_path) as book:
        assert book.state().size == 2


def test_a_database_of_something_else_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "ledger.db") as other:
        other.execute("create table things (id integer)")
    other.close()
    with pytest.raises(StoreError, match="no ledger lies there"):
        opened(tmp_path)
    assert not (tmp_path / "keys").exists()
    with pytest.raises(StoreError):
        Registry.open(f"sqlite:///{tmp_path / 'ledger.db'}")
