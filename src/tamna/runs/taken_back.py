"""Which certificates of a book were taken back: the signed list of it, and for how long that list stands.

A certificate's place in the list is the number of its entry. Only lots and batches of hydrogen have certificates that
are given away, so the list is made of the numbers of their entries and of the state, without any row of the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tamna.errors import UsageError
from tamna.lang import _
from tamna.ledger.certificate import status_credential
from tamna.ledger.event import Kind
from tamna.ledger.state import Standing, State
from tamna.ledger.statuslist import FEWEST, StatusList
from tamna.registry import keyring
from tamna.settings import setting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tamna.ledger.keys import SigningKey
    from tamna.registry import Registry

__all__ = ["CERTIFIED", "STATUS_NAME", "signed_list", "stands_for", "status_list", "taken_back"]

STATUS_NAME: Final = "urn:tamna:status:1"
CERTIFIED: Final = (Kind.LOT, Kind.CONVERT)
"""Kinds of entries whose certificates are given away."""


def stands_for() -> np.timedelta64:
    """Give how long a status list stands, by the setting.

    Raises
    ------
    UsageError
        ``TAMNA_STATUS_DAYS`` is not a whole number of days, 1 or more.
    """
    given = setting("TAMNA_STATUS_DAYS")
    if not given.isascii() or not given.isdecimal() or not 1 <= int(given) <= 3660:
        raise UsageError(
            _("{variable} must be a whole number of days, 1 to 3660", variable="TAMNA_STATUS_DAYS"),
            seen=given,
        )
    return np.timedelta64(int(given), "D")


def taken_back(numbers: Iterable[int], state: State) -> list[int]:
    """Give those of the entries that no longer stand: shared out or made anew, or their claim is doubted or replaced."""
    claims = {entry: state.lots[sharing].claim for entry, (sharing, _name) in state.lot_rows.items()}
    claims |= {entry: batch.claim for entry, batch in state.batches.items()}
    good = {entry for entry, claim in claims.items() if state.claims[claim].standing is Standing.GOOD}
    return [number for number in numbers if number not in good]


def status_list(
    numbers: Iterable[int], state: State, *, key: SigningKey, issuer: str, at: np.datetime64
) -> dict[str, Any]:
    """Sign the list of what was taken back.

    Parameters
    ----------
    numbers
        Of the entries of `CERTIFIED` kinds.
    """
    bits = StatusList.empty(max(FEWEST, -(-state.size // 8) * 8))
    for place in taken_back(numbers, state):
        bits = bits.with_set(place)
    return status_credential(bits, STATUS_NAME, key=key, issuer=issuer, at=at, until=at + stands_for())


def signed_list(book: Registry, keys: Path, at: np.datetime64) -> dict[str, Any]:
    """Sign the list of a kept book as it stands now."""
    state = book.state()
    key, issuer = keyring.signing_key(state, keys), keyring.issuer_of(state)
    return status_list(book.numbers_of(*CERTIFIED), state, key=key, issuer=issuer, at=max(at, state.at))
