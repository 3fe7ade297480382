"""How well an island is known: its figures counted by what stands behind them, every conflict listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tamna.lang import _, language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tamna.grid.figure import Figure, Status
    from tamna.grid.model import Island
    from tamna.lang import Message

STATUSES: tuple[Status, ...] = ("sourced", "assumed", "conflict", "unsourced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a grid file says, and how sure it is.

    `counts` is by status, `sections` by part of the file and status, `assets` how many entries each part
    has; `conflicts` and `assumptions` are ``(path, figure)``; `regimes` and `settlements` are what holds when.
    """

    name: str
    title: dict[str, str]
    counts: dict[Status, int]
    sections: dict[str, dict[Status, int]]
    assets: dict[str, int]
    conflicts: tuple[tuple[str, Figure], ...]
    assumptions: tuple[tuple[str, Figure], ...]
    regimes: tuple[dict[str, Any], ...]
    settlements: tuple[dict[str, Any], ...]

    @property
    def total(self) -> int:
        """How many figures there are."""
        return sum(self.counts.values())

    def as_dict(self) -> dict[str, Any]:
        """Give the summary as ``--json`` carries it."""
        return {
            "name": self.name,
            "title": self.title,
            "figures": {"total": self.total, **self.counts},
            "sections": self.sections,
            "entries": self.assets,
            "conflicts": [
                {
                    "path": path,
                    "use": figure.value,
                    "why": figure.why,
                    "claims": [claim.model_dump(mode="json", exclude_none=True) for claim in figure.conflict],
                }
                for path, figure in self.conflicts
            ],
            "assumptions": [
                {
                    "path": path,
                    "value": figure.value,
                    "assumed": figure.assumed,
                    "range": list(figure.range or figure.span),
                }
                for path, figure in self.assumptions
            ],
            "regimes": list(self.regimes),
            "settlements": list(self.settlements),
        }


def summary(island: Island) -> Summary:
    """Count the figures of `island` by what stands behind them and collect its conflicts."""
    sections: dict[str, dict[Status, int]] = {}
    conflicts, assumptions = [], []
    for section, path, figure in island.figures_by_section():
        counts = sections.setdefault(section, dict.fromkeys(STATUSES, 0))
        counts[figure.status] += 1
        if figure.status == "conflict":
            conflicts.append((path, figure))
        elif figure.status == "assumed":
            assumptions.append((path, figure))
    return Summary(
        name=island.name,
        title=island.title.model_dump(),
        counts={status: sum(c[status] for c in sections.values()) for status in STATUSES},
        sections=sections,
        assets={
            name: len(value)
            for name in type(island).model_fields
            if isinstance(value := getattr(island, name), tuple)
        },
        conflicts=tuple(conflicts),
        assumptions=tuple(assumptions),
        regimes=tuple(
            {
                "name": r.name,
                "kind": r.kind,
                "start": r.start.isoformat(),
                "end": r.end.isoformat() if r.end else None,
                "title": r.title.model_dump() if r.title else None,
            }
            for r in island.regimes
        ),
        settlements=tuple(
            {
                "name": s.name,
                "kind": s.kind,
                "start": s.start.isoformat(),
                "end": s.end.isoformat() if s.end else None,
                "counterfactual": s.counterfactual,
                "title": s.title.model_dump() if s.title else None,
                "unknown": {field: s.why_unknown(field) for field in s.unknown},
            }
            for s in island.settlements
        ),
    )


def render_summary(found: Summary) -> str:
    """Write the summary as a table for a terminal, in the language of the moment."""
    words = {
        "sourced": _("sourced"),
        "assumed": _("assumed"),
        "conflict": _("conflict"),
        "unsourced": _("unsourced"),
    }
    title = found.title.get(language(), found.name)
    head = [_("part"), *(words[s] for s in STATUSES), _("all")]
    rows = [
        [section, *(str(counts[s]) for s in STATUSES), str(sum(counts.values()))]
        for section, counts in found.sections.items()
    ]
    rows.append([str(_("all")), *(str(found.counts[s]) for s in STATUSES), str(found.total)])
    lines = [
        str(_("{title} ({name}): {n} figures", title=title, name=found.name, n=found.total)),
        "",
        *_table(head, rows),
    ]
    if found.conflicts:
        lines += ["", str(_("Sources disagree on {n} figures:", n=len(found.conflicts)))]
        lines += [line for path, figure in found.conflicts for line in _conflict(path, figure)]
    if found.regimes:
        lines += ["", str(_("Regimes:"))]
        lines += [_period(r) for r in found.regimes]
    if found.settlements:
        lines += ["", str(_("Settlement rules:"))]
        for rule in found.settlements:
            lines.append(_period(rule) + (f"  ({_('counterfactual')})" if rule["counterfactual"] else ""))
            lines += [f"    {_('not known')}: {name}: {why}" for name, why in rule["unknown"].items()]
    return "\n".join(lines)


def _period(held: dict[str, Any]) -> str:
    title = f"  {held['title'][language()]}" if held["title"] else ""
    return f"  {held['start']} .. {held['end'] or '':<10}  {held['name']}{title}"


def _conflict(path: str, figure: Figure) -> Iterable[str]:
    claims = "; ".join(
        f"{claim.value:g}"
        + (f" [{claim.range[0]:g}, {claim.range[1]:g}]" if claim.range else "")
        + f" ({', '.join(claim.source)})"
        for claim in figure.conflict
    )
    yield f"  {path}: {claims}"
    yield "    " + str(_("in use {value}: {why}", value=f"{figure.value:g}", why=figure.why))


def _table(head: list[Message], rows: list[list[str]]) -> list[str]:
    cells = [[str(h) for h in head], *rows]
    widths = [max(_width(row[k]) for row in cells) for k in range(len(head))]
    return [
        "  ".join(
            cell + " " * (w - _width(cell)) if k == 0 else " " * (w - _width(cell)) + cell
            for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]


def _width(text: str) -> int:
    """Columns on a terminal: Hangul takes two."""
    return sum(2 if "\u1100" <= ch <= "\u115f" or "\uac00" <= ch <= "\ud7a3" else 1 for ch in text)
