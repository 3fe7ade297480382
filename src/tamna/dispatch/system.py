"""What there is to run: the assets of an island as the optimiser needs them, and the hours they face."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tamna.optimise.problem import Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from tamna.optimise.blocks.battery import Battery
    from tamna.optimise.blocks.co2 import Co2
    from tamna.optimise.blocks.curtailable import Curtailable
    from tamna.optimise.blocks.demand import LoadClass
    from tamna.optimise.blocks.electrolyser import Electrolyser, ElectrolyserState
    from tamna.optimise.blocks.hydrogen import FuelCell, HydrogenStore
    from tamna.optimise.blocks.link import Link, LinkState
    from tamna.optimise.blocks.reserve import Reserve
    from tamna.optimise.blocks.thermal_unit import Thermal, ThermalState

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The assets; each name occurs once. `load_classes` and `hydrogen_classes` say what may go unserved, at what cost."""

    thermal: tuple[Thermal, ...] = ()
    fleets: tuple[Curtailable, ...] = ()
    links: tuple[Link, ...] = ()
    batteries: tuple[Battery, ...] = ()
    electrolysers: tuple[Electrolyser, ...] = ()
    hydrogen_stores: tuple[HydrogenStore, ...] = ()
    fuel_cells: tuple[FuelCell, ...] = ()
    load_classes: tuple[LoadClass, ...] = ()
    hydrogen_classes: tuple[LoadClass, ...] = ()
    reserves: tuple[Reserve, ...] = ()
    co2: Co2 | None = None
    floor_gives_per_mwh: float = math.inf
    """What a MWh costs by which units and links stay below their floor; inf: they never do. [money/MWh]"""
    exclusive: bool = False
    """Forbid stores to charge and discharge, and links to import and export, at once: needed where that would pay."""


PROFILES = ("potential_mw", "import_price", "export_price", "must_take_mw", "reserve_mw", "available")


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
    """

    steps: Steps
    demand_mw: Floats
    hydrogen_mw: Floats | None = None
    floor_mw: Floats | None = None
    potential_mw: Mapping[str, Floats] = field(default_factory=dict)
    import_price: Mapping[str, Floats] = field(default_factory=dict)
    export_price: Mapping[str, Floats] = field(default_factory=dict)
    must_take_mw: Mapping[str, Floats] = field(default_factory=dict)
    reserve_mw: Mapping[str, Floats] = field(default_factory=dict)
    available: Mapping[str, Floats] = field(default_factory=dict)

    def part(self, first: int, count: int) -> Hours:
        """Give `count` steps from `first` on."""
        at = slice(first, first + count)
        within = max(0, min(count, self.steps.count - first))
        steps = Steps(count=within, hours=self.steps.hours, labels=self.steps.labels[at])
        profiles = {
            name: {key: values[at] for key, values in getattr(self, name).items()} for name in PROFILES
        }
        hydrogen = None if self.hydrogen_mw is None else self.hydrogen_mw[at]
        floor = None if self.floor_mw is None else self.floor_mw[at]
        return replace(
            self, steps=steps, demand_mw=self.demand_mw[at], hydrogen_mw=hydrogen, floor_mw=floor, **profiles
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What everything was before the first step. A store that is not named closes the period on itself."""

    thermal: Mapping[str, ThermalState] = field(default_factory=dict)
    links: Mapping[str, LinkState] = field(default_factory=dict)
    electrolysers: Mapping[str, ElectrolyserState] = field(default_factory=dict)
    level_mwh: Mapping[str, float] = field(default_factory=dict)
