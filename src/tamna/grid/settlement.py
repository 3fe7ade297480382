"""How delivered energy and its forecast are paid: rules with a period, their figures with a ground, what is unknown.

A figure that no source at hand states is not guessed. It stands under ``unknown:`` with the reason, and whoever
needs it to compute refuses in those words.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from tamna.grid.assets import Thing, Title
from tamna.grid.figure import Day, Keys, Noun, refuse
from tamna.grid.quantity import Fraction, NonNegative
from tamna.lang import _, language


class Band(Noun):
    """What is paid for each kWh delivered while the forecast errs by no more than `error`.

    Attributes
    ----------
    error
        Largest error, as a share of what the rule's `error_of` names. [-]
    krw_per_kwh
        [KRW/kWh]
    """

    error: Fraction
    krw_per_kwh: NonNegative


class Settlement(Thing):
    """A rule that pays for energy or for its forecast, from `start` to `end`, island days, both included.

    Attributes
    ----------
    kind
        ``forecast_incentive``: so much for each kWh delivered in hours whose day-ahead forecast erred little.
        ``two_settlement``: the quantity of the day before at the day-ahead price, what was delivered more or
        less at the real-time price.
    counterfactual
        A mock run: nobody was paid by it, so its money is never added to real money.
    pays
        The targets whose sellers it pays: ``wind``, ``pv``.
    day_ahead, real_time
        Series of the prices it settles at (``two_settlement``).
    test_error
        Mean error of a month up to which a seller is admitted. [-]
    bands
        From the smallest error on (``forecast_incentive``).
    error_of
        What an hour's error is a part of: the ``capacity``, or the energy ``delivered``.
    least_output
        Hours with less output than this part of capacity are not judged. [-]
    penalty_krw_per_kwh, tolerance
        What a kWh beyond the tolerance costs on top; the tolerance as a part of the quantity. [KRW/kWh], [-]
    unknown
        Field -> why no value stands there, as text or as ``{ko, en}``. What needs it is not computed.
    """

    kind: Literal["forecast_incentive", "two_settlement"]
    start: Day
    end: Day | None = None
    source: Keys = Field(min_length=1)
    counterfactual: bool = False
    pays: tuple[Literal["wind", "pv"], ...] = ("wind", "pv")
    day_ahead: str | None = None
    real_time: str | None = None
    test_error: Fraction | None = None
    bands: tuple[Band, ...] = ()
    error_of: Literal["capacity", "delivered"] | None = None
    least_output: Fraction | None = None
    penalty_krw_per_kwh: NonNegative | None = None
    tolerance: Fraction | None = None
    unknown: Mapping[str, str | Title] = Field(default_factory=dict)

    def why_unknown(self, name: str) -> str:
        """Say why a field has no value, in the reader's language where the file gives both; empty where it has one."""
        why = self.unknown.get(name, "")
        return why if isinstance(why, str) else _spoken(why)

    @property
    def spoken(self) -> str:
        """What readers call it, in their language."""
        return self.name if self.title is None else _spoken(self.title)

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Settlement:
        needed: tuple[str, ...] = ("day_ahead", "real_time")
        if self.kind == "forecast_incentive":
            needed = ("bands", "error_of")
        missing = [name for name in needed if not getattr(self, name) and name not in self.unknown]
        if missing:
            refuse(
                _("a rule of kind {kind} without {names}", kind=self.kind, names=", ".join(missing)),
                todo=_("Give it, or say under unknown: why it is not known."),
            )
        if (self.tolerance is None) != (self.penalty_krw_per_kwh is None):
            refuse(
                _("has a tolerance without its price, or a price without its tolerance"),
                todo=_("Give both, or say under unknown: why they are not known."),
            )
        return self

    @model_validator(mode="after")
    def _unknown_is_a_field_without_value(self) -> Settlement:
        for name, why in self.unknown.items():
            if name not in CAN_BE_UNKNOWN:
                refuse(
                    _("names nothing of a rule that can be unknown: {name}", name=name),
                    todo=_("Choose from: {names}.", names=", ".join(CAN_BE_UNKNOWN)),
                    at="unknown",
                )
            if getattr(self, name):
                refuse(
                    _("is given and unknown at once: {name}", name=name), todo=_("Keep one."), at="unknown"
                )
            if any(len(text.strip()) < 3 for text in _texts(why)):
                refuse(_("is unknown without a reason: {name}", name=name), at="unknown")
        return self

    @model_validator(mode="after")
    def _bands_widen_and_pay_less(self) -> Settlement:
        for near, far in itertools.pairwise(self.bands):
            if near.error.value >= far.error.value or near.krw_per_kwh.value < far.krw_per_kwh.value:
                refuse(
                    _("its bands do not go from small errors paid well to large ones paid less"),
                    todo=_("Order them by error."),
                    at="bands",
                )
        return self


CAN_BE_UNKNOWN = (
    "day_ahead", "real_time", "test_error", "bands", "error_of", "least_output", "penalty_krw_per_kwh",
    "tolerance",
)  # fmt: skip
"""What a file may say it does not know."""


def _texts(why: str | Title) -> tuple[str, ...]:
    return (why,) if isinstance(why, str) else (why.ko, why.en)


def _spoken(title: Title) -> str:
    return title.ko if language() == "ko" else title.en
