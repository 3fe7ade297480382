"""Which bus of a network is what: the island's electricity, its hydrogen, a battery's inside, or the other side of links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tamna.lang import _

if TYPE_CHECKING:
    from tamna.dispatch.interchange.view import Row, View

HYDROGEN = {"hydrogen", "h2"}
Role = Literal["main", "hydrogen", "battery", "beyond", "idle"]


@dataclass(frozen=True, slots=True, eq=False)
class Attached:
    """What hangs on a bus."""

    generators: tuple[Row, ...]
    loads: tuple[Row, ...]
    stores: tuple[Row, ...]
    storage_units: tuple[Row, ...]
    links: tuple[Row, ...]


def attached(view: View, bus: str) -> Attached:
    """Give what hangs on a bus."""

    def on(kind: str) -> tuple[Row, ...]:
        return tuple(row for row in view.rows(kind) if row.text("bus") == bus)

    return Attached(
        generators=on("Generator"),
        loads=on("Load"),
        stores=on("Store"),
        storage_units=on("StorageUnit"),
        links=tuple(row for row in view.rows("Link") if bus in {row.text("bus0"), row.text("bus1")}),
    )


def roles(view: View) -> dict[str, Role]:
    """Say what each bus is; what tamna has no place for is refused."""
    names = [str(name) for name in view.table("Bus").index]
    hydrogen = [name for name in names if _is_hydrogen(view, name)]
    out: dict[str, Role] = dict.fromkeys(hydrogen[:1], "hydrogen")
    for name in hydrogen[1:]:
        view.refuse("Bus", name, "carrier", _("a second bus of hydrogen"), todo=_("Join them into one."))
    rest = [name for name in names if name not in hydrogen]
    main = _main(view, rest)
    if main is None:
        view.refuse("Bus", "", "carrier", _("no bus of electricity with a load"), todo=_("Add the demand."))
        return out
    out[main] = "main"
    for name in rest:
        if name != main:
            out[name] = _other(view, name, main)
    return out


def _is_hydrogen(view: View, name: str) -> bool:
    carrier = str(view.table("Bus").loc[name].get("carrier", ""))
    return carrier.lower() in HYDROGEN or name.lower() in HYDROGEN


def _main(view: View, names: list[str]) -> str | None:
    hanging = {name: attached(view, name) for name in names}
    loaded = [name for name in names if hanging[name].loads]
    for name in loaded[1:]:
        view.refuse(
            "Bus", name, "loads", _("a second bus with a load; tamna has one bus of electricity"), seen=name,
            todo=_("Cluster the network to one bus first."),
        )  # fmt: skip
    if loaded:
        return loaded[0]
    made = [name for name in names if hanging[name].generators]
    return max(made, key=lambda name: len(hanging[name].generators)) if made else None


def _other(view: View, name: str, main: str) -> Role:
    on = attached(view, name)
    if not any((on.generators, on.loads, on.stores, on.storage_units, on.links)):
        return "idle"
    ends = {link.text(end) for link in on.links for end in ("bus0", "bus1")} - {name}
    if ends <= {main}:
        if len(on.stores) == 1 and not (on.generators or on.loads or on.storage_units):
            return "battery"
        if on.generators and not (on.stores or on.loads or on.storage_units):
            return "beyond"
    if not on.loads:  # those are refused already
        view.refuse("Bus", name, "carrier", _("neither the island's bus, nor hydrogen, nor a store, nor the other side"),
                    todo=_("Join it to the island's bus."))  # fmt: skip
    return "idle"
