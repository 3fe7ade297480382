"""``tamna fetch --check``: one real call a source, and what differs from the documented shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from tamna.errors import FetchError, Place, QuotaReached, TamnaError
from tamna.grid.clock import DAY, Period
from tamna.lang import Message, _
from tamna.sources.live.differing import Difference, differences
from tamna.sources.live.http import Client, Limits, NoAnswer
from tamna.sources.live.keys import masked, optional_secret
from tamna.sources.live.quota import QuotaBook
from tamna.sources.live.registry import fetcher
from tamna.sources.live.reread import reread
from tamna.sources.live.session import Options, Session, midnight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np

    from tamna.sources.live.http import Answer, Request
    from tamna.sources.live.http import Verdict as HttpVerdict
    from tamna.sources.live.quota import Quota
    from tamna.sources.live.session import Fetcher

Verdict = Literal[
    "as documented", "differs", "no answer", "refused", "no data", "no calls left", "not sent", "not asked"
]
LIMITS = Limits(timeout_s=15.0, deadline_s=35.0, tries=2)
"""A check is one question: a source that does not answer in half a minute is said not to."""


class NoData(FetchError):
    """The answer is well-formed and holds no row."""


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
    def verdict(self) -> Verdict:
        """The finding in two words; ``not sent`` where a setting here, and nobody's answer, is at fault."""
        if self.skipped is not None:
            return "not asked"
        if self.refusal is None:
            return "differs" if any(d.harms for d in self.differences) else "as documented"
        if isinstance(self.refusal, NoAnswer):
            return "no answer"
        if isinstance(self.refusal, QuotaReached):
            return "no calls left"
        if isinstance(self.refusal, NoData):
            return "no data"
        return "refused" if any(m.where.path for m in self.refusal.mistakes) else "not sent"

    @property
    def ok(self) -> bool:
        """Whether the answer is as documented; new fields, or the loss of unused ones, do no harm."""
        return self.verdict == "as documented"

    def as_dict(self) -> dict[str, Any]:
        """Give the report as JSON carries it."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "ok": self.ok,
            "fields": self.fields,
            "address": self.address,
            "differences": [d.as_dict() for d in self.differences],
            "refusal": str(self.refusal) if self.refusal else "",
            "skipped": str(self.skipped) if self.skipped else "",
        }


class _Patience(Client):
    """Does not ask a host again that gave no answer: without a network each would take half a minute."""

    def __init__(self, client: Client) -> None:
        super().__init__(clock=client.clock)
        self._client = client
        self._silent: set[str] = set()

    def get(
        self, request: Request, *, name: str, quota: Quota, judge: Callable[[Answer], HttpVerdict]
    ) -> Answer:
        """Ask, unless the host was silent a moment ago."""
        host = urlsplit(request.base).netloc
        if host in self._silent:
            raise NoAnswer(
                _("not asked again: {host} gave no answer a moment ago", host=masked(host)),
                where=Place(path=request.address),
            )
        try:
            return self._client.get(request, name=name, quota=quota, judge=judge)
        except NoAnswer:
            self._silent.add(host)
            raise


def check_each(
    names: Iterable[str], *, client: Client | None = None, options: Options | None = None
) -> Iterator[CheckReport]:
    """Check one source after the other; a host that gave no answer is not asked again for another source."""
    patient = _Patience(client or Client(book=QuotaBook.of_settings(), limits=LIMITS))
    for name in names:
        yield check(name, client=patient, options=options)


def check(name: str, *, client: Client | None = None, options: Options | None = None) -> CheckReport:
    """Make one call to the source `name` and compare its answer with the documented shape.

    A source whose key is not set is skipped. No refusal is raised: it stands in the report.

    Raises
    ------
    UsageError
        There is no such source.
    """
    source = fetcher(name)
    client = client or Client(book=QuotaBook.of_settings(), limits=LIMITS)
    options = options or Options()
    try:
        if source.key_variable and not source.key_optional and optional_secret(source.key_variable) is None:
            variable = source.key_variable
            return CheckReport(name=name, skipped=_("no key: set {variable}", variable=variable))
        session = Session(client, name, source.quota, options, most_pages=1)
        part, chunk = source.parts(options)[0], _small(source, client.clock.now())
        answers = source.ask(session, part, chunk)
        seen = source.observe(answers)
    except TamnaError as error:
        return CheckReport(name=name, refusal=error)
    address = answers[0].address if answers else ""
    if not seen:
        nothing = NoData(_("the answer is well-formed and holds no rows: nothing to compare"))
        return CheckReport(name=name, address=address, refusal=nothing)
    told = differences(source.shape, seen, source.optional_fields)
    read = reread(source, session, part, chunk, answers)
    if any(d.kind == "type" for d in told):  # the cells are named by their field already
        read = tuple(d for d in read if d.kind != "value")
    return CheckReport(
        name=name,
        differences=(*told, *read),
        fields=len(seen),
        address=address,
    )


def _small(source: Fetcher, now: np.datetime64) -> Period:
    """Take the last whole day of the provider's calendar that the source offers, or its last issue."""
    offered = source.offers(now)
    if source.by_issue:
        *_others, last = source.chunks(offered)
        return last
    end = min(offered.end, now)
    start = midnight(end, source.quota.timezone)
    if start - DAY < offered.start:  # of today alone
        return Period(offered.start, end)
    return Period(start - DAY, start)
