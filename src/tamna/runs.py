"""READ THIS FIRST: the only place where the rooms meet.

Each verb is a function here: it opens what lies at the edge (a folder of files, a store, an island
file), hands values from room to room, and gives back one frozen result. Pages, tables and JSON are
made of these results in `tamna.serve`; nothing here prints.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna import __version__
from tamna.errors import InputError, SourceError, StoreError, UsageError
from tamna.grid import load_island
from tamna.grid.clock import HOUR, Period, Resolution, iso, parse_period
from tamna.grid.rules import Rule
from tamna.lang import _
from tamna.measure import Change, Measurement, as_dict, change, measure
from tamna.measure.gather import gather
from tamna.measure.lost import Lost, NotLost
from tamna.measure.lostsum import as_dict as lost_dict
from tamna.measure.table import hours_table
from tamna.measure.weather import needed_series
from tamna.physics.coverage import check_fleets
from tamna.series import IngestReport, Store
from tamna.series.export import whole
from tamna.series.frames import write_frame
from tamna.series.quality import check, flags_for, noticed
from tamna.sources import READERS, Flag, NotSeries, fingerprint, mapping_beside, read_file
from tamna.sources.live import covered, fetch_since, fetcher
from tamna.sources.synthetic import typical_year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid import Island
    from tamna.grid.clock import Stamps
    from tamna.measure.claims import Closure, Verdict
    from tamna.measure.reconstruct import Day
    from tamna.series import Series
    from tamna.sources import Finding, Reading, Receipt
    from tamna.sources.live import Client, Fetcher, Options

    Flags = NDArray[np.uint16]

METHOD = "measure 1"
"""Version of how shares are measured; it changes when the same input would give another number."""

DEMO_ISLAND, DEMO_YEAR = "typical-jeju", 2023


def _silent(_n: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What an ingest did: the store's report, files known without reading, files refused."""

    report: IngestReport
    known: tuple[Receipt, ...]
    refused: tuple[tuple[str, SourceError], ...]

    @property
    def not_series(self) -> tuple[NotSeries, ...]:
        """Files that were recognised and hold no series."""
        return self.report.not_series


def open_store(location: str | Path, island: Island | None = None) -> Store:
    """Open a store; the island's declared order of sources splices its series."""
    return Store.open(location, default_sources=island.default_sources if island else None)


def ingest(store: Store, files: Iterable[Path], *, advance: Callable[[int], None] = _silent) -> Ingested:
    """Read `files` into `store`, all that can be read in one step; a refused file stops nothing.

    A file whose bytes the store holds already, read by the present version of its reader, is not
    read again, unless a mapping file beside it says how to read it now.
    """
    held = _held(store)
    known: list[Receipt] = []
    refused: list[tuple[str, SourceError]] = []

    def readings() -> Iterator[Reading | NotSeries]:
        for path in files:
            try:
                mapping = mapping_beside(path)
                described = mapping is not None and mapping.of(path.name) is not None
                receipt = None if described else held.get(fingerprint(path))
                if receipt is not None:
                    known.append(receipt)
                else:
                    yield read_file(path)
            except SourceError as error:
                refused.append((path.name, error))
            advance(1)

    report = store.ingest(readings())
    return Ingested(report=report, known=tuple(known), refused=tuple(refused))


def _held(store: Store) -> dict[str, Receipt]:
    """Give the receipts of files that need no second reading, by the hash of their bytes."""
    versions = {reader.name: reader.version for reader in READERS}
    return {r.sha256: r for r in store.receipts() if versions.get(r.reader) == r.reader_version}


# --- live sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came over the network: pieces stored, rows, and what the readers noticed."""

    name: str
    pieces: int
    rows: int
    findings: tuple[Finding, ...]


def fetch(
    store: Store,
    name: str,
    since: np.datetime64,
    until: np.datetime64 | None = None,
    *,
    client: Client | None = None,
    options: Options | None = None,
    advance: Callable[[int], None] = _silent,
) -> Fetched:
    """Fetch a live source into `store`, each piece stored before the next is asked for.

    What the store holds is not asked for again, so a fetch that broke off goes on where it stopped.

    Raises
    ------
    TamnaError
        The provider refuses, the quota is reached, or an answer cannot be read; what came before is stored.
    """
    source = fetcher(name)
    pieces, rows = 0, 0
    noted: list[Finding] = []
    for reading in fetch_since(
        name,
        since,
        until,
        _spans_held(store, source, since),
        client=client,
        options=options,
    ):
        report = store.ingest([reading])
        pieces, rows = pieces + 1, rows + report.rows
        noted += reading.findings
        advance(1)
    return Fetched(name=name, pieces=pieces, rows=rows, findings=tuple(noted))


