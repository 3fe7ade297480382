"""What a forecast is worth: revenue by the rules of the time, and what its misses cost against a perfect one.

Rules and their periods come from the grid file (`tamna.grid.settlement`); no date stands here. A price of a mock
run was paid to nobody: its money is counterfactual, stands apart, and adding it to real money is refused. Hours
without a price are counted and left out, never filled: prices are missing most often where they were negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tamna.errors import UsageError
from tamna.forecast.price import price_tracks
from tamna.forecast.settling import hour_errors, incentive, penalty, refuse_unknown, two_settlements
from tamna.forecast.titles import title
from tamna.grid.clock import to_local
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from tamna.forecast.backtest import Answers
    from tamna.forecast.history import History
    from tamna.grid.model import Island
    from tamna.grid.settlement import Settlement
    from tamna.lang import Message

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

SOLD: Mapping[str, Literal["wind", "pv"]] = {"wind_delivered": "wind", "pv_delivered": "pv"}
"""Targets whose energy somebody sells -> the kind of fleet."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, and whether anybody was really paid by it; the two kinds do not add.

    Examples
    --------
    >>> (Money(2.0) + Money(3.0)).krw
    5.0
    """

    krw: float
    counterfactual: bool = False

    def __add__(self, other: Money) -> Money:
        """Add money of the same kind.

        Raises
        ------
        UsageError
            One is real, the other of a mock run.
        """
        if self.counterfactual != other.counterfactual:
            raise UsageError(
                _("money of a mock run is counterfactual and is never added to real money"),
                todo=_("Show the two sums side by side."),
            )
        return Money(self.krw + other.krw, self.counterfactual)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A rule on the hours that it held.

    Attributes
    ----------
    held, priced : (rows,) bool
        The rule held; and its prices are there.
    month : (rows,)
        Island month, ``2024-06``.
    """

    rule: Settlement
    held: Bools
    priced: Bools
    month: NDArray[np.str_]


def money_of(answers: Answers, history: History, island: Island) -> dict[str, Any]:
    """Say what every competitor's forecast would have earned by each rule that held, and what its misses cost.

    Returns
    -------
    dict
        ``real`` and ``counterfactual``: rule -> ``title``, ``from``, ``to``, ``hours``, ``hours_without_price``,
        ``hours_without_quantity``, ``delivered_mwh`` and ``competitors``: name -> ``revenue_krw``,
        ``perfect_krw``, ``imbalance_cost_krw`` (perfect less revenue; negative where misses happened to pay) and
        ``by_month``. ``refused``: ``rule``, ``title``, ``what`` was not computed and ``why``. The two kinds of money are
        never summed, nor are two rules.
    """
    out: dict[str, Any] = {"unit": "KRW", "real": {}, "counterfactual": {}, "refused": []}
    fleet = SOLD.get(answers.target)
    if fleet is None:
        what = _("no money: {target} is not what a seller delivers", target=title(answers.target))
        return out | {"refused": [_refusal(None, what, _("ask for {names}", names=", ".join(SOLD)))]}
    local = to_local(answers.rows.valid_at, island.timezone)
    day = local.astype("datetime64[D]")
    for rule in island.settlements:
        held = day >= np.datetime64(rule.start)
        if rule.end is not None:
            held &= day <= np.datetime64(rule.end)
        if not held.any() or fleet not in rule.pays:
            continue
        case = Case(rule, held, held, local.astype("datetime64[M]").astype(str))
        if rule.kind == "two_settlement":
            found, refused = _by_prices(answers, history, island, case)
        else:
            capacity = _capacity(island, fleet, day)
            found, refused = _by_errors(answers, case, capacity)
        out["refused"] += refused
        if found is not None:
            side = "counterfactual" if rule.counterfactual else "real"
            out[side][rule.name] = {
                "title": rule.spoken,
                "from": str(day[held][0]),
                "to": str(day[held][-1]),
            } | found
    return out


def mock_hours(answers: Answers, island: Island, series: str) -> Bools:
    """Say in which hours a price series was that of a mock run, (rows,): a rule that settles at it says so."""
    day = to_local(answers.rows.valid_at, island.timezone).astype("datetime64[D]")
    mock = np.zeros(len(day), dtype=bool)
    for rule in island.settlements:
        if rule.counterfactual and series in (rule.day_ahead, rule.real_time):
            mock |= (day >= np.datetime64(rule.start)) & (
                np.True_ if rule.end is None else day <= np.datetime64(rule.end)
            )
    return mock


