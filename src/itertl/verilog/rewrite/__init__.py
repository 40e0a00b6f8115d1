"""Edits that let Icarus Verilog read what it refuses or misreads; the meaning stays.

In: a syntax tree. Out: edits of its text, by offsets. Imports: verilog.
"""
