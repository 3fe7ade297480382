"""Where the book stands: the fold of its journal. A state is never changed; `record` gives the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.lang import _
from tamna.ledger.line import Line, sizes
from tamna.ledger.nouns import (
    Account,
    Attributes,
    Bundle,
    Confirmation,
    Converter,
    Device,
    Entitlement,
    KeyUse,
    Right,
    Rules,
    Status,
    Storage,
)
from tamna.ledger.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from tamna.ledger.across import Balance, Crossing, Flow, Link
    from tamna.ledger.carried import Batch, Lots, LotShare, Window
    from tamna.ledger.load import Load

__all__ = ["Cancellation", "Claim", "Draft", "Standing", "State", "bound_for", "bundles"]

_NUMBERS: dict[str, tuple[Mapping[str, Any], dict[str, int]]] = {}
_BEFORE_ALL = np.datetime64("1970-01-01T00:00:00", "s")


class Standing(StrEnum):
    """What a claim is worth now."""

    GOOD = "good"
    REVIEW = "review"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, eq=False)
class Cancellation:
    """What one entry cancelled for one account under one right.

    Attributes
    ----------
    start : (intervals,) [UTC]
        Intervals, rising.
    wh : (intervals,) [Wh]
        What still stands behind it there, after restatements.
    claim
        The claim that uses it, or -1.
    basis
        The account of whose consumption it is a part (evidence of the place); None where it is of none.
    over
        By which link it came, where plant and account lie in different zones.
    export_rule
        Of evidence of the place: what an export of the zone is taken to carry off; None where that was not stated.
    """

    account: str
    entitlement: Entitlement
    paper: str | None
    start: NDArray[np.datetime64]
    wh: NDArray[np.uint32]
    claim: int = -1
    basis: str | None = None
    over: Crossing | None = None
    export_rule: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim over a period of one account; `wh` is what it claimed, of all parts, when it was made."""

    account: str
    start: np.datetime64
    end: np.datetime64
    cancellations: tuple[int, ...]
    standing: Standing
    wh: int


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where the book stands after `size` entries.

    Attributes
    ----------
    at
        When the latest entry was made.
    devices, accounts, rights
        By name or paper, in the order of their entry; a device's place is its number in the rows.
    lines, loads
        What was issued to each device, what each account used; in the same order.
    used_wh
        What was cancelled under each paper with a volume. [Wh]
    cancellations, claims
        By the number of their entry.
    keys
        With which keys the book is signed, by name.
    confirmations
        Papers for volumes without hours, by their number.
    links, flows
        By name: what leads from zone to zone, and what it carried each way, from its first end and from its second.
    balances
        By zone.
    storages, converters, windows, batches, lots, lot_rows
        What carries energy on: by name, by storage in order of time, and by the number of their entry.
    """

    size: int = 0
    at: np.datetime64 = _BEFORE_ALL
    rules: Rules = field(default_factory=Rules)
    devices: Mapping[str, Device] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    rights: Mapping[str, Right] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    loads: tuple[Load, ...] = ()
    used_wh: Mapping[str, int] = field(default_factory=dict)
    cancellations: Mapping[int, Cancellation] = field(default_factory=dict)
    claims: Mapping[int, Claim] = field(default_factory=dict)
    keys: Mapping[str, KeyUse] = field(default_factory=dict)
    storages: Mapping[str, Storage] = field(default_factory=dict)
    windows: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    converters: Mapping[str, Converter] = field(default_factory=dict)
    batches: Mapping[int, Batch] = field(default_factory=dict)
    lots: Mapping[int, Lots] = field(default_factory=dict)
    lot_rows: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)
    flows: Mapping[str, tuple[Flow, Flow]] = field(default_factory=dict)
    balances: Mapping[str, Balance] = field(default_factory=dict)

    def line(self, device: str) -> Line:
        """Give what was issued to `device`."""
        return self.lines[number(self.devices, device, "device")]

    def load(self, account: str) -> Load:
        """Give what `account` used."""
        return self.loads[number(self.accounts, account, "account")]


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Devices as columns, (devices,): number of the owner, whether the attribute went elsewhere, zone."""

    owner: NDArray[np.int32]
    elsewhere: NDArray[np.bool_]
    zone: NDArray[np.object_]


