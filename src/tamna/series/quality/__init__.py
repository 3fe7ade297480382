"""Quality: what is wrong with what we hold, where, how large, and what it does to an answer.

Pure checks on arrays (`Track`), one file an idea; `check_tracks` asks them all and tells each
thing once; `flags_for` turns findings into bits beside every value. Nothing is repaired.
"""

from tamna.series.quality.again import check_again
from tamna.series.quality.check import KINDS, check_tracks
from tamna.series.quality.flags import flags_for
from tamna.series.quality.held import capacities_mw, check, noticed
from tamna.series.quality.labels import LabelFit, find_label
from tamna.series.quality.track import Track

__all__ = [
    "KINDS",
    "LabelFit",
    "Track",
    "capacities_mw",
    "check",
    "check_again",
    "check_tracks",
    "find_label",
    "flags_for",
    "noticed",
]
