"""Whatever is done to a certificate, its check says so and says why."""

import copy
import json

import numpy as np
import pytest

from ledger.island import AT, DAY, HOUR, device, hours, right
from tamna.errors import LedgerError
from tamna.lang import speaking
from tamna.ledger import operations as op
from tamna.ledger.book import record
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import (
    certificate,
    controller_document,
    method_name,
    status_credential,
)
from tamna.ledger.journal import Journal, checkpoint
from tamna.ledger.keys import SigningKey
from tamna.ledger.multibase import multikey
from tamna.ledger.nouns import Account, Entitlement
from tamna.ledger.proof import signed
from tamna.ledger.score import score
from tamna.ledger.shelf import Lot, salt, shelf_certificate
from tamna.ledger.state import State
from tamna.ledger.statuslist import StatusList
from tamna.ledger.verify import Answer, Known, verify

ISSUER = "did:web:jeju.example"
KEY = SigningKey.from_seed(bytes(range(32)))
OTHER = SigningKey.from_seed(bytes(range(1, 33)))
LIST = "https://jeju.example/status/1"
LOT = Lot(
    name="2023-04-01 A",
    product={"en": "Eggs, ten", "ko": "달걀 10구"},
    maker={"en": "Hallim layer farm", "ko": "한림 양계장"},
)
NOW = AT + np.timedelta64(10, "D")


def trust(key=KEY, **more):
    return {
        "issuer": ISSUER,
        "keys": [{"id": method_name(ISSUER, key.public), "publicKeyMultibase": multikey(key.public), **more}],
    }


def journal_of(n=4, at=AT, scale=1, **more):
    events = [
        op.book(at),
        op.account(at, Account(name="wind", zone="jeju")),
        op.account(at, Account(name="eggs", zone="jeju")),
        op.device(at, device("hallim", "wind", 10_000_000)),
        op.right(at, right(end=DAY + n * HOUR)),
        op.issue(at, "hallim", op.readings(hours(n), np.arange(n) % 90 * scale)),
        op.consume(at, "eggs", op.readings(hours(n), np.full(n, 60 * scale))),
    ]
    state = record(State(), *events)
    rows = op.ranges(
        state, [("hallim", DAY + i * HOUR, 0, min(i % 90, 60) * scale) for i in range(n) if i % 90]
    )
    cancel = op.cancel(at, rows, account_name="eggs", entitlement=Entitlement.PPA, paper="PPA-1")
    state = record(state, cancel)
    claim = op.claim(state, at, "eggs", DAY, DAY + n * HOUR, cancellations=[state.size - 1], **more)
    record(state, claim)
    return Journal((*events, cancel, claim))


def made_for_the_shelf(key=KEY, journal=None, at=AT, lot=LOT, **more):
    journal = journal or journal_of(salt=salt(key, "eggs"))
    tree = journal.tree()
    point = checkpoint(tree, key, issuer=ISSUER, method=method_name(ISSUER, key.public), at=at)
    return shelf_certificate(
        journal.entries, len(journal.entries) - 1, lot, tree=tree, checkpoint=point,
        zone="jeju", key=key, issuer=ISSUER, at=at, status=(LIST, 94_567), **more,
    )  # fmt: skip


def made(key=KEY, journal=None, at=AT, **more):
    journal = journal or journal_of()
    tree = journal.tree()
    point = checkpoint(tree, key, issuer=ISSUER, method=method_name(ISSUER, key.public), at=at)
    return certificate(
        journal.entries, more.pop("index", len(journal.entries) - 1), tree=tree, checkpoint=more.pop("point", point),
        zone="jeju", key=key, issuer=ISSUER, at=at, status=more.pop("status", (LIST, 94_567)),
    )  # fmt: skip


DOCUMENT = made()
RAW = canonical(DOCUMENT)
SHELF = canonical(made_for_the_shelf())
KNOWN = Known(now=NOW, trust=trust())


def resigned(change, key=KEY):
    """The document changed and signed again, as an issuer that lies would."""
    document = copy.deepcopy({k: v for k, v in DOCUMENT.items() if k != "proof"})
    change(document)
    return canonical(
        signed(document, key, method=method_name(ISSUER, key.public), created=DOCUMENT["proof"]["created"])
    )


def test_a_certificate_is_valid_for_who_knows_the_issuer():
    report = verify(RAW, KNOWN)
    assert report.answer == "valid"
    assert report.exit_code == 0
    assert {c.name: str(c.answer) for c in report.checks} == {
        "form": "valid", "signature": "valid", "issuer": "valid", "time": "valid", "inclusion": "valid",
        "score": "valid", "status": "not checkable", "history": "not checkable", "reuse": "not checkable",
    }  # fmt: skip


