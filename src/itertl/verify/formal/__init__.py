"""Equivalence of a candidate with the reference, decided by Yosys: proved, refuted, or unknown."""
