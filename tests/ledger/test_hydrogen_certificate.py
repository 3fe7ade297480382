"""A batch of hydrogen as a certificate: intact, opened, and every lie about mass, route, tier or claim refused."""

import copy
import json

import numpy as np
import pytest

import ledger.test_verify
from ledger.island import AT, DAY, HOUR, device, hours, right
from ledger.test_verify import ISSUER, KEY, LIST, NOW, listed, trust
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import method_name
from tamna.ledger.hydrogen import Worked, eu_routes
from tamna.ledger.hydrogen_batch import judge_all
from tamna.ledger.hydrogen_certificate import Stated, batch_certificate, batch_shelf_certificate
from tamna.ledger.hydrogen_score import COUNTS
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.matching import claims_of, match
from tamna.ledger.nouns import Account, Converter
from tamna.ledger.proof import signed
from tamna.ledger.shelf import Lot, salt
from tamna.ledger.state import State
from tamna.ledger.statuslist import StatusList
from tamna.ledger.verify import Answer, Known, verify

NAN = np.nan
LOT = Lot(
    name="gas-2023-04-01",
    product={"en": "Green hydrogen", "ko": "그린수소"},
    maker={"en": "Haengwon", "ko": "행원"},
)
LOAD = np.array([50_000, 50_000, 50_000, 50_000, 50_000, 20_001])
WIND = np.array([70_000, 30_000, 10_000, 0, 0, 7])
MG = np.array([1_000_000, 1_000_000, 900_000, 900_000, 1_000_000, 250_000])
REDISPATCH = np.array([0, 0, 15_000, 0, 0, 0])
PRICE = np.array([90.0, 80.0, NAN, 19.9996, 40.0, 25.0])


def worked(matched):
    return Worked(
        load_wh=LOAD, made_wh=WIND, matched_wh=matched, storage_wh=np.zeros(6, int), redispatch_wh=REDISPATCH,
        price_eur_mwh=PRICE, allowance_eur=np.full(6, 50.0),
    )  # fmt: skip


def journal_of(*, salted=True, mg=MG, heat=0, n=6):
    """Six hours: wind enough; half; some and redispatch; none at a low price; none; none to speak of."""
    salts = (lambda name: salt(KEY, name)) if salted else None
    events = [
        op.book(AT),
        *(op.account(AT, Account(name=name, zone="jeju")) for name in ("wind", "plant")),
        op.device(AT, device("mill", "wind", 100_000)),
        op.right(AT, right(account="plant", devices=("mill",), end=DAY + 6 * HOUR)),
        chains.converter(
            AT, Converter(name="plant", account="plant", process="soec" if heat else "pem", buffer_mg=0)
        ),
        op.issue(AT, "mill", op.readings(hours(6), WIND)),
        op.consume(AT, "plant", op.readings(hours(6), LOAD)),
    ]
    state = record(State(), *events)
    found = match(state, AT, DAY, DAY + 6 * HOUR)
    claims = claims_of(found.state, AT, DAY, DAY + 6 * HOUR, salts=salts)
    state = record(found.state, *claims)
    number = next(e for e, c in state.claims.items() if c.account == "plant")
    batch = chains.convert(
        AT, "plant", chains.made(hours(6)[:n], mg[:n], heat_wh=heat), batch=LOT.name, claim=number
    )
    batch = batch.salted(salt(KEY, "batch")) if salted else batch
    record(state, batch)
    return Journal((*events, *found.entries, *claims, batch))


JOURNAL = journal_of()
MATCHED = np.minimum(LOAD, WIND)
STATED = Stated(process="pem", worked=worked(MATCHED), grid_mg_per_kwh=(420_000, 500_000))


def made(journal=JOURNAL, stated=STATED):
    tree, index = journal.tree(), len(journal.entries) - 1
    point = checkpoint(tree, KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT)
    facts = {"tree": tree, "checkpoint": point, "zone": "jeju", "key": KEY, "issuer": ISSUER, "at": AT}
    audit = batch_certificate(journal.entries, index, stated, status=(LIST, index), **facts)
    return audit, batch_shelf_certificate(journal.entries, index, stated, LOT, status=(LIST, index), **facts)


AUDIT, SHELF = made()
RAW = canonical(AUDIT)


def test_a_batch_is_valid_alone_and_opened():
    report = verify(RAW, Known(now=NOW, trust=trust()))
    assert report.answer == "valid"
    assert [c.name for c in report.checks if c.answer is Answer.VALID] == [
        "form", "signature", "issuer", "time", "inclusion", "score", "hydrogen",
    ]  # fmt: skip
    assert verify(canonical(SHELF), Known(now=NOW, trust=trust())).answer == "valid"
    opened = verify(canonical(SHELF), Known(now=NOW, trust=trust(), opening=RAW))
    assert opened["opening"].answer is Answer.VALID
    assert str(sum(LOAD)) in str(opened["opening"].reason)