def test_without_a_list_of_keys_it_is_intact_and_its_issuer_unknown():
    report = verify(RAW, Known(now=NOW))
    assert (report.answer, report.exit_code) == ("intact, issuer unknown", 1)
    assert report["issuer"].answer is Answer.NOT_CHECKABLE


def test_what_is_in_the_file_is_what_the_book_holds():
    subject = json.loads(RAW)["credentialSubject"]
    assert subject["hours"]["ppa_wh"] == [0, 1, 2, 3]
    assert subject["score"]["claimable_wh"] == 6
    assert subject["score"]["load_wh"] == 240
    assert KEY.sign(b"") not in RAW
    assert bytes(range(32)).hex().encode() not in RAW


REPLACED = b'0 "}a\x00\xff'


@pytest.mark.parametrize("raw", [RAW, SHELF], ids=["watt-hours", "shelf"])
def test_every_single_byte_change_is_refused_with_a_reason(raw):
    """In every byte of the file: one bit by turns, the case of a letter, and another character; slow: every bit."""
    for place, byte in enumerate(raw):
        for other in {byte ^ 1 << place % 8, byte ^ 0x20, REPLACED[place % len(REPLACED)]} - {byte}:
            refused_at(raw, place, other)


@pytest.mark.slow
def test_every_single_bit_change_is_refused_with_a_reason():
    for place, byte in enumerate(SHELF):
        for bit in range(8):
            refused_at(SHELF, place, byte ^ 1 << bit)


def refused_at(raw, place, other):
    altered = bytearray(raw)
    altered[place] = other
    report = verify(bytes(altered), KNOWN)
    assert report.exit_code == 1, place
    wrong = [c for c in report.checks if c.answer is Answer.INVALID]
    assert wrong
    assert all(str(c.reason) for c in wrong), place


@pytest.mark.parametrize("place", range(0, len(RAW), 97))
def test_a_byte_more_or_less_is_refused(place):
    for altered in (RAW[:place] + RAW[place + 1 :], RAW[:place] + b" " + RAW[place:], RAW[:place]):
        assert verify(altered, KNOWN).exit_code == 1


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (RAW.replace(b'"zone":"jeju"', b'"zone":"jeju","zone":"jeju"'), "a key twice"),
        (RAW.replace(b"jeju.example", b"jeju.exampl\xff"), "UTF-8"),
        (RAW.replace(b'"load_wh":240', b'"load_wh":9007199254740993'), "beyond 2^53"),
        (RAW + b"\n", "canonical bytes"),
        (b"{}", "not the parts"),
        (b"[]", "not the parts"),
        (b"", "not JSON"),
        (resigned(lambda d: d.update(extra=1)), "not the parts"),
        (resigned(lambda d: d.update(type=["VerifiableCredential"])), "another context or type"),
        (resigned(lambda d: d["credentialSubject"].update(method="other")), "does not know"),
        (resigned(lambda d: d["credentialSubject"]["hours"]["ppa_wh"].append(1)), "differ in length"),
        (
            resigned(lambda d: d["credentialSubject"]["hours"]["ppa_wh"].__setitem__(0, -1)),
            "whole watt-hours",
        ),
        (
            resigned(lambda d: d["credentialSubject"]["hours"]["ppa_wh"].__setitem__(0, True)),
            "whole watt-hours",
        ),
        (resigned(lambda d: d["credentialSubject"].update(hours=1)), "hours"),
    ],
)
def test_a_wrong_form_is_refused_with_its_own_reason(raw, reason):
    report = verify(raw, KNOWN)
    assert report.answer == "invalid"
    assert reason in str(report["form"].reason)


