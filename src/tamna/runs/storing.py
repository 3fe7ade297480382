"""Energy of a product's own plants kept in a battery on its site: charged under a claim, traced, and used later.

The battery is a storage of the ledger: its charging is the consumption of an account of its own, which the site's plants
serve after the product itself; each calendar month of it is a claim; what then comes out is issued with its origin by the
book's own trace, and is the product's self-generation in the hour in which it is used. What came from the grid, or what
nobody knows the origin of, comes out without one and counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.grid.clock import iso
from tamna.ledger import chains
from tamna.ledger import operations as op
from tamna.ledger.backing import backing
from tamna.ledger.matching import Policy, match
from tamna.ledger.nouns import Account, Attributes, Device, Storage, Tracing
from tamna.ledger.trace import UNKNOWN
from tamna.runs.proving_book import account_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from tamna.grid.clock import Period
    from tamna.grid.product import Battery, Product
    from tamna.ledger.state import State
    from tamna.runs.meters import Readings
    from tamna.runs.proving_book import Book

    Whole = NDArray[np.int64]

__all__ = ["Stored", "enter_battery", "keep_energy", "stored", "stored_of"]

_CORRECTED: Final = "the store holds another reading"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stored:
    """What went through a product's battery over a period.

    Attributes
    ----------
    name
        The battery's.
    charged_wh, own_wh, given_wh
        What went in, what of it the site's own plants made, and what came out. [Wh]
    used_wh : (hours,) [Wh]
        What of each of the product's hours came out of it and is claimed.
    origins
        Hour of use, hour of generation, plant, and energy as it came out, in order of time. [Wh]
    """

    name: str
    charged_wh: int
    own_wh: int
    given_wh: int
    used_wh: Whole
    origins: tuple[tuple[np.datetime64, np.datetime64, str, int], ...]

    @property
    def delay_h(self) -> float:
        """How long before its use the energy was made, on average [h]; NaN where nothing came out."""
        wh = sum(energy for *_rest, energy in self.origins)
        waited = sum(
            float((used - made) / np.timedelta64(3600, "s")) * e for used, made, _p, e in self.origins
        )
        return waited / wh if wh else float("nan")

    def as_dict(self) -> dict[str, Any]:
        """Say it as JSON would."""
        return {
            "battery": self.name,
            "charged_wh": self.charged_wh,
            "charged_by_own_plants_wh": self.own_wh,
            "given_wh": self.given_wh,
            "used_by_right_wh": int(self.used_wh.sum()),
            "mean_delay_h": None if not self.origins else self.delay_h,
            "origins": self.origins_in(None),
        }

    def origins_in(self, hours: NDArray[np.datetime64] | None) -> list[dict[str, Any]]:
        """Give the origins as JSON carries them: of what came out in some hours, or in all."""
        which = None if hours is None else set(hours.tolist())
        return [
            {"used": iso(used), "made": iso(made), "plant": plant, "wh": wh}
            for used, made, plant, wh in self.origins
            if which is None or used.item() in which
        ]


def names_of(product: Product, battery: Battery) -> tuple[str, str, str]:
    """Name a battery's account, which is its name as a storage too, and its two ways out."""
    account = f"{account_of(product)}:{battery.name}"
    return account, f"{account}:out", f"{account}:place"


def enter_battery(book: Book, product: Product, battery: Battery) -> None:
    """Enter a battery with its account and its two ways out, unless it stands there."""
    name, out, place = names_of(product, battery)
    if name in book.state.storages:
        return
    book.account(Account(name=name, zone=product.zone))
    for device, attributes in ((out, Attributes.HERE), (place, Attributes.ELSEWHERE)):
        book.device(
            Device(
                name=device, owner=name, technology="battery", source="storage", zone=product.zone,
                capacity_w=int(battery.power_kw.value * 1000), since=np.datetime64(battery.commissioned, "s"),
                attributes=attributes,
            )
        )  # fmt: skip
    noun = Storage(
        name=name, account=name, device=out, place=place, tracing=Tracing(battery.tracing),
        efficiency_permille=int(battery.round_trip.value * 1000), site=account_of(product),
    )  # fmt: skip
    book.add(chains.storage(book.at, noun))


