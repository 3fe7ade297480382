"""Which hydrogen was renewable: a product's hours as `proving` has them, turned into batches of a calendar month.

A claim says what was renewable in the same hour; each batch rests on one claim. Beside it stand the rules of Korea
and of the EU, over the declared range of grid factors. A paper that is only prepared is shown in a book of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError, Place, UsageError
from tamna.grid.clock import Period, iso, to_local
from tamna.lang import _
from tamna.ledger import chains
from tamna.ledger.converting import suspect
from tamna.ledger.hydrogen_batch import judge_all
from tamna.ledger.lots import shared
from tamna.ledger.nouns import Account, Converter
from tamna.ledger.score import score
from tamna.ledger.state import Standing, State
from tamna.measure.gather import gather
from tamna.runs.hydrogen_found import MG_PER_KG, HydrogenBatch, ProvedHydrogen
from tamna.runs.hydrogen_hours import Hours, hydrogen_hours
from tamna.runs.proving import prove
from tamna.runs.proving_book import Book, account_of, hours_of_claim

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.grid.product import Electrolyser, Product
    from tamna.ledger.state import Claim
    from tamna.runs.proving import Proved
    from tamna.runs.restating import Salts
    from tamna.series import Store

__all__ = ["HydrogenBatch", "ProvedHydrogen", "proved_hydrogen"]


def proved_hydrogen(
    store: Store,
    island: Island,
    product: Product,
    period: Period,
    *,
    at: np.datetime64,
    state: State | None = None,
    salts: Salts = None,
) -> ProvedHydrogen:
    """Enter a product's hours and its batches of hydrogen into a book, and judge each batch.

    Parameters
    ----------
    state
        The book so far; None begins one.
    at
        The moment of the entries, not before the end of the period. [UTC]
    salts
        As for `prove`.

    Raises
    ------
    InputError, UsageError
        As `prove`; no electrolyser in the product; an hour without hydrogen reading, or with more electricity than
        the plant can take.
    LedgerError
        What the book refuses: more hydrogen than the energy can give (I6).
    """
    plant = _electrolyser(product)
    found = _as_it_stands(store, island, product, plant, period, state=state, at=at, salts=salts)
    if not plant.prepared:
        return found
    signed = product.model_copy(update={"papers": (*product.papers, *plant.prepared)})
    return replace(
        found, prepared=_as_it_stands(store, island, signed, plant, period, state=None, at=at, salts=None)
    )


def _electrolyser(product: Product) -> Electrolyser:
    if product.electrolyser is None:
        raise UsageError(
            _("the product has no electrolyser"),
            seen=product.name,
            todo=_("Give its file an electrolyser: block."),
        )
    return product.electrolyser


def _as_it_stands(
    store: Store,
    island: Island,
    product: Product,
    plant: Electrolyser,
    period: Period,
    *,
    state: State | None,
    at: np.datetime64,
    salts: Salts,
) -> ProvedHydrogen:
    account = account_of(product)
    opening = Book(state or State(), at, salts)
    opening.account(Account(name=account, zone=product.zone))
    if account not in opening.state.converters:
        buffer = 0.0 if plant.buffer_kg is None else plant.buffer_kg.value
        noun = Converter(
            name=account, account=account, process=plant.process, buffer_mg=int(buffer * MG_PER_KG)
        )
        opening.add(chains.converter(at, noun))
    proved = prove(store, island, product, period, state=opening.state, at=at, salts=salts)
    claims = _claims(proved)
    rows = np.concatenate([hours_of_claim(proved.state, claim) for _n, claim in claims])
    _check_capacity(proved, rows, plant, island.timezone)
    hours = hydrogen_hours(store, proved, rows, gather(store, island, period), island.timezone)
    book = Book(proved.state, at, salts)
    factors = _factors(plant)
    batches = tuple(
        batch
        for number, claim in claims
        if (
            batch := _batch(
                book, product, number, claim, hours=hours, factors=factors, timezone=island.timezone
            )
        )
    )
    return ProvedHydrogen(
        proved=proved, score=score(rows), state=book.state, entries=(*opening.entries, *proved.entries, *book.entries), batches=batches,
        lot_mg=_lot_mg(proved, hours), factors=factors, timezone=island.timezone,
        notes=(*proved.notes, *hours.notes),
    )  # fmt: skip


def _factors(plant: Electrolyser) -> tuple[float, float]:
    figure = plant.grid_tco2e_per_mwh
    low, high = figure.range or (figure.value, figure.value)
    return 1000.0 * low, 1000.0 * high


def _check_capacity(proved: Proved, rows: NDArray[np.void], plant: Electrolyser, timezone: str) -> None:
    most = plant.capacity_kw.value * 1000.0 * proved.state.rules.margin_percent / 100.0
    for i in np.flatnonzero(rows["load_wh"] > most)[:1]:
        raise InputError(
            _("the electrolyser takes more than it can"),
            where=Place(path=proved.product.name, hour=iso(rows["start"][i], timezone)),
            seen=f"{rows['load_wh'][i] / 1000.0:g} kWh",
            todo=_(
                "Its capacity is {kw:g} kW: correct the readings, the shape or the capacity.",
                kw=plant.capacity_kw.value,
            ),
        )


def _claims(proved: Proved) -> list[tuple[int, Claim]]:
    found = [
        (entry, one)
        for entry, one in proved.state.claims.items()
        if one.account == proved.account
        and one.standing is Standing.GOOD
        and proved.period.start <= one.start
        and one.end <= proved.period.end
    ]
    return sorted(found, key=lambda pair: pair[1].start)


def _batch(
    book: Book,
    product: Product,
    number: int,
    claim: Claim,
    *,
    hours: Hours,
    factors: tuple[float, float],
    timezone: str,
) -> HydrogenBatch | None:
    """Write a claim's batch, or take up what stands for it; None where no hydrogen was made."""
    low, high = np.searchsorted(hours.stamps, [claim.start, claim.end])
    inside = slice(int(low), int(high))
    mg = hours.mg[inside]
    if not mg.any():
        return None
    first = str(to_local(np.array([claim.start]), timezone)[0].astype("datetime64[D]"))
    name, rows = f"{product.name}-{first}", chains.made(hours.stamps[inside], mg)
    old = next((e for e, b in book.state.batches.items() if b.name == name), None)
    held = None if old is None else book.state.batches[old]
    if (
        old is not None
        and held is not None
        and held.claim == number
        and held.rows.tobytes() == rows.tobytes()
    ):
        entry = old
    else:
        converter = account_of(product)
        entry = book.add(chains.convert(book.at, converter, rows, batch=name, claim=number, replaces=old))
    worked = hours.of(inside)
    return HydrogenBatch(
        name=name, entry=entry, claim=number, start=claim.start, end=claim.end, stamps=hours.stamps[inside],
        hours=worked, mg=mg, mass_estimated=hours.mass_estimated,
        suspect=suspect(book.state.converters[account_of(product)], book.state.batches[entry]),
        rules=judge_all(worked, int(mg.sum()), factors),
    )  # fmt: skip


def _lot_mg(proved: Proved, hours: Hours) -> dict[str, int]:
    """Share each hour's hydrogen out over the lots that it fell into, as its electricity was."""
    pieces = proved.product.lots.pieces
    out: dict[str, int] = {}
    for i in range(0, len(proved.lots), pieces):
        lots = proved.lots[i : i + pieces]
        where = np.searchsorted(hours.stamps, lots[0].rows["start"])
        parts = shared({"mg": hours.mg[where]}, np.ones((len(where), len(lots)), np.int64))["mg"]
        out |= {lot.name: int(parts[:, k].sum()) for k, lot in enumerate(lots)}
    return out
