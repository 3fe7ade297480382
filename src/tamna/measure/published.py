"""Reconcile with a published yearly share: reproduced, or the missing energy named by class."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import UsageError
from tamna.grid.clock import Resolution
from tamna.lang import Message, _
from tamna.measure.bins import LEAST_COUNTED, Bins, hours_of_year
from tamna.measure.words import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tamna.measure.island import IslandHours

HALF_A_DIGIT = 0.00005
"""A share published as 19.19 % lies within 0.005 percentage points of what was worked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One class in a reconciliation: its energy [MWh], and what that stands on.

    An `assumed` estimate may have been chosen so that the published share comes out: it names the
    missing energy and confirms nothing.
    """

    name: str
    mwh: float
    estimated: bool
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A published share beside what the data give, over one declared denominator.

    Attributes
    ----------
    published, ours
        Shares [-]; ours counts measured and estimated classes.
    measured
        Share of the measured classes alone [-].
    denominator, denominator_mwh
        Which energy the share stands over, in words, and how much of it the data hold [MWh].
    needed_mwh
        Renewable energy that the published share asks for: published x denominator.
    named
        What the data hold, by class.
    remainder_mwh
        needed - measured - estimated; what no class explains. Below 0: the data hold more.
    met, reproduced
        Whether ours rounds to the published share; whether it does so without an assumed figure.
    """

    year: int
    published: float
    denominator: object
    denominator_mwh: float
    named: tuple[Named, ...]
    tolerance: float

    @property
    def needed_mwh(self) -> float:
        """Renewable energy that the published share asks for [MWh]."""
        return self.published * self.denominator_mwh

    @property
    def measured_mwh(self) -> float:
        """Energy of the measured classes [MWh]."""
        return math.fsum(n.mwh for n in self.named if not n.estimated)

    @property
    def estimated_mwh(self) -> float:
        """Energy of the estimated classes [MWh]."""
        return math.fsum(n.mwh for n in self.named if n.estimated)

    @property
    def missing_mwh(self) -> float:
        """What the measured classes lack towards the published share [MWh]."""
        return self.needed_mwh - self.measured_mwh

    @property
    def remainder_mwh(self) -> float:
        """What neither measured nor estimated classes explain [MWh]; below 0 the data hold more."""
        return self.missing_mwh - self.estimated_mwh

    @property
    def measured(self) -> float:
        """Share of the measured classes [-]."""
        return self.measured_mwh / self.denominator_mwh

    @property
    def ours(self) -> float:
        """Share of measured and estimated classes [-]."""
        return (self.measured_mwh + self.estimated_mwh) / self.denominator_mwh

    @property
    def reproduced(self) -> bool:
        """Whether ours rounds to the published share, without leaning on an assumed figure."""
        return self.met and not any(n.assumed and n.mwh for n in self.named)

    @property
    def met(self) -> bool:
        """Whether ours rounds to the published share, on whatever figures."""
        return abs(self.ours - self.published) <= self.tolerance

    @property
    def text(self) -> Message:
        """Say it in one sentence."""
        if self.reproduced:
            return _(
                "{year}: the published {published:.2%} is reproduced ({ours:.2%} of {over})",
                year=self.year,
                published=self.published,
                ours=self.ours,
                over=self.denominator,
            )
        return _(
            "{year}: published {published:.2%}, measured {measured:.2%} of {over}; of {missing:,.1f} GWh "
            "missing, {estimated:,.1f} GWh are named by estimated classes ({classes}) and "
            "{remainder:,.1f} GWh by none",
            year=self.year,
            published=self.published,
            measured=self.measured,
            over=self.denominator,
            missing=self.missing_mwh / 1000,
            estimated=self.estimated_mwh / 1000,
            classes=Listing(tuple(_class_text(n) for n in self.named if n.estimated)),
            remainder=self.remainder_mwh / 1000,
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {
            "year": self.year,
            "published": self.published,
            "measured": self.measured,
            "ours": self.ours,
            "denominator": str(self.denominator),
            "denominator_mwh": self.denominator_mwh,
            "needed_mwh": self.needed_mwh,
            "missing_mwh": self.missing_mwh,
            "remainder_mwh": self.remainder_mwh,
            "classes": {
                n.name: {"mwh": n.mwh, "estimated": n.estimated, "assumed": n.assumed} for n in self.named
            },
            "met": self.met,
            "reproduced": self.reproduced,
            "text": str(self.text),
        }


def reconcile(
    year: int,
    published: float,
    *,
    measured_mwh: Mapping[str, float],
    estimated_mwh: Mapping[str, float],
    denominator_mwh: float,
    denominator: object,
    assumed: Collection[str] = (),
    tolerance: float = HALF_A_DIGIT,
) -> Reconciliation:
    """Set a published share against the energies of one year.

    A published share rarely says what it stands over; give each candidate (system demand, total
    generation, demand with what it is net of) and compare.

    Parameters
    ----------
    published
        The published share, in (0, 1] [-].
    measured_mwh, estimated_mwh
        Renewable energy by class [MWh].
    denominator_mwh, denominator
        The energy that the share stands over, > 0 [MWh], and its name.
    assumed
        Which of the estimated classes stand on an assumed figure: with them a share is met, never
        reproduced.
    tolerance
        Half of the last published digit [-].

    Raises
    ------
    UsageError
        A share outside (0, 1] or a denominator that is not above 0.

    Examples
    --------
    >>> r = reconcile(2023, 0.20, measured_mwh={"wind": 15.0}, estimated_mwh={"pv_btm": 4.0},
    ...               denominator_mwh=100.0, denominator="demand")
    >>> r.needed_mwh, r.missing_mwh, r.remainder_mwh, r.reproduced
    (20.0, 5.0, 1.0, False)
    """
    if not 0 < published <= 1:
        raise UsageError(
            _("a published share must lie in (0, 1]"), seen=published, todo=_("Write 0.1919 for 19.19 %.")
        )
    if not denominator_mwh > 0:
        raise UsageError(_("the denominator of a share must be above 0"), seen=denominator_mwh)
    named = [Named(name=k, mwh=float(v), estimated=False) for k, v in measured_mwh.items()]
    named += [
        Named(name=k, mwh=float(v), estimated=True, assumed=k in assumed) for k, v in estimated_mwh.items()
    ]
    return Reconciliation(
        year=year,
        published=published,
        denominator=denominator,
        denominator_mwh=float(denominator_mwh),
        named=tuple(named),
        tolerance=tolerance,
    )


def reconcile_hours(
    hours: IslandHours,
    published: Mapping[int, float],
    *,
    groups: Collection[str] = ("wind", "pv", "other_renewable"),
    meterings: Collection[str] = ("market", "ppa"),
) -> tuple[Reconciliation, ...]:
    """Reconcile every published year that the hours hold whole, over both candidate denominators.

    The published share names wind, PV and others and does not say what it stands over: so once over the
    demand as published, once over the demand plus the counted classes that it is net of.

    Parameters
    ----------
    published
        Share by year [-].
    groups, meterings
        Which renewable classes the published share is taken to count.
    """
    bins = Bins(hours.valid_at, Resolution.YEAR, hours.timezone)
    counted = [c for c in hours.classes if c.renewable and c.group in groups and c.metering in meterings]
    found: list[Reconciliation] = []
    for i, name in enumerate(bins.names):
        share, at = published.get(int(name)), bins.slice(i)
        demand = float(np.nansum(hours.demand.mwh[at]))
        known = int(np.isfinite(hours.demand.mwh[at]).sum())
        if share is None or not demand > 0 or known < LEAST_COUNTED * hours_of_year(int(name), bins.timezone):
            continue
        energy = {c.name: float(np.nansum(c.column.mwh[at])) for c in counted}
        guessed = {c.name for c in counted if "estimated" in c.column.bases_in(at)}
        added = math.fsum(energy[c.name] for c in counted if not c.in_demand)
        for over, text in (
            (demand, _("system demand")),
            (demand + added, _("system demand and what it is net of")),
        ):
            found.append(
                reconcile(
                    int(name),
                    share,
                    measured_mwh={k: v for k, v in energy.items() if k not in guessed},
                    estimated_mwh={k: v for k, v in energy.items() if k in guessed},
                    denominator_mwh=over,
                    denominator=text,
                    assumed=[c.name for c in counted if c.assumed],
                )
            )
    return tuple(found)


def _class_text(named: Named) -> Message:
    if named.assumed:
        return _("{name} {gwh:,.1f}, assumed", name=named.name, gwh=named.mwh / 1000)
    return _("{name} {gwh:,.1f}", name=named.name, gwh=named.mwh / 1000)
