"""One self-contained HTML page for a run, finished or not.

itertl report runs/quickstart
python -c "from itertl.report import write_report; from pathlib import Path; print(write_report(Path('runs/quickstart')))"
"""

from itertl.report.page import write_report

__all__ = ["write_report"]
