"""A battery charged from many plants for a month: CPU seconds to find what stands behind its charging, by number of plants.

python -m benchmarks.ledger_storage [plants ...]     # 100 200 400 800
"""

import sys
import time

import numpy as np

from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.invariants_carried import carried_broken
from tamna.ledger.matching import claims_of, match
from tamna.ledger.nouns import Account, Attributes, Device, Entitlement, Right, Storage, Tracing
from tamna.ledger.state import State

START = np.datetime64("2023-04-01T00:00:00", "s")
AT = np.datetime64("2023-06-01T00:00:00", "s")


def entered(plants, end):
    """One paper a plant, so that as many entries as plants stand behind the charging."""
    device = {"zone": "jeju", "since": START, "technology": "wind_onshore", "source": "wind"}
    for name in ("owner", "battery"):
        yield op.account(AT, Account(name=name, zone="jeju"))
    for i in range(plants):
        yield op.device(AT, Device(name=f"plant{i}", owner="owner", capacity_w=1_000_000, **device))
        yield op.right(
            AT, Right(paper=f"PPA{i}", kind=Entitlement.PPA, account="battery", devices=(f"plant{i}",), start=START, end=end)
        )  # fmt: skip
    for name, attributes in (("out", Attributes.HERE), ("out:place", Attributes.ELSEWHERE)):
        yield op.device(
            AT, Device(name=name, owner="battery", capacity_w=10_000_000_000, attributes=attributes, **device)
        )
    yield chains.storage(
        AT,
        Storage(
            name="battery", account="battery", device="out", place="out:place", tracing=Tracing.FIFO,
            efficiency_permille=850, opening_wh=0,
        ),
    )  # fmt: skip


def main(plants, hours=720):
    start = START + np.arange(hours) * np.timedelta64(3600, "s")
    end = start[-1] + np.timedelta64(3600, "s")
    wh = np.random.default_rng(1).integers(1, 1000, (plants, hours))
    state = record(State(), op.book(AT), *entered(plants, end))
    state = record(state, *(op.issue(AT, f"plant{i}", op.readings(start, wh[i])) for i in range(plants)))
    state = record(state, op.consume(AT, "battery", op.readings(start, wh.sum(axis=0))))
    state = match(state, AT, START, end).state
    state = record(state, *claims_of(state, AT, START, end))
    claim = next(e for e, c in state.claims.items() if c.account == "battery")
    rows = op.readings(start, np.where(np.arange(hours) % 2, wh.sum(axis=0) // 4, 0))
    began = time.process_time()
    state = record(state, chains.discharge(AT, "battery", rows, claim=claim))
    traced = time.process_time()
    assert not list(carried_broken(state))
    print(
        f"{plants:>6} plants, {len(state.claims[claim].cancellations):>4} cancellations: "
        f"window {traced - began:6.2f} s CPU, invariants {time.process_time() - traced:6.2f} s CPU",
        flush=True,
    )


if __name__ == "__main__":
    for count in [int(a) for a in sys.argv[1:]] or [100, 200, 400, 800]:
        main(count)
