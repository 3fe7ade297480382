from __future__ import annotations

import json
import os
import stat
import threading

import numpy as np
import pytest

from series.making import NAN, at, block, demand, period, reading, year
from tamna.errors import StoreError, UsageError
from tamna.lang import Message, speaking
from tamna.series.manifest import Manifest, write
from tamna.series.store import Store
from tamna.sources.block import Finding, Flag, Kind, NotSeries


@pytest.fixture
def store(home):
    return home.open()


def test_what_goes_in_comes_out_with_unit_time_and_flag(store):
    report = store.ingest([demand([0, 1, 2], [10, NAN, 12])])
    got = store.read("jeju/demand", period(0, 3))
    assert report.rows == 3
    assert (got.unit, got.kind, got.resolution_s, got.sources) == ("MWh", Kind.SUM, 3600, ("kpx_demand",))
    np.testing.assert_array_equal(got.value, [10, NAN, 12])
    assert got.flag.tolist() == [
        Flag.ASSUMED_KNOWN,
        Flag.ASSUMED_KNOWN | Flag.MISSING,
        Flag.ASSUMED_KNOWN,
    ]
    assert got.valid_at.tolist() == [at(0), at(1), at(2)]
    assert got.known_at.tolist() == [at(2), at(3), at(4)]
    assert got.issued_at is None


def test_a_period_is_half_open(store):
    store.ingest([demand(range(10), range(10))])
    assert store.read("jeju/demand", period(3, 5)).value.tolist() == [3, 4]


def test_kilowatt_hours_are_kept_as_megawatt_hours(store):
    store.ingest([demand([0], [721_530.5], unit="kWh")])
    got = store.read("jeju/demand", period(0, 1))
    assert (got.unit, got.value.tolist()) == ("MWh", [721.5305])


def test_the_same_file_again_changes_nothing(store, home):
    file = demand([0, 1], [1, 2])
    store.ingest([file])
    before = home.held()
    report = store.ingest([file, file])
    assert (len(report.added), len(report.unchanged), report.rows) == (0, 2, 0)
    assert home.held() == before
    assert store.knows(file.receipt.sha256, "test", 1)
    assert not store.knows(file.receipt.sha256, "test", 2)
    assert not store.knows("0" * 64)


def test_the_same_file_twice_in_one_ingest_is_one(store):
    file = demand([0, 1], [1, 2])
    report = store.ingest([file, file])
    assert (len(report.added), len(report.unchanged)) == (1, 1)
    assert len(store.read("jeju/demand", period(0, 2))) == 2


def test_a_newer_reader_of_the_same_bytes_replaces_the_older_reading(store):
    wrong = reading(block([0, 1], [1, 2], series="jeju/wind"), content="x", version=1, name="f", data_end=2)
    right = reading(block([0, 1], [3, 4]), content="x", version=2, name="f", data_end=2)
    store.ingest([wrong])
    report = store.ingest([right])
    assert len(report.added) == 1
    assert report.superseded == ()
    assert [i.series for i in store.list()] == ["jeju/demand"]
    assert len(store.receipts()) == 1
    assert len(store.ingest([wrong]).unchanged) == 1
    assert store.read("jeju/demand", period(0, 2)).value.tolist() == [3, 4]


def test_a_later_publication_supersedes_and_both_are_kept(store):
    early = demand([0, 1, 2], [1, 2, 3], name="early.csv", data_end=10)
    late = demand([1, 2, 3], [2, 9, 4], name="late.csv", data_end=20)
    store.ingest([early])
    report = store.ingest([late])
    assert store.read("jeju/demand", period(0, 4)).value.tolist() == [1, 2, 9, 4]
    (versions,) = store.versions("jeju/demand", period(0, 4))
    assert versions.value.tolist() == [1, 2, 3, 9, 4]
    assert versions.latest.tolist() == [True, True, False, True, True]
    assert [versions.receipts[i].name for i in versions.reading] == ["early.csv"] * 3 + ["late.csv"] * 2
    (difference,) = report.superseded
    assert report.agreed == 1
    assert (difference.earlier, difference.later, difference.day) == ("early.csv", "late.csv", "2023-01-01")
    assert (difference.cells, difference.differing, difference.largest) == (2, 1, 6)
    assert (difference.earlier_total, difference.later_total) == (5, 11)
    assert difference.total_differs
    assert store.differences("jeju/demand") == report.superseded


def test_an_older_file_that_comes_later_does_not_win_and_is_reported_all_the_same(store):
    store.ingest([demand([2], [9], name="late.csv", data_end=20)])
    report = store.ingest([demand([2], [3], name="early.csv", data_end=10)])
    assert store.read("jeju/demand", period(0, 4)).value.tolist() == [9]
    assert [(d.earlier, d.later) for d in report.superseded] == [("early.csv", "late.csv")]


def test_of_two_files_that_end_together_the_later_ingest_wins(store):
    store.ingest([demand([0], [1], name="a", data_end=5)])
    store.ingest([demand([0], [2], name="b", data_end=5)])
    assert store.read("jeju/demand", period(0, 1)).value.tolist() == [2]


