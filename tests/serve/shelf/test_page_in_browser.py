"""The shelf page in the system's own Chromium, without network: it checks itself, and a broken one turns red."""

import copy
import json
import struct
from hashlib import sha256, sha512

import numpy as np
import pytest

from ledger.test_canonical import NUMBERS
from ledger.test_proof import PUBLIC, SIGNED
from serve.shelf.shelf_made import ISSUER, KEY, OTHER, made
from tamna.errors import LedgerError
from tamna.lang import speaking
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import method_name, status_credential
from tamna.ledger.keys import SigningKey, fingerprint
from tamna.ledger.multibase import from_multikey
from tamna.ledger.proof import signed
from tamna.ledger.statuslist import StatusList
from tamna.ledger.verify import Answer, Known, verify
from tamna.ledger.verify.answer import moment
from tamna.serve.shelf import page
from tamna.serve.shelf.says import says

pytestmark = pytest.mark.browser

DOCUMENT, _AUDIT = made()
RAW = canonical(DOCUMENT)
PAGES = {lang: page(DOCUMENT, lang) for lang in ("en", "ko")}
NOW = "2023-06-01T00:00Z"


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page from disk; give the tab, what it asked for, and what it complained of."""
    tabs = []

    def open_(text, width=900):
        path = tmp_path / "page.html"
        path.write_text(text, "utf-8")
        tab = browser.new_page()
        tabs.append(tab)
        tab.set_viewport_size({"width": width, "height": 800})
        asked, said = [], []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(path.as_uri())
        tab.wait_for_function("document.documentElement.dataset.state !== 'waiting'")
        return tab, [url for url in asked if not url.startswith("data:") and url != path.as_uri()], said

    yield open_
    for tab in tabs:
        tab.close()


def state(tab):
    return tab.evaluate("document.documentElement.dataset.state")


@pytest.mark.parametrize("width", [360, 1100])
@pytest.mark.parametrize(
    ("lang", "answer"), [("en", "agrees with its signed"), ("ko", "서명된 인증서와 일치")]
)
def test_the_page_checks_itself_and_turns_green_asking_nothing(opened, lang, answer, width):
    tab, asked, said = opened(PAGES[lang], width)
    assert (asked, said) == ([], [])
    assert state(tab) == "good"
    assert answer in tab.inner_text("#answer")
    assert tab.locator("#checks li.valid").count() == 6
    assert tab.evaluate("isSecureContext && !!crypto.subtle")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        tab.evaluate("getComputedStyle(document.querySelector('.strip')).backgroundColor")
        == "rgb(11, 93, 69)"
    )


@pytest.mark.parametrize(
    "facts",
    [{"days": 1, "length_s": 900}, {"rights": False}, {"days": 20}, {"days": 100}],
    ids=["quarters of an hour", "nothing claimed", "many days", "weeks"],
)
def test_every_kind_of_lot_turns_green(opened, facts):
    document, _audit = made(**facts)
    for lang in ("en", "ko"):
        tab, asked, said = opened(page(document, lang), 360)
        assert (state(tab), asked, said) == ("good", [], []), tab.inner_text("#why")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360


def broken_byte(text):
    place = text.index('"rest":[') + 8
    return text[:place] + ("9" if text[place] != "9" else "8") + text[place + 1 :]


@pytest.mark.parametrize(
    ("lang", "answer", "why"),
    [
        ("en", "Do not rely on this page", "the signature does not fit the document"),
        ("ko", "이 페이지를 믿지 마십시오", "서명이 문서와 맞지 않습니다"),
    ],
)
def test_a_page_with_one_broken_byte_turns_red_and_says_why(opened, lang, answer, why):
    tab, asked, said = opened(broken_byte(PAGES[lang]))
    assert (asked, said) == ([], [])
    assert state(tab) == "bad"
    assert tab.inner_text("#answer") == answer
    assert why in tab.inner_text("#why")
    assert (
        tab.evaluate("getComputedStyle(document.querySelector('.strip')).backgroundColor")
        == "rgb(161, 38, 13)"
    )
    assert "line-through" in tab.evaluate(
        "getComputedStyle(document.querySelector('.share strong')).textDecoration"
    )


LISTED, _ = made(status=("urn:tamna:status:1", 8))


@pytest.mark.parametrize(
    ("days", "gone", "issuer", "state_", "answer", "why"),
    [
        (36_500, 9, ISSUER, "good", "valid", ""),
        (7, 9, ISSUER, "good", "unknown", "out of date since 2023-05-08T00:00:00Z: ask the issuer"),
        (7, 8, ISSUER, "bad", "invalid", "the certificate was taken back"),
        (36_500, 9, "did:web:other.example", "bad", "invalid", "the status list is another issuer's"),
    ],
)
def test_a_page_with_its_issuers_list_says_as_of_when_it_was_not_taken_back(
    opened, days, gone, issuer, state_, answer, why
):
    at = np.datetime64("2023-05-01T00:00:00", "s")
    status = status_credential(
        StatusList.empty().with_set(gone), "urn:tamna:status:1", key=KEY, issuer=issuer, at=at,
        until=at + np.timedelta64(days, "D"),
    )  # fmt: skip
    tab, asked, said = opened(page(LISTED, "en", status=status))
    assert (state(tab), asked, said) == (state_, [], [])
    assert why in tab.inner_text("#why")
    assert tab.locator(f"#checks li.{answer}", has_text="taken back").count() == 1
    if answer == "valid":
        assert "not taken back as of 2023-05-01T00:00:00Z" in tab.inner_text("#checks")


def test_a_changed_list_is_refused_by_the_page(opened):
    at = np.datetime64("2023-05-01T00:00:00", "s")
    facts = {"key": KEY, "issuer": ISSUER, "at": at, "until": at + np.timedelta64(7, "D")}
    status = status_credential(StatusList.empty(), "urn:tamna:status:1", **facts)
    tab, _asked, _said = opened(page(LISTED, "en", status={**status, "validUntil": "2123-05-08T00:00:00Z"}))
    assert state(tab) == "bad"
    assert "the signature does not fit the document" in tab.inner_text("#why")


def asked_about(tab, raw, words):
    script = (
        """async ([raw, now]) => await tamna.check(Uint8Array.from(raw), {now: Date.parse(now) / 1000})"""
    )
    return {
        a["name"]: a["reason"] and words["reasons"][a["reason"]].format(**a["values"])
        for a in tab.evaluate(script, [list(raw), NOW])
    }


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_batch_of_hydrogen_turns_green_and_every_lie_red_for_the_same_reason(opened, lang):
    from ledger.test_hydrogen_certificate import SHELF, SHELF_LIES
    from ledger.test_hydrogen_certificate import resigned as lied

    text = page(SHELF, lang)
    tab, asked, said = opened(text, 360)
    assert (state(tab), asked, said) == ("good", [], []), tab.inner_text("#why")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.locator("#checks li.valid").count() == 7
    shown = says(SHELF, lang, 32_400)
    assert tab.inner_text("[data-says=claimed_kg]") == shown["claimed_kg"]
    words = json.loads(tab.evaluate("document.getElementById('words').textContent"))
    for name, (lie, check) in SHELF_LIES.items():
        if check != "opening":
            raw = lied(lie, SHELF)
            with speaking(lang):
                assert asked_about(tab, raw, words) == reasons_by(raw), name
    painted = text.replace(
        f'data-says="claimed_tier">{shown["claimed_tier"]}', 'data-says="claimed_tier">1', 1
    )
    assert painted != text
    assert state(opened(painted)[0]) == "bad"


SAYS = says(DOCUMENT, "en", 32_400)


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        (f'"physical">{SAYS["physical"]}', '"physical">92.0%', "the share of the same hour"),
        (f'"claimable">{SAYS["claimable"]}', '"claimable">92.0%', "the share that may be claimed"),
        ('"product">Free-range eggs, ten', '"product">Free-range milk', "the product"),
        (f'd="{SAYS["path0"][:12]}', f'd="M0 0h9z{SAYS["path0"][:12]}', "the picture"),
        (fingerprint(KEY.public)[:8], "0" * 8, "the key's fingerprint"),
        (' data-says="sha256"', "", "the hash"),
        ('"export_rule">thermal_first', '"export_rule">proportional', "the export rule"),
        (' data-says="export_rule"', "", "the export rule"),
        (
            f'font-weight="300" data-says="physical">{SAYS["physical"]}',
            'font-weight="300" data-says="physical">99.0%',
            "the share of the same hour",
        ),
    ],
)
def test_what_is_painted_over_is_found_out(opened, old, new, part):
    assert PAGES["en"].count(old) >= 1
    tab, _asked, _said = opened(PAGES["en"].replace(old, new, 1))
    assert state(tab) == "bad"
    assert tab.inner_text("#why") == f"the page says something else than its certificate: {part}"


def test_a_whole_forgery_is_green_so_the_page_says_that_it_proves_nothing_alone(opened):
    forged, _audit = made(key=OTHER)
    tab, _asked, _said = opened(page(forged, "en"))
    assert state(tab) == "good"
    assert tab.inner_text("[data-says=fingerprint]").replace(" ", "") == fingerprint(OTHER.public)
    assert "A forged page would bring a forged check" in tab.inner_text("main")


@pytest.mark.parametrize("stated", [None, {"links": ["jeju-mainland", "<b>"]}, {"export_rule": "of mine"}])
def test_what_is_stated_beside_the_hours_is_on_the_page_and_compared(opened, stated):
    def change(d):
        subject = d["credentialSubject"]
        subject.pop("stated") if stated is None else subject.update(stated=stated)

    tab, _asked, _said = opened(page(json.loads(resigned(change)), "ko"))
    assert state(tab) == "good"
    assert tab.locator("[data-says=export_rule]").count() == ("export_rule" in (stated or {}))
    shown = [e.inner_text() for e in tab.locator("[data-says=links]").all()]
    assert shown == ([", ".join(stated["links"])] if stated and "links" in stated else [])


def asked_of(tab, raw, own=False):
    """Ask the page's check about other bytes; give the reason of each check, None where it is valid."""
    script = """async ([raw, now, own]) => {
        tamna.own = own;
        const found = await tamna.check(Uint8Array.from(raw), {now: Date.parse(now) / 1000});
        tamna.own = false;
        return found;
    }"""
    return {a["name"]: a["reason"] for a in tab.evaluate(script, [list(raw), NOW, own])}


