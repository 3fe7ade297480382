"""What deciding on many paths comes to, beside deciding on their middle alone, in figures that readers compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.serve.worth_words import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tamna.lang import Message
    from tamna.runs.dispatching import Loop
    from tamna.runs.many_paths import OnPaths


def title(found: OnPaths) -> Message:
    """Say how many paths there are, and what weighs."""
    risk = found.asked.risk
    if not risk.weight:
        return _(
            "Decided the day before on {n} paths of demand, wind and PV: their mean cost counts",
            n=found.asked.count,
        )
    return _(
        "Decided the day before on {n} paths of demand, wind and PV: their mean cost counts {mean:.0f} %, that of the worst"
        " {worst:.0f} % of them (CVaR) {weight:.0f} %",
        n=found.asked.count, mean=100 * (1 - risk.weight), worst=100 * (1 - risk.level), weight=100 * risk.weight,
    )  # fmt: skip


def headings(found: OnPaths) -> tuple[Message, Message, Message]:
    """Name the columns: decided on paths, on the middle, and the difference."""
    return (_("decided on {n} paths", n=found.asked.count), _("decided on the median"), _("difference"))


def rows(loop: Loop) -> Iterator[tuple[Message, list[str]]]:
    """Give the figures of the days: on their paths, and as they came after both."""
    found = loop.on_paths
    if found is None:
        return
    days = len(found.expected)
    yield (
        _("expected on the paths, million KRW a day"),
        _cells(found.expected.sum() / days / 1e6, found.middle_expected.sum() / days / 1e6, 1),
    )
    yield (
        _(
            "worst {worst:.0f} % of the paths (CVaR), million KRW a day",
            worst=100 * (1 - found.asked.risk.level),
        ),
        _cells(found.worst.sum() / days / 1e6, found.middle_worst.sum() / days / 1e6, 1),
    )
    worth = loop.worth
    if worth is None or "tamna" not in worth.kinds:
        return
    for measure, (name, by, digits) in NAMES.items():
        mine, other = worth.total(loop.kind, measure) / by, worth.total("tamna", measure) / by
        yield _("as it came, {days} days: {name}", days=worth.days, name=name), _cells(mine, other, digits)
    yield (
        _("as it came, {days} days: {name}", days=worth.days, name=_("reserve missing, MWh")),
        _cells(worth.total(loop.kind, "short_mwh"), worth.total("tamna", "short_mwh"), 0),
    )


def _cells(mine: float, other: float, digits: int) -> list[str]:
    """Write both, and how the first differs."""
    return [f"{mine + 0.0:,.{digits}f}", f"{other + 0.0:,.{digits}f}", f"{mine - other + 0.0:+,.{digits}f}"]
