"""What happened: shares under declared boundaries, RE100 episodes, curtailment, carbon.

``measure(hours)`` is the verb; `IslandHours` is what it looks at. Tables for pandas and CSV stand in
`tamna.measure.table`, the step from store and island to `IslandHours` in `tamna.measure.gather`.
"""

from tamna.grid.rules import Rule
from tamna.measure.answer import as_dict
from tamna.measure.bins import Bins
from tamna.measure.boundaries import ALL, BOUNDARIES, Boundary, Part
from tamna.measure.carbon import Carbon, carbon
from tamna.measure.change import Change, change
from tamna.measure.curtailment import Curtailed, curtailment
from tamna.measure.episodes import Episode, episodes
from tamna.measure.island import BaseChange, Column, EmissionFactor, HourClass, ImportMix, IslandHours
from tamna.measure.profile import Duration, Ramp, Ramps, all_ramps, duration, ramps, residual_load
from tamna.measure.published import Reconciliation, reconcile, reconcile_hours
from tamna.measure.shares import RULES, Answer, Answers, Measurement, measure
from tamna.measure.tracks import Definition, Matching, Track

__all__ = [
    "ALL",
    "BOUNDARIES",
    "RULES",
    "Answer",
    "Answers",
    "BaseChange",
    "Bins",
    "Boundary",
    "Carbon",
    "Change",
    "Column",
    "Curtailed",
    "Definition",
    "Duration",
    "EmissionFactor",
    "Episode",
    "HourClass",
    "ImportMix",
    "IslandHours",
    "Matching",
    "Measurement",
    "Part",
    "Ramp",
    "Ramps",
    "Reconciliation",
    "Rule",
    "Track",
    "all_ramps",
    "as_dict",
    "carbon",
    "change",
    "curtailment",
    "duration",
    "episodes",
    "measure",
    "ramps",
    "reconcile",
    "reconcile_hours",
    "residual_load",
]
