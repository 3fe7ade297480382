"""What the rules of hydrogen ask of each hour: energy under right and beside it, instructions, prices, mass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError, Place, UsageError
from tamna.grid.clock import iso
from tamna.lang import Message, _
from tamna.ledger.hydrogen import Worked
from tamna.ledger.line import find, sizes
from tamna.ledger.nouns import Status
from tamna.runs.meters import fleet_mwh
from tamna.runs.proving_book import device_of
from tamna.series.align import hourly_mean, hourly_sum, needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.clock import Period
    from tamna.grid.product import Electrolyser, Plant
    from tamna.ledger.state import State
    from tamna.measure.island import IslandHours
    from tamna.runs.proving import Proved
    from tamna.series import Store

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

__all__ = ["Hours", "hydrogen_hours"]

_KRW_PER_KWH = 1000.0  # [KRW/MWh]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hours:
    """The hours of a period, (hours,), with their hydrogen [mg] and what is to be said of them."""

    stamps: NDArray[np.datetime64]
    worked: Worked
    mg: Whole
    mass_estimated: bool
    notes: tuple[Message, ...]

    def of(self, inside: slice) -> Worked:
        """Give part of the hours."""
        w = self.worked
        return Worked(
            load_wh=w.load_wh[inside], made_wh=w.made_wh[inside], matched_wh=w.matched_wh[inside],
            storage_wh=w.storage_wh[inside], redispatch_wh=w.redispatch_wh[inside],
            price_eur_mwh=w.price_eur_mwh[inside], allowance_eur=w.allowance_eur[inside],
        )  # fmt: skip


def hydrogen_hours(
    store: Store, proved: Proved, rows: NDArray[np.void], hours: IslandHours, timezone: str
) -> Hours:
    """Gather what the rules ask, on the hours that were proved.

    What came out of storage is what the battery on the site gave, charged by the site's own plants.

    Parameters
    ----------
    rows : (hours,) of event.CLAIM
        The hours of the product's claims; all of the period.

    Raises
    ------
    InputError, UsageError
        The store lacks a series, or an hour of the hydrogen meter.
    """
    plant = proved.product.electrolyser
    assert plant is not None
    stamps = rows["start"].astype("M8[s]")
    load = rows["load_wh"].astype(np.int64)
    matched = sum(
        (rows[f"{p}_wh"].astype(np.int64) for p in ("self", "ppa", "rec")), np.zeros(len(rows), np.int64)
    )
    redispatch, said = _turned_down(proved, hours)
    price, allowance, priced = _prices(store, plant, proved.period)
    mg, weighed = _mass(store, plant, proved.period, load, timezone)
    worked = Worked(
        load_wh=load, made_wh=matched + _left_wh(proved.state, proved, stamps), matched_wh=matched,
        storage_wh=np.zeros(len(rows), np.int64) if proved.stored is None else proved.stored.used_wh,
        redispatch_wh=redispatch, price_eur_mwh=price,
        allowance_eur=allowance,
    )  # fmt: skip
    estimated = plant.hydrogen is None
    return Hours(
        stamps=stamps, worked=worked, mg=mg, mass_estimated=estimated, notes=(*weighed, *said, *priced)
    )


def _left_wh(state: State, proved: Proved, stamps: NDArray[np.datetime64]) -> Whole:
    """Give what the plants of the product, its own or under its papers, made and nobody used. (hours,) [Wh]

    What others hold or used is out, and a paper's volume bounds what its plant can still give.
    """
    total = np.zeros(len(stamps), np.int64)
    for plant in proved.product.plants:
        device = device_of(proved.product, plant)
        papers = [r for r in state.rights.values() if r.account == proved.account and device in r.devices]
        open_wh = _active_wh(state, device, stamps)
        if plant.owner == "self":
            total += open_wh
            continue
        covered = np.zeros(len(stamps), bool)
        for paper in papers:
            covered |= (stamps >= paper.start) & (stamps < paper.end)
        left = np.where(covered, open_wh, 0)
        if papers and all(p.limit_wh is not None for p in papers):
            rest = sum((p.limit_wh or 0) - state.used_wh.get(p.paper, 0) for p in papers)
            left = np.diff(np.minimum(np.cumsum(left), rest), prepend=0)
        total += left
    return total


def _active_wh(state: State, device: str, stamps: NDArray[np.datetime64]) -> Whole:
    """Give what of a device's issuances is with its owner, neither used nor locked. (hours,) [Wh]"""
    line = state.line(device)
    row_of = np.searchsorted(line.base, line.at, side="right") - 1
    owner = list(state.accounts).index(state.devices[device].owner)
    free = (line.status == Status.ACTIVE) & (line.holder == owner)
    wh = np.zeros(len(line.start) + 1, np.int64)
    np.add.at(wh, row_of[free], sizes(line)[free])
    return wh[find(line, stamps)]  # where there is no issuance, the last place: 0


