"""One self-contained HTML page for a run or an evaluation, finished or not.

itertl report runs/quickstart
"""

from itertl.report.write import reportable, write_report

__all__ = ["reportable", "write_report"]
