"""``python -m benchmarks.site PATH [--json]``: sites of which nothing is known but where they are, against readings.

PATH holds the GEFCom2014 solar files. Each of the three sites is forecast hour by hour over 2013-04 to 2013-12, a
day at a time: by the sun and the climate alone, by physics with the weather forecast, and by what was learned from the
readings before each issue (two issues only: it is the learner's own out-of-sample score that is shown). Pinball over
the nine quantiles, all hours; coverage of the 80 % band in daylight. Nothing here was chosen on these readings but the
sites' tilt and azimuth, which the mapping's sites file assumes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml

from benchmarks.gefcom2014 import HERE, load, weather_of
from tamna.forecast.levels import NINE
from tamna.forecast.place import site_of
from tamna.forecast.scores import pinball
from tamna.forecast.sitepower import site_power
from tamna.physics.sun import sun_over
from tamna.runs.siting import site_forecast

FROM, TO = np.datetime64("2013-04-01T00:00:00", "s"), np.datetime64("2013-12-01T00:00:00", "s")
ISSUES = ("2013-10-01T00:00:00",)


def run(folder: Path) -> dict:
    stamps, values, _tasks = load(folder)
    spec = yaml.safe_load((HERE / "gefcom2014-sites.yaml").read_text("utf-8"))
    weather = weather_of(values, stamps, spec)
    out = {}
    for where in spec["sites"]:
        name = where["name"]
        site = site_of(**{k: v for k, v in where.items() if k != "name"}, pv_mw=1.0)
        pick = (stamps >= FROM) & (stamps < TO) & np.isfinite(values[name]["power"])
        hours, actual = stamps[pick], values[name]["power"][pick]
        said = {
            k: v[pick] for k, v in weather[name].items() if k in ("radiation", "cloud_cover", "temperature")
        }
        lead = (hours - hours.astype("datetime64[D]")) / np.timedelta64(1, "h")
        lit = sun_over(hours, site.latitude, site.longitude).zenith < 85
        found = {}
        for model, sky in (("climate", {}), ("physics", said)):
            paths = site_power(site, sky, hours, lead, paths=100, seed=0).paths["pv"]
            found[model] = scores(actual, np.quantile(paths, NINE, axis=0).T, lit)
        out[name] = found | {"learned": [learned(folder, where, issue) for issue in ISSUES]}
    return out


def scores(actual, quantiles, lit) -> dict:
    held = (actual >= quantiles[:, 2]) & (actual <= quantiles[:, 6])
    return {
        "pinball": round(float(pinball(actual, quantiles, NINE).mean()), 5),
        "mae": round(float(np.abs(actual - quantiles[:, 4]).mean()), 4),
        "coverage_80_light": round(float(held[lit].mean()), 3),
        "width_80_light": round(float((quantiles[:, 6] - quantiles[:, 2])[lit].mean()), 3),
        "hours": len(actual),
    }


def learned(folder: Path, where: dict, issue: str) -> dict:
    """Forecast one issue through the verb, and give what it says of itself."""
    with tempfile.TemporaryDirectory() as scratch:
        for path in folder.glob("*.csv"):
            (Path(scratch) / path.name).symlink_to(path.resolve())
        shutil.copy(HERE / "gefcom2014-mapping.yaml", Path(scratch) / "tamna-mapping.yaml")
        place = {k: v for k, v in where.items() if k != "name"}
        found = site_forecast(
            **place, pv_mw=1.0, issue=np.datetime64(issue, "s"), horizon_h=24, weather=Path(scratch),
            history=Path(scratch), place=where["name"],
        )  # fmt: skip
    pv = found.targets["pv"]
    return {"issue": issue, "model": pv.model} | dict(pv.fit)


def main() -> None:
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if not arguments:
        sys.exit(__doc__)
    result = run(Path(arguments[0]))
    if "--json" in sys.argv:
        print(json.dumps(result, indent=1))
        return
    for name, found in result.items():
        for model, score in found.items():
            print(name, model, score)


if __name__ == "__main__":
    main()
