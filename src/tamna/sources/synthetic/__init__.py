"""A *typical Jeju year*, made by tamna itself: nothing in it was ever measured.

Seeded random weather drives wind, sun, demand and prices, with the statistics of the real
public files (held against them by a test). It exists so that the program can be tried, taught
and tested with no data at all, and it says so wherever it is shown: source ``synthetic``.
"""

from tamna.sources.synthetic.year import typical_year

__all__ = ["typical_year"]