def test_differences_are_summed_by_island_day(store):
    hours = list(range(10, 20))  # 15:00 UTC is midnight on the island
    store.ingest([demand(hours, [1.0] * 10, name="a", data_end=30)])
    report = store.ingest([demand(hours, [1.0] * 4 + [2.0] * 6, name="b", data_end=40)])
    assert [(d.day, d.cells, d.differing, d.later_total) for d in report.superseded] == [
        ("2023-01-01", 5, 1, 6.0),
        ("2023-01-02", 5, 5, 10.0),
    ]


def test_hours_may_differ_while_the_day_agrees(store):
    store.ingest([demand([0, 1], [1, 2], name="a", data_end=5)])
    (difference,) = store.ingest([demand([0, 1], [2, 1], name="b", data_end=6)]).superseded
    assert difference.differing == 2
    assert not difference.total_differs


def test_a_blank_takes_no_number_back_and_is_counted(store):
    store.ingest([demand([0, 1], [5, 6], name="a", data_end=5)])
    (difference,) = store.ingest([demand([0, 1], [NAN, 6], name="b", data_end=9)]).superseded
    assert (difference.withdrawn, difference.differing) == (1, 0)
    assert store.read("jeju/demand", period(0, 2)).value.tolist() == [5, 6]


def test_a_superseding_value_is_not_known_before_its_publication_ended(store):
    store.ingest([demand([0], [1], name="a", data_end=1), demand([0], [2], name="b", data_end=100)])
    read = [store.read("jeju/demand", period(0, 1), as_of=at(h)).value.tolist() for h in (1, 2, 99, 100)]
    assert read == [[], [1], [1], [2]]


def test_agreeing_files_give_all_their_flags_once_they_are_known(store):
    store.ingest(
        [
            demand([0], [0.0], name="a", data_end=1, flags=[Flag.IMPLIED]),
            demand([0], [0.0], name="b", data_end=50, flags=[Flag.SUSPECT]),
        ]
    )
    assumed = Flag.ASSUMED_KNOWN
    assert store.read("jeju/demand", period(0, 1)).flag.tolist() == [Flag.IMPLIED | Flag.SUSPECT | assumed]
    assert store.read("jeju/demand", period(0, 1), as_of=at(9)).flag.tolist() == [Flag.IMPLIED | assumed]


def test_the_second_of_two_rows_of_one_file_holds(store):
    store.ingest([demand([0, 0, 1], [1, 2, 3], data_end=2)])
    assert store.read("jeju/demand", period(0, 2)).value.tolist() == [2, 3]


def test_of_forecasts_the_latest_issue_known_holds(store):
    forecast = block(
        [24, 24, 25, 25],
        [1, 2, 3, 4],
        series="forecast/a/temperature",
        source="oibc_forecast",
        unit="degC",
        kind=Kind.INSTANT,
        issued=[0, 12, 0, 12],
    )
    store.ingest([reading(forecast)])
    late = store.read("forecast/a/temperature", period(24, 26))
    assert (late.value.tolist(), late.issued_at.tolist()) == ([2, 4], [at(12), at(12)])
    assert not (late.flag & Flag.ASSUMED_KNOWN).any()
    early = store.read("forecast/a/temperature", period(24, 26), as_of=at(11))
    assert (early.value.tolist(), early.issued_at.tolist()) == ([1, 3], [at(0), at(0)])
    assert len(store.read("forecast/a/temperature", period(24, 26), as_of=at(-1))) == 0


def test_day_ahead_prices_are_known_at_six_in_the_evening_before(store):
    store.ingest(
        [
            reading(
                block([0, 15], [100, 90], series="jeju/smp", source="kpx_smp", unit="KRW/kWh", kind=Kind.MEAN)
            )
        ]
    )
    got = store.read("jeju/smp", period(0, 16))
    assert [str(t) for t in got.known_at] == ["2022-12-31T09:00:00", "2023-01-01T09:00:00"]


def test_the_list_names_every_source_with_its_span(store):
    store.ingest([demand([0, 1], [1, 2]), demand([5], [9], source="kpx_system", unit="MW", kind=Kind.MEAN)])
    assert [(i.series, i.source, i.unit, i.rows, str(i.start), str(i.end)) for i in store.list()] == [
        ("jeju/demand", "kpx_demand", "MWh", 2, "2023-01-01T00:00:00", "2023-01-01T02:00:00"),
        ("jeju/demand", "kpx_system", "MW", 1, "2023-01-01T05:00:00", "2023-01-01T06:00:00"),
    ]
    assert json.dumps([i.as_dict() for i in store.list()])


def test_findings_and_receipts_survive_and_speak_the_readers_language(store, home):
    finding = Finding(
        kind="gap",
        series="jeju/demand",
        source="kpx_demand",
        start=at(0),
        end=at(1),
        size=1.0,
        unit="h",
        text=Message("{n} mistakes:", {"n": 2}),
        consequence=Message("line {line}", {"line": Message("row {row}", {"row": 3})}),
    )
    file = reading(block([0], [1]), findings=(finding,))
    store.ingest([file, NotSeries(name="README", what=Message("row {row}", {"row": 1}))])
    again = home.open()
    assert again.receipts() == (file.receipt,)
    (found,) = again.findings()
    assert found == finding
    with speaking("ko"):
        assert str(found.consequence) == "3행번째 줄"


