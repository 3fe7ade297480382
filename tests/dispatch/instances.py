"""Random instances in the format of PGLib-UC, small enough to be solved to the end."""

import json

import numpy as np


def random_instance(folder, *, seed, units=5, hours=12):
    rng = np.random.default_rng(seed)
    thermal = {f"g{k}": _unit(rng) for k in range(units)}
    capacity = sum(g["power_output_maximum"] for g in thermal.values())
    wind = rng.uniform(0, 0.15, hours) * capacity
    given = {
        "time_periods": hours,
        "demand": (capacity * (0.35 + 0.25 * rng.random(hours)) + wind * 0.5).tolist(),
        "reserves": [0.05 * capacity] * hours,
        "thermal_generators": thermal | {"peak": _peak(capacity)},
        "renewable_generators": {
            "w1": {"power_output_minimum": [0.0] * hours, "power_output_maximum": (wind * 0.7).tolist()},
            "w2": {
                "power_output_minimum": (wind * 0.1).tolist(),
                "power_output_maximum": (wind * 0.3).tolist(),
            },
        },
    }
    path = folder / f"random_{seed}.json"
    path.write_text(json.dumps(given), "utf-8")
    return path


def _unit(rng):
    most = float(rng.integers(60, 200))
    least = round(most * rng.uniform(0.3, 0.6), 1)
    on, up, down = bool(rng.random() < 0.6), int(rng.integers(1, 6)), int(rng.integers(1, 6))
    middle, slope = (least + most) / 2, rng.uniform(10, 40)
    held = int(rng.integers(1, 12))
    start = float(rng.uniform(200, 3000))
    base = least * slope * 1.2
    return {
        "must_run": 0, "power_output_minimum": least, "power_output_maximum": most,
        "ramp_up_limit": most * 0.6, "ramp_down_limit": most * 0.6, "ramp_startup_limit": least * 1.1,
        "ramp_shutdown_limit": least * 1.1, "time_up_minimum": up, "time_down_minimum": down,
        "power_output_t0": least * 1.05 if on else 0.0, "unit_on_t0": int(on), "time_up_t0": held if on else 0,
        "time_down_t0": 0 if on else held,
        "startup": [{"lag": down, "cost": start}, {"lag": down + 4, "cost": start * 1.5}],
        "piecewise_production": [
            {"mw": least, "cost": base}, {"mw": middle, "cost": base + (middle - least) * slope},
            {"mw": most, "cost": base + (middle - least) * slope + (most - middle) * slope * 1.2}],
    }  # fmt: skip


def _peak(capacity):
    """One dear unit that can always help, so that there is an answer."""
    return {
        "must_run": 0, "power_output_minimum": 0.0, "power_output_maximum": capacity, "ramp_up_limit": capacity,
        "ramp_down_limit": capacity, "ramp_startup_limit": capacity, "ramp_shutdown_limit": capacity,
        "time_up_minimum": 1, "time_down_minimum": 1, "power_output_t0": 0.0, "unit_on_t0": 0, "time_up_t0": 0,
        "time_down_t0": 5, "startup": [{"lag": 1, "cost": 50.0}],
        "piecewise_production": [{"mw": 0.0, "cost": 10.0}, {"mw": capacity, "cost": 10.0 + capacity * 90.0}],
    }  # fmt: skip
