"""How a rebuilt day is told in a terminal and in JSON: the hours, the printed numbers, the balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tamna.grid.clock import iso, to_local
from tamna.lang import Message, _
from tamna.measure.reconstruct import HIGH, LOW, Band, Kind
from tamna.measure.words import Listing
from tamna.serve.cli.out import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tamna.measure.claims import Closure, Reading, Verdict
    from tamna.measure.reconstruct import Day, Rebuilt
    from tamna.runs import RebuiltDay

    Floats = NDArray[np.float64]

PLAIN = "settled"
FEW = 8


def result(found: RebuiltDay) -> dict[str, Any]:
    """Give a rebuilt day as JSON carries it; every number with its interval."""
    day = found.day
    return {
        "island": found.island.name,
        "day": found.date,
        "interval": [LOW, HIGH],
        "hours": [_hour(day, i) for i in range(len(day))],
        "classes": {
            name: {
                "kind": str(r.kind),
                "nameplate_mw": None if r.size is None else [r.size.low, r.size.value, r.size.high],
                "times_series": None if r.factor is None else [r.factor.low, r.factor.value, r.factor.high],
            }
            for name, r in day.classes.items()
        },
        "judged": [
            {"name": j.name, "hours": j.hours, "covered": j.covered, "mae_mw": j.mae_mw} for j in day.judged
        ],
        "claims": [_claim(v) for v in found.verdicts],
        "balance": [_closure(c) for c in found.closures],
        "receipts": [r.as_dict() for r in found.receipts],
    }


def _hour(day: Day, i: int) -> dict[str, Any]:
    return {
        "valid_at": iso(day.valid_at[i]),
        "local": iso(day.valid_at[i], day.timezone),
        "demand_mwh": float(day.demand[i]),
        "generation_mwh": {name: _ends(r.draws[:, i]) for name, r in day.classes.items()},
        "filed_mwh": {name: float(r.filed[i]) for name, r in day.classes.items() if np.isfinite(r.filed[i])},
        "net_export_mwh": _ends(day.net_export[:, i]),
        "filed_share": float(day.filed_share[i]),
        "share": {f"{b}_{rule}": _ends(draws[:, i]) for (b, rule), draws in day.shares.items()},
        "price_krw_per_kwh": float(day.price[i]),
    }


def _ends(draws: Floats) -> list[float]:
    """Give low, middle, high."""
    return [float(v) for v in np.quantile(draws, [LOW, 0.5, HIGH])]


def _claim(v: Verdict) -> dict[str, Any]:
    s = v.statement
    return {
        "says": s.says,
        "at": s.at,
        "during": s.during,
        "said": list(dict.fromkeys(s.ends)),
        "unit": s.unit,
        "called": s.called,
        "sources": list(s.source),
        "verdict": str(verdict(v)),
        "reproduced": v.reproduced,
        "readings": [_reading(r) for r in v.readings],
    }


def _reading(r: Reading) -> dict[str, Any]:
    return {
        "definition": r.quantity.name,
        "text": str(r.quantity.title),
        "hours": r.hours.name,
        "hours_text": str(r.hours.title),
        "low": list(dict.fromkeys(r.low)),
        "middle": list(dict.fromkeys(r.middle)),
        "high": list(dict.fromkeys(r.high)),
        "misses": r.misses,
        "holds": r.holds,
    }


def _closure(c: Closure) -> dict[str, Any]:
    return {
        "plant": list(c.named),
        "plant_mwh": c.plant_mwh,
        "hours": c.hours.name,
        "demand_mwh": c.demand_mwh,
        "implied_export_mwh": c.implied_mwh,
        "said_export_mwh": c.said_mwh,
        "misses_mwh": c.misses,
    }


def as_text(found: RebuiltDay) -> str:
    """Lay out the hours, then what was printed, then the balance, then what must be known."""
    lines = [_hours(found.day), ""]
    if found.verdicts:
        lines += [_claims(found), ""]
    if found.closures:
        lines += [_balance(found.closures), ""]
    return "\n".join([*lines, *(str(n) for n in notes(found))])


def _hours(day: Day) -> str:
    local = to_local(day.valid_at, day.timezone)
    held = {n: r for n, r in day.classes.items() if r.of.in_demand and np.isfinite(r.draws).all()}
    small = [n for n, r in held.items() if r.kind is Kind.FLAT]
    bands = {whole_fleet(r): r.band for n, r in held.items() if n not in small}
    if small:
        bands[_("other thermal")] = Band.of(day.made(*small))
    net = Band.of(day.net_export)
    share = {rule: Band.of(day.shares[PLAIN, rule]) for rule in ("coverage", "proportional")}
    headings = [
        str(_("hour from")), str(_("demand")), *(str(title) for title in bands),
        str(_("net export")), str(_("coverage")), str(_("proportional")), str(_("files alone")),
    ]  # fmt: skip
    rows = [
        [
            str(local[i])[11:16],
            f"{day.demand[i]:.1f}",
            *(spoken(band, i) for band in bands.values()),
            spoken(net, i),
            *(spoken(share[rule], i, percent=True) for rule in share),
            f"{day.filed_share[i]:.0%}",
        ]
        for i in range(len(day))
    ]
    return table(headings, rows)


def whole_fleet(r: Rebuilt) -> Message:
    """Name a class as the day shows it: a series that lost part of its fleet stands for all of it here."""
    if r.kind in {Kind.MODELLED, Kind.FOLLOWED}:
        return _("{what}, whole fleet", what=SUBJECTS.get(r.of.group, r.of))
    return _("{what}", what=r.of)


def spoken(band: Band, i: int, *, percent: bool = False) -> str:
    """Write an hour's middle with its ends, or the number alone where it is metered."""
    low, middle, high = band.low[i], band.middle[i], band.high[i]
    if np.isnan(middle):
        return "-"
    if percent:
        return f"{middle:.0%}" if high - low < 0.005 else f"{middle:.0%} ({low:.0%}..{high:.0%})"
    return f"{middle:.1f}" if high - low < 0.05 else f"{middle:.0f} ({low:.0f}..{high:.0f})"


