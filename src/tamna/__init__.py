"""Run an island on renewables, hour by hour, and prove it."""

__version__ = "0.1.0"
