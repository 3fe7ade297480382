"""Ramps and money on a backtest's page: were great changes foreseen, and what would the forecast have earned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.lang import _
from tamna.serve.report.backtest_words import competitor
from tamna.serve.report.blocks import Amount, Callout, Column, Missing, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tamna.serve.report.blocks import Block, Cell

KRW_MILLION = 1e6


def ramps_section(found: Mapping[str, Any]) -> Section:
    """Tell how every competitor foresaw ramps."""
    first = next(iter(found.values()))
    counts = ("ramps", "hits", "misses", "false_alarms")

    def row(name: str, s: Mapping[str, Any]) -> tuple[Cell, ...]:
        numbers = (Amount(value=s[k], digits=0) for k in counts)
        return (competitor(name), *numbers, _some(s["csi"], 2), _some(s["late_h"], 1, signed=True))

    heads = (_("ramps"), _("hits"), _("misses"), _("false alarms"), _("hits of all three"), _("late, h"))
    table = Table(
        title=_(
            "Changes of at least {mw} MW within {hours} hours",
            mw=f"{first['threshold_mw']:.0f}",
            hours=first["within_h"],
        ),
        columns=(Column(_("Competitor")), *(Column(head, number=True) for head in heads)),
        rows=tuple(row(name, s) for name, s in found.items()),
        strong=(0,),
        note=_(
            "Of the middle of the distribution; it is smoother than what comes, so many ramps are missed."
        ),
    )
    return Section(title=_("Ramps"), blocks=(table,))


def _some(value: float | None, digits: int, *, signed: bool = False) -> Cell:
    return Missing(word="–") if value is None else Amount(value=value, digits=digits, signed=signed)


def money_section(money: Mapping[str, Any]) -> Section | None:
    """Tell what the forecast would have earned, real money and counterfactual apart; None where nothing is sold."""
    refused = any(r["rule"] for r in money["refused"])
    if not money["real"] and not money["counterfactual"] and not refused:
        return None
    return Section(title=_("What it was worth"), blocks=tuple(_money(money)))


def _money(money: Mapping[str, Any]) -> Iterator[Block]:
    for found in money["real"].values():
        yield _money_table(found, mock=False)
    for found in money["counterfactual"].values():
        yield _money_table(found, mock=True)
    refused = [
        _("{rule}: {what}: {why}", rule=r["title"], what=r["what"], why=r["why"]) for r in money["refused"]
    ]
    if refused:
        yield Callout(title=_("Not computed"), texts=tuple(refused))


def _money_table(found: Mapping[str, Any], *, mock: bool) -> Table:
    def row(name: str, s: Mapping[str, float]) -> tuple[Cell, ...]:
        million = (
            Amount(value=s[k] / KRW_MILLION) for k in ("revenue_krw", "perfect_krw", "imbalance_cost_krw")
        )
        each = s["imbalance_cost_krw"] / found["delivered_mwh"] if found["delivered_mwh"] > 0 else None
        return (competitor(name), *million, _some(each, 0))

    heads = (
        _("revenue, million KRW"),
        _("with a perfect forecast"),
        _("cost of the misses"),
        _("KRW per MWh delivered"),
    )
    said = {"rule": found["title"], "start": found["from"], "end": found["to"]}
    return Table(
        title=_("{rule}, {start} to {end}: counterfactual, prices of a mock run", **said)
        if mock
        else _("{rule}, {start} to {end}", **said),
        columns=(Column(_("Competitor")), *(Column(head, number=True) for head in heads)),
        rows=tuple(row(name, s) for name, s in found["competitors"].items()),
        strong=(0,),
        note=_(
            "{hours} hours; {price} without a price and {quantity} without a quantity left out.",
            hours=f"{found['hours']:,}",
            price=f"{found['hours_without_price']:,}",
            quantity=f"{found['hours_without_quantity']:,}",
        ),
    )
