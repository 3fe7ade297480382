"""The shelf page and its label as text: the same for the same certificate, whole in itself, and safe to open."""

import base64
import json
import re
from hashlib import sha256

import numpy as np
import pytest
import segno
from lxml import etree

from serve.shelf.shelf_made import ISSUER, KEY, made
from tamna.errors import LedgerError, UsageError
from tamna.ledger.canonical import canonical
from tamna.ledger.certificate import status_credential
from tamna.ledger.keys import fingerprint
from tamna.ledger.multibase import base58
from tamna.ledger.statuslist import StatusList
from tamna.ledger.verify.page import certificate_bytes
from tamna.serve.cli.app import run
from tamna.serve.shelf import label, label_text, page
from tamna.serve.shelf.label import qr
from tamna.serve.shelf.says import date_of, laid, offset_of, paths, percent, says
from tamna.serve.shelf.words import REASONS

DOCUMENT, AUDIT = made()
RAW = canonical(DOCUMENT)
PAGES = {lang: page(DOCUMENT, lang) for lang in ("en", "ko")}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_same_certificate_gives_the_same_page_and_the_page_gives_it_back(lang):
    assert page(DOCUMENT, lang) == PAGES[lang]
    assert certificate_bytes(PAGES[lang].encode()) == RAW


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_policy_lets_in_this_script_and_this_style_and_nothing_else(lang):
    text = PAGES[lang]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for tag in ("script", "style"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(?:src|href|action)="(?!data:)', text)
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)


def test_a_hostile_name_is_text_and_no_markup():
    assert "<A&B>" not in PAGES["en"]
    assert "&lt;A&amp;B&gt;" in PAGES["en"]
    assert '"lot":{"maker"' in PAGES["en"]


def test_the_page_speaks_its_language():
    assert "Renewable in the same hour" in PAGES["en"]
    assert "같은 시간의 재생에너지" in PAGES["ko"]
    assert "방사 유정란 10구" in PAGES["ko"]
    assert "Scripts are off here" in PAGES["en"]
    assert re.search(r"<noscript>.*검사되지 않은", PAGES["ko"])


def test_it_says_by_which_export_rule_its_evidence_counts():
    assert DOCUMENT["credentialSubject"]["stated"] == {"export_rule": "thermal_first"}
    assert "what is not renewable, as far as it goes (<span" in PAGES["en"]
    assert "재생에너지가 아닌 전력부터 (<span" in PAGES["ko"]
    assert "Part of it came over" not in PAGES["en"]  # over no link


def test_it_says_when_nothing_may_be_claimed():
    document, _audit = made(rights=False)
    assert "may be advertised as renewable: the maker holds no right" in page(document, "en")
    assert "the maker holds no right" not in PAGES["en"]


def test_no_watt_hour_is_on_the_page():
    wh = AUDIT["credentialSubject"]["hours"]["load_wh"]
    assert str(sum(wh)) not in PAGES["en"]
    assert '"load_wh"' not in PAGES["en"]


def test_the_private_key_is_in_nothing_that_is_given_out():
    seed = bytes(range(32))  # of KEY
    told = [*PAGES.values(), RAW.decode(), canonical(AUDIT).decode(), label(DOCUMENT, "en"), repr(KEY)]
    forms = {seed.hex(), base64.b64encode(seed).decode(), base64.urlsafe_b64encode(seed).decode().rstrip("=")}
    forms |= {base58(seed)[1:], base58(b"\x80\x26" + seed)[1:]}
    for text in told:
        assert not [form for form in forms if form in text]


def test_only_a_shelf_certificate_with_load_has_a_page():
    with pytest.raises(LedgerError, match="not a certificate for the shelf"):
        page(AUDIT, "en")
    with pytest.raises(LedgerError, match="not the parts"):
        page({}, "en")
    subject = DOCUMENT["credentialSubject"]
    empty = {**DOCUMENT, "credentialSubject": {**subject, "score": {**subject["score"], "load": 0}}}
    with pytest.raises(LedgerError, match="no load"):
        page(empty, "en")
    with pytest.raises(ValueError, match="language"):
        page(DOCUMENT, "fr")


def test_a_share_is_rounded_down():
    assert [percent(*v) for v in ((0, 7), (6999, 7000), (7, 7), (1, 3))] == [
        "0.0%",
        "99.9%",
        "100.0%",
        "33.3%",
    ]


def hours(start, count, length_s=3600, **columns):
    zero = [0] * count
    parts = ("self", "ppa", "rec", "location", "rest", "estimated")
    return {"start": start, "length_s": length_s, "largest": 1000, **{p: columns.get(p, zero) for p in parts}}


def test_a_bar_worked_on_paper():
    """Two hours of island time 0 to 2: 1000 steps, half self; then 500 steps, all of it the place's."""
    table = hours("2023-03-31T15:00Z", 2, self=[500, 0], location=[0, 500], rest=[500, 0])
    day, rows = laid(table, 9 * 3600)
    assert [(s.x, s.y, s.width, s.parts) for s in day] == [
        (1, 120, 22, [500, 0, 500]),
        (25, 120, 22, [0, 500, 0]),
    ]
    assert [(s.x, s.y, s.width) for s in rows] == [(0, 38, 23), (24, 38, 23)]
    assert paths(table, 9 * 3600) == [
        "M1 60h22v60h-22z", "M25 60h22v60h-22z", "M1 0h22v60h-22z",
        "M0 20h23v18h-23z", "M24 20h23v18h-23z", "M0 2h23v18h-23z",
    ]  # fmt: skip


