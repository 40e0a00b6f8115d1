"""One self-contained HTML page for a run or an evaluation, finished or not.

In: a run directory or the folder of an evaluation. Out: report.html in it. Imports: evaluation, suites and below; never
loop, sampling, training.

    itertl report runs/quickstart
"""

from itertl.report.write import reportable, write_report

__all__ = ["reportable", "write_report"]
