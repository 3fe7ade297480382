"""A year of hours, many devices and as many accounts: issued, matched and claimed. CPU seconds and peak memory.

python -m benchmarks.ledger_year [devices] [accounts] [hours]
python -m benchmarks.ledger_year --kept [ADDRESS] [devices] [accounts] [hours]   # and written to a database
python -m benchmarks.ledger_year --postgresql [devices] [accounts] [hours]        # on a server of its own, as safe as it comes
python -m benchmarks.ledger_year --proofs      # a tree over a million rows, and proofs out of it
python -m benchmarks.ledger_year --verify      # one account's year as a certificate, and as the shelf's, checked
"""

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tests.postgresql_server import Cluster

from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import certificate, method_name
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.keys import SigningKey
from tamna.ledger.matching import Matched, claims_of, match, matching
from tamna.ledger.merkle import tree_of_block
from tamna.ledger.multibase import multikey
from tamna.ledger.nouns import Account, Device, Entitlement, Right
from tamna.ledger.shelf import Lot, salt, shelf_certificate
from tamna.ledger.state import State
from tamna.ledger.verify import Known, verify
from tamna.registry import Registry

DAY = np.datetime64("2023-01-01T00:00:00", "s")
_SAFE = (
    "listen_addresses=''",
)  # all else as PostgreSQL comes: what it has committed outlives a loss of power
AT = np.datetime64("2024-02-01T00:00:00", "s")


def told(what, since):
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what:<28}{time.process_time() - since:8.2f} s CPU   peak {used:5.2f} GB", flush=True)
    return time.process_time()


def entered(devices, accounts, end):
    plants = tuple(f"plant{i}" for i in range(devices))
    yield op.account(AT, Account(name="owner", zone="jeju"))
    for i in range(accounts):
        yield op.account(AT, Account(name=f"user{i}", zone="jeju"))
    for p in plants:
        yield op.device(AT, Device(name=p, owner="owner", technology="wind_onshore", source="wind",
                                   capacity_w=1_000_000, zone="jeju", since=DAY))  # fmt: skip
    if devices * accounts > 4_000_000:  # papers that each name all plants would be most of the book
        for first in range(0, devices, 1000):
            yield from papers(plants[first : first + 1000], range(first, min(first + 1000, accounts)), end)
    else:
        yield from papers(plants, range(accounts), end)


def papers(plants, users, end):
    for i in users:
        yield op.right(AT, Right(paper=f"PPA{i}", kind=Entitlement.PPA, account=f"user{i}", devices=plants,
                                 start=DAY, end=end))  # fmt: skip


def batched(numbers, size=50):
    """A loader writes many meters in one transaction."""
    return (numbers[i : i + size] for i in range(0, len(numbers), size))


class Kept:
    """Writes what was made, or nothing without an address; counts its own time apart."""

    def __init__(self, address):
        self.book = Registry.create(address, AT) if address else None
        self.cpu = self.wall = 0.0

    def write(self, entries, state):
        if self.book is None:
            return state
        cpu, wall = time.process_time(), time.perf_counter()
        self.book.append(lambda _state: Matched(state, tuple(entries)))
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall
        return state


def main(devices=1000, accounts=1000, hours=8760, address=""):
    random = np.random.default_rng(1)
    start = DAY + np.arange(hours) * np.timedelta64(3600, "s")
    end = start[-1] + np.timedelta64(3600, "s")
    kept = Kept(address)
    opening = tuple(entered(devices, accounts, end))
    state = kept.write(opening, record(State(), op.book(AT), *opening))
    kept.cpu = kept.wall = 0.0
    begin = last = time.process_time() - kept.cpu
    for some in batched(range(devices)):
        made = [
            op.issue(AT, f"plant{i}", op.readings(start, random.integers(0, 900_000, hours))) for i in some
        ]
        state = kept.write(made, record(state, *made))
    last = told("issued", last + kept.cpu) - kept.cpu
    for some in batched(range(accounts)):
        made = [
            op.consume(AT, f"user{i}", op.readings(start, random.integers(0, 1_000_000, hours))) for i in some
        ]
        state = kept.write(made, record(state, *made))
    last = told("consumption recorded", last + kept.cpu) - kept.cpu
    ranges = 0
    for found in matching(state, AT, DAY, end):
        state, ranges = (
            kept.write(found.entries, found.state),
            ranges + sum(len(e.rows) for e in found.entries),
        )
    last = told(f"matched ({ranges:,} ranges)", last + kept.cpu) - kept.cpu
    claims = claims_of(state, AT, DAY, end)
    state = kept.write(claims, record(state, *claims))
    told("claimed", last + kept.cpu)
    told("all but writing", begin + kept.cpu)
    matched = sum(int(load.allotted_wh.sum()) for load in state.loads)
    print(f"{2 * devices * hours:,} readings, {matched / 1e9:,.1f} GWh matched")
    if kept.book is not None:
        kept.book.close()
        size = f", {Path(kept.book.url.database).stat().st_size / 1e6:,.0f} MB" if "sqlite" in address else ""
        print(f"written: {kept.cpu:.1f} s CPU, {kept.wall:.1f} s by the clock, {state.size:,} entries{size}")


