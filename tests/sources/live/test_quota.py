"""Calls are counted on disk, on the provider's own day."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from live_tools import NOW
from tamna.errors import QuotaReached, StoreError, UsageError
from tamna.sources.live import Quota, QuotaBook

QUOTA = Quota(per_day=3)


@pytest.fixture
def book(tmp_path):
    return QuotaBook(tmp_path / "quota")


def test_the_count_survives_the_process_and_stops_at_the_quota(book, tmp_path):
    for _ in range(3):
        QuotaBook(tmp_path / "quota").take("kpx.smp", QUOTA, NOW)
    assert book.used("kpx.smp", QUOTA, NOW) == 3
    with pytest.raises(QuotaReached, match=r"kpx\.smp: all 3 calls of today are used"):
        book.take("kpx.smp", QUOTA, NOW)
    assert book.used("kpx.smp", QUOTA, NOW) == 3


def test_each_source_has_its_own_count(book):
    book.take("kpx.smp", QUOTA, NOW)
    assert book.used("kma.asos", QUOTA, NOW) == 0


def test_the_day_turns_at_the_providers_midnight(book):
    evening = np.datetime64("2026-06-15T14:59:59", "s")  # 23:59:59 in Korea
    book.take("a", QUOTA, evening)
    assert book.used("a", QUOTA, evening + 1) == 0
    book.take("b", Quota(per_day=3, timezone="UTC"), evening)
    assert book.used("b", Quota(per_day=3, timezone="UTC"), evening + 1) == 1


def test_what_the_provider_says_closes_the_day(book):
    book.take("a", QUOTA, NOW)
    book.close("a", QUOTA, NOW)
    with pytest.raises(QuotaReached):
        book.take("a", QUOTA, NOW)


def test_an_account_that_allows_more_says_so(book, monkeypatch):
    monkeypatch.setenv("TAMNA_FETCH_QUOTAS", "a=5, b=1")
    for _ in range(5):
        book.take("a", QUOTA, NOW)
    with pytest.raises(QuotaReached, match="all 5"):
        book.take("a", QUOTA, NOW)


@pytest.mark.parametrize("text", ["a", "a=", "a=x", "a=-1", "a=1=2"])
def test_a_list_of_quotas_that_cannot_be_read_is_refused(book, monkeypatch, text):
    monkeypatch.setenv("TAMNA_FETCH_QUOTAS", text)
    with pytest.raises(UsageError, match="source=number"):
        book.take("a", QUOTA, NOW)


def test_calls_at_once_are_all_counted(book):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _i: book.take("a", Quota(per_day=1000), NOW), range(200)))
    assert book.used("a", QUOTA, NOW) == 200


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="count of calls"):
        QuotaBook(tmp_path / "file").take("a", QUOTA, NOW)


def test_a_name_is_never_a_path(book):
    with pytest.raises(UsageError):
        book.take("../../etc", QUOTA, NOW)
