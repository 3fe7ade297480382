"""Power cuts and crowds: an ingest is there wholly or not at all, and several at once all land."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from series.making import demand, period, year
from tamna.series.store import Store

_TESTS = Path(__file__).resolve().parent.parent
_CODE = """
import sys
from series.making import year
from tamna.series.store import Store
store = Store.open(sys.argv[1])
numbers = [int(n) for n in sys.argv[2:]]
print("ready", flush=True)
sys.stdin.readline()
for number in numbers:
    store.ingest([year(number, rows=4000), year(number + 100, rows=4000)])
"""


def start(store, *numbers):
    path = os.pathsep.join([str(_TESTS), str(_TESTS.parent / "src")])
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE, str(store), *map(str, numbers)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def go(process):
    process.stdin.write("\n")
    process.stdin.flush()


def close(process):
    process.stdin.close()
    process.stdout.close()
    return process.wait(120)


def holds(folder):
    """Give the numbers whose pair of files is there, having read every value of them."""
    store = Store.open(folder)
    names = [r.name for r in store.receipts() if r.name != "a.csv"]
    numbers = {int(n.removesuffix(".csv")) % 100 for n in names}
    assert len(names) == 2 * len(numbers), "half an ingest is visible"
    for number in numbers:
        for part in (number, number + 100):
            for block in year(part, rows=4000).blocks:
                got = store.read(block.series, period(part * 4000, (part + 1) * 4000))
                np.testing.assert_array_equal(got.value, block.value)
    assert store.verify() == ()
    assert store.read("jeju/demand", period(0, 1)).value.tolist() == [7.0]
    return numbers


def kills(tmp_path, times, seed):
    folder = tmp_path / "store"
    Store.open(folder).ingest([demand([0], [7.0])])
    chance = random.Random(seed)
    process = start(folder, 98)
    began = time.monotonic()
    go(process)
    assert close(process) == 0
    taken = time.monotonic() - began  # one whole ingest, and the end of its process
    done = {98}
    for number in range(times):
        process = start(folder, number)
        go(process)
        time.sleep(chance.uniform(0, taken))
        process.send_signal(signal.SIGKILL)
        close(process)
        now = holds(folder)
        assert done <= now <= {*done, number}
        done = now
    Store.open(folder).ingest([year(50, rows=4000), year(150, rows=4000)])
    assert holds(folder) == {*done, 50}
    assert list((folder / ".work").iterdir()) == []
    kept = {s.key for s in Store.open(folder)._held.manifest.segments}
    assert {f"segments/{p.name}" for p in (folder / "segments").iterdir()} == kept
    return done


def test_an_ingest_killed_at_any_moment_is_there_wholly_or_not_at_all(tmp_path):
    assert 1 < len(kills(tmp_path, 25, seed=1)) < 26, "every kill came too early or too late to be a test"


@pytest.mark.slow
def test_many_killed_ingests_lose_nothing(tmp_path):
    assert 1 < len(kills(tmp_path, 48, seed=2)) < 49


def test_four_processes_ingesting_at_once_lose_nothing(tmp_path):
    folder = tmp_path / "store"
    Store.open(folder).ingest([demand([0], [7.0])])
    processes = [start(folder, *range(n, n + 20, 10), 40) for n in range(4)]
    for process in processes:
        go(process)
    assert [close(p) for p in processes] == [0, 0, 0, 0]
    assert holds(folder) == {0, 1, 2, 3, 10, 11, 12, 13, 40}


def test_processes_that_found_the_store_together_share_it(tmp_path):
    folder = tmp_path / "store"
    processes = [start(folder, n) for n in range(3)]
    for process in processes:
        go(process)
    assert [close(p) for p in processes] == [0, 0, 0]
    Store.open(folder).ingest([demand([0], [7.0])])
    assert holds(folder) == {0, 1, 2}