def _turned_down(proved: Proved, hours: IslandHours) -> tuple[Whole, list[Message]]:
    """Give what instructions turned down of the product's plants: their share of the fleet's published energy."""
    wh, notes = np.zeros(len(hours.valid_at)), []
    for plant in proved.product.plants:
        column = hours.curtailment.get(plant.kind)
        mwh = np.full(len(wh), np.nan) if column is None else column.mwh
        if n := int(np.isnan(mwh).sum()):
            notes.append(
                _(
                    "{kind}: what was turned down is not published in {n} hours; none counts",
                    kind=plant.kind,
                    n=n,
                )
            )
        if not np.nansum(mwh):
            continue
        share = _share_of_fleet(plant, hours)
        notes.append(
            _(
                "{name}: what instructions turned down is taken to be {share:.2%} of what is published for all {kind}, an estimate;"
                " the EU asks for the grid operator's evidence",
                name=plant.name,
                share=share,
                kind=plant.kind,
            )
        )
        wh += np.nan_to_num(mwh) * share * 1e6
    return np.floor(wh).astype(np.int64), notes


def _share_of_fleet(plant: Plant, hours: IslandHours) -> float:
    """Give a plant's part of its fleet, by energy where that is declared, else by capacity against its best hour."""
    if plant.fleet_share is not None:
        return plant.fleet_share.value
    fleet = fleet_mwh(hours, plant.kind)
    most = float(np.nanmax(fleet)) if np.isfinite(fleet).any() else np.inf
    return min(plant.capacity_kw.value / 1000.0 / most, 1.0)


def _prices(store: Store, plant: Electrolyser, period: Period) -> tuple[Floats, Floats, list[Message]]:
    """Give the zone's price [EUR/MWh] and the allowance [EUR/t], NaN where not known."""
    nothing = np.full(len(period.stamps()), np.nan)
    if plant.price is None:
        return nothing, nothing, [_("no day-ahead price: no hour counts as a low-price hour")]
    assert plant.krw_per_eur is not None
    _held(store, plant.price)
    price = hourly_mean(store.read(plant.price, needed(period)), period).value
    eur = price * _KRW_PER_KWH / plant.krw_per_eur.value
    allowance = nothing if plant.allowance_eur is None else np.full_like(nothing, plant.allowance_eur.value)
    rate = plant.krw_per_eur.value
    notes = [
        _(
            "low-price hours are inferred: {series} at {rate:g} KRW/EUR, and whether the zone is a bidding zone is not settled",
            series=plant.price,
            rate=rate,
        )
    ]
    return eur, allowance, notes


def _mass(
    store: Store, plant: Electrolyser, period: Period, load_wh: Whole, timezone: str
) -> tuple[Whole, list[Message]]:
    """Give the hydrogen of each hour [mg], by its meter or by the energy of a kilogram."""
    if plant.hydrogen is None:
        kwh = plant.kwh_per_kg.value
        note = _("hydrogen: no meter; its mass is electricity at {kwh:g} kWh/kg, an estimate", kwh=kwh)
        return np.floor(load_wh * 1000.0 / kwh).astype(np.int64), [note]
    _held(store, plant.hydrogen)
    series = store.read(plant.hydrogen, needed(period))
    if series.unit != "kg":
        raise UsageError(_("a hydrogen meter counts kg"), seen=f"{plant.hydrogen}, {series.unit}")
    kg = hourly_sum(series, period).value
    for i in np.flatnonzero(~(kg >= 0))[:1]:
        raise InputError(
            _("the hydrogen meter has no reading, or a negative one"),
            where=Place(path=plant.hydrogen, hour=iso(period.stamps()[i], timezone)),
            todo=_("Load the readings, or ask for a shorter period."),
        )
    return np.floor(kg * 1e6).astype(np.int64), []


def _held(store: Store, name: str) -> None:
    if not store.has(name):
        raise UsageError(
            _("the store does not hold the series"), seen=name, todo=_("Load its file with 'tamna ingest'.")
        )
