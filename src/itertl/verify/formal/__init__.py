"""Equivalence of a candidate with the reference, decided by Yosys: proved, refuted, or unknown.

In: a reference and a candidate that passed. Out: an opinion, with a counterexample where it is refuted. Imports:
verify, records, tools and below.
"""
