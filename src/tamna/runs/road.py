"""The whole road: ingest, forecast, check, measure, and leave a run folder; the demo walks it on a synthetic year."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna import __version__
from tamna.errors import InputError, StoreError, UsageError
from tamna.grid import load_island
from tamna.grid.clock import Period, Resolution, iso, parse_period, to_local
from tamna.lang import _
from tamna.measure import as_dict
from tamna.measure.lostsum import as_dict as lost_dict
from tamna.measure.table import hours_table
from tamna.measure.unseen import as_dict as unseen_dict
from tamna.measure.weather import needed_series
from tamna.runs.days import rebuilt_day
from tamna.runs.measuring import METHOD, measured
from tamna.runs.opening import open_store
from tamna.runs.stores import Ingested, ingest, silent
from tamna.series.export import whole
from tamna.series.frames import write_frame
from tamna.series.units import slug
from tamna.sources.synthetic import typical_year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tamna.grid import Island
    from tamna.lang import Message
    from tamna.runs.certifying import Certificates
    from tamna.runs.days import RebuiltDay
    from tamna.runs.foreseen import Foreseen
    from tamna.runs.measuring import Measured
    from tamna.runs.settled_day import SettledDay
    from tamna.series import Store


DEMO_ISLAND, DEMO_YEAR = "typical-jeju", 2023


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run did and where it lies; `command` makes it again.

    `days` are the days of its period that the island's records speak of, rebuilt; `foreseen` is its last day as
    it would have been forecast, and `settled` the same day planned on that and lived; None where too little was known.
    `proved` are the packaged products of its zones over its last calendar month.
    """

    folder: Path
    measured: Measured
    ingested: Ingested | None
    command: str
    seed: int | None = None
    days: tuple[RebuiltDay, ...] = ()
    foreseen: Foreseen | None = None
    settled: SettledDay | None = None
    proved: tuple[Certificates, ...] = ()


def run(
    store: Store,
    island: Island,
    period: Period,
    out: Path,
    *,
    files: Iterable[Path] = (),
    command: str,
    fits: Path | None = None,
    advance: Callable[[int], None] = silent,
) -> Run:
    """Ingest `files`, forecast, check, measure, and leave the run folder (without its page: see `tamna.serve`).

    Lost wind is estimated where the island declares weather stations; without their weather it says so.
    """
    files = tuple(files)
    ingested = ingest(store, files, advance=advance) if files else None
    found = _forecast(store, island, period, shelf=fits)
    told = measured(store, island, period, curtailment=bool(needed_series(island)), fits=fits)
    done = Run(
        folder=out,
        foreseen=found,
        settled=_settled(store, island, found, lost=told.judged, fits=fits),
        measured=told,
        ingested=ingested,
        command=command,
        days=tuple(_told_days(store, island, period)),
        proved=tuple(_proved(store, island, period, out)),
    )
    leave(done)
    return done


def _told_days(store: Store, island: Island, period: Period) -> Iterator[RebuiltDay]:
    """Rebuild the days of the period that statements were printed about, where the store knows enough."""
    for date in dict.fromkeys(str(r.day) for r in island.records if r.day is not None and r.statements):
        day = parse_period(date, date, island.timezone)
        if period.start <= day.start and day.end <= period.end:
            with contextlib.suppress(InputError, UsageError):  # too little is held of that day: no page of it
                yield rebuilt_day(store, island, date)


def _proved(store: Store, island: Island, period: Period, out: Path) -> Iterator[Certificates]:
    """Prove the packaged products of the island's zones over the period's last calendar month, under the trial key."""
    from tamna.grid.product import load_product, packaged_products
    from tamna.runs.certifying import certify_trial

    local = to_local(np.array([period.start, period.end - np.timedelta64(1, "s")]), island.timezone)
    first, last = local.astype("datetime64[D]")
    month = last.astype("datetime64[M]").astype("datetime64[D]")
    span = parse_period(str(max(first, month)), str(last), island.timezone)
    if not period.start <= span.start < span.end <= period.end:
        return  # not whole days
    zones = {zone.name for zone in island.zones}
    for product in map(load_product, packaged_products()):
        if product.zone in zones:
            with contextlib.suppress(InputError, UsageError):  # a meter or a profile that the store lacks
                yield certify_trial(store, island, product, span, out=out / "certificates" / product.name)


def demo(out: Path, *, seed: int = 0, command: str) -> Run:
    """Do the whole road on a synthetic typical Jeju year, with a store of its own inside the run folder."""
    island = load_island(DEMO_ISLAND)
    store = open_store(out / "store", island)
    report = store.ingest([typical_year(seed=seed, year=DEMO_YEAR)])
    period = parse_period(f"{DEMO_YEAR}-01-01", f"{DEMO_YEAR}-12-31", island.timezone)
    found = _forecast(store, island, period, seed=seed)
    done = Run(
        folder=out,
        foreseen=found,
        settled=_settled(store, island, found),
        measured=measured(store, island, period),
        ingested=Ingested(report=report, known=(), refused=()),
        command=command,
        seed=seed,
        proved=tuple(_proved(store, island, period, out)),
    )
    leave(done)
    return done


