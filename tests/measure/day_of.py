"""A day written down by hand, as `reconstruct` would give it: every draw the same, or with a spread."""

import numpy as np

from measure.island_of import generation, stamps
from tamna.measure.boundaries import ALL
from tamna.measure.reconstruct import Day, Kind, Rebuilt, shares

DRAWS = 50


def day(demand, *, spread=0.0, filed=None, **made):
    """Make a day; `spread` widens wind and PV by that part either way, `filed` is what their series say."""
    n, steps = len(demand), np.linspace(-1.0, 1.0, DRAWS)[:, None]
    filed = filed or {}
    classes = {}
    for name, values in made.items():
        c = generation(name, values)
        wide = spread if c.group in {"wind", "pv"} else 0.0
        draws = np.asarray(values, float) * (1.0 + wide * steps)
        kind = Kind.MODELLED if wide else Kind.MEASURED
        own = np.asarray(filed.get(name, values), float)
        classes[name] = Rebuilt(of=c, kind=kind, draws=draws, filed=own)
    power = {name: r.draws for name, r in classes.items()}
    used = np.asarray(demand, float)
    within = sum(r.draws for r in classes.values() if r.of.in_demand)
    return Day(
        valid_at=stamps(n, "2025-04-14T02:00"),  # 11:00 on Jeju
        timezone="Asia/Seoul",
        demand=used,
        classes=classes,
        net_export=within - used,
        shares={
            (b.name, str(rule)): share.ratio
            for b in ALL
            for rule, share in shares(b, classes, power, used).items()
        },
        filed_share=(classes["wind"].filed + classes["pv"].filed) / used,
        boundaries=ALL,
        judged=(),
        price=np.full(n, np.nan),
    )


def the_day(**options):
    """14 April 2025, 11:00 to 16:00, with the press's wind and PV put in by hand."""
    return day(
        [551.9, 532.6, 552.8, 568.1, 609.0],
        wind=[212.0, 217.0, 235.0, 250.0, 250.0],
        pv=[367.0, 369.0, 338.0, 328.0, 274.0],
        bio=[107.5, 107.5, 107.4, 107.5, 133.2],
        waste=[11.5] * 5,
        lng=[0.0, 0.0, 0.0, 0.0, 15.7],
        filed={"wind": [9.8, 8.8, 7.1, 2.6, 2.0], "pv": [279.2, 279.9, 256.4, 248.7, 207.5]},
        **options,
    )