def test_a_year_is_told_by_weeks_and_a_quarter_of_an_hour_is_narrow():
    year = hours("2022-12-31T15:00Z", 8760, rest=[1] * 8760)
    assert len(laid(year, 9 * 3600)[1]) == -(-365 // 6) * 24
    quarter = hours("2022-12-31T15:00Z", 4, length_s=900, rest=[1] * 4)
    assert [(s.x, s.width) for s in laid(quarter, 9 * 3600)[1]] == [(0, 5), (6, 5), (12, 5), (18, 5)]


def test_dates_are_island_dates_in_both_languages():
    assert offset_of(DOCUMENT, "Asia/Seoul") == 32_400
    assert date_of(0, "en") == "1 January 1970"
    assert date_of(86400 * 59, "ko") == "1970년 3월 1일"
    said = says(DOCUMENT, "en", 32_400)
    assert (said["first"], said["last"], said["hours"]) == ("1 April 2023", "3 April 2023", "72")


def test_the_label_names_the_certificate_by_its_hash_and_the_key_by_its_fingerprint():
    digest = sha256(RAW).hexdigest()
    assert label_text(DOCUMENT) == f"TAMNA:1:{digest}:{fingerprint(KEY.public)[:32]}".upper()
    assert label_text(DOCUMENT, "https://farm.example/{lot}#{sha256}") == (
        f"https://farm.example/2023-04-03%20%3CA%26B%3E#{digest}"
    )
    with pytest.raises(UsageError, match="without the certificate's hash"):
        label_text(DOCUMENT, "https://farm.example/{lot}")


def test_the_code_is_drawn_module_for_module():
    text = label_text(DOCUMENT)
    path, size = qr(text)
    dark = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        dark |= {(int(x) + i - 4, int(y) - 4) for i in range(int(width))}
    matrix = segno.make_qr(text, error="m").matrix
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert size == len(matrix) + 8


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_label_is_a_drawing_of_its_own_that_fits_the_pack(lang):
    drawn = etree.fromstring(label(DOCUMENT, lang).encode())
    assert drawn.get("viewBox") == "0 0 60 34"
    texts = [t.text for t in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "2023-04-03 <A&B>" in texts
    assert says(DOCUMENT, lang, 32_400)["claimable"] in texts


def test_every_reason_that_the_script_can_give_has_its_words():
    script = re.findall(r"<script>(.*?)</script>", PAGES["en"], re.DOTALL)[0]
    given = set(re.findall(r'(?:refuse|leave)\("(\w+)"|return \["(\w+)"', script))
    given = {a or b for a, b in given} | {"deep", "not_json", "wrong_form"}
    assert given == set(REASONS)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_command_writes_page_and_label_of_an_intact_certificate(tmp_path, capsys, monkeypatch, lang):
    monkeypatch.setenv("TAMNA_SHELF_LINK", "https://farm.example/#{sha256}")
    file, out, svg = tmp_path / "lot.json", tmp_path / "page.html", tmp_path / "label.svg"
    file.write_bytes(RAW)
    assert run(["shelf", str(file), "--lang", lang, "--out", str(out), "--label", str(svg), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["code"] == f"https://farm.example/#{sha256(RAW).hexdigest()}"
    assert out.read_text("utf-8") == page(DOCUMENT, lang, link="https://farm.example/#{sha256}")
    assert svg.read_text("utf-8") == label(DOCUMENT, lang, link="https://farm.example/#{sha256}")
    assert run(["verify", str(out)]) == 1  # intact, issuer unknown
    assert "intact" in capsys.readouterr().out or lang == "ko"


def test_the_command_puts_the_issuers_list_on_the_page(tmp_path, capsys):
    at = np.datetime64("2023-05-01T00:00:00", "s")
    facts = {"key": KEY, "issuer": ISSUER, "at": at, "until": at + np.timedelta64(7, "D")}
    status = status_credential(StatusList.empty(), "urn:tamna:status:1", **facts)
    file, listed, out = tmp_path / "lot.json", tmp_path / "status.json", tmp_path / "page.html"
    file.write_bytes(RAW)
    listed.write_bytes(canonical(status))
    assert run(["shelf", str(file), "--out", str(out), "--status", str(listed)]) == 0
    assert '"validUntil": "2023-05-08T00:00:00Z"' in out.read_text("utf-8")
    assert "as of its issuer's list" in out.read_text("utf-8")
    assert "as of its issuer's list" not in re.sub(r"<script.*?</script>", "", PAGES["en"], flags=re.DOTALL)
    capsys.readouterr()
    assert run(["shelf", str(file), "--out", str(out), "--status", str(file)]) == 2
    assert "not a Bitstring Status List" in capsys.readouterr().err


def test_the_command_puts_up_nothing_that_is_not_intact(tmp_path, capsys):
    file, out = tmp_path / "lot.json", tmp_path / "page.html"
    file.write_bytes(RAW.replace(b'"hours":72', b'"hours":73'))
    assert run(["shelf", str(file), "--out", str(out)]) == 2
    assert "not in order: the signature does not fit" in capsys.readouterr().err
    assert not out.exists()
    file.write_bytes(canonical(AUDIT))
    assert run(["shelf", str(file), "--out", str(out)]) == 2
    assert "not a certificate for the shelf" in capsys.readouterr().err


def test_a_page_with_two_certificates_is_none():
    with pytest.raises(LedgerError, match="exactly one"):
        certificate_bytes(PAGES["en"].replace("</pre>", '</pre><pre id="certificate">{}</pre>').encode())
