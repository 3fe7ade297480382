"""A dispatch as JSON carries it: sums, hours, reasons, assumptions, and what differs from the island as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.dispatch.account import account, held_mw
from tamna.dispatch.why import CAUSES
from tamna.grid.clock import iso
from tamna.lang import _
from tamna.optimise.share import ELECTRICITY
from tamna.serve.published_words import sentences
from tamna.serve.worth_words import as_dict as worth_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamna.dispatch.account import Account
    from tamna.lang import Message
    from tamna.runs.dispatching import Answer, Dispatched


FLEXIBLE: Mapping[str, Message] = {
    "ev_charged_mwh": _("charged by EVs, MWh"),
    "ev_given_mwh": _("given back by EVs, MWh"),
    "ev_missing_mwh": _("trips of EVs lack, MWh"),
    "turning_mwh": _("taken by condensers, MWh"),
    "stored_mwh": _("in batteries and EVs at the end, less at the start, MWh"),
}
NOTHING_MWH = 0.05


def as_dict(done: Dispatched) -> dict[str, Any]:
    """Give everything of a dispatch."""
    asked, zone = done.asked, done.island.timezone
    body: dict[str, Any] = {
        "island": done.island.name,
        "from": iso(done.period.start, zone),
        "to": iso(done.period.end, zone),
        "forecast": "perfect" if done.loop is None else done.loop.forecast,
        "potential": asked.potential,
        "floor": asked.floor,
        "reserve": asked.reserve,
        "exact": asked.exact,
        "what_if": {
            "with": list(asked.what_if.added),
            "without": list(asked.what_if.without),
            "outages": list(asked.what_if.outages),
        },
        **_sums(done.answer),
        "gaps": [w.found.gap for w in done.answer.rolled.windows],
        "held_by_cause_mwh": held_by_cause(done.answer),
        "worth": [
            {
                "name": w.name,
                "figure": w.figure,
                "saves_krw": w.total,
                "hours_bound": w.bound,
                "says": str(w.thing),
            }
            for w in done.answer.worths
        ],
        "hours": _hours(done),
        "assumed": [a.as_dict() for a in done.stand.assumed],
        "notes": [str(n) for n in done.came.notes],
        "rules_broken": [str(b) for b in done.answer.broken],
    }
    if done.loop is not None:
        body["planned"] = planned_account(done).as_dict()
        body["worth"] = worth_dict(done.loop)
        if done.loop.on_paths is not None:
            body["paths"] = done.loop.on_paths.as_dict()
    if done.published is not None:
        body["published"] = done.published.as_dict() | {"says": [str(s) for s in sentences(done.published)]}
    if done.beside is not None:
        body["as_it_stands"] = _sums(done.beside)
        body["difference"] = difference(done)
    return body


def _sums(answer: Answer) -> dict[str, Any]:
    return {**answer.account.as_dict(), "largest_gap": answer.gap, "windows_cut_short": answer.cut_short}


def planned_account(done: Dispatched) -> Account:
    """Add up what the plans of a loop meant the hours to come to."""
    if done.loop is None:
        return done.answer.account
    answer, seen = done.answer, done.loop.foresight
    hours = replace(
        answer.hours, demand_mw=seen.demand_mw, potential_mw={**answer.hours.potential_mw, **seen.potential_mw}
    )  # fmt: skip
    return account(answer.system, hours, done.loop.planned, done.stand.burns, answer.before)


def held_by_cause(answer: Answer) -> dict[str, float]:
    """Add up held-back energy by its cause [MWh]; empty where causes were not asked for."""
    if answer.reasons is None:
        return {}
    each = [*held_mw(answer.system, answer.hours, answer.rolled.done).values()]
    held = np.sum(each, axis=0) * answer.hours.steps.hours
    causes = np.array([c or "" for c in answer.reasons.cause])
    return {name: float(np.sum(held[causes == name])) for name in CAUSES}


def difference(done: Dispatched) -> Mapping[str, float]:
    """Give what was changed less the island as it stands: won, tCO2 and MWh."""
    if done.beside is None:
        return {}
    new, old = done.answer.account, done.beside.account
    return {
        "paid_krw": new.paid_krw - old.paid_krw,
        "tco2": new.tco2 - old.tco2,
        "held_mwh": sum(new.held_mwh.values()) - sum(old.held_mwh.values()),
        "starts": sum(new.starts.values()) - sum(old.starts.values()),
        "import_mwh": sum(new.import_mwh.values()) - sum(old.import_mwh.values()),
        "short_mwh": sum(new.short_mwh.values()) - sum(old.short_mwh.values()),
        "unserved_mwh": new.unserved_mwh - old.unserved_mwh,
        "sold_kg": new.sold_kg - old.sold_kg,
        "sold_krw": new.sold_krw - old.sold_krw,
        **{name: getattr(new, name) - getattr(old, name) for name in FLEXIBLE},
    }


def _hours(done: Dispatched) -> dict[str, Any]:
    answer = done.answer
    held = held_mw(answer.system, answer.hours, answer.rolled.done)
    found: dict[str, Any] = {
        "start": [iso(t, done.island.timezone) for t in done.came.stamps],
        "injection_mw": {k: _short(v) for k, v in answer.rolled.done.injection_mw[ELECTRICITY].items()},
        "held_mw": {k: _short(v) for k, v in held.items()},
        "level_mwh": {
            b.name: _short(answer.rolled.done.columns[f"{b.name}/level"]) for b in answer.system.batteries
        },
    }
    if done.loop is not None:
        seen = done.loop.foresight
        found["foreseen_mw"] = {"demand": _short(seen.demand_mw)} | {
            k: _short(v) for k, v in seen.potential_mw.items()
        }
        found["came_mw"] = {"demand": _short(answer.hours.demand_mw)} | {
            k: _short(answer.hours.potential_mw[k]) for k in seen.potential_mw
        }
    if answer.reasons is not None:
        found["price_krw_per_mwh"] = _short(answer.reasons.price)
        found["set_by"] = [list(s) for s in answer.reasons.setters]
        found["cause"] = list(answer.reasons.cause)
        found["why"] = list(answer.told)
    return found


def _short(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    return [round(float(v), 3) + 0.0 for v in values]


def figures(of: list[Account]) -> Iterator[tuple[Message, list[float]]]:
    """Name the sums that readers see, with their value in each account."""
    yield _("paid, million KRW"), [a.paid_krw / 1e6 for a in of]
    yield _("held back and missing at assumed prices, million KRW"), [a.missed_krw / 1e6 for a in of]
    yield _("carbon, tCO2"), [a.tco2 for a in of]
    yield _("of it imports, tCO2"), [a.imports_tco2 for a in of]
    yield _("starts"), [float(sum(a.starts.values())) for a in of]
    yield _("imports, MWh"), [sum(a.import_mwh.values()) for a in of]
    yield _("exports, MWh"), [sum(a.export_mwh.values()) for a in of]
    yield _("wind held back, MWh"), [_of_kind(a, "wind") for a in of]
    yield _("PV held back, MWh"), [_of_kind(a, "pv") for a in of]
    yield _("reserve missing, MWh"), [sum(a.short_mwh.values()) for a in of]
    yield _("units and links below their floor, MWh"), [a.below_floor_mwh for a in of]
    yield _("load not served, MWh"), [a.unserved_mwh for a in of]
    if any(a.surplus_mwh > 0.05 for a in of):
        yield _("energy that nobody took, MWh"), [a.surplus_mwh for a in of]
    for name, field in FLEXIBLE.items():
        if any(abs(getattr(a, name)) > NOTHING_MWH for a in of):
            yield field, [getattr(a, name) for a in of]
    if any(a.sold_kg for a in of):
        yield _("hydrogen sold, kg"), [a.sold_kg for a in of]
        yield _("its declared worth, million KRW"), [a.sold_krw / 1e6 for a in of]
        yield _("paid less that worth, million KRW"), [(a.paid_krw - a.sold_krw) / 1e6 for a in of]
    for fuel in sorted({f for a in of for f in a.fuel_gj}):
        yield _("{fuel}, GJ", fuel=fuel), [a.fuel_gj.get(fuel, 0.0) for a in of]


def columns(done: Dispatched) -> tuple[list[Account], list[Message]]:
    """Give the accounts that stand side by side, and the titles of their columns and of the difference."""
    if done.beside is not None:
        beside = [done.beside.account, done.answer.account]
        return beside, [_("as it stands"), _("with the change"), _("difference")]
    if done.loop is not None:
        return [planned_account(done), done.answer.account], [
            _("as planned"),
            _("as it came"),
            _("difference"),
        ]
    return [done.answer.account], [_("found")]


def whole(value: float) -> str:
    """Write a sum without decimals; what rounds to nothing is 0."""
    return f"{round(value) + 0:,}"


def _of_kind(of: Account, kind: str) -> float:
    """Add up what is held back of a kind, with what was added of it [MWh]."""
    return sum(mwh for name, mwh in of.held_mwh.items() if name.partition(":")[0] == kind)
