r"""PV that no file meters: what the midday hollow of demand says of it, and what it does not.

PV sold to the utility under contract (PPA) and PV behind the meter both appear as less demand when the sun
shines. `hollow` regresses midday demand on radiation, by year, with hour, month, weekend, temperature, and the
same day's night and evening demand held equal. `response` does the same with settled PV, whose capacity is
known within a range; the one over the other is the unmetered capacity, PPA and behind the meter **together**:

.. math:: C_{PPA} + C_{BTM} = (1 - h)\, \frac{-\beta_{demand}}{\beta_{settled} / C_{settled}}

:math:`h` is habit: on dull days people light, heat and dry more. Without weather from before the PV it cannot
be told from PV; it is assumed (`HABIT`). So the hollow bounds the sum from above, plants that move from PPA to
the market lift the hollow without any roof being taken down, and what is left for roofs is an interval. All of
it is flagged ``ESTIMATED``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from tamna.errors import InputError
from tamna.grid.clock import KOREA, Period, to_local
from tamna.lang import _
from tamna.physics.places import families, places_in
from tamna.physics.shape import sun_at
from tamna.sources.block import Flag

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tamna.grid.assets import Metering
    from tamna.grid.clock import Stamps
    from tamna.grid.model import Island
    from tamna.series.store import Store

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]
    Range = tuple[float, float]

NOON = (10, 15)
"""First and last clock hour of midday, both included [h]."""
NIGHT, EVENING = (3, 5), (20, 22)
MILD_MONTHS = (3, 4, 5, 9, 10, 11)
"""Months with little heating and cooling: in others the sun changes demand through temperature first."""
HABIT: Range = (0.0, 0.4)
"""Share of the hollow that is habit, assumed: nothing on Jeju measures it."""
FEWEST_DAYS = 60
_DRAWS = 400
_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """What a quantity does per 1000 W/m2 in one year: MW, with its 80 % interval (weeks drawn again)."""

    mw: float
    low: float
    high: float
    days: int
    draws: Floats


def hollow(
    stamps: Stamps,
    demand_mw: Floats,
    radiation: Floats,
    temperature: Floats,
    *,
    timezone: str = KOREA,
    months: tuple[int, ...] = MILD_MONTHS,
) -> dict[int, Slope]:
    """Give, by year, how midday demand follows radiation [MW per 1000 W/m2]; negative where it falls.

    Parameters
    ----------
    stamps : (hours,)
        UTC starts of whole hours.
    demand_mw, radiation, temperature : (hours,) [MW], [W/m2], [degC]
        Means of the hour; NaN where not known.

    Raises
    ------
    InputError
        No year has 60 days.
    """
    days = _midday(stamps, timezone)
    level = [days.mean(demand_mw, span) for span in (NIGHT, EVENING)]
    return _by_year(days, demand_mw, radiation, temperature, level, months)


def response(
    stamps: Stamps,
    pv_mw: Floats,
    radiation: Floats,
    temperature: Floats,
    *,
    timezone: str = KOREA,
    months: tuple[int, ...] = MILD_MONTHS,
) -> dict[int, Slope]:
    """Give, by year, how settled PV follows radiation [MW per 1000 W/m2], as `hollow` does for demand."""
    return _by_year(_midday(stamps, timezone), pv_mw, radiation, temperature, [], months)


@dataclass(frozen=True, slots=True, eq=False)
class _Days:
    """Hours by island day: `row[day, hour]` is the hour's index, -1 where there is none."""

    row: Ints
    year: Ints
    month: Ints
    weekday: Ints
    week: Ints

    def at(self, values: Floats, hours: tuple[int, int]) -> Floats:
        part = self.row[:, hours[0] : hours[1] + 1]
        return np.where(part >= 0, values[part], np.nan)

    def mean(self, values: Floats, hours: tuple[int, int]) -> Floats:
        return np.asarray(self.at(values, hours).mean(axis=1))


