"""What a forecast was worth, in words and as JSON: who foresaw, what it came to, what one saved against another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tamna.lang import _
from tamna.runs.worth import LEAST_DAYS, MEASURES, ON_PATHS, PERFECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.lang import Message
    from tamna.runs.dispatching import Loop
    from tamna.runs.worth import Measure, Saved, Worth

DEBIASED = "operator_debiased"
KINDS: dict[str, Message] = {
    PERFECT: _("perfect foresight"),
    "tamna": _("tamna"),
    ON_PATHS: _("tamna, decided on many paths"),
    "operator": _("the operator's demand, wind and PV as tamna"),
    DEBIASED: _("the operator's demand without its trailing bias, wind and PV as tamna"),
    "persistence": _("persistence: demand, wind and PV of the latest known day"),
    "wind_pv_persistence": _("tamna's demand, wind and PV of the latest known day"),
    "wind_pv_known": _("tamna's demand, wind and PV as they came"),
}
TOGETHER = (PERFECT, ON_PATHS, "tamna", DEBIASED, "operator", "persistence")
RIVALS = ("operator", DEBIASED)
BIAS_TITLE = _(
    "What the operator's bias is of that: its mean miss by hour over the last 28 days known at the issue, taken off"
)
ALONE = ("wind_pv_known", "tamna", "wind_pv_persistence")
"""Rows of the two tables: whole forecasts, and wind and PV changed alone."""
NAMES: dict[Measure, tuple[Message, float, int]] = {
    "cost_krw": (_("cost with what was missing, million KRW"), 1e6, 1),
    "paid_krw": (_("of it paid, million KRW"), 1e6, 1),
    "tco2": (_("carbon, tCO2"), 1.0, 0),
    "held_mwh": (_("wind and PV held back, MWh"), 1.0, 0),
}
"""Title, divisor and digits of each measure."""
MORE: dict[str, Message] = {
    "short_mwh": _("reserve missing, MWh"),
    "unserved_mwh": _("load not served, MWh"),
    "starts": _("starts"),
}


def pairs(loop: Loop) -> tuple[tuple[str, str], ...]:
    """Give who is held against whom: the forecast asked for first, then the others against what is simpler."""
    worth = loop.worth
    if worth is None:
        return ()
    mine = loop.kind
    others = [k for k in (*RIVALS, "persistence") if k in worth.kinds and k not in {mine, PERFECT}]
    found = [(mine, k) for k in others] if mine != PERFECT else [("tamna", k) for k in others]
    if mine == "persistence":
        found = [("tamna", mine), *((k, mine) for k in others)]
    if mine in {*RIVALS, ON_PATHS}:
        found.insert(0, ("tamna", mine) if mine in RIVALS else (mine, "tamna"))
    if {"tamna", "wind_pv_persistence"} <= set(worth.kinds):
        found.append(("tamna", "wind_pv_persistence"))
    return tuple(pair for pair in found if set(pair) <= set(worth.kinds))


def bias_sentences(worth: Worth) -> Iterator[Message]:
    """Say what taking its constant bias off would save the operator, beside what tamna saves against it."""
    if not {"tamna", *RIVALS} <= set(worth.kinds):
        return
    for measure, (title, by, digits) in NAMES.items():
        bias = worth.saved(DEBIASED, "operator", measure, best="tamna")
        whole = worth.total("operator", measure) - worth.total("tamna", measure)
        value, low, high, told = (f"{v / by:+,.{digits}f}" for v in (bias.value, bias.low, bias.high, whole))
        if worth.days < LEAST_DAYS:
            yield _(
                "{title}: without its bias the operator saves {value}, tamna {whole}",
                title=title,
                value=value,
                whole=told,
            )
            continue
        if bias.part is None:
            yield _(
                "{title}: without its bias the operator saves {value} ({low} .. {high}), tamna {whole}",
                title=title, value=value, low=low, high=high, whole=told,
            )  # fmt: skip
            continue
        part, part_low, part_high = (f"{100 * p:.0f}" for p in parts_of(bias))
        yield _(
            "{title}: without its bias the operator saves {value} ({low} .. {high}), tamna {whole}; of that the bias is"
            " {part} % ({part_low} .. {part_high})",
            title=title, value=value, low=low, high=high, whole=told, part=part, part_low=part_low, part_high=part_high,
        )  # fmt: skip


def rows(worth: Worth, kinds: tuple[str, ...]) -> Iterator[tuple[Message, list[str]]]:
    """Give a table's rows: who foresaw, and each sum as text."""
    for kind in kinds:
        if kind in worth.kinds:
            sums = [_number(worth.total(kind, m) / NAMES[m][1], NAMES[m][2]) for m in MEASURES]
            sums += [_number(worth.total(kind, m), 0) for m in MORE]
            yield KINDS[kind], sums


