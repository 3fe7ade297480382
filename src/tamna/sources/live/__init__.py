"""Live sources: `fetch_*` ask a provider over the network, `read_*` turn an answer into blocks and ask nobody.

::

    for reading in fetch_since("kpx.jeju-5min", since, have=spans):
        store.ingest([reading])

`FETCHERS` names the sources, `check` compares one real answer with the documented shape.
"""

from tamna.sources.live.check import CheckReport, check, check_each
from tamna.sources.live.differing import Difference, differences
from tamna.sources.live.http import Answer, Client, Limits
from tamna.sources.live.quota import Quota, QuotaBook
from tamna.sources.live.registry import FETCHERS, fetcher
from tamna.sources.live.resume import covered, fetch_since, uncovered
from tamna.sources.live.session import Area, Fetcher, Options, Spot

__all__ = [
    "FETCHERS",
    "Answer",
    "Area",
    "CheckReport",
    "Client",
    "Difference",
    "Fetcher",
    "Limits",
    "Options",
    "Quota",
    "QuotaBook",
    "Spot",
    "check",
    "check_each",
    "covered",
    "differences",
    "fetch_since",
    "fetcher",
    "uncovered",
]
