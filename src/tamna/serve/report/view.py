"""What a report says, as plain values: whoever measured fills this in, the pages only show it.

Shares are fractions (0.159), energy is in the unit its name carries, stamps are UTC starts,
months are written ``2023-01``. Where there is no value stands None or NaN, and a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tamna.grid.clock import Period
    from tamna.serve.report.blocks import Section, Text

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A number that may be quoted, with everything that must be quoted beside it.

    Attributes
    ----------
    label, value, unit, digits
        ``Renewable share``, 0.159, ``%``, 1. A fraction where the unit is ``%``.
    definition
        Which generation counts, against which demand, at which point, under which rule.
    metering_base
        What the meters measured: settled in the market, generation-end...
    hours_counted, hours_missing
        Hours that entered the number, and hours of the period that could not.
    estimated_share
        Fraction of the counted energy that somebody estimated, 0 to 1.
    reason
        Why there is no value.
    """

    label: Text
    value: float | None
    definition: Text
    metering_base: Text
    hours_counted: int
    hours_missing: int
    estimated_share: float = 0.0
    unit: str = "%"
    digits: int = 1
    reason: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One share under one boundary and one rule: a value, or the reason why there is none.

    `low` and `high` bound a share that counts an estimate with bounds.
    """

    value: float | None
    estimated: bool = False
    reason: Text | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An export rule: its name in code, its title, its formula in words and symbols."""

    name: str
    title: Text
    meaning: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """Which generation counts, and the share under each rule, in the order of `ShareTable.rules`."""

    name: str
    title: Text
    meaning: Text
    shares: tuple[Share, ...]
    metering_base: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTable:
    """Boundaries by rules, side by side."""

    rules: tuple[Rule, ...]
    boundaries: tuple[Boundary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A named row of numbers; `colour` is a role of `palette.COLOURS` (``wind``, ``pv``, ``demand``...)."""

    title: Text
    colour: str
    values: tuple[float, ...]
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Monthly:
    """Months: what was made and used [GWh], and the shares of it."""

    months: tuple[str, ...]
    made_gwh: tuple[Line, ...]
    demand_gwh: Line
    shares: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HourMap:
    """Every hour of the period: ``values[day, hour]``, a fraction, NaN where there is none.

    `first_day` is an island day; hours are island hours by their start. On a day of 25 hours the
    repeated hour shows its mean, on one of 23 the skipped hour is NaN.
    """

    title: Text
    definition: Text
    first_day: np.datetime64
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Values of all hours, in any order; NaN left out. `dashed` for estimates and comparisons."""

    title: Text
    colour: str
    values: Floats
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Duration curves: how many of the hours had at least so much. `unit` ``%`` (fractions) or ``MW``."""

    title: Text
    curves: tuple[Curve, ...]
    unit: str
    caption: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalDay:
    """The mean day of a season or year: 24 island hours of stacked generation and of demand [MW]."""

    title: Text
    stack: tuple[Line, ...]
    demand: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme:
    """A largest or smallest hour: when, and how much."""

    label: Text
    value: float
    unit: str
    at: np.datetime64
    digits: int = 0
    note: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Hours in a row at or above the line: from, to (UTC, half-open), their lowest and mean share."""

    start: np.datetime64
    end: np.datetime64
    hours: int
    lowest: float
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Episodes:
    """All episodes of one definition. None of them is a finding too: `items` may be empty."""

    definition: Text
    threshold: float
    items: tuple[Episode, ...]
    unavailable: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurtailedLine:
    """Published curtailment of one technology by month; NaN where nothing was published."""

    title: Text
    colour: str
    energy_mwh: tuple[float, ...]
    events: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtailment:
    """Published curtailment, and what the published counts leave out."""

    months: tuple[str, ...]
    lines: tuple[CurtailedLine, ...]
    note: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledClass:
    """One class of generation: what is behind the published figure, what was measured here [GWh]."""

    title: Text
    published_gwh: float | None
    measured_gwh: float | None
    text: Text = ""
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A published annual share held against this measurement, the difference named by class."""

    year: int
    published_share: float
    source: Text
    measured_share: float | None
    measured_label: Text
    classes: tuple[ReconciledClass, ...]
    missing_gwh: float | None
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """An emission factor, with where it came from."""

    title: Text
    factor_tco2e_per_mwh: float | None
    source: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Carbon:
    """Average carbon intensity [tCO2e/MWh] with the factor set behind it."""

    intensity_tco2e_per_mwh: float | None
    basis: Text
    factor_set: tuple[Factor, ...]
    months: tuple[str, ...] = ()
    monthly_tco2e_per_mwh: tuple[float, ...] = ()
    estimated: bool = False
    reason: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityNote:
    """A finding of the quality checks: what, where, from, to (UTC, half-open), how large, what it does."""

    kind: str
    series: str
    start: np.datetime64
    end: np.datetime64
    size: float
    unit: str
    text: Text
    consequence: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """An input: enough to find, check and cite it, and to know what it may be used for."""

    name: str
    sha256: str
    publisher: Text
    licence: Text
    use: Text
    rows: int
    data_start: str
    data_end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How the report was made: enough to make it again, byte for byte."""

    version: str
    method: Text
    settings: tuple[tuple[str, str], ...] = ()
    seed: int | None = None
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReportView:
    """A whole report. What is None or empty has no section, except where its absence must be said.

    The first of `headlines` is the one in large type. `lead` is the sentence above it; without one
    the page says it in its own words. `sections` are further pages, each placed by its reader.
    """

    title: Text
    island: Text
    period: Period
    timezone: str
    headlines: tuple[Headline, ...]
    shares: ShareTable
    making: Making
    receipts: tuple[ReceiptRow, ...]
    synthetic: bool = False
    lead: Text | None = None
    hour_map: HourMap | None = None
    monthly: Monthly | None = None
    durations: tuple[Duration, ...] = ()
    typical_days: tuple[TypicalDay, ...] = ()
    extremes: tuple[Extreme, ...] = ()
    episodes: tuple[Episodes, ...] = ()
    curtailment: Curtailment | None = None
    reconciliations: tuple[Reconciliation, ...] = ()
    carbon: Carbon | None = None
    findings: tuple[QualityNote, ...] = ()
    notes: tuple[Text, ...] = ()
    sections: tuple[Section, ...] = ()
