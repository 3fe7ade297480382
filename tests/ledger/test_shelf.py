"""The certificate on the shelf: its score can be counted, its watt-hours cannot, and the auditor's file opens it."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR
from ledger.test_verify import (
    ISSUER,
    KEY,
    KNOWN,
    LOT,
    NOW,
    OTHER,
    journal_of,
    made,
    made_for_the_shelf,
    trust,
)
from tamna.errors import LedgerError
from tamna.ledger import chains
from tamna.ledger.book import record
from tamna.ledger.canonical import canonical
from tamna.ledger.carried import LotShare
from tamna.ledger.certificate import certificate, method_name
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.proof import signed
from tamna.ledger.shelf import salt, shelf_certificate
from tamna.ledger.state import State
from tamna.ledger.verify import Answer, Known, claim_of, verify

JOURNAL = journal_of(48, scale=1000, salt=salt(KEY, "eggs"))
DOCUMENT = made_for_the_shelf(journal=JOURNAL)
RAW = canonical(DOCUMENT)
OPENING = canonical(made(journal=JOURNAL))


def opened(opening, raw=RAW):
    return verify(raw, Known(now=NOW, trust=trust(), opening=opening))["opening"]


def test_the_shelf_is_valid_and_says_what_waits_for_the_auditor():
    report = verify(RAW, KNOWN)
    assert report.answer == "valid"
    assert report["opening"].answer is Answer.NOT_CHECKABLE
    assert "watt-hours are not on the shelf" in str(report["opening"].reason)
    assert "only the opening" in str(report["inclusion"].reason)


def test_no_watt_hour_and_nothing_that_leads_to_one_is_on_the_shelf():
    event = JOURNAL.entries[-1]
    text = RAW.decode()
    assert event.about["salt"] not in text
    assert event.head()["root"] not in text
    assert "_wh" not in text
    assert max(max(v) for v in DOCUMENT["credentialSubject"]["hours"].values() if isinstance(v, list)) <= 1000


def test_the_auditors_certificate_opens_it():
    found = opened(OPENING)
    assert found.answer is Answer.VALID
    assert str(found.reason) == "the shares are those of 2880000 Wh"


def test_the_auditors_certificate_of_a_later_checkpoint_opens_it_too():
    assert opened(canonical(made(journal=JOURNAL, at=AT + HOUR))).answer is Answer.VALID


def relabelled(change, key=KEY):
    document = copy.deepcopy({k: v for k, v in DOCUMENT.items() if k != "proof"})
    change(document)
    return canonical(
        signed(document, key, method=method_name(ISSUER, key.public), created="2023-05-01T00:00:00Z")
    )


def step_up(document):
    """An issuer that moves ten steps from the rest to the farm's own roof, and counts correctly."""
    subject = document["credentialSubject"]
    subject["hours"]["self"][5] += 10
    subject["hours"]["rest"][5] -= 10
    for name in ("self", "claimable", "physical"):
        subject["score"][name] += 10


def test_a_shelf_that_flatters_counts_well_and_its_opening_finds_it_out():
    flattering = relabelled(step_up)
    report = verify(flattering, KNOWN)
    assert report.answer == "valid"
    found = opened(OPENING, flattering)
    assert found.answer is Answer.INVALID
    assert "other shares" in str(found.reason)


@pytest.mark.parametrize(
    ("opening", "reason"),
    [
        (RAW, "no auditor's certificate"),
        (b"{}", "not the parts"),
        (OPENING + b"\n", "canonical bytes"),
        (OPENING.replace(b'"load_wh":2880000', b'"load_wh":2880001'), "does not fit"),
        (canonical(made(journal=journal_of(48, scale=2000, salt=salt(KEY, "eggs")))), "another entry"),
        (canonical(made(journal=journal_of(48, scale=1000))), "another entry"),
        (canonical(made(journal=JOURNAL, key=OTHER)), "key is not on the list"),
    ],
)
def test_another_opening_is_refused_with_its_own_reason(opening, reason):
    found = opened(opening)
    assert found.answer is Answer.INVALID
    assert reason in str(found.reason)