@pytest.mark.parametrize("own", [False, True])
def test_the_check_agrees_with_and_without_webcrypto(opened, own):
    tab, _asked, _said = opened(PAGES["en"])
    assert set(asked_of(tab, RAW, own).values()) == {None}
    assert asked_of(tab, broken_byte(RAW.decode()).encode(), own)["signature"] == "signature"


def test_every_single_byte_change_is_refused_in_the_browser_too(opened):
    tab, _asked, _said = opened(PAGES["en"])
    script = """async ([raw, now]) => {
        const passed = [];
        for (let i = 0; i < raw.length; i++) {
            const altered = Uint8Array.from(raw);
            altered[i] ^= 1 << i % 8;
            const found = await tamna.check(altered, {now: Date.parse(now) / 1000});
            if (found.every(a => a.answer === 'valid')) passed.push(i);
        }
        return passed;
    }"""
    assert tab.evaluate(script, [list(RAW), NOW]) == []


def resigned(change, key=KEY):
    document = copy.deepcopy({k: v for k, v in DOCUMENT.items() if k != "proof"})
    change(document)
    created = DOCUMENT["proof"]["created"]
    return canonical(signed(document, key, method=method_name(ISSUER, key.public), created=created))


def _subject(change):
    return lambda d: change(d["credentialSubject"])


