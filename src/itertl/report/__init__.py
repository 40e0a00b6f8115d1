"""One self-contained HTML page for a run, finished or not.

itertl report runs/quickstart
"""

from itertl.report.page import write_report

__all__ = ["write_report"]
