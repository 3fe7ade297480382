"""What an answer has beside what is documented: fields missing, renamed, new, of another type, unit or clock."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from tamna.lang import Message, _
from tamna.sources.live.session import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as documented.

    Attributes
    ----------
    kind
        Of a field: ``missing``, ``renamed``, ``absent`` (documented, and its absence does no harm), ``new``, or of
        another ``type``, ``unit`` or ``clock``. Of what the reader makes of the answer: ``times`` that were
        not asked for, a ``size`` no such quantity has, cells that are no ``value``, or a refusal (``reader``).
    """

    kind: str
    field: str
    expected: str
    seen: str

    @property
    def harms(self) -> bool:
        """Whether it touches what is read: a new field does not, nor the loss of one that nobody reads."""
        return self.kind not in {"new", "absent"}

    def __str__(self) -> str:
        return str(Message(_TEXT[self.kind].text, self.as_dict()))

    def as_dict(self) -> dict[str, str]:
        """Give the difference as JSON carries it."""
        return {"kind": self.kind, "field": self.field, "expected": self.expected, "seen": self.seen}


_TEXT: dict[str, Message] = {
    "missing": _("{field}: documented ({expected}), not in the answer"),
    "renamed": _("{field}: documented, not in the answer, which has {seen} instead: renamed?"),
    "absent": _("{field}: documented, not in this answer; that does no harm"),
    "new": _("{field}: in the answer ({seen}), not documented"),
    "type": _("{field}: {seen} in place of {expected}"),
    "unit": _("{field}: unit {seen} in place of {expected}"),
    "clock": _("{field}: {seen} in place of {expected}: another clock"),
    "times": _("{field}: {seen}, asked for {expected}: another clock or another day"),
    "size": _("{field}: up to {seen}, where {expected} is usual: another unit or another column?"),
    "value": _("{field}: {seen} cells cannot be read as {expected}"),
    "reader": _("the reader refuses the answer: {seen}"),
}
CLOCKS = frozenset({"time", "time_standard", "utc_offset_seconds", "timeInterval"})
_ALIKE = 0.8


def differences(
    shape: Mapping[str, str], seen: Mapping[str, str], optional: AbstractSet[str] = frozenset()
) -> tuple[Difference, ...]:
    """Compare documented fields with those seen: missing, renamed, new, other type, unit or clock.

    A shape such as ``PT15M|PT60M`` allows either; an ``empty`` field says nothing of its type. The loss of an
    `optional` field does no harm.

    >>> [str(d) for d in differences({"ta": "number", "tm": "stamp"}, {"ta": "text", "x": "number"})]
    ['ta: text in place of number', 'tm: documented (stamp), not in the answer', 'x: in the answer (number), not documented']
    """
    found: list[Difference] = []
    for field, expected in shape.items():
        got = seen.get(field)
        if got is None:
            kind = "absent" if field in optional else "missing"
            found.append(Difference(kind=kind, field=field, expected=expected, seen=""))
        elif got != "empty" and got not in expected.split("|") and not _fits(expected, got):
            found.append(
                Difference(kind=_kind(field, expected, got), field=field, expected=expected, seen=got)
            )
    found += [
        Difference(kind="new", field=field, expected="", seen=got)
        for field, got in seen.items()
        if field not in shape and field not in optional
    ]
    return _renamed(found)


def _kind(field: str, expected: str, got: str) -> str:
    if field in CLOCKS:
        return "clock"
    return "type" if {expected, got} & KINDS else "unit"


def _fits(expected: str, got: str) -> bool:
    """Say that text may look like a number or a date, and a number like a date, by chance."""
    return (expected == "text" and got != "") or (expected == "number" and got == "stamp")


def _renamed(found: list[Difference]) -> tuple[Difference, ...]:
    """Pair a missing field with the new one that is written most like it."""
    missing = [d for d in found if d.kind == "missing"]
    new = [d for d in found if d.kind == "new"]
    pairs = sorted(
        ((_alike(m.field, n.field), i, k) for i, m in enumerate(missing) for k, n in enumerate(new)),
        reverse=True,
    )
    gone: set[int] = set()
    taken: set[int] = set()
    out = list(found)
    for alike, i, k in pairs:
        if alike < _ALIKE or i in gone or k in taken:
            continue
        gone.add(i)
        taken.add(k)
        m, n = missing[i], new[k]
        out[out.index(m)] = Difference(kind="renamed", field=m.field, expected=m.expected, seen=n.field)
        out.remove(n)
    return tuple(out)


def _alike(a: str, b: str) -> float:
    """Give how alike two names are, 0..1; one that holds the other whole is more alike than any that does not."""
    a, b = a.lower().rpartition(" ")[2], b.lower().rpartition(" ")[2]
    ratio = SequenceMatcher(None, a, b).ratio()
    return _ALIKE + ratio / 5.0 if a in b or b in a else ratio