def _claims(found: RebuiltDay) -> str:
    rows = [
        [
            str(subject(v)),
            said(v),
            printed_by(found, v),
            f"{v.best.quantity.title}; {v.best.hours.title}",
            ours(v),
            missed(v),
            str(verdict(v)),
        ]
        for v in found.verdicts
    ]
    return table(
        [
            str(_("printed")), "", str(_("by")), str(_("closest definition; hours")), str(_("ours")),
            str(_("misses by")), str(_("verdict")),
        ],
        rows,
    )  # fmt: skip


def printed_by(found: RebuiltDay, v: Verdict) -> str:
    """Name who printed it."""
    titles = {s.key: s.title for s in found.island.sources}
    return ", ".join(titles.get(key, key).split(":")[0] for key in v.statement.source)


def subject(v: Verdict) -> Message:
    """Say what was printed and for when."""
    s = v.statement
    when = s.at or "-".join(s.during or ())
    called = _(" (called {name})", name=s.called) if s.called else ""
    return _("{what}{called}, {when}", what=SUBJECTS[s.says], called=called, when=when)


SUBJECTS = {
    "demand": _("demand"),
    "wind": _("wind"),
    "pv": _("PV"),
    "wind_pv": _("wind and PV"),
    "must_run": _("must-run plant"),
    "waste": _("waste"),
    "export": _("export"),
    "export_total": _("export in all"),
    "share": _("share"),
    "full_hours": _("hours at 100 % or more"),
    "wind_factor": _("capacity factor of wind"),
    "pv_factor": _("capacity factor of PV"),
}


def said(v: Verdict) -> str:
    """Write the printed number with its printed unit."""
    return f"{_span(v.statement.ends, v.statement.unit)} {v.statement.unit}"