def test_it_says_what_the_rules_say():
    """In whole numbers what `judge_all` says in fractions: routes, carbon, tiers and the limit, side by side."""
    part = AUDIT["credentialSubject"]["hydrogen"]
    rules = judge_all(worked(MATCHED), int(MG.sum()), (420.0, 500.0))
    assert part["routes"] == {str(r): wh.tolist() for r, wh in eu_routes(worked(MATCHED)).items()}
    assert part["routes"]["price"] == [
        0,
        0,
        0,
        20_000,
        0,
        0,
    ]  # what the plants made and nobody used, at a low price
    assert part["routes"]["redispatch"] == [0, 0, 15_000, 0, 0, 0]
    for name in COUNTS:
        judged, said = getattr(rules, name), part["result"][name]
        assert said["renewable"] == judged.renewable_wh
        assert said["g_per_kg"] == pytest.approx([1000 * kg for kg in judged.kg_per_kg], abs=1)
        assert said["tier"] == [number or 0 for number in judged.tiers]
        assert all(said["within_eu"]) == (judged.keeps_limit is True)
    assert part["hours"]["price_meur_mwh"] == [90_000, 80_000, None, 20_000, 40_000, 25_000]


def test_the_shelf_shows_no_mass_and_no_watt_hour_and_never_a_better_figure():
    text, part = canonical(SHELF).decode(), SHELF["credentialSubject"]["hydrogen"]
    assert str(MG.sum()) not in text
    assert str(LOAD.sum()) not in text
    exact = AUDIT["credentialSubject"]["hydrogen"]["result"]
    for name in COUNTS:
        shown = part["result"][name]
        assert all(s >= e for s, e in zip(shown["g_per_kg"], exact[name]["g_per_kg"], strict=True))
        assert shown["g_per_kg"] == pytest.approx(exact[name]["g_per_kg"], rel=0.01)
    assert part["wh_per_kg"] == -(-int(LOAD.sum()) * 10**6 // int(MG.sum()))


def _batch(change):
    return lambda d: change(d["credentialSubject"]["hydrogen"])


def _entry(change):
    return lambda d: change(d["evidence"])


LIES = {
    "more mass": (_batch(lambda h: h["hours"]["mg"].__setitem__(0, 2_000_000)), "inclusion"),
    "another tier": (_batch(lambda h: h["result"]["claimed"].update(tier=[1, 1])), "hydrogen"),
    "less carbon": (_batch(lambda h: h["result"]["eu_month"].update(g_per_kg=[0, 0])), "hydrogen"),
    "true for 1": (_batch(lambda h: h["result"]["eu_hour"].update(within_eu=[1, 1])), "hydrogen"),
    "a lower factor": (_batch(lambda h: h.update(grid_mg_per_kwh=[1, 2])), "hydrogen"),
    "another route": (_batch(lambda h: h["routes"]["none"].__setitem__(4, 0)), "hydrogen"),
    "a price that was not low": (
        _batch(lambda h: h["hours"]["price_meur_mwh"].__setitem__(3, 90_000)),
        "hydrogen",
    ),
    "more made": (_batch(lambda h: h["hours"]["made_wh"].__setitem__(4, 60_000)), "hydrogen"),
    "less made": (_batch(lambda h: h["hours"]["made_wh"].__setitem__(0, 0)), "hydrogen"),
    "more turned down": (_batch(lambda h: h["hours"]["redispatch_wh"].__setitem__(4, 1)), "hydrogen"),
    "another name": (lambda d: d["credentialSubject"].update(batch="gas-2023-05-01"), "inclusion"),
    "another account": (lambda d: d["credentialSubject"].update(account="wind"), "inclusion"),
    "another claim's place": (_entry(lambda e: e["claim"].update(index=1)), "inclusion"),
    "another claim": (_entry(lambda e: e["claim"]["head"].update(rows=5)), "inclusion"),
    "no path": (_entry(lambda e: e["claim"].update(inclusion=[])), "inclusion"),
    "an hour's load": (lambda d: d["credentialSubject"]["hours"]["load_wh"].__setitem__(0, 1), "inclusion"),
    "a price of words": (_batch(lambda h: h["hours"]["price_meur_mwh"].__setitem__(0, "free")), "form"),
    "a fraction": (_batch(lambda h: h["hours"]["made_wh"].__setitem__(0, 0.5)), "form"),
    "a missing hour": (_batch(lambda h: h["hours"]["mg"].pop()), "form"),
    "a missing count": (_batch(lambda h: h["result"].pop("claimed")), "form"),
    "one more route": (_batch(lambda h: h["routes"].update(wish=[0] * 6)), "form"),
    "factors turned round": (_batch(lambda h: h.update(grid_mg_per_kwh=[500_000, 420_000])), "form"),
    "another method": (lambda d: d["credentialSubject"].update(method="tamna-hourly-1"), "form"),
    "a lot's type": (lambda d: d["type"].__setitem__(1, "TamnaHourlyClaim"), "form"),
}


def resigned(change, document=AUDIT):
    lie = copy.deepcopy({k: v for k, v in document.items() if k != "proof"})
    change(lie)
    created = document["proof"]["created"]
    return canonical(signed(lie, KEY, method=method_name(ISSUER, KEY.public), created=created))


@pytest.mark.parametrize("name", LIES)
def test_an_issuer_that_lies_is_found_out_by_counting(name):
    change, check = LIES[name]
    report = verify(resigned(change), Known(now=NOW, trust=trust()))
    assert report.answer == "invalid"
    assert report[check].answer is Answer.INVALID


SHELF_LIES = {
    "tier": (_batch(lambda h: h["result"]["claimed"].update(tier=[1, 1])), "hydrogen"),
    "energy": (_batch(lambda h: h.update(wh_per_kg=h["wh_per_kg"] - 9_000)), "hydrogen"),
    "no energy": (_batch(lambda h: h.update(wh_per_kg=0)), "form"),
    "route": (_batch(lambda h: h["routes"]["none"].__setitem__(4, 0)), "hydrogen"),
    "process": (_batch(lambda h: h.update(process="alkaline")), "opening"),
    "watt-hours": (_batch(lambda h: h.update(hours={})), "form"),
}


@pytest.mark.parametrize("name", SHELF_LIES)
def test_a_shelf_that_says_more_is_found_out_alone_or_by_its_opening(name):
    change, check = SHELF_LIES[name]
    report = verify(resigned(change, SHELF), Known(now=NOW, trust=trust(), opening=RAW))
    assert report[check].answer is Answer.INVALID


def test_lower_energy_that_counts_up_is_found_out_by_the_opening():
    """An issuer that lies about the energy of a kilogram, and counts well: only the watt-hours show it."""

    def change(document):
        from tamna.ledger.hydrogen_score import counted_shelf

        subject = document["credentialSubject"]
        part = subject["hydrogen"]
        part["wh_per_kg"] -= 9_000
        part["result"] = counted_shelf(
            subject["score"], part["routes"], part["wh_per_kg"], part["grid_mg_per_kwh"]
        )

    raw = resigned(change, SHELF)
    assert verify(raw, Known(now=NOW, trust=trust())).answer == "valid"
    report = verify(raw, Known(now=NOW, trust=trust(), opening=RAW))
    assert "opened batch gives another" in str(report["opening"].reason)


def test_every_seventh_byte_changed_is_refused():
    for place in range(0, len(RAW), 7):
        altered = bytearray(RAW)
        altered[place] ^= 1 << place % 8
        assert verify(bytes(altered), Known(now=NOW, trust=trust())).answer == "invalid", place


def test_a_batch_taken_back_is_refused():
    index = len(JOURNAL.entries) - 1
    status = listed(StatusList.empty().with_set(index))
    assert verify(RAW, Known(now=NOW, trust=trust(), status=status)).answer == "invalid"
    assert verify(RAW, Known(now=NOW, trust=trust(), status=listed())).answer == "valid"


def test_a_lot_does_not_open_a_batch():
    report = verify(canonical(SHELF), Known(now=NOW, trust=trust(), opening=ledger.test_verify.RAW))
    assert "no auditor's certificate" in str(report["opening"].reason)


def test_only_a_batch_of_all_hours_with_mass_and_salt_is_certified():
    point, facts = JOURNAL.tree(), {"zone": "jeju", "key": KEY, "issuer": ISSUER, "at": AT}
    with pytest.raises(LedgerError, match="no batch of hydrogen"):
        batch_certificate(JOURNAL.entries, 1, STATED, tree=point, checkpoint={}, **facts)
    with pytest.raises(LedgerError, match="checkpoint is of another tree"):
        batch_certificate(
            JOURNAL.entries, len(JOURNAL.entries) - 1, STATED, tree=point, checkpoint={}, **facts
        )
    for journal, reason in (
        (journal_of(n=5), "every interval"),
        (journal_of(mg=MG * 0), "without hydrogen"),
        (journal_of(heat=1), "heat from outside"),
        (journal_of(salted=False), "no salt"),
    ):
        with pytest.raises(LedgerError, match=reason):
            made(journal)


def test_the_files_hold_numbers_and_no_key():
    for document in (AUDIT, SHELF):
        raw = canonical(document)
        assert bytes(range(32)).hex().encode() not in raw
        assert json.loads(raw)["type"][1].startswith("TamnaHydrogen")
