"""What ``tamna prove`` prints: the two scores, the annual paper beside them, and what was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tamna.grid.clock import iso
from tamna.lang import _, language
from tamna.serve.cli.prove_hydrogen_text import hydrogen_text
from tamna.serve.cli.restated_text import restated_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tamna.runs.certifying import Certificates


def proof_text(made: Certificates, timezone: str, pages: Sequence[Path]) -> str:
    """Lay out a proof for a reader."""
    p, s = made.proved, made.proved.score
    kwh = s.load_wh / 1000
    lines = [
        str(_("{product}, {first} to {last}: {kwh:,.0f} kWh in {hours:,} hours, {lots} lots",
              product=p.product.title.en if _english() else p.product.title.ko,
              first=iso(p.period.start, timezone)[:10], last=_last(made, timezone), kwh=kwh, hours=s.hours,
              lots=len(p.lots))),
        "",
        str(_("  {share:>6.1%}  claimable, hour by hour: own {own:,.0f}, PPA {ppa:,.0f}, REC {rec:,.0f} kWh",
              share=_part(s.claimable_wh, s.load_wh), own=s.self_wh / 1000, ppa=s.ppa_wh / 1000, rec=s.rec_wh / 1000)),
        str(_("  {share:>6.1%}  physical, hour by hour: with the island's own wind and sun that nobody claims"
              " (evidence of the place, no claim)", share=_part(s.physical_wh, s.load_wh))),
        str(_("  {share:>6.1%}  what the annual paper says: {papers:,.0f} kWh of volumes without hours, own plants and"
              " PPAs whatever the hour", share=_part(p.annual_wh, s.load_wh), papers=p.papers_wh / 1000)),
    ]  # fmt: skip
    if p.stored is not None:
        b = p.stored
        lines.insert(3,
            str(_("           of its own {used:,.0f} kWh came out of {name}, made {hours:.1f} hours before on average;"
                  " {charged:,.0f} kWh went in, {own:,.0f} of them from its own plants",
                  used=int(b.used_wh.sum()) / 1000, name=b.name, hours=0.0 if not b.origins else b.delay_h,
                  charged=b.charged_wh / 1000, own=b.own_wh / 1000))
        )  # fmt: skip
    gap = _part(p.annual_wh, s.load_wh) - _part(s.claimable_wh, s.load_wh)
    lines.append(str(_("  {gap:>6.1f}  percentage points between paper and hours", gap=100 * gap)))
    lines.append(str(_("  {n:,} of {hours:,} hours were wholly claimable", n=s.hours_full, hours=s.hours)))
    if s.worst_hour >= 0:
        row = p.rows[s.worst_hour]
        claimable = int(row["self_wh"]) + int(row["ppa_wh"]) + int(row["rec_wh"])
        lines.append(
            str(_("  worst hour {hour}: {share:.1%}", hour=iso(row["start"], timezone),
                  share=_part(claimable, int(row["load_wh"]))))
        )  # fmt: skip
    if p.product.plants:
        shares = {name: _part(wh, s.load_wh) for name, wh in p.over.items()}
        lines.append(
            str(_("  its plants against its load, if matched over the hour {hour:.1%}, the day {day:.1%}, the month"
                  " {month:.1%}, the period {period:.1%}", **shares))
        )  # fmt: skip
    if made.hydrogen is not None:
        lines += ["", hydrogen_text(made.hydrogen)]
    lines += ["", *(f"  ! {n}" for n in p.notes if made.hydrogen is None)]  # those of hydrogen stand above
    if s.estimated_wh:
        lines.append(
            str(
                _(
                    "  ! {share:.0%} of the load is estimated, not metered",
                    share=_part(s.estimated_wh, s.load_wh),
                )
            )
        )
    lines += _policy(made)
    lines += restated_text(p.restated, timezone)
    lines += [
        "",
        str(_("{valid} of {all} certificates checked: valid (signature, place in the journal, score, status, opening)",
              valid=made.valid, all=len(made.answers))),
        str(_("certificates: {folder}", folder=made.folder)),
        *(str(_("page: {file}", file=file)) for file in pages),
        str(_("book: {ledger}; issuer {issuer}, key SHA-256 {key}", ledger=made.ledger, issuer=made.issuer,
              key=made.fingerprint)),
        str(_("check one: tamna verify {file} --trust {trust}",
              file=made.folder / "shelf" / f"{p.lots[-1].name}.json", trust=made.folder / "issuer.json")),
    ]  # fmt: skip
    return "\n".join(lines)


def _policy(made: Certificates) -> list[str]:
    """Say what of the policy is not the usual, and what came over links."""
    p, lines = made.proved, []
    if p.product.export_rule != "thermal_first":
        lines.append(
            str(_("  evidence of the place by the export rule '{rule}'", rule=p.product.export_rule))
        )
    over: dict[str, int] = {}
    for one in p.state.cancellations.values():
        if one.account == p.account and one.over is not None:
            inside = (one.start >= p.period.start) & (one.start < p.period.end)
            over[one.over.link] = over.get(one.over.link, 0) + int(one.wh[inside].sum())
    lines += [
        str(
            _(
                "  {kwh:,.0f} kWh of it came over {link}, by the flow that was metered there",
                link=link,
                kwh=wh / 1000,
            )
        )
        for link, wh in over.items()
    ]
    return lines


def _part(wh: int, whole: int) -> float:
    return wh / whole if whole else 0.0


def _last(made: Certificates, timezone: str) -> str:
    import numpy as np

    return iso(made.proved.period.end - np.timedelta64(1, "s"), timezone)[:10]


def _english() -> bool:
    return language() == "en"
