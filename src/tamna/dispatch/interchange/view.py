"""A network as it is read here: plain rows and profiles of one component, and a list of what cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.errors import Mistake, Place
from tamna.lang import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.lang import Message

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One component of a network: its figures, and its profiles over the snapshots."""

    view: View
    kind: str
    name: str

    def text(self, attribute: str) -> str:
        """Give a name, such as its bus; empty where it has none."""
        value = self.view.figures(self.kind)[self.name].get(attribute, "")
        return value if isinstance(value, str) else ""

    def flag(self, attribute: str) -> bool:
        """Give a yes or no."""
        return bool(self.view.figures(self.kind)[self.name].get(attribute, False))

    def profile(self, attribute: str, otherwise: float = np.nan) -> Floats:
        """Give a figure over all snapshots, (steps,): its series where it has one, else its number."""
        series = self.view.network.c[self.kind].dynamic.get(attribute)
        if series is not None and self.name in series.columns:
            return np.asarray(series[self.name].to_numpy(), dtype=np.float64)
        value = self.view.figures(self.kind)[self.name].get(attribute, otherwise)
        return np.full(self.view.count, float(value))

    def number(self, attribute: str, otherwise: float = np.nan) -> float:
        """Give a figure that tamna holds as one number; refused where it changes by the hour."""
        values = self.profile(attribute, otherwise)
        if len(values) and np.ptp(values) > 1e-9 * max(1.0, float(np.abs(values).max())):
            self.refuse(
                attribute, _("changes by the hour; tamna holds it as one number"), seen=f"{values.min():g}..{values.max():g}"
            )  # fmt: skip
        return float(values[0]) if len(values) else otherwise

    def refuse(
        self, attribute: str, what: Message, *, seen: str | None = None, todo: Message | None = None
    ) -> None:
        """Note that an attribute cannot be taken."""
        self.view.refuse(self.kind, self.name, attribute, what, seen=seen, todo=todo)

    def none_of(self, attributes: dict[str, float], what: Message) -> None:
        """Refuse attributes that differ from what leaves them without meaning."""
        for attribute, idle in attributes.items():
            values = self.profile(attribute, idle)
            off = ~np.isclose(values, idle, rtol=0.0, atol=1e-12, equal_nan=True)
            if off.any():
                self.refuse(attribute, what, seen=f"{values[np.flatnonzero(off)[0]]:g}")


@dataclass(slots=True, eq=False)
class View:
    """A network with what was found that cannot be taken."""

    network: Any
    mistakes: list[Mistake] = field(default_factory=list)
    _figures: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many snapshots."""
        return len(self.network.snapshots)

    def table(self, kind: str) -> Any:
        """Give the figures of a kind of component, by name."""
        return self.network.c[kind].static

    def figures(self, kind: str) -> dict[str, dict[str, Any]]:
        """Give the figures of a kind of component as plain rows by name."""
        if kind not in self._figures:
            self._figures[kind] = {str(k): v for k, v in self.table(kind).to_dict("index").items()}
        return self._figures[kind]

    def rows(self, kind: str) -> Iterator[Row]:
        """Give the active components of a kind."""
        for name, active in self.table(kind).get("active", {}).items():
            if active:
                yield Row(self, kind, str(name))

    def refuse(
        self,
        kind: str,
        name: str,
        attribute: str,
        what: Message,
        *,
        seen: str | None = None,
        todo: Message | None = None,
    ) -> None:
        """Note what cannot be taken: component, name, attribute."""
        where = Place(path=f"{kind} '{name}', {attribute}" if name else f"{kind}, {attribute}")
        todo = todo or _("Take it out of the network, or leave the attribute at its default.")
        self.mistakes.append(Mistake(what=what, where=where, seen=seen, todo=todo))