def _by_prices(
    answers: Answers, history: History, island: Island, case: Case
) -> tuple[dict[str, Any] | None, list[dict[str, str]]]:
    rule = case.rule
    tracks = {names[0]: track for track, names in price_tracks(island.name).items()}
    prices = []
    for series in (rule.day_ahead, rule.real_time):
        track = tracks.get(series or "", "")
        if track not in history.tracks:
            lacks = rule.why_unknown("day_ahead") or rule.why_unknown("real_time") or str(series)
            return None, [_refusal(rule, _("no prices to settle at"), lacks)]
        prices.append(history.actual(track, answers.rows.valid_at))
    day_ahead, real_time = prices
    priced = case.held & np.isfinite(day_ahead) & np.isfinite(real_time)
    refused = []
    charged = True
    try:
        refuse_unknown(rule, "tolerance", "penalty_krw_per_kwh")
    except UsageError as error:
        charged = False
        refused.append(_refusal(rule, _("the charge beyond the tolerance"), error.mistakes[0].seen))

    def paid(quantity: Floats) -> Floats:
        energy = two_settlements(quantity, answers.actual, day_ahead, real_time)
        return energy - penalty(quantity, answers.actual, rule) if charged else energy

    return _told(answers, Case(rule, case.held, priced, case.month), paid), refused


def _by_errors(
    answers: Answers, case: Case, capacity_mw: Floats
) -> tuple[dict[str, Any] | None, list[dict[str, str]]]:
    rule = case.rule
    try:
        found = _told(answers, case, lambda q: incentive(q, answers.actual, rule, capacity_mw))
    except UsageError as error:
        return None, [_refusal(rule, _("what is paid for small errors"), error.mistakes[0].seen)]
    if rule.test_error is not None:
        for name, quantity in _everyone(answers).items():
            error_of = hour_errors(quantity, answers.actual, rule, capacity_mw)
            found["competitors"][name]["months_over_test"] = [
                str(m)
                for m in np.unique(case.month[case.held])
                if _mean(error_of[case.held & (case.month == m)]) > rule.test_error.value
            ]
    return found, []


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else 0.0


def _capacity(island: Island, fleet: Literal["wind", "pv"], day: NDArray[np.datetime64]) -> Floats:
    """Give the capacity that sells in the market, hour by hour [MW]."""
    days, back = np.unique(day, return_inverse=True)
    return np.array([island.capacity_mw(fleet, d.item(), "market") for d in days])[back]


def _everyone(answers: Answers) -> dict[str, Floats]:
    return {"tamna": answers.middle, **answers.rivals}


def _told(answers: Answers, case: Case, paid: Callable[[Floats], Floats]) -> dict[str, Any]:
    """Sum over the hours in which every competitor, what was delivered and the prices are there."""
    everyone = _everyone(answers)
    fair = np.isfinite(answers.actual) & np.isfinite(list(everyone.values())).all(axis=0)
    use = case.priced & fair
    months = {str(m): use & (case.month == m) for m in np.unique(case.month[use])}
    perfect = paid(answers.actual)
    competitors = {}
    for name, quantity in everyone.items():
        revenue = paid(quantity)
        by_month = {m: _amounts(revenue, perfect, which, case.rule) for m, which in months.items()}
        competitors[name] = _amounts(revenue, perfect, use, case.rule) | {"by_month": by_month}
    return {
        "kind": case.rule.kind,
        "hours": int(use.sum()),
        "hours_without_price": int((case.held & ~case.priced).sum()),
        "hours_without_quantity": int((case.priced & ~fair).sum()),
        "delivered_mwh": float(answers.actual[use].sum()),
        "competitors": competitors,
    }


def _amounts(revenue: Floats, perfect: Floats, which: Bools, rule: Settlement) -> dict[str, float]:
    got = Money(float(revenue[which].sum()), rule.counterfactual)
    best = Money(float(perfect[which].sum()), rule.counterfactual)
    lost = best + Money(-got.krw, got.counterfactual)
    return {"revenue_krw": got.krw, "perfect_krw": best.krw, "imbalance_cost_krw": lost.krw}


def _refusal(rule: Settlement | None, what: Message, why: object) -> dict[str, str]:
    name, spoken = ("", "") if rule is None else (rule.name, rule.spoken)
    return {"rule": name, "title": spoken, "what": str(what), "why": str(why)}
