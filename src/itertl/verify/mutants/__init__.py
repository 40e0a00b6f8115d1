"""Mutants of a reference, and how many of them a bench kills: the strength of any bench."""
