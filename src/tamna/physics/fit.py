"""A fleet fitted to what was measured: weather to potential power, with its uncertainty, as one JSON file.

Learned from trusted hours only (dark hours, and hours in which the system had room), on the absolute error,
so that curtailment and outages pull little. The hours are dealt into folds of ten days; each fold is
predicted by learners that did not see it, and those errors size the intervals. The potential is the mean of
the folds' networks and of trees that saw every fold. How large the fleet is on a day is its `Level`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import InputError, Mistake, Place, gather
from tamna.lang import _
from tamna.physics.learners import Network, Trees, blend, fit_network, fit_trees
from tamna.physics.level import Level, level_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tamna.grid.clock import Stamps
    from tamna.physics.weather import Features

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

FOLDS = 3
FOLD_DAYS = 60
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
UNSEEN_DAYS = 90.0
"""Intervals are for periods that were not learned from: there the fleet's size is only known from a season away."""
FORMAT = "tamna-fleet-fit/1"
FEWEST_HOURS = 1000
ROOM_MW = 330.0
"""Net demand above which nobody needs to hold wind back on Jeju: thermal minimum plus link minimum, with
a margin of some 100 MW over the highest floor seen."""


@dataclass(frozen=True, slots=True)
class Potential:
    """What the fleet could have given, hour by hour [MW]; NaN where the weather is not known.

    Attributes
    ----------
    power_mw : (hours,)
        The middle.
    error_mw : (hours,)
        Usual size of the error (standard deviation).
    bands : quantile -> (hours,)
        Calibrated quantiles; ``bands[0.1]`` to ``bands[0.9]`` hold 80 % of measured hours.
    estimated : (hours,)
        Whether radiation was guessed from cloud.
    """

    power_mw: Floats
    error_mw: Floats
    bands: Mapping[float, Floats]
    estimated: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetFit:
    """A fitted fleet. `learned` says from what: receipts, period, hours, and how well it did out of fold."""

    fleet: str
    names: tuple[str, ...]
    networks: tuple[Network, ...]
    trees: Trees
    level: Level
    error: Trees
    factors: Mapping[str, tuple[float, ...]]
    spread: float
    most_mw: float
    dark_is_zero: bool
    learned: Mapping[str, Any] = field(default_factory=dict)

    def potential(self, features: Features, stamps: Stamps, *, level: Level | None = None) -> Potential:
        """Give potential power for weather `features`; another `level` may stand for the fit's own."""
        if features.names != self.names:
            missing = ", ".join(sorted(set(self.names) - set(features.names))[:3]) or "-"
            raise InputError(
                _("the weather has other columns than the fit learned from"),
                where=Place(path=self.fleet),
                seen=missing,
                todo=_("Give the same stations, under the same names, as the fit was learned with."),
            )
        size = (level or self.level).at(stamps)
        per_level = blend(self.networks, self.trees, features.rows)
        power = np.clip(per_level, 0.0, self.most_mw) * size
        return self._around(features, stamps, power, size)

    def _around(self, features: Features, stamps: Stamps, power: Floats, size: Floats) -> Potential:
        error = np.maximum(self.error.predict(_error_rows(features.rows, power / size)), 0.5) * size
        dark = dark_hours(features) if self.dark_is_zero else np.zeros(len(power), dtype=bool)
        power, error = np.where(dark, 0.0, power), np.where(dark, 0.0, error)
        season = np.array([self.factors[s] for s in SEASONS])[_season(stamps)]
        most = self.most_mw * size * 1.05
        bands = {
            q: np.clip(power + season[:, i] * error, 0.0, np.maximum(most, power))
            for i, q in enumerate(QUANTILES)
        }
        return Potential(power, error * self.spread, bands, features.estimated)

    def save(self, path: Path) -> None:
        """Write the fit as one JSON file; the same fit gives the same bytes."""
        whole = {
            "format": FORMAT,
            "fleet": self.fleet,
            "learned": dict(self.learned),
            "names": list(self.names),
            "level": self.level.as_dict(),
            "factors": {k: list(v) for k, v in self.factors.items()},
            "spread": self.spread,
            "most_mw": self.most_mw,
            "dark_is_zero": self.dark_is_zero,
            "error": self.error.as_dict(),
            "networks": [n.as_dict() for n in self.networks],
            "trees": self.trees.as_dict(),
        }
        path.write_text(json.dumps(whole, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def load_fit(path: Path) -> FleetFit:
    """Take up a saved fit.

    Raises
    ------
    InputError
        The file is not a fleet fit of a known format.
    """
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        _known_format(saved["format"])
        return FleetFit(
            fleet=saved["fleet"],
            names=tuple(saved["names"]),
            networks=tuple(Network.from_dict(n) for n in saved["networks"]),
            trees=Trees.from_dict(saved["trees"]),
            level=Level.from_dict(saved["level"]),
            error=Trees.from_dict(saved["error"]),
            factors={k: tuple(v) for k, v in saved["factors"].items()},
            spread=saved["spread"],
            most_mw=saved["most_mw"],
            dark_is_zero=saved["dark_is_zero"],
            learned=saved["learned"],
        )
    except (KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise InputError(
            _("not a saved fleet fit"),
            where=Place(file=path.name),
            seen=str(error),
            todo=_("Fit the fleet again, or give a file that FleetFit.save wrote."),
        ) from error


def _known_format(name: str) -> None:
    if name != FORMAT:
        raise ValueError(name)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit together with what it said of each hour when that hour's fold was left out."""

    fit: FleetFit
    out_of_fold: Potential


def fit_fleet(
    features: Features,
    stamps: Stamps,
    measured_mw: Floats,
    trusted: Bools,
    *,
    fleet: str,
    dark_is_zero: bool = False,
    receipts: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
) -> Fitted:
    """Fit a fleet to measured output.

    Parameters
    ----------
    features
        Of `wind_features` or `pv_features`, one row an hour.
    stamps : (hours,)
        UTC start of each hour.
    measured_mw : (hours,) [MW]
        Mean power of the hour; NaN where not known.
    trusted : (hours,)
        Whether the output shows what the weather gave: see `trusted_hours`.
    fleet
        Name of the series, ``jeju/wind``.
    dark_is_zero
        For PV: hours without sun are zero and teach nothing.

    Raises
    ------
    InputError
        Fewer than 1000 trusted hours, or columns of different length.
    """
    use = trusted & ~np.isnan(measured_mw) & (np.isnan(features.rows).mean(axis=1) < 0.7)
    if dark_is_zero:
        use &= ~dark_hours(features)
    _check(features, stamps, measured_mw, use, fleet)
    rows = features.rows
    whole = use & ~np.isnan(rows).any(axis=1)
    scout = fit_network(rows[whole], measured_mw[whole], seed=seed + 90, epochs=8, width=16)
    level = level_of(stamps, measured_mw, np.maximum(scout.predict(rows), 0.0), use)
    size = level.at(stamps)
    most = 1.02 * float(np.quantile(measured_mw[use] / size[use], 0.9999))
    per_level = measured_mw / size
    fold = (stamps.astype("datetime64[D]").astype(np.int64) // FOLD_DAYS) % FOLDS
    networks, held = [], np.full(len(stamps), np.nan)
    for k in range(FOLDS):
        take, smooth_take = use & (fold != k), whole & (fold != k)
        network = fit_network(rows[smooth_take], per_level[smooth_take], seed=seed + k)
        trees = fit_trees(rows[take], per_level[take], seed=seed + k)
        held[fold == k] = blend([network], trees, rows[fold == k])
        networks.append(network)
    held = np.clip(held, 0.0, most)
    unseen = level_of(stamps, measured_mw, held, use, width_days=UNSEEN_DAYS, skip_days=UNSEEN_DAYS).at(
        stamps
    )
    miss = measured_mw / unseen - held
    error = fit_trees(_error_rows(rows, held)[use], np.abs(miss)[use], seed=seed, trees=30, leaves=12)
    error_mw = np.maximum(error.predict(_error_rows(rows, held)), 0.5)
    ratio = miss / error_mw
    fold_miss = (per_level - held) * size
    fit = FleetFit(
        fleet=fleet,
        names=features.names,
        networks=tuple(networks),
        trees=fit_trees(rows[use], per_level[use], seed=seed),
        level=level,
        error=error,
        factors=_factors(ratio, use, stamps),
        spread=float(np.sqrt(np.mean(np.clip(ratio[use], -6.0, 6.0) ** 2))),
        most_mw=most,
        dark_is_zero=dark_is_zero,
        learned={
            "from": str(stamps[0]) + "Z",
            "to": str(stamps[-1] + np.timedelta64(3600, "s")) + "Z",
            "hours": int(use.sum()),
            "mae_mw": round(float(np.mean(np.abs(fold_miss)[use])), 3),
            "correlation": round(float(np.corrcoef(per_level[use], held[use])[0, 1]), 4),
            "seed": seed,
            "receipts": [dict(r) for r in receipts],
        },
    )
    return Fitted(fit, fit._around(features, stamps, held * size, size))  # noqa: SLF001 - same module


def fit_wind(
    features: Features,
    stamps: Stamps,
    wind_mw: Floats,
    dark: Bools,
    *,
    demand_mw: Floats | None = None,
    pv_mw: Floats | None = None,
    fleet: str = "jeju/wind",
    receipts: Sequence[Mapping[str, Any]] = (),
    seed: int = 0,
) -> Fitted:
    """Fit a wind fleet robustly: a scout learns from dark hours and says where the system had room.

    Without demand and PV only dark hours teach.
    """
    trusted = dark.copy()
    if demand_mw is not None and pv_mw is not None:
        use = dark & ~np.isnan(wind_mw) & ~np.isnan(features.rows).any(axis=1)
        scout = fit_network(features.rows[use], wind_mw[use], seed=seed + 91, epochs=8, width=16)
        trusted = trusted_hours(demand_mw, pv_mw, scout.predict(features.rows), dark)
    return fit_fleet(features, stamps, wind_mw, trusted, fleet=fleet, receipts=receipts, seed=seed)


def trusted_hours(
    demand_mw: Floats, pv_mw: Floats, wind_mw: Floats, dark: Bools, *, room_mw: float = ROOM_MW
) -> Bools:
    """Say which hours show what the weather gave: dark ones, and those with room for all that wind and PV.

    Hours whose demand or PV is not known count as trusted only in the dark.
    """
    left = demand_mw - pv_mw - wind_mw
    return dark | (np.nan_to_num(left, nan=-np.inf) > room_mw)


SEASONS = ("DJF", "MAM", "JJA", "SON")


def dark_hours(features: Features) -> Bools:
    """Say where PV features show no sun at all, even under a clear sky."""
    return np.asarray(features.rows[:, features.names.index("clear/power")] <= 0.0)


def _season(stamps: Stamps) -> NDArray[np.int64]:
    month = stamps.astype("datetime64[M]").astype(np.int64) % 12 + 1
    return (month % 12) // 3


def _factors(ratio: Floats, use: Bools, stamps: Stamps) -> dict[str, tuple[float, ...]]:
    """Give each season's conformal factors, half its own and half the whole year's.

    A season seen in one or two years is one or two samples of its weather: its own factors alone promise too
    much. A season with few hours takes those of the whole year.
    """
    season = _season(stamps)
    whole = _quantiles(ratio, use, stamps)
    out = {}
    for number, name in enumerate(SEASONS):
        pick = use & (season == number)
        own = _quantiles(ratio, pick, stamps) if pick.sum() > 300 else whole
        out[name] = tuple(float(f) for f in 0.5 * (own + whole))
    return out


def _quantiles(ratio: Floats, pick: Bools, stamps: Stamps) -> Floats:
    """Give the quantiles of errors over their size.

    Hours of one day err together, so the day is the unit of the finite-sample correction:
    the level q becomes ``q (n + 1) / n`` outward, with n days.
    """
    days = len(np.unique(stamps[pick].astype("datetime64[D]")))
    asked = np.array(QUANTILES)
    wide = np.clip(asked + np.sign(asked - 0.5) * np.maximum(asked, 1 - asked) / days, 0.0, 1.0)
    return np.asarray(np.quantile(ratio[pick], wide))


def _error_rows(rows: Floats, power: Floats) -> Floats:
    return np.column_stack([power, rows])


def _check(features: Features, stamps: Stamps, measured: Floats, use: Bools, fleet: str) -> None:
    where = Place(path=fleet)
    mistakes = []
    if not len(features.rows) == len(stamps) == len(measured):
        mistakes.append(Mistake(what=_("weather and output have different lengths"), where=where))
    if use.sum() < FEWEST_HOURS:
        mistakes.append(
            Mistake(
                what=_("too few trusted hours to fit a fleet"),
                where=where,
                seen=str(int(use.sum())),
                todo=_("Give at least {n} hours of weather and output together.", n=FEWEST_HOURS),
            )
        )
    gather(mistakes)


def follow_level(
    fit: FleetFit, features: Features, stamps: Stamps, measured_mw: Floats, trusted: Bools
) -> FleetFit:
    """Let a fit follow the fleet's size through a period it did not learn from.

    What the weather gives per size stays as learned; how large the fleet is comes from the trusted hours
    of the period itself. Right after the fact; not for a forecast.
    """
    one = Level(stamps[:1], np.ones(1))
    power = fit.potential(features, stamps, level=one).power_mw
    return with_level(fit, level_of(stamps, measured_mw, power, trusted))


def with_level(fit: FleetFit, level: Level) -> FleetFit:
    """Give the same fit for a fleet of another size over time."""
    return replace(fit, level=level)