def _spans_held(
    store: Store, source: Fetcher, since: np.datetime64
) -> Callable[[str, str], tuple[Period, ...]]:
    """Say which spans of a series and source the store holds; of forecasts, which issues."""
    wanted = Period(since, np.datetime64("2100-01-01", "s"))
    second = np.timedelta64(1, "s")

    def have(series: str, name: str) -> tuple[Period, ...]:
        if not store.has(f"{series}@{name}"):
            return ()
        if source.by_issue:
            versions = (v for v in store.versions(series, wanted) if v.source == name)
            issued = [v.issued_at for v in versions if v.issued_at is not None]
            stamps = np.unique(np.concatenate(issued)) if issued else ()
            return tuple(chunk for at in stamps for chunk in source.chunks(Period(at, at + second)))
        got = store.read(f"{series}@{name}", wanted)
        return covered(got.valid_at[(got.flag & Flag.MISSING) == 0], got.resolution_s)

    return have


# --- quality and measure


def findings(
    store: Store, island: Island, only: Iterable[str] | None = None, *, weather: bool = True
) -> tuple[Finding, ...]:
    """Find what is wrong with everything the store holds, or with the series `only`, readers' notes included.

    With `weather` each wind and PV series is also held against what the weather could have given, which
    takes longer: it finds a fleet that left a series though no second source shows it.
    """
    chosen = None if only is None else frozenset(only)
    found = check(store, island, only=chosen)
    return tuple(check_fleets(store, island, found, only=chosen) if weather else found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measurement with what speaks against it: every finding that touches its series and period."""

    island: Island
    period: Period
    measurement: Measurement
    findings: tuple[Finding, ...]
    receipts: tuple[Receipt, ...]
    lost: Lost | NotLost | None = None

    @property
    def judged(self) -> Lost | None:
        """What wind was lost, where that was asked and could be answered."""
        return self.lost if isinstance(self.lost, Lost) else None


def measured(
    store: Store,
    island: Island,
    period: Period,
    *,
    by: Resolution = Resolution.YEAR,
    as_of: np.datetime64 | None = None,
    curtailment: bool = False,
    fits: Path | None = None,
) -> Measured:
    """Measure an island's shares over `period`; findings of its series travel as flags into every answer.

    The checks look at all that the store holds of these series, not only at the period: a break is
    seen from both its sides.

    Parameters
    ----------
    curtailment
        Whether to estimate what wind was lost, too; `fits` is the folder where what that learns is kept.
    """
    names = _series_of(island)
    weather = frozenset(needed_series(island)) if curtailment else frozenset()
    doubts = check(store, island, readers=False, only=names)
    hours = gather(store, island, period, against=_against(doubts), as_of=as_of)
    found = [*doubts, *noticed(store, doubts, period, names)]  # what a reader noticed it has dealt with
    return Measured(
        island=island,
        period=period,
        measurement=measure(hours, by=by),
        findings=tuple(f for f in found if f.start < period.end and f.end > period.start),
        receipts=_receipts_behind(store, names | weather, period),
        lost=_lost(store, island, period, against=_against(doubts), fits=fits, as_of=as_of)
        if curtailment
        else None,
    )


def changes(m: Measurement) -> dict[str, tuple[Change, ...]]:
    """Compare each calendar year of a measurement with the next, by boundary, under coverage.

    A change is given only on a constant metering base; otherwise it says why not.
    """
    yearly = m.at(Resolution.YEAR)
    years = [int(name) for name in yearly.bins.names]
    return {
        b.name: tuple(change(yearly, b.name, Rule.COVERAGE, a, z) for a, z in pairwise(years))
        for b in m.boundaries
        if Rule.COVERAGE in m.measures and len(years) > 1
    }


def _lost(store: Store, island: Island, period: Period, **how: Any) -> Lost | NotLost:
    """Estimate what wind was lost; the learners are heavy, and loaded only here."""
    from tamna.measure.judge import lost

    return lost(store, island, period, **how)


def _series_of(island: Island) -> frozenset[str]:
    """Name the series that a measurement of `island` touches, and those that bear witness to them."""
    demand = "" if island.demand is None else island.demand.series
    prefix = demand.rpartition("/")[0]
    beside = ("import", "export", "renewables", "wind_curtailment", "wind_curtailment_events")
    own = {c.series for c in island.classes if c.series} | {demand}
    return frozenset(
        own | {f"{prefix}/{name}" for name in (*beside, "pv_curtailment", "pv_curtailment_events")}
    )


def _against(found: Iterable[Finding]) -> Callable[[Series, Stamps], Flags]:
    """Turn findings into flags of hours: each source's findings speak against that source's values only."""
    found = tuple(found)

    def flags(series: Series, hours: Stamps) -> Flags:
        flag = np.zeros(len(hours), dtype=np.uint16)
        name = series.name.partition("@")[0]
        at = ((series.valid_at - hours[0]) // HOUR).astype(np.int64)
        inside = (at >= 0) & (at < len(hours))
        for code, source in enumerate(series.sources):
            mine = flags_for(found, name, source, series.valid_at, series.resolution_s)
            use = inside & (series.source_code == code)
            np.bitwise_or.at(flag, at[use], mine[use])
        return flag

    return flags


def _receipts_behind(store: Store, names: frozenset[str], period: Period) -> tuple[Receipt, ...]:
    """Give the receipts of the files whose data may stand in the answer."""
    sources = {info.source for info in store.list() if info.series in names}
    start, end = iso(period.start), iso(period.end)
    return tuple(
        r for r in store.receipts() if r.source in sources and r.data_start < end and r.data_end > start
    )


# --- one day, rebuilt


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltDay:
    """A day rebuilt from public files, and what was printed about it, held against it."""

    island: Island
    date: str
    day: Day
    verdicts: tuple[Verdict, ...]
    closures: tuple[Closure, ...]
    receipts: tuple[Receipt, ...]


def rebuilt_day(store: Store, island: Island, date: str) -> RebuiltDay:
    """Rebuild the island day `date` hour by hour; hold every statement of the island's records against it.

    The learners are heavy, and loaded only here.
    """
    from tamna.measure import claims
    from tamna.measure.evidence import evidence
    from tamna.measure.reconstruct import reconstruct

    seen = evidence(store, island, date)
    day = reconstruct(seen)
    said = [s for r in island.records if r.day is not None and str(r.day) == date for s in r.statements]
    period = parse_period(date, date, island.timezone)
    names = _series_of(island) | {info.series for info in store.list() if info.source == "open_meteo"}
    return RebuiltDay(
        island=island,
        date=date,
        day=day,
        verdicts=claims.hold(day, said),
        closures=claims.close(day, said),
        receipts=_receipts_behind(store, frozenset(names), Period(seen.hours.valid_at[0], period.end)),
    )


# --- the whole road


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run did and where it lies; `command` makes it again.

    `days` are the days of its period that the island's records speak of, rebuilt.
    """

    folder: Path
    measured: Measured
    ingested: Ingested | None
    command: str
    seed: int | None = None
    days: tuple[RebuiltDay, ...] = ()


def run(
    store: Store,
    island: Island,
    period: Period,
    out: Path,
    *,
    files: Iterable[Path] = (),
    command: str,
    fits: Path | None = None,
    advance: Callable[[int], None] = _silent,
) -> Run:
    """Ingest `files`, check, measure, and leave the run folder (without its page: see `tamna.serve`).

    Lost wind is estimated where the island declares weather stations; without their weather it says so.
    """
    files = tuple(files)
    ingested = ingest(store, files, advance=advance) if files else None
    done = Run(
        folder=out,
        measured=measured(store, island, period, curtailment=bool(needed_series(island)), fits=fits),
        ingested=ingested,
        command=command,
        days=tuple(_told_days(store, island, period)),
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


def demo(out: Path, *, seed: int = 0, command: str) -> Run:
    """Do the whole road on a synthetic typical Jeju year, with a store of its own inside the run folder."""
    island = load_island(DEMO_ISLAND)
    store = open_store(out / "store", island)
    report = store.ingest([typical_year(seed=seed, year=DEMO_YEAR)])
    period = parse_period(f"{DEMO_YEAR}-01-01", f"{DEMO_YEAR}-12-31", island.timezone)
    done = Run(
        folder=out,
        measured=measured(store, island, period),
        ingested=Ingested(report=report, known=(), refused=()),
        command=command,
        seed=seed,
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
        estimated = {} if m.lost is None else {"curtailment_estimated": lost_dict(m.lost, months.bins)}
        _write(done.folder / "measure.json", as_dict(months) | estimated)
        write_frame(hours_table(m.measurement, m.judged), done.folder / "hours.parquet", UNITS)
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
        "findings": [f.as_dict() for f in m.findings],
        "refused": [name for name, _error in done.ingested.refused] if done.ingested else [],
    }


def _write(path: Path, value: dict[str, Any]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    whole(path, lambda beside: _ignored(beside.write_text(text, "utf-8")))


def _ignored(_length: int) -> None:
    """Drop what a write returns."""
