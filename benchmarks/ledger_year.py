"""A year of hours, many devices and as many accounts: issued, matched and claimed. CPU seconds and peak memory.

python benchmarks/ledger_year.py [devices] [accounts] [hours]
    python -m benchmarks.ledger_year --proofs      # a tree over a million rows, and proofs out of it
    python -m benchmarks.ledger_year --verify      # one account's year as a certificate, and as the shelf's, checked
"""

import resource
import sys
import time

import numpy as np

from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import certificate, method_name
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.keys import SigningKey
from tamna.ledger.matching import claims_of, match, matching
from tamna.ledger.merkle import tree_of_block
from tamna.ledger.multibase import multikey
from tamna.ledger.nouns import Account, Device, Entitlement, Right
from tamna.ledger.shelf import Lot, salt, shelf_certificate
from tamna.ledger.state import State
from tamna.ledger.verify import Known, verify

DAY = np.datetime64("2023-01-01T00:00:00", "s")
AT = np.datetime64("2024-02-01T00:00:00", "s")


def told(what, since):
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what:<28}{time.process_time() - since:8.2f} s CPU   peak {used:5.2f} GB", flush=True)
    return time.process_time()


def main(devices=1000, accounts=1000, hours=8760):
    random = np.random.default_rng(1)
    start = DAY + np.arange(hours) * np.timedelta64(3600, "s")
    plants = tuple(f"plant{i}" for i in range(devices))
    end = start[-1] + np.timedelta64(3600, "s")
    state = record(
        State(),
        op.book(AT),
        op.account(AT, Account(name="owner", zone="jeju")),
        *(op.account(AT, Account(name=f"user{i}", zone="jeju")) for i in range(accounts)),
        *(
            op.device(AT, Device(name=p, owner="owner", technology="wind_onshore", source="wind",
                                 capacity_w=1_000_000, zone="jeju", since=DAY))
            for p in plants
        ),
        *(
            op.right(AT, Right(paper=f"PPA{i}", kind=Entitlement.PPA, account=f"user{i}", devices=plants,
                               start=DAY, end=end))
            for i in range(accounts)
        ),
    )  # fmt: skip
    begin = last = time.process_time()
    for name in plants:
        state = record(state, op.issue(AT, name, op.readings(start, random.integers(0, 900_000, hours))))
    last = told("issued", last)
    for i in range(accounts):
        state = record(
            state, op.consume(AT, f"user{i}", op.readings(start, random.integers(0, 1_000_000, hours)))
        )
    last = told("consumption recorded", last)
    ranges = 0
    for found in matching(state, AT, DAY, end):
        state, ranges = found.state, ranges + sum(len(e.rows) for e in found.entries)
    last = told(f"matched ({ranges:,} ranges)", last)
    state = record(state, *claims_of(state, AT, DAY, end))
    last = told("claimed", last)
    told("all", begin)
    matched = sum(int(load.allotted_wh.sum()) for load in state.loads)
    print(f"{2 * devices * hours:,} readings, {matched / 1e9:,.1f} GWh matched")


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


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    if "--proofs" in sys.argv:
        proofs()
    elif "--verify" in sys.argv:
        verified()
    else:
        main(*numbers)