def proofs(size=1_000_000, asked=20_000):
    last = time.process_time()
    tree = tree_of_block(np.arange(size, dtype="<u8").tobytes(), 8)
    last = told(f"tree of {size:,} rows", last)
    for index in np.random.default_rng(1).integers(0, size, asked):
        tree.inclusion(int(index))
    spent = time.process_time() - last
    print(f"{asked / spent:,.0f} proofs a second")


def a_years_certificate():
    start = DAY + np.arange(8760) * np.timedelta64(3600, "s")
    end = start[-1] + np.timedelta64(3600, "s")
    wh = np.random.default_rng(1).integers(0, 900_000, 8760)
    plant = Device(name="roof", owner="farm", technology="solar_pv", source="solar", capacity_w=1_000_000,
                   zone="jeju", since=DAY)  # fmt: skip
    entries = [
        op.book(AT), op.account(AT, Account(name="farm", zone="jeju")), op.device(AT, plant),
        op.issue(AT, "roof", op.readings(start, wh)), op.consume(AT, "farm", op.readings(start, wh[::-1])),
    ]  # fmt: skip
    found = match(record(State(), *entries), AT, DAY, end)
    key, issuer = SigningKey.generate(), "did:web:issuer.example"
    claims = claims_of(found.state, AT, DAY, end, salts=lambda name: salt(key, name))
    entries += [*found.entries, *claims]
    name, tree = method_name(issuer, key.public), Journal(tuple(entries)).tree()
    point = checkpoint(tree, key, issuer=issuer, method=name, at=AT)
    facts = {"tree": tree, "checkpoint": point, "zone": "jeju", "key": key, "issuer": issuer, "at": AT}
    lot = Lot(name="2023", product={"en": "Eggs", "ko": "달걀"}, maker={"en": "A farm", "ko": "농장"})
    raw = canonical(certificate(entries, len(entries) - 1, **facts))
    shelf = canonical(shelf_certificate(entries, len(entries) - 1, lot, **facts))
    trust = {"issuer": issuer, "keys": [{"id": name, "publicKeyMultibase": multikey(key.public)}]}
    return raw, shelf, trust


def verified():
    raw, shelf, trust = a_years_certificate()
    for what, file, opening in (
        ("auditor's", raw, None),
        ("shelf", shelf, None),
        ("shelf, opened", shelf, raw),
    ):
        for _ in range(3):
            last = time.process_time()
            report = verify(file, Known(now=AT, trust=trust, opening=opening))
            spent = time.process_time() - last
            print(f"{what}: {len(file):,} bytes, {report.answer}: {spent:.3f} s CPU")


def _size(folder):
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    if "--proofs" in sys.argv:
        proofs()
    elif "--verify" in sys.argv:
        verified()
    elif "--postgresql" in sys.argv:
        with Cluster(None, settings=_SAFE) as server:
            before = server.cpu_s()
            main(*numbers, address=server.address)
            time.sleep(1)  # what the server still has to do for it
            print(
                f"the server: {server.cpu_s() - before:.1f} s CPU, {_size(server.folder / 'data'):,.0f} MB on disk"
            )
    elif "--kept" in sys.argv:
        given = [a for a in sys.argv[1:] if "://" in a]
        with TemporaryDirectory() as folder:
            main(*numbers, address=given[0] if given else f"sqlite:///{folder}/book.db")
    else:
        main(*numbers)
