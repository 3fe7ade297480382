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

_TESTS = Path(__file__).resolve().parent.parent
_CODE = """
import os, sys
from series.making import year
from tamna.series.store import Store
print("ready", flush=True)
for line in sys.stdin:
    word, *rest = line.rstrip().split('\t')
    if word == "wait":
        print(os.waitpid(int(rest[0]), 0)[1], flush=True)
    else:
        child = os.fork()  # before any DuckDB is open, so no thread is cut off
        if child == 0:
            store = Store.open(rest[0])
            for number in map(int, rest[1:]):
                store.ingest([year(number, rows=4000), year(number + 100, rows=4000)])
            os._exit(0)
        print(child, flush=True)
"""


class Writers:
    """A process that has everything imported, and forks one that ingests whenever it is told to."""

    def __init__(self, environment):
        path = os.pathsep.join([str(_TESTS), str(_TESTS.parent / "src")])
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CODE],
            env={**os.environ, **environment, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout.readline() == "ready\n"

    def start(self, folder, *numbers):
        return self._ask("ingest", folder, *numbers)

    def wait(self, child):
        return self._ask("wait", child)

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(60) == 0

    def _ask(self, *words):
        print(*words, sep="\t", file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())


@pytest.fixture(scope="module")
def writers(s3_server, tmp_path_factory):
    cache = tmp_path_factory.mktemp("writers") / "cache"
    writers = Writers({**s3_server.environment(), "TAMNA_CACHE": str(cache)})
    yield writers
    writers.close()


def holds(home, only=None):
    """Give the numbers whose pair of files is there, having read every value of them (or of `only`)."""
    store = home.open()
    names = [r.name for r in store.receipts() if r.name != "a.csv"]
    numbers = {int(n.removesuffix(".csv")) % 100 for n in names}
    assert len(names) == 2 * len(numbers), "half an ingest is visible"
    for number in numbers if only is None else numbers & only:
        for part in (number, number + 100):
            for block in year(part, rows=4000).blocks:
                got = store.read(block.series, period(part * 4000, (part + 1) * 4000))
                np.testing.assert_array_equal(got.value, block.value)
    assert store.verify() == ()
    assert store.read("jeju/demand", period(0, 1)).value.tolist() == [7.0]
    return numbers


def kills(writers, home, times, seed):
    home.open().ingest([demand([0], [7.0])])
    chance = random.Random(seed)
    began = time.monotonic()
    assert writers.wait(writers.start(home.location, 98)) == 0
    taken = time.monotonic() - began  # one whole ingest; followed where the machine gets slower or faster
    done = {98}
    for number in range(times):
        child = writers.start(home.location, number)
        time.sleep(chance.uniform(0, 1.2 * taken))
        os.kill(child, signal.SIGKILL)
        writers.wait(child)
        now = holds(home, {number})
        assert done <= now <= {*done, number}
        taken *= 0.9 if number in now else 1.25
        done = now
    home.age()  # on S3 only what has rested is swept
    home.open().ingest([year(50, rows=4000), year(150, rows=4000)])
    assert holds(home) == {*done, 50}
    kept = {s.key for s in home.open()._held.manifest.segments}
    assert {key for key in home.held() if key.startswith("segments/")} == kept
    return done


def test_an_ingest_killed_at_any_moment_is_there_wholly_or_not_at_all(writers, home):
    times = 12 if home.remote else 25
    done = kills(writers, home, times, seed=1)
    assert 1 < len(done) < times + 1, "every kill came too early or too late to be a test"
    assert home.remote or list((home.folder / ".work").iterdir()) == []


@pytest.mark.slow
def test_many_killed_ingests_lose_nothing(writers, home):
    assert 1 < len(kills(writers, home, 48, seed=2)) < 49


def test_four_processes_ingesting_at_once_lose_nothing(writers, home):
    home.open().ingest([demand([0], [7.0])])
    children = [writers.start(home.location, n, n + 10, 40) for n in range(4)]
    assert [writers.wait(c) for c in children] == [0, 0, 0, 0]
    assert holds(home) == {0, 1, 2, 3, 10, 11, 12, 13, 40}


def test_processes_that_found_the_store_together_share_it(writers, home):
    children = [writers.start(home.location, n) for n in range(3)]
    assert [writers.wait(c) for c in children] == [0, 0, 0]
    home.open().ingest([demand([0], [7.0])])
    assert holds(home) == {0, 1, 2}
