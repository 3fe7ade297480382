"""A store in a bucket of S3, or of anything that speaks S3 and keeps the condition of a conditional put.

There is no lock. The manifest is replaced by a put that S3 carries out only if the ETag is still the one
that was read (``If-Match``; the first one only if there is none, ``If-None-Match``), and segments are
put before it, under names nobody else gives to other bytes. What goes wrong in between:

- *The answer to a put is lost.* Every put of the manifest carries a mark of its writer; whoever does
  not know whether its put was carried out reads the manifest and looks for its mark.
- *A writer was killed.* Its segments are named by no manifest. They are swept once they have rested
  for an hour by the server's own clock, and only after the manifest has counted the sweep: a writer
  that was slow, or asleep, then finds the count changed and puts its segments again before it names
  them. So no clock has to be right for nothing to be lost.
- *The S3 accepts a condition and does not look at it.* A new store tries this on a key of its own first.

Credentials come from the environment, go to `obstore` without passing through here, and no text of an
answer but its status and error code is ever repeated.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from tamna.errors import MissingExtra, Place, StoreError
from tamna.lang import _
from tamna.series.cache import Cache
from tamna.series.s3_place import check_credentials, endpoint, parse_place
from tamna.series.s3_refusal import refusal
from tamna.series.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from obstore import ObjectMeta, PutMode
    from obstore.store import S3Config, S3Store

    from tamna.series.bucket import Retire
    from tamna.series.s3_place import S3Place

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_WRITER = "tamna-writer"
_WRONG_TAG = f'"{"0" * 32}"'
_ATTEMPTS = 6
_REST_S = 3600.0
_CHUNK_BYTES = 8_000_000


class S3Bucket:
    """A prefix of a bucket; the module says why concurrent and killed writers lose nothing.

    Parameters
    ----------
    location
        ``s3://bucket/prefix``.
    cache
        Where copies of segments lie for DuckDB; by default what the settings name.
    rest_s
        How long a segment that nobody names is left alone, for the writer that may yet name it. [s]
    """

    def __init__(self, location: str, *, cache: Cache | None = None, rest_s: float = _REST_S) -> None:
        place = parse_place(location)
        self.place = str(place)
        self.rest_s = rest_s
        self._s3 = _library()
        self._cache = cache or Cache.by_setting()
        self._patient = _opened(place, retries=5)
        self._once = _opened(place, retries=0)  # a condition is not tried twice without looking in between
        self._seen: tuple[str, bytes] | None = None

    def list(self, prefix: str) -> tuple[str, ...]:
        """Name the keys that begin with `prefix`, sorted."""
        return tuple(sorted(m["path"] for m in self._listed(prefix)))

    def strangers(self) -> tuple[str, ...]:
        """Name what lies there that no store made."""
        found = self._ask(self._s3.list_with_delimiter, self._patient)
        names = (*found["common_prefixes"], *(m["path"] for m in found["objects"]))
        return tuple(sorted(n for n in names if not n.startswith(("manifest.json", "segments", "probe"))))

    def get(self, key: str) -> bytes:
        """Give the bytes of `key`."""
        return bytes(self._ask(self._ask(self._s3.get, self._patient, key).bytes))

    def fetch(self, key: str, *, anew: bool = False) -> Path:
        """Give the copy of `key` in the cache, fetched first if there is none."""
        copy = None if anew else self._cache.held(_hash_of(key))
        return copy or self._cache.take(_hash_of(key), self._chunks(key))

    def put_new(self, key: str, file: Path) -> None:
        """Put `file` under `key`, whole or not at all; `file` stays, in case it must be put again."""
        for _attempt in range(_ATTEMPTS):
            try:
                self._ask(self._s3.put, self._patient, key, file, mode="create")
            except self._s3.exceptions.AlreadyExistsError:
                if not self._is_there(key):  # two puts at once, of which S3 refused this one too early
                    continue
            self._cache.lend(_hash_of(key), file)
            return
        raise refusal("status code: 409").trouble

    def read_tagged(self, key: str) -> tuple[bytes, str] | None:
        """Give the bytes of `key` and its ETag, or None where it is absent."""
        found = self._look(key)
        if found is None:
            return None
        data, tag, _mark = found
        self._seen = tag, data
        return data, tag

    def swap(self, key: str, data: bytes, tag: str | None) -> bool:
        """Replace `key` if its ETag still is `tag`, keeping what it was as ``<key>.previous``.

        Raises
        ------
        StoreError
            It is not known whether it was replaced, or this S3 does not look at conditions.
        """
        seen = self._seen
        if tag is None:
            self._probe()
        done = self._swapped(key, data, tag)
        if done and seen is not None and seen[0] == tag:
            with contextlib.suppress(OSError):  # done is done
                self._ask(self._s3.put, self._patient, f"{key}.previous", seen[1], use_multipart=False)
        return done

    def writing(self) -> AbstractContextManager[Path]:
        """Lend a working folder of this machine."""
        return self._cache.writing()

    def collect(self, prefix: str, keep: Callable[[], Collection[str]], retire: Retire) -> None:
        """Remove what nobody names, has rested long enough, and by `retire` will be named by nobody.

        How long it has rested is the server's word: from when it was put to when the newest was.
        """
        listed = [(m["path"], m["last_modified"]) for m in self._listed(prefix)]
        newest = max((at for _key, at in listed), default=None)
        rested = {key for key, at in listed if newest and (newest - at).total_seconds() >= self.rest_s}
        stale = rested.difference(keep()) if rested else ()
        for key in retire(stale) if stale else ():
            self._ask(self._s3.delete, self._patient, key)

    # --- inside

    def _swapped(self, key: str, data: bytes, tag: str | None) -> bool:
        """Put under a condition; where the answer leaves open what happened, look."""
        mark = secrets.token_hex(16)
        mode: PutMode = "create" if tag is None else {"e_tag": tag}
        for attempt in range(_ATTEMPTS):
            try:
                self._s3.put(self._once, key, data, mode=mode, attributes={_WRITER: mark})
            except (self._s3.exceptions.BaseError, FileNotFoundError) as error:
                no = refusal(str(error))
            else:
                return True
            if no.final:
                raise no.trouble
            now = self._looked(key)
            if now and now[2] == mark:
                return True
            if (now[1] if now else None) != tag:
                return False
            time.sleep(min(0.05 * 2**attempt, 1.0))
        raise no.trouble if no.answered else _unknown(self.place)

    def _looked(self, key: str) -> tuple[bytes, str, str] | None:
        try:
            return self._look(key)
        except Trouble:
            raise _unknown(self.place) from None

    def _look(self, key: str) -> tuple[bytes, str, str] | None:
        """Give the bytes, the ETag and the writer's mark of `key`."""
        try:
            found = self._ask(self._s3.get, self._patient, key)
            data = bytes(self._ask(found.bytes))
        except FileNotFoundError:
            return None
        tag = found.meta["e_tag"]
        if tag is None:
            raise _unconditional(self.place)
        return data, tag, str(found.attributes.get(_WRITER, ""))

    def _probe(self) -> None:
        """Make sure that this S3 looks at conditions: some accept them and put all the same."""
        key = f"probe/{secrets.token_hex(8)}"
        first = self._ask(self._s3.put, self._patient, key, b"1", use_multipart=False)["e_tag"]
        try:
            if (
                first is None
                or self._took(key, b"2", "create")
                or self._took(key, b"3", {"e_tag": _WRONG_TAG})
                or not self._took(key, b"4", {"e_tag": first})
            ):
                raise _unconditional(self.place)
        finally:
            with contextlib.suppress(OSError):
                self._ask(self._s3.delete, self._patient, key)

    def _took(self, key: str, data: bytes, mode: PutMode) -> bool:
        try:
            self._ask(self._s3.put, self._patient, key, data, mode=mode)
        except (self._s3.exceptions.AlreadyExistsError, self._s3.exceptions.PreconditionError):
            return self.get(key) == data  # an answer was lost, and the second try met the first
        return True

    def _is_there(self, key: str) -> bool:
        try:
            self._ask(self._s3.head, self._patient, key)
        except FileNotFoundError:
            return False
        return True

    def _listed(self, prefix: str) -> Sequence[ObjectMeta]:
        return self._ask(self._s3.list(self._patient, prefix).collect)

    def _chunks(self, key: str) -> Iterator[bytes]:
        chunks = iter(self._ask(self._s3.get, self._patient, key).stream(_CHUNK_BYTES))
        while (chunk := self._ask(next, chunks, None)) is not None:
            yield bytes(chunk)

    def _ask(self, ask: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """Ask, and say in our words what went wrong: obstore's may quote what nobody should read.

        A key that is absent and a condition that does not hold are answers, and pass.
        """
        exceptions = self._s3.exceptions
        try:
            return ask(*args, **kwargs)
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            raise
        except (exceptions.BaseError, FileNotFoundError) as error:
            no = refusal(str(error))
            if no.status == "404" and not no.final:
                raise FileNotFoundError(self.place) from None
            raise no.trouble from None


def _library() -> Any:
    """Give obstore.

    Raises
    ------
    MissingExtra
        It is not installed.
    """
    try:
        import obstore
        import obstore.exceptions
    except ImportError as error:
        raise MissingExtra(
            _("a store on S3 needs the library {library}", library="obstore"),
            todo=_("Run: {command}", command="pip install 'tamna[s3]'"),
        ) from error
    return obstore


def _opened(place: S3Place, retries: int) -> S3Store:
    """Make a client; nothing is sent yet."""
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    at = endpoint()
    check_credentials(place)
    config: S3Config = {"conditional_put": "etag", "disable_bulk_delete": True}
    if at.address is not None:
        config |= {"endpoint": at.address, "aws_endpoint_url_s3": at.address}
    try:
        return S3Store(
            place.bucket,
            prefix=place.prefix or None,
            config=config,
            client_options={
                "allow_http": at.plain,
                "allow_invalid_certificates": False,
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(minutes=5),
            },
            retry_config={
                "max_retries": retries,
                "retry_timeout": timedelta(seconds=60),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=3),
                    "base": 2,
                },
            },
        )
    except (BaseError, ValueError, TypeError):
        raise StoreError(
            _("an AWS_ variable of the environment cannot be read"),
            where=Place(file=str(place)),
            todo=_("Check the AWS_ variables, or unset those that you do not need."),
        ) from None


def _unknown(place: str) -> StoreError:
    return StoreError(
        _("the answer of the bucket was lost, so it is not known whether the ingest was stored"),
        where=Place(file=place),
        todo=_("Check the network, then ingest the same files again: what is there stays as it is."),
    )


def _unconditional(place: str) -> StoreError:
    return StoreError(
        _("this S3 server does not look at the condition of a put, so writers would overwrite each other"),
        where=Place(file=place),
        todo=_("Use a server with conditional writes (If-Match, If-None-Match)."),
    )


def _hash_of(key: str) -> str:
    return key.rpartition("/")[2].partition(".")[0]