def keep_energy(  # noqa: PLR0917 (the book, whose battery, its meters, when, and how a claim is made)
    book: Book,
    product: Product,
    battery: Battery,
    meters: tuple[Readings, Readings],
    months: Iterable[Period],
    claim: Callable[[str, Period], int],
) -> None:
    """Write what went in and came out, month by month: matched, claimed, and traced.

    Parameters
    ----------
    meters
        What went in, and what came out.
    claim
        Gives the number of the good claim of an account over a period, and makes it where there is none.
    """
    name, *_outs = names_of(product, battery)
    taken, given = meters
    book.meter_account(name, taken)
    for month in months:
        book.add(*match(book.state, book.at, month.start, month.end, Policy(name="tamna-product-1")).entries)
        number = claim(name, month)
        inside = (given.stamps >= month.start) & (given.stamps < month.end)
        rows = op.readings(given.stamps[inside], given.wh[inside], estimated=given.estimated[inside])
        _trace(book, name, rows, number)


def _trace(book: Book, name: str, rows: NDArray[np.void], claim: int) -> None:
    """Write a month's discharge, or trace it again where its charging or its meter reads otherwise now."""
    claims = book.state.claims
    span = claims[claim].start, claims[claim].end
    held = next(
        (w for w in book.state.windows[name] if (claims[w.claim].start, claims[w.claim].end) == span), None
    )
    if held is None:
        book.add(chains.discharge(book.at, name, rows, claim=claim))
    elif held.claim != claim or held.rows.tobytes() != rows.tobytes():
        book.add(chains.retrace(book.at, name, rows, claim=claim, replaces=held.entry, reason=_CORRECTED))


def stored(
    state: State, product: Product, battery: Battery, rows: NDArray[np.void], claims: Iterable[int]
) -> Stored:
    """Say what went through a battery in the hours of a product's claims.

    Parameters
    ----------
    rows : (hours,) of event.CLAIM
        Those hours.
    """
    name, out, _place = names_of(product, battery)
    start, end = rows["start"][0], rows["start"][-1] + rows["length_s"][-1].astype("m8[s]")
    entries = {c for claim in claims for c in state.claims[claim].cancellations}
    pieces = backing([state.line(out)], entries)
    used = np.zeros(len(rows), np.int64)
    np.add.at(used, np.searchsorted(rows["start"], pieces.start), pieces.wh)
    plants = list(state.devices)
    charged = own = given = 0
    origins = []
    for window in state.windows[name]:
        c, t = window.charge, window.traced
        inside = (c.start >= start) & (c.start < end)
        charged += int(c.wh[inside].sum())
        own += int(c.wh[inside & (c.device != UNKNOWN)].sum())
        mine = (window.rows["start"] >= start) & (window.rows["start"] < end)
        given += int(window.rows["wh"][mine].sum(dtype=np.int64))
        known = (t.device != UNKNOWN) & t.claimable & (t.out_wh > 0) & (t.start >= start) & (t.start < end)
        origins += [
            (t.start[i], t.charged[i], plants[int(t.device[i])], int(t.out_wh[i]))
            for i in np.flatnonzero(known)
        ]
    return Stored(
        name=battery.name, charged_wh=charged, own_wh=own, given_wh=given,
        used_wh=np.minimum(used, rows["self_wh"].astype(np.int64)), origins=tuple(origins),
    )  # fmt: skip


def stored_of(found: Stored | None, rows: NDArray[np.void], lot: NDArray[np.void]) -> dict[str, Any] | None:
    """Say what of a lot's self-generation came out of the battery: its part of each hour, as of the self-generation.

    Parameters
    ----------
    rows, lot : of event.CLAIM
        The product's hours, and the lot's.
    """
    if found is None:
        return None
    where = np.searchsorted(rows["start"], lot["start"])
    whole = np.maximum(rows["self_wh"][where].astype(np.int64), 1)
    wh = found.used_wh[where] * lot["self_wh"].astype(np.int64) // whole
    return {"wh": [int(v) for v in wh], "origins": found.origins_in(lot["start"][wh > 0])}
