"""What samples are worth: pass@k with intervals, paired tests, results, and what they are made of.

In: candidates, tasks and verdicts. Out: records with numbers. Imports: suites, tasks, verify and below.
"""