@pytest.mark.parametrize(
    ("change", "check", "reason"),
    [
        (lambda d: d["credentialSubject"]["score"].update(claimable_wh=240), "score", "another claimable_wh"),
        (lambda d: d["credentialSubject"]["score"].update(worst_hour=3), "score", "another worst_hour"),
        (
            lambda d: d["credentialSubject"]["hours"]["ppa_wh"].__setitem__(0, 60),
            "inclusion",
            "not those of the entry",
        ),
        (lambda d: d["credentialSubject"]["hours"]["ppa_wh"].__setitem__(0, 61), "score", "more is claimed"),
        (
            lambda d: d["credentialSubject"]["hours"].update(start="2023-04-02T00:00Z"),
            "inclusion",
            "not those",
        ),
        (lambda d: d["credentialSubject"]["hours"].update(length_s=7200), "inclusion", "1 s to 1 h"),
        (lambda d: d["credentialSubject"].update(account="milk"), "inclusion", "another claim"),
        (lambda d: d["credentialSubject"].update(start="2023-03-31T00:00Z"), "inclusion", "another claim"),
        (lambda d: d["evidence"]["head"]["about"].update(policy="x"), "inclusion", "another root"),
        (lambda d: d["evidence"].update(index=2), "inclusion", "too short"),
        (lambda d: d["evidence"].update(index=0), "inclusion", "too short"),
        (lambda d: d["evidence"].update(index=99), "inclusion", "outside its tree"),
        (lambda d: d["evidence"]["inclusion"].pop(), "inclusion", "too short"),
        (lambda d: d["evidence"]["checkpoint"].update(root="00" * 32), "inclusion", "another root"),
        (lambda d: d["evidence"]["checkpoint"].update(at="2023-05-01T00:01Z"), "inclusion", "does not fit"),
        (lambda d: d["evidence"]["checkpoint"].update(at="2023-06-01T00:00Z"), "time", "younger"),
        (lambda d: d["evidence"]["checkpoint"].update(issuer="did:web:other"), "inclusion", "another issuer"),
        (lambda d: d["evidence"].update(checkpoint="none"), "inclusion", "wrong form"),
        (lambda d: d.update(issuer="did:web:other.example"), "issuer", "not on the list"),
        (lambda d: d.update(validFrom="2023-06-01T00:00Z"), "time", "not valid yet"),
        (lambda d: d.update(validUntil="2023-05-02T00:00Z"), "time", "no longer valid"),
        (lambda d: d.update(validFrom="today"), "time", "not a moment"),
    ],
)
def test_an_issuer_that_lies_is_found_out(change, check, reason):
    report = verify(resigned(change), KNOWN)
    assert report.exit_code == 1
    assert report[check].answer is Answer.INVALID
    assert reason in str(report[check].reason)


def test_an_issuer_may_be_its_own_key(monkeypatch):
    """did:key: the issuer's name is the key, so the list of keys and the controller document follow from it."""
    did = f"did:key:{multikey(KEY.public)}"
    monkeypatch.setitem(globals(), "ISSUER", did)
    raw = canonical(made())
    assert json.loads(raw)["proof"]["verificationMethod"] == f"{did}#{multikey(KEY.public)}"
    assert verify(raw, Known(now=NOW, trust=trust())).answer == "valid"
    assert verify(raw, Known(now=NOW, trust=controller_document(did, KEY.public))).answer == "valid"
    assert verify(raw, KNOWN).answer == "invalid"


def test_a_whole_forgery_under_another_key_is_intact_and_refused():
    forged = canonical(made(key=OTHER))
    assert verify(forged, Known(now=NOW)).answer == "intact, issuer unknown"
    report = verify(forged, KNOWN)
    assert report.answer == "invalid"
    assert "key is not on the list" in str(report["issuer"].reason)
    assert report["signature"].answer is Answer.VALID


def test_a_forged_checkpoint_under_another_key_is_refused():
    journal = journal_of()
    point = checkpoint(journal.tree(), OTHER, issuer=ISSUER, method=method_name(ISSUER, OTHER.public), at=AT)
    report = verify(canonical(made(point=point)), KNOWN)
    assert "different keys" in str(report["inclusion"].reason)


CONTROLLER = controller_document(ISSUER, KEY.public)


def controlled(**more):
    return {**CONTROLLER, "verificationMethod": [{**CONTROLLER["verificationMethod"][0], **more}]}


def test_a_controller_document_is_a_list_of_keys_too():
    assert verify(RAW, Known(now=NOW, trust=CONTROLLER)).answer == "valid"
    assert verify(RAW, Known(now=NOW, trust=controlled(expires="2024-05-02T00:00:00Z"))).answer == "valid"


