"""Which bucket, at which address, with whose credentials: what the location and the environment say."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from tamna.errors import Place, StoreError
from tamna.lang import _

_LOCATION = re.compile(
    r"s3:/{1,2}(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])(?P<prefix>/[\w.+=@ /-]*)?"
)
_ENDPOINTS = ("TAMNA_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_WAYS = (
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI",),
)


class S3Place(NamedTuple):
    """A bucket and the folder-like beginning of its keys (may be empty)."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


class Endpoint(NamedTuple):
    """Where S3 is asked: None for AWS itself; `plain` where it is asked without TLS (this machine only)."""

    address: str | None
    plain: bool


def parse_place(location: str) -> S3Place:
    """Read ``s3://bucket/prefix``; one slash is as good as two, as a `Path` has it.

    Raises
    ------
    StoreError
        It is not of that shape. What was given is not repeated where it may hold a password.
    """
    found = _LOCATION.fullmatch(location)
    parts = [p for p in (found["prefix"] or "").split("/") if p] if found else []
    if found is None or {".", ".."} & set(parts):
        raise StoreError(
            _("this is not the address of a store on S3"),
            seen=None if "@" in location or "?" in location else location,
            todo=_("Write s3://bucket/prefix; credentials come from the environment."),
        )
    return S3Place(found["bucket"], "/".join(parts))


def endpoint() -> Endpoint:
    """Find the address of the S3 server: TAMNA_S3_ENDPOINT, else what AWS programs read, else AWS.

    Raises
    ------
    StoreError
        It is not an address, holds a password, or would send data without TLS to another machine.
    """
    variable = next((name for name in _ENDPOINTS if os.environ.get(name, "").strip()), None)
    if variable is None:
        return Endpoint(None, plain=False)
    given = os.environ[variable].strip()
    try:
        parts = urlsplit(given)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"} or "@" in parts.netloc or parts.query:
        raise StoreError(
            _("{variable} is not the address of an S3 server", variable=variable),
            todo=_("Write https://host, without a user, password or query."),
        )
    plain = parts.scheme == "http"
    if plain and not _is_here(host):
        raise StoreError(
            _("{variable} would send data without TLS to another machine", variable=variable),
            seen=f"http://{host}",
            todo=_("Write https://; http:// is for a server on this machine only."),
        )
    return Endpoint(given.rstrip("/"), plain)


def check_credentials(place: S3Place) -> None:
    """Make sure that the environment holds credentials: no file is read and no other machine is asked.

    Raises
    ------
    StoreError
        It holds none.
    """
    signed = os.environ.get("AWS_SKIP_SIGNATURE", "").lower() not in {"1", "true", "yes", "on", "y"}
    if signed and not any(all(os.environ.get(name) for name in way) for way in _WAYS):
        raise StoreError(
            _("there are no credentials for the bucket"),
            where=Place(file=str(place)),
            todo=_(
                "Set {key} and {secret} in the environment (and {token} if there is one).",
                key="AWS_ACCESS_KEY_ID",
                secret="AWS_SECRET_ACCESS_KEY",  # noqa: S106  (the name of a variable)
                token="AWS_SESSION_TOKEN",  # noqa: S106  (the name of a variable)
            ),
        )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
