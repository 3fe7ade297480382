"""The report: what was measured, as one HTML file for a governor, an engineer and an auditor."""

from tamna.serve.report.page import render, write_report
from tamna.serve.report.view import ReportView

__all__ = ["ReportView", "render", "write_report"]