class Draft:
    """The next state while its entries are being written: seen by `record` alone, dropped if one is refused."""

    def __init__(self, state: State) -> None:
        self.size, self.at, self.rules = state.size, state.at, state.rules
        self.devices, self.accounts, self.rights = (
            dict(state.devices), dict(state.accounts), dict(state.rights),
        )  # fmt: skip
        self.lines, self.loads = list(state.lines), list(state.loads)
        self.used_wh = dict(state.used_wh)
        self.cancellations, self.claims = dict(state.cancellations), dict(state.claims)
        self.keys = dict(state.keys)
        self.storages, self.windows = dict(state.storages), dict(state.windows)
        self.converters, self.batches = dict(state.converters), dict(state.batches)
        self.lots, self.lot_rows = dict(state.lots), dict(state.lot_rows)
        self.confirmations = dict(state.confirmations)
        self.links, self.flows, self.balances = dict(state.links), dict(state.flows), dict(state.balances)
        self.bound = _bound(state)
        self.lot_tables: dict[int, dict[str, NDArray[np.void]]] = {}
        self._shares: dict[int, Mapping[str, LotShare]] = {}
        self._covered: dict[tuple[str, ...], NDArray[np.bool_]] = {}
        self._device_numbers = {name: i for i, name in enumerate(self.devices)}
        self._account_numbers = {name: i for i, name in enumerate(self.accounts)}
        self.device_list = list(self.devices.values())

    @cached_property
    def fleet(self) -> Fleet:
        """The devices as columns; made once and only if asked for."""
        devices = self.device_list
        return Fleet(
            owner=np.array([self.account(d.owner) for d in devices], np.int32),
            elsewhere=np.array([d.attributes is Attributes.ELSEWHERE for d in devices]),
            zone=np.array([d.zone for d in devices], object),
        )

    @cached_property
    def lots_written(self) -> set[tuple[int, str]]:
        """Which lots of which sharings have their entry; made once and only if asked for."""
        return set(self.lot_rows.values())

    def shares_of(self, sharing: int) -> Mapping[str, LotShare]:
        """Give the lots of a sharing by name; remembered, for each of them asks."""
        if sharing not in self._shares:
            self._shares[sharing] = {s.lot: s for s in self.lots[sharing].shares}
        return self._shares[sharing]

    def covered(self, names: tuple[str, ...]) -> NDArray[np.bool_]:
        """Say of each device whether it is one of `names`; remembered, for a book asks it of every cancellation."""
        found = self._covered.get(names)
        if found is None:
            found = np.zeros(len(self.device_list), bool)
            found[[self.device(name) for name in names]] = True
            self._covered[names] = found
        return found

    def device(self, name: Any) -> int:
        """Give the number of a device."""
        return _known(self._device_numbers, name, "device")

    def account(self, name: Any) -> int:
        """Give the number of an account."""
        return _known(self._account_numbers, name, "account")

    def outlets(self) -> dict[int, str]:
        """Give the numbers of the devices that are a storage's way out, with its name."""
        return {self.device(d): s.name for s in self.storages.values() for d in (s.device, s.place)}

    def on_site(self, name: str) -> list[int]:
        """Give the accounts whose devices are an account's own: itself, and across a storage on one site with it."""
        kin = [s.account for s in self.storages.values() if s.site == name]
        kin += [s.site for s in self.storages.values() if s.account == name and s.site is not None]
        return [self.account(n) for n in (name, *kin)]

    def enter_device(self, device: Device, line: Line) -> None:
        """Add a device with its empty line."""
        self._device_numbers[device.name] = len(self.devices)
        self.devices[device.name] = device
        self.device_list.append(device)
        self.__dict__.pop("fleet", None)
        self._covered.clear()
        self.lines.append(line)

    def enter_account(self, account: Account, load: Load) -> None:
        """Add an account with its empty consumption."""
        self._account_numbers[account.name] = len(self.accounts)
        self.accounts[account.name] = account
        self.loads.append(load)

    def state(self) -> State:
        """Give what was drafted as a state."""
        return State(
            size=self.size, at=self.at, rules=self.rules,
            devices=self.devices, accounts=self.accounts, rights=self.rights,
            lines=tuple(self.lines), loads=tuple(self.loads),
            used_wh=self.used_wh, cancellations=self.cancellations, claims=self.claims,
            keys=self.keys,
            storages=self.storages, windows=self.windows, converters=self.converters, batches=self.batches,
            lots=self.lots, lot_rows=self.lot_rows, confirmations=self.confirmations,
            links=self.links, flows=self.flows, balances=self.balances,
        )  # fmt: skip


def bound_for(state: State, account: str) -> str | None:
    """Say what an account's energy goes into, ``storage`` or ``conversion``; None where it is simply used."""
    return _bound(state).get(account)


def _bound(state: State) -> dict[str, str]:
    return {s.account: "storage" for s in state.storages.values()} | {
        c.account: "conversion" for c in state.converters.values()
    }


def number(names: Mapping[str, Any], name: str, kind: str) -> int:
    """Give the place of `name` in a mapping of a state, which keeps the order of entry.

    The numbers of the mapping that was asked last are kept: a claim for each of 10,000 accounts asks 10,000 times.
    """
    kept = _NUMBERS.get(kind)
    if kept is None or kept[0] is not names or len(kept[1]) != len(names):
        kept = _NUMBERS[kind] = (names, {n: i for i, n in enumerate(names)})
    return _known(kept[1], name, kind)


def _known(numbers: Mapping[str, int], name: Any, kind: str) -> int:
    if not isinstance(name, str) or name not in numbers:
        what = _("no such device in the book") if kind == "device" else _("no such account in the book")
        refuse(what, seen=name)
    return numbers[name]


def bundles(state: State, device: str) -> Iterator[Bundle]:
    """Give every bundle of a device, replaced issuances too, in the order of the line."""
    line, names = state.line(device), list(state.accounts)
    row = np.searchsorted(line.base, line.at, side="right") - 1
    low = line.at - line.base[row]
    for i, size in enumerate(sizes(line)):
        r = row[i]
        yield Bundle(
            device=device,
            carrier=state.devices[device].carrier,
            start=line.start[r],
            length_s=int(line.length_s[r]),
            low=int(low[i]),
            high=int(low[i] + size),
            holder=names[line.holder[i]],
            status=Status(line.status[i]),
            live=bool(line.live[r]),
            entry=int(line.ref[i]),
        )