def ours(v: Verdict) -> str:
    """Write our number for the closest reading, with its interval."""
    r, unit = v.best, v.statement.unit
    wide = max(h - low for low, h in zip(r.low, r.high, strict=True))
    text = _span(r.middle, unit)
    return (
        text if wide < (0.005 if unit == "%" else 0.05) else f"{text} ({_span((r.low[0], r.high[1]), unit)})"
    )


def missed(v: Verdict) -> str:
    """Write by how much the closest reading misses."""
    return _one(v.best.misses, v.statement.unit)


def _span(ends: tuple[float, float], unit: str) -> str:
    first, last = _one(ends[0], unit), _one(ends[1], unit)
    return first if first == last else f"{first}..{last}"


def _one(value: float, unit: str) -> str:
    return f"{100 * value:.1f}" if unit == "%" else f"{value:.0f}" if unit == "h" else f"{value:.1f}"


def verdict(v: Verdict) -> Message:
    """Say whether a printed number is reproduced, possible, or outside what the files allow."""
    if not v.best.holds:
        return _("not reproduced")
    if not v.settled:
        return _("only under other hours than the publisher's demand is of")
    if v.best.quantity.metered:
        return _("reproduced from meters")
    others = len({r.quantity.name for r in v.readings if r.holds}) - 1
    return _("possible, as under {n} other definitions", n=others) if others else _("possible")


def _balance(closures: tuple[Closure, ...]) -> str:
    return table(
        [
            str(_("plant in the balance")), str(_("made")), str(_("hour label")), str(_("demand")),
            str(_("export implied")), str(_("printed")), str(_("misses by")),
        ],
        [
            [
                str(c.plant), f"{c.plant_mwh:.1f}", str(c.hours.title), f"{c.demand_mwh:.1f}",
                f"{c.implied_mwh:.1f}", f"{c.said_mwh:.1f}", f"{c.misses:+.1f}",
            ]
            for c in closures[:FEW]
        ],
    )  # fmt: skip


def notes(found: RebuiltDay) -> Iterator[Message]:
    """Say what must be known before any of it is quoted."""
    day = found.day
    yield _(
        "Energies in MWh an hour, middle (10..90 %) of what the files allow; shares of wind and PV of the market's whole fleet."
    )
    for r in day.classes.values():
        if r.kind is Kind.MODELLED and r.size is not None:
            yield _(
                "{what}: from the weather at one point and {low:.0f}..{high:.0f} MW; what the market held back is not taken off.",
                what=whole_fleet(r), low=r.size.low, high=r.size.high,
            )  # fmt: skip
        if r.kind is Kind.FOLLOWED and r.factor is not None:
            yield _(
                "{what}: the settled series times {low:.2f}..{high:.2f}, for the bidders that left it.",
                what=whole_fleet(r), low=r.factor.low, high=r.factor.high,
            )  # fmt: skip
    for j in day.judged:
        if j.hours:
            yield _(
                "{name}: on {n} hours of operations' own view that were never learned from, the 80 % interval held {covered:.0%}; mean error {mae:.0f} MW.",
                name=j.name, n=j.hours, covered=j.covered, mae=j.mae_mw,
            )  # fmt: skip
    free = np.flatnonzero(day.price <= 0)
    if len(free):
        local = to_local(day.valid_at[free], day.timezone)
        yield _(
            "The day-ahead price was 0 or below in the hours from {hours}: wind and sun may have been held back.",
            hours=Listing(tuple(str(t)[11:16] for t in local)),
        )
    if found.closures:
        best = found.closures[0]
        yield _(
            "The printed balance closes best with {plant} ({mwh:.1f} MWh), where {label}: {misses:+.1f} MWh.",
            plant=best.plant, mwh=best.plant_mwh, label=best.hours.title, misses=best.misses,
        )  # fmt: skip
