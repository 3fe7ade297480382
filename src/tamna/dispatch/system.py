"""What there is to run: the assets of an island as the optimiser needs them, and the hours they face."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tamna.optimise.blocks.day import Clock
from tamna.optimise.problem import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from tamna.dispatch.resort import Resort
    from tamna.optimise.blocks.battery import Battery
    from tamna.optimise.blocks.co2 import Co2
    from tamna.optimise.blocks.curtailable import Curtailable
    from tamna.optimise.blocks.demand import Load, LoadClass
    from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState
    from tamna.optimise.blocks.ev import EvFleet
    from tamna.optimise.blocks.hydrogen import FuelCell, HydrogenStore
    from tamna.optimise.blocks.interruptible import Interruptible
    from tamna.optimise.blocks.link import Link, LinkState
    from tamna.optimise.blocks.matching import Matching
    from tamna.optimise.blocks.reserve import Reserve
    from tamna.optimise.blocks.shiftable import Shiftable
    from tamna.optimise.blocks.synchronous import Condenser, Synchronous
    from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The assets; each name occurs once.

    `load_classes` and `hydrogen_classes` say what of the demand may go unserved, at what cost; `loads` have names of
    their own and stand beside it.
    """

    thermal: tuple[Thermal, ...] = ()
    fleets: tuple[Curtailable, ...] = ()
    links: tuple[Link, ...] = ()
    batteries: tuple[Battery, ...] = ()
    electrolysers: tuple[Electrolyser, ...] = ()
    hydrogen_stores: tuple[HydrogenStore, ...] = ()
    fuel_cells: tuple[FuelCell, ...] = ()
    ev_fleets: tuple[EvFleet, ...] = ()
    shiftable: tuple[Shiftable, ...] = ()
    interruptible: tuple[Interruptible, ...] = ()
    loads: tuple[Load, ...] = ()
    condensers: tuple[Condenser, ...] = ()
    load_classes: tuple[LoadClass, ...] = ()
    hydrogen_classes: tuple[LoadClass, ...] = ()
    reserves: tuple[Reserve, ...] = ()
    synchronous: Synchronous | None = None
    matchings: tuple[Matching, ...] = ()
    co2: Co2 | None = None
    resort: Resort | None = None
    floor_gives_per_mwh: float = math.inf
    """What a MWh costs by which units and links stay below their floor; inf: they never do. [money/MWh]"""
    exclusive: bool = False
    """Forbid stores to charge and discharge, and links to import and export, at once: needed where that would pay."""


PROFILES = (
    "potential_mw", "import_price", "export_price", "must_take_mw", "reserve_mw", "available", "load_mw", "plugged",
    "arriving", "leaving",
)  # fmt: skip
"""By asset, (steps,)."""
SINGLE = ("hydrogen_mw", "floor_mw", "strength_mva", "inertia_mws")
"""One for all, (steps,) or None."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hours:
    """What the assets face in each step.

    Attributes
    ----------
    demand_mw, hydrogen_mw : (steps,)
        Electricity and hydrogen (LHV) asked for. [MW]
    potential_mw
        By fleet, what the weather allows, (steps,). [MW]
    import_price, export_price
        By link, (steps,). [money/MWh]
    must_take_mw
        By fleet, the part of its potential that cannot be held back, (steps,); 0 where not named. [MW]
    reserve_mw
        By product of reserve, what is required whatever fails, (steps,); 0 where not named. [MW]
    available
        By unit or link, the share in service, (steps,); 1 where not named. [-]
    floor_mw
        What thermal units and links must put in together, (steps,); None: nothing. [MW]
    load_mw
        By load that can be moved, cut or has a name of its own, as it would be, (steps,); by matching, consumption that it
        covers beside that of assets. [MW]
    plugged, arriving, leaving
        By EV fleet, the share that is plugged in after the step, and that came and left in it, (steps,). [-]
    strength_mva, inertia_mws : (steps,)
        Short-circuit power and inertia that machines must give; None: nothing. [MVA, MW s]
    """

    steps: Steps
    demand_mw: Floats
    hydrogen_mw: Floats | None = None
    floor_mw: Floats | None = None
    strength_mva: Floats | None = None
    inertia_mws: Floats | None = None
    potential_mw: Mapping[str, Floats] = field(default_factory=dict)
    import_price: Mapping[str, Floats] = field(default_factory=dict)
    export_price: Mapping[str, Floats] = field(default_factory=dict)
    must_take_mw: Mapping[str, Floats] = field(default_factory=dict)
    reserve_mw: Mapping[str, Floats] = field(default_factory=dict)
    available: Mapping[str, Floats] = field(default_factory=dict)
    load_mw: Mapping[str, Floats] = field(default_factory=dict)
    plugged: Mapping[str, Floats] = field(default_factory=dict)
    arriving: Mapping[str, Floats] = field(default_factory=dict)
    leaving: Mapping[str, Floats] = field(default_factory=dict)

    def part(self, first: int, count: int) -> Hours:
        """Give `count` steps from `first` on."""
        at = slice(first, first + count)
        within = max(0, min(count, self.steps.count - first))
        steps = Steps(count=within, hours=self.steps.hours, labels=self.steps.labels[at])
        profiles: dict[str, Any] = {
            name: {key: values[at] for key, values in getattr(self, name).items()} for name in PROFILES
        }
        single: dict[str, Any] = {
            name: None if (of := getattr(self, name)) is None else of[at] for name in SINGLE
        }
        return replace(self, steps=steps, demand_mw=self.demand_mw[at], **single, **profiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What everything was before the first step. A store that is not named closes the period on itself.

    Attributes
    ----------
    level_mwh
        By battery, hydrogen store and EV fleet. [MWh]
    ahead_mwh
        By shiftable load, what it has taken sooner; negative: what it owes. [MWh]
    cutting, turning
        Loads that are being cut, and condensers that turn.
    clock
        Where in the day the first step stands, and what its day has used up.
    emitted_t
        So far. [tCO2]
    co2_most_t
        What the steps of the problem may emit; None: the cap of the system. [tCO2]
    """

    thermal: Mapping[str, ThermalState] = field(default_factory=dict)
    links: Mapping[str, LinkState] = field(default_factory=dict)
    electrolysers: Mapping[str, ElectrolyserState] = field(default_factory=dict)
    level_mwh: Mapping[str, float] = field(default_factory=dict)
    ahead_mwh: Mapping[str, float] = field(default_factory=dict)
    cutting: frozenset[str] = frozenset()
    turning: frozenset[str] = frozenset()
    clock: Clock = field(default_factory=Clock)
    emitted_t: float = 0.0
    co2_most_t: float | None = None
