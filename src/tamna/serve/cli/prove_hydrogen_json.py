"""Batches of hydrogen as JSON carries them, and what of a product's file is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tamna.grid.clock import iso
from tamna.grid.figure import Figure, Noun
from tamna.ledger.hydrogen import EU_LIMIT_KG, LHV_MJ_PER_KG
from tamna.measure.words import Title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.grid.product import Product
    from tamna.ledger.hydrogen_batch import Judged
    from tamna.runs.hydrogen_found import HydrogenBatch, ProvedHydrogen

__all__ = ["assumed_of", "hydrogen_dict", "title_of", "why_of"]

_EU_LIMIT = 1000.0 * EU_LIMIT_KG / LHV_MJ_PER_KG


def hydrogen_dict(found: ProvedHydrogen, *, hours: bool = True) -> dict[str, Any]:
    """Give what was found as JSON carries it: whole Wh and mg, pairs at the low and the high grid factor.

    Parameters
    ----------
    hours
        Whether every hour of a batch stands in it.
    """
    proved = found.proved
    return {
        "product": proved.product.name,
        "title": str(title_of(proved.product)),
        "account": proved.account,
        "from": iso(proved.period.start, found.timezone),
        "to": iso(proved.period.end, found.timezone),
        "papers": [paper.number for paper in proved.product.papers],
        "score": found.score.as_dict(),
        "grid_g_per_kwh": list(found.factors),
        "eu_limit_g_per_mj": round(_EU_LIMIT, 6),
        "batches": [_batch_dict(found, one, hours=hours) for one in found.batches],
        "lots": [{"lot": name, "hydrogen_mg": mg} for name, mg in found.lot_mg.items()],
        "notes": [str(note) for note in found.notes],
        "assumed": [
            {"figure": path, "value": figure.value, "range": figure.range, "why": why_of(figure)}
            for path, figure in assumed_of(proved.product)
        ],
        "prepared": None if found.prepared is None else hydrogen_dict(found.prepared, hours=hours),
    }


def _batch_dict(found: ProvedHydrogen, one: HydrogenBatch, *, hours: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "batch": one.name,
        "entry": one.entry,
        "claim": one.claim,
        "from": iso(one.start, found.timezone),
        "to": iso(one.end, found.timezone),
        "hydrogen_mg": int(one.mg.sum()),
        "mass_estimated": one.mass_estimated,
        "electricity_wh": int(one.hours.load_wh.sum()),
        "kwh_per_kg": one.kwh_per_kg,
        "suspect": one.suspect,
        "routes_wh": {str(route): int(wh.sum()) for route, wh in one.rules.routes.items()},
        "korea": _judged_dict(found, one, one.rules.claimed),
        "eu_month": _judged_dict(found, one, one.rules.eu_month),
        "eu_hour": _judged_dict(found, one, one.rules.eu_hour),
    }
    return {**said, "hours": _hours_dict(one)} if hours else said


def _judged_dict(found: ProvedHydrogen, one: HydrogenBatch, judged: Judged) -> dict[str, Any]:
    return {
        "renewable_wh": judged.renewable_wh,
        "renewable_share": judged.share,
        "kg_co2e_per_kg": list(judged.kg_per_kg),
        "g_co2e_per_mj": list(judged.g_per_mj),
        "korean_tier": list(judged.tiers),
        "indicative": judged.tiers[0] != judged.tiers[1],
        "keeps_eu_limit": judged.keeps_limit,
        "one_more_hour": {
            "hour": None if judged.more[0].hour < 0 else iso(one.stamps[judged.more[0].hour], found.timezone),
            "kg_co2e_per_kg": [more.kg_per_kg for more in judged.more],
            "korean_tier": [more.tier for more in judged.more],
            "hours_to_better_tier": [more.hours_to_next for more in judged.more],
            "hours_to_eu_limit": list(judged.hours_to_limit),
        },
    }


def _hours_dict(one: HydrogenBatch) -> dict[str, list[Any]]:
    return {
        "start": [iso(stamp) for stamp in one.stamps],
        "electricity_wh": one.hours.load_wh.tolist(),
        "hydrogen_mg": one.mg.tolist(),
        "made_wh": one.hours.made_wh.tolist(),
        "claimed_wh": one.hours.matched_wh.tolist(),
        "price_eur_per_mwh": one.hours.price_eur_mwh.tolist(),
        **{f"route_{route}_wh": wh.tolist() for route, wh in one.rules.routes.items()},
    }


def title_of(product: Product) -> Title:
    """Name a product in the reader's language."""
    return Title(en=product.title.en, ko=product.title.ko)


def assumed_of(noun: Noun, path: str = "") -> Iterator[tuple[str, Figure]]:
    """Give every figure of a file that is assumed, or in use where sources conflict, with its path."""
    for name in type(noun).model_fields:
        value = getattr(noun, name)
        for i, one in enumerate(value if isinstance(value, tuple) else (value,)):
            at = f"{path}{name}[{i}]" if isinstance(value, tuple) else f"{path}{name}"
            if isinstance(one, Figure):
                if one.status in {"assumed", "conflict"}:
                    yield at, one
            elif isinstance(one, Noun):
                yield from assumed_of(one, f"{at}.")


def why_of(figure: Figure) -> str:
    """Say why a figure is what it is."""
    return figure.assumed or figure.why or ""
