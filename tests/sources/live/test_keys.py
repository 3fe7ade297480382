"""Keys are unquoted once, encoded once, and shown nowhere."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_tools import KEY
from tamna.errors import KeyRefused
from tamna.sources.live.keys import Secret, masked, masked_bytes, optional_secret, secret

VARIABLE = "TAMNA_DATA_GO_KR_KEY"


@pytest.mark.parametrize("value", [KEY, "s3cret%2FKey%2Bof%3D%3DNobody", f"  {KEY}\n"])
def test_the_encoded_and_the_decoded_key_are_the_same(value, monkeypatch):
    monkeypatch.setenv(VARIABLE, value)
    assert secret(VARIABLE).encoded() == "s3cret%2FKey%2Bof%3D%3DNobody"


def test_a_key_that_is_not_set_names_its_variable(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(KeyRefused, match=VARIABLE) as caught:
        secret(VARIABLE)
    assert caught.value.exit_code == 2
    assert optional_secret(VARIABLE) is None


@pytest.mark.parametrize("value", ["short", "two words here", "한글열쇠가아닙니다", "with%0d%0aHost: x"])
def test_what_cannot_be_a_key_is_refused_without_showing_it(value, monkeypatch):
    monkeypatch.setenv(VARIABLE, value)
    with pytest.raises(KeyRefused) as caught:
        secret(VARIABLE)
    assert value not in str(caught.value)


def test_a_secret_does_not_show_itself():
    one = Secret("V", KEY)
    assert f"{one} {one!r} {[one]} {one!s}" == "*** *** [***] ***"
    with pytest.raises(TypeError):
        pickle.dumps(one)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=8, max_size=60))
def test_every_written_form_is_masked(value):
    one = Secret("V", value)
    for form in (*one.forms(), one.encoded(), one.encoded().lower()):
        said = masked(f"see {form} here", [one])
        assert form not in said or form in "see *** here"
        assert form.encode() not in masked_bytes(f"<{form}>".encode(), [one]) or form in "<***>"


def test_the_keys_of_all_settings_are_masked_even_when_not_asked_for(monkeypatch):
    monkeypatch.setenv("TAMNA_ENTSOE_TOKEN", "12345678-aaaa-bbbb")
    assert masked("token=12345678-AAAA-bbbb&x") == "token=***&x"
    assert masked_bytes("열쇠 12345678-aaaa-bbbb".encode("cp949")) == "열쇠 ***".encode("cp949")


def test_text_without_keys_stays_as_it_is(monkeypatch):
    for name in ("DATA_GO_KR_KEY", "KMA_APIHUB_KEY", "ENTSOE_TOKEN", "OPEN_METEO_KEY"):
        monkeypatch.delenv(f"TAMNA_{name}", raising=False)
    assert masked("nothing here") == "nothing here"
    assert masked_bytes(b"nothing here") == b"nothing here"