def _number(value: float, digits: int) -> str:
    return f"{value + 0.0:,.{digits}f}"


def sentence(worth: Worth, kind: str, other: str, measure: Measure) -> Message:
    """Say what one forecast saved against another in one measure, and which part of the gap that is."""
    saved = worth.saved(kind, other, measure)
    title, by, digits = NAMES[measure]
    value, low, high = (f"{v / by:+,.{digits}f}" for v in (saved.value, saved.low, saved.high))
    if worth.days < LEAST_DAYS:
        if saved.part is None:
            return _("{title}: {value}", title=title, value=value)
        return _(
            "{title}: {value}, {part} % of the gap", title=title, value=value, part=f"{100 * saved.part:.0f}"
        )
    if saved.part is None:
        return _("{title}: {value} ({low} .. {high})", title=title, value=value, low=low, high=high)
    part, part_low, part_high = (f"{100 * p:.0f}" for p in parts_of(saved))
    return _(
        "{title}: {value} ({low} .. {high}), {part} % of the gap ({part_low} .. {part_high})",
        title=title, value=value, low=low, high=high, part=part, part_low=part_low, part_high=part_high,
    )  # fmt: skip


def parts_of(saved: Saved) -> tuple[float, float, float]:
    """Give the part of the gap and its ends; NaN where there is none."""
    nan = float("nan")
    return tuple(nan if p is None else p for p in (saved.part, saved.part_low, saved.part_high))  # type: ignore[return-value]


def heading(worth: Worth, kind: str, other: str) -> Message:
    """Say which two are held against each other."""
    if worth.days < LEAST_DAYS:
        return _(
            "What {kind} saves against {other} on this one day (one day says nothing of how sure that is)",
            kind=KINDS[kind], other=KINDS[other],
        )  # fmt: skip
    return _(
        "What {kind} saves against {other}, over {n} days (in brackets nine draws of ten, whole days drawn again)",
        kind=KINDS[kind], other=KINDS[other], n=worth.days,
    )  # fmt: skip


def as_dict(loop: Loop) -> dict[str, Any]:
    """Give the worth as JSON carries it."""
    worth = loop.worth
    if worth is None:
        return {}
    bias: dict[str, Any] = {}
    if {"tamna", *RIVALS} <= set(worth.kinds):
        bias = {m: _plain(worth.saved(DEBIASED, "operator", m, best="tamna")) for m in MEASURES}
    return {
        "days": worth.days,
        "days_not_counted": int((~worth.counted).sum()),
        "kinds": {
            kind: {name: worth.total(kind, name) for name in (*MEASURES, *MORE)} for kind in worth.kinds
        },
        "saved": [
            {"forecast": kind, "against": other, **{m: _plain(worth.saved(kind, other, m)) for m in MEASURES}}
            for kind, other in pairs(loop)
        ],
        "operators_bias": bias,
    }


def _plain(saved: Saved) -> dict[str, float | None]:
    of = {name: getattr(saved, name) for name in ("value", "low", "high", "part", "part_low", "part_high")}
    return {name: None if value is None or math.isnan(value) else value for name, value in of.items()}
