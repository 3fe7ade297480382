"""What a proof of hydrogen holds: its batches, each under every rule, and the book behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tamna.lang import Message
    from tamna.ledger.event import Event
    from tamna.ledger.hydrogen import Worked
    from tamna.ledger.hydrogen_batch import Rules
    from tamna.ledger.score import Score
    from tamna.ledger.state import State
    from tamna.runs.proving import Proved

__all__ = ["MG_PER_KG", "HydrogenBatch", "ProvedHydrogen"]

MG_PER_KG = 10**6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HydrogenBatch:
    """One batch as it stands in the book.

    Attributes
    ----------
    name, entry, claim
        Its name, the number of its entry, and of the claim on which it rests.
    start, end
        Its period, half-open. [UTC]
    stamps, hours, mg : (hours,)
        Its hours: energy and what the rules ask of them; hydrogen. [mg]
    mass_estimated
        Whether the mass follows from electricity and no meter.
    suspect
        Whether it takes less than a low-temperature plant can be expected to.
    rules
        What it counts as.
    """

    name: str
    entry: int
    claim: int
    start: np.datetime64
    end: np.datetime64
    stamps: NDArray[np.datetime64]
    hours: Worked
    mg: NDArray[np.int64]
    mass_estimated: bool
    suspect: bool
    rules: Rules

    @property
    def kg(self) -> float:
        """Mass. [kg]"""
        return int(self.mg.sum()) / MG_PER_KG

    @property
    def kwh_per_kg(self) -> float:
        """Electricity of a kilogram. [kWh/kg]"""
        return int(self.hours.load_wh.sum()) / 1000.0 / self.kg


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProvedHydrogen:
    """What a book says of a product that is hydrogen.

    Attributes
    ----------
    proved
        Its electricity: hours, score and lots.
    score
        Its electricity, hour by hour.
    state, entries
        The book with its batches, and everything that was added to it.
    batches
        In order of time; a claim without hydrogen has none.
    lot_mg
        Hydrogen of each lot. [mg]
    factors
        Low and high carbon of grid electricity. [g CO2e/kWh]
    timezone
        In which its days and months are counted.
    notes
        What is estimated, declared or not known.
    prepared
        The same period, in a book of its own, as if the papers that are prepared were in force; None without such.
    """

    proved: Proved
    score: Score
    state: State
    entries: tuple[Event, ...]
    batches: tuple[HydrogenBatch, ...]
    lot_mg: dict[str, int]
    factors: tuple[float, float]
    timezone: str
    notes: tuple[Message, ...]
    prepared: ProvedHydrogen | None = None
