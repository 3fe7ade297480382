"""``python -m benchmarks.real_year STORE [FROM TO] [published|estimated] [--json]``: Jeju's 2023, dispatched and published.

Real demand, PV and price; wind as it could have been, once known (settled and published as held back) and once
estimated from the weather by fits of other years. What must-run units and links carry comes from the hours of 2022 and
2024 and from what the grid file says links could send out on which day; nothing is fitted on 2023. Held-back energy is
the mean over the floors that days have. No reserve is held here: it moves commitments, and held-back wind by little.

What of 2023's published hours was seen when: (0) before any change -43 to -30 % and, from that run, that 286 to 293 MW
were left in published hours where 246 were in use. From 2022 and 2024 alone, and two reports on link 1, came then: the
floor by what links may send, that the floor gives way before PV, the mean over days' floors. (1) A prototype: -12 %
known, -5 % estimated. (2) The dispatch: -15 and -9 %. The RE100 complex, which its own source has not yet built, was then
taken out of the grid file: (3) -13 and -6 %. The margin over wind was chosen by the likelihood of 2022 and 2024 (11 above
none) before (4), what stands here: -11 and -5 %. Months did not pass in any of them: January and February stay too low,
November too high, as held hours of those months show another floor that no source dates.

With FROM and TO another period of one year is dispatched; where nothing is published it stands beside the estimate of
`measure` (its own year left out).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tamna.dispatch.account import held_mw
from tamna.dispatch.island import WIND
from tamna.dispatch.spread import room
from tamna.grid import load_island
from tamna.grid.clock import parse_period, to_local
from tamna.measure.again import lost_again
from tamna.runs import open_store
from tamna.runs.dispatching import Asked, Dispatched, dispatched

if TYPE_CHECKING:
    from tamna.dispatch.published import Beside, Sums

YEAR_WITHIN, MONTH_WITHIN, FROM_MWH = 0.15, 0.35, 500.0
POTENTIALS = ("published", "estimated")


def verdict(found: Beside) -> dict:
    """Hold the year and each large month to what the issue asks."""
    large = [m for m in found.months if m.published_mwh > FROM_MWH]
    return {
        "year": bool(abs(found.whole.differs) <= YEAR_WITHIN),
        "months": {m.name: bool(abs(m.differs) <= MONTH_WITHIN) for m in large},
        "months_inside_80": sum(m.low_mwh <= m.published_mwh <= m.high_mwh for m in large),
    }


def unpublished(found: Dispatched, estimate_mwh: np.ndarray) -> dict:
    """Sum the months of a period for which nothing is published: the dispatch beside the estimate of `measure`."""
    floor, answer, seen = found.came.floor, found.answer, found.came
    local = to_local(seen.stamps, found.island.timezone)
    month = local.astype("datetime64[M]").astype(str)
    there = room(answer.system, answer.hours, answer.rolled.done, WIND)
    each = {
        "line_mwh": held_mw(answer.system, answer.hours, answer.rolled.done)[WIND] * floor.counted,
        "expected_mwh": there.held(floor.sd_mw) * floor.counted,
        "estimate_mwh": np.nan_to_num(estimate_mwh),
    }
    names = [*np.unique(month).tolist(), "all"]
    return {
        name: {k: round(float(v[(month == name) | (name == "all")].sum())) for k, v in each.items()}
        for name in names
    }


def line(one: Sums) -> str:
    return (
        f"{one.name:18} published {one.published_mwh:8,.0f}  line {one.found_mwh:8,.0f}  expected {one.expected_mwh:8,.0f}"
        f" ({one.low_mwh:,.0f}..{one.high_mwh:,.0f})  {one.differs:+.3f}  left {one.left_mw:.0f} floor {one.floor_mw:.0f} MW"
    )


def main(arguments: list[str]) -> None:
    island = load_island("jeju")
    words = [a for a in arguments if not a.startswith("--")]
    location, days = words[0], [w for w in words[1:] if w not in POTENTIALS]
    store, fits = open_store(location, island), Path(f"{location}-fits")
    period = parse_period(*(days or ("2023-01-01", "2023-12-31")), island.timezone)
    for potential in [p for p in POTENTIALS if p in words] or POTENTIALS:
        began = time.process_time()
        asked = Asked(potential=potential, reserve=False, why=False, gap=1e-3, time_limit_s=20.0)
        found = dispatched(store, island, period, asked, fits=fits)
        gaps = [w.found.gap for w in found.answer.rolled.windows]
        body = {
            "potential": potential,
            "cpu_s": round(time.process_time() - began, 1),
            "largest_gap": round(max(gaps), 4),
            "mean_gap": round(float(np.mean(gaps)), 4),
            "rules_broken": len(found.answer.broken),
            "unserved_mwh": round(found.answer.account.unserved_mwh, 1),
            "pv_held_mwh": round(found.answer.account.held_mwh["pv"]),
            "below_floor_mwh": round(found.answer.account.below_floor_mwh),
            "notes": [str(n) for n in found.came.notes],
        }
        beside = found.published
        if beside is None:
            estimate = lost_again(store, island, period, fits=fits).found.expected_mwh
            body |= {"unpublished": unpublished(found, estimate)}
        else:
            body |= {"published": beside.as_dict(), "within": verdict(beside)}
        if "--json" in arguments or beside is None:
            print(json.dumps(body, ensure_ascii=False), flush=True)
            continue
        print("\n".join(line(m) for m in (*beside.months, beside.whole)))
        print({k: v for k, v in body.items() if k != "published"}, dict(beside.parts_mwh), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
