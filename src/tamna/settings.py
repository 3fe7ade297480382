"""Every setting of tamna in one table: name, default, unit, meaning.

Settings come from the environment; secrets come from nowhere else. ``docs/settings.md`` is made
from this table (`make docs`), and a test holds that every ``TAMNA_`` name in the source stands in it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.lang import Message

_PASSWORD: Final = re.compile(r"(://[^\s:/@]*:)[^\s@/]+(@)|([?&]password=)[^\s&\"']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its variable, its default, the unit of its value, what it does, and whether it is a secret."""

    name: str
    default: str
    unit: str
    meaning: Message
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="TAMNA_STORE",
        default="./store",
        unit="folder or s3://bucket/prefix",
        meaning=_("where the series store lies, unless --store says otherwise"),
    ),
    Setting(
        name="TAMNA_LEDGER",
        default="sqlite:///ledger.db",
        unit="address",
        meaning=_(
            "where the ledger lies, unless --ledger says otherwise: sqlite:///FILE or postgresql+psycopg://..."
        ),
    ),
    Setting(
        name="TAMNA_LEDGER_KEYS",
        default="./ledger-keys",
        unit="folder",
        meaning=_("where the issuer's private keys lie, unless --keys says otherwise; never in the database"),
    ),
    Setting(
        name="TAMNA_STATUS_DAYS",
        default="7",
        unit="days",
        meaning=_(
            "how long a signed status list stands: a reader with an older one is told to ask for a newer one, so sign one at least as often (tamna ledger status-list)"
        ),
    ),
    Setting(
        name="TAMNA_LANG",
        default="",
        unit="en | ko",
        meaning=_(
            "language of screens, reports and messages, unless --lang says otherwise; else the terminal's"
        ),
    ),
    Setting(
        name="TAMNA_SHELF_LINK",
        default="",
        unit="address",
        meaning=_(
            "address in the code of a shelf label, with {sha256} and {lot} where the certificate's hash and the lot belong; else the code holds the hash alone"
        ),
    ),
    Setting(
        name="TAMNA_DEBUG",
        default="",
        unit="1",
        meaning=_("show the full trace of an unexpected error"),
    ),
    Setting(
        name="TAMNA_SHARED_DATA",
        default="../shared/data",
        unit="folder",
        meaning=_("real public files that the tests read; tests that need them skip where it is absent"),
    ),
    Setting(
        name="TAMNA_REQUIRE",
        default="",
        unit="list",
        meaning=_(
            "names of things (chromium, postgresql, data) whose absence fails a test instead of skipping it"
        ),
    ),
    Setting(
        name="TAMNA_DATA_GO_KR_KEY",
        default="",
        unit="key",
        meaning=_("service key of data.go.kr, encoded or decoded, for KPX and KMA data"),
        secret=True,
    ),
    Setting(
        name="TAMNA_KMA_APIHUB_KEY",
        default="",
        unit="key",
        meaning=_("key of apihub.kma.go.kr"),
        secret=True,
    ),
    Setting(
        name="TAMNA_ENTSOE_TOKEN",
        default="",
        unit="key",
        meaning=_("security token of the ENTSO-E Transparency Platform"),
        secret=True,
    ),
    Setting(
        name="TAMNA_OPEN_METEO_KEY",
        default="",
        unit="key",
        meaning=_("key of a paid Open-Meteo plan; without it the free service answers (non-commercial use)"),
        secret=True,
    ),
    Setting(
        name="TAMNA_DATA_GO_KR_URL",
        default="https://apis.data.go.kr",
        unit="address",
        meaning=_("where the KPX and KMA services of data.go.kr are asked"),
    ),
    Setting(
        name="TAMNA_KPX_URL",
        default="https://openapi.kpx.or.kr",
        unit="address",
        meaning=_("where the older KPX services are asked"),
    ),
    Setting(
        name="TAMNA_KMA_APIHUB_URL",
        default="https://apihub.kma.go.kr",
        unit="address",
        meaning=_("where the KMA API hub is asked"),
    ),
    Setting(
        name="TAMNA_OPEN_METEO_URL",
        default="",
        unit="address",
        meaning=_("one address for all Open-Meteo services (self-hosted or a proxy); else the public ones"),
    ),
    Setting(
        name="TAMNA_NASA_POWER_URL",
        default="https://power.larc.nasa.gov",
        unit="address",
        meaning=_("where NASA POWER is asked"),
    ),
    Setting(
        name="TAMNA_ENTSOE_URL",
        default="https://web-api.tp.entsoe.eu",
        unit="address",
        meaning=_("where the ENTSO-E Transparency Platform is asked"),
    ),
    Setting(
        name="TAMNA_STATE",
        default="./state",
        unit="folder",
        meaning=_("where tamna counts its calls to live sources, so that daily quotas are kept"),
    ),
    Setting(
        name="TAMNA_FETCH_QUOTAS",
        default="",
        unit="list",
        meaning=_("own daily quotas in place of the default ones: kpx.smp=1000,kma.asos=500"),
    ),
    Setting(
        name="TAMNA_CACHE",
        default="",
        unit="folder",
        meaning=_("where copies of a store on S3 lie; else the cache folder of the user"),
    ),
    Setting(
        name="TAMNA_CACHE_MB",
        default="2000",
        unit="MB",
        meaning=_("how much the copies of stores on S3 may take; those unused for longest go first"),
    ),
    Setting(
        name="TAMNA_S3_ENDPOINT",
        default="",
        unit="address",
        meaning=_("an S3 server other than AWS; http:// only on this machine"),
    ),
    Setting(
        name="AWS_ENDPOINT_URL",
        default="",
        unit="address",
        meaning=_("the same, under the name that other programs read"),
    ),
    Setting(
        name="AWS_REGION",
        default="us-east-1",
        unit="name",
        meaning=_("the region of the bucket"),
    ),
    Setting(
        name="AWS_ACCESS_KEY_ID",
        default="",
        unit="key",
        meaning=_("credentials for a store on S3: the name of the key"),
        secret=True,
    ),
    Setting(
        name="AWS_SECRET_ACCESS_KEY",
        default="",
        unit="key",
        meaning=_("credentials for a store on S3: the key"),
        secret=True,
    ),
    Setting(
        name="AWS_SESSION_TOKEN",
        default="",
        unit="key",
        meaning=_("credentials for a store on S3: the token of a temporary key"),
        secret=True,
    ),
)


def setting(name: str) -> str:
    """Read one setting: the environment's value, else its default.

    Raises
    ------
    KeyError
        The name is not in the table: settings are declared before they are used.
    """
    declared = {s.name: s for s in SETTINGS}[name]
    return os.environ.get(name, "") or declared.default


def masked(text: str) -> str:
    """Replace the value of every secret setting, and every password in an address, in `text`.

    Examples
    --------
    >>> masked("no answer from postgresql://eggs:secret@db/book")
    'no answer from postgresql://eggs:***@db/book'
    """
    text = _PASSWORD.sub(r"\1\3***\2", text)
    for declared in SETTINGS:
        value = os.environ.get(declared.name, "") if declared.secret else ""
        if value:
            text = text.replace(value, "***")
    return text
