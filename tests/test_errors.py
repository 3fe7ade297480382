import pytest

from tamna.errors import GridError, InputError, Mistake, Place, TamnaError, UsageError, gather
from tamna.lang import _, speaking


def test_a_refusal_says_where_what_seen_and_what_to_do():
    error = InputError(
        _("must lie in (0, 1]"),
        where=Place(file="island.yaml", line=12, path="batteries.hallim.round_trip"),
        seen=85,
        todo=_("Write 0.85 for 85 %."),
    )
    assert str(error) == (
        "island.yaml:12, batteries.hallim.round_trip: must lie in (0, 1] (got 85). Write 0.85 for 85 %."
    )


def test_all_mistakes_of_one_input_come_at_once():
    mistakes = [
        Mistake(what=_("first")),
        Mistake(what=_("second"), where=Place(row=3, column="1시", hour="24")),
    ]
    with pytest.raises(GridError) as caught:
        gather(mistakes, GridError)
    assert str(caught.value).splitlines() == [
        "2 mistakes:",
        "  1. first.",
        "  2. row 3, column '1시', hour 24: second.",
    ]


def test_nothing_wrong_raises_nothing():
    assert gather([]) is None


def test_the_place_follows_the_reader_into_korean():
    error = UsageError(_("unknown time zone"), where=Place(row=3), seen="x")
    with speaking("ko"):
        assert str(error) == "3행: 알 수 없는 시간대입니다 (받은 값: x)."


def test_long_and_broken_lines_of_input_are_shortened():
    text = str(UsageError(_("unknown time zone"), seen="a\n" + "b" * 500))
    assert len(text) < 170
    assert "\n" not in text


@pytest.mark.parametrize("kind", TamnaError.__subclasses__())
def test_every_refusal_has_an_exit_code(kind):
    assert kind.exit_code in {1, 2, 3}


def test_the_tree_in_the_docstring_is_the_tree_in_the_code():
    import tamna.errors as module

    def names(kind):
        return {kind.__name__}.union(*(names(k) for k in kind.__subclasses__()))

    inside = {n for n in names(TamnaError) if getattr(module, n, None) is not None}
    assert inside == {
        n
        for n in module.__all__
        if isinstance(getattr(module, n), type) and issubclass(getattr(module, n), Exception)
    }
    for name in inside:
        assert name in module.__doc__
