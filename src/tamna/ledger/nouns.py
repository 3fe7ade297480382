"""The nouns of the ledger: devices, accounts, rights, bundles, and the rules they live under.

Energy is whole watt-hours, time is UTC seconds, an interval is half-open and at most an hour long.
Names are those of EnergyTag where it has them (https://energytag.org, GC Scheme Standard, 2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final

from tamna.grid.clock import iso
from tamna.ledger.multibase import from_multikey

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "LONGEST_S",
    "MOST_WH",
    "TERMINAL",
    "Account",
    "Attributes",
    "Bundle",
    "Confirmation",
    "Converter",
    "Device",
    "Entitlement",
    "KeyUse",
    "Right",
    "Rules",
    "Status",
    "Storage",
    "Tracing",
]

LONGEST_S: Final = 3600  # EnergyTag: an interval of at most one hour
MOST_WH: Final = 2**32 - 1  # a row of the journal holds an interval's energy in four bytes: 4.29 GWh


class Status(IntEnum):
    """What has become of a watt-hour. Whether a cancelled one is claimed its claim says."""

    ACTIVE = 0
    LOCKED = 1
    RESERVED = 2
    CANCELLED = 3
    EXPIRED = 4
    WITHDRAWN = 5


TERMINAL: Final = frozenset({Status.CANCELLED, Status.EXPIRED, Status.WITHDRAWN})


class Entitlement(StrEnum):
    """By what right a watt-hour may be claimed. Without one it is evidence of the place, no more."""

    SELF = "self"
    PPA = "ppa"
    REC = "rec"
    LOCATION = "location"


class Attributes(StrEnum):
    """Where a device's renewable attribute went: into this ledger alone, or elsewhere (a portfolio standard)."""

    HERE = "here"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for a whole book, written into its first entry.

    Attributes
    ----------
    margin_percent
        How much of its capacity a device may deliver in an interval before its meter is doubted. [%]
    lifetime_s
        How long after its interval an unused certificate may be expired. [s]
    """

    margin_percent: int = 110
    lifetime_s: int = 60 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A metered plant.

    Attributes
    ----------
    owner
        The account that its certificates are issued to.
    technology, source
        EnergyTag's words: ``wind_onshore``, ``solar_pv``; ``wind``, ``solar``.
    capacity_w
        Largest net output, > 0. [W]
    zone
        Bidding zone or island; energy is matched inside one only.
    since
        First moment of operation; nothing is issued for earlier.
    attributes
        Whether this ledger alone holds the renewable attribute.
    meter
        Which meter its readings come from; a meter is read for one device only. Empty where it is not told.
    """

    name: str
    owner: str
    technology: str
    source: str
    capacity_w: int
    zone: str
    since: np.datetime64
    attributes: Attributes = Attributes.HERE
    carrier: str = "electricity"
    meter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who holds certificates, uses energy, or both; its meters are its consumption."""

    name: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A paper under which an account may claim what others make: a PPA, or a REC cancelled for it.

    Attributes
    ----------
    paper
        The paper's own number; it enters the book once, so it cannot serve twice.
    devices
        The plants it covers.
    start, end
        The period of generation it covers, half-open.
    limit_wh
        Volume, or None without limit. [Wh]
    priority
        Which of several papers serves first: the lowest number.
    """

    paper: str
    kind: Entitlement
    account: str
    devices: tuple[str, ...]
    start: np.datetime64
    end: np.datetime64
    limit_wh: int | None = None
    priority: int = 0


class Tracing(StrEnum):
    """Which of the energy that a storage holds leaves it first."""

    FIFO = "fifo"
    PROPORTIONAL = "proportional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A battery, a pumped store, or the cars of a fleet that give back: what it takes in comes out later, and less.

    Attributes
    ----------
    account
        Whose consumption its charge meter is; it uses nothing else.
    device, place
        Its discharge meter, as two devices of `account`: for energy that can be claimed, and for energy whose
        attribute went elsewhere before it was stored.
    efficiency_permille
        What comes out of what went in, stated low: it holds until a window's losses are measured. [1/1000]
    opening_wh
        What it held before its first window; of unknown origin. [Wh]
    site
        The account on whose site it stands: what that account makes may charge it, and what leaves it may serve that
        account, as self-generation. None: nobody's but its own.
    """

    name: str
    account: str
    device: str
    place: str
    tracing: Tracing = Tracing.FIFO
    efficiency_permille: int = 750
    opening_wh: int = 0
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """An electrolyser: an account's electricity becomes hydrogen.

    Attributes
    ----------
    account
        Whose consumption its meter is, auxiliaries included.
    process
        ``pem``, ``alkaline`` or ``aem`` on liquid water; ``soec`` on outside steam.
    buffer_mg
        Hydrogen that its store held before the first batch: mass may run ahead of energy by as much. [mg]
    """

    name: str
    account: str
    process: str
    buffer_mg: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A paper for a volume over a period without hours, as K-RE100 knows it: it counts in the annual score alone.

    Attributes
    ----------
    paper
        Its own number; it enters the book once, also against the papers that are rights.
    scheme
        ``rec``, ``green_premium`` or ``ppa``.
    volume_wh
        [Wh]
    """

    paper: str
    scheme: str
    account: str
    start: np.datetime64
    end: np.datetime64
    volume_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """A key that the book is signed with: its public half, and when it was good for use.

    Attributes
    ----------
    name
        The issuer's DID, ``#``, the key as a Multikey.
    begin
        From when it signs. [UTC]
    until
        When its use ended: another key took its place; None while it is in use. [UTC]
    revoked
        When it was revoked, for it may be in other hands; None otherwise. [UTC]
    """

    name: str
    begin: np.datetime64
    until: np.datetime64 | None = None
    revoked: np.datetime64 | None = None

    @property
    def issuer(self) -> str:
        """The DID of whom it belongs to."""
        return self.name.partition("#")[0]

    @property
    def public(self) -> str:
        """The public half as a Multikey."""
        return self.name.partition("#")[2]

    @property
    def public_bytes(self) -> bytes:
        """The public half, 32 bytes."""
        return from_multikey(self.public)

    @property
    def good(self) -> bool:
        """Whether it may still sign."""
        return self.until is None and self.revoked is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Watt-hours of one issuance that share holder and fate: ids ``low`` to ``high - 1``.

    Attributes
    ----------
    start, length_s
        The interval of generation. [UTC; s]
    low, high
        Range of ids inside the issuance, half-open; the quantity is their difference. [Wh]
    live
        False once a corrected meter took the issuance's place; it stays as history.
    entry
        The entry of the journal that cancelled it, or -1.
    """

    device: str
    carrier: str
    start: np.datetime64
    length_s: int
    low: int
    high: int
    holder: str
    status: Status
    live: bool
    entry: int

    @property
    def issuance_id(self) -> str:
        """Device, carrier and interval: the same for all bundles of one issuance."""
        return f"{self.device}-{self.carrier}-{iso(self.start)}"

    @property
    def quantity_wh(self) -> int:
        """Energy. [Wh]"""
        return self.high - self.low
