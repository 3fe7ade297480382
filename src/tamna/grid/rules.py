"""How an island that also exports counts its renewable share: three export rules, and hourly matching.

Each rule takes energies of the same hours at one declared point and gives a numerator and a
denominator, hour by hour, so that any period is the sum of numerators over the sum of denominators,
never a mean of ratios. `measure` and `ledger` both stand on these functions.

Symbols, all in one unit of energy per hour (MWh here):

====== ==========================================================================================
R      renewables that the boundary counts
O      all other generation of the island
I, X   imports and exports over the links, gross
c      renewable part of the imports, 0..1
L      load; where the balance closes, L = R + O + I - X (charging and losses are shown apart)
====== ==========================================================================================

=============== ============================================ =======================================
rule            share                                        what it claims
=============== ============================================ =======================================
coverage        R / L                                        how much of the load renewables equal;
                                                             exports count at home; above 1 is said
proportional    (R + c I) / (R + O + I)                      exports leave with the hour's own mix
thermal-first   (R + c I - max(0, X - O - (1 - c) I)) / L    what is not renewable is exported first
=============== ============================================ =======================================

Hourly matching, sum of min(R, L) over sum of L, is none of the three and is never called coverage.

NaN means not measured: in an hour where any input is missing, numerator and denominator are missing
together, so that a period never sets the load of a missing hour against nothing.

References
----------
The three rules are written out in the project's facts ("Export rules"); hourly matching without
carry-over of surplus is the matched part of the usual 24/7 score (Google, "24/7 Carbon-Free Energy:
Methodologies and Metrics", 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import UsageError
from tamna.lang import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hourly = NDArray[Any]  # (hours,), one unit of energy per hour; float with NaN, or whole numbers

__all__ = ["Rule", "Share", "coverage", "hourly_matching", "proportional", "thermal_first"]


class Rule(StrEnum):
    """Which part of the island's renewables an export takes along."""

    COVERAGE = "coverage"
    PROPORTIONAL = "proportional"
    THERMAL_FIRST = "thermal_first"


@dataclass(frozen=True, slots=True)
class Share:
    """A share kept as its two sides, so that periods add up.

    Attributes
    ----------
    numerator, denominator : (hours,)
        Both in the unit of the inputs; NaN together where an input is not measured.
    """

    numerator: Hourly
    denominator: Hourly

    @property
    def ratio(self) -> NDArray[np.float64]:
        """The share of each hour, (hours,) [-]; NaN where not measured or the denominator is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.true_divide(self.numerator, self.denominator)
        return np.where(self.denominator == 0, np.nan, ratio)

    @property
    def total(self) -> float:
        """The share of all hours together [-]: sum over sum of the measured hours; NaN without any."""
        above, below = np.nansum(self.numerator), np.nansum(self.denominator)
        return float(above / below) if below != 0 else float("nan")


def coverage(*, renewable: Hourly, load: Hourly) -> Share:
    """Set renewables against the load, exported or not: R / L, not clipped at 1.

    Parameters
    ----------
    renewable : (hours,) [MWh]
        R, what the boundary counts.
    load : (hours,) [MWh]
        L, the load at the same point. A class that the load is net of enters both.

    Examples
    --------
    14 April 2025, 12:00-13:00 KST, wind and PV against Jeju's demand:

    >>> round(coverage(renewable=np.array([586.0]), load=np.array([532.6])).total, 2)
    1.1
    """
    return _together(renewable, load)


def proportional(
    *, renewable: Hourly, other: Hourly, imports: Hourly, imports_renewable: Hourly | float = 0.0
) -> Share:
    """Let exports leave with the mix of the hour: (R + c I) / (R + O + I).

    The exports cancel: taking X out of everything in proportion leaves the ratio as it was.

    Parameters
    ----------
    renewable, other, imports : (hours,) [MWh]
        R, O and gross I.
    imports_renewable : (hours,) or one number, 0..1 [-]
        c, the renewable part of the imports.

    Examples
    --------
    >>> hour = proportional(renewable=np.array([586.0]), other=np.array([119.0]), imports=np.array([0.0]))
    >>> round(hour.total, 2)
    0.83
    """
    _check_part(imports_renewable)
    return _together(renewable + imports_renewable * imports, renewable + other + imports)


def thermal_first(
    *,
    renewable: Hourly,
    other: Hourly,
    imports: Hourly,
    exports: Hourly,
    load: Hourly,
    imports_renewable: Hourly | float = 0.0,
) -> Share:
    """Let everything that is not renewable leave first: (R + c I - max(0, X - O - (1 - c) I)) / L.

    Where the balance closes (L = R + O + I - X) this equals min(R + c I, L) / L: never above 1.

    Parameters
    ----------
    renewable, other, imports, exports, load : (hours,) [MWh]
        R, O, gross I and X, and L.
    imports_renewable : (hours,) or one number, 0..1 [-]
        c, the renewable part of the imports.

    Examples
    --------
    14 April 2025, 12:00-13:00 KST, bio heavy oil counted, waste not:

    >>> hour = thermal_first(renewable=np.array([693.5]), other=np.array([11.5]), imports=np.array([0.0]),
    ...                      exports=np.array([172.0]), load=np.array([532.6]))
    >>> round(hour.total, 2)
    1.0
    """
    _check_part(imports_renewable)
    leaving = np.maximum(0, exports - other - (1 - imports_renewable) * imports)
    return _together(renewable + imports_renewable * imports - leaving, load)


def hourly_matching(*, renewable: Hourly, load: Hourly) -> Share:
    """Match each hour's load with renewables of that hour: min(R, L) over L. Never called coverage.

    A surplus pays for no other hour. Imports have no place here: without an hourly mix of where they
    come from they cannot be matched by the hour.

    Parameters
    ----------
    renewable, load : (hours,) [MWh]
        R and L.

    Examples
    --------
    >>> hourly_matching(renewable=np.array([9.0, 1.0]), load=np.array([4.0, 4.0])).total
    0.625
    """
    return _together(np.minimum(renewable, load), load)


def _together(numerator: Hourly, denominator: Hourly) -> Share:
    if not (_holds_nan(numerator) or _holds_nan(denominator)):
        return Share(numerator, denominator)
    absent = np.isnan(numerator) | np.isnan(denominator)
    return Share(np.where(absent, np.nan, numerator), np.where(absent, np.nan, denominator))


def _holds_nan(values: Hourly) -> bool:
    return values.dtype.kind == "f" and bool(np.isnan(values).any())


def _check_part(part: Hourly | float) -> None:
    values = np.asarray(part)
    if bool((values < 0).any() or (values > 1).any()):
        raise UsageError(
            _("the renewable part of imports must lie between 0 and 1"),
            seen=part,
            todo=_("Give a fraction: write 0.1 for 10 %."),
        )
