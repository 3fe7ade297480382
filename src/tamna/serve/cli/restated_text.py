"""What ``tamna prove`` says of corrected meters: what was restated, which claims, which lots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tamna.grid.clock import iso
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tamna.runs.restating import Correction, Doubted, GivenBack, Remade, Restated

__all__ = ["restated_text"]

_MOST_LOTS: Final = 6  # named one by one; of more the first and the last


def restated_text(found: Restated, timezone: str) -> list[str]:
    """Lay out what corrections did to the book; nothing where they did nothing."""
    if not (found.corrections or found.returned or found.claims or found.lots):
        return []
    return [
        "",
        *(_meter(c, timezone) for c in found.corrections),
        *(_returned(r, timezone) for r in found.returned),
        *(_claim(d, timezone) for d in found.claims),
        *_lots(found.lots),
    ]


def _meter(one: Correction, timezone: str) -> str:
    facts = {
        "name": one.name,
        "n": len(one.start),
        "first": iso(one.start[0], timezone)[:16],
        "last": iso(one.start[-1], timezone)[:16],
        "before": one.before_wh.sum() / 1000,
        "after": one.after_wh.sum() / 1000,
        "entry": one.entry,
        "estimated": int(one.estimated.sum()),
    }
    if (one.before_wh == one.after_wh).all():
        return str(_("restated (entry {entry}): {n} readings of {name}, {first} to {last}: the same {after:,.1f} kWh,"
                     " {estimated} of them estimated now", **facts))  # fmt: skip
    if one.load:
        return str(_("restated (entry {entry}): {n} readings of what {name} used, {first} to {last}:"
                     " {before:,.1f} kWh before, {after:,.1f} kWh now", **facts))  # fmt: skip
    return str(_("restated (entry {entry}): {n} readings of what {name} made, {first} to {last}:"
                 " {before:,.1f} kWh before, {after:,.1f} kWh now", **facts))  # fmt: skip


def _returned(one: GivenBack, timezone: str) -> str:
    facts = {
        "name": one.name,
        "n": len(one.start),
        "first": iso(one.start[0], timezone)[:16],
        "last": iso(one.start[-1], timezone)[:16],
        "kwh": one.wh / 1000,
        "entry": one.entry,
    }
    return str(_("evidence of the place given back (entry {entry}): {kwh:,.1f} kWh of {name} in {n} hours, {first} to"
                 " {last}; what it claims by right is untouched", **facts))  # fmt: skip


def _claim(one: Doubted, timezone: str) -> str:
    facts = {
        "entry": one.entry,
        "account": one.claim.account,
        "first": iso(one.claim.start, timezone)[:10],
        "last": iso(one.claim.end - np.timedelta64(1, "s"), timezone)[:10],
    }
    if one.again is None:
        return str(_("claim {entry} of {account}, {first} to {last}, is under review: prove its product again",
                     **facts))  # fmt: skip
    return str(_("claim {entry} of {account}, {first} to {last}, came under review; entry {again} took its place",
                 again=one.again, **facts))  # fmt: skip


def _lots(lots: Sequence[Remade]) -> list[str]:
    lines = []
    for product in dict.fromkeys(one.product for one in lots):
        mine = [one for one in lots if one.product == product]
        again = [one for one in mine if one.again is not None]
        gone = [one for one in mine if one.again is None]
        if again:
            lines.append(
                str(_("{product}: {n} lots taken back and issued again: {lots}", product=product, n=len(again),
                      lots=_named(again)))
            )  # fmt: skip
        if gone:
            lines.append(
                str(
                    _(
                        "{product}: {n} lots taken back: {lots}",
                        product=product,
                        n=len(gone),
                        lots=_named(gone),
                    )
                )
            )
    if lots:
        lines.append(
            str(_("their old certificates are refused with the new status.json: hand it to readers"))
        )
    return lines


def _named(lots: Sequence[Remade]) -> str:
    shown = list(lots) if len(lots) <= _MOST_LOTS else [lots[0], lots[-1]]
    texts = [
        f"{one.name} ({one.entry})" if one.again is None else f"{one.name} ({one.entry} → {one.again})"
        for one in shown
    ]
    return (", " if len(lots) <= _MOST_LOTS else " … ").join(texts)
