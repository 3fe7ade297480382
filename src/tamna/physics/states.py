"""Free or held down, hour by hour: the two-state chain under the curtailment estimate.

Evidence of an hour is a likelihood ratio; episodes last, so neighbours lend each other evidence
(forward-backward over two states that prefer to stay).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, log_ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SURE = 60.0


def log_free(short_mw: Floats, error_mw: Floats, tail: float) -> Floats:
    """Give the log density of a shortfall in a free hour: Student's t, for outages and fronts make tails."""
    z = short_mw / error_mw
    constant = gammaln((tail + 1) / 2) - gammaln(tail / 2) - 0.5 * np.log(tail * np.pi)
    return np.asarray(constant - (tail + 1) / 2 * np.log1p(z * z / tail) - np.log(error_mw))


def log_held(short_mw: Floats, error_mw: Floats, depth_mw: Floats) -> Floats:
    """Give the log density of a shortfall in a held hour: exponential depth plus normal error."""
    rate = 1.0 / depth_mw
    inside = rate * (rate * error_mw**2 / 2 - short_mw)
    return np.asarray(np.log(rate) + inside + log_ndtr(short_mw / error_mw - rate * error_mw))


def chain(evidence: Floats, stay: float) -> Floats:
    """Give each hour's log odds of being held, from every hour's own log odds `evidence`.

    Parameters
    ----------
    evidence : (hours,)
        Prior log odds plus log likelihood ratio of the hour alone.
    stay
        Log penalty of a change of state between neighbours, >= 0; zero leaves `evidence` as it is.
    """
    if stay <= 0.0:
        return evidence
    change = math.exp(-stay)
    own = np.clip(evidence, -_SURE, _SURE).tolist()

    def passed(odds: float) -> float:
        e = math.exp(max(min(odds, _SURE), -_SURE))
        return math.log((change + e) / (1.0 + change * e))

    forward: list[float] = list(own)
    back = [0.0] * len(own)
    for t in range(1, len(own)):
        forward[t] = passed(forward[t - 1]) + own[t]
    for t in range(len(own) - 2, -1, -1):
        back[t] = passed(back[t + 1] + own[t + 1])
    return np.asarray(np.add(forward, back), dtype=np.float64)
