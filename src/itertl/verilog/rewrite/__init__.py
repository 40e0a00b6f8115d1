"""Edits that let Icarus Verilog read what it refuses or misreads; the meaning stays."""