def test_not_series_are_named_in_the_report(store):
    what = NotSeries(name="README", what=Message("text"))
    assert store.ingest([what]).not_series == (what,)


def test_a_file_without_rows_is_remembered(store):
    empty = reading(name="empty.csv", data_end=0)
    store.ingest([empty])
    assert store.knows(empty.receipt.sha256)
    assert store.list() == ()


def test_an_open_store_reads_one_generation_until_it_is_refreshed(store, home):
    store.ingest([demand([0], [1])])
    other = home.open()
    other.ingest([demand([1], [2], name="b")])
    assert len(store.read("jeju/demand", period(0, 2))) == 1
    store.refresh()
    assert len(store.read("jeju/demand", period(0, 2))) == 2


def test_threads_may_ingest_and_read_one_store_at_once(store):
    store.ingest([demand([0], [1])])
    wrong = []

    def work(number):
        try:
            store.ingest([year(number, rows=50)])
            assert len(store.read("jeju/demand", period(0, 1))) == 1
        except BaseException as error:  # whatever it is, the test must see it
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
    assert len(store.receipts()) == 7


# --- refusals


def test_an_unknown_series_is_refused_and_so_is_an_unknown_source(store):
    with pytest.raises(UsageError, match="no such series"):
        store.read("jeju/demand", period(0, 1))
    store.ingest([demand([0], [1])])
    assert store.has("jeju/demand")
    assert not store.has("jeju/demand@epsis")
    with pytest.raises(UsageError, match="jeju/demand@kpx_demand"):
        store.read("jeju/demand@epsis", period(0, 1))
    with pytest.raises(UsageError, match="no such series"):
        store.versions("jeju/wind", period(0, 1))


def test_a_file_is_not_a_store(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="is a file"):
        Store.open(tmp_path / "file")


@pytest.mark.parametrize("stranger", ["demand.csv", "kpx/demand.csv"])
def test_a_place_of_other_things_is_left_alone(home, stranger):
    home.write(stranger, b"x")
    with pytest.raises(StoreError, match="not empty and is not a store"):
        home.open().ingest([demand([0], [1])])
    assert list(home.held()) == [stranger]


def test_opening_and_listing_write_nothing(home):
    assert home.open().list() == ()
    assert home.held() == {}
    assert home.remote or not home.folder.exists()


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "html", "gone"])
def test_a_damaged_list_is_told_and_the_list_before_it_helps(store, home, damage):
    store.ingest([demand([0], [1])])
    store.ingest([demand([1], [2], name="b")])
    data = home.held()["manifest.json"]
    if damage == "gone":
        home.remove("manifest.json")
    else:
        changed = {
            "flip": data.replace(b"b.csv" if b"b.csv" in data else b'"b"', b'"c"'),
            "cut": data[: len(data) // 2],
            "empty": b"",
            "html": b"<html>",
        }
        home.write("manifest.json", changed[damage])
    with pytest.raises(StoreError, match=r"missing or damaged.*manifest\.json\.previous"):
        home.open()
    with pytest.raises(StoreError, match="missing or damaged"):
        store.ingest([demand([2], [3], name="c")])
    home.write("manifest.json", home.held()["manifest.json.previous"])
    again = home.open()
    assert again.read("jeju/demand", period(0, 9)).value.tolist() == [1]
    again.ingest([demand([1], [2], name="b")])
    assert again.read("jeju/demand", period(0, 9)).value.tolist() == [1, 2]


def test_a_store_of_a_newer_format_is_refused(home):
    home.write("manifest.json", write(Manifest()).replace(b'"tamna_store":1', b'"tamna_store":2'))
    with pytest.raises(StoreError, match="newer tamna"):
        home.open()


@pytest.mark.parametrize("damage", ["gone", "cut", "flip"])
def test_a_damaged_segment_is_told_and_never_read_as_numbers(store, home, damage):
    store.ingest([year(0, rows=5000)])
    ((key, data),) = ((k, d) for k, d in home.held().items() if k.startswith("segments/"))
    assert store.verify() == ()
    if damage == "gone":
        home.remove(key)
    elif damage == "cut":
        home.write(key, data[:-100])
    else:
        home.write(key, data[:1000] + bytes(b ^ 0xFF for b in data[1000:1200]) + data[1200:])
    assert home.open().verify() == (key,)
    with pytest.raises(StoreError, match="segment of the store is"):
        home.open().read("asos/0/0", period(0, 10))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(StoreError, match="may not write"):
            Store.open(tmp_path / "store").ingest([demand([0], [1])])
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_a_reader_that_fails_half_way_leaves_the_store_as_it_was(store, home):
    store.ingest([demand([0], [1])])

    def readings():
        yield demand([1], [2], name="b")
        raise FileNotFoundError("c.csv")

    with pytest.raises(FileNotFoundError):
        store.ingest(readings())
    assert len(home.open().receipts()) == 1
    assert list((home.cache if home.remote else home.folder).glob(".work/*")) == []