def _hours(change):
    return lambda d: change(d["credentialSubject"]["hours"])


LIES = {
    "as it was": lambda d: None,
    "score": _subject(lambda s: s["score"].update(claimable=58_000)),
    "score more": _subject(lambda s: s["score"].update(extra=1)),
    "score true": _subject(lambda s: s["score"].update(hours_full=True)),
    "no score": _subject(lambda s: s.update(score=7)),
    "length true": _hours(lambda h: h.update(length_s=True)),
    "lengths": _hours(lambda h: h.update(length_s=[3600])),
    "steps": _hours(lambda h: h.update(largest=999)),
    "index true": lambda d: d["evidence"].update(index=True),
    "hours": _hours(lambda h: h["self"].__setitem__(3, 999)),
    "column": _hours(lambda h: h["self"].append(1)),
    "negative": _hours(lambda h: h["self"].__setitem__(0, -1)),
    "truth": _hours(lambda h: h["self"].__setitem__(0, True)),
    "length": _hours(lambda h: h.update(length_s=3601)),
    "other start": _hours(lambda h: h.update(start="2023-04-02T00:00Z")),
    "estimated": _hours(lambda h: h["estimated"].__setitem__(0, 2)),
    "watt-hours": _hours(lambda h: h.update(load_wh=[1])),
    "method": _subject(lambda s: s.update(method="tamna-shelf-2")),
    "lot": _subject(lambda s: s["lot"].update(product="eggs")),
    "stated null": _subject(lambda s: s.update(stated=None)),
    "stated nothing": _subject(lambda s: s.update(stated={})),
    "stated text": _subject(lambda s: s.update(stated="thermal_first")),
    "stated list": _subject(lambda s: s.update(stated=[])),
    "stated more": _subject(lambda s: s.update(stated={"export_rule": "coverage", "share": 1})),
    "stated number": _subject(lambda s: s.update(stated={"export_rule": 1})),
    "rule null": _subject(lambda s: s.update(stated={"export_rule": None})),
    "links text": _subject(lambda s: s.update(stated={"links": "cable"})),
    "links null": _subject(lambda s: s.update(stated={"links": None})),
    "links of numbers": _subject(lambda s: s.update(stated={"links": [1]})),
    "leaf": lambda d: d["evidence"].update(leaf="00" * 32),
    "no leaf": lambda d: d["evidence"].update(leaf="zz"),
    "index": lambda d: d["evidence"].update(index=0),
    "index outside": lambda d: d["evidence"].update(index=99),
    "short": lambda d: d["evidence"]["inclusion"].pop(),
    "long": lambda d: d["evidence"]["inclusion"].extend(["00" * 32] * 9),
    "root": lambda d: d["evidence"]["checkpoint"].update(root="00" * 32),
    "point's issuer": lambda d: d["evidence"]["checkpoint"].update(issuer="did:web:other"),
    "point's time": lambda d: d["evidence"]["checkpoint"].update(at="2023-05-20T00:00Z"),
    "point's previous": lambda d: d["evidence"]["checkpoint"].update(previous="00"),
    "no point": lambda d: d["evidence"].update(checkpoint="none"),
    "point's proof": lambda d: d["evidence"]["checkpoint"].pop("proof"),
    "type": lambda d: d.update(type=["VerifiableCredential"]),
    "context": lambda d: d.update({"@context": ["https://www.w3.org/ns/credentials/v2"]}),
    "more": lambda d: d.update(extra=1),
    "early": lambda d: d.update(validFrom="2023-07-01T00:00Z"),
    "late": lambda d: d.update(validUntil="2023-05-02T00:00Z"),
    "today": lambda d: d.update(validFrom="today"),
}