@pytest.mark.parametrize(
    ("known", "check", "reason"),
    [
        (Known(now=DAY, trust=trust()), "time", "not valid yet"),
        (Known(now=NOW, trust=trust(OTHER)), "issuer", "key is not on the list"),
        (Known(now=NOW, trust=trust(revoked="2023-05-02T00:00Z")), "issuer", "revoked"),
        (Known(now=NOW, trust=trust(until="2023-04-30T00:00Z")), "issuer", "use had ended"),
        (Known(now=NOW, trust={"issuer": ISSUER, "keys": [{}]}), "issuer", "lacks its name"),
        (Known(now=NOW, trust={"issuer": ISSUER, "keys": 1}), "issuer", "no issuer with its keys"),
        (Known(now=NOW, trust={}), "issuer", "no issuer with its keys"),
        (Known(now=NOW, trust=trust(until="soon")), "issuer", "not a moment"),
        (Known(now=NOW, trust=controller_document("did:web:other", KEY.public)), "issuer", "not on the list"),
        (Known(now=NOW, trust={**CONTROLLER, "assertionMethod": []}), "issuer", "key is not on the list"),
        (Known(now=NOW, trust=controlled(expires="2023-05-02T00:00:00Z")), "issuer", "has expired"),
        (Known(now=NOW, trust=controlled(revoked="2023-06-02T00:00:00Z")), "issuer", "revoked"),
        (Known(now=NOW, trust=controlled(controller="did:web:other")), "issuer", "controller's Multikey"),
    ],
)
def test_clock_and_keys_are_the_readers(known, check, reason):
    report = verify(RAW, known)
    assert report.exit_code == 1
    assert reason in str(report[check].reason)


def test_a_rotated_key_still_stands_for_what_it_signed_before():
    assert verify(RAW, Known(now=NOW, trust=trust(until="2023-05-02T00:00Z"))).answer == "valid"


def listed(revoked=None, name=LIST, key=KEY, at=AT, days=30):
    until = at + np.timedelta64(days, "D")
    return status_credential(revoked or StatusList.empty(), name, key=key, issuer=ISSUER, at=at, until=until)


def relisted(*without, **more):
    bare = {k: v for k, v in listed().items() if k not in ("proof", *without)}
    return signed(
        {**bare, **more}, KEY, method=method_name(ISSUER, KEY.public), created="2023-05-01T00:00:00Z"
    )


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (listed(), Answer.VALID, None),
        (listed(StatusList.empty().with_set(94_566)), Answer.VALID, None),
        (listed(StatusList.empty().with_set(94_567)), Answer.INVALID, "taken back"),
        (listed(name="https://jeju.example/status/2"), Answer.INVALID, "another status list"),
        (listed(key=OTHER), Answer.INVALID, "key is not on the list"),
        ({**listed(), "validFrom": "2023-06-01T00:00Z"}, Answer.INVALID, "does not fit"),
        (listed(at=NOW + HOUR), Answer.INVALID, "not valid yet"),
        (listed(days=10), Answer.NOT_CHECKABLE, "out of date since 2023-05-11T00:00:00Z"),
        (
            relisted(validUntil="2023-05-02T00:00Z"),
            Answer.NOT_CHECKABLE,
            "out of date since 2023-05-02T00:00Z",
        ),
        (relisted("validUntil"), Answer.NOT_CHECKABLE, "does not say until when it stands"),
        (listed(StatusList.empty().with_set(94_567), days=1), Answer.INVALID, "taken back"),
        ({**listed(days=1), "validUntil": "2033-05-02T00:00:00Z"}, Answer.INVALID, "does not fit"),
        ({}, Answer.INVALID, "wrong form"),
    ],
)
def test_a_certificate_that_was_taken_back_is_refused(status, answer, reason):
    report = verify(RAW, Known(now=NOW, trust=trust(), status=status))
    assert report["status"].answer is answer
    assert (reason or "not taken back as of 2023-05-01T00:00:00Z") in str(report["status"].reason)
    assert report.exit_code == (0 if answer is Answer.VALID else 1)


def test_a_list_from_before_a_certificate_was_taken_back_stops_to_speak_for_it():
    """The list of 1 May does not know what was taken back on 3 May; from 8 May on nobody is told ``valid`` with it."""
    old, day = listed(days=7), np.timedelta64(1, "D")
    while_it_stands, later = (verify(RAW, Known(now=AT + n * day, trust=trust(), status=old)) for n in (6, 7))
    assert (while_it_stands.answer, while_it_stands.exit_code) == ("valid", 0)
    assert (later.answer, later.exit_code) == ("intact, status unknown", 1)
    newer = listed(StatusList.empty().with_set(94_567), at=AT + 2 * day)
    assert verify(RAW, Known(now=AT + 7 * day, trust=trust(), status=newer)).answer == "invalid"
    assert verify(RAW, Known(now=AT + 7 * day, trust=trust())).answer == "valid"  # asked without any list
    with speaking("ko"):
        assert "유효 기간이 2023-05-08T00:00:00Z에 끝났습니다" in str(later["status"].reason)


