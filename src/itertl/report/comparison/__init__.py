"""The page of two runs side by side.

In: what `evaluation.runs` says of both. Out: one HTML file. Imports: report, evaluation and below.
"""