def _midday(stamps: Stamps, timezone: str) -> _Days:
    local = to_local(stamps, timezone)
    number = local.astype("datetime64[D]").astype(np.int64)
    first, n = int(number[0]), int(number[-1] - number[0]) + 1
    row = np.full((n, 24), -1, dtype=np.int64)
    row[number - first, local.astype(np.int64) // 3600 % 24] = np.arange(len(stamps))
    day = np.arange(first, first + n).astype("datetime64[D]")
    return _Days(
        row=row,
        year=day.astype("datetime64[Y]").astype(np.int64) + 1970,
        month=day.astype("datetime64[M]").astype(np.int64) % 12 + 1,
        weekday=(day.astype(np.int64) + 3) % 7,
        week=(day.astype(np.int64) + 3) // 7,
    )


def _by_year(  # noqa: PLR0917 (the days, what they hold, what is held equal, which months)
    days: _Days,
    values: Floats,
    radiation: Floats,
    temperature: Floats,
    level: list[Floats],
    months: tuple[int, ...],
) -> dict[int, Slope]:
    y, sun, warm = (days.at(v, NOON) for v in (values, radiation / 1000.0, temperature))
    known = ~np.isnan(y + sun + warm).any(axis=1) & np.isin(days.month, months)
    for column in level:
        known &= ~np.isnan(column)
    out = {}
    for year in np.unique(days.year[known]).tolist():
        pick = known & (days.year == year)
        if pick.sum() >= FEWEST_DAYS:
            table = _table(days, pick, sun, warm, [c[pick] for c in level])
            out[year] = _slope(table, y[pick], days.week[pick])
    if not out:
        raise InputError(
            _("too few days with demand, radiation and temperature together"),
            seen=str(int(known.sum())),
            todo=_("Give at least {n} days of one year.", n=FEWEST_DAYS),
        )
    return out


def _table(days: _Days, pick: Bools, sun: Floats, warm: Floats, level: list[Floats]) -> Floats:
    """Lay out (days, hours, columns): radiation first, then what is held equal."""
    n, hours = int(pick.sum()), NOON[1] - NOON[0] + 1
    columns = [sun[pick], warm[pick], warm[pick] ** 2 / 10.0]
    columns += [np.tile(np.arange(hours) == h, (n, 1)).astype(float) for h in range(hours)]
    by_day = [*level, days.weekday[pick] == 5, days.weekday[pick] == 6]
    by_day += [days.month[pick] == m for m in np.unique(days.month[pick])[1:]]
    columns += [np.repeat(np.asarray(c, dtype=float)[:, None], hours, axis=1) for c in by_day]
    return np.stack(columns, axis=-1)


def _slope(table: Floats, y: Floats, week: Ints) -> Slope:
    """Least squares, and again over weeks drawn with replacement: days of one week err alike."""
    _names, code = np.unique(week, return_inverse=True)
    weeks, k = int(code.max()) + 1, table.shape[-1]
    gram, moment = np.zeros((weeks, k, k)), np.zeros((weeks, k))
    np.add.at(gram, code, np.einsum("dhi,dhj->dij", table, table))
    np.add.at(moment, code, np.einsum("dhi,dh->di", table, y))
    rng = np.random.default_rng(0)
    times = rng.multinomial(weeks, np.full(weeks, 1.0 / weeks), size=_DRAWS)
    ridge = 1e-6 * np.diag(np.diag(gram.sum(axis=0)) + 1e-9)
    found = np.linalg.solve(gram.sum(axis=0) + ridge, moment.sum(axis=0))[0]
    whole, right = np.tensordot(times, gram, axes=1) + ridge, times @ moment
    draws = np.asarray(np.linalg.solve(whole, right[..., None])[:, 0, 0], dtype=np.float64)
    low, high = np.quantile(draws, (_LEVELS[0], _LEVELS[-1]))
    return Slope(mw=float(found), low=float(low), high=float(high), days=len(y), draws=draws)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmetered:
    """Capacity that no file meters [MW], each as (low, middle, high) of an 80 % interval.

    Attributes
    ----------
    both
        PPA and behind the meter together, habit taken off.
    behind_the_meter
        What is left for roofs inside the range the grid file allows.
    agrees
        Share of the draws that the grid file's ranges allow: small where hollow and file contradict. [-]
    """

    both: tuple[float, float, float]
    behind_the_meter: tuple[float, float, float]
    agrees: float


def unmetered(
    demand: Slope,
    settled: Slope,
    *,
    settled_mw: Range,
    ppa_mw: Range,
    btm_mw: Range,
    habit: Range = HABIT,
    seed: int = 0,
) -> Unmetered:
    """Turn a hollow into capacity: draws from the slopes and evenly from each range.

    Where no draw fits `btm_mw` the interval behind the meter is that range itself, and `agrees` is 0.

    Parameters
    ----------
    demand, settled
        Of one year, from `hollow` and `response`.
    settled_mw, ppa_mw, btm_mw
        What the grid file allows [MW].
    """
    rng = np.random.default_rng(seed)
    n = 20_000
    per_mw = rng.choice(settled.draws, n) / rng.uniform(*settled_mw, n)
    both = -rng.choice(demand.draws, n) * (1.0 - rng.uniform(*habit, n)) / per_mw
    roofs = both - rng.uniform(*ppa_mw, n)
    fits = (roofs >= btm_mw[0]) & (roofs <= btm_mw[1])
    low, middle, high = (
        np.quantile(roofs[fits], _LEVELS) if fits.any() else (btm_mw[0], sum(btm_mw) / 2, btm_mw[1])
    )
    return Unmetered(
        both=_three(np.quantile(both, _LEVELS)),
        behind_the_meter=(float(low), float(middle), float(high)),
        agrees=float(fits.mean()),
    )


def _three(values: Floats) -> tuple[float, float, float]:
    low, middle, high = values.tolist()
    return (low, middle, high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hidden:
    """Power behind the meter by hour with an 80 % interval [MW]; every hour is ``ESTIMATED``."""

    mw: Floats
    low: Floats
    high: Floats
    flag: NDArray[np.uint16]


def hidden_power(capacity_mw: tuple[float, float, float], per_mw: Floats) -> Hidden:
    """Give what capacity behind the meter makes in the weather of each hour.

    Parameters
    ----------
    capacity_mw
        Low, middle, high. [MW]
    per_mw : (hours,)
        Power per unit of capacity, `pv.capacity_factor` under the island's radiation; NaN where unknown. [-]
    """
    low, middle, high = capacity_mw
    flag = np.where(np.isnan(per_mw), int(Flag.MISSING), int(Flag.ESTIMATED)).astype(np.uint16)
    return Hidden(mw=middle * per_mw, low=low * per_mw, high=high * per_mw, flag=flag)


# --- what a store and a grid file say together


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfHollow:
    """One year: the hollow of demand, what settled PV does in the same sun, and the capacity they imply."""

    demand: Slope
    settled: Slope
    capacity: Unmetered


def unmetered_by_year(store: Store, island: Island, *, habit: Range = HABIT) -> dict[int, YearOfHollow]:
    """Lay the midday hollow beside the capacities that the grid file allows, year by year.

    Settled PV is used up to the first open-ended change of its metering: after it, it is another fleet.

    Raises
    ------
    InputError
        The island has no demand series, no market PV, or no weather with radiation for them.
    """
    demand_name = None if island.demand is None else island.demand.series
    pv = next(
        (c.series for c in island.classes if c.group == "pv" and c.metering == "market" and c.series), None
    )
    if demand_name is None or pv is None or not (store.has(demand_name) and store.has(pv)):
        raise InputError(
            _("the hollow of demand needs a demand series and a market PV series"), seen=island.name
        )
    held = [i for i in store.list() if i.series == pv]
    start, end = min(i.start for i in held), max(i.end for i in held)
    cut = [r.start for r in island.regimes if pv in r.touches and r.kind == "metering" and r.end is None]
    end = min([end, *(np.datetime64(day.isoformat(), "s") for day in cut)])
    period = Period(start, end)
    sun, warm = _weather(store, pv.partition("/")[0], period)
    stamps = period.stamps()
    fallen = hollow(stamps, store.hours(demand_name, period).value, sun, warm, timezone=island.timezone)
    risen = response(stamps, store.hours(pv, period).value, sun, warm, timezone=island.timezone)
    return {
        year: YearOfHollow(
            demand=fallen[year],
            settled=risen[year],
            capacity=unmetered(
                fallen[year],
                risen[year],
                settled_mw=_allowed(island, "market", year),
                ppa_mw=_allowed(island, "ppa", year),
                btm_mw=_allowed(island, "behind_the_meter", year),
                habit=habit,
            ),
        )
        for year in sorted(fallen.keys() & risen.keys())
    }


def _weather(store: Store, island: str, period: Period) -> tuple[Floats, Floats]:
    """Give mean radiation (zero in the dark) and mean temperature of the island's places."""
    stamps = period.stamps()
    for family in families(store, island).values():
        places = places_in(store, family, period)
        with_sun = [p.radiation for p in places.values() if p.radiation is not None]
        if with_sun:
            dark = ~sun_at(places, stamps).up
            sun = _mean([np.where(dark, 0.0, r) for r in with_sun])
            return sun, _mean([p.temperature for p in places.values()])
    raise InputError(_("no place of the island has radiation"), seen=island)


def _mean(columns: list[Floats]) -> Floats:
    known = ~np.isnan(columns)
    total = np.where(known, columns, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _allowed(island: Island, metering: Metering, year: int) -> Range:
    """Add up the ranges of the island's PV of one metering in the middle of a year [MW]."""
    held = [f.capacity_at(date(year, 7, 1)) for f in island.fleet("pv", metering)]
    spans = [h.span for h in held if h is not None]
    return (sum(s[0] for s in spans), sum(s[1] for s in spans))
