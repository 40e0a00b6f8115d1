"""The page of an evaluation: pass@k, outcomes by both rules, problems and samples.

In: the folder of an evaluation. Out: report.html in it. Imports: report, evaluation, suites and below.
"""
