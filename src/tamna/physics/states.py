r"""Free or held down: what one hour says about the floor of its day.

An hour gives the weather's potential :math:`P` or what the system leaves room for, whichever is less. Room
is demand less PV less the floor :math:`F`; where there is none, a few turbines turn on all the same:

.. math:: y = \min(P, \max(D - V - F, R))

P is known with a Student error (outages and fronts make tails), F within a day with a normal one, and R is
exponential. So a held hour shows the floor itself: what is left of demand after PV and wind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, ndtr, stdtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LEAST = 1e-35


def log_free(short_mw: Floats, error_mw: Floats, tail: float) -> Floats:
    """Give the log density of a shortfall in a free hour: Student's t, for outages and fronts make tails."""
    z = short_mw / error_mw
    constant = gammaln((tail + 1) / 2) - gammaln(tail / 2) - 0.5 * np.log(tail * np.pi)
    return np.asarray(constant - (tail + 1) / 2 * np.log1p(z * z / tail) - np.log(error_mw))


def free_and_held(
    made_mw: Floats,
    left_mw: Floats,
    short_mw: Floats,
    error_mw: Floats,
    *,
    width_mw: float,
    rest_mw: float,
    tail: float,
) -> tuple[Floats, Floats]:
    r"""Give the density of an hour's output if free and if held, per the density of that shortfall alone.

    With :math:`S` the chance that the floor leaves no room even for `made`, :math:`S = \Phi(-z)`:
    free is :math:`1 - S (1 - e^{-y/r})`, held is
    :math:`(\varphi(z)/w\,(1 - e^{-y/r}) + S e^{-y/r}/r)\, P(P > y) / f_P(y)`.

    Parameters
    ----------
    made_mw : (hours,) [MW]
        Output y; station use below zero counts as none.
    left_mw : (hours, floors) [MW]
        Demand less PV less output, less each floor that is asked about.
    short_mw, error_mw : (hours,) [MW]
        Potential less output, and how well potential is known.
    width_mw
        Standard deviation of the floor from hour to hour within a day. [MW]
    rest_mw
        Mean output of what turns though all is held. [MW]
    tail
        Degrees of freedom of the potential's error. [-]

    Returns
    -------
    free, held : (hours, floors) [-]
    """
    z = left_mw / width_mw
    none_left = ndtr(-z)
    turning = np.exp(-np.maximum(made_mw, 0.0) / rest_mw)[:, None]
    bell = np.exp(-0.5 * z * z) / (width_mw * np.sqrt(2.0 * np.pi))
    more = stdtr(tail, short_mw / error_mw) / np.exp(log_free(short_mw, error_mw, tail))
    free = 1.0 - none_left * (1.0 - turning)
    held = (bell * (1.0 - turning) + none_left * turning / rest_mw) * more[:, None]
    return np.maximum(free, _LEAST), np.maximum(held, _LEAST)
