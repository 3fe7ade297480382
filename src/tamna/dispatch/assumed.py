"""Figures that no grid file knows: what is taken instead, how far off it may be, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.lang import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """One assumption.

    Attributes
    ----------
    path
        What it is about, such as ``fuel 'diesel', krw_per_gj``.
    value, low, high
        Taken, and the ends of what it may be, in `unit`.
    """

    path: str
    value: float
    low: float
    high: float
    unit: str
    why: Message

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.value:,.10g} {self.unit} ({self.low:,.10g}..{self.high:,.10g}): {self.why}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON carries it."""
        return {
            "path": self.path, "value": self.value, "range": [self.low, self.high], "unit": self.unit,
            "why": str(self.why),
        }  # fmt: skip


FUELS = {
    "bunker_c": Assumed(
        path="fuel 'bunker_c', krw_per_gj", value=18_000, low=12_000, high=24_000, unit="KRW/GJ",
        why=_("the grid file has no price; oil products cost more per unit of heat than LNG"),
    ),
    "diesel": Assumed(
        path="fuel 'diesel', krw_per_gj", value=28_000, low=20_000, high=35_000, unit="KRW/GJ",
        why=_("the grid file has no price; oil products cost more per unit of heat than LNG"),
    ),
}  # fmt: skip
HELD = Assumed(
    path="fleets, curtailment_cost", value=200_000, low=50_000, high=300_000, unit="KRW/MWh",
    why=_("wind and PV are held back last of all: what a held-back MWh loses is its price and its certificate"),
)  # fmt: skip
AFTER_WIND = 200_000.0
"""PV is held back after wind, and after the floor gave way, as the operator does it: a MWh of it costs so much more.
More than what units burn for the MWh they give in its place, or the order would turn. [KRW/MWh]"""
FLOOR_GIVES = Assumed(
    path="floor, price_of_giving_way", value=380_000, low=350_000, high=400_000, unit="KRW/MWh",
    why=_(
        "the floor gives way after all wind and before PV: in hours of 2022 and 2024 in which PV alone took demand below it,"
        " wind stood still and PV ran on; the price only sets that order"
    ),
)  # fmt: skip
MARGIN = Assumed(
    path="floor, margin over wind", value=0.2, low=0.1, high=0.3, unit="MW/MW",
    why=_(
        "the operator holds back earlier the more wind there is, for it may come otherwise than foreseen; no rule is published,"
        " the hours of 2022 and of January to May 2024 are likeliest so"
    ),
)  # fmt: skip
MARGIN_NONE_MW = 110.0
"""Wind at which the floor of an average day is that of the line; more wind raises it by `MARGIN`, less lowers it. [MW]

Both of the highest likelihood of the hours of Jeju in 2022 and 2024-01..05, which no published hour entered (11 above that
of no margin; 0.21 with a standard error of 0.05).
"""
DAY_SD_MW, DAY_MEMORY = 35.0, 0.5
"""How far the floor of a day lies from the line, and its correlation with the day before. [MW], [-]

About the highest likelihood in each of 2022 and 2024-01..05 once the links' days and the margin are in the line: 9 together
above the 45 MW and 0.75 that `measure` needs without them.
"""
LOST_LOAD = Assumed(
    path="demand, value_of_lost_load", value=10_000_000, low=3_000_000, high=30_000_000, unit="KRW/MWh",
    why=_("no value of lost load is published for the island"),
)  # fmt: skip
SHORT = Assumed(
    path="reserve_up, price_of_what_is_missing", value=500_000, low=100_000, high=2_000_000, unit="KRW/MWh",
    why=_("reserve for the largest in-feed is held unless that costs more than this; no rule of the operator is published"),
)  # fmt: skip
EDGES = Assumed(
    path="thermal units, first_and_last_hour", value=1, low=1, high=2, unit="ramp",
    why=_("in its first and last hour on a unit gives at most one hour's ramp, or its minimum where that is more"),
)  # fmt: skip
ALL_ON = Assumed(
    path="thermal units, on before the first hour", value=1, low=0, high=1, unit="of them",
    why=_("which units ran before the first hour is not published; each may stop at once"),
)  # fmt: skip
IMPORT_CARBON = Assumed(
    path="links, import_tco2_per_mwh", value=0.42, low=0.35, high=0.5, unit="tCO2/MWh",
    why=_("an imported MWh carries the country's mean of the nearest published year, not a marginal plant's"),
)  # fmt: skip
WEAR = Assumed(
    path="batteries, wear", value=20_000, low=5_000, high=60_000, unit="KRW/MWh",
    why=_("wear of a discharged MWh is published for no site"),
)  # fmt: skip
HALF_FULL = Assumed(
    path="stores, level before the first hour", value=0.5, low=0.0, high=1.0, unit="of capacity",
    why=_("the grid file has no level before the first hour"),
)  # fmt: skip
LOST_HYDROGEN = Assumed(
    path="hydrogen, value_of_lost_load", value=15_000, low=10_000, high=20_000, unit="KRW/kg",
    why=_("hydrogen that is not delivered is worth its price at the pump"),
)  # fmt: skip
EV_WAY = Assumed(
    path="EV fleets, charging and discharging", value=0.93, low=0.88, high=0.96, unit="-",
    why=_("the grid file does not say what charging and giving back lose on the way"),
)  # fmt: skip
TRIP = Assumed(
    path="EV fleets, missing_krw_per_mwh", value=1_000_000, low=350_000, high=3_000_000, unit="KRW/MWh",
    why=_("a trip that lacks energy stops at a fast charger: its price, and the time it takes"),
)  # fmt: skip
SUPPORT = Assumed(
    path="synchronous, short_krw_per_mva_h and short_krw_per_mws_h", value=20_000, low=2_000, high=100_000,
    unit="KRW/(MVA h), KRW/(MW s h)",
    why=_("support of the grid is held unless that costs more than this; the grid file has no price"),
)  # fmt: skip
STANDBY = Assumed(
    path="electrolysers, standby", value=0.03, low=0.01, high=0.05, unit="of rating",
    why=_("the grid file prices a cold start but not what waiting warm takes; free, no plant would ever start cold"),
)  # fmt: skip
SAME_WIND = Assumed(
    path="contracts, supply", value=1.0, low=0.8, high=1.2, unit="of its capacity's part",
    why=_("a contracted fleet gives what its capacity is of all that the market meters of its kind"),
)  # fmt: skip
ADDED_ROUND_TRIP = Assumed(
    path="what is added, battery, round_trip", value=0.85, low=0.75, high=0.92, unit="-",
    why=_("the command names power and energy only"),
)  # fmt: skip
ADDED_USE = Assumed(
    path="what is added, electrolyser, kwh_per_kg", value=60, low=50, high=70, unit="kWh/kg",
    why=_("the whole plant, as the island's planned ones are described; no least load"),
)  # fmt: skip
SOLD_HYDROGEN = Assumed(
    path="what is added, electrolyser, worth_of_its_hydrogen", value=15_000, low=5_000, high=20_000, unit="KRW/kg",
    why=_("the price at the pump of Haengwon's hydrogen; say another by electrolyser:30MW@6000KRW/kg"),
)  # fmt: skip
ADDED_LOSS = Assumed(
    path="what is added, link, loss", value=0.03, low=0.02, high=0.05, unit="-",
    why=_("two converters and a cable, as the island's links are described"),
)  # fmt: skip
ADDED_EV_BATTERY = Assumed(
    path="what is added, EVs, battery of a vehicle", value=60, low=45, high=75, unit="kWh",
    why=_("usable energy of a passenger car of these years; say another by ev:50MW/400MWh"),
)  # fmt: skip
ADDED_EV_CHARGER = Assumed(
    path="what is added, EVs, charger of a vehicle", value=7, low=3, high=11, unit="kW",
    why=_("a slow charger at home or at work for each vehicle; say another by ev:50MW/400MWh"),
)  # fmt: skip
ADDED_EV_NIGHT = Assumed(
    path="what is added, EVs, plugged in from 19:00 to 07:00", value=0.7, low=0.4, high=0.9, unit="of vehicles",
    why=_("no count of plugged-in vehicles is published for the island"),
)  # fmt: skip
ADDED_EV_DAY = Assumed(
    path="what is added, EVs, plugged in from 08:00 to 17:00", value=0.35, low=0.1, high=0.6, unit="of vehicles",
    why=_("no count of plugged-in vehicles is published for the island"),
)  # fmt: skip
ADDED_EV_TRIPS = Assumed(
    path="what is added, EVs, used by a vehicle that was away", value=0.3, low=0.15, high=0.4, unit="of its battery",
    why=_("with the vehicles that go each day some 6 kWh a day and vehicle, 35 to 40 km"),
)  # fmt: skip
ADDED_STRENGTH = Assumed(
    path="what is added, condenser, short-circuit power", value=5, low=3.5, high=7, unit="MVA/MVA",
    why=_("of its rating: one over a subtransient reactance of 0.2"),
)  # fmt: skip
ADDED_INERTIA = Assumed(
    path="what is added, condenser, inertia", value=2, low=1, high=8, unit="MW s/MVA",
    why=_("of its rating, without a flywheel"),
)  # fmt: skip
ADDED_TURNING = Assumed(
    path="what is added, condenser, loss_mw", value=0.015, low=0.01, high=0.03, unit="MW/MVA",
    why=_("of its rating, while it turns"),
)  # fmt: skip
START_TIME = Assumed(
    path="thermal units, start_time", value=4, low=2, high=12, unit="h",
    why=_("from the order to the first output; published for no unit"),
)  # fmt: skip
FAST_START = Assumed(
    path="thermal units that ramp their capacity within an hour, start_time", value=1, low=0.2, high=2, unit="h",
    why=_("engines and gas turbines; published for no unit"),
)  # fmt: skip