def reasons_by(raw):
    """The checks of `tamna verify` that a page can make too, with what each found wrong."""
    report = verify(raw, Known(now=moment(NOW)))
    told = {}
    for check in report.checks:
        if check.answer is not Answer.NOT_CHECKABLE:
            reason = check.reason
            what = reason.mistakes[0].what if isinstance(reason, LedgerError) else reason
            told[check.name] = str(what) if check.answer is Answer.INVALID else None
    return told


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_page_and_program_find_the_same_lies_and_name_them_alike(opened, lang):
    tab, _asked, _said = opened(PAGES[lang])
    words = json.loads(
        tab.inner_text("#words") or tab.evaluate("document.getElementById('words').textContent")
    )
    script = (
        """async ([raw, now]) => await tamna.check(Uint8Array.from(raw), {now: Date.parse(now) / 1000})"""
    )
    for name, lie in LIES.items():
        raw = resigned(lie)
        in_page = {
            a["name"]: a["reason"] and words["reasons"][a["reason"]].format(**a["values"])
            for a in tab.evaluate(script, [list(raw), NOW])
        }
        with speaking(lang):
            assert in_page == reasons_by(raw), name


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (RAW + b"\n", "not_canonical"),
        (RAW.replace(b'"zone":"jeju"', b'"zone":"jeju","zone":"jeju"'), "not_canonical"),
        (RAW.replace(b"hallim-farm", b"hallim-far\xff"), "utf8"),
        (RAW.replace(b'"hours":72', b'"hours":9007199254740993'), "too_large"),
        (RAW.replace(b'"hours":72', b'"hours":72.0'), "not_canonical"),
        (RAW.replace(b'"zone":"jeju"', rb'"zone":"\ud800"'), "surrogate"),
        (b"[" * 40 + b"]" * 40, "deep"),
        (b"[" * 200_000, "not_json"),
        (b"{}", "parts"),
        (b"[]", "parts"),
        (b"", "not_json"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_certificate_are_refused_with_their_own_reason(opened, raw, reason):
    tab, _asked, _said = opened(PAGES["en"])
    assert asked_of(tab, raw) == {"form": reason}


def test_numbers_texts_and_keys_are_written_as_the_standard_says(opened):
    tab, _asked, _said = opened(PAGES["en"])
    for bits, text in NUMBERS.items():
        value = struct.unpack(">d", bytes.fromhex(bits))[0]
        if abs(value) < 2**53:
            assert tab.evaluate("v => tamna.canonical(v)", value) == text
    odd = {"€": 1, "\r": [None, True, '\x7f\u2028"\\/'], "\ufb33": 3, "1": {"b": {}, "a": []}, "😀": -0.5}
    assert tab.evaluate("v => tamna.canonical(v)", odd).encode() == canonical(odd)


# RFC 8032, 7.1: public key, message, signature
ED25519 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
)
_SIGNED_BY = """async ([own, ...parts]) => {
    tamna.own = own;
    const bytes = h => Uint8Array.from(h.match(/../g) ?? [], p => parseInt(p, 16));
    const found = await tamna.signedBy(...parts.map(bytes));
    tamna.own = false;
    return found;
}"""