def test_a_farm_twice_as_large_has_the_same_shelf_but_another_entry():
    twice = made_for_the_shelf(journal=journal_of(48, scale=2000, salt=salt(KEY, "eggs")))
    assert twice["credentialSubject"] == DOCUMENT["credentialSubject"]
    assert claim_of(twice) != claim_of(DOCUMENT)


def test_a_lot_has_its_own_hours_within_the_claim():
    during = (DAY + 8 * HOUR, DAY + 20 * HOUR)
    raw = canonical(made_for_the_shelf(journal=JOURNAL, during=during))
    report = verify(raw, Known(now=NOW, trust=trust(), opening=OPENING))
    assert report.answer == "valid"
    assert str(report["opening"].reason) == "the shares are those of 720000 Wh"
    assert json.loads(raw)["credentialSubject"]["score"]["hours"] == 12


@pytest.mark.parametrize(
    "during", [(DAY - HOUR, DAY + HOUR), (DAY, DAY + 49 * HOUR), (DAY + HOUR // 2, DAY + HOUR)]
)
def test_a_lot_longer_than_its_claim_or_cut_within_an_hour_is_refused(during):
    with pytest.raises(LedgerError, match="not whole intervals"):
        made_for_the_shelf(journal=JOURNAL, during=during)


def shared_out():
    """The claim of 48 hours shared out over two lots, each with an entry of its own."""
    state = record(State(), *JOURNAL.entries)
    shares = [LotShare(name, DAY, DAY + 48 * HOUR, weight) for name, weight in ((LOT.name, 2), ("B", 1))]
    sharing = chains.share_out(AT, "eggs", shares, claim=state.size - 1)
    state = record(state, sharing)
    lots = chains.lots_of(state, AT, state.size - 1, salts=lambda name: salt(KEY, "eggs", name))
    record(state, *lots)
    return Journal((*JOURNAL.entries, sharing, *lots))


def test_a_lot_of_a_shared_claim_has_its_own_entry_certificate_and_opening():
    journal = shared_out()
    tree = journal.tree()
    point = checkpoint(tree, KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT)
    facts = {"tree": tree, "checkpoint": point, "zone": "jeju", "key": KEY, "issuer": ISSUER, "at": AT}
    first, second = len(journal.entries) - 2, len(journal.entries) - 1
    raw = canonical(shelf_certificate(journal.entries, first, LOT, **facts))
    audits = [canonical(certificate(journal.entries, index, **facts)) for index in (first, second)]
    report = verify(raw, Known(now=NOW, trust=trust(), opening=audits[0]))
    assert report.answer == "valid"
    assert str(report["opening"].reason) == "the shares are those of 1920000 Wh"
    assert json.loads(audits[0])["credentialSubject"]["lot"] == LOT.name
    assert verify(audits[0], KNOWN).answer == "valid"
    assert "another entry" in str(opened(audits[1], raw).reason)
    assert "another entry" in str(opened(OPENING, raw).reason)
    with pytest.raises(LedgerError, match="another lot"):
        shelf_certificate(journal.entries, second, LOT, **facts)
    unsigned = {k: v for k, v in json.loads(audits[0]).items() if k != "proof"}
    unsigned["credentialSubject"]["lot"] = "B"
    lying = canonical(
        signed(unsigned, KEY, method=method_name(ISSUER, KEY.public), created="2023-05-01T00:00:00Z")
    )
    assert "another claim" in str(verify(lying, KNOWN)["inclusion"].reason)


def test_a_lot_under_a_name_that_its_entry_has_not_is_found_out_by_the_opening():
    journal = shared_out()
    tree = journal.tree()
    point = checkpoint(tree, KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT)
    facts = {"tree": tree, "checkpoint": point, "zone": "jeju", "key": KEY, "issuer": ISSUER, "at": AT}
    index = len(journal.entries) - 2
    document = {
        k: v for k, v in shelf_certificate(journal.entries, index, LOT, **facts).items() if k != "proof"
    }
    document["credentialSubject"]["lot"]["name"] = "B"
    raw = canonical(
        signed(document, KEY, method=method_name(ISSUER, KEY.public), created="2023-05-01T00:00:00Z")
    )
    assert "another lot" in str(opened(canonical(certificate(journal.entries, index, **facts)), raw).reason)


def test_a_claim_without_salt_is_not_put_on_the_shelf():
    with pytest.raises(LedgerError, match="could be guessed"):
        made_for_the_shelf(journal=journal_of())
    with pytest.raises(LedgerError, match="could be guessed"):
        made_for_the_shelf(journal=journal_of(salt="short"))


def test_what_only_went_into_a_storage_is_not_put_on_the_shelf():
    entry = JOURNAL.entries[-1]
    stored = Journal((*JOURNAL.entries[:-1], replace(entry, about={**entry.about, "purpose": "storage"})))
    with pytest.raises(LedgerError, match="is no product yet"):
        made_for_the_shelf(journal=stored)


def test_a_salt_is_the_keys_own_and_says_nothing_of_it():
    assert salt(KEY, "eggs") == salt(KEY, "eggs")
    assert len({salt(KEY, "eggs"), salt(KEY, "milk"), salt(OTHER, "eggs")}) == 3
    assert len(salt(KEY, "eggs")) == 32


@pytest.mark.parametrize(
    ("change", "check", "reason"),
    [
        (lambda d: d["credentialSubject"]["score"].update(claimable=999), "score", "another claimable"),
        (lambda d: d["credentialSubject"]["hours"]["self"].__setitem__(0, 1), "score", "another"),
        (lambda d: d["credentialSubject"]["hours"]["self"].append(1), "form", "differ in length"),
        (lambda d: d["credentialSubject"]["hours"].update(load_wh=[1]), "form", "hours"),
        (lambda d: d["credentialSubject"]["hours"].update(length_s=0), "inclusion", "1 s to 1 h"),
        (lambda d: d["credentialSubject"]["hours"].update(start="2023-04-02T00:00Z"), "inclusion", "do not cover"),
        (lambda d: d["credentialSubject"]["hours"]["estimated"].__setitem__(0, 2), "inclusion", "estimated or it is"),
        (lambda d: d["credentialSubject"]["lot"].update(product="eggs"), "form", "lot"),
        (lambda d: d["credentialSubject"]["lot"]["maker"].pop("ko"), "form", "lot"),
        (lambda d: d["credentialSubject"]["lot"].update(name=1), "form", "lot"),
        (lambda d: d["evidence"].update(leaf="00" * 32), "inclusion", "another root"),
        (lambda d: d["evidence"].update(leaf="xx"), "inclusion", "wrong form"),
        (lambda d: d["evidence"].update(head={}), "form", "evidence"),
        (lambda d: d.update(type=["VerifiableCredential", "TamnaHourlyClaim"]), "form", "not the parts"),
        (lambda d: d.update(type=[["VerifiableCredential"]]), "form", "another context or type"),
    ],
)  # fmt: skip
def test_an_issuer_that_lies_on_the_shelf_is_found_out(change, check, reason):
    report = verify(relabelled(change), KNOWN)
    assert report.exit_code == 1
    assert reason in str(report[check].reason)


def test_a_year_is_checked_and_counted():
    late = AT + np.timedelta64(400, "D")
    journal = journal_of(8760, late, scale=1000, salt=salt(KEY, "eggs"))
    document = made_for_the_shelf(journal=journal, at=late)
    report = verify(
        canonical(document),
        Known(now=late, trust=trust(), opening=canonical(made(journal=journal, at=late))),
    )
    assert report.answer == "valid"
    assert report["opening"].answer is Answer.VALID
    assert document["credentialSubject"]["score"]["hours"] == 8760


def test_only_a_claim_goes_on_the_shelf():
    tree = Journal(JOURNAL.entries).tree()
    point = checkpoint(tree, KEY, issuer=ISSUER, method=method_name(ISSUER, KEY.public), at=AT)
    with pytest.raises(LedgerError, match="only a claim"):
        shelf_certificate(
            JOURNAL.entries, 2, LOT, tree=tree, checkpoint=point, zone="jeju", key=KEY, issuer=ISSUER, at=AT
        )
