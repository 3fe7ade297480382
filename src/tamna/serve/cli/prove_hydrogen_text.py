"""Batches of hydrogen as text: Korea's tier and the EU's rule side by side, and what would change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.grid.clock import iso
from tamna.lang import Message, _
from tamna.ledger.hydrogen import Route
from tamna.serve.cli.out import table
from tamna.serve.cli.prove_hydrogen_json import assumed_of, hydrogen_dict, title_of, why_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.ledger.hydrogen_batch import Judged
    from tamna.runs.hydrogen_found import HydrogenBatch, ProvedHydrogen

__all__ = ["ROUTES", "hydrogen_dict", "hydrogen_text"]

ROUTES: dict[Route, Message] = {
    Route.HOUR: _("same hour"),
    Route.STORAGE: _("from storage"),
    Route.REDISPATCH: _("turned down otherwise"),
    Route.PRICE: _("low price"),
    Route.MONTH: _("same month"),
    Route.NONE: _("by no route"),
}
"""What a reader calls the routes, in the order of the rule."""


def hydrogen_text(found: ProvedHydrogen) -> str:
    """Lay out the batches as they stand, and beside them what a prepared paper would change."""
    return "\n".join(_lines(found))


def _lines(found: ProvedHydrogen) -> Iterator[str]:
    kg = sum(one.kg for one in found.batches)
    yield str(
        _(
            "{title}: {n} batches, {kg:,.0f} kg of hydrogen from {mwh:,.0f} MWh",
            title=title_of(found.proved.product),
            n=len(found.batches),
            kg=kg,
            mwh=sum(int(one.hours.load_wh.sum()) for one in found.batches) / 1e6,
        )
    )
    for one in found.batches:
        if one.suspect:
            yield str(_("{name}: {kwh:.1f} kWh/kg is better than any plant that is sold; check the meters", name=one.name, kwh=one.kwh_per_kg))  # fmt: skip
    yield from _case(found, _standing(found))
    if found.prepared is not None:
        numbers = ", ".join(p.number for p in found.prepared.proved.product.papers)
        yield from _case(found.prepared, _("As if in force: {papers}", papers=numbers))
    yield ""
    low, high = found.factors
    yield str(
        _(
            "Ranges are over {low:g}-{high:g} g CO2e/kWh of grid electricity; a tier that changes inside them is indicative.",
            low=low,
            high=high,
        )
    )
    yield str(
        _(
            "The EU's limit is 28.2 g CO2e/MJ; until the end of 2029 it asks for the same month, from 2030 for the same hour."
        )
    )
    yield from (str(note) for note in found.notes)
    yield str(_("Assumed in the product's file:"))
    for path, figure in assumed_of(found.proved.product):
        span = "" if figure.range is None else f" [{figure.range[0]:g}, {figure.range[1]:g}]"
        yield f"  {path} {figure.value:g}{span}: {why_of(figure)}"


def _standing(found: ProvedHydrogen) -> Message:
    papers = found.proved.product.papers
    if papers:
        return _("As it stands, under {papers}", papers=", ".join(p.number for p in papers))
    if found.score.claimable_wh:
        return _("As it stands, by its own plants")
    return _("As it stands: without a paper there is no right to any hour")


def _case(found: ProvedHydrogen, heading: Message) -> Iterator[str]:
    rules = [(one, one.rules) for one in found.batches]
    yield ""
    yield str(heading)
    yield _summary(found)
    names = [
        _("hydrogen batch"),
        _("hydrogen kg"),
        _("kWh/kg"),
        _("claimed in the hour"),
        _("kg CO2e/kg"),
        _("Korean tier"),
    ]
    yield table(
        [str(n) for n in names],
        [
            [b.name, f"{b.kg:,.0f}", f"{b.kwh_per_kg:.1f}", _share(r.claimed), _range(r.claimed.kg_per_kg, 2), _tiers(r.claimed)]
            for b, r in rules
        ],
    )  # fmt: skip
    yield ""
    yield str(_("EU, by route [MWh], and what counts as renewable (RFNBO) by the month and by the hour"))
    seen = [k for k in ROUTES if k is not Route.STORAGE or any(r.routes[k].any() for _b, r in rules)]
    heads = [
        _("hydrogen batch"),
        *(ROUTES[k] for k in seen),
        _("RFNBO by month"),
        _("g/MJ, limit 28.2"),
        _("RFNBO by hour"),
        _("g/MJ, limit 28.2"),
    ]
    yield table(
        [str(n) for n in heads],
        [
            [
                b.name,
                *(f"{int(r.routes[k].sum()) / 1e6:,.0f}" for k in seen),
                *_eu(r.eu_month),
                *_eu(r.eu_hour),
            ]
            for b, r in rules
        ],
    )
    yield ""
    yield str(_("One more renewable hour, and how many are missing"))
    heads = [_("hydrogen batch"), _("most helpful hour"), _("kg CO2e/kg then"), _("to a better tier"), _("to the EU limit, month"), _("to the EU limit, hour")]  # fmt: skip
    yield table([str(n) for n in heads], [_missing(found, b) for b, _r in rules])


def _summary(found: ProvedHydrogen) -> str:
    """Say one period four ways: what the papers say, the month, the hour, and the claim."""
    load = sum(one.rules.claimed.load_wh for one in found.batches) or 1
    month, hour = (
        sum(judged.renewable_wh for judged in found_by) / load
        for found_by in ([b.rules.eu_month for b in found.batches], [b.rules.eu_hour for b in found.batches])
    )
    return str(
        _(
            "renewable: {annual:.1%} by papers over the period, {month:.1%} by the EU's month, {hour:.1%} by the EU's"
            " hour, {claimed:.1%} claimed in the hour",
            annual=found.proved.share_annual,
            month=month,
            hour=hour,
            claimed=found.score.share_claimable,
        )
    )


def _missing(found: ProvedHydrogen, one: HydrogenBatch) -> list[str]:
    claimed = one.rules.claimed
    first = claimed.more[0].hour
    return [
        one.name,
        "–" if first < 0 else iso(one.stamps[first], found.timezone)[:16],
        _range((claimed.more[0].kg_per_kg, claimed.more[1].kg_per_kg), 2),
        _counts(claimed.more[0].hours_to_next, claimed.more[1].hours_to_next),
        _counts(*one.rules.eu_month.hours_to_limit),
        _counts(*one.rules.eu_hour.hours_to_limit),
    ]


def _share(judged: Judged) -> str:
    return f"{judged.share:.1%}"


def _range(ends: tuple[float, float], digits: int) -> str:
    low, high = (f"{value:.{digits}f}" for value in ends)
    return low if low == high else f"{low}–{high}"


def _counts(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def _tiers(judged: Judged) -> str:
    low, high = (str(_("no tier")) if number is None else str(number) for number in judged.tiers)
    return low if low == high else str(_("{low} to {high}, indicative", low=low, high=high))


def _eu(judged: Judged) -> tuple[str, str]:
    return _share(judged), _range(judged.g_per_mj, 1)
