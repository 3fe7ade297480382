"""What we hold to be true: aligned, in units, flagged, dated by when it was known; the store."""

from tamna.series.model import Column, Difference, IngestReport, Series, SeriesInfo, Versions
from tamna.series.store import Store

__all__ = ["Column", "Difference", "IngestReport", "Series", "SeriesInfo", "Store", "Versions"]