STORED = {
    "wh": [0, 0, 1, 2],
    "origins": [
        {"used": "2023-04-01T02:00Z", "made": "2023-04-01T00:00Z", "plant": "roof", "wh": 1},
        {"used": "2023-04-01T03:00Z", "made": "2023-04-01T03:00Z", "plant": "roof", "wh": 5},
    ],
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda s: None, None),
        (lambda s: s["wh"].__setitem__(0, 1), "more came out of the storage"),
        (lambda s: s["wh"].__setitem__(0, -1), "more came out of the storage"),
        (lambda s: s["wh"].__setitem__(1, 1), "without an origin"),
        (lambda s: s["origins"][0].update(made="2023-04-01T03:00Z"), "before it was made"),
        (lambda s: s["origins"][0].update(wh=0.5), "before it was made, or is no whole number"),
        (lambda s: s["origins"].pop(), "without an origin"),
        (lambda s: s["origins"][0].update(used="2023-04-02T02:00Z"), "wrong form"),
        (lambda s: s["wh"].pop(), "wrong form"),
        (lambda s: s.pop("origins"), "not the parts"),
    ],
)
def test_what_came_out_of_a_storage_is_its_own_and_has_an_origin(change, reason):
    """The hours' own energy is put in as self-generation here only to be held against: the entry is another then."""

    def lie(document):
        subject = document["credentialSubject"]
        subject["hours"]["self_wh"], subject["hours"]["ppa_wh"] = subject["hours"]["ppa_wh"], [0, 0, 0, 0]
        subject["score"] = score(subject["hours"]).as_dict()
        subject["stored"] = copy.deepcopy(STORED)
        change(subject["stored"])

    found = verify(resigned(lie), KNOWN)["score"]
    assert found.answer is (Answer.VALID if reason is None else Answer.INVALID)
    assert reason is None or reason in str(found.reason)


def test_a_status_list_is_a_credential_that_says_from_when_and_until_when():
    found = listed(days=7)
    assert (found["validFrom"], found["validUntil"]) == ("2023-05-01T00:00:00Z", "2023-05-08T00:00:00Z")
    assert found["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]


def history(entries, *, path=None, at=AT, key=KEY):
    tree = Journal(entries).tree()
    point = checkpoint(tree, key, issuer=ISSUER, method=method_name(ISSUER, key.public), at=at)
    return verify(RAW, Known(now=NOW, trust=trust(), checkpoint=point, path=path))["history"]


def test_an_earlier_checkpoint_shows_a_rewritten_or_rolled_back_journal():
    entries, more = journal_of().entries, op.account(AT, Account(name="late", zone="jeju"))
    path = [h.hex() for h in journal_of().tree().consistency(5)]
    assert history(entries).answer is Answer.VALID
    assert history(entries[:5], path=path).answer is Answer.VALID
    assert history(entries[:5]).answer is Answer.NOT_CHECKABLE
    rewritten = (*entries[:4], more)
    assert "not the beginning" in str(history(rewritten, path=path).reason)
    assert "not the beginning" in str(history((*entries[:-1], more)).reason)
    longer = (*entries, more)
    forward = [h.hex() for h in Journal(longer).tree().consistency(len(entries))]
    assert history(longer, path=forward).answer is Answer.VALID
    assert "rolled back" in str(history(longer, path=forward, at=AT - HOUR).reason)
    assert "key is not on the list" in str(history(entries, key=OTHER).reason)


def test_a_claim_seen_before_is_refused():
    journal = journal_of()
    from tamna.ledger.merkle import leaf_hash

    leaf = leaf_hash(journal.entries[-1].leaf()).hex()
    report = verify(RAW, Known(now=NOW, trust=trust(), seen=frozenset({leaf})))
    assert "presented before" in str(report["reuse"].reason)
    assert verify(RAW, Known(now=NOW, trust=trust(), seen=frozenset()))["reuse"].answer is Answer.VALID


def test_only_a_claim_has_a_certificate_and_only_under_its_own_checkpoint():
    with pytest.raises(LedgerError, match="only a claim"):
        made(index=2)
    with pytest.raises(LedgerError, match="another tree"):
        made(point={**DOCUMENT["evidence"]["checkpoint"], "size": 3})


def test_the_same_book_gives_the_same_file():
    assert canonical(made()) == RAW


def test_a_years_certificate_is_valid_too():
    late = AT + np.timedelta64(400, "D")
    raw = canonical(made(journal=journal_of(8760, late), at=late))
    report = verify(raw, Known(now=late, trust=trust()))
    assert report.answer == "valid"
    assert report.document["credentialSubject"]["score"]["hours"] == 8760


def test_reasons_speak_korean():
    report = verify(RAW + b"\n", KNOWN)
    with speaking("ko"):
        assert "정규 바이트" in str(report["form"].reason)
