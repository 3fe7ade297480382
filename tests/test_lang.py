import pytest

from tamna.lang import Message, _, language, preferred, set_language, speaking


def test_a_message_is_translated_when_it_is_read_not_when_it_is_written():
    message = _("row {row}", row=3)
    with speaking("ko"):
        assert str(message) == "3행"
    assert str(message) == "row 3"


def test_speaking_gives_the_language_back():
    with speaking("ko"):
        assert language() == "ko"
    assert language() == "en"


def test_an_unknown_text_stays_as_it_is():
    with speaking("ko"):
        assert str(Message("no such message in any catalogue")) == "no such message in any catalogue"


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="must be one of en, ko"):
        set_language("fr")


@pytest.mark.parametrize(("value", "wanted"), [("ko_KR.UTF-8", "ko"), ("de_DE.UTF-8", "en"), ("C", "en")])
def test_the_terminal_names_the_language(monkeypatch, value, wanted):
    for name in ("TAMNA_LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", value)
    assert preferred() == wanted


def test_values_that_look_like_places_are_left_alone():
    assert str(_("row {row}", row="{0}")) == "row {0}"