@pytest.mark.parametrize("own", [True, False])
def test_signatures_of_rfc_8032_are_valid_and_nothing_else_is(opened, own):
    tab, _asked, _said = opened(PAGES["en"])
    ask = lambda *parts: tab.evaluate(_SIGNED_BY, [own, *parts])  # noqa: E731
    for key, message, signature in ED25519:
        assert ask(key, message, signature)
        assert not ask(key, message + "00", signature)
        assert not ask(key, message, "00" + signature[2:])
        assert not ask(key, message, signature[:-2] + "01")
        assert not ask(ED25519[0][0] if key != ED25519[0][0] else ED25519[1][0], message, signature)
        assert not ask(key, message, signature[:64])
        # S + L gives the same point and is not the one text of the signature
        order = 2**252 + 27742317777372353535851937790883648493
        s = int.from_bytes(bytes.fromhex(signature[64:]), "little") + order
        assert not ask(key, message, signature[:64] + s.to_bytes(32, "little").hex())


def test_our_own_hashes_and_signatures_are_those_of_everybody(opened):
    tab, _asked, _said = opened(PAGES["en"])
    script = """async ([bits, raw]) => {
        tamna.own = true;
        const found = Array.from(await tamna.hash(bits, Uint8Array.from(raw)));
        tamna.own = false;
        return found;
    }"""
    for size in (0, 1, 55, 56, 63, 64, 111, 112, 127, 128, 300):
        raw = bytes(i * 7 % 256 for i in range(size))
        assert bytes(tab.evaluate(script, [256, list(raw)])) == sha256(raw).digest()
        assert bytes(tab.evaluate(script, [512, list(raw)])) == sha512(raw).digest()
        key = SigningKey.from_seed(sha256(raw).digest())
        assert tab.evaluate(_SIGNED_BY, [True, key.public.hex(), raw.hex(), key.sign(raw).hex()])


@pytest.mark.parametrize("own", [True, False])
def test_the_published_vector_of_eddsa_jcs_2022_is_valid(opened, own):
    tab, _asked, _said = opened(PAGES["en"])
    assert from_multikey(PUBLIC)
    script = """async ([own, document]) => {
        tamna.own = own;
        try { await tamna.checkProof(document); return "valid"; } catch (error) { return error.reason; }
        finally { tamna.own = false; }
    }"""
    assert tab.evaluate(script, [own, SIGNED]) == "valid"
    assert tab.evaluate(script, [own, {**SIGNED, "name": "Another"}]) == "signature"
