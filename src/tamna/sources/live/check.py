"""``tamna fetch --check``: one real call a source, and what differs from the documented shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import FetchError, TamnaError
from tamna.grid.clock import Period
from tamna.lang import Message, _
from tamna.sources.live.http import Client
from tamna.sources.live.keys import optional_secret
from tamna.sources.live.quota import QuotaBook
from tamna.sources.live.registry import fetcher
from tamna.sources.live.session import Options, Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from tamna.sources.live.session import Fetcher

_DAY_S = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that is not as documented: ``missing``, ``new``, or of another ``type`` or ``unit``."""

    kind: str
    field: str
    expected: str
    seen: str

    def __str__(self) -> str:
        return str(Message(_TEXT[self.kind].text, self.as_dict()))

    def as_dict(self) -> dict[str, str]:
        """Give the difference as JSON carries it."""
        return {"kind": self.kind, "field": self.field, "expected": self.expected, "seen": self.seen}


_TEXT: dict[str, Message] = {
    "missing": _("{field}: documented ({expected}), not in the answer"),
    "new": _("{field}: in the answer ({seen}), not documented"),
    "type": _("{field}: {seen} in place of {expected}"),
    "unit": _("{field}: unit {seen} in place of {expected}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What one call found. `refusal` is set where no data came; `skipped` where no call was made."""

    name: str
    differences: tuple[Difference, ...] = ()
    fields: int = 0
    address: str = ""
    refusal: TamnaError | None = None
    skipped: Message | None = None

    @property
    def ok(self) -> bool:
        """Whether the answer is as documented; new fields alone do no harm."""
        return self.refusal is None and not any(d.kind != "new" for d in self.differences)

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON carries it."""
        return {
            "name": self.name,
            "ok": self.ok,
            "fields": self.fields,
            "address": self.address,
            "differences": [d.as_dict() for d in self.differences],
            "refusal": str(self.refusal) if self.refusal else "",
            "skipped": str(self.skipped) if self.skipped else "",
        }


def check(name: str, *, client: Client | None = None, options: Options | None = None) -> CheckReport:
    """Make one call to the source `name` and compare its answer with the documented shape.

    A source whose key is not set is skipped. No refusal is raised: it stands in the report.

    Raises
    ------
    UsageError
        There is no such source.
    """
    source = fetcher(name)
    client = client or Client(book=QuotaBook.of_settings())
    options = options or Options()
    try:
        if source.key_variable and not source.key_optional and optional_secret(source.key_variable) is None:
            variable = source.key_variable
            return CheckReport(name=name, skipped=_("no key: set {variable}", variable=variable))
        session = Session(client, name, source.quota, options)
        answers = source.ask(session, source.parts(options)[0], _small(source, client.clock.now()))
        seen = source.observe(answers)
    except TamnaError as error:
        return CheckReport(name=name, refusal=error)
    address = answers[0].address if answers else ""
    if not seen:
        nothing = FetchError(_("the answer holds no data to check"))
        return CheckReport(name=name, address=address, refusal=nothing)
    return CheckReport(
        name=name,
        differences=differences(source.shape, seen, source.optional_fields),
        fields=len(seen),
        address=address,
    )


def differences(
    shape: Mapping[str, str], seen: Mapping[str, str], optional: AbstractSet[str] = frozenset()
) -> tuple[Difference, ...]:
    """Compare documented fields with those seen: missing, new, other type, other unit.

    A shape such as ``PT15M|PT60M`` allows either; an ``empty`` field says nothing of its type.

    >>> [str(d) for d in differences({"ta": "number", "tm": "stamp"}, {"ta": "text", "x": "number"})]
    ['ta: text in place of number', 'tm: documented (stamp), not in the answer', 'x: in the answer (number), not documented']
    """
    found: list[Difference] = []
    for field, expected in shape.items():
        got = seen.get(field)
        if got is None:
            if field not in optional:
                found.append(Difference(kind="missing", field=field, expected=expected, seen=""))
        elif got != "empty" and got not in expected.split("|") and not _fits(expected, got):
            kind = "type" if {expected, got} & _TYPES else "unit"
            found.append(Difference(kind=kind, field=field, expected=expected, seen=got))
    found += [
        Difference(kind="new", field=field, expected="", seen=got)
        for field, got in seen.items()
        if field not in shape and field not in optional
    ]
    return tuple(found)


_TYPES = {"stamp", "number", "text", "mark"}


def _fits(expected: str, got: str) -> bool:
    """Say that text may look like a number or a date, and a number like a date, by chance."""
    return expected == "text" or (expected == "number" and got == "stamp")


def _small(source: Fetcher, now: np.datetime64) -> Period:
    """Take the last day (or issue) of what the source offers, a little back from its very end."""
    offered = source.offers(now)
    if source.by_issue:
        *_others, last = source.chunks(offered)
        return last
    end = min(offered.end, now)
    return Period(max(offered.start, end - np.timedelta64(_DAY_S, "s")), end)
