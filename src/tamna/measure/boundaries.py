"""Declared boundaries: which generation counts, and what joins the load with it.

A boundary is a list of parts; a part picks the island's classes by how they are metered and whether
they are bio or waste. A class enters numerator and denominator together:

- what the demand already includes (market plants, PPA plants where the demand counts them) stands in
  the denominator by being in the demand;
- what the demand is net of (rooftop PV behind the meter) is added to the load as it is counted.

========================= =============================================================
boundary                  counts
========================= =============================================================
``settled``               wind and PV settled in the market
``ppa``                   + wind and PV sold through a PPA
``btm``                   + wind and PV behind the meter (mostly estimated)
``settled_whole``         ``settled`` + what plants made that have left the settled series, estimated
``btm_whole``             ``btm`` + the same; both stand only where something is missing
``settled_bio`` ...       each with bio, waste and other renewables, as far as the island's file calls
                          them renewable
========================= =============================================================

A part of which no class has a single hour makes the boundary `unavailable`, with its name; a class
without data beside others that have some is left out and named with every number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tamna.lang import Message, _

if TYPE_CHECKING:
    from tamna.measure.island import HourClass, IslandHours

    Trait = Literal["renewable", "carbon_free"]

BIO_GROUPS = frozenset({"bio", "waste", "other_renewable"})
LEFT = "market_left"
"""How plants are metered that go on producing and are in no settled series any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A group of classes that a boundary counts.

    Attributes
    ----------
    meterings
        ``market``, ``ppa``, ``behind_the_meter``: any of these.
    groups
        Groups of classes: ``bio``, ``waste``, ``other_renewable``; empty picks whatever is none of these,
        which is wind and PV.
    optional
        Where the island declares no such class, the part falls out instead of making the boundary
        unavailable.
    names
        Where given, exactly these classes instead.
    """

    title: Message
    meterings: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    optional: bool = False
    names: tuple[str, ...] = ()

    def picks(self, c: HourClass, trait: Trait) -> bool:
        """Tell whether the part takes class `c` among those that are renewable (or carbon-free)."""
        if self.names:
            return c.name in self.names
        group = c.group if c.group in BIO_GROUPS else ""
        return bool(getattr(c, trait)) and c.metering in self.meterings and group in (self.groups or ("",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A declared boundary: its name in columns and JSON, its title, and its parts."""

    name: str
    title: Message
    parts: tuple[Part, ...]

    @staticmethod
    def of_classes(name: str, title: Message, names: tuple[str, ...]) -> Boundary:
        """Declare a boundary of one's own: exactly these classes."""
        return Boundary(name=name, title=title, parts=(Part(title=title, names=names),))

    def resolve(self, hours: IslandHours, trait: Trait = "renewable") -> Counted:
        """Find the island's classes that the boundary counts, those left out, and parts without data."""
        counted: list[HourClass] = []
        left_out: list[HourClass] = []
        empty: list[Part] = []
        for part in self.parts:
            picked = [c for c in hours.classes if part.picks(c, trait)]
            held = [c for c in picked if c.column.held]
            counted += held
            left_out += [c for c in picked if not c.column.held]
            if not held and (picked or (trait == "renewable" and not part.optional)):
                empty.append(part)
        return Counted(boundary=self, classes=tuple(counted), left_out=tuple(left_out), empty=tuple(empty))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A boundary on one island's hours.

    Attributes
    ----------
    classes
        What is counted.
    left_out
        Belongs in by declaration, and has no data: named with every number.
    empty
        Parts without any data: the boundary has no answer.
    """

    boundary: Boundary
    classes: tuple[HourClass, ...]
    left_out: tuple[HourClass, ...]
    empty: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the counted classes."""
        return tuple(c.name for c in self.classes)

    @property
    def added_to_load(self) -> tuple[HourClass, ...]:
        """Counted classes that the demand is net of: they join the denominator."""
        return tuple(c for c in self.classes if not c.in_demand)


MARKET = Part(title=_("wind and PV settled in the market"), meterings=("market",))
PPA = Part(title=_("wind and PV sold through a PPA"), meterings=("ppa",))
MISSING = Part(
    title=_("wind and PV of plants that have left the settled series"), meterings=(LEFT,), optional=True
)
BTM = Part(title=_("wind and PV behind the meter"), meterings=("behind_the_meter",))
BIO = Part(title=_("bio"), meterings=("market", "ppa"), groups=("bio",), optional=True)
WASTE = Part(
    title=_("waste and other renewables"),
    meterings=("market", "ppa"),
    groups=("waste", "other_renewable"),
    optional=True,
)

SETTLED = Boundary(name="settled", title=_("wind and PV settled in the market"), parts=(MARKET,))
WITH_PPA = Boundary(name="ppa", title=_("wind and PV, market and PPA"), parts=(MARKET, PPA))
WITH_BTM = Boundary(
    name="btm", title=_("wind and PV, market, PPA and behind the meter"), parts=(MARKET, PPA, BTM)
)
SETTLED_WHOLE = Boundary(
    name="settled_whole",
    title=_("wind and PV of the market's whole fleet, the part that left the settled series estimated"),
    parts=(MARKET, MISSING),
)
BTM_WHOLE = Boundary(
    name="btm_whole",
    title=_("wind and PV, market, PPA and behind the meter, the part that left the settled series estimated"),
    parts=(MARKET, MISSING, PPA, BTM),
)
SETTLED_BIO = Boundary(
    name="settled_bio",
    title=_("wind and PV settled in the market, with bio, waste and other renewables"),
    parts=(*SETTLED.parts, BIO, WASTE),
)
PPA_BIO = Boundary(
    name="ppa_bio",
    title=_("wind and PV, market and PPA, with bio, waste and other renewables"),
    parts=(*WITH_PPA.parts, BIO, WASTE),
)
BTM_BIO = Boundary(
    name="btm_bio",
    title=_("wind and PV, market, PPA and behind the meter, with bio, waste and other renewables"),
    parts=(*WITH_BTM.parts, BIO, WASTE),
)

ALL: tuple[Boundary, ...] = (SETTLED, WITH_PPA, WITH_BTM, SETTLED_BIO, PPA_BIO, BTM_BIO)
BOUNDARIES: dict[str, Boundary] = {b.name: b for b in (*ALL, SETTLED_WHOLE, BTM_WHOLE)}


def standing(hours: IslandHours) -> tuple[Boundary, ...]:
    """Give the declared boundaries of these hours; those of the whole fleet only where part of it has left."""
    if not any(c.metering == LEFT and c.column.held for c in hours.classes):
        return ALL
    return (SETTLED, SETTLED_WHOLE, WITH_PPA, WITH_BTM, BTM_WHOLE, SETTLED_BIO, PPA_BIO, BTM_BIO)
