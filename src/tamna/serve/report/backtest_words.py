"""The words of a backtest's page: targets and competitors by name, terms and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.lang import _
from tamna.serve.report.blocks import Definitions

if TYPE_CHECKING:
    from tamna.serve.report.blocks import Text

TARGETS: dict[str, Text] = {
    "demand": _("Demand, day ahead"),
    "wind": _("Wind, potential, day ahead"),
    "wind_delivered": _("Wind, delivered, day ahead"),
    "pv": _("PV, potential, day ahead"),
    "pv_delivered": _("PV, delivered, day ahead"),
    "net_load": _("Net load, day ahead"),
    "price": _("Day-ahead price (SMP)"),
    "price_rt": _("Real-time price, day ahead"),
}
COMPETITORS: dict[str, Text] = {
    "tamna": "tamna",
    "operator": _("operator's own forecast"),
    "operator_debiased": _("operator's, its bias taken off"),
    "persistence": _("latest day known"),
    "last_week": _("same hour a week before"),
    "climatology": _("climatology"),
    "physics": _("physics alone"),
}


def target_title(name: str) -> Text:
    """Give a target as a reader calls it."""
    return TARGETS.get(name, name)


def competitor(name: str) -> Text:
    """Give a competitor as a reader calls it."""
    return COMPETITORS.get(name, name)


def definitions(issue_at: str) -> Definitions:
    """Say what the terms of the page mean."""
    return Definitions(
        title=_("Terms"),
        items=(
            (
                _("Issued"),
                _(
                    "Each day's forecast is made at {hour} of the day before, from what was known then.",
                    hour=issue_at,
                ),
            ),
            (
                _("MAPE, MAE, RMSE, bias"),
                _(
                    "Of the middle of the distribution: mean relative error, mean error, root of the mean square error, mean of forecast minus actual. MAPE is left out where actuals come near zero."
                ),
            ),
            (
                _("nMAE"),
                _("MAE as a part of the fleet's capacity, or of the mean actual where there is none."),
            ),
            (
                _("Pinball, CRPS"),
                _(
                    "Of the whole distribution; less is better, and a distribution that is honest and narrow has the least. Pinball is the mean over the quantiles, CRPS about twice its integral."
                ),
            ),
            (
                _("In 80 %, in 90 %"),
                _(
                    "What share of actuals the central band held. Hours where the band has no width (night for PV) do not count."
                ),
            ),
            (
                _("A competitor's band"),
                _(
                    "A competitor is one number an hour; its band is its own misses of the last eight weeks at that hour, as far as they were known at the issue, its bias with them."
                ),
            ),
            (
                _("Intervals"),
                _(
                    "Days drawn again whole a thousand times; nine of ten draws lie inside. Differences and skills are drawn in pairs."
                ),
            ),
            (
                _("Skill"),
                _(
                    "How much smaller tamna's score is than the competitor's. An interval that does not touch zero is more than chance."
                ),
            ),
            (
                _("Hours left out"),
                _(
                    "An hour counts for all or for nobody. Hours for which no weather run had been issued are left out, not guessed."
                ),
            ),
        ),
    )
