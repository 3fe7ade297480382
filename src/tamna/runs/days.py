"""One island day rebuilt from public files, and what was printed about it held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tamna.grid.clock import Period, parse_period
from tamna.runs.measuring import receipts_behind, series_of

if TYPE_CHECKING:
    from tamna.grid import Island
    from tamna.measure.claims import Closure, Verdict
    from tamna.measure.reconstruct import Day
    from tamna.series import Store
    from tamna.sources import Receipt


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
    names = series_of(island) | {info.series for info in store.list() if info.source == "open_meteo"}
    return RebuiltDay(
        island=island,
        date=date,
        day=day,
        verdicts=claims.hold(day, said),
        closures=claims.close(day, said),
        receipts=receipts_behind(store, frozenset(names), Period(seen.hours.valid_at[0], period.end)),
    )
