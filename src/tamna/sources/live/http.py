"""One way to the network: a GET that ends in an answer, a refusal, or a retry that stops.

HTTPS only (plain HTTP on the loopback, for tests and proxies), no redirect to another host, limits on
time and size, keys added at the last moment. Nothing here raises inside an ``except`` block: an error of
the standard library carries the whole address, key included, and would stand in the exception's chain.
"""

from __future__ import annotations

import http.client
import math
import random
import socket
import ssl
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urljoin, urlsplit

import numpy as np

from tamna import __version__
from tamna.errors import FetchError, KeyRefused, Place, QuotaReached, TamnaError, UsageError
from tamna.lang import Message, _
from tamna.sources.live.keys import MASK, masked, masked_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tamna.sources.live.keys import Secret
    from tamna.sources.live.quota import Quota, QuotaBook


class Clock(Protocol):
    """Time, so that tests need not wait for it."""

    def now(self) -> np.datetime64:
        """Give this moment, UTC, whole seconds."""

    def monotonic(self) -> float:
        """Give a time that only grows [s]."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> np.datetime64:
        """Give this moment, UTC, whole seconds."""
        return np.datetime64(datetime.now(UTC).replace(tzinfo=None, microsecond=0), "s")

    def monotonic(self) -> float:
        """Give a time that only grows [s]."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much: seconds, bytes, tries.

    `deadline_s` bounds one request with all its retries and pauses.
    """

    timeout_s: float = 30.0
    deadline_s: float = 180.0
    tries: int = 5
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
    body_bytes: int = 64 * 1024 * 1024
    redirects: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. The key is apart from the other parameters, so that `address` can be shown."""

    base: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    key_name: str = ""
    key: Secret | None = None

    @property
    def address(self) -> str:
        """The address with the key masked: for receipts, errors and logs."""
        return masked(self._url(MASK), (self.key,) if self.key else ())

    def url(self) -> str:
        """Give the address as sent, key included: for the socket and for nothing else."""
        return self._url(self.key.encoded() if self.key else "")

    def _url(self, key: str) -> str:
        pairs = [f"{quote(k, safe='')}={quote(v, safe=',:')}" for k, v in self.parameters.items()]
        if self.key is not None:
            pairs.insert(0, f"{quote(self.key_name, safe='')}={key}")
        return self.base.rstrip("/") + self.path + ("?" + "&".join(pairs) if pairs else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: what a `read_*` function needs, and no key anywhere in it."""

    address: str
    status: int
    body: bytes
    content_type: str
    retrieved: np.datetime64
    retry_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with an answer: take it (no error), try again, or refuse with `error`.

    A refusal for too many calls closes the day in the book, unless it holds for minutes only: `for_today`.
    """

    error: TamnaError | None = None
    again: bool = False
    pause_s: float | None = None
    for_today: bool = True


TAKE = Verdict()


class NoAnswer(FetchError):
    """Nobody answered: no such name, no way there, or silence until the time was up."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why no answer came: in words without the address, whether another try may help, whether anybody spoke."""

    what: Message
    seen: str
    again: bool
    silent: bool = False
    todo: Message | None = None

    def error(self, where: Place) -> FetchError:
        kind = NoAnswer if self.silent else FetchError
        return kind(self.what, where=where, seen=self.seen, todo=self.todo)


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Give every status back as an answer: no exception, no silent redirect."""

    def http_response(self, request: Any, response: Any) -> Any:  # noqa: ARG002 (urllib's signature)
        return response

    https_response = http_response


class Client:
    """Sends requests, one at a time.

    Parameters
    ----------
    clock, rng
        Time and chance, replaced in tests.
    book
        Where calls are counted; None counts nothing.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        limits: Limits | None = None,
        book: QuotaBook | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.limits = limits or Limits()
        self._book = book
        self._rng = rng or random.Random()  # noqa: S311 (jitter, not cryptography)
        self._last_sent: dict[str, float] = {}

    def get(self, request: Request, *, name: str, quota: Quota, judge: Callable[[Answer], Verdict]) -> Answer:
        """Ask until `judge` takes the answer, refuses it, or tries and time are used up.

        Raises
        ------
        TamnaError
            The judge's refusal, or the last reason when the retries stop.
        """
        check_address(request.base)
        started = self.clock.monotonic()
        attempt = 0
        while True:
            attempt += 1
            self._count(name, quota)
            outcome = self._send(request, started + self.limits.deadline_s)
            if isinstance(outcome, Answer):
                verdict = judge(outcome)
            else:
                verdict = Verdict(error=outcome.error(Place(path=request.address)), again=outcome.again)
            reason = verdict.error
            if reason is None and isinstance(outcome, Answer):
                return outcome
            if reason is None:
                reason = FetchError(_("no answer in time"), where=Place(path=request.address))
            if isinstance(reason, QuotaReached) and verdict.for_today and self._book is not None:
                self._book.close(name, quota, self.clock.now())
            pause = self._pause(attempt, verdict, outcome)
            late = self.clock.monotonic() + pause - started > self.limits.deadline_s
            if not verdict.again or attempt >= self.limits.tries or late:
                raise given_up(reason, attempt) if attempt > 1 else reason
            self.clock.sleep(pause)

    def _count(self, name: str, quota: Quota) -> None:
        since = self.clock.monotonic() - self._last_sent.get(name, float("-inf"))
        if since < quota.pause_s:
            self.clock.sleep(quota.pause_s - since)
        if self._book is not None:
            self._book.take(name, quota, self.clock.now())
        self._last_sent[name] = self.clock.monotonic()

    def _pause(self, attempt: int, verdict: Verdict, outcome: Answer | _Failure) -> float:
        """Exponential, half of it by chance, and never less than the provider asked for."""
        backoff = min(math.ldexp(self.limits.first_pause_s, attempt - 1), self.limits.longest_pause_s)
        pause = backoff * (0.5 + 0.5 * self._rng.random())
        asked = _retry_after(outcome.retry_after, self.clock.now()) if isinstance(outcome, Answer) else 0.0
        return max(pause, asked, verdict.pause_s or 0.0)

    def _send(self, request: Request, deadline: float) -> Answer | _Failure:
        secrets = (request.key,) if request.key else ()
        url = request.url()
        for _hop in range(self.limits.redirects + 1):
            left = deadline - self.clock.monotonic()
            if left <= 0:
                return _Failure(_("no answer in time"), "timeout", again=False, silent=True)
            got = self._exchange(url, min(self.limits.timeout_s, left), deadline)
            if isinstance(got, _Failure):
                return got
            status, headers, body = got
            if status not in {301, 302, 303, 307, 308}:
                return Answer(
                    address=request.address,
                    status=status,
                    body=masked_bytes(body, secrets),
                    content_type=headers.get("Content-Type", ""),
                    retrieved=self.clock.now(),
                    retry_after=headers.get("Retry-After", ""),
                )
            onward = _onward(url, headers.get("Location", ""))
            if onward is None:
                host = _host(headers.get("Location", "")) or "?"
                return _Failure(
                    _("the server sends us to another place, and a key does not follow"),
                    masked(host, secrets),
                    again=False,
                )
            url = onward
        return _Failure(_("the server sends us round in circles"), str(self.limits.redirects), again=False)

    def _exchange(
        self, url: str, timeout_s: float, deadline: float
    ) -> tuple[int, Mapping[str, str], bytes] | _Failure:
        headers = {"User-Agent": f"tamna/{__version__}", "Accept-Encoding": "gzip", "Accept": "*/*"}
        try:
            # check_address has let through https and the loopback only
            asked = urllib.request.Request(url, headers=headers)  # noqa: S310
            with _opener(url).open(asked, timeout=timeout_s) as response:
                kept = {k: response.headers.get(k, "") for k in ("Content-Type", "Location", "Retry-After")}
                body = self._body(response, deadline)
                return body if isinstance(body, _Failure) else (int(response.status), kept, body)
        except TimeoutError:
            return _Failure(_("no answer in time"), "timeout", again=True, silent=True)
        except urllib.error.URLError as error:
            return _of_reason(error.reason)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _of_reason(error)

    def _body(self, response: Any, deadline: float) -> bytes | _Failure:
        limit = self.limits.body_bytes
        too_big = _Failure(_("the answer is larger than the limit"), f"> {limit} bytes", again=False)
        stated = response.headers.get("Content-Length", "")
        length = int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 19 else None
        if length is not None and length > limit:
            return too_big
        parts: list[bytes] = []
        size = 0
        while length is None or size < length:
            if self.clock.monotonic() > deadline:
                return _Failure(_("no answer in time"), "timeout", again=False, silent=True)
            part = response.read1(65536)
            if not part:
                break
            size += len(part)
            if size > limit:
                return too_big
            parts.append(part)
        if length is not None and size < length:
            return _Failure(_("the answer broke off"), f"{size} / {length} bytes", again=True)
        body = b"".join(parts)
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding in {"", "identity"}:
            return body
        if coding not in {"gzip", "x-gzip", "deflate"}:
            return _Failure(_("the answer is packed in a way we did not ask for"), coding[:20], again=False)
        plain = unpacked(body, limit) if body else body
        return too_big if plain is None else plain


def unpacked(body: bytes, limit: int) -> bytes | _Failure | None:
    """Unpack gzip or zlib without ever holding more than `limit` bytes; None when it would be more."""
    unpacker = zlib.decompressobj(wbits=47)
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error:
        return _Failure(_("the answer broke off"), "gzip", again=True)
    if len(plain) > limit:
        return None
    return plain if unpacker.eof else _Failure(_("the answer broke off"), "gzip", again=True)


def check_address(base: str) -> None:
    """Let through https, and plain http on this machine only.

    Raises
    ------
    UsageError
        Any other address: a key would travel in the clear.
    """
    try:
        parts = urlsplit(base)
        host = parts.hostname or ""
        fits = bool(host) and parts.username is None and (parts.port or 1) > 0
    except ValueError:
        fits, host = False, ""
    if fits and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        return
    raise UsageError(
        _("a live source is asked over https only"),
        seen=masked(base.split("?", maxsplit=1)[0]),
        todo=_("Give an address that starts with https:// (http:// is for this machine only)."),
    )


def given_up(reason: TamnaError, tries: int) -> TamnaError:
    """Say beside the last reason how often it was tried."""
    first = reason.mistakes[0]
    return type(reason)(
        _("{reason} (gave up after {tries} tries)", reason=first.what, tries=tries),
        where=first.where,
        seen=first.seen,
        todo=first.todo or _("Try again later; what came so far is kept."),
    )


def by_status(answer: Answer, said: str = "") -> Verdict:
    """Judge by the HTTP status alone; `said` is the provider's own explanation."""
    status = answer.status
    if 200 <= status < 300:
        return TAKE
    seen = f"HTTP {status}" + (f": {said}" if said else "")
    where = Place(path=answer.address)
    if status in {401, 403}:
        return Verdict(
            error=KeyRefused(
                _("the provider refuses the key"),
                where=where,
                seen=seen,
                todo=_("Check that the key is right, not expired, and approved for this very service."),
            )
        )
    if status == 429:
        error: TamnaError = FetchError(_("too many calls in a short time"), where=where, seen=seen)
        return Verdict(error=error, again=True)
    if status in {408, 425} or status >= 500:
        error = FetchError(_("the provider has trouble of its own"), where=where, seen=seen)
        return Verdict(error=error, again=True)
    return Verdict(error=FetchError(_("the provider refuses the request"), where=where, seen=seen))


def _opener(url: str) -> urllib.request.OpenerDirector:
    return _opener_of(local=_is_loopback(_host(url)))


@lru_cache(maxsize=2)
def _opener_of(*, local: bool) -> urllib.request.OpenerDirector:
    """Make the opener once: reading the system's certificates takes longer than a call."""
    proxies = urllib.request.ProxyHandler({} if local else None)
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    return urllib.request.build_opener(proxies, secure, _AsItIs())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _onward(url: str, location: str) -> str | None:
    """Give the next address of a redirect that stays on the same scheme, host and port; else None."""
    try:
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
        same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return None
    return target if location and same and there.username is None else None


def _of_reason(reason: object) -> _Failure:
    """Put a failure into words without its text, which may hold the address."""
    name = type(reason).__name__
    if isinstance(reason, TimeoutError):
        return _Failure(_("no answer in time"), "timeout", again=True, silent=True)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return _Failure(_("the server's certificate is not trusted"), reason.verify_message, again=False)
    if isinstance(reason, (http.client.InvalidURL, UnicodeError)):
        return _Failure(_("the address cannot be asked"), name, again=False)
    if isinstance(reason, http.client.HTTPException):
        return _Failure(_("the answer broke off"), name, again=True)
    if isinstance(reason, socket.gaierror):
        todo = _("Look whether this machine has a network, and whether a proxy must be set (https_proxy).")
        unnamed = _("the server cannot be reached: its name is not known here")
        return _Failure(unnamed, _of_system(reason), again=True, silent=True, todo=todo)
    seen = _of_system(reason) if isinstance(reason, OSError) else name
    return _Failure(_("the server cannot be reached"), seen, again=True, silent=True)


def _of_system(error: OSError) -> str:
    """Give the system's own words for an error number, which hold no address: ``Connection refused``."""
    return (error.strerror or type(error).__name__)[:60]


def _retry_after(text: str, now: np.datetime64) -> float:
    """Read ``Retry-After``: seconds or an HTTP date; anything else asks for nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    wait: float = (np.datetime64(moment, "s") - now) / np.timedelta64(1, "s")
    return max(wait, 0.0)