def leave(done: Run) -> None:
    """Write `manifest.json`, `measure.json` and `hours.parquet`; each whole or not at all.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    m = done.measured
    try:
        done.folder.mkdir(parents=True, exist_ok=True)
        months = m.measurement.at(Resolution.MONTH)
        estimated: dict[str, Any] = {}
        if m.outside is not None:
            estimated["unseen"] = unseen_dict(m.outside, m.measurement.hours)
        if m.lost is not None:
            estimated["curtailment_estimated"] = lost_dict(m.lost, months.bins)
        _write(done.folder / "measure.json", as_dict(months) | estimated)
        write_frame(hours_table(m.measurement, m.judged), done.folder / "hours.parquet", UNITS)
        if done.foreseen is not None:
            _leave_forecast(done.foreseen, done.folder / "forecast", done.command)
        _write(done.folder / "manifest.json", manifest(done))
    except OSError as error:
        raise StoreError(
            _("the run folder could not be written: {reason}", reason=error.strerror or str(error)),
            seen=done.folder,
            todo=_("Make room, or choose another folder with --out."),
        ) from error


UNITS = {
    "_mwh": "MWh in the hour",
    "_mw": "MW, mean of the hour",
    "curtailment_likelihood": "0 to 1",
    "share_": "fraction of the load; 1 is 100 %",
    "valid_at": "UTC start of the hour",
}


def manifest(done: Run) -> dict[str, Any]:
    """Say how a run was made: receipts, settings, version, method, seed. The same inputs give the same bytes."""
    m = done.measured
    return {
        "tamna": __version__,
        "method": METHOD,
        "command": done.command,
        "seed": done.seed,
        "island": m.island.name,
        "timezone": m.island.timezone,
        "from": iso(m.period.start),
        "to": iso(m.period.end),
        "boundaries": [b.name for b in m.measurement.boundaries],
        "measures": [str(x) for x in m.measurement.measures],
        "receipts": [r.as_dict() for r in m.receipts],
        "forecast": None if done.foreseen is None else _foreseen(done.foreseen),
        "settled": None if done.settled is None else settlement(done.settled),
        "findings": [f.as_dict() for f in m.findings],
        "refused": [name for name, _error in done.ingested.refused] if done.ingested else [],
    }


def _forecast(store: Store, island: Island, period: Period, **how: Any) -> Foreseen | None:
    """Forecast the period's last day; the learners are heavy, and loaded only here."""
    from tamna.runs.foreseen import foreseen

    return foreseen(store, island, period, **how)


def _settled(store: Store, island: Island, found: Foreseen | None, **how: Any) -> SettledDay | None:
    """Settle the period's last day as it was foreseen; the solver is loaded only here."""
    from tamna.runs.settled_day import settled_day

    return settled_day(store, island, found, **how)


def not_settled(done: Run) -> Message:
    """Say why a run's last day was not settled."""
    from tamna.runs.settled_day import not_settled as said

    return said(done.foreseen, done.measured.island)


def _leave_forecast(found: Foreseen, folder: Path, command: str) -> None:
    """Write what was forecast; loaded only here, as the learners are."""
    from tamna.runs.forecast_files import leave_forecast

    leave_forecast(found.forecast, folder, command)


def _foreseen(found: Foreseen) -> dict[str, Any]:
    told = found.forecast
    return {
        "issued_at": iso(told.issued_at, told.timezone),
        "hours": len(told.stamps),
        "targets": {
            name: {"model": t.model, f"mae_{slug(t.unit)}": found.missed(name)}
            for name, t in told.targets.items()
        },
    }


def settlement(found: SettledDay) -> dict[str, Any]:
    """Say what the settled day came to."""
    account = found.day.answer.account
    return {
        "from": iso(found.day.period.start, found.day.island.timezone),
        "paid_krw": round(account.paid_krw),
        "missed_krw": round(account.missed_krw),
        "tco2": round(account.tco2, 3),
        "held_mwh": {name: round(mwh, 3) for name, mwh in account.held_mwh.items()},
        "cost_of_not_knowing_krw": round(found.cost_of_not_knowing_krw),
        "rules_broken": len(found.day.answer.broken),
    }


def _write(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    whole(path, lambda beside: _ignored(beside.write_text(text, "utf-8")))


def _ignored(_length: int) -> None:
    """Drop what a write returns."""
